"""The seam between the channels and whoever answers."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from typing import Any, Protocol

import aiohttp
import msgspec

from bot.dialogue.reply import Reply
from bot.front.unavailable import UNAVAILABLE
from bot.inbox.origin import Origin

log = logging.getLogger("maitre.front")

_LARGEST_ANSWER = 1_000_000  # bytes


class Conversation(Protocol):
    """Answers messages. Never raises for want of an answer: it then replies that it is unavailable."""

    async def ask(self, sender: str, text: str, origin: Origin | None = None) -> list[Reply]:
        """The replies, at least one, to `text` in the conversation `sender`; what it leads to keep is kept
        under the subject of `origin`."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class RasaConversation:
    """Asks Rasa through its REST channel."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url = f"{url.rstrip('/')}/webhooks/rest/webhook"
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._client: aiohttp.ClientSession | None = None

    async def ask(self, sender: str, text: str, origin: Origin | None = None) -> list[Reply]:
        """Rasa's replies; one `unavailable` when it is away, slow, mute or says what cannot be read."""
        if self._client is None:  # created here because it belongs to the running event loop
            self._client = aiohttp.ClientSession(timeout=self._timeout)
        body: dict[str, Any] = {"sender": sender, "message": text}
        if origin is not None:
            body["metadata"] = msgspec.to_builtins(origin)
        try:
            async with self._client.post(self._url, json=body) as response:
                if response.status != 200:
                    return _unavailable(f"Rasa answered {response.status}")
                raw = await _read_at_most(response, _LARGEST_ANSWER)
            items = json.loads(raw)
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            return _unavailable(f"Rasa cannot be reached ({type(error).__name__})")
        except (ValueError, RecursionError) as error:
            return _unavailable(f"Rasa's answer cannot be read ({type(error).__name__})")
        if not isinstance(items, list) or not items:
            return _unavailable("Rasa said nothing")
        return read_items(items)

    async def close(self) -> None:
        """Let go of the connections to Rasa."""
        if self._client is not None:
            await self._client.close()
            self._client = None


def read_items(items: Sequence[Any]) -> list[Reply]:
    """The replies in the messages of Rasa's REST channel.

    A message with `custom` holds a Reply; the plain texts beside it only repeat it. Plain texts alone
    (a response of the domain) become notices. What cannot be read becomes `unavailable`.
    """
    messages = [item for item in items if isinstance(item, dict)]
    customs = [message["custom"] for message in messages if "custom" in message]
    if customs:
        return [_read_reply(custom) for custom in customs]
    texts = [text for message in messages if isinstance(text := message.get("text"), str) and text.strip()]
    if texts:
        return [Reply(kind="notice", text=text) for text in texts]
    return _unavailable("Rasa's messages hold neither a Reply nor a text")


def _read_reply(custom: object) -> Reply:
    try:
        return msgspec.convert(custom, Reply)
    except msgspec.ValidationError as error:
        # Of msgspec's message only the place ("… - at `$.kind`"): the rest may quote a value.
        place = str(error).rpartition(" - at ")[2] if " - at " in str(error) else "`$`"
        log.error("a Reply does not have the agreed shape at %s", place)
        return UNAVAILABLE


def _unavailable(reason: str) -> list[Reply]:
    log.warning("unavailable: %s", reason)
    return [UNAVAILABLE]


async def _read_at_most(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body; raises ValueError when it is over `limit` bytes."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise ValueError("answer too large")
    return bytes(body)
