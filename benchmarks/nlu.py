"""How well questions are understood, on wordings nobody trained on (`make bench-nlu`).

Prints Markdown tables: épreuves of the fiches by style, false answers and false silences as the threshold
moves, calibration, and time per message; then the same on the development questions (benchmarks/data), which
were looked at while the method was chosen and are therefore told apart. `--off-base FILE` adds JSON lines
`{"text": …}` of messages that no fiche answers; tests/data/hors_base.jsonl is always read.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.nlu.training import quietly

with quietly():
    from bot.dialogue.decision import Outcome, Thresholds, decide_all
    from bot.nlu.trial import Trial, build

ROOT = Path(__file__).resolve().parents[1]


DATA = ROOT / "benchmarks" / "data"


@dataclass(frozen=True, slots=True)
class Case:
    """A message and the fiche that answers it; None when none does."""

    text: str
    fiche: str | None
    style: str


@dataclass(frozen=True, slots=True)
class Result:
    """What the understanding made of a case. `outcome` is the bot's decision with shipped thresholds."""

    case: Case
    ranked: tuple[str, ...]
    probability: float
    outcome: Outcome
    answered: str | None
    milliseconds: float


def cases(trial: Trial, off_base: Iterable[Path]) -> list[Case]:
    """Every épreuve, and every off-base message."""
    found = [Case(e.texte, f.id, e.style.value) for f in trial.fiches for e in f.epreuves]
    for path in off_base:
        for line in path.read_text(encoding="utf-8").splitlines():
            found.append(Case(json.loads(line)["text"], None, path.stem))
    return found


def development() -> list[Case]:
    """Questions of writers who saw a fiche's title and summary only; they served to choose the method."""
    lines = (DATA / "developpement.jsonl").read_text(encoding="utf-8").splitlines()
    outside = (DATA / "hors_base_developpement.jsonl").read_text(encoding="utf-8").splitlines()
    return [Case(c["text"], c["fiche"], c["style"]) for c in map(json.loads, lines)] + [
        Case(json.loads(line)["text"], None, "hors_base_developpement") for line in outside
    ]


def doubles(trial: Trial) -> tuple[int, int, int]:
    """Messages that ask two things: how many, both answered, one answered and nothing wrong."""
    found = [json.loads(line) for line in (DATA / "doubles.jsonl").read_text(encoding="utf-8").splitlines()]
    two = [case for case in found if len(case["fiches"]) == 2]
    both = one = 0
    for case in two:
        decisions = trial.decide(case["text"])
        answered = {d.fiches[0] for d in decisions if d.outcome is Outcome.ANSWER}
        both += answered == set(case["fiches"])
        one += len(answered) == 1 and answered < set(case["fiches"])
    return len(two), both, one


def run(trial: Trial, case: Case) -> Result:
    """Understands one case."""
    started = time.perf_counter()
    match = trial.understanding.understand(case.text).match
    spent = (time.perf_counter() - started) * 1000
    genres = {o.id: o.genre for o in trial.orientations}
    questions, decisions = match.questions, decide_all(match, genres)
    answers = [d.fiches[0] for d in decisions if d.outcome is Outcome.ANSWER]
    answered = case.fiche if case.fiche in answers else (answers[0] if answers else None)
    candidates = questions[0].candidates
    return Result(
        case,
        tuple(c.fiche for c in candidates),
        candidates[0].probability if candidates else 0.0,
        Outcome.ANSWER if answers else decisions[0].outcome,
        answered,
        spent,
    )


def share(results: Sequence[Result], test: Callable[[Result], bool]) -> str:
    """Percentage of `results` that pass `test`."""
    return f"{100 * sum(map(test, results)) / len(results):.1f}" if results else "–"


def right_in(results: Sequence[Result], depth: int) -> str:
    """Percentage whose fiche is among the `depth` best."""
    return share(results, lambda r: r.case.fiche in r.ranked[:depth])


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a Markdown table."""
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def calibration_error(results: Sequence[Result], bins: int = 10) -> float:
    """Expected calibration error (Naeini 2015): mean gap of probability and accuracy, weighted by bin."""
    error = 0.0
    for b in range(bins):
        inside = [r for r in results if min(int(r.probability * bins), bins - 1) == b]
        if inside:
            accuracy = sum(r.ranked[:1] == (r.case.fiche,) for r in inside) / len(inside)
            confidence = statistics.fmean(r.probability for r in inside)
            error += len(inside) / len(results) * abs(accuracy - confidence)
    return error


def by_style(name: str, inside: Sequence[Result]) -> None:
    """Prints how messages that a fiche answers were understood, by style."""
    styles = sorted({r.case.style for r in inside})
    rows = []
    for style in [*styles, "all"]:
        group = [r for r in inside if style in (r.case.style, "all")]
        rows.append(
            (
                style,
                str(len(group)),
                right_in(group, 1),
                right_in(group, 3),
                share(group, lambda r: r.answered == r.case.fiche),
                share(group, lambda r: r.answered not in (None, r.case.fiche)),
                share(group, lambda r: r.outcome is Outcome.CHOICES and r.case.fiche in r.ranked[:3]),
            )
        )
    header = (f"{name}, style", "n", "first %", "in three %", "answered %", "wrong answer %", "offered %")
    table(header, rows)


def off_base_table(outside: Sequence[Result]) -> None:
    """Prints what messages that no fiche answers were given, by source."""
    rows = []
    for source in sorted({r.case.style for r in outside}):
        group = [r for r in outside if r.case.style == source]
        rows.append(
            (
                source,
                str(len(group)),
                share(group, lambda r: r.outcome is Outcome.ANSWER),
                share(group, lambda r: r.outcome is Outcome.CHOICES),
                share(group, lambda r: r.outcome in (Outcome.NOT_COVERED, Outcome.OUT_OF_DOMAIN)),
            )
        )
    table(("off-base messages", "n", "false answer %", "titles offered %", "declined %"), rows)


def main() -> None:
    """Trains, measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--off-base", type=Path, action="append", default=[])
    off_base = [ROOT / "tests" / "data" / "hors_base.jsonl", *parser.parse_args().off_base]
    started = time.perf_counter()
    with quietly():
        trial = build(ROOT)
    training = time.perf_counter() - started
    results = [run(trial, case) for case in cases(trial, off_base)]
    inside = [r for r in results if r.case.fiche]
    outside = [r for r in results if not r.case.fiche]

    print("# Understanding, on wordings nobody trained on\n")
    print("Printed by `make bench-nlu`, which writes this page. Épreuves are worded unlike the examples.\n")
    print(f"{len(trial.fiches)} fiches, {sum(len(f.questions) for f in trial.fiches)} wordings; ", end="")
    print(f"trained in {training:.0f} s.\n")
    by_style("épreuves", inside)
    off_base_table(outside)

    shipped = Thresholds().answer
    rows = []
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        rows.append(
            (
                f"{threshold:.1f}" + (" (shipped)" if threshold == shipped else ""),
                share(outside, lambda r, t=threshold: r.probability >= t),
                share(
                    inside,
                    lambda r, t=threshold: r.probability >= t and r.ranked[:1] != (r.case.fiche,),
                ),
                share(inside, lambda r, t=threshold: r.probability < t),
            )
        )
    header = ("probability asked", "false answers off-base %", "wrong fiche %", "false silences %")
    table(header, rows)

    times = statistics.quantiles([r.milliseconds for r in results], n=100)
    table(
        ("measure", "value"),
        [
            ("expected calibration error, all messages", f"{calibration_error(results):.3f}"),
            ("one message, p50", f"{times[49]:.1f} ms"),
            ("one message, p95", f"{times[94]:.1f} ms"),
        ],
    )
    print("## Development questions\n")
    print("Looked at while the method, its weights and its thresholds were chosen: flattering by nature.\n")
    seen = [run(trial, case) for case in development()]
    by_style("development", [r for r in seen if r.case.fiche])
    off_base_table([r for r in seen if not r.case.fiche])
    total, both, one = doubles(trial)
    print(f"Messages that ask two things: {total}; both answered {100 * both / total:.0f} %, ", end="")
    print(f"one answered and nothing wrong {100 * one / total:.0f} %.")


if __name__ == "__main__":
    main()
