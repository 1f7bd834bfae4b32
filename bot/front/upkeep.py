"""What the front does of itself, once a day: delete what doctors left and whose time is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from bot.inbox.inbox import Inbox
from bot.inbox.retention import Retention
from bot.knowledge import KnowledgeUnavailable

log = logging.getLogger("maitre.front")

DAY = 24 * 3600.0


def purge_daily(app: web.Application, inbox: Inbox, retention: Retention) -> None:
    """Have `app` purge `inbox` when it starts and every day; an absent base is tried again the next day."""

    async def running(_: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(_purge(inbox, retention))
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    app.cleanup_ctx.append(running)


async def _purge(inbox: Inbox, retention: Retention) -> None:
    while True:
        try:
            purged = await asyncio.to_thread(inbox.purge, retention)
            log.info("purged: %d questions, %d ratings made anonymous", purged.questions, purged.ratings)
        except KnowledgeUnavailable as error:
            log.warning("not purged: %s", error)
        await asyncio.sleep(DAY)
