"""Which other sites' pages may call the API (CORS): those that the host lists, and no other.

Browsers enforce it; it protects no secret, since anyone may write to the API without a browser. It keeps
strangers' pages from embedding the service under their own name. No cookie is ever involved.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from bot.front import refusals

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST, DELETE",
    "Access-Control-Allow-Headers": "Content-Type, Authorization",
    "Access-Control-Max-Age": "7200",
}


def read_origins(text: str) -> frozenset[str]:
    """The origins in a comma-separated list. Raises ValueError with the one that is none."""
    origins = frozenset(part for raw in text.split(",") if (part := raw.strip().lower().rstrip("/")))
    for origin in sorted(origins):
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(origin)
    return origins


class Origins:
    """Lets the pages of `allowed` origins call `/api/`, and refuses those of others."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed

    def add_to(self, app: web.Application) -> None:
        """Guard `app`."""
        app.middlewares.append(self._guard)
        app.on_response_prepare.append(self._sign)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._is_foreign(request):
            return await handler(request)
        if request.headers[hdrs.ORIGIN] not in self._allowed:
            raise refusals.origin_not_allowed()
        if request.method == hdrs.METH_OPTIONS and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers:
            return web.Response(status=204, headers=_PREFLIGHT)
        return await handler(request)

    async def _sign(self, request: web.Request, response: web.StreamResponse) -> None:
        """Refusals too are for the page to read, hence a signal rather than the middleware."""
        if not request.path.startswith("/api/"):
            return
        response.headers.add(hdrs.VARY, hdrs.ORIGIN)
        if self._is_foreign(request) and request.headers[hdrs.ORIGIN] in self._allowed:
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = request.headers[hdrs.ORIGIN]
            response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = hdrs.RETRY_AFTER

    def _is_foreign(self, request: web.Request) -> bool:
        """Whether a page of another origin calls the API.

        Browsers tell by `Sec-Fetch-Site`, which a proxy that rewrites `Host` leaves alone; older ones
        are judged by comparing `Origin` and `Host`. No `Origin`: no page of another site.
        """
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is None or not request.path.startswith("/api/"):
            return False
        if request.headers.get("Sec-Fetch-Site") == "same-origin":
            return False
        return urlsplit(origin).netloc != request.host
