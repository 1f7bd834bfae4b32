"""The messages that every system is asked, and what each should give."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:  # a contender's process must not hold what its system does not need
    from bot.fiches.model import Fiche

DATA = Path(__file__).parent / "data"
EPREUVES = "epreuves"
DISTANT = "distant"
OFF_BASE = "off-base"
DEVELOPMENT = "development"
DEVELOPMENT_OFF_BASE = "development off-base"


class Case(msgspec.Struct, frozen=True):
    """A message and the fiche that answers it; None when none does.

    `part`: which set it belongs to (the constants above). `style`: the manner of a question, or the file that
    an off-base message comes from.
    """

    text: str
    fiche: str | None
    style: str
    part: str


def all_cases(fiches: Iterable[Fiche], off_base: Iterable[Path]) -> list[Case]:
    """Épreuves, distant wordings and off-base messages, then the development questions, in a stable order.

    Distant wordings (benchmarks/data/eloignees.jsonl) were made to avoid the words of the examples.
    `off_base`: files of JSON lines `{"text": …}`. A question whose fiche is not among `fiches` is left out,
    since nothing could answer it. Raises SystemExit on a file that cannot be read.
    """
    known = {fiche.id: fiche for fiche in fiches}
    found = [
        Case(epreuve.texte, fiche.id, epreuve.style.value, EPREUVES)
        for fiche in known.values()
        for epreuve in fiche.epreuves
    ]
    for path in off_base:
        found += [Case(line["text"], None, path.stem, OFF_BASE) for line in _lines(path)]
    for part, name in ((DISTANT, "eloignees.jsonl"), (DEVELOPMENT, "developpement.jsonl")):
        for line in _lines(DATA / name):
            if line["fiche"] in known:
                found.append(Case(line["text"], line["fiche"], line["style"], part))
    outside = DATA / "hors_base_developpement.jsonl"
    found += [Case(line["text"], None, outside.stem, DEVELOPMENT_OFF_BASE) for line in _lines(outside)]
    return found


class Double(msgspec.Struct, frozen=True):
    """A message that asks two things, and the fiches that answer them."""

    text: str
    fiches: tuple[str, str]


def doubles(fiches: Iterable[Fiche]) -> list[Double]:
    """The messages of benchmarks/data/doubles_epreuves.jsonl that ask two things which `fiches` answer.

    Nobody looked at them while the method was chosen: doubles.jsonl served for that.
    """
    known = {fiche.id for fiche in fiches}
    return [
        Double(line["text"], (line["fiches"][0], line["fiches"][1]))
        for line in _lines(DATA / "doubles_epreuves.jsonl")
        if len(line["fiches"]) == 2 and known.issuperset(line["fiches"])
    ]


def digest(texts: Sequence[str]) -> str:
    """SHA-256 of `texts`: tells whether predictions were made on these messages."""
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


def _lines(path: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise SystemExit(f"{path}: {error}") from error
