"""The real front with its Telegram webhook, between the stand-in for Telegram and one for Rasa."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from fake_telegram import TOKEN, FakeTelegram, serving
from front_samples import SECRET, FakeRasa

from bot.front.app import SERVER_OPTIONS, create_app
from bot.front.channels.dispatcher import Limits
from bot.front.channels.store import open_store
from bot.front.channels.telegram import add_telegram
from bot.front.channels.telegram_config import TelegramConfig
from bot.front.config import FrontConfig
from bot.front.conversation import RasaConversation

QUICK = Limits(first_pause=0.02, longest_pause=0.1, stop_grace=0.5)


def config_for(api: str, **more: Any) -> TelegramConfig:
    return TelegramConfig(
        token=TOKEN, api=api, public_url="https://maitre.example.fr", secret="s" * 64, **more
    )


@asynccontextmanager
async def running_telegram(
    telegram: FakeTelegram, rasa: FakeRasa, base: str, limits: Limits = QUICK, **config: Any
) -> AsyncIterator[None]:
    """The real front with its webhook, between the fake Telegram and a stand-in for Rasa."""
    backend = web.Application()
    backend.router.add_post("/webhooks/rest/webhook", rasa.webhook)
    behind = TestServer(backend)
    await behind.start_server(access_log=None)
    async with behind, serving(telegram) as api:
        url = str(behind.make_url("/"))
        settings = FrontConfig(secret=SECRET, rasa_url=url, **config)
        conversation = RasaConversation(url, settings.rasa_timeout)
        app = create_app(settings, conversation)
        add_telegram(app, config_for(api), settings, conversation, open_store(base, "telegram"), limits)
        front = TestServer(app)
        await front.start_server(**SERVER_OPTIONS)
        async with front:
            telegram.front = str(front.make_url("")).rstrip("/")
            async with asyncio.timeout(20):
                while not telegram.webhook:
                    await asyncio.sleep(0.01)
                await asyncio.sleep(0.02)
            yield
