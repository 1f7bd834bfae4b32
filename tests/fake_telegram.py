"""A stand-in for Telegram, strict about what the Bot API documents, and people who write through it.

Written from the public documentation (https://core.telegram.org/bots/api). Where the real server forgives
(unknown parameters, more than 100 formats), this one refuses, so that no mistake hides.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.front.channels.telegram import SECRET_HEADER, WEBHOOK

TOKEN = "123456789:AAfake-token-of-the-tests_0123456789"
BOT = {"id": 123456789, "is_bot": True, "first_name": "Bonjour Maître", "username": "BonjourMaitreBot"}

_TAG = re.compile(r"<(/?)([a-zA-Z-]+)((?:\s[^<>]*)?)>")
_ATTRIBUTES = {
    "a": re.compile(r'\shref="([^"<>]+)"'),
    "blockquote": re.compile(r"(?:\sexpandable)?"),
    "span": re.compile(r'\sclass="tg-spoiler"'),
}
_TAGS = frozenset(("a b blockquote code del em i ins pre s span strike strong tg-spoiler u").split())
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));|&")


class BadHtml(ValueError):
    """The HTML is not what the documentation allows."""


def read_html(source: str) -> tuple[str, list[tuple[str, str]]]:
    """The visible text of a message, and its formats: tag and text, or address for a link."""
    text, formats, open_tags, end = "", [], [], 0
    for tag in _TAG.finditer(source):
        text += _unescape(source[end : tag.start()])
        end = tag.end()
        closing, name, attributes = tag[1], tag[2], tag[3]
        if name not in _TAGS:
            raise BadHtml(f"unsupported start tag {name}")
        if closing:
            if not open_tags or open_tags[-1][0] != name:
                raise BadHtml(f"unexpected end tag {name}")
            _, start, value = open_tags.pop()
            if not text[start:].strip():
                raise BadHtml(f"empty {name}")
            formats.append((name, value or text[start:]))
            continue
        allowed = _ATTRIBUTES.get(name)
        found = allowed.fullmatch(attributes) if allowed else None
        if (found is None) if allowed else bool(attributes.strip()):
            raise BadHtml(f"attributes of {name}: {attributes}")
        outer = {other for other, _, _ in open_tags}
        if name in outer or outer & {"code", "pre"} or (name == "code" and outer):
            raise BadHtml(f"{name} inside {outer}")
        open_tags.append((name, len(text), _unescape(found[1]) if found and found.groups() else ""))
    text += _unescape(source[end:])
    if open_tags:
        raise BadHtml(f"can't find end tag corresponding to start tag {open_tags[-1][0]}")
    return text, formats


def _unescape(source: str) -> str:
    if "<" in source or ">" in source:
        raise BadHtml("a bare < or >")

    def character(found: re.Match[str]) -> str:
        if found[1] or found[2]:
            return chr(int(found[1]) if found[1] else int(found[2], 16))
        if found[3] not in _NAMED:
            raise BadHtml(f"unknown entity {found[0]}")
        return _NAMED[found[3]]

    return _REFERENCE.sub(character, source)


def length(text: str) -> int:
    """In UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


@dataclass
class Sent:
    """A message that the bot sent."""

    chat: int
    text: str
    formats: list[tuple[str, str]]
    rows: list[list[tuple[str, str]]]
    parameters: dict[str, Any]

    @property
    def links(self) -> list[str]:
        return [value for name, value in self.formats if name == "a"]

    @property
    def bold(self) -> list[str]:
        return [value for name, value in self.formats if name == "b"]

    @property
    def labels(self) -> list[str]:
        return [label for row in self.rows for label, _ in row]

    def token(self, label: str) -> str:
        """The data of the first button whose label begins with `label`."""
        return next(data for row in self.rows for shown, data in row if shown.startswith(label))


_PARAMETERS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "getMe": {},
    "setMyCommands": {"commands": list},
    "setWebhook": {"url": str, "secret_token": str, "allowed_updates": list},
    "deleteWebhook": {},
    "getUpdates": {"offset": int, "timeout": int, "allowed_updates": list},
    "sendMessage": {
        "chat_id": int,
        "message_thread_id": int,
        "text": str,
        "parse_mode": str,
        "link_preview_options": dict,
        "reply_parameters": dict,
        "reply_markup": dict,
    },
    "sendChatAction": {"chat_id": int, "message_thread_id": int, "action": str},
    "answerCallbackQuery": {"callback_query_id": str},
}


class Refused(Exception):
    """An answer of the API that is not "ok"."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


@dataclass
class FakeTelegram:
    """The Bot API for one bot, and its people. `complaints`: what the bot did against the documentation."""

    sent: list[Sent] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)
    moved: dict[int, int] = field(default_factory=dict)
    failures: dict[str, list[Refused]] = field(default_factory=lambda: defaultdict(list))
    webhook: dict[str, Any] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    known_queries: set[str] = field(default_factory=set)
    front: str = ""
    patience: dict[str, float] = field(default_factory=dict)
    _numbers: Callable[[], int] = field(default_factory=lambda: itertools.count(1000).__next__)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    # --- The API ---

    async def handle(self, request: web.Request) -> web.Response:
        token, method = request.match_info["token"], request.match_info["method"]
        try:
            if token != TOKEN:
                raise Refused(401, "Unauthorized")
            parameters = await request.json()
            self._check(method, parameters)
            self.calls.append((method, parameters))
            if self.patience.get(method, 0) > time.monotonic():
                self.complaints.append(f"{method} before retry_after")
            if self.failures[method]:
                failure = self.failures[method].pop(0)
                self.patience[method] = time.monotonic() + failure.parameters.get("retry_after", 0)
                raise failure
            result = await getattr(self, f"_{method}")(**parameters)
        except Refused as refused:
            body: dict[str, Any] = {
                "ok": False,
                "error_code": refused.code,
                "description": refused.description,
            }
            if refused.parameters:
                body["parameters"] = refused.parameters
            if refused.code == 400 and not refused.parameters:
                self.complaints.append(f"{method}: {refused.description}")
            return web.json_response(body, status=refused.code)
        return web.json_response({"ok": True, "result": result})

    def _check(self, method: str, parameters: dict[str, Any]) -> None:
        known = _PARAMETERS.get(method)
        if known is None:
            raise Refused(404, "Not Found")
        for name, value in parameters.items():
            if name not in known:
                raise Refused(400, f"Bad Request: unknown parameter {name}")
            if not isinstance(value, known[name]) or isinstance(value, bool):
                raise Refused(400, f"Bad Request: {name} has the wrong type")

    async def _getMe(self) -> dict[str, Any]:
        return {**BOT, "can_join_groups": True, "can_read_all_group_messages": False}

    async def _setMyCommands(self, commands: list[dict[str, str]]) -> bool:
        for command in commands:
            if set(command) != {"command", "description"}:
                raise Refused(400, "Bad Request: BOT_COMMAND_INVALID")
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise Refused(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise Refused(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        return True

    async def _setWebhook(self, url: str, secret_token: str, allowed_updates: list[str]) -> bool:
        if not url.startswith("https://"):
            raise Refused(400, "Bad Request: bad webhook: an HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret_token):
            raise Refused(400, "Bad Request: secret token contains illegal characters")
        if not set(allowed_updates) <= {"message", "edited_message", "callback_query"}:
            raise Refused(400, "Bad Request: allowed_updates")
        self.webhook = {"url": url, "secret": secret_token}
        return True

    async def _deleteWebhook(self) -> bool:
        self.webhook = {}
        return True

    async def _getUpdates(self, allowed_updates: list[str], timeout: int = 0, offset: int = 0) -> list[Any]:
        if self.webhook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        self.updates = [update for update in self.updates if update["update_id"] >= offset]
        if not self.updates and timeout:
            self._news.clear()
            await self._news.wait()
        return self.updates[:100]

    async def _sendMessage(
        self,
        chat_id: int,
        text: str,
        parse_mode: str,
        link_preview_options: dict[str, Any],
        reply_markup: dict[str, Any] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        if chat_id in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if chat_id in self.moved:
            raise Refused(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=self.moved[chat_id],
            )
        if parse_mode != "HTML" or link_preview_options != {"is_disabled": True}:
            raise Refused(400, "Bad Request: unsupported options")
        try:
            visible, formats = read_html(text)
        except BadHtml as error:
            raise Refused(400, f"Bad Request: can't parse entities: {error}") from None
        if not visible.strip():
            raise Refused(400, "Bad Request: message text is empty")
        if length(visible) > 4096:
            raise Refused(400, "Bad Request: message is too long")
        if len(formats) > 100:
            raise Refused(400, "Bad Request: too many entities")
        if set(more.get("reply_parameters", {})) - {"message_id", "allow_sending_without_reply"}:
            raise Refused(400, "Bad Request: reply_parameters")
        rows = _read_keyboard(reply_markup)
        parameters = {"chat_id": chat_id, **more}
        self.sent.append(Sent(chat_id, visible, formats, rows, parameters))
        return {"message_id": self._numbers(), "date": int(time.time()), "chat": {"id": chat_id}}

    async def _sendChatAction(self, chat_id: int, action: str, **more: Any) -> bool:
        if action != "typing":
            raise Refused(400, "Bad Request: wrong parameter action in request")
        if chat_id in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        return True

    async def _answerCallbackQuery(self, callback_query_id: str) -> bool:
        if callback_query_id not in self.known_queries:
            raise Refused(400, "Bad Request: query is too old and response timeout expired")
        self.known_queries.discard(callback_query_id)
        return True

    # --- The people ---

    def message(self, text: str | None, chat: int = 42, **more: Any) -> dict[str, Any]:
        """An update: someone writes."""
        author = more.pop("author", chat if chat > 0 else 42)
        body: dict[str, Any] = {
            "message_id": more.pop("message_id", None) or self._numbers(),
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private" if chat > 0 else "supergroup"},
            "from": {"id": author, "is_bot": False, "first_name": "Anne", "language_code": "fr"},
            **more,
        }
        if text is not None:
            body["text"] = text
        return {"update_id": self._numbers(), "message": body}

    def edit(self, update: dict[str, Any], text: str) -> dict[str, Any]:
        """An update: what was written is edited."""
        body = {**update["message"], "text": text, "edit_date": int(time.time()) + self._numbers()}
        return {"update_id": self._numbers(), "edited_message": body}

    def press(self, token: str, chat: int = 42, author: int = 42) -> dict[str, Any]:
        """An update: a button is pressed."""
        number = str(self._numbers())
        self.known_queries.add(number)
        chat_type = "private" if chat > 0 else "supergroup"
        return {
            "update_id": self._numbers(),
            "callback_query": {
                "id": number,
                "from": {"id": author, "is_bot": False, "first_name": "Anne"},
                "chat_instance": "1",
                "message": {
                    "message_id": self._numbers(),
                    "date": int(time.time()),
                    "chat": {"id": chat, "type": chat_type},
                    "from": BOT,
                },
                "data": token,
            },
        }

    async def deliver(self, update: dict[str, Any] | bytes, **headers: str) -> int:
        """Post an update to the webhook; the status."""
        shown = headers or {SECRET_HEADER: self.webhook["secret"]}
        path = self.front + WEBHOOK
        body = {"data": update} if isinstance(update, bytes) else {"json": update}
        async with aiohttp.ClientSession() as client, client.post(path, headers=shown, **body) as response:
            return response.status

    def queue(self, update: dict[str, Any]) -> None:
        """Keep an update for getUpdates."""
        self.updates.append(update)
        self._news.set()

    async def until(self, count: int) -> None:
        """Wait until the bot has sent `count` messages."""
        async with asyncio.timeout(60):
            while len(self.sent) < count:
                await asyncio.sleep(0.01)

    async def until_called(self, method: str, count: int = 1) -> None:
        """Wait until `method` was called `count` times."""
        async with asyncio.timeout(60):
            while sum(name == method for name, _ in self.calls) < count:
                await asyncio.sleep(0.01)


def _read_keyboard(markup: dict[str, Any] | None) -> list[list[tuple[str, str]]]:
    if markup is None:
        return []
    if set(markup) != {"inline_keyboard"}:
        raise Refused(400, "Bad Request: object expected as reply markup")
    rows = []
    for row in markup["inline_keyboard"]:
        if not row or len(row) > 8:
            raise Refused(400, "Bad Request: row of an inline keyboard")
        for button in row:
            if set(button) != {"text", "callback_data"} or not button["text"].strip():
                raise Refused(400, "Bad Request: inline keyboard button")
            if not 1 <= len(button["callback_data"].encode()) <= 64:
                raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
        rows.append([(button["text"], button["callback_data"]) for button in row])
    if not rows or sum(map(len, rows)) > 100:
        raise Refused(400, "Bad Request: inline keyboard")
    return rows


@asynccontextmanager
async def serving(telegram: FakeTelegram) -> AsyncIterator[str]:
    """The fake Bot API on a socket: its address."""
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", telegram.handle)
    server = TestServer(app)
    await server.start_server(access_log=None)
    async with server:
        yield str(server.make_url("/"))
