"""What a larger base costs: 100, 1,000 and 10,000 generated fiches (`make bench-growth`).

For each size, one process trains an understanding on the generated fiches (`benchmarks.generator`) with the
real subjects outside the base and the real intents, and saves it; another, that has imported all it needs,
loads it and answers held-out wordings one at a time. Writes the page `--output`.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import psutil

from benchmarks.measures import quantile
from benchmarks.report import table
from bot.nlu.ridge import EVERY_CLASS, FEWEST_OTHERS, NEAR, OTHERS_IN_ALL

ROOT = Path(__file__).resolve().parents[1]
SIZES = (100, 1000, 10000)
MESSAGES = 1000
SEED = 20
# What issue 4 asks at the largest size.
SLOWER, TRAINED_WITHIN, MEMORY = 3.0, 300.0, 1500.0

TRIED = (
    f"What keeps the cost down beyond {EVERY_CLASS} classes: terms find the {NEAR} nearest classes, only "
    f"these are compared by vectors and scored; a class is told from at most {OTHERS_IN_ALL:,} / classes "
    f"others, {FEWEST_OTHERS} at least; terms of more than 2,000 wordings are left out. Scoring every class "
    "was left: its training grew with a thousand counter-wordings a class."
)


class Training(msgspec.Struct, frozen=True):
    """What learning took: seconds by the clock and of processor (those of reading spaCy's vectors apart),
    peak and saved megabytes."""

    wordings: int
    classes: int
    seconds: float
    processor: float
    vectors: float
    peak: float
    saved: float


class Answering(msgspec.Struct, frozen=True):
    """What the loaded understanding takes and gives: seconds to load, megabytes that loading and answering
    added, those of the whole process, milliseconds per message, and how many messages were right first."""

    loading: float
    added: float
    resident: float
    milliseconds: tuple[float, ...]
    right: int

    @property
    def p50(self) -> float:
        """Median milliseconds of a message."""
        return quantile(self.milliseconds, 50)

    @property
    def p95(self) -> float:
        """Milliseconds that 95 messages in 100 take at most."""
        return quantile(self.milliseconds, 95)


class Size(msgspec.Struct, frozen=True):
    """One size, measured."""

    fiches: int
    training: Training
    answering: Answering


def train(fiches: int, folder: Path) -> Training:
    """Generates, learns, and writes into `folder` the model and the messages to try."""
    from benchmarks.generator import generate
    from bot.nlu.importer import read_sources
    from bot.nlu.ranker import FICHE
    from bot.nlu.ridge import Example
    from bot.nlu.trial import known_wordings
    from bot.nlu.understanding import Understanding
    from bot.nlu.vectors import french_vectors

    real, orientations = read_sources(ROOT)
    examples, _ = known_wordings(ROOT, real, orientations)
    learned = [e for e in examples if not e.label.startswith(FICHE)]
    tries: list[tuple[str, str]] = []
    for fiche in generate([f.questions for f in real], fiches, SEED):
        learned += [Example(text, FICHE + fiche.id) for text in fiche.learned]
        tries += [(text, fiche.id) for text in fiche.held_out]
    started = time.perf_counter()
    vectors = french_vectors()
    read, working = time.perf_counter(), time.process_time()
    model = Understanding(vectors)
    model.fit(learned)
    trained, processor = time.perf_counter() - read, time.process_time() - working
    model.save(folder)
    saved = sum(path.stat().st_size for path in folder.iterdir())
    random.Random(SEED).shuffle(tries)
    (folder / "tries.json").write_bytes(msgspec.json.encode(tries[:MESSAGES]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    classes = len({e.label for e in learned})
    return Training(len(learned), classes, trained, processor, read - started, peak / 1e6, saved / 1e6)


def answer(folder: Path) -> Answering:
    """Loads the model of `folder` and asks it each message to try, after a few to warm it up."""
    from bot.nlu.understanding import Understanding

    tries = msgspec.json.decode((folder / "tries.json").read_bytes(), type=list[tuple[str, str]])
    process = psutil.Process()
    before = process.memory_info().rss
    started = time.perf_counter()
    model = Understanding.load(folder)
    loading = time.perf_counter() - started
    for text, _ in tries[:20]:
        model.understand(text)
    milliseconds: list[float] = []
    right = 0
    for text, fiche in tries:
        started = time.perf_counter()
        candidates = model.understand(text).match.questions[0].candidates
        milliseconds.append((time.perf_counter() - started) * 1000)
        right += bool(candidates) and candidates[0].fiche == fiche
    resident = process.memory_info().rss
    return Answering(loading, (resident - before) / 1e6, resident / 1e6, tuple(milliseconds), right)


def apart(action: str, fiches: int, folder: Path) -> bytes:
    """What this module prints when it does `action` in a process of its own. Raises SystemExit."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.growth", action]
    done = subprocess.run(
        [*command, "--size", str(fiches), "--folder", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{action} of {fiches} fiches ended with code {done.returncode}")
    return done.stdout.splitlines()[-1]


def measure(fiches: int) -> Size:
    """Trains and answers at one size."""
    with tempfile.TemporaryDirectory() as folder:
        training = msgspec.json.decode(apart("train", fiches, Path(folder)), type=Training)
        answering = msgspec.json.decode(apart("answer", fiches, Path(folder)), type=Answering)
    return Size(fiches, training, answering)


def reached(value: float, limit: float) -> str:
    """Whether a target is reached, in a word."""
    return "reached" if value <= limit else "NOT reached"


def page(sizes: Sequence[Size], cores: int) -> str:
    """The page, in Markdown."""
    rows: list[tuple[str, ...]] = [
        ("wordings learned", *(f"{s.training.wordings:,}" for s in sizes)),
        ("classes", *(f"{s.training.classes:,}" for s in sizes)),
        ("training, s", *(f"{s.training.seconds:.0f}" for s in sizes)),
        ("training, s of processor, all cores", *(f"{s.training.processor:.0f}" for s in sizes)),
        ("reading spaCy’s vectors before, s", *(f"{s.training.vectors:.0f}" for s in sizes)),
        ("peak memory of training, MB", *(f"{s.training.peak:,.0f}" for s in sizes)),
        ("on disk, MB", *(f"{s.training.saved:.0f}" for s in sizes)),
        ("loading, s", *(f"{s.answering.loading:.2f}" for s in sizes)),
        ("memory that the understanding adds, MB", *(f"{s.answering.added:.0f}" for s in sizes)),
        ("memory of the process, MB", *(f"{s.answering.resident:.0f}" for s in sizes)),
        ("one message, p50, ms", *(f"{s.answering.p50:.1f}" for s in sizes)),
        ("one message, p95, ms", *(f"{s.answering.p95:.1f}" for s in sizes)),
        (
            "right fiche first, held-out wordings, %",
            *(f"{100 * s.answering.right / len(s.answering.milliseconds):.1f}" for s in sizes),
        ),
        ("held-out wordings asked", *(f"{len(s.answering.milliseconds):,}" for s in sizes)),
    ]
    parts = [
        "# Growth of the base",
        "Printed by `make bench-growth`, which writes this page. The fiches are generated from the real ones "
        "(how: `benchmarks/generator.py`), the same at every run; the subjects outside the base and the "
        f"intents are the real ones. {cores} cores, shared with whatever else the machine runs.",
        table(("fiches", *(f"{s.fiches:,}" for s in sizes)), rows),
    ]
    if len(sizes) > 1:
        first, last = sizes[0], sizes[-1]
        slower = last.answering.p50 / first.answering.p50
        slower95 = last.answering.p95 / first.answering.p95
        checks = [
            ("latency, p50", f"{slower:.1f} times", f"{SLOWER:g} times", reached(slower, SLOWER)),
            ("latency, p95", f"{slower95:.1f} times", f"{SLOWER:g} times", reached(slower95, SLOWER)),
            (
                "training",
                f"{last.training.seconds:.0f} s",
                f"{TRAINED_WITHIN:g} s",
                reached(last.training.seconds, TRAINED_WITHIN),
            ),
            (
                "memory added",
                f"{last.answering.added:.0f} MB",
                f"{MEMORY:g} MB",
                reached(last.answering.added, MEMORY),
            ),
        ]
        header = (f"{last.fiches:,} fiches against {first.fiches:,}", "measured", "at most", "")
        parts.append(table(header, checks))
    parts.append(TRIED)
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Measures every size and writes the page; or does one step of that, in its process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", nargs="?", choices=("train", "answer"), help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, action="append", help=f"fiches (default: {SIZES})")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, help="where the page goes; it is printed otherwise")
    given = parser.parse_args()
    if given.action:
        done = train(given.size[0], given.folder) if given.action == "train" else answer(given.folder)
        print(msgspec.json.encode(done).decode())
        return
    sizes = []
    for fiches in given.size or SIZES:
        sizes.append(measure(fiches))
        print(f"{fiches} fiches measured", file=sys.stderr)
    text = page(sizes, os.cpu_count() or 1)
    if given.output:
        given.output.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
