"""Answer, choices, or an honest silence."""

from __future__ import annotations

import pytest

from bot.dialogue.decision import Outcome, decide, decide_all
from bot.dialogue.match import Candidate, Match, QuestionMatch
from bot.fiches.orientations import Genre
from bot.nlu.text import subject_stems, tokens

GENRES = {"travail": Genre.HORS_DOMAINE, "acte": Genre.NON_COUVERT}


def _question(*probabilities: float, **more: object) -> QuestionMatch:
    candidates = tuple(Candidate(f"f{i}", p) for i, p in enumerate(probabilities))
    facts: dict[str, object] = {"coverage": 1.0, "words": 4, **more}
    return QuestionMatch("?", candidates, **facts)  # type: ignore[arg-type]


def test_a_sure_match_is_answered() -> None:
    decision = decide(_question(0.9, 0.05), GENRES)
    assert (decision.outcome, decision.fiches, decision.confidence) == (Outcome.ANSWER, ("f0",), 0.9)


def test_an_answer_that_a_subject_outside_contests_must_be_all_but_certain() -> None:
    outside = {"orientation": "travail", "orientation_score": 0.65}
    assert decide(_question(0.9, 0.05, **outside), GENRES).outcome is Outcome.CHOICES
    assert decide(_question(0.96, 0.01, **outside), GENRES).outcome is Outcome.ANSWER


def test_questions_joined_in_a_message_speak_for_each_other() -> None:
    likely = _question(0.65, 0.2)
    assert [d.outcome for d in decide_all(Match((likely,)), GENRES)] == [Outcome.CHOICES]
    assert [d.outcome for d in decide_all(Match((likely, likely)), GENRES)] == [
        Outcome.ANSWER,
        Outcome.ANSWER,
    ]


def test_doubt_offers_three_titles_at_most() -> None:
    decision = decide(_question(0.4, 0.3, 0.25, 0.2, 0.01), GENRES)
    assert (decision.outcome, decision.fiches) == (Outcome.CHOICES, ("f0", "f1", "f2"))


def test_a_single_word_is_never_answered() -> None:
    assert decide(_question(0.95, words=1), GENRES).outcome is Outcome.CHOICES


def test_a_single_word_gets_the_titles_it_may_mean() -> None:
    shared = {"words": 1, "orientation": "travail", "orientation_score": 0.6}
    decision = decide(_question(0.07, 0.05, 0.04, 0.01, **shared), GENRES)
    assert (decision.outcome, decision.fiches) == (Outcome.CHOICES, ("f0", "f1", "f2"))
    elsewhere = {**shared, "orientation_score": 0.9}
    assert decide(_question(0.07, 0.05, **elsewhere), GENRES).outcome is Outcome.OUT_OF_DOMAIN
    assert decide(_question(0.02, 0.01, words=1), GENRES).outcome is Outcome.NOT_COVERED


def test_a_message_without_a_subject_is_no_question() -> None:
    assert decide(_question(0.95, words=0), GENRES).outcome is Outcome.NOT_A_QUESTION


@pytest.mark.parametrize("text", ["le 30 septembre 2027", "fin juin", "vendredi 18h", "6 mois", "2"])
def test_a_date_or_a_duration_has_no_subject(text: str) -> None:
    assert subject_stems(tokens(text)) == []


def test_a_question_that_holds_a_date_keeps_its_subject() -> None:
    assert subject_stems(tokens("que change le 1er janvier 2027 pour le cumul ?")) == ["change", "cumul"]


@pytest.mark.parametrize(
    ("orientation", "outcome"), [("travail", Outcome.OUT_OF_DOMAIN), ("acte", Outcome.NOT_COVERED)]
)
def test_a_subject_outside_is_named(orientation: str, outcome: Outcome) -> None:
    decision = decide(_question(0.05, orientation=orientation, orientation_score=0.6), GENRES)
    assert (decision.outcome, decision.orientation) == (outcome, orientation)


def test_an_orientation_stronger_than_the_fiche_wins_over_choices() -> None:
    decision = decide(_question(0.3, orientation="travail", orientation_score=0.6), GENRES)
    assert decision.outcome is Outcome.OUT_OF_DOMAIN


def test_unknown_words_are_no_question_for_the_base() -> None:
    assert decide(_question(0.3, coverage=0.1), GENRES).outcome is Outcome.OUT_OF_DOMAIN
    assert decide(_question(0.05, coverage=0.9), GENRES).outcome is Outcome.NOT_COVERED
    assert decide(_question(), GENRES).outcome is Outcome.NOT_COVERED
