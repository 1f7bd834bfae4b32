"""Trains one contender, or loads it and asks it every message, in a process of its own.

    python -m benchmarks.contender NAME --train --scratch DIR
    python -m benchmarks.contender NAME --predict --scratch DIR

Training writes DIR/NAME/train.json (`Training`). Prediction reads DIR/texts.json, a list of messages, and
writes DIR/NAME/predictions.jsonl: a line of `Loading`, then one `Prediction` per message, in order.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from benchmarks.cases import digest
from benchmarks.contenders import CONTENDERS, EPOCHS

TEXTS = "texts.json"
TRAINING = "train.json"
PREDICTIONS = "predictions.jsonl"
WARM_UP = ("bonjour", "puis-je exercer dans deux cabinets ?", "merci")
"""Messages asked before the clock runs, as a service that has been asked already."""


class Training(msgspec.Struct, frozen=True):
    """Seconds of training, imports apart, and the most memory it held (MB). `epochs`: those asked of stock
    Rasa (`benchmarks.contenders.EPOCHS`), none of the others."""

    seconds: float
    peak: float
    epochs: str | None = None


class Loading(msgspec.Struct, frozen=True):
    """How a contender became ready: seconds of imports, of loading its model, and the memory resident then
    and when every message had been answered (MB). `asked`: digest of the messages (`benchmarks.cases`)."""

    imports: float
    load: float
    resident: float
    resident_after: float
    asked: str


class Prediction(msgspec.Struct, frozen=True):
    """What one message gave (`benchmarks.contenders.Ranked`), in how many milliseconds."""

    candidates: tuple[tuple[str, float], ...]
    answers: tuple[str, ...] | None
    offered: tuple[str, ...]
    milliseconds: float


def resident() -> float:
    """Resident memory of this process, in MB."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("no VmRSS in /proc/self/status")


def train(name: str, scratch: Path) -> None:
    """Trains the contender `name` into its folder of `scratch`."""
    contender = CONTENDERS[name]()
    contender.prepare()
    importlib.import_module("benchmarks.examples")
    started = time.perf_counter()
    contender.train(scratch / name)
    spent = time.perf_counter() - started
    epochs = os.environ.get(EPOCHS) if name == "stock" else None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    (scratch / name / TRAINING).write_bytes(msgspec.json.encode(Training(spent, peak, epochs)))


def predict(name: str, scratch: Path) -> None:
    """Loads the contender `name` and asks it every message of `scratch`."""
    texts: list[str] = json.loads((scratch / TEXTS).read_text(encoding="utf-8"))
    contender = CONTENDERS[name]()
    started = time.perf_counter()
    contender.prepare()
    imported = time.perf_counter()
    contender.load(scratch / name)
    loaded = time.perf_counter()
    size = resident()
    for text in WARM_UP:
        contender.rank(text)
    predictions = []
    for text in texts:
        began = time.perf_counter()
        ranked = contender.rank(text)
        spent = (time.perf_counter() - began) * 1000
        predictions.append(Prediction(ranked.candidates, ranked.answers, ranked.offered, spent))
    loading = Loading(imported - started, loaded - imported, size, resident(), digest(texts))
    write_predictions(scratch / name / PREDICTIONS, loading, predictions)


def write_predictions(path: Path, loading: Loading, predictions: Iterable[Prediction]) -> None:
    """Writes the outcome of a contender, whole or not at all."""
    lines = [msgspec.json.encode(loading), *map(msgspec.json.encode, predictions)]
    part = path.with_suffix(".part")
    part.write_bytes(b"\n".join(lines) + b"\n")
    part.replace(path)


def read_predictions(path: Path, texts: list[str]) -> tuple[Loading, list[Prediction]]:
    """What `write_predictions` wrote. Raises ValueError when it answers other messages than `texts`, or
    cannot be read."""
    lines = path.read_bytes().splitlines()
    if not lines:
        raise ValueError(f"{path}: empty")
    loading = msgspec.json.decode(lines[0], type=Loading)
    predictions = [msgspec.json.decode(line, type=Prediction) for line in lines[1:]]
    if loading.asked != digest(texts) or len(predictions) != len(texts):
        raise ValueError(f"{path}: other messages were asked")
    return loading, predictions


def main() -> None:
    """Does what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("name", choices=sorted(CONTENDERS))
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--train", action="store_true")
    action.add_argument("--predict", action="store_true")
    parser.add_argument("--scratch", type=Path, required=True)
    given = parser.parse_args()
    (given.scratch / given.name).mkdir(parents=True, exist_ok=True)
    (train if given.train else predict)(given.name, given.scratch)


if __name__ == "__main__":
    main()
