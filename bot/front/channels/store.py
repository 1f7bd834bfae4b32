"""What survives a crash of a channel: events until they are answered, memories of conversations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.engine import URL

from bot.front.channels.models import ChannelEventRow, ChannelMemoryRow
from bot.knowledge import engine
from bot.knowledge.recorder import Recorder

KEPT = timedelta(days=7)
"""How long an answered event is told from a new one: messengers redeliver for a day at most."""

REMEMBERED = timedelta(days=90)
"""How long a silent conversation is remembered: its buttons, and that it was greeted."""


class Body(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event as it is kept: its text masked (`kinds`: what was), or refused on arrival (`refusal`, what is
    said of it)."""

    text: str | None = None
    button: str | None = None
    kinds: tuple[str, ...] = ()
    refusal: str | None = None


@dataclass(slots=True)
class Pending:
    """An event not wholly answered, and how far it is.

    `messages`: its answer once known, of which `sent` are gone out; `memory`: what that answer leaves
    remembered; `stored`: whether both are written down.
    """

    key: str
    session: str
    address: str
    body: Body
    received_at: datetime
    messages: tuple[str, ...] | None = None
    memory: str | None = None
    stored: bool = False
    sent: int = 0


class ChannelStore(Recorder):
    """The records of one channel. Every method raises `KnowledgeUnavailable` when the base is away."""

    def __init__(
        self, url: URL, channel: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(url)
        self._channel = channel
        self._clock = clock

    def receive(self, key: str, session: str, address: str, body: Body) -> Pending | None:
        """Write an event down; None when it is known already."""
        now = self._clock()
        with self._transaction() as db:
            if db.execute(select(ChannelEventRow.id).where(ChannelEventRow.key == key)).first():
                return None
            db.add(
                ChannelEventRow(
                    key=key,
                    channel=self._channel,
                    session=session,
                    address=address,
                    body=msgspec.json.encode(body).decode(),
                    sent=0,
                    received_at=now,
                )
            )
        return Pending(key, session, address, body, now)

    def pending(self) -> list[Pending]:
        """The events not wholly answered, in the order of arrival."""
        unfinished = (ChannelEventRow.channel == self._channel) & ChannelEventRow.finished_at.is_(None)
        with self._transaction() as db:
            rows = db.execute(select(ChannelEventRow).where(unfinished).order_by(ChannelEventRow.id))
            return [
                Pending(
                    row.key,
                    row.session,
                    row.address,
                    msgspec.json.decode(row.body, type=Body),
                    row.received_at,
                    messages=None if row.messages is None else tuple(msgspec.json.decode(row.messages)),
                    stored=row.messages is not None,
                    sent=row.sent,
                )
                for row in rows.scalars()
            ]

    def memory(self, session: str) -> str | None:
        """What is remembered of a conversation."""
        with self._transaction() as db:
            row = db.get(ChannelMemoryRow, session)
            return None if row is None else str(row.content)

    def answered(self, event: Pending) -> None:
        """Keep an event's messages, and its memory (None: forget the conversation), as one; drop its text."""
        with self._transaction() as db:
            self._set(db, event.key, messages=msgspec.json.encode(event.messages).decode(), body="{}")
            if event.memory is None:
                db.execute(delete(ChannelMemoryRow).where(ChannelMemoryRow.session == event.session))
            else:
                db.merge(
                    ChannelMemoryRow(
                        session=event.session,
                        channel=self._channel,
                        content=event.memory,
                        used_at=self._clock(),
                    )
                )

    def sent(self, key: str, count: int) -> None:
        """Note that the first `count` messages of an answer are gone out."""
        with self._transaction() as db:
            self._set(db, key, sent=count)

    def finish(self, key: str) -> None:
        """Nothing is left to do for an event: only its key is kept."""
        with self._transaction() as db:
            self._set(
                db, key, session=None, address=None, body=None, messages=None, finished_at=self._clock()
            )

    def forget(self, session: str) -> None:
        """Drop what is remembered of a conversation."""
        with self._transaction() as db:
            db.execute(delete(ChannelMemoryRow).where(ChannelMemoryRow.session == session))

    def purge(self) -> None:
        """Delete what is past its time."""
        now = self._clock()
        with self._transaction() as db:
            db.execute(delete(ChannelEventRow).where(ChannelEventRow.finished_at < now - KEPT))
            db.execute(delete(ChannelMemoryRow).where(ChannelMemoryRow.used_at < now - REMEMBERED))

    @staticmethod
    def _set(db: Any, key: str, **values: object) -> None:
        db.execute(update(ChannelEventRow).where(ChannelEventRow.key == key).values(**values))


def open_store(url: str, channel: str) -> ChannelStore:
    """The records of `channel` in the base at `url`. Raises `DatabaseUrlError`."""
    return ChannelStore(engine.parse_url(url), channel)
