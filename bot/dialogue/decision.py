"""From ranked fiches to what the bot does: answer, offer a choice, or say that it does not know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.dialogue.match import Match, QuestionMatch
from bot.fiches.orientations import Genre


class Outcome(StrEnum):
    """What to do with one question."""

    ANSWER = "answer"
    CHOICES = "choices"
    NOT_COVERED = "not_covered"
    OUT_OF_DOMAIN = "out_of_domain"
    NOT_A_QUESTION = "not_a_question"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits of the decision, all 0..1.

    `answer`: least probability to answer; a false answer is held to cost three times a missing one, hence
    three chances in four of being right. `choice`: least probability for a title to be offered.
    `contested`: score of a subject outside the base from which an answer needs `contested_answer`.
    `joined`: least probability to answer one of several questions of a message, `joined_contested` when it is
    contested. It was cut because one of its questions is sure and another likely, which by itself speaks for
    the other.
    `orientation`: least score for a subject outside the base to be named; when it is above the probability of
    the best fiche, or contests it where that is `likely`. `coverage`: least share of
    known words for a message to count as a question on the doctors' law. `words`: fewest words to answer; of
    fewer ("hds"), which name a subject that many fiches share, the titles from `choice_alone` are offered,
    unless a subject outside the base reaches `outside_alone`.
    """

    answer: float = 0.75
    joined: float = 0.60
    joined_contested: float = 0.85
    contested: float = 0.6
    contested_answer: float = 0.95
    choice: float = 0.18
    orientation: float = 0.25
    likely: float = 0.4
    coverage: float = 0.50
    words: int = 2
    choice_alone: float = 0.03
    outside_alone: float = 0.75


MAX_CHOICES = 3


@dataclass(frozen=True, slots=True)
class Decision:
    """`fiches`: the one to answer from, or those to offer. `orientation`: the subject outside the base."""

    outcome: Outcome
    fiches: tuple[str, ...] = ()
    confidence: float = 0.0
    orientation: str | None = None


def _least(question: QuestionMatch, limits: Thresholds) -> float:
    """The least probability to answer `question`."""
    outside = question.orientation is not None and question.orientation_score >= limits.contested
    return limits.contested_answer if outside else limits.answer


def decide(
    question: QuestionMatch, genres: Mapping[str, Genre], thresholds: Thresholds | None = None
) -> Decision:
    """What to do with `question`. `genres` gives the genre of each orientation by id."""
    limits = thresholds or Thresholds()
    if not question.words:
        return Decision(Outcome.NOT_A_QUESTION)
    best = question.candidates[0] if question.candidates else None
    top = best.probability if best else 0.0
    if best is not None and top >= _least(question, limits) and question.words >= limits.words:
        return Decision(Outcome.ANSWER, (best.fiche,), top)
    outside = question.orientation if question.orientation_score >= limits.orientation else None
    alone = question.words < limits.words
    least = limits.choice_alone if alone else limits.choice
    plausible = [c for c in question.candidates if c.probability >= least][:MAX_CHOICES]
    known = question.coverage >= limits.coverage
    if alone:
        elsewhere = question.orientation_score >= limits.outside_alone
    else:
        above = max(top, limits.contested) if top >= limits.likely else top
        elsewhere = question.orientation_score > above
    if plausible and known and not (outside and elsewhere):
        return Decision(Outcome.CHOICES, tuple(c.fiche for c in plausible), top)
    if outside is not None:
        outcome = Outcome.NOT_COVERED if genres.get(outside) is Genre.NON_COUVERT else Outcome.OUT_OF_DOMAIN
        return Decision(outcome, confidence=top, orientation=outside)
    if known:
        return Decision(Outcome.NOT_COVERED, confidence=top)
    return Decision(Outcome.OUT_OF_DOMAIN, confidence=top)


def decide_all(match: Match, genres: Mapping[str, Genre]) -> list[Decision]:
    """What to do with each question of a message, in order; `genres` as in `decide`."""
    limits = Thresholds()
    if len(match.questions) > 1:
        limits = replace(limits, answer=limits.joined, contested_answer=limits.joined_contested)
    return [decide(question, genres, limits) for question in match.questions]
