"""Telegram's Bot API over aiohttp (https://core.telegram.org/bots/api)."""

from __future__ import annotations

from typing import Any

import aiohttp

from bot.front.channels.base import Gone, Retry

# Descriptions of status 400 that mean that nobody will read any more.
_GONE = ("chat not found", "user is deactivated", "group chat was deactivated", "peer_id_invalid")


class ApiRefusal(Exception):
    """The Bot API refuses a call for good: `status`, and Telegram's `description` of it, never our text.

    `moved_to`: the chat's new identifier, when a group became a supergroup.
    """

    def __init__(self, status: int, description: str, moved_to: int | None = None) -> None:
        super().__init__(f"{status}: {description}")
        self.status = status
        self.description = description
        self.moved_to = moved_to


class TelegramApi:
    """Calls methods with the bot's `token` at `url`. Its exceptions never show the token."""

    def __init__(self, token: str, url: str, timeout: float = 20.0) -> None:
        self._base = f"{url.rstrip('/')}/bot{token}/"
        self._timeout = timeout
        self._client: aiohttp.ClientSession | None = None

    async def call(self, method: str, *, wait: float = 0.0, **parameters: Any) -> Any:
        """The result of `method`, which may take `wait` seconds longer than usual.

        Raises `Retry` when Telegram cannot be reached or asks for patience, `Gone` when the chat cannot be
        written to, `ApiRefusal` for anything else.
        """
        if self._client is None:  # created here because it belongs to the running event loop
            self._client = aiohttp.ClientSession()
        given = {name: value for name, value in parameters.items() if value is not None}
        timeout = aiohttp.ClientTimeout(total=self._timeout + wait)
        try:
            async with self._client.post(self._base + method, json=given, timeout=timeout) as response:
                status = response.status
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            raise Retry from None  # the error may show the address, hence the token
        if isinstance(answer, dict) and answer.get("ok") is True:
            return answer.get("result")
        raise _failure(status, answer)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None


def _failure(status: int, answer: Any) -> Exception:
    answer = answer if isinstance(answer, dict) else {}
    description = str(answer.get("description", ""))
    parameters = answer.get("parameters") or {}
    if status == 429:
        after = parameters.get("retry_after")
        return Retry(float(after) if isinstance(after, int | float) else None)
    if status >= 500:
        return Retry()
    if status == 403 or (status == 400 and any(words in description.lower() for words in _GONE)):
        return Gone()
    return ApiRefusal(status, description, parameters.get("migrate_to_chat_id"))
