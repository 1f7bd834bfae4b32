"""The files that browsers load, and the pages of other sites that may call the API."""

from __future__ import annotations

import base64
import gzip
import hashlib
from importlib.metadata import version
from pathlib import Path

import pytest
from front_samples import FakeRasa, running_front

from bot.front.config import front_config
from bot.front.origins import read_origins
from bot.settings import SettingsError, load

STATIC = Path(__file__).parents[2] / "bot" / "front" / "static"
SITE = "https://www.example.fr"


async def test_the_pages_load_their_own_files_and_nothing_else() -> None:
    async with running_front(FakeRasa()) as front:
        async with front.get("/") as response:
            page = await response.text()
            assert response.content_type == "text/html"
        for words in ("assistant automatique", "information juridique générale", "aucune donnée de patient"):
            assert words in page
        assert "http" not in page
        for file in STATIC.iterdir():
            expected = 404 if file.suffix == ".html" else 200
            assert (await front.get(f"/static/{file.name}")).status == expected
    assert "innerHTML" not in (STATIC / "widget.js").read_text()


async def test_the_widget_has_a_stable_and_a_pinned_address() -> None:
    widget = (STATIC / "widget.js").read_bytes()
    async with running_front(FakeRasa()) as front:
        async with front.get("/widget.json") as response:
            manifest = await response.json()
        digest = hashlib.sha384(widget).digest()
        assert manifest["version"] == version("bonjour-maitre")
        assert manifest["integrity"] == f"sha384-{base64.b64encode(digest).decode()}"
        for name, cache in (
            ("address", "no-cache"),
            ("pinned_address", "public, max-age=31536000, immutable"),
        ):
            async with front.get(f"/{manifest[name]}") as response:
                assert await response.read() == widget
                assert response.content_type == "text/javascript"
                assert response.headers["Access-Control-Allow-Origin"] == "*"
                assert response.headers["Cache-Control"] == cache
        assert (await front.get("/widget-0.0.9-000000000000.js")).status == 404


async def test_files_go_out_compressed_and_are_not_sent_twice() -> None:
    async with running_front(
        FakeRasa(),
    ) as front:
        front.session._auto_decompress = False
        async with front.get("/widget.js", headers={"Accept-Encoding": "br, gzip"}) as response:
            assert response.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(await response.read()) == (STATIC / "widget.js").read_bytes()
            etag = response.headers["ETag"]
        for refusing in ("identity", "gzip;q=0"):
            async with front.get("/widget.js", headers={"Accept-Encoding": refusing}) as response:
                assert "Content-Encoding" not in response.headers
        async with front.get("/widget.js", headers={"If-None-Match": etag}) as response:
            assert response.status == 304
            assert await response.read() == b""


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        ("", "non indiqué par l’hébergeur"),
        ("acces@example.fr", '<a href="mailto:acces@example.fr">acces@example.fr</a>'),
        ("https://example.fr/contact?a=1&b=2", '<a href="https://example.fr/contact?a=1&amp;b=2">'),
        ('"><script>', "&quot;&gt;&lt;script&gt;"),
    ],
)
async def test_the_accessibility_statement_names_its_contact(contact: str, shown: str) -> None:
    async with running_front(FakeRasa(), contact=contact) as front, front.get("/accessibilite") as response:
        statement = await response.text()
    assert f"Contact&nbsp;: {shown}" in statement or f"Contact&nbsp;: <em>{shown}" in statement
    assert "aucun audit" in statement
    assert "{{" not in statement


async def test_a_listed_site_may_call_the_api() -> None:
    async with running_front(FakeRasa(), origins=frozenset({SITE})) as front:
        asking = {"Origin": SITE, "Access-Control-Request-Method": "POST"}
        for path in ("/api/messages", "/api/sessions"):
            async with front.options(path, headers=asking) as response:
                assert response.status == 204
                assert response.headers["Access-Control-Allow-Origin"] == SITE
                assert "POST" in response.headers["Access-Control-Allow-Methods"]
                assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
                assert "Access-Control-Allow-Credentials" not in response.headers
        async with front.post("/api/messages", json={"text": "a"}, headers={"Origin": SITE}) as response:
            assert response.status == 200
            assert response.headers["Access-Control-Allow-Origin"] == SITE
            assert "Origin" in response.headers["Vary"]
        async with front.post("/api/messages", json={"text": ""}, headers={"Origin": SITE}) as response:
            assert response.status == 400  # refusals too are for the page to read
            assert response.headers["Access-Control-Allow-Origin"] == SITE


@pytest.mark.parametrize("origin", ["https://autre.example", "http://www.example.fr", f"{SITE}:8443", "null"])
async def test_another_site_is_refused_before_anything_is_read(origin: str) -> None:
    rasa = FakeRasa()
    async with running_front(rasa, origins=frozenset({SITE})) as front:
        asking = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        for response in (
            await front.options("/api/messages", headers=asking),
            await front.post("/api/messages", json={"text": "a"}, headers={"Origin": origin}),
        ):
            assert response.status == 403
            error = (await response.json())["error"]
            assert error["code"] == "origin_not_allowed"
            assert "MAITRE_ORIGINS" in error["message"]
            assert "Access-Control-Allow-Origin" not in response.headers
    assert rasa.asked == []


async def test_our_own_page_needs_no_list() -> None:
    async with running_front(FakeRasa()) as front:
        own = str(front.make_url("/")).rstrip("/")
        behind_a_proxy = {"Origin": "https://public.example", "Sec-Fetch-Site": "same-origin"}
        for headers in ({"Origin": own}, behind_a_proxy, {}):
            async with front.post("/api/messages", json={"text": "a"}, headers=headers) as response:
                assert response.status == 200


def test_origins_are_read_or_refused_with_the_mend(tmp_path: Path) -> None:
    assert read_origins(f" {SITE}/, http://localhost:8000 ,") == {SITE, "http://localhost:8000"}
    settings = load({"MAITRE_VAR": str(tmp_path)})
    assert front_config(settings, {"MAITRE_ORIGINS": SITE}).origins == {SITE}
    for bad in ("www.example.fr", "*", "https://example.fr/chemin", "null", "https://ex ample.fr"):
        with pytest.raises(SettingsError, match="MAITRE_ORIGINS"):
            front_config(settings, {"MAITRE_ORIGINS": bad})
