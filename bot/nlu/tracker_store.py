"""Conversations kept in memory only, few and not for long: what a doctor wrote leaves with its use.

Rasa's own in-memory store keeps every conversation until the process ends.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker


class ShortMemoryTrackerStore(InMemoryTrackerStore):
    """Forgets a conversation silent for `max_idle` seconds, and the oldest beyond `max_conversations`."""

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

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Saves the conversation and forgets those past their time."""
        await super().save(tracker)
        now = self._clock()
        self._saved[tracker.sender_id] = now
        self._saved.move_to_end(tracker.sender_id)
        while self._saved:
            oldest, saved = next(iter(self._saved.items()))
            if len(self._saved) <= self._max_conversations and now - saved <= self._max_idle:
                break
            del self._saved[oldest]
            self.store.pop(oldest, None)
