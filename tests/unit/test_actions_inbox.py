"""Hand-off, ratings and data rights: the actions themselves on a real base, down to the rows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from knowledge_samples import REGISTER, fiche, fresh_base
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import create_engine, text

from actions.base import InboxAction
from actions.feedback import ActionRate
from actions.hand_off import (
    ActionAskHuman,
    ActionHandOff,
    ActionLeaveAddress,
    ActionPassQuestion,
    ActionWithdrawRequest,
)
from actions.rights import ActionDeleteMyData, ActionEraseData, ActionMyData
from bot.dialogue.reply import Reply
from bot.inbox.inbox import Inbox, open_inbox
from bot.inbox.origin import Origin
from bot.knowledge import KnowledgeBase, open_base, publish

SUBJECT = "a" * 32
QUESTION = "Mme Durand (06 12 34 56 78) veut son dossier : quel délai ?"
MASKED = "Mme [nom] ([téléphone]) veut son dossier : quel délai ?"


def user(text_: str, intent: str, **entities: str) -> dict[str, Any]:
    """A user event of a Rasa tracker."""
    found = [{"entity": name, "value": value} for name, value in entities.items()]
    parsed = {"intent": {"name": intent}, "entities": found, "text": text_}
    return {"event": "user", "text": text_, "parse_data": parsed}


@dataclass
class Chat:
    """Runs actions as Rasa does: the events so far, the last message, its metadata."""

    base: KnowledgeBase
    inbox: Inbox
    events: list[dict[str, Any]]
    subject: str = SUBJECT
    channel: str = "widget"

    def run(
        self, action: type[InboxAction], said: str = "", intent: str = "", **entities: str
    ) -> tuple[list[Reply], list[dict[str, Any]]]:
        """The Replies and events of `action` after a message."""
        event = user(said or f"/{intent}", intent, **entities)
        self.events.append(event)
        latest = {
            **event["parse_data"],
            "text": event["text"],
            "metadata": msgspec.to_builtins(Origin(self.subject, self.channel)),
        }
        tracker = Tracker("sender-1", {}, latest, self.events, False, None, {}, "action_listen")
        dispatcher = CollectingDispatcher()
        made = action(knowledge=self.base, inbox=self.inbox)
        events = asyncio.run(made.run(dispatcher, tracker, {}))
        replies = [message["custom"] for message in dispatcher.messages]
        return [msgspec.convert(reply, Reply) for reply in replies], events

    def press(self, action: type[InboxAction], reply: Reply, title: str) -> Reply:
        """The one Reply to the button of `reply` whose title begins with `title`."""
        payload = next(b.payload for b in (*reply.buttons, *reply.feedback) if b.title.startswith(title))
        intent, _, entities = payload.removeprefix("/").partition("{")
        named = msgspec.json.decode("{" + entities, type=dict[str, str]) if entities else {}
        (answered,), _ = self.run(action, "", intent, **named)
        return answered


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    base = fresh_base(database_url)
    publish(base, [fiche("hds")], REGISTER)
    with closing(base), closing(open_inbox(database_url)) as inbox:
        yield Chat(base, inbox, [])


def rows(url: str, table: str) -> list[Any]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return list(connection.execute(text(f"SELECT * FROM {table}")).mappings())
    finally:
        engine.dispose()


def test_a_question_is_shown_masked_then_passed_with_its_consent(chat: Chat, database_url: str) -> None:
    chat.events.append(user(QUESTION, "question"))
    (shown,), _ = chat.run(ActionHandOff, "transmettez", "hand_off")
    assert f"> {MASKED}" in shown.text
    assert "90 jours" in shown.text
    assert rows(database_url, "passed_questions") == []
    passed = chat.press(ActionPassQuestion, shown, "Transmettre sans")
    (row,) = rows(database_url, "passed_questions")
    assert (row["text"], row["subject"], row["channel"]) == (MASKED, SUBJECT, "widget")
    assert row["consent"] == "2026-11-28 (90/365 jours)"
    assert row["reference"] in passed.text
    assert passed.expects is None


def test_the_question_shown_is_the_one_passed_whatever_is_said_between(chat: Chat, database_url: str) -> None:
    chat.events.append(user("mon hébergeur a fait faillite", "question"))
    (shown,), _ = chat.run(ActionHandOff, "transmettez", "hand_off")
    chat.events += [user("laissez tomber", "stop"), user("et la retraite ?", "question")]
    chat.press(ActionPassQuestion, shown, "Transmettre sans")
    assert [row["text"] for row in rows(database_url, "passed_questions")] == [
        "mon hébergeur a fait faillite"
    ]
    chat.press(ActionPassQuestion, shown, "Transmettre, et")  # a second click changes its mind, no more
    (row,) = rows(database_url, "passed_questions")
    assert row["wants_reply"]


def test_a_question_no_longer_in_the_conversation_is_not_guessed(chat: Chat, database_url: str) -> None:
    chat.events.append(user("mon hébergeur a fait faillite", "question"))
    (shown,), _ = chat.run(ActionHandOff, "transmettez", "hand_off")
    chat.events[:] = [user("une autre question de droit", "question")]
    assert "plus cette question en mémoire" in chat.press(ActionPassQuestion, shown, "Transmettre").text
    assert rows(database_url, "passed_questions") == []


def test_a_follow_up_is_passed_with_the_question_it_continues(chat: Chat) -> None:
    chat.events += [
        user("mon remplaçant étudiant peut-il signer ?", "question"),
        user("et le CDOM", "elliptic"),
    ]
    (shown,), _ = chat.run(ActionHandOff, "transmettez", "hand_off")
    assert "> mon remplaçant étudiant peut-il signer ?\n> et le CDOM" in shown.text


def test_with_nothing_asked_there_is_nothing_to_pass(chat: Chat) -> None:
    (reply,), _ = chat.run(ActionHandOff, "transmettez ma question", "hand_off")
    assert (reply.kind, reply.buttons) == ("notice", ())


def test_the_address_is_confirmed_from_the_base(chat: Chat) -> None:
    (reply,), _ = chat.run(ActionLeaveAddress, "", "leave_address")
    assert "n’attends pas d’adresse" in reply.text
    chat.events.append(user("une question de droit", "question"))
    (passed,), _ = chat.run(ActionPassQuestion, "oui", "affirm")  # said in words: with a reply
    assert passed.expects == "email"
    (unread,), _ = chat.run(ActionLeaveAddress, "[courriel]", "leave_address")
    assert unread.expects == "email"
    reference = chat.inbox.leave_address(SUBJECT, "anne@exemple.fr")
    (kept,), _ = chat.run(ActionLeaveAddress, "", "leave_address")
    assert str(reference) in kept.text
    assert "anne" not in kept.text


def test_in_a_messenger_no_address_is_asked_for_nor_document_offered(chat: Chat, database_url: str) -> None:
    chat.channel = "telegram"
    chat.events.append(user("une question de droit", "question"))
    (shown,), _ = chat.run(ActionHandOff, "transmettez", "hand_off")
    assert [button.title for button in shown.buttons] == ["Transmettre", "Ne rien transmettre"]
    assert "Aucune adresse électronique ne peut être laissée ici" in shown.text
    (passed,), _ = chat.run(ActionPassQuestion, "oui", "affirm")
    assert (passed.kind, passed.expects) == ("notice", None)
    assert not rows(database_url, "passed_questions")[0]["wants_reply"]


def test_a_question_is_withdrawn_from_any_conversation_by_its_number(chat: Chat, database_url: str) -> None:
    chat.events.append(user("une question de droit", "question"))
    chat.run(ActionPassQuestion, "oui", "affirm")
    reference = chat.inbox.leave_address(SUBJECT, "anne@exemple.fr")
    chat.subject, chat.events = "b" * 32, []
    (which,), _ = chat.run(ActionWithdrawRequest, "je retire ma demande", "withdraw_request")
    assert which.buttons == ()
    (unknown,), _ = chat.run(ActionWithdrawRequest, "je retire BM-2222-2222", "withdraw_request")
    assert "Aucune demande" in unknown.text
    said = f"je retire ma demande {str(reference).lower()}"
    (done,), _ = chat.run(ActionWithdrawRequest, said, "withdraw_request")
    assert "est retirée" in done.text
    assert rows(database_url, "passed_questions") == rows(database_url, "reply_addresses") == []


def test_the_author_is_offered_the_numbers_of_the_session(chat: Chat, database_url: str) -> None:
    chat.events.append(user("une question de droit", "question"))
    chat.run(ActionPassQuestion, "oui", "affirm")
    (which,), _ = chat.run(ActionWithdrawRequest, "annulez ma demande", "withdraw_request")
    assert "est retirée" in chat.press(ActionWithdrawRequest, which, "Retirer").text
    assert rows(database_url, "passed_questions") == []


def test_whom_to_call_and_an_offer_when_something_was_asked(chat: Chat) -> None:
    (reply,), _ = chat.run(ActionAskHuman, "je veux parler à quelqu'un", "ask_human")
    assert "conseil départemental de l’Ordre" in reply.text
    assert reply.buttons == ()
    assert not any(character.isdigit() for character in reply.text)  # no number that could be wrong
    chat.events.append(user("une question de droit", "question"))
    (reply,), _ = chat.run(ActionAskHuman, "un humain", "ask_human")
    assert [button.payload for button in reply.buttons] == ["/hand_off"]


def test_an_answer_is_rated_then_a_reason_given(chat: Chat, database_url: str) -> None:
    from bot.dialogue import feedback

    answered = Reply(kind="answer", text="Oui.", feedback=feedback.buttons("hds", 1))
    asked = chat.press(ActionRate, answered, "Pas utile")
    (row,) = rows(database_url, "feedback")
    assert (row["fiche_id"], row["version"], bool(row["useful"]), row["reason"]) == ("hds", 1, False, None)
    assert (row["subject"], row["channel"]) == (SUBJECT, "widget")
    assert len(asked.buttons) == 5
    noted = chat.press(ActionRate, asked, "Je pense")
    assert "articles cités" in noted.text
    (row,) = rows(database_url, "feedback")
    assert row["reason"] == "inexacte"
    assert chat.press(ActionRate, answered, "Utile").text.startswith("Merci")
    (row,) = rows(database_url, "feedback")
    assert (bool(row["useful"]), row["reason"]) == (True, None)


def test_a_rating_in_words_is_of_the_last_answer(chat: Chat, database_url: str) -> None:
    (reply,), _ = chat.run(ActionRate, "pas utile", "rate_not_useful")
    assert "De quelle réponse" in reply.text
    chat.events.append({"event": "slot", "name": "fiche", "value": "hds"})
    (reply,), _ = chat.run(ActionRate, "pas utile", "rate_not_useful")
    assert reply.kind == "question"
    (reply,), _ = chat.run(ActionRate, "c'était utile", "rate_useful")
    assert [(row["fiche_id"], bool(row["useful"])) for row in rows(database_url, "feedback")] == [
        ("hds", True)
    ]


@pytest.mark.parametrize("version", ["7", "0", "x", "-1", "9" * 40])
def test_a_version_that_was_never_published_cannot_be_rated(
    chat: Chat, database_url: str, version: str
) -> None:
    chat.run(ActionRate, "", "rate", fiche="hds", version=version, useful="yes")
    chat.run(ActionRate, "", "rate", fiche="inconnue", version="1", useful="yes")
    assert rows(database_url, "feedback") == []


def test_what_is_held_is_said_exactly_then_erased(chat: Chat, database_url: str) -> None:
    (nothing,), _ = chat.run(ActionMyData, "quelles données avez-vous ?", "ask_my_data")
    assert "Rien d’autre" in nothing.text
    chat.events.append(user("une question de droit", "question"))
    chat.run(ActionPassQuestion, "oui", "affirm")
    reference = str(chat.inbox.leave_address(SUBJECT, "anne@exemple.fr"))
    chat.inbox.rate(Origin(SUBJECT, "matrix"), "hds", 1, useful=True)
    other = Origin("b" * 32, "widget")
    chat.inbox.pass_question(other, "celle d’un autre", consent="c", wants_reply=False)

    (held,), _ = chat.run(ActionMyData, "que savez-vous de moi ?", "ask_my_data")
    for expected in (reference, "une question de droit", "a•••@exemple.fr", "«\u00a0hds\u00a0», version 1"):
        assert expected in held.text
    assert "anne@" not in held.text
    assert "un autre" not in held.text

    (asked,), events = chat.run(ActionDeleteMyData, "supprimez mes données", "delete_my_data")
    assert (asked.erased, events) == (False, [])
    assert reference in asked.text
    assert len(rows(database_url, "passed_questions")) == 2

    (erased,), events = chat.run(ActionEraseData, "", "erase_data")
    assert erased.erased
    assert "1 adresse électronique" in erased.text
    assert [(e["event"], e["name"], e["value"]) for e in events] == [("slot", "erased_subject", SUBJECT)]
    assert [row["text"] for row in rows(database_url, "passed_questions")] == ["celle d’un autre"]
    assert rows(database_url, "reply_addresses") == rows(database_url, "feedback") == []


def test_without_a_base_nothing_is_said_to_be_done(tmp_path: object) -> None:
    url = f"sqlite:///{tmp_path}/absente.db"
    chat = Chat(open_base(url), open_inbox(url), [user("une question", "question")])
    for action, intent in [
        (ActionPassQuestion, "pass_question"),
        (ActionEraseData, "erase_data"),
        (ActionMyData, "ask_my_data"),
    ]:
        (reply,), events = chat.run(action, "", intent)
        assert reply.kind == "unavailable"
        assert "inaccessible" in reply.text
        assert (reply.erased, events) == (False, [])
