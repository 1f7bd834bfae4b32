"""What the understanding of a message hands to the dialogue (the `match` property of a Rasa message)."""

from __future__ import annotations

import msgspec


class Candidate(msgspec.Struct, frozen=True):
    """A fiche and the probability (0..1) that it answers the question."""

    fiche: str
    probability: float


class QuestionMatch(msgspec.Struct, frozen=True):
    """One question of a message.

    `candidates`: best first. `orientation`: the subject outside the base it sounds like, if any, with its
    `orientation_score`. `coverage`: share (0..1) of its words that the base's wordings use; `words`: how
    many of its words carry a subject, dates and numbers aside.
    """

    text: str
    candidates: tuple[Candidate, ...]
    orientation: str | None = None
    orientation_score: float = 0.0
    coverage: float = 0.0
    words: int = 0


class Match(msgspec.Struct, frozen=True):
    """All that was asked in one message, in order."""

    questions: tuple[QuestionMatch, ...]
