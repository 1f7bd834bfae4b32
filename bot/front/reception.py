"""One message of one session, from its arrival to its replies, whatever the channel."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Protocol

from bot.dialogue.reply import Reply
from bot.front import refusals
from bot.front.conversation import Conversation as Backend
from bot.front.guard import clean
from bot.front.limits import RateLimiter
from bot.front.memory import Memory
from bot.front.sessions import SessionStore
from bot.inbox.address import find_address
from bot.inbox.origin import Origin
from bot.knowledge import KnowledgeUnavailable
from bot.privacy.normalize import normalize
from bot.transcript.model import Conversation, Exchange

log = logging.getLogger("maitre.front")

ERASE = "/erase_data"
"""What Rasa is told to erase all that is kept for a message's subject (an intent of domain.yml)."""

LEAVE_ADDRESS = "/leave_address"
"""What Rasa is told in place of a message that held the address asked for."""

_AWAITED = 3
"""Messages in which that address may come, since people ask a question back first."""

_ADDRESS_WORDS = 12
"""A longer message that holds an address is about something else."""


class AddressBook(Protocol):
    """Keeps the address left for the reply to a passed question (`bot.inbox.inbox.Inbox`)."""

    def leave_address(self, subject: str, address: str) -> str | None:
        """Keep `address`. Raises `KnowledgeUnavailable`."""
        ...


class Reception:
    """Cleans, queues and limits the messages of one `channel`, and asks the conversation behind.

    Without `addresses` no e-mail address can be left: it is masked like any other.
    """

    def __init__(
        self,
        conversation: Backend,
        sessions: SessionStore,
        limiter: RateLimiter,
        *,
        max_waiting: int,
        channel: str = "widget",
        addresses: AddressBook | None = None,
    ) -> None:
        self._conversation = conversation
        self._sessions = sessions
        self._limiter = limiter
        self._max_waiting = max_waiting
        self._channel = channel
        self._memory = Memory()
        self._addresses = addresses

    async def say(self, session: str, text: str) -> list[Reply]:
        """The replies to what someone wrote. Raises a `Refusal`."""
        self._count(session)
        masked = clean(text).text
        address = self._awaited_address(session, text)
        if address is not None:
            await self._keep(session, address)
        return await self._ask(session, masked if address is None else LEAVE_ADDRESS, masked)

    async def press(self, session: str, button: str) -> list[Reply]:
        """The replies to the button whose token is `button`. Raises a `Refusal`."""
        self._count(session)
        pressed = self._sessions.button(session, button)
        return await self._ask(session, pressed.payload, pressed.title)

    async def erase(self, session: str) -> list[Reply]:
        """Erase all that is kept for `session`: stored rows, Rasa's conversations, what is remembered here.

        Returns what is said of it. Raises the refusal `not_erased` when the stored part cannot be erased now.
        """
        self._count(session)
        replies = await self._ask(session, ERASE, "")
        self._forget(session)
        if not any(reply.erased for reply in replies):
            raise refusals.not_erased()
        return replies

    def conversation(self, session: str) -> Conversation:
        """What is remembered of `session`, for its transcript. Raises the refusal `too_many`."""
        self._count(session)
        return self._memory.conversation(session)

    def _forget(self, session: str) -> None:
        self._sessions.forget(session)
        self._memory.forget(session)

    def _count(self, session: str) -> None:
        if wait := self._limiter.wait(session):
            raise refusals.too_many(wait)

    def _awaited_address(self, session: str, text: str) -> str | None:
        state = self._sessions.state(session)
        if self._addresses is None or not state.awaits_address:
            return None
        state.awaits_address -= 1
        text = normalize(text)
        return find_address(text) if len(text.split()) <= _ADDRESS_WORDS else None

    async def _keep(self, session: str, address: str) -> None:
        """Straight to the base, apart from the conversation; Rasa then says whether it is there."""
        assert self._addresses is not None
        try:
            await asyncio.to_thread(self._addresses.leave_address, self._sessions.subject(session), address)
        except KnowledgeUnavailable as error:
            log.error("%s", error)

    async def _ask(self, session: str, message: str, asked: str) -> list[Reply]:
        """The replies to `message`, which people see as `asked`."""
        state = self._sessions.state(session)
        if state.lock.locked() and state.waiting >= self._max_waiting:
            raise refusals.busy()
        state.waiting += 1
        try:
            await state.lock.acquire()
        finally:
            state.waiting -= 1
        try:
            origin = Origin(self._sessions.subject(session), self._channel)
            replies = await self._conversation.ask(self._sessions.sender(session), message, origin)
            if all(reply.kind == "unavailable" for reply in replies):
                # Whatever broke may have left Rasa's record of the conversation unusable (its circuit
                # breaker, once tripped, silences a conversation for good): better to begin afresh.
                self._sessions.end_conversation(session)
            if any(reply.erased for reply in replies):
                self._forget(session)
            else:
                self._memory.add(session, Exchange(datetime.now(UTC), asked, tuple(replies)))
            if any(reply.expects == "email" for reply in replies):
                state.awaits_address = _AWAITED
            return [self._sessions.hide_payloads(session, reply) for reply in replies]
        finally:
            state.lock.release()
