"""The actions of a diagnosis, called in turn as Rasa's form calls them, at a fixed hour."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from knowledge_samples import fresh_base
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.diagnostic import (
    ActionAskDiagnosticDone,
    ActionConcludeDiagnostic,
    DiagnosticAction,
    ValidateDiagnosticForm,
)
from bot.diagnostics.dates import PARIS
from bot.diagnostics.parse import load_sources
from bot.dialogue.diagnostic import DONE_SLOT, FORM, STATE_SLOT, invite
from bot.dialogue.reply import Reply
from bot.knowledge import KnowledgeBase, open_base

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=PARIS)
FOLDER = Path(__file__).parents[2] / "data" / "diagnostics"
KNOWN = {s.diagnostic.id: s.diagnostic for s in load_sources(FOLDER) if s.diagnostic is not None}
SURE = {
    "questions": [
        {"text": "?", "candidates": [{"fiche": "f", "probability": 0.95}], "coverage": 1.0, "words": 5}
    ]
}


@dataclass
class Chat:
    """What Rasa does of a form: validate, then ask or end; rules answer what the form leaves to them."""

    base: KnowledgeBase
    slots: dict[str, Any] = field(default_factory=dict)
    active: bool = False
    rejected: bool = False

    def _run(self, action: type[DiagnosticAction], events: list[dict[str, Any]]) -> tuple[list[Reply], Any]:
        loop = {"name": FORM} if self.active else {}
        latest = next(e for e in reversed(events) if e["event"] == "user")["parse_data"]
        tracker = Tracker("sender", self.slots, latest, events, False, None, loop, FORM)
        dispatcher = CollectingDispatcher()
        made = action(self.base, lambda: NOW, KNOWN)
        returned = asyncio.run(made.run(dispatcher, tracker, {}))
        for event in returned:
            self.slots[event["name"]] = event["value"]
        return [msgspec.convert(m["custom"], Reply) for m in dispatcher.messages], returned

    def say(self, text: str, intent: str = "question", match: Any = None, **entities: str) -> list[Reply]:
        """The Replies to one message; none when the form gives way (`rejected`)."""
        parsed = {
            "text": text,
            "intent": {"name": intent},
            "entities": [{"entity": name, "value": value} for name, value in entities.items()],
            "match": match,
        }
        user = {"event": "user", "text": text, "parse_data": parsed}
        events = [user, {"event": "action", "name": FORM}]
        requested = self.active
        self.active = True
        replies, returned = self._run(ValidateDiagnosticForm, events)
        self.rejected = requested and not any(e["name"] != "requested_slot" for e in returned)
        if self.rejected:
            return replies
        asked_none = any(e["name"] == "requested_slot" and e["value"] is None for e in returned)
        if asked_none or self.slots.get(DONE_SLOT):
            self.active, self.slots["requested_slot"] = False, None
            return replies + self._run(ActionConcludeDiagnostic, events)[0]
        self.slots["requested_slot"] = DONE_SLOT
        return replies + self._run(ActionAskDiagnosticDone, events)[0]

    def resume(self, text: str) -> list[Reply]:
        """The form after another action answered `text`."""
        parsed = {"text": text, "intent": {"name": "question"}, "entities": []}
        events = [
            {"event": "user", "text": text, "parse_data": parsed},
            {"event": "action", "name": "action_answer"},
            {"event": "action", "name": FORM},
        ]
        validated, returned = self._run(ValidateDiagnosticForm, events)
        assert not validated and not returned
        return self._run(ActionAskDiagnosticDone, events)[0]


@pytest.fixture
def chat(sqlite_url: str) -> Chat:
    """A conversation over an empty, readable base."""
    return Chat(fresh_base(sqlite_url))


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_a_diagnosis_is_walked_to_its_conclusion(chat: Chat) -> None:
    (first,) = chat.say("suis-je en règle ?", "diagnostic_suis_je_en_regle")
    assert first.kind == "question"
    assert first.progress is not None
    assert (first.progress.title, first.progress.step, first.progress.of) == ("Suis-je en règle ?", 1, 5)
    assert [b.title for b in first.buttons] == ["Oui", "Non"]
    chat.say("non")
    chat.say("au cabinet")
    (end,) = chat.say("toutes")
    assert (end.kind, end.fiche, end.title) == ("answer", None, "Suis-je en règle ?")
    assert "pas de certificat à exiger" in _plain(end.summary or "")
    assert end.steps and end.caveats and end.citations
    assert end.review is not None and end.review.status == "non_relu"
    assert "[" not in (end.summary or "")
    assert chat.slots[STATE_SLOT] is None and chat.slots[DONE_SLOT] is None


def test_buttons_answer_go_back_confirm_and_leave(chat: Chat) -> None:
    (first,) = chat.say("nous avons été piratés, guidez-moi", "diagnostic_incident")
    assert "D’après votre message" in first.text
    pressed = first.buttons[1].payload
    assert pressed == '/diagnostic_choice{"choice": "incident.systeme.prestataire"}'
    (second,) = chat.say(pressed, "diagnostic_choice", choice="incident.systeme.prestataire")
    assert "assurance" in second.text
    chat.say("x", "diagnostic_choice", choice="incident.assurance.non")
    chat.say("x", "diagnostic_choice", choice="incident.structure.cabinet")
    (asked,) = chat.say("hier soir")
    assert "J’ai compris : **vendredi 27/11/2026 à 18 h**" in _plain(asked.text)
    assert [b.title for b in asked.buttons] == ["Oui", "Non, une autre date"]
    (risk,) = chat.say("x", "diagnostic_choice", choice="incident.decouverte.oui")
    assert "risque" in risk.text
    (again,) = chat.say("x", "diagnostic_choice", choice="incident.risque.retour")
    assert "Quand l’avez-vous appris" in again.text
    (left,) = chat.say("x", "diagnostic_choice", choice="incident.decouverte.arret")
    assert left.kind == "notice"
    assert not chat.active


def test_an_old_button_corrects_an_earlier_answer(chat: Chat) -> None:
    chat.say("x", "diagnostic_suis_je_en_regle")
    chat.say("non")
    chat.say("chez mon éditeur")
    (reply,) = chat.say("x", "diagnostic_choice", choice="suis-je-en-regle.hebergement.cabinet")
    assert reply.text.startswith("C’est corrigé")
    assert "mesures" in reply.text


def test_a_question_in_between_gives_way_then_is_asked_again(chat: Chat) -> None:
    chat.say("x", "diagnostic_suis_je_en_regle")
    assert chat.say("dois-je prévenir mes patients après une fuite ?", match=SURE) == []
    assert chat.rejected
    (again,) = chat.resume("dois-je prévenir mes patients après une fuite ?")
    assert again.text.startswith("Reprenons.")
    assert "incident" in again.text


@pytest.mark.parametrize("intent", ["greet", "thank", "help", "ask_article", "ask_human"])
def test_what_is_no_answer_is_left_to_the_rules(chat: Chat, intent: str) -> None:
    chat.say("x", "diagnostic_suis_je_en_regle")
    assert chat.say("bonjour à vous", intent) == []
    assert chat.rejected


def test_an_answer_is_an_answer_whatever_the_intent_it_resembles(chat: Chat) -> None:
    chat.say("x", "diagnostic_suis_je_en_regle")
    (reply,) = chat.say("non", "thank")
    assert "Où sont conservés" in reply.text
    (reply,) = chat.say("dans le cloud de mon éditeur", "question", match=SURE)
    assert "certificat" in reply.text


def test_after_two_misunderstandings_a_way_out_is_offered(chat: Chat) -> None:
    chat.say("x", "diagnostic_suis_je_en_regle")
    (once,) = chat.say("gloubi boulga")
    assert [b.title for b in once.buttons] == ["Oui", "Non"]
    (twice,) = chat.say("gloubi boulga")
    assert [b.title for b in twice.buttons] == ["Oui", "Non", "Question précédente", "Arrêter"]
    assert "« stop »" in _plain(twice.text)


@pytest.mark.parametrize("text", ["stop", "laissez tomber", "annuler"])
def test_one_may_leave_midway(chat: Chat, text: str) -> None:
    chat.say("x", "diagnostic_suis_je_en_regle")
    (reply,) = chat.say(text)
    assert "J’arrête là" in reply.text
    assert not chat.active
    assert chat.slots[STATE_SLOT] is None


def test_goodbye_leaves_too(chat: Chat) -> None:
    chat.say("x", "diagnostic_suis_je_en_regle")
    (reply,) = chat.say("au revoir", "goodbye")
    assert "J’arrête là" in reply.text


def test_another_diagnosis_takes_over(chat: Chat) -> None:
    chat.say("x", "diagnostic_suis_je_en_regle")
    left, first = chat.say("je pars à la retraite", "diagnostic_retraite")
    assert "Suis-je en règle" in left.text
    assert first.progress is not None
    assert first.progress.title == "Je pars à la retraite"


def test_without_a_base_no_law_is_given_and_nothing_is_lost(tmp_path: Path) -> None:
    chat = Chat(open_base(f"sqlite:///{tmp_path / 'absente.db'}"))
    chat.say("x", "diagnostic_suis_je_en_regle")
    chat.say("non")
    chat.say("au cabinet")
    (reply,) = chat.say("toutes")
    assert reply.kind == "unavailable"
    assert not reply.citations
    assert [b.payload for b in reply.buttons] == ["/diagnostic_suis_je_en_regle"]
    chat.base = fresh_base(f"sqlite:///{tmp_path / 'base' / 'maitre.db'}")
    (end,) = chat.say(reply.buttons[0].payload, "diagnostic_suis_je_en_regle")
    assert end.kind == "answer"


@pytest.mark.parametrize(
    "forged",
    [
        None,
        "0[",
        {"state": {"diagnostic": "absent"}, "act": "answered"},
        {"state": {"diagnostic": "incident", "answers": "x"}, "act": "answered"},
        {"state": {"diagnostic": "incident"}, "act": "answered", "more": 1},
    ],
)
def test_a_forged_or_lost_state_ends_the_form_politely(chat: Chat, forged: Any) -> None:
    chat.active = True
    chat.slots = {STATE_SLOT: forged, "requested_slot": DONE_SLOT}
    (reply,) = chat.say("oui")
    assert reply.kind == "notice"
    assert not chat.active


@pytest.mark.parametrize(
    "choice", ["incident", "incident.nature", "a.b.c", "incident.nature.absente", "...", ""]
)
def test_a_forged_button_changes_nothing(chat: Chat, choice: str) -> None:
    chat.say("x", "diagnostic_incident")
    before = chat.slots[STATE_SLOT]["state"]["answers"]
    chat.say("x", "diagnostic_choice", choice=choice)
    assert chat.slots[STATE_SLOT]["state"]["answers"] == before


def test_a_fiche_on_the_subject_offers_the_diagnosis() -> None:
    reply = Reply(kind="answer", text="…", fiche="notification-cnil-72h")
    offered = invite(reply, KNOWN.values())
    assert [b.payload for b in offered.buttons] == ["/diagnostic_incident"]
    assert "Faire le point" in offered.buttons[0].title
    other = Reply(kind="answer", text="…", fiche="cotisation-impayee-risques")
    assert invite(other, KNOWN.values()) == other


def test_a_dialogue_held_anew_reads_dates_from_its_own_day() -> None:
    action = ActionConcludeDiagnostic(None, lambda: NOW, KNOWN)
    for metadata, moment in (
        ({}, NOW),
        ({"at": "2027-02-01T08:00:00+01:00"}, datetime(2027, 2, 1, 8, tzinfo=PARIS)),
    ):
        tracker = Tracker("sender", {}, {"metadata": metadata}, [], False, None, {}, FORM)
        assert action.moment(tracker) == moment


def test_a_yes_that_sounds_like_another_diagnosis_is_a_reply(chat: Chat) -> None:
    chat.say("je prends ma retraite", intent="diagnostic_retraite")
    for text in ("en libéral, secteur 2", "non", "seul", "non", "le 30 septembre 2027"):
        chat.say(text)
    (asked,) = chat.say("oui, quelques remplacements", intent="diagnostic_remplacement")
    assert asked.title == "Je pars à la retraite"
    assert chat.active
