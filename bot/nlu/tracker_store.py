"""Rasa's conversations: kept for a short time, and erased when their author asks.

No endpoint of Rasa deletes a conversation, and its own in-memory store keeps each until the process ends.
An action that sets the slot `ERASED_SLOT` to a subject (`bot.inbox.origin`) has these stores drop every
conversation of that subject, the running one included.

They keep what later messages need. What the bot said is a fiche several times over, and was sent; the
candidates of a question were decided upon: Rasa would read, copy and send them to the action server again at
every message that follows.
"""

from __future__ import annotations

import copy
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore
from rasa.shared.core.conversation import Dialogue
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

ERASED_SLOT = "erased_subject"

_ONCE = frozenset({"match", "intent_ranking", "text_tokens"})
"""Parts of a message's understanding that only its own answer needs."""


def erased_subject(tracker: DialogueStateTracker) -> str | None:
    """The subject whose conversations are to be dropped, if an action just said so."""
    return tracker.get_slot(ERASED_SLOT) if ERASED_SLOT in tracker.slots else None


def lightened(tracker: DialogueStateTracker) -> DialogueStateTracker:
    """`tracker` as it is kept: without what the bot said, nor the candidates, other intents and places of
    words of past messages."""
    kept = copy.copy(tracker)
    kept.events = deque(map(_lightened, tracker.events), tracker.events.maxlen)
    return kept


def _lightened(event: Event) -> Event:
    if isinstance(event, BotUttered) and (event.text or event.data):
        return BotUttered(metadata=event.metadata, timestamp=event.timestamp)
    if isinstance(event, UserUttered) and event.parse_data and not _ONCE.isdisjoint(event.parse_data):
        light = copy.copy(event)
        light.parse_data = {k: v for k, v in event.parse_data.items() if k not in _ONCE}
        return light
    return event


class ShortMemoryTrackerStore(InMemoryTrackerStore):
    """In memory: forgets a conversation silent for `max_idle` seconds, and the oldest beyond
    `max_conversations`.

    Keeps events as they are, since reading them back from text takes Rasa longer than what it does with them.
    """

    def __init__(
        self,
        domain: Domain,
        event_broker: EventBroker | None = None,
        max_conversations: int = 10_000,
        max_idle: float = 3600.0,
        clock: Callable[[], float] = time.monotonic,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self._max_conversations = max_conversations
        self._max_idle = max_idle
        self._clock = clock
        self._saved: OrderedDict[str, float] = OrderedDict()
        self.store: dict[str, tuple[Event, ...]] = {}

    def deserialise_tracker(self, sender_id: str, serialised_tracker: Any) -> DialogueStateTracker:
        """The conversation whose events were kept."""
        tracker: DialogueStateTracker = self.init_tracker(sender_id)
        tracker.recreate_from_dialogue(Dialogue(sender_id, list(serialised_tracker)))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Saves the conversation, or erases its subject's; forgets those past their time."""
        subject = erased_subject(tracker)
        if subject is not None:
            for sender in [s for s in self._saved if s == subject or s.startswith(f"{subject}-")]:
                self._forget(sender)
            self._forget(tracker.sender_id)
            return
        await self.stream_events(tracker)
        self.store[tracker.sender_id] = tuple(lightened(tracker).events)
        now = self._clock()
        self._saved[tracker.sender_id] = now
        self._saved.move_to_end(tracker.sender_id)
        while self._saved:
            oldest, saved = next(iter(self._saved.items()))
            if len(self._saved) <= self._max_conversations and now - saved <= self._max_idle:
                break
            self._forget(oldest)

    def _forget(self, sender: str) -> None:
        self._saved.pop(sender, None)
        self.store.pop(sender, None)


class ShortMemorySQLTrackerStore(SQLTrackerStore):
    """In a database, for several Rasa servers: deletes conversations silent for `max_idle` seconds, at most
    every `sweep` seconds. Takes the options of Rasa's own `SQL` store (dialect, url, db, username…)."""

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        max_idle: float = 3600.0,
        sweep: float = 60.0,
        clock: Callable[[], float] = time.time,
        **kwargs: Any,
    ) -> None:
        # `host` is named because Rasa passes the `url` of endpoints.yml by that name.
        super().__init__(domain=domain, host=host, event_broker=event_broker, **kwargs)
        self._max_idle = max_idle
        self._sweep = sweep
        self._clock = clock
        self._swept = float("-inf")

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Saves the conversation, or erases its subject's; now and then deletes those past their time."""
        subject = erased_subject(tracker)
        if subject is None:
            await super().save(lightened(tracker))
            self._delete_silent()
            return
        sender = self.SQLEvent.sender_id
        self._delete(
            sa.or_(
                sender.in_([subject, tracker.sender_id]),
                sender.startswith(f"{subject}-", autoescape=True),
            )
        )

    def _delete_silent(self) -> None:
        now = self._clock()
        if now - self._swept < self._sweep:
            return
        self._swept = now
        event = self.SQLEvent
        silent = (
            sa.select(event.sender_id)
            .group_by(event.sender_id)
            .having(sa.func.max(event.timestamp) < now - self._max_idle)
        )
        self._delete(event.sender_id.in_(silent))

    def _delete(self, condition: Any) -> None:
        with self.session_scope() as session:
            session.execute(
                sa.delete(self.SQLEvent).where(condition).execution_options(synchronize_session=False)
            )
            session.commit()
