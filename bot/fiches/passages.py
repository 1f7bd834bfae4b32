"""The passages of a fiche that the doctor reads, and the line of the file on which each stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bot.fiches.model import Fiche, Statut
from bot.fiches.nodes import Place
from bot.fiches.parse import SECTIONS, parse_source
from bot.problem import Level, Problem


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of the answer: a section of the body or the branch of a precision. `name` is said to editors."""

    place: Place
    name: str
    text: str
    is_advice: bool = False


def passages(fiche: Fiche) -> Iterator[Passage]:
    """The sections in reading order, then the answers of the precisions' options."""
    for title, attribute in SECTIONS.items():
        if text := getattr(fiche, attribute):
            yield Passage((attribute,), title, text, is_advice=attribute == "que_faire")
    for rank, precision in enumerate(fiche.precisions):
        for number, option in enumerate(precision.options):
            place = ("precisions", rank, "options", number, "reponse")
            yield Passage(place, f"précision, option « {option.titre} »", option.reponse)


class Report:
    """Gathers the problems of one file that an editor wrote; `statut` says how severe they are."""

    def __init__(self, path: Path, statut: Statut, lines: Mapping[Place, int] | None = None) -> None:
        self.path = path
        self.statut = statut
        self.problems: list[Problem] = []
        self._given = lines

    @property
    def lines(self) -> Mapping[Place, int]:
        """The line of each place in the file."""
        return self._given or {}

    def line(self, place: Place, row: int = 0) -> int:
        """The line of `place`, or of the nearest thing that holds it, plus `row`; 0 when it is unknown."""
        for length in range(len(place), 0, -1):
            line = self.lines.get(place[:length])
            if line is not None:
                return line + (row if length == len(place) else 0)
        return 0

    def add(self, place: Place, message: str, remede: str, *, level: Level = "erreur", row: int = 0) -> None:
        """A finding that no file may have."""
        self.problems.append(Problem(self.path, self.line(place, row), level, message, remede))

    def quality(self, place: Place, message: str, remede: str, *, row: int = 0) -> None:
        """A finding that keeps a file from being published; only a warning in what is not published."""
        level: Level = "erreur" if self.statut is Statut.PUBLIE else "avertissement"
        self.add(place, message, remede, level=level, row=row)


class Findings(Report):
    """The problems of one fiche. Its file is read again, for the lines, at the first finding only."""

    def __init__(self, fiche: Fiche) -> None:
        if fiche.path is None:
            raise ValueError(f"{fiche.id}: only fiches that come from a file can be checked")
        super().__init__(fiche.path, fiche.statut)
        self.fiche = fiche

    @cached_property
    def lines(self) -> Mapping[Place, int]:
        """Read from the file; none when it cannot be."""
        try:
            return parse_source(self.path, self.path.read_text(encoding="utf-8")).lines
        except (OSError, UnicodeDecodeError):
            return {}
