"""What every messenger answers alike: greeting, commands, choices by number or words, details on demand."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from bot.dialogue.answer import notice
from bot.dialogue.reply import Button, Reply
from bot.front.channels import phone, words
from bot.front.channels.base import Event
from bot.front.channels.store import Body
from bot.front.guard import clean
from bot.front.reception import Reception
from bot.front.refusals import Refusal
from bot.front.sessions import SessionMemory, SessionStore

# Clients of Matrix keep "/" for commands of their own, hence "!"; Telegram adds the bot's name in groups.
_COMMAND = re.compile(r"\s*[/!](\w{1,32})(?:@\w+)?(?:\s.*)?", re.DOTALL)
_ASKED_AGAIN = (1.0, 2.0, 4.0, 8.0, 15.0)  # seconds between tries while the service is away
_AT_ONCE = 8  # conversations for which an answer is sought at the same time
_REMEMBERED_DETAILS = 8


class Memory(msgspec.Struct, omit_defaults=True):
    """What is remembered of a conversation, across restarts too. Nothing that the doctor wrote.

    `choices` and `feedback`: the buttons of the last answer; `details`: what those pressed to see more show.
    """

    greeted: bool = False
    choices: tuple[Button, ...] = ()
    feedback: tuple[Button, ...] = ()
    details: dict[str, Reply] = {}
    session: SessionMemory = SessionMemory()


def read(event: Event) -> Body:
    """`event` as it may be kept: masked, and unable to command Rasa. Commands of ours stay."""
    if event.button is not None:
        return Body(button=event.button)
    if event.text is None:
        return Body(refusal=words.UNREADABLE)
    if _command(event.text) is not None:
        return Body(text=event.text.strip().partition(" ")[0])
    try:
        cleaned = clean(event.text)
    except Refusal as refusal:
        return Body(refusal=refusal.message)
    return Body(text=cleaned.text, kinds=tuple(sorted(cleaned.kinds)))


def _command(text: str) -> str | None:
    found = _COMMAND.fullmatch(text)
    name = found[1].lower() if found else ""
    name = {"start": "start", "help": "aide"}.get(name, name)
    return name if name in ("start", *words.COMMANDS) else None


class Messenger:
    """Answers what arrives in one messenger, through `reception`, whose sessions are `sessions`."""

    def __init__(
        self,
        reception: Reception,
        sessions: SessionStore,
        *,
        asked_again: Sequence[float] = _ASKED_AGAIN,
        at_once: int = _AT_ONCE,
    ) -> None:
        self._reception = reception
        self._sessions = sessions
        self._asked_again = asked_again
        self._asking = asyncio.Semaphore(at_once)

    async def answer(self, session: str, body: Body, kept: str | None) -> tuple[list[Reply], str | None]:
        """The replies to what is in `body`, and the memory they leave (None: all is forgotten).

        `kept` is the memory left by the message before. While the service is away it is asked again for
        half a minute.
        """
        memory = _remembered(kept)
        self._sessions.restore(session, memory.session)
        replies = await self._replies(session, body, memory)
        if any(reply.erased for reply in replies):
            return [*replies, notice(words.ERASED_HERE_ONLY)], None
        if body.kinds:
            replies.insert(0, notice(phone.masked(body.kinds)))
        if not memory.greeted:
            memory.greeted = True
            if body.text is None or _command(body.text) != "start":
                replies.insert(0, notice(words.WELCOME))
        return replies, msgspec.json.encode(memory).decode()

    async def _replies(self, session: str, body: Body, memory: Memory) -> list[Reply]:
        if body.refusal is not None:
            return [notice(body.refusal)]
        token, text = body.button, body.text or ""
        command = None if token else _command(text)
        if command == "start":
            return [notice(words.WELCOME)]
        if command == "aide":
            return [notice(words.HELP)]
        if token is None and (button := phone.chosen(text, memory.choices, memory.feedback)):
            token = button.payload
        if token is not None and token in memory.details:
            return [memory.details[token]]
        try:
            if command == "effacer":
                return await self._reception.erase(session)
            if command == "conversation":
                text = words.TRANSCRIPT
            replies = await self._ask(session, text, token)
        except Refusal as refusal:
            return [notice(refusal.message)]
        replies = [_abridge(reply, memory) for reply in replies]
        memory.choices = phone.choices(replies)
        memory.feedback = tuple(button for reply in replies for button in reply.feedback)
        memory.session = self._sessions.memory(session)
        return replies

    async def _ask(self, session: str, text: str, token: str | None) -> list[Reply]:
        waits = iter(self._asked_again)
        while True:
            try:
                async with self._asking:
                    if token is None:
                        replies = await self._reception.say(session, text)
                    else:
                        replies = await self._reception.press(session, token)
            except Refusal as refusal:
                if refusal.retry_after is None:
                    raise
                # Nobody waits on a line here: those who write fast are answered a little later.
                await asyncio.sleep(refusal.retry_after)
                continue
            wait = next(waits, None)
            if wait is None or any(reply.kind != "unavailable" for reply in replies):
                return replies
            await asyncio.sleep(wait)


def _remembered(kept: str | None) -> Memory:
    if kept is not None:
        with suppress(msgspec.ValidationError):  # written by another version of this program
            return msgspec.json.decode(kept, type=Memory)
    return Memory()


def _abridge(reply: Reply, memory: Memory) -> Reply:
    """`reply` for a phone; what it leaves out is remembered behind a button."""
    short, details = phone.abridge(reply)
    if details is None:
        return short
    token = secrets.token_urlsafe(12)
    memory.details[token] = details
    while len(memory.details) > _REMEMBERED_DETAILS:
        del memory.details[next(iter(memory.details))]
    return replace(short, buttons=(Button(title=words.IN_DETAIL, payload=token), *short.buttons))
