"""Whether the service answers: found out by asking it a real question.

Rasa says it is up when its model is damaged, its database away or the action server dead; only an
answer with citations proves the whole way.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable

from bot.front.conversation import Conversation

PROBE_SENDER = "sonde-"
_PROBES_PER_SENDER = 20


class Readiness:
    """Asks `question`, whose answer is known to be in the base, at most every `ttl` seconds."""

    def __init__(
        self,
        conversation: Conversation,
        question: str,
        *,
        ttl: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._conversation = conversation
        self._question = question
        self._ttl = ttl
        self._clock = clock
        self._lock = asyncio.Lock()
        self._asked_at: float | None = None
        self._problem: str | None = None
        self._probes = 0
        self._sender = ""

    async def problem(self) -> str | None:
        """None when a real question was just answered with citations; else why not."""
        async with self._lock:
            if self._asked_at is None or self._clock() - self._asked_at >= self._ttl:
                self._problem = await self._ask()
                self._asked_at = self._clock()
            return self._problem

    async def _ask(self) -> str | None:
        if self._probes % _PROBES_PER_SENDER == 0:  # the probe's history must not grow for ever
            self._sender = PROBE_SENDER + secrets.token_hex(8)
        self._probes += 1
        replies = await self._conversation.ask(self._sender, self._question)
        if any(reply.kind == "answer" and reply.citations for reply in replies):
            return None
        kinds = ", ".join(reply.kind for reply in replies)
        return f"the probe question got no answer with citations (kinds: {kinds})"
