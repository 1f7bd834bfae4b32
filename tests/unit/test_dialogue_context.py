"""What is remembered of a conversation, and when it fades."""

from __future__ import annotations

from typing import Any

import pytest

from bot.dialogue.context import Context, code_choices, recall

Event = dict[str, Any]


def said(text: str, at: float) -> Event:
    return {"event": "user", "text": text, "timestamp": at}


def slot(name: str, value: str | None, at: float) -> Event:
    return {"event": "slot", "name": name, "value": value, "timestamp": at}


START: list[Event] = [
    {"event": "session_started", "timestamp": 0.0},
    said("mon hébergeur doit-il être certifié ?", 1.0),
    slot("fiche", "hds", 2.0),
    slot("precision", "hds 0,?", 2.0),
    slot("choix", "a b", 2.0),
]


def test_the_last_answer_is_remembered() -> None:
    context = recall([*START, said("quel article ?", 30.0)])
    before = "mon hébergeur doit-il être certifié ?"
    assert context == Context("hds", ("hds", "0,?"), ("a", "b"), doubt=False, said=before)


def test_titles_offered_in_doubt_are_told_from_others() -> None:
    doubtful = slot("choix", code_choices(("a", "b"), doubt=True), 3.0)
    context = recall([*START, doubtful, said("non", 4.0)])
    assert (context.choices, context.doubt) == (("a", "b"), True)


@pytest.mark.parametrize(("silence", "fiche"), [(600.0, "hds"), (601.0, None)])
def test_ten_minutes_of_silence_and_it_is_forgotten(silence: float, fiche: str | None) -> None:
    assert recall([*START, said("quel article ?", 2.0 + silence)]).fiche == fiche


@pytest.mark.parametrize(("others", "fiche"), [(4, "hds"), (5, None)])
def test_five_messages_without_use_and_it_is_forgotten(others: int, fiche: str | None) -> None:
    between = [said("merci", 3.0 + i) for i in range(others)]
    assert recall([*START, *between, said("quel article ?", 20.0)]).fiche == fiche


def test_use_keeps_it() -> None:
    used = [said("merci", 3.0), said("la source ?", 4.0), slot("fiche", "hds", 500.0)]
    assert recall([*START, *used, said("plus simplement", 1000.0)]).fiche == "hds"


def test_a_question_waits_for_two_messages() -> None:
    assert recall([*START, said("merci", 3.0), said("le premier", 4.0)]).precision == ("hds", "0,?")
    late = [said("merci", 3.0), said("merci", 4.0), said("le premier", 5.0)]
    assert recall([*START, *late]).precision is None
    assert recall([*START, *late]).choices == ()


def test_what_was_withdrawn_stays_withdrawn() -> None:
    context = recall([*START, slot("precision", None, 3.0), said("oui", 4.0)])
    assert context.precision is None
    assert context.fiche == "hds"


@pytest.mark.parametrize("end", ["session_started", "restart"])
def test_a_new_session_begins_afresh(end: str) -> None:
    assert recall([*START, {"event": end, "timestamp": 3.0}, said("quel article ?", 4.0)]) == Context()


def test_a_button_says_nothing_in_words() -> None:
    pressed = [*START, said('/show_fiche{"fiche": "a"}', 3.0), slot("fiche", "a", 3.0)]
    assert recall([*pressed, said("oui", 4.0)]).said == ""


def test_an_empty_conversation_has_no_context() -> None:
    assert recall([]) == Context()
