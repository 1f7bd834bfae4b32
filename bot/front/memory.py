"""The exchanges of each session, for its transcript: in memory, masked, bounded, and not for long."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from bot.transcript.model import Conversation, Exchange

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Exchange)


@dataclass(slots=True)
class _Remembered:
    last: float = 0.0
    incomplete: bool = False
    # Encoded: an exchange takes a tenth of the room of its objects.
    exchanges: deque[bytes] = field(default_factory=deque)


class Memory:
    """Keeps `max_exchanges` of a session and `max_bytes` of all, for `max_idle` seconds of silence."""

    def __init__(
        self,
        *,
        max_exchanges: int = 60,
        max_bytes: int = 64 * 1024 * 1024,
        max_idle: float = 3600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_exchanges = max_exchanges
        self._max_bytes = max_bytes
        self._max_idle = max_idle
        self._clock = clock
        self._sessions: OrderedDict[str, _Remembered] = OrderedDict()
        self._bytes = 0

    def add(self, session: str, exchange: Exchange) -> None:
        """Remember `exchange`; forgets what is over the bounds, the session longest silent first."""
        now = self._clock()
        remembered = self._sessions.setdefault(session, _Remembered())
        self._sessions.move_to_end(session)
        remembered.last = now
        remembered.exchanges.append(_ENCODER.encode(exchange))
        self._bytes += len(remembered.exchanges[-1])
        while len(remembered.exchanges) > self._max_exchanges:
            self._bytes -= len(remembered.exchanges.popleft())
            remembered.incomplete = True
        while len(self._sessions) > 1:
            oldest, silent = next(iter(self._sessions.items()))
            if self._bytes <= self._max_bytes and now - silent.last <= self._max_idle:
                break
            self.forget(oldest)

    def conversation(self, session: str) -> Conversation:
        """What is remembered of `session`."""
        remembered = self._sessions.get(session)
        if remembered is None or self._clock() - remembered.last > self._max_idle:
            self.forget(session)
            return Conversation(())
        exchanges = tuple(_DECODER.decode(raw) for raw in remembered.exchanges)
        return Conversation(exchanges, remembered.incomplete)

    def forget(self, session: str) -> None:
        """Drop all of `session`."""
        remembered = self._sessions.pop(session, None)
        if remembered is not None:
            self._bytes -= sum(map(len, remembered.exchanges))
