"""Conversations are forgotten in time, and Rasa really uses our store."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import read_endpoints_from_path
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import create_engine

from actions import rights
from bot.nlu.tracker_store import ERASED_SLOT, ShortMemorySQLTrackerStore, ShortMemoryTrackerStore

ROOT = Path(__file__).parents[2]


def _tracker(sender: str) -> DialogueStateTracker:
    return DialogueStateTracker(sender, [])


@pytest.mark.filterwarnings("ignore")
async def test_silent_and_surplus_conversations_are_forgotten() -> None:
    now = 0.0
    store = ShortMemoryTrackerStore(Domain.empty(), max_conversations=2, max_idle=60.0, clock=lambda: now)
    await store.save(_tracker("a"))
    await store.save(_tracker("b"))
    await store.save(_tracker("c"))
    assert set(await store.keys()) == {"b", "c"}
    now = 50.0
    await store.save(_tracker("b"))
    now = 61.0
    await store.save(_tracker("b"))
    assert set(await store.keys()) == {"b"}


@pytest.mark.filterwarnings("ignore")
async def test_a_conversation_comes_back_as_it_was_but_for_what_only_its_own_answer_needed() -> None:
    asked = UserUttered(
        "mon hébergeur ?",
        intent={"name": "question", "confidence": 0.9},
        entities=[{"entity": "article", "value": "CSP L1111-8"}],
        parse_data={
            "text": "mon hébergeur ?",
            "intent": {"name": "question", "confidence": 0.9},
            "entities": [{"entity": "article", "value": "CSP L1111-8"}],
            "intent_ranking": [{"name": "question", "confidence": 0.9}],
            "match": {"questions": []},
        },
        timestamp=1000.0,
    )
    said = BotUttered("Oui.", {"custom": {"kind": "answer", "text": "Oui."}}, timestamp=1001.0)
    events = [asked, ActionExecuted("action_answer"), SlotSet("fiche", "hds", timestamp=1000.5), said]
    tracker = DialogueStateTracker.from_events("a", events, DOMAIN.slots)
    store = ShortMemoryTrackerStore(DOMAIN)
    await store.save(tracker)
    # The tracker in use is left whole.
    assert tracker.latest_message is not None and "match" in tracker.latest_message.parse_data
    assert (said.text, said.data["custom"]["kind"]) == ("Oui.", "answer")

    again = await store.retrieve("a")
    assert again is not None
    assert [type(event) for event in again.events] == [type(event) for event in events]
    assert [event.timestamp for event in again.events] == [event.timestamp for event in events]
    assert again.get_slot("fiche") == "hds"
    assert again.latest_action_name == "action_answer"
    latest = again.latest_message
    assert latest is not None
    assert (latest.text, latest.intent_name) == ("mon hébergeur ?", "question")
    assert latest.entities == asked.entities
    assert set(latest.parse_data) == set(asked.parse_data) - {"match", "intent_ranking"}
    bot = again.events[-1]
    assert isinstance(bot, BotUttered)
    assert (bot.text, bot.data) == (None, {}), "what the bot said was sent, and nobody reads it here"

    again.update(SlotSet("fiche", "autre"))
    kept = await store.retrieve("a")
    assert kept is not None and kept.get_slot("fiche") == "hds", "what is not saved is not kept"


def test_the_action_and_the_stores_mean_the_same_slot() -> None:
    assert rights.ERASED_SLOT == ERASED_SLOT
    assert ERASED_SLOT in {slot.name for slot in DOMAIN.slots}


def test_rasa_makes_our_store_from_the_endpoints() -> None:
    # Rasa falls back to another store, with one line in the log, when it cannot import this one.
    endpoints = read_endpoints_from_path(str(ROOT / "endpoints.yml"))
    store = TrackerStore.create(endpoints.tracker_store, Domain.empty())
    assert isinstance(store, ShortMemoryTrackerStore) or isinstance(
        getattr(store, "_tracker_store", None), ShortMemoryTrackerStore
    )


DOMAIN = Domain.load(str(ROOT / "domain.yml"))
SUBJECT = "f" * 32


def _said(sender: str, *events: Event, at: float = 1000.0) -> DialogueStateTracker:
    said = UserUttered("mon hébergeur ?", intent={"name": "question"}, timestamp=at)
    return DialogueStateTracker.from_events(sender, [said, *events], DOMAIN.slots)


ERASE = SlotSet(ERASED_SLOT, SUBJECT)


@pytest.mark.filterwarnings("ignore")
async def test_erasure_drops_every_conversation_of_the_subject() -> None:
    store = ShortMemoryTrackerStore(DOMAIN)
    for sender in (f"{SUBJECT}-1", f"{SUBJECT}-2", "e" * 32 + "-1", f"{SUBJECT}0"):
        await store.save(_said(sender))
    await store.save(_said(f"{SUBJECT}-2", ERASE))
    assert set(await store.keys()) == {"e" * 32 + "-1", f"{SUBJECT}0"}
    await store.save(_said(f"{SUBJECT}-2"))
    tracker = await store.retrieve(f"{SUBJECT}-2")
    assert tracker is not None
    assert tracker.get_slot(ERASED_SLOT) is None


def _rows(url: str) -> list[str]:
    engine = create_engine(url)
    try:
        return [row.sender_id for row in engine.execute("SELECT sender_id FROM events ORDER BY sender_id")]
    finally:
        engine.dispose()


@pytest.mark.filterwarnings("ignore")
async def test_in_a_database_erasure_and_silence_delete_the_rows(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    now = 1000.0
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text(
        f"tracker_store:\n  type: bot.nlu.tracker_store.ShortMemorySQLTrackerStore\n  url: {database_url}\n"
    )
    # As Rasa makes it from a host's endpoints.yml.
    wrapped = TrackerStore.create(read_endpoints_from_path(str(endpoints)).tracker_store, DOMAIN)
    store = getattr(wrapped, "_tracker_store", wrapped)
    assert isinstance(store, ShortMemorySQLTrackerStore)
    store._clock = lambda: now
    for sender in (f"{SUBJECT}-1", f"{SUBJECT}-2", "e-1", f"{SUBJECT}0"):
        await store.save(_said(sender))
    await store.save(_said(f"{SUBJECT}-2", ERASE))
    assert _rows(database_url) == ["e-1", f"{SUBJECT}0"]
    await store.save(_said("under_score", SlotSet(ERASED_SLOT, "_")))  # no wildcard
    assert _rows(database_url) == ["e-1", f"{SUBJECT}0"]
    now = 4000.0
    await store.save(_said("e-1", SlotSet("fiche", "hds"), at=4000.0))
    assert f"{SUBJECT}0" in _rows(database_url)
    now = 4601.0
    await store.save(_said("e-2", at=4601.0))
    assert set(_rows(database_url)) == {"e-1", "e-2"}
    store.engine.dispose()
