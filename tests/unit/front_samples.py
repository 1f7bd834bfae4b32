"""A stand-in for Rasa and a front that talks to it, for the tests of the front."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.front.app import SERVER_OPTIONS, create_app
from bot.front.config import FrontConfig
from bot.front.conversation import RasaConversation
from bot.front.reception import AddressBook

SECRET = b"0123456789abcdef0123456789abcdef"
CITATION = {
    "id": "CSP L1111-8",
    "label": "article L. 1111-8 du code de la santé publique",
    "pinpoint": "II",
    "url": "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000049581503",
    "version_since": "2024-05-23",
    "status": "vigueur",
    "support": "officiel",
}


def answer(text: str = "Oui (art. L. 1111-8, II, CSP).", **more: Any) -> dict[str, Any]:
    """A Reply of kind `answer` as an action sends it."""
    return {"kind": "answer", "text": text, "citations": [CITATION], **more}


def custom(*replies: dict[str, Any]) -> list[dict[str, Any]]:
    """What Rasa's REST channel returns for these replies: each beside its plain text."""
    items: list[dict[str, Any]] = []
    for reply in replies:
        items += ({"recipient_id": "x", "text": "doublon"}, {"recipient_id": "x", "custom": reply})
    return items


@dataclass
class FakeRasa:
    """Records what it is asked; answers with `items`, or with what `respond` makes of the request."""

    items: Any = field(default_factory=lambda: custom(answer()))
    respond: Callable[[dict[str, Any]], Awaitable[web.StreamResponse]] | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    @property
    def messages(self) -> list[str]:
        return [body["message"] for body in self.asked]

    @property
    def senders(self) -> list[str]:
        return [body["sender"] for body in self.asked]

    async def webhook(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        if self.respond is not None:
            return await self.respond(body)
        return web.json_response(self.items)


class Front(TestClient[web.Request, web.Application]):
    """A client of the front, with the words of its API."""

    async def send(self, body: dict[str, Any] | bytes, **headers: str) -> tuple[int, dict[str, Any]]:
        """POST to /api/messages: the status and the JSON answer."""
        data = {"data": body} if isinstance(body, bytes) else {"json": body}
        sent = {"Content-Type": "application/json", **headers}
        async with self.post("/api/messages", headers=sent, **data) as response:
            return response.status, await response.json()

    async def erase(self, token: str | None) -> tuple[int, dict[str, Any]]:
        """DELETE of a session: the status and the JSON answer, if any."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with self.delete("/api/sessions", headers=headers) as response:
            return response.status, json.loads(await response.read() or b"{}")

    async def open(self) -> str:
        async with self.post("/api/sessions") as response:
            assert response.status == 201
            token: str = (await response.json())["session"]
            return token


@asynccontextmanager
async def running_front(
    rasa: FakeRasa, *, addresses: AddressBook | None = None, **config: Any
) -> AsyncIterator[Front]:
    """A front on a real socket, before `rasa` on another."""
    backend = web.Application()
    backend.router.add_post("/webhooks/rest/webhook", rasa.webhook)
    server = TestServer(backend)
    await server.start_server(access_log=None)
    async with server:
        url = str(server.make_url("/"))
        settings = FrontConfig(secret=SECRET, rasa_url=url, **config)
        app = create_app(settings, RasaConversation(url, settings.rasa_timeout), addresses=addresses)
        front = TestServer(app)
        await front.start_server(**SERVER_OPTIONS)
        async with Front(front) as client:
            yield client


async def hold(seconds: float) -> web.StreamResponse:
    """An answer that takes its time."""
    await asyncio.sleep(seconds)
    return web.json_response(custom(answer()))
