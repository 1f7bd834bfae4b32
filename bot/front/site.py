"""The files that browsers load: the widget, the full page, the accessibility statement.

All are read once, at start: they are few and small, and a version served is then one version throughout.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
from importlib.metadata import version
from pathlib import Path

import msgspec
from aiohttp import ETag, hdrs, web

from bot.front import refusals

STATIC = Path(__file__).parent / "static"
WIDGET = "widget.js"
_STATEMENT = "accessibilite.html"
_PAGES = frozenset({"index.html", _STATEMENT})
_NO_CONTACT = "<em>non indiqué par l’hébergeur de ce service (réglage <code>MAITRE_CONTACT</code>)</em>"

# Not `mimetypes`, which depends on the machine.
_MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
}

_REVALIDATE = "no-cache"
_FOREVER = "public, max-age=31536000, immutable"
_EMBEDDABLE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


class WidgetManifest(msgspec.Struct, frozen=True):
    """Where the widget is: an address that never changes, one for this very version, and the hash of both."""

    version: str
    address: str
    pinned_address: str
    integrity: str


class _File(msgspec.Struct, frozen=True):
    body: bytes
    compressed: bytes
    media_type: str
    etag: str


class Site:
    """Serves the files of `static`. `contact` is who answers for accessibility, an address or a link."""

    def __init__(self, contact: str) -> None:
        self._files = {path.name: _read(path) for path in STATIC.iterdir() if path.is_file()}
        statement = self._files[_STATEMENT].body.replace(b"{{contact}}", _contact(contact).encode())
        self._files[_STATEMENT] = _file(statement, _MEDIA_TYPES[".html"])
        widget = self._files[WIDGET].body
        number, digest = version("bonjour-maitre"), hashlib.sha384(widget).digest()
        self.manifest = WidgetManifest(
            version=number,
            address=WIDGET,
            pinned_address=f"widget-{number}-{digest.hex()[:12]}.js",
            integrity=f"sha384-{base64.b64encode(digest).decode()}",
        )

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Put the site's addresses on `router`."""
        router.add_get("/", self._page)
        router.add_get("/accessibilite", self._accessibility)
        router.add_get(f"/{WIDGET}", self._widget)
        router.add_get("/widget-{version}.js", self._pinned_widget)
        router.add_get("/widget.json", self._manifest)
        router.add_get("/static/{name}", self._static)

    async def _page(self, request: web.Request) -> web.Response:
        return self._serve(request, "index.html")

    async def _accessibility(self, request: web.Request) -> web.Response:
        return self._serve(request, _STATEMENT)

    async def _widget(self, request: web.Request) -> web.Response:
        return self._serve(request, WIDGET, **_EMBEDDABLE)

    async def _pinned_widget(self, request: web.Request) -> web.Response:
        if request.path.removeprefix("/") != self.manifest.pinned_address:
            raise refusals.not_found()
        return self._serve(request, WIDGET, cache=_FOREVER, **_EMBEDDABLE)

    async def _manifest(self, _: web.Request) -> web.Response:
        headers = {hdrs.CACHE_CONTROL: _REVALIDATE, **_EMBEDDABLE}
        body = msgspec.json.encode(self.manifest)
        return web.Response(body=body, content_type="application/json", headers=headers)

    async def _static(self, request: web.Request) -> web.Response:
        # Only names read from the folder are served, so no path can lead out of it.
        name = request.match_info["name"]
        if name in _PAGES:
            raise refusals.not_found()
        return self._serve(request, name)

    def _serve(
        self, request: web.Request, name: str, *, cache: str = _REVALIDATE, **headers: str
    ) -> web.Response:
        file = self._files.get(name)
        if file is None:
            raise refusals.not_found()
        # Weak, because the same file goes out compressed and not.
        etag = ETag(value=file.etag, is_weak=True)
        if any(known.value == file.etag for known in request.if_none_match or ()):
            response = web.Response(status=304, headers=headers)
        else:
            response = web.Response(body=file.body, headers=headers)
            response.content_type = file.media_type
            if file.media_type.startswith("text/"):
                response.charset = "utf-8"
            if len(file.compressed) < len(file.body) and _takes_gzip(request):
                response.body = file.compressed
                response.headers[hdrs.CONTENT_ENCODING] = "gzip"
        response.etag = etag
        response.headers[hdrs.CACHE_CONTROL] = cache
        response.headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
        return response


def _read(path: Path) -> _File:
    return _file(path.read_bytes(), _MEDIA_TYPES[path.suffix])


def _file(body: bytes, media_type: str) -> _File:
    compressed = gzip.compress(body, compresslevel=9, mtime=0)
    return _File(body, compressed, media_type, hashlib.sha256(body).hexdigest()[:32])


def _takes_gzip(request: web.Request) -> bool:
    accepted = request.headers.get(hdrs.ACCEPT_ENCODING, "").lower()
    return any(part.split(";")[0].strip() == "gzip" and "q=0" not in part for part in accepted.split(","))


def _contact(given: str) -> str:
    """`given` as HTML: a link when it is an address of mail or of the web."""
    shown = html.escape(given.strip())
    if not shown:
        return _NO_CONTACT
    if shown.startswith("https://"):
        return f'<a href="{shown}">{shown}</a>'
    return f'<a href="mailto:{shown}">{shown}</a>' if "@" in shown else shown
