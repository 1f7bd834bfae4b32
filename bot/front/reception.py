"""One message of one session, from its arrival to its replies, whatever the channel."""

from __future__ import annotations

from bot.dialogue.reply import Reply
from bot.front import refusals
from bot.front.conversation import Conversation
from bot.front.guard import clean
from bot.front.limits import RateLimiter
from bot.front.sessions import SessionStore
from bot.inbox.origin import Origin

ERASE = "/erase_data"
"""What Rasa is told to erase all that is kept for a message's subject (an intent of domain.yml)."""


class Reception:
    """Cleans, queues and limits the messages of one `channel`, and asks the conversation behind."""

    def __init__(
        self,
        conversation: Conversation,
        sessions: SessionStore,
        limiter: RateLimiter,
        *,
        max_waiting: int,
        channel: str = "widget",
    ) -> None:
        self._conversation = conversation
        self._sessions = sessions
        self._limiter = limiter
        self._max_waiting = max_waiting
        self._channel = channel

    async def say(self, session: str, text: str) -> list[Reply]:
        """The replies to what someone wrote. Raises a `Refusal`."""
        self._count(session)
        return await self._ask(session, clean(text).text)

    async def press(self, session: str, button: str) -> list[Reply]:
        """The replies to the button whose token is `button`. Raises a `Refusal`."""
        self._count(session)
        return await self._ask(session, self._sessions.payload(session, button))

    async def erase(self, session: str) -> list[Reply]:
        """Erase all that is kept for `session`: stored rows, Rasa's conversations, what is remembered here.

        Returns what is said of it. Raises the refusal `not_erased` when the stored part cannot be erased now.
        """
        self._count(session)
        replies = await self._ask(session, ERASE)
        self._sessions.forget(session)
        if not any(reply.erased for reply in replies):
            raise refusals.not_erased()
        return replies

    def _count(self, session: str) -> None:
        if wait := self._limiter.wait(session):
            raise refusals.too_many(wait)

    async def _ask(self, session: str, message: str) -> list[Reply]:
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
                self._sessions.forget(session)
            return [self._sessions.hide_payloads(session, reply) for reply in replies]
        finally:
            state.lock.release()
