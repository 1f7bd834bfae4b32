"""From an event to its answer, once, in order, whatever breaks on the way.

Each step is written down before the next begins, so that a process killed at any point goes on from there:

| killed | then |
|---|---|
| before an event is stored | the messenger, to which nothing was acknowledged, delivers it again |
| after, before its answer is known | the event is asked anew; the doctor sees one answer |
| once the answer is stored, before all of it is sent | the rest is sent |
| between a message's sending and its mark | it is sent again, under the same key: Matrix drops it; \
Telegram, which knows no keys, shows it twice, which is better than never |
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.dialogue.answer import notice
from bot.front.channels import words
from bot.front.channels.base import Channel, Event, Gone, NotStored, Retry
from bot.front.channels.messenger import Messenger, read
from bot.front.channels.store import Body, ChannelStore, Pending
from bot.front.sessions import chat_session
from bot.knowledge import KnowledgeUnavailable

log = logging.getLogger("maitre.channels")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Delays in seconds, and bounds. `waiting`: events of one conversation that may wait; `tries`: of an
    event that fails for a reason of our own; `outdated`: after which an answer that cannot be sent is given
    up."""

    waiting: int = 5
    tries: int = 3
    first_pause: float = 1.0
    longest_pause: float = 60.0
    outdated: float = 24 * 3600.0
    stop_grace: float = 3.0  # the supervisor kills after five
    purge_every: float = 3600.0


class Dispatcher:
    """Answers the events of `channel`. One dispatcher a channel: two would mix up the order."""

    def __init__(
        self,
        channel: Channel,
        messenger: Messenger,
        store: ChannelStore,
        secret: bytes,
        limits: Limits | None = None,
    ) -> None:
        self._channel = channel
        self._messenger = messenger
        self._store = store
        self._secret = secret
        self._limits = limits or Limits()
        self._resumed = False
        self._stopping = False
        self._queues: dict[str, deque[Pending]] = {}
        self._flooding: set[str] = set()
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._accepting = asyncio.Lock()  # keeps the order of arrival

    async def run(self) -> None:
        """Go on with what was left, then receive, until cancelled; what is being answered then has
        `stop_grace` seconds to go out, and the rest is dealt with at the next start."""
        purging = asyncio.create_task(self._purge())
        try:
            await self._resume()
            await self._channel.receive(self.accept)
        finally:
            self._stopping = True
            purging.cancel()
            if workers := list(self._workers.values()):
                _, late = await asyncio.wait(workers, timeout=self._limits.stop_grace)
                for worker in late:
                    worker.cancel()
                await asyncio.gather(*late, return_exceptions=True)

    async def accept(self, event: Event) -> None:
        """Write `event` down to be answered, unless it is known already. Raises `NotStored`."""
        async with self._accepting:
            await self._accept(event)

    async def _accept(self, event: Event) -> None:
        if self._stopping or not self._resumed:
            raise NotStored
        session = chat_session(self._secret, self._channel.name, event.conversation)
        if event.replaces is not None:
            await self._drop(self._key(event.replaces))
        body = read(event)
        if len(self._queues.get(session, ())) >= self._limits.waiting:
            if session in self._flooding:
                return
            self._flooding.add(session)
            body = Body(refusal=words.FLOODED)
        try:
            pending = await asyncio.to_thread(
                self._store.receive, self._key(event.key), session, event.address, body
            )
        except KnowledgeUnavailable as error:
            log.error("%s: %s", self._channel.name, error)
            raise NotStored from None
        if pending is not None:
            self._enqueue(pending)

    async def withdraw(self, key: str) -> bool:
        """Leave unanswered the event of that key, which its author took back; False when none waits."""
        async with self._accepting:
            return await self._drop(self._key(key))

    async def _drop(self, key: str) -> bool:
        for queue in self._queues.values():
            for event in list(queue)[1:]:  # the first is being answered
                if event.key == key:
                    queue.remove(event)
                    await self._until_stored(self._store.finish, key)
                    return True
        return False

    def _key(self, key: str) -> str:
        named = f"event:{self._channel.name}:{key}".encode()
        return hmac.digest(self._secret, named, "sha256").hex()[:32]

    async def _resume(self) -> None:
        pause = self._limits.first_pause
        while True:
            try:
                left = await asyncio.to_thread(self._store.pending)
                break
            except KnowledgeUnavailable as error:
                log.error("%s: %s; again in %.0f s", self._channel.name, error, pause)
                await asyncio.sleep(pause)
                pause = self._longer(pause)
        if left:
            log.info("%s: going on with %d events", self._channel.name, len(left))
        for event in left:
            self._enqueue(event)
        self._resumed = True

    def _enqueue(self, event: Pending) -> None:
        self._queues.setdefault(event.session, deque()).append(event)
        if event.session not in self._workers:
            worker = asyncio.create_task(self._work(event.session))
            self._workers[event.session] = worker

    async def _work(self, session: str) -> None:
        """Answer the events of one conversation, one after the other."""
        queue = self._queues[session]
        try:
            while queue and not self._stopping:
                await self._finish(queue[0])
                queue.popleft()
        finally:
            del self._workers[session]
            if not queue:
                del self._queues[session]
            self._flooding.discard(session)

    async def _finish(self, event: Pending) -> None:
        """Answer `event`, trying again as long as that may help."""
        failures, pause = 0, self._limits.first_pause
        while True:
            try:
                await self._answer(event)
                return
            except Gone:
                log.info("%s: a chat is gone", self._channel.name)
                await self._until_stored(self._store.forget, event.session)
                await self._until_stored(self._store.finish, event.key)
                return
            except KnowledgeUnavailable as error:
                log.error("%s: %s; again in %.0f s", self._channel.name, error, pause)
            except Exception as error:
                # Not its message, which may hold what the doctor wrote.
                failures += 1
                log.error("%s: an event failed (%s)", self._channel.name, type(error).__name__)
                if failures >= self._limits.tries:
                    await self._give_up(event)
                    return
            await asyncio.sleep(pause)
            pause = self._longer(pause)

    async def _answer(self, event: Pending) -> None:
        """Take `event` from where it is to its end."""
        if event.messages is None:
            await self._channel.working(event.address)
            kept = await asyncio.to_thread(self._store.memory, event.session)
            replies, event.memory = await self._messenger.answer(event.session, event.body, kept)
            event.messages = tuple(self._channel.present(replies))
        if not event.stored:
            await asyncio.to_thread(self._store.answered, event)
            event.stored = True
        for place in range(event.sent, len(event.messages)):
            await self._send(event, event.messages[place], f"{event.key}-{place}")
            event.sent = place + 1
            await asyncio.to_thread(self._store.sent, event.key, event.sent)
        await asyncio.to_thread(self._store.finish, event.key)

    async def _give_up(self, event: Pending) -> None:
        """Say that something failed, if that can be said, and leave `event`."""
        with suppress(Exception):
            for place, message in enumerate(self._channel.present([notice(words.FAILED)])):
                await self._channel.send(event.address, message, f"{event.key}-failed-{place}")
        await self._until_stored(self._store.finish, event.key)

    async def _send(self, event: Pending, message: str, key: str) -> None:
        pause = self._limits.first_pause
        while True:
            try:
                await self._channel.send(event.address, message, key)
                return
            except Retry as retry:
                if datetime.now(UTC) - event.received_at > timedelta(seconds=self._limits.outdated):
                    raise Gone from None
                wait = pause if retry.after is None else retry.after
                log.warning("%s: a message waits %.0f s", self._channel.name, wait)
                await asyncio.sleep(wait)
                pause = self._longer(pause)

    async def _until_stored(self, write: Callable[[str], None], argument: str) -> None:
        pause = self._limits.first_pause
        while True:
            try:
                await asyncio.to_thread(write, argument)
                return
            except KnowledgeUnavailable:
                await asyncio.sleep(pause)
                pause = self._longer(pause)

    async def _purge(self) -> None:
        while True:
            with suppress(KnowledgeUnavailable):
                await asyncio.to_thread(self._store.purge)
            await asyncio.sleep(self._limits.purge_every)

    def _longer(self, pause: float) -> float:
        return min(2 * pause, self._limits.longest_pause)
