"""What a channel is: it receives events, presents Replies, sends messages. The rest is the dispatcher's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.dialogue.reply import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What someone did in a chat: wrote a `text`, or pressed the `button` with that token. Neither: they
    sent what cannot be read (a voice message, a photo).

    `key` is the channel's own name of the event, the same each time it is delivered; `conversation` names
    the chat, or the person in a chat of several, and is never stored; `address` is whatever `Channel.send`
    needs to answer, kept until it is answered; `replaces`: the key of the event that this one corrects, left
    unanswered if it still waits.
    """

    key: str
    conversation: str
    address: str
    text: str | None = None
    button: str | None = None
    replaces: str | None = None


class NotStored(Exception):
    """The event could not be written down: it is to be delivered again later."""


class Retry(Exception):
    """The message could not be sent now. `after`: seconds to wait, when the messenger says how long."""

    def __init__(self, after: float | None = None) -> None:
        super().__init__()
        self.after = after


class Gone(Exception):
    """Nobody is there to read any more: the bot was blocked, the chat deleted."""


Accept = Callable[[Event], Awaitable[None]]
"""Takes an event. Returns once it is written down, and may then be acknowledged to the messenger; raises
`NotStored` when it cannot be, and must then be delivered again."""


class Channel(Protocol):
    """One messenger."""

    @property
    def name(self) -> str:
        """ "telegram", "matrix"…: kept beside what doctors leave."""
        ...

    async def receive(self, accept: Accept) -> None:
        """Hand every event to `accept`, in each chat's order, until cancelled."""
        ...

    def present(self, replies: Sequence[Reply]) -> list[str]:
        """The messages that show `replies`, in order, each as a text that `send` understands. Pure."""
        ...

    async def send(self, address: str, message: str, key: str) -> None:
        """Send one message. `key` is the same when it is tried again, also after a crash: a messenger that
        drops repetitions by it never shows a message twice. Raises `Retry` and `Gone`."""
        ...

    async def working(self, address: str) -> None:
        """Show that an answer is being sought (a typing notice), or nothing. Never raises."""
        ...
