"""The diagnosis: questions, dates to compute, and the statements that make up its conclusion.

Attribute names are the keys of the file (`data/diagnostics/<id>.yml`), in French, so that a check's message,
the file and the code name the same thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from bot.fiches.model import Epreuve, FicheCitation, Statut

FIN = "fin"
"""Where the last question of a path leads: to the conclusion."""

INCONNU = "inconnu"
"""The option that means "I don't know"; on a question of date it leaves the date unknown."""

AUJOURDHUI = "aujourdhui"
"""The present moment, among the dates that a computation may start from."""


class Sens(StrEnum):
    """Where the date asked for lies, as far as the question goes; it settles "le 3 mars" and "vendredi"."""

    PASSE = "passe"
    AVENIR = "avenir"


@dataclass(frozen=True, slots=True)
class Ecart:
    """A length of time, of either sign."""

    mois: int = 0
    jours: int = 0
    heures: int = 0


@dataclass(frozen=True, slots=True)
class Option:
    """One reply to a question.

    `mots` are recognised in the doctor's opening message too, `reponses` only once the question was asked
    (« oui » says nothing in a letter). `suite` is the next question, or `FIN`.
    """

    id: str
    titre: str
    suite: str
    mots: tuple[str, ...] = ()
    reponses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tranche:
    """A range of dates: those before the present moment + `avant`; the last one has no limit."""

    id: str
    suite: str
    avant: Ecart | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question: either `options`, or a date (`tranches`; `heure` when the hour counts).

    A question of date has for options at most the one that leaves it unknown.
    """

    id: str
    question: str
    options: tuple[Option, ...] = ()
    tranches: tuple[Tranche, ...] = ()
    sens: Sens = Sens.PASSE
    heure: bool = False
    aide: str = ""

    @property
    def is_date(self) -> bool:
        """Whether a date is asked for."""
        return bool(self.tranches)

    @property
    def outcomes(self) -> Mapping[str, str]:
        """Identifiers of what may be answered (options, ranges of dates) → the next question or `FIN`."""
        options = {option.id: option.suite for option in self.options}
        return options | {tranche.id: tranche.suite for tranche in self.tranches}

    def option(self, id_: str) -> Option | None:
        """The option of that identifier."""
        return next((option for option in self.options if option.id == id_), None)


@dataclass(frozen=True, slots=True)
class Calcul:
    """A date computed from others: the latest of `de`, then the next civil quarter, then `ecart`.

    `de` are questions of date, other computations, or `AUJOURDHUI`. `trimestre` moves to the first day of the
    civil quarter that follows. Unknown as soon as one of `de` is.
    """

    id: str
    de: tuple[str, ...]
    trimestre: bool = False
    ecart: Ecart = Ecart()


Condition = Mapping[str, frozenset[str]]
"""Question → the outcomes it must have had, one of them; all questions named must agree."""


@dataclass(frozen=True, slots=True)
class Etape:
    """One step of the conclusion. `au_plus_tard` and `a_partir_de` name a question of date or a computation.

    `en_retard` replaces `faire` when the deadline has passed.
    """

    faire: str
    si: Condition = field(default_factory=dict)
    a_partir_de: str | None = None
    au_plus_tard: str | None = None
    en_retard: str = ""


@dataclass(frozen=True, slots=True)
class Constat:
    """One statement of the conclusion, made when `si` holds. Sections hold Markdown, as in a fiche."""

    id: str
    si: Condition
    en_bref: str = ""
    en_detail: str = ""
    etapes: tuple[Etape, ...] = ()
    attention: str = ""
    fiches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A whole diagnosis. The first question is where every walk begins.

    `demandes` are wordings that start it (training examples), `epreuves` wordings that must start it and are
    never trained on; `fiches` are the fiches beside whose answer it is offered.
    """

    id: str
    titre: str
    introduction: str
    statut: Statut
    dossier: tuple[str, ...]
    redige_le: date
    redige_par: str
    a_revoir_avant: date
    demandes: tuple[str, ...]
    epreuves: tuple[Epreuve, ...]
    questions: tuple[Question, ...]
    constats: tuple[Constat, ...]
    citations: tuple[FicheCitation, ...]
    calculs: tuple[Calcul, ...] = ()
    contre_exemples: tuple[str, ...] = ()
    fiches: tuple[str, ...] = ()
    relu_le: date | None = None
    relu_par: str | None = None
    path: Path | None = field(default=None, compare=False)

    @property
    def is_published(self) -> bool:
        """Whether the bot may walk through it."""
        return self.statut is Statut.PUBLIE

    def question(self, id_: str) -> Question | None:
        """The question of that identifier."""
        return next((question for question in self.questions if question.id == id_), None)

    @property
    def intent(self) -> str:
        """Rasa's name of the intent that starts it."""
        return INTENT + self.id.replace("-", "_")


INTENT = "diagnostic_"
