"""The public HTTP server: the API of the chat, its health pages, the demonstration page."""

from __future__ import annotations

import hashlib
import logging
import time
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.hdrs import METH_ALL

from bot.front import refusals
from bot.front.channels.http import SESSION, HttpChannel, json_response
from bot.front.config import FrontConfig
from bot.front.conversation import Conversation
from bot.front.guard import MAX_BODY
from bot.front.origins import Origins
from bot.front.readiness import Readiness
from bot.front.reception import AddressBook
from bot.front.refusals import Refusal
from bot.front.site import Site

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


def create_app(
    config: FrontConfig,
    conversation: Conversation,
    readiness: Readiness | None = None,
    addresses: AddressBook | None = None,
) -> web.Application:
    """The application that serves the chat of `conversation`, which it closes when it stops.

    `addresses` keeps the e-mail addresses left for a reply.
    """
    health = _Health(readiness or Readiness(conversation, config.probe_question))
    app = web.Application(middlewares=[_log_request, _secure, _refuse], client_max_size=MAX_BODY)
    HttpChannel(config, conversation, addresses).add_routes(app.router)
    app.router.add_get("/healthz", health.alive)
    app.router.add_get("/readyz", health.ready)
    Site(config.contact).add_routes(app.router)
    Origins(config.origins).add_to(app)

    async def close(_: web.Application) -> None:
        await conversation.close()

    app.on_cleanup.append(close)
    return app


class _Health:
    """Whether the front lives, and whether all behind it answers."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    async def alive(self, _: web.Request) -> web.Response:
        return json_response({"status": "alive"})

    async def ready(self, _: web.Request) -> web.Response:
        problem = await self._readiness.problem()
        if problem is None:
            return json_response({"status": "ready"})
        return json_response({"status": "unavailable", "reason": problem}, status=503)


def _refused(refusal: Refusal) -> web.Response:
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    if refusal.status in (408, 413, 415):
        headers["Connection"] = "close"  # the rest of the body will not be read
    error = {"error": {"code": refusal.code, "message": refusal.message}}
    return json_response(error, status=refusal.status, headers=headers)


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
        session = request.get(SESSION)
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
