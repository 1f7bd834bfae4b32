"""How well questions are understood, beside other systems, on wordings nobody trained on (`make bench-nlu`).

Trains four systems (`benchmarks.contenders`) on the same examples, asks each the same messages in a process
of its own, and prints a Markdown page: épreuves of the fiches by style, false answers and false silences as
the threshold moves, calibration, time and memory. `--off-base FILE` adds JSON lines `{"text": …}` of messages
that no fiche answers (tests/data/hors_base.jsonl is always read); `--intents FILE` measures our method on a
set of intents `{"text": …, "intent": …}` too. Everything is made in a scratch folder: the project's model and
database are not touched. What is under way is said on stderr.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.cases import all_cases, digest, doubles
from benchmarks.contender import PREDICTIONS, TEXTS, TRAINING, Prediction, Training, read_predictions
from benchmarks.contenders import CONTENDERS, EPOCHS, PROJECT, ROOT
from benchmarks.measures import Result
from benchmarks.report import OURS, STOCK, Outcome, Page, Setting, render

HORS_BASE = ROOT / "tests" / "data" / "hors_base.jsonl"


def say(text: str) -> None:
    """One line of progress."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


def environment(project: Path, folder: Path, cores: int, epochs: tuple[int, int]) -> dict[str, str]:
    """The environment of a contender's process, which learns from `project`: `cores` threads at most, nothing
    written but in `folder`."""
    threads = {
        name: str(cores)
        for name in (
            "OMP_NUM_THREADS",
            "OPENBLAS_NUM_THREADS",
            "MKL_NUM_THREADS",
            "TF_INTRA_OP_PARALLELISM_THREADS",
            "TF_INTER_OP_PARALLELISM_THREADS",
        )
    }
    return {
        **os.environ,
        **threads,
        EPOCHS: f"{epochs[0]},{epochs[1]}",
        PROJECT: str(project),
        "MAITRE_ROOT": str(project),
        "MAITRE_VAR": str(folder / "var"),
        "MAITRE_DATABASE_URL": f"sqlite:///{folder / 'maitre.db'}",
        "RASA_CACHE_DIRECTORY": str(folder / "cache"),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONWARNINGS": "ignore",
    }


def run(name: str, action: str, project: Path, scratch: Path, cores: int, epochs: tuple[int, int]) -> None:
    """Runs one contender's process on `cores` cores. Raises SystemExit with the end of its log on failure."""
    folder = scratch / name
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{action}.log"
    mine = sorted(os.sched_getaffinity(0))[-cores:]
    with log.open("w", encoding="utf-8") as stream:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.contender", name, f"--{action}", "--scratch", str(scratch)],
            cwd=ROOT,
            env=environment(project, folder, cores, epochs),
            stdout=stream,
            stderr=subprocess.STDOUT,
            # Before any library counts the cores.
            preexec_fn=lambda: os.sched_setaffinity(0, mine),
            check=False,
        )
    if done.returncode:
        raise SystemExit(
            f"{name} --{action}: code {done.returncode}\n{log.read_text(encoding='utf-8')[-2000:]}"
        )


def contend(
    name: str, project: Path, scratch: Path, texts: list[str], cores: int, epochs: tuple[int, int]
) -> tuple[Training, bool]:
    """Trains the contender `name` on the wordings of `project`, unless `scratch` holds its model, and asks it
    `texts`. Returns how it was trained and whether that was earlier."""
    title = CONTENDERS[name]().title
    training = _trained(name, scratch, epochs)
    earlier = training is not None
    if training is None:
        say(f"{title}: training…")
        # Rasa would take from its cache what an interrupted training left, and its time would be lost.
        shutil.rmtree(scratch / name, ignore_errors=True)
        run(name, "train", project, scratch, cores, epochs)
        training = _trained(name, scratch, epochs)
        assert training is not None, "a training that succeeds says how it went"
    say(f"{title}: trained in {training.seconds:.0f} s{' earlier' if earlier else ''}; asked the messages…")
    run(name, "predict", project, scratch, 1, epochs)
    loading, _ = read_predictions(scratch / name / PREDICTIONS, texts)
    say(f"{title}: loaded in {loading.imports + loading.load:.0f} s, {loading.resident:.0f} MB")
    return training, earlier


def _trained(name: str, scratch: Path, epochs: tuple[int, int]) -> Training | None:
    """The training of `name` that `scratch` holds; None when there is none, or with other epochs."""
    path = scratch / name / TRAINING
    if not path.exists():
        return None
    found = msgspec.json.decode(path.read_bytes(), type=Training)
    return found if found.epochs in (None, f"{epochs[0]},{epochs[1]}") else None


def both_answered(asked: Sequence[tuple[str, str]], given: Sequence[Prediction]) -> tuple[int, int, int]:
    """Of messages that ask two things (their fiches): how many, both answered, one and nothing wrong."""
    answers = [set(prediction.answers or ()) for prediction in given]
    both = sum(set(pair) == found for pair, found in zip(asked, answers, strict=True))
    one = sum(len(found) == 1 and found < set(pair) for pair, found in zip(asked, answers, strict=True))
    return len(asked), both, one


def measure(given: argparse.Namespace, scratch: Path) -> Page:
    """Trains, asks and reads everything."""
    from bot.nlu.training import quietly

    with quietly():
        from benchmarks.examples import wordings
        from bot.nlu.importer import read_sources

    fiches, _ = read_sources(ROOT)
    project = ROOT
    if given.most is not None:
        with quietly():
            from benchmarks.fewer import write_project
        project = scratch / "project"
        write_project(ROOT, project, given.most)
    cases = all_cases(fiches, [HORS_BASE, *given.off_base])
    twofold = doubles(fiches)
    texts = [case.text for case in cases] + [double.text for double in twofold]
    (scratch / TEXTS).write_text(json.dumps(texts), encoding="utf-8")
    say(f"{len(fiches)} fiches, {len(texts)} messages ({digest(texts)[:8]}) in {scratch}")

    outcomes: dict[str, Outcome] = {}
    reused: list[str] = []
    counts: tuple[int, int, int] | None = None
    for name, make in CONTENDERS.items():
        if name in given.without:
            continue
        training, earlier = contend(name, project, scratch, texts, given.training_cores, given.stock_epochs)
        loading, predictions = read_predictions(scratch / name / PREDICTIONS, texts)
        results = tuple(
            Result(case, p.candidates, p.answers, p.offered, p.milliseconds)
            for case, p in zip(cases, predictions, strict=False)
        )
        outcomes[name] = Outcome(make().title, training, loading, results)
        if earlier:
            reused.append(make().title)
        if name == OURS and twofold:
            counts = both_answered([d.fiches for d in twofold], predictions[len(cases) :])

    folds: list[float] = []
    if given.intents is not None:
        with quietly():
            from benchmarks.intents import examples, fold_accuracies

        for accuracy in fold_accuracies(examples(given.intents)):
            folds.append(accuracy)
            say(f"{given.intents.name}: fold {len(folds)}, {accuracy:.1f} %")
    log = "" if STOCK in given.without else (scratch / STOCK / "train.log").read_text(encoding="utf-8")
    setting = Setting(
        len(fiches),
        len(wordings(project)),
        given.stock_epochs,
        given.training_cores,
        tuple(reused),
        learned(log),
        tuple(CONTENDERS[name]().title for name in given.without),
        given.most,
    )
    return Page(setting, outcomes, counts, tuple(folds))


def learned(log: str) -> tuple[float | None, float | None]:
    """The last accuracies on their own examples (0..1) that DIETClassifier and ResponseSelector logged."""
    found = [re.findall(rf"{name}=([0-9.e-]+)", log) for name in ("i_acc", "r_acc")]
    intent, response = (float(values[-1]) if values else None for values in found)
    return intent, response


def _epochs(text: str) -> tuple[int, int]:
    diet, selector = (int(part) for part in text.split(","))
    if diet < 1 or selector < 1:
        raise ValueError(text)
    return diet, selector


def main() -> None:
    """Measures and prints."""
    cores = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--off-base", type=Path, action="append", default=[])
    parser.add_argument("--intents", type=Path)
    parser.add_argument(
        "--stock-epochs",
        type=_epochs,
        default=(100, 100),
        metavar="DIET,SELECTOR",
        help="epochs of stock Rasa's two networks, written in the page",
    )
    others = [name for name in CONTENDERS if name != OURS]
    parser.add_argument(
        "--without", choices=others, action="append", default=[], help="a system to leave out"
    )
    parser.add_argument(
        "--most",
        type=int,
        metavar="N",
        help="every system learns at most N wordings of each fiche and of each subject outside the base",
    )
    parser.add_argument("--training-cores", type=int, choices=range(1, cores + 1), default=cores)
    parser.add_argument(
        "--reuse",
        type=Path,
        help="a folder to work in and keep; systems trained in it serve again, and the page says so",
    )
    parser.add_argument("--output", type=Path, help="the page's file; without it, the page is printed")
    given = parser.parse_args()
    for path in (*given.off_base, *filter(None, [given.intents])):
        if not path.is_file():
            parser.error(f"{path}: no such file")
    started = time.perf_counter()
    if given.reuse is not None:
        given.reuse.mkdir(parents=True, exist_ok=True)
        page = measure(given, given.reuse.resolve())
    else:
        with tempfile.TemporaryDirectory() as folder:
            page = measure(given, Path(folder))
    text = render(page)
    if given.output is None:
        print(text, end="")
    else:
        given.output.write_text(text, encoding="utf-8")
    say(f"done in {(time.perf_counter() - started) / 60:.0f} min")


if __name__ == "__main__":
    main()
