"""Sessions: signed tokens, and what the server remembers of each while it lasts."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from msgspec.structs import replace

from bot.dialogue.reply import Button, Reply
from bot.front import refusals

_ID_BYTES = 16
_TIME_BYTES = 6
_MAC_BYTES = 32
_TOKEN_LENGTH = (_ID_BYTES + _TIME_BYTES + _MAC_BYTES) * 4 // 3  # 72, without padding


class SessionTokens:
    """Issues and reads tokens: a session's identifier and the time of issue, signed with HMAC-SHA256.

    A token opens what it was made for, its `purpose`, and nothing else.
    """

    def __init__(
        self,
        secret: bytes,
        lifetime: float,
        clock: Callable[[], float] = time.time,
        *,
        purpose: str = "session",
    ) -> None:
        self._secret = secret
        self._lifetime = lifetime
        self._clock = clock
        self._purpose = purpose.encode() + b":"

    def issue(self) -> tuple[str, str]:
        """A new token and the session identifier it holds."""
        session = secrets.token_hex(_ID_BYTES)
        return self.sign(session), session

    def sign(self, session: str) -> str:
        """A new token of the session identifier `session`."""
        body = bytes.fromhex(session) + int(self._clock()).to_bytes(_TIME_BYTES, "big")
        return base64.urlsafe_b64encode(body + self._sign(body)).decode()

    def read(self, token: str) -> str:
        """The session identifier of `token`. Raises the refusal `session_invalid` or `session_expired`."""
        try:
            raw = base64.b64decode(token.encode("ascii"), b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error):
            raise refusals.session_invalid() from None
        body, signature = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if len(token) != _TOKEN_LENGTH or not hmac.compare_digest(signature, self._sign(body)):
            raise refusals.session_invalid()
        if self._clock() - int.from_bytes(body[_ID_BYTES:], "big") > self._lifetime:
            raise refusals.session_expired()
        return body[:_ID_BYTES].hex()

    def _sign(self, body: bytes) -> bytes:
        return hmac.digest(self._secret, self._purpose + body, "sha256")


def chat_session(secret: bytes, channel: str, conversation: str) -> str:
    """The session of a messenger's conversation: always the same, and saying nothing of whose it is."""
    return hmac.digest(secret, f"chat:{channel}:{conversation}".encode(), "sha256")[:_ID_BYTES].hex()


class SessionMemory(msgspec.Struct, frozen=True, omit_defaults=True):
    """The part of a session's state that a messenger's process finds again after a restart."""

    conversation: int = 0
    messages: int = 0
    last_message: float = 0.0
    buttons: dict[str, Button] = {}


@dataclass(slots=True)
class SessionState:
    """What is remembered of one session. `lock` is held while Rasa answers it."""

    conversation: int = 0
    messages: int = 0
    last_message: float = 0.0
    waiting: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    buttons: OrderedDict[str, Button] = field(default_factory=OrderedDict)
    # Messages in which an e-mail address is still taken for the one that was asked for.
    awaits_address: int = 0

    @property
    def in_use(self) -> bool:
        """Whether a message of the session is being answered or waits."""
        return self.waiting > 0 or self.lock.locked()


class SessionStore:
    """The states of the `capacity` sessions last seen, in memory."""

    def __init__(
        self,
        secret: bytes,
        *,
        max_messages: int,
        max_idle: float,
        capacity: int = 20_000,
        max_buttons: int = 100,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._secret = secret
        self._max_messages = max_messages
        self._max_idle = max_idle
        self._capacity = capacity
        self._max_buttons = max_buttons
        self._clock = clock
        self._states: OrderedDict[str, SessionState] = OrderedDict()

    def __len__(self) -> int:
        return len(self._states)

    def state(self, session: str) -> SessionState:
        """The state of `session`, created at its first message; may forget sessions long unseen."""
        state = self._states.setdefault(session, SessionState())
        self._states.move_to_end(session)
        while len(self._states) > self._capacity:
            oldest, forgotten = next(iter(self._states.items()))
            if forgotten.in_use:
                break
            del self._states[oldest]
        return state

    def sender(self, session: str) -> str:
        """Count one message and return the identifier under which Rasa is to know its conversation.

        The session's subject, then a number: all conversations of a session can be found, to be erased,
        and none is chosen by the client. It changes after `max_messages` messages or `max_idle` seconds
        without one: a long history slows Rasa down, and a new question should not be read in the light of
        an old one.
        """
        state, now = self.state(session), self._clock()
        idle = now - state.last_message > self._max_idle
        if not state.conversation or idle or state.messages >= self._max_messages:
            # Milliseconds, and never twice the same: a restart of the front begins a new conversation too.
            state.conversation = max(int(now * 1000), state.conversation + 1)
            state.messages = 0
        state.messages += 1
        state.last_message = now
        return f"{self.subject(session)}-{state.conversation}"

    def subject(self, session: str) -> str:
        """The identifier under which anything is kept for `session`, the same as long as it lasts."""
        return hmac.new(self._secret, f"subject:{session}".encode(), hashlib.sha256).hexdigest()[:32]

    def forget(self, session: str) -> None:
        """Drop all that is remembered of `session`; its next message begins anew."""
        self._states.pop(session, None)

    def memory(self, session: str) -> SessionMemory:
        """What is remembered of `session`, to be kept elsewhere."""
        state = self.state(session)
        return SessionMemory(state.conversation, state.messages, state.last_message, dict(state.buttons))

    def restore(self, session: str, memory: SessionMemory) -> None:
        """Remember of `session` what `memory` holds, in place of what is remembered now."""
        state = self.state(session)
        state.conversation, state.messages = memory.conversation, memory.messages
        state.last_message, state.buttons = memory.last_message, OrderedDict(memory.buttons)

    def end_conversation(self, session: str) -> None:
        """Have the next message of `session` begin a new conversation."""
        self.state(session).messages = self._max_messages

    def hide_payloads(self, session: str, reply: Reply) -> Reply:
        """`reply` with each button's payload replaced by a token that only this session can use."""
        if not reply.buttons and not reply.feedback:
            return reply
        buttons = self.state(session).buttons

        def hide(button: Button) -> Button:
            token = secrets.token_urlsafe(12)
            buttons[token] = button
            return Button(title=button.title, payload=token)

        shown = replace(
            reply, buttons=tuple(map(hide, reply.buttons)), feedback=tuple(map(hide, reply.feedback))
        )
        while len(buttons) > self._max_buttons:
            buttons.popitem(last=False)
        return shown

    def button(self, session: str, token: str) -> Button:
        """The button behind a token. Raises the refusal `unknown_button`."""
        button = self.state(session).buttons.get(token)
        if button is None:
            raise refusals.unknown_button()
        return button
