"""The actions of the dialogue on a tracker as Rasa hands it: what they remember, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from knowledge_samples import REGISTER, fiche, fresh_base
from rasa_sdk import Tracker

from actions.answer import ActionAnswer
from actions.precise import ActionPrecise
from actions.show_fiche import ActionShowFiche
from bot.fiches.model import Option, Precision
from bot.knowledge import KnowledgeBase, publish

QUESTION = Precision("Qui\u00a0?", (Option("Un tiers", ("cloud",), "A."), Option("Moi", ("moi",), "B.")))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    with closing(fresh_base(f"sqlite:///{tmp_path_factory.mktemp('base') / 'maitre.db'}")) as fresh:
        publish(fresh, [fiche("hds", precisions=(QUESTION,), relances=())], REGISTER)
        yield fresh


class Talk:
    """A conversation: keeps slots and events as Rasa would, at a time of our own."""

    def __init__(self, base: KnowledgeBase) -> None:
        self.base = base
        self.slots: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []
        self.now = 1_000.0

    def say(
        self,
        text: str,
        intent: str,
        action: type[ActionAnswer] = ActionAnswer,
        *,
        loop: str | None = None,
        entities: dict[str, str] | None = None,
        **candidates: float,
    ) -> list[str]:
        """Kinds of the replies to `text`; their slots are kept."""
        self.now += 1
        found = [{"fiche": f, "probability": p} for f, p in candidates.items()]
        latest = {
            "text": text,
            "intent": {"name": intent},
            "entities": [{"entity": k, "value": v} for k, v in (entities or {}).items()],
            "match": {"questions": [{"text": text, "candidates": found, "coverage": 1.0, "words": 4}]},
        }
        self.events.append({"event": "user", "timestamp": self.now, **latest})
        tracker = Tracker(
            "a", dict(self.slots), latest, list(self.events), False, None, {"name": loop} if loop else {}, "x"
        )
        replies, events = action(self.base).replies(tracker)
        followed = [event["name"] for event in events if event["event"] == "followup"]
        assert followed == ([] if loop else ["action_listen"]), "a form goes on, all else waits"
        for event in events:
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
            self.events.append({**event, "timestamp": self.now})
        return [reply.kind for reply in replies]


@pytest.fixture
def talk(base: KnowledgeBase) -> Talk:
    return Talk(base)


def test_an_answer_is_remembered_with_the_question_asked(talk: Talk) -> None:
    assert talk.say("certificat obligatoire ?", "question", hds=0.9) == ["answer", "question"]
    assert talk.slots == {"fiche": "hds", "precision": "hds ?"}
    assert talk.say("moi", "out_of_domain") == ["answer"]
    assert talk.slots == {"fiche": "hds", "precision": None}


def test_a_follow_up_leaves_the_question_waiting_then_it_fades(talk: Talk) -> None:
    talk.say("certificat obligatoire ?", "question", hds=0.9)
    assert talk.say("quel article ?", "ask_source") == ["answer"]
    assert talk.slots["precision"] == "hds ?"
    talk.say("merci", "thank")
    talk.say("merci", "thank")
    assert talk.slots["precision"] is None


@pytest.mark.parametrize(("seconds", "kind"), [(590, "answer"), (620, "notice")])
def test_the_context_fades_after_ten_minutes(talk: Talk, seconds: int, kind: str) -> None:
    talk.say("certificat obligatoire ?", "question", hds=0.9)
    talk.now += seconds
    assert talk.say("quel article ?", "ask_source") == [kind]


def test_use_keeps_the_context_longer(talk: Talk) -> None:
    talk.say("certificat obligatoire ?", "question", hds=0.9)
    for _ in range(4):
        talk.now += 400
        assert talk.say("quel article ?", "ask_source") == ["answer"]


def test_letting_go_empties_the_slots(talk: Talk) -> None:
    talk.say("certificat obligatoire ?", "question", hds=0.9)
    talk.say("laissez tomber", "stop")
    assert set(talk.slots.values()) == {None}
    assert talk.say("quel article ?", "ask_source") == ["notice"]


def test_in_a_form_nothing_is_asked(talk: Talk) -> None:
    assert talk.say("certificat obligatoire ?", "question", loop="form", hds=0.9) == ["answer"]
    assert talk.slots == {"fiche": "hds"}


def test_buttons_name_the_fiche_and_the_case(talk: Talk) -> None:
    shown = {"fiche": "hds"}
    assert talk.say("/show_fiche{}", "show_fiche", ActionShowFiche, entities=shown) == ["answer", "question"]
    case = {"fiche": "hds", "choix": "0"}
    assert talk.say("/precise{}", "precise", ActionPrecise, entities=case) == ["answer"]
    unknown = {"fiche": "retiree"}
    assert talk.say("/show_fiche{}", "show_fiche", ActionShowFiche, entities=unknown) == ["not_covered"]
