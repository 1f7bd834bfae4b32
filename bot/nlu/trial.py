"""The understanding without Rasa: trained on the spot from the project's files, to try and to measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message

from bot.dialogue.decision import Decision, Outcome, decide_all
from bot.fiches.model import Epreuve, Fiche
from bot.fiches.orientations import Orientation
from bot.nlu.diagnostics import examples as diagnostic_examples
from bot.nlu.importer import nlu_examples, read_sources, require_diagnostics
from bot.nlu.labels import labelled
from bot.nlu.ridge import Example
from bot.nlu.understanding import Understanding
from bot.nlu.vectors import french_vectors


@dataclass(frozen=True, slots=True)
class Trial:
    """A trained understanding and what it was trained on."""

    understanding: Understanding
    fiches: tuple[Fiche, ...]
    orientations: tuple[Orientation, ...]

    def decide(self, text: str) -> list[Decision]:
        """What the bot would do with each question of `text`."""
        genres = {o.id: o.genre for o in self.orientations}
        return decide_all(self.understanding.understand(text).match, genres)


@dataclass(frozen=True, slots=True)
class EpreuveResult:
    """How an épreuve of `fiche` was understood: `found` is the fiche answered, None when none was.

    `rank` counts from 1 among the candidates; 0 when the fiche is not one of them.
    """

    fiche: str
    epreuve: Epreuve
    outcome: Outcome
    found: str | None
    rank: int
    probability: float

    @property
    def passed(self) -> bool:
        """Whether the épreuve got its fiche's answer."""
        return self.found == self.fiche


def training_messages(root: Path, fiches: list[Fiche], orientations: list[Orientation]) -> list[Message]:
    """Every wording that training of the project at `root` reads, with its intent, in a stable order; the
    sources are those of `read_sources`. Raises `FicheImportError` as training would."""
    messages: list[Message] = nlu_examples(fiches, orientations)
    messages += diagnostic_examples(require_diagnostics(root))
    for path in sorted((root / "data" / "nlu").glob("*.yml")):
        messages += load_data(str(path)).intent_examples
    return messages


def known_wordings(
    root: Path, fiches: list[Fiche], orientations: list[Orientation]
) -> tuple[list[Example], list[Example]]:
    """`training_messages` as examples and counter-examples."""
    return labelled(
        (m.get(TEXT), m.get(INTENT), (m.get("metadata") or {}).get("example") or {})
        for m in training_messages(root, fiches, orientations)
    )


def build(root: Path) -> Trial:
    """Trains on the project at `root`, in seconds. Raises `FicheImportError` as training would."""
    fiches, orientations = read_sources(root)
    model = Understanding(french_vectors())
    model.fit(*known_wordings(root, fiches, orientations))
    return Trial(model, tuple(fiches), tuple(orientations))


def run_epreuves(trial: Trial, fiches: Sequence[Fiche]) -> list[EpreuveResult]:
    """How each épreuve of `fiches` is understood."""
    results = []
    genres = {o.id: o.genre for o in trial.orientations}
    for fiche in fiches:
        for epreuve in fiche.epreuves:
            match = trial.understanding.understand(epreuve.texte).match
            questions, decisions = match.questions, decide_all(match, genres)
            answered = [d.fiches[0] for d in decisions if d.outcome is Outcome.ANSWER]
            ranked = [candidate.fiche for candidate in questions[0].candidates]
            best = questions[0].candidates[0].probability if questions[0].candidates else 0.0
            results.append(
                EpreuveResult(
                    fiche.id,
                    epreuve,
                    decisions[0].outcome,
                    fiche.id if fiche.id in answered else (answered[0] if answered else None),
                    ranked.index(fiche.id) + 1 if fiche.id in ranked else 0,
                    best,
                )
            )
    return results
