"""The front deletes by itself what is past its time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from knowledge_samples import fresh_base

from bot.front.upkeep import purge_daily
from bot.inbox.inbox import Inbox, Purged, State, open_inbox
from bot.inbox.origin import Origin
from bot.inbox.retention import Retention


async def started(inbox: Inbox, until: Callable[[], bool]) -> None:
    """An application runs until the purge that it begins with is done."""
    app = web.Application()
    purge_daily(app, inbox, Retention())
    async with TestServer(app):
        async with asyncio.timeout(10):
            while not until():
                await asyncio.sleep(0.01)


async def test_an_old_question_is_gone_once_the_front_has_started(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh_base(sqlite_url).close()
    with closing(open_inbox(sqlite_url)) as inbox:
        origin = Origin("a" * 32, "widget")
        old = inbox.pass_question(origin, "une vieille question", consent="c", wants_reply=False)
        inbox.end(old.reference, State.CLOSED, None)
        new = inbox.pass_question(origin, "une question", consent="c", wants_reply=False)
        assert inbox.purge(Retention()) == Purged(0, 0)
        later = inbox._clock() + timedelta(days=100)
        monkeypatch.setattr(inbox, "_clock", lambda: later)
        await started(inbox, lambda: [q.reference for q in inbox.questions()] == [new.reference])


async def test_a_base_that_is_away_does_not_stop_the_front(
    tmp_path: object, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    await started(open_inbox(f"sqlite:///{tmp_path}/absente.db"), lambda: "not purged" in caplog.text)
