"""The fiche: one curated legal question with its answer, as the editors write it.

Attribute names are the front-matter keys of the file (`data/fiches/<theme>/<id>.md`), in French,
so that a check's message, the file and the code name the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from bot.law.reference import Citation


class Statut(StrEnum):
    """Where a fiche stands in its life; only `PUBLIE` is ever answered from."""

    BROUILLON = "brouillon"
    PUBLIE = "publie"
    SUSPENDU = "suspendu"
    ARCHIVE = "archive"


class Appui(StrEnum):
    """How the cited text was verified, strongest first (vocabulary of the fact dossiers)."""

    OFFICIEL = "officiel"
    COPIE = "copie"
    SECONDAIRE = "secondaire"
    A_VERIFIER = "a_verifier"


class Style(StrEnum):
    """How the author of a wording writes; benchmarks report by style."""

    MOTS_CLES = "mots-cles"
    QUESTION = "question"
    ORAL = "oral"
    FAUTIF = "fautif"
    SITUATION = "situation"
    LETTRE = "lettre"


# Identifier → name shown to the doctor.
THEMES: dict[str, str] = {
    "hebergement": "Hébergement et HDS",
    "rgpd": "RGPD au cabinet",
    "incidents": "Incidents et responsabilité",
    "outils": "Outils et secret",
    "retraite": "Retraite et cessation",
    "hopital": "Hôpital et activité extérieure",
    "ordre": "Ordre et cotisations",
    "remplacement": "Remplacement et exercice",
    "patients": "Patients, dossiers, responsabilité",
}


@dataclass(frozen=True, slots=True)
class Epreuve:
    """A wording that must reach its fiche and is never trained on."""

    texte: str
    style: Style


@dataclass(frozen=True, slots=True)
class Relance:
    """Elliptical follow-ups (`si`) that, after this fiche, lead to another one."""

    si: tuple[str, ...]
    fiche: str


@dataclass(frozen=True, slots=True)
class Option:
    """One possible reply to a `Precision`.

    `mots` are words that, read in the doctor's message, make the question unnecessary;
    `reponse` is the branch of the answer that then applies (Markdown with citations).
    """

    titre: str
    mots: tuple[str, ...]
    reponse: str


@dataclass(frozen=True, slots=True)
class Precision:
    """Something the answer depends on: one clear question and its options."""

    question: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class FicheCitation:
    """An article the fiche rests on, pinned, and how its text was verified."""

    citation: Citation
    appui: Appui


@dataclass(frozen=True, slots=True)
class Fiche:
    """One curated Q&A. Sections hold Markdown; citations stand in it as `[CSP L1111-8, II]`."""

    id: str
    titre: str
    theme: str
    statut: Statut
    dossier: tuple[str, ...]
    redige_le: date
    redige_par: str
    a_revoir_avant: date
    questions: tuple[str, ...]
    epreuves: tuple[Epreuve, ...]
    citations: tuple[FicheCitation, ...]
    en_bref: str
    en_detail: str
    que_faire: str = ""
    attention: str = ""
    relu_le: date | None = None
    relu_par: str | None = None
    contre_exemples: tuple[str, ...] = ()
    relances: tuple[Relance, ...] = ()
    precisions: tuple[Precision, ...] = ()
    voisines: tuple[str, ...] = ()
    path: Path | None = field(default=None, compare=False)

    @property
    def is_published(self) -> bool:
        """Whether the bot may answer from this fiche."""
        return self.statut is Statut.PUBLIE
