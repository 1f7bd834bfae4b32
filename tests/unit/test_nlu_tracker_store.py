"""Conversations are forgotten in time, and Rasa really uses our store."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import read_endpoints_from_path
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from bot.nlu.tracker_store import ShortMemoryTrackerStore

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


def test_rasa_makes_our_store_from_the_endpoints() -> None:
    # Rasa falls back to another store, with one line in the log, when it cannot import this one.
    endpoints = read_endpoints_from_path(str(ROOT / "endpoints.yml"))
    store = TrackerStore.create(endpoints.tracker_store, Domain.empty())
    assert isinstance(store, ShortMemoryTrackerStore) or isinstance(
        getattr(store, "_tracker_store", None), ShortMemoryTrackerStore
    )
