"""Senders' side of the two systems: our front's API, and Rasa's `rest` channel."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Collection
from typing import Any

import aiohttp

from benchmarks.load import Answer

FAILURES = (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError, OSError, ValueError)


class FrontChat:
    """A conversation through our front."""

    def __init__(self, client: aiohttp.ClientSession, url: str) -> None:
        self._client = client
        self._url = url
        self._session: str | None = None

    async def begin(self) -> None:
        """The next message opens a session."""
        self._session = None

    async def say(self, text: str) -> Answer:
        """The front's answer to `text`."""
        body = {"text": text} if self._session is None else {"text": text, "session": self._session}
        try:
            async with self._client.post(f"{self._url}/api/messages", json=body) as response:
                answered: dict[str, Any] = json.loads(await response.read())
                if response.status != 200:
                    return Answer(error=f"HTTP {response.status}")
        except FAILURES as error:
            return Answer(error=type(error).__name__)
        self._session = answered.get("session") or self._session
        replies = answered["replies"]
        if any(reply["kind"] == "unavailable" for reply in replies):
            return Answer(error="unavailable")
        return Answer(
            empty=not any(reply["text"].strip() for reply in replies),
            from_base=any(reply.get("fiche") for reply in replies),
        )


class RestChat:
    """A conversation through Rasa's `rest` channel. `canned`: texts that no fiche wrote."""

    def __init__(self, client: aiohttp.ClientSession, url: str, canned: Collection[str] = ()) -> None:
        self._client = client
        self._url = f"{url}/webhooks/rest/webhook"
        self._canned = canned
        self._sender = ""

    async def begin(self) -> None:
        """The next message comes from a sender that Rasa never saw."""
        self._sender = uuid.uuid4().hex

    async def say(self, text: str) -> Answer:
        """Rasa's answer to `text`."""
        body = {"sender": self._sender, "message": text}
        try:
            async with self._client.post(self._url, json=body) as response:
                messages: list[dict[str, Any]] = json.loads(await response.read())
                if response.status != 200:
                    return Answer(error=f"HTTP {response.status}")
        except FAILURES as error:
            return Answer(error=type(error).__name__)
        texts = [text for message in messages if (text := (message.get("text") or "").strip())]
        return Answer(empty=not texts, from_base=any(text not in self._canned for text in texts))
