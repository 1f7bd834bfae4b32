"""The HTTP channel, which the widget speaks: an answer goes back on the connection that brought the question.

It receives, presents and sends like the others (docs/nouveau-canal.md). It needs no dispatcher: the browser
keeps its own messages in order and asks again when an answer is lost, and `Reception` keeps a session's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
from aiohttp import web

from bot.dialogue.reply import Reply
from bot.front import refusals
from bot.front.config import FrontConfig
from bot.front.conversation import Conversation
from bot.front.guard import MAX_BODY, read_body
from bot.front.limits import MemoryRateLimiter, client_key
from bot.front.reception import AddressBook, Reception
from bot.front.sessions import SessionStore, SessionTokens
from bot.front.transcripts import PATH as TRANSCRIPT
from bot.front.transcripts import Transcripts

SESSION: web.RequestKey[str] = web.RequestKey("session", str)
"""Under which a request tells the log whose it is."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of a reply to `POST /api/messages`; `session` when one was just issued."""

    replies: list[Reply]
    session: str | None = None


class HttpChannel:
    """Sessions, messages and transcripts under `/api/`."""

    name = "widget"

    def __init__(
        self,
        config: FrontConfig,
        conversation: Conversation,
        addresses: AddressBook | None,
    ) -> None:
        self._config = config
        self._tokens = SessionTokens(config.secret, config.session_lifetime)
        self._clients = MemoryRateLimiter(config.address_rate)
        self._reception = Reception(
            conversation,
            SessionStore(
                config.secret,
                max_messages=config.conversation_messages,
                max_idle=config.conversation_idle,
            ),
            MemoryRateLimiter(config.session_rate),
            max_waiting=config.waiting_messages,
            channel=self.name,
            addresses=addresses,
        )
        self._transcripts = Transcripts(self._reception, config.secret)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Receive what comes to the channel's addresses."""
        router.add_post("/api/sessions", self.open_session)
        router.add_delete("/api/sessions", self.erase_session)
        router.add_post("/api/messages", self.post_message)
        router.add_get(TRANSCRIPT, self.transcript)

    def present(self, session: str, replies: Sequence[Reply], issued: str | None) -> Answer:
        """What the widget reads; `issued` is the token of a session that has just begun."""
        return Answer(replies=[self._transcripts.sign(session, reply) for reply in replies], session=issued)

    async def open_session(self, request: web.Request) -> web.Response:
        """Issue a session."""
        self._count(request)
        token, _ = self._tokens.issue()
        return json_response({"session": token}, status=201)

    async def erase_session(self, request: web.Request) -> web.Response:
        """Erase all that is kept for the session of the header."""
        self._count(request)
        token = _bearer(request)
        if token is None:
            raise refusals.session_missing()
        request[SESSION] = session = self._tokens.read(token)
        await self._reception.erase(session)
        return web.Response(status=204)

    async def post_message(self, request: web.Request) -> web.Response:
        """Answer a text or the press of a button."""
        self._count(request)
        incoming = read_body(await self._body(request))
        token, issued = incoming.session or _bearer(request), None
        if token is None:
            issued, session = self._tokens.issue()
        else:
            session = self._tokens.read(token)
        request[SESSION] = session
        if incoming.button is not None:
            replies = await self._reception.press(session, incoming.button)
        else:
            replies = await self._reception.say(session, incoming.text or "")
        return json_response(self.present(session, replies, issued))

    async def transcript(self, request: web.Request) -> web.Response:
        """The documents of a session (`bot.front.transcripts`)."""
        self._count(request)
        return await self._transcripts.get(request)

    def _count(self, request: web.Request) -> None:
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", ()))
        if wait := self._clients.wait(client_key(request.remote, forwarded, self._config.proxies)):
            raise refusals.too_many(wait)

    async def _body(self, request: web.Request) -> bytes:
        if request.content_type != "application/json" or "Content-Encoding" in request.headers:
            raise refusals.not_json()
        if (request.content_length or 0) > MAX_BODY:
            raise refusals.too_large()
        body = bytearray()
        try:
            async with asyncio.timeout(self._config.body_timeout):
                async for chunk in request.content.iter_any():
                    body += chunk
                    if len(body) > MAX_BODY:
                        raise refusals.too_large()
        except TimeoutError:
            raise refusals.too_slow() from None
        return bytes(body)


def _bearer(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def json_response(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """`body` as JSON."""
    return web.Response(
        body=msgspec.json.encode(body), status=status, headers=headers, content_type="application/json"
    )
