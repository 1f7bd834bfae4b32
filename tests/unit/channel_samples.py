"""A channel without a messenger, a scripted conversation, and a dispatcher between them on a real base."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field

from front_samples import SECRET

from bot.dialogue.reply import Reply
from bot.front.channels.base import Accept, Event
from bot.front.channels.dispatcher import Dispatcher, Limits
from bot.front.channels.messenger import Messenger
from bot.front.channels.store import open_store
from bot.front.limits import MemoryRateLimiter
from bot.front.reception import Reception
from bot.front.sessions import SessionStore
from bot.inbox.origin import Origin

QUICK = Limits(first_pause=0.01, longest_pause=0.02, stop_grace=0.2)


@dataclass
class ScriptedConversation:
    """Answers with `replies`, or with what `failures` holds first; records what it is asked."""

    replies: list[Reply] = field(default_factory=lambda: [Reply(kind="notice", text="Réponse.")])
    asked: list[tuple[str, str]] = field(default_factory=list)
    gate: asyncio.Event | None = None
    failures: list[Exception | list[Reply]] = field(default_factory=list)

    @property
    def messages(self) -> list[str]:
        return [text for _, text in self.asked]

    async def ask(self, sender: str, text: str, origin: Origin | None = None) -> list[Reply]:
        self.asked.append((sender, text))
        if self.gate is not None:
            await self.gate.wait()
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return failure
        return self.replies

    async def close(self) -> None:
        pass


@dataclass
class PaperChannel:
    """Keeps what it sends; `failures` are raised by the next sendings instead."""

    name: str = "papier"
    sent: list[tuple[str, str, str]] = field(default_factory=list)  # address, message, key
    failures: list[BaseException] = field(default_factory=list)
    accept: Accept | None = None

    @property
    def texts(self) -> list[str]:
        return [message for _, message, _ in self.sent]

    async def receive(self, accept: Accept) -> None:
        self.accept = accept
        await asyncio.Event().wait()

    def present(self, replies: Sequence[Reply]) -> list[str]:
        return [reply.summary or reply.text for reply in replies]

    async def send(self, address: str, message: str, key: str) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((address, message, key))

    async def working(self, address: str) -> None:
        pass

    async def until(self, count: int) -> None:
        """Wait until `count` messages are sent."""
        async with asyncio.timeout(10):
            while len(self.sent) < count:
                await asyncio.sleep(0.005)


def event(key: str, text: str | None = "Une question ?", *, of: str = "anne", **more: str) -> Event:
    return Event(key=key, conversation=of, address=f"chez {of}", text=text, **more)


def press(key: str, token: str, *, of: str = "anne") -> Event:
    return Event(key=key, conversation=of, address=f"chez {of}", button=token)


@asynccontextmanager
async def running(
    url: str,
    channel: PaperChannel,
    conversation: ScriptedConversation,
    limits: Limits = QUICK,
    *,
    asked_again: Sequence[float] = (),
    rate: int = 1000,
) -> AsyncIterator[Dispatcher]:
    """A dispatcher of `channel`, stopped at the end as by a signal."""
    with closing(open_store(url, channel.name)) as store:
        sessions = SessionStore(SECRET, max_messages=60, max_idle=600)
        reception = Reception(
            conversation, sessions, MemoryRateLimiter(rate), max_waiting=3, channel=channel.name
        )
        messenger = Messenger(reception, sessions, asked_again=asked_again)
        dispatcher = Dispatcher(channel, messenger, store, SECRET, limits)
        channel.accept = None
        task = asyncio.create_task(dispatcher.run())
        try:
            async with asyncio.timeout(10):
                while channel.accept is None:
                    await asyncio.sleep(0.005)
            yield dispatcher
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
