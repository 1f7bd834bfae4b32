"""The public HTTP server: the API of the chat, its health pages, the demonstration page."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.hdrs import METH_ALL

from bot.dialogue.reply import Reply
from bot.front import refusals
from bot.front.config import FrontConfig
from bot.front.conversation import Conversation
from bot.front.guard import MAX_BODY, read_body
from bot.front.limits import MemoryRateLimiter, client_key
from bot.front.origins import Origins
from bot.front.readiness import Readiness
from bot.front.reception import AddressBook, Reception
from bot.front.refusals import Refusal
from bot.front.sessions import SessionStore, SessionTokens
from bot.front.site import Site
from bot.front.transcripts import PATH as TRANSCRIPT
from bot.front.transcripts import Transcripts

access = logging.getLogger("maitre.access")
log = logging.getLogger("maitre.front")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Server": "maitre",
}


class _WithoutTraceback(logging.Filter):
    """aiohttp shows the bytes of a request that it cannot parse: keep the error's type alone."""

    def filter(self, record: logging.LogRecord) -> bool:
        raised = record.exc_info[1] if record.exc_info else None
        record.msg, record.args = "error in the HTTP layer (%s)", (type(raised).__name__,)
        record.exc_info = record.exc_text = None
        return True


_http_log = logging.getLogger("maitre.http")
_http_log.addFilter(_WithoutTraceback())

SERVER_OPTIONS: dict[str, Any] = {
    "access_log": None,  # the application writes its own, without paths or addresses
    "auto_decompress": False,  # compressed bodies are refused, never inflated
    "logger": _http_log,
}
"""How a runner must serve the application, for its promises to hold."""

_SESSION: web.RequestKey[str] = web.RequestKey("session", str)


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of a reply to `POST /api/messages`; `session` when one was just issued."""

    replies: list[Reply]
    session: str | None = None


def create_app(
    config: FrontConfig,
    conversation: Conversation,
    readiness: Readiness | None = None,
    addresses: AddressBook | None = None,
) -> web.Application:
    """The application that serves the chat of `conversation`, which it closes when it stops.

    `addresses` keeps the e-mail addresses left for a reply.
    """
    readiness = readiness or Readiness(conversation, config.probe_question)
    front = _Front(config, conversation, readiness, addresses)
    app = web.Application(middlewares=[_log_request, _secure, _refuse], client_max_size=MAX_BODY)
    app.router.add_post("/api/sessions", front.open_session)
    app.router.add_delete("/api/sessions", front.erase_session)
    app.router.add_post("/api/messages", front.post_message)
    app.router.add_get(TRANSCRIPT, front.transcript)
    app.router.add_get("/healthz", front.alive)
    app.router.add_get("/readyz", front.ready)
    Site(config.contact).add_routes(app.router)
    Origins(config.origins).add_to(app)

    async def close(_: web.Application) -> None:
        await conversation.close()

    app.on_cleanup.append(close)
    return app


class _Front:
    """The handlers and what they share."""

    def __init__(
        self,
        config: FrontConfig,
        conversation: Conversation,
        readiness: Readiness,
        addresses: AddressBook | None,
    ) -> None:
        self._config = config
        self._readiness = readiness
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
            addresses=addresses,
        )
        self._transcripts = Transcripts(self._reception, config.secret)

    async def open_session(self, request: web.Request) -> web.Response:
        self._count(request)
        token, _ = self._tokens.issue()
        return _json({"session": token}, status=201)

    async def erase_session(self, request: web.Request) -> web.Response:
        self._count(request)
        token = _bearer(request)
        if token is None:
            raise refusals.session_missing()
        request[_SESSION] = session = self._tokens.read(token)
        await self._reception.erase(session)
        return web.Response(status=204)

    async def post_message(self, request: web.Request) -> web.Response:
        self._count(request)
        incoming = read_body(await self._body(request))
        token, issued = incoming.session or _bearer(request), None
        if token is None:
            issued, session = self._tokens.issue()
        else:
            session = self._tokens.read(token)
        request[_SESSION] = session
        if incoming.button is not None:
            replies = await self._reception.press(session, incoming.button)
        else:
            replies = await self._reception.say(session, incoming.text or "")
        shown = [self._transcripts.sign(session, reply) for reply in replies]
        return _json(Answer(replies=shown, session=issued))

    async def transcript(self, request: web.Request) -> web.Response:
        self._count(request)
        return await self._transcripts.get(request)

    async def alive(self, _: web.Request) -> web.Response:
        return _json({"status": "alive"})

    async def ready(self, _: web.Request) -> web.Response:
        problem = await self._readiness.problem()
        if problem is None:
            return _json({"status": "ready"})
        return _json({"status": "unavailable", "reason": problem}, status=503)

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


def _json(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(body), status=status, headers=headers, content_type="application/json"
    )


def _refused(refusal: Refusal) -> web.Response:
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    if refusal.status in (408, 413, 415):
        headers["Connection"] = "close"  # the rest of the body will not be read
    error = {"error": {"code": refusal.code, "message": refusal.message}}
    return _json(error, status=refusal.status, headers=headers)


@web.middleware
async def _refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure as JSON, in French, without a trace of the code."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return _refused(refusal)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _refused(refusals.method_not_allowed() if error.status == 405 else refusals.not_found())
    except Exception as error:
        # Neither the error's message nor local variables: they may hold what the doctor wrote.
        places = "".join(traceback.format_tb(error.__traceback__))
        log.error("%s in %s\n%s", type(error).__name__, _route(request), places)
        return _refused(refusals.failure())


@web.middleware
async def _secure(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@web.middleware
async def _log_request(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line a request: no text, no address, and of the session a short hash."""
    started = time.perf_counter()
    status = 500
    try:
        response = await handler(request)
        status = response.status
        return response
    finally:
        session = request.get(_SESSION)
        access.info(
            "method=%s path=%s status=%d ms=%.0f session=%s",
            request.method if request.method in METH_ALL else "-",
            _route(request),
            status,
            (time.perf_counter() - started) * 1000,
            hashlib.sha256(session.encode()).hexdigest()[:10] if session else "-",
        )


def _route(request: web.Request) -> str:
    """The route's pattern rather than the path, in which anything may be written."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "(unknown)"
