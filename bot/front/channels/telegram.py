"""The Telegram channel: updates delivered to the front (webhook) or fetched (long polling)."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from aiohttp import web

from bot.dialogue.reply import Reply
from bot.front import refusals
from bot.front.channels import words
from bot.front.channels.assembly import assemble
from bot.front.channels.base import Accept, Gone, NotStored, Retry
from bot.front.channels.dispatcher import Dispatcher, Limits
from bot.front.channels.store import ChannelStore
from bot.front.channels.telegram_api import ApiRefusal, TelegramApi
from bot.front.channels.telegram_config import TelegramConfig
from bot.front.channels.telegram_present import TelegramMessage, present
from bot.front.channels.telegram_updates import READ, Address, Update, User, event_of, read_update
from bot.front.config import FrontConfig
from bot.front.conversation import Conversation
from bot.settings import SettingsError

log = logging.getLogger("maitre.telegram")

WEBHOOK = "/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
# 4,096 characters in JSON's longest spelling, twice (a message and the one it answers), and the rest.
MAX_UPDATE = 262_144  # bytes
_POLL = 50  # seconds that getUpdates may wait for news
_TYPING_WITHIN = 3.0
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0


class TelegramChannel:
    """One bot account. `receive` fetches updates, unless `webhook` routes bring them."""

    name = "telegram"

    def __init__(self, config: TelegramConfig, *, webhook: bool) -> None:
        self._config = config
        self._api = TelegramApi(config.token, config.api)
        self._webhook = webhook
        self._accept: Accept | None = None
        self._me = User(0, is_bot=True)

    # --- The channel's interface ---

    async def receive(self, accept: Accept) -> None:
        """Announce the bot to Telegram, then hand its updates to `accept` until cancelled.

        Raises `SettingsError` when Telegram does not know the token.
        """
        await self._announce()
        self._accept = accept
        if self._webhook:
            await asyncio.Event().wait()
        offset: int | None = None
        while True:
            offset = await self._fetch(offset)

    def present(self, replies: Sequence[Reply]) -> list[str]:
        """The messages that show `replies`."""
        messages = present(replies, self._config.public_url)
        return [msgspec.json.encode(message).decode() for message in messages]

    async def send(self, address: str, message: str, key: str) -> None:
        """Send one message. Telegram has no use for `key`."""
        where = msgspec.json.decode(address, type=Address)
        what = msgspec.json.decode(message, type=TelegramMessage).parameters()
        if where.reply_to is not None:
            what["reply_parameters"] = {
                "message_id": where.reply_to,
                "allow_sending_without_reply": True,
            }
        try:
            await self._api.call("sendMessage", **_chat(where), **what)
        except ApiRefusal as refusal:
            if refusal.moved_to is None:
                log.error("Telegram refuses a message (%d)", refusal.status)
                raise
            await self._api.call("sendMessage", chat_id=refusal.moved_to, **what)

    async def working(self, address: str) -> None:
        """Show that we are typing, if that can be said quickly."""
        where = msgspec.json.decode(address, type=Address)
        with suppress(Retry, Gone, ApiRefusal, TimeoutError):
            async with asyncio.timeout(_TYPING_WITHIN):
                await self._api.call("sendChatAction", **_chat(where), action="typing")

    async def close(self) -> None:
        """Let go of the connections."""
        await self._api.close()

    # --- Receiving ---

    async def deliver(self, request: web.Request) -> web.Response:
        """The handler of the webhook. Refuses who does not show the secret; 503 has Telegram try again."""
        shown = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(shown, self._config.secret.encode()):
            raise refusals.webhook_forbidden()
        update = read_update(await _read_at_most(request, MAX_UPDATE))
        if update is None:
            log.warning("an update that cannot be read is left out")
        else:
            try:
                await self._take(update)
            except NotStored:
                raise refusals.not_stored() from None
        return web.Response()

    async def _take(self, update: Update) -> None:
        if self._accept is None:
            raise NotStored
        event = event_of(update, self._me)
        if event is not None:
            await self._accept(event)
        if update.callback_query is not None:
            # Ends the button's spinner. Too late or twice does no harm.
            with suppress(Retry, Gone, ApiRefusal):
                await self._api.call("answerCallbackQuery", callback_query_id=update.callback_query.id)

    async def _fetch(self, offset: int | None) -> int | None:
        """Fetch and take the next updates; the place from which to fetch then."""
        try:
            raws = await self._api.call(
                "getUpdates", wait=_POLL, offset=offset, timeout=_POLL, allowed_updates=READ
            )
            for raw in raws:
                update = read_update(raw)
                if update is not None:
                    await self._take(update)
                offset = _after(raw, offset)
        except Retry as retry:
            await asyncio.sleep(retry.after or _FIRST_PAUSE)
        except (NotStored, Gone):
            await asyncio.sleep(_FIRST_PAUSE)
        except ApiRefusal as refusal:
            # 409: another process fetches this bot's updates.
            log.error("Telegram refuses to give updates (%d)", refusal.status)
            await asyncio.sleep(_LONGEST_PAUSE)
        return offset

    async def _announce(self) -> None:
        me = await self._insist("getMe")
        self._me = msgspec.convert(me, User)
        commands = [{"command": name, "description": said} for name, said in words.COMMANDS.items()]
        await self._insist("setMyCommands", commands=commands)
        if not self._webhook:
            await self._insist("deleteWebhook")
            return
        await self._insist(
            "setWebhook",
            url=self._config.public_url + WEBHOOK,
            secret_token=self._config.secret,
            allowed_updates=READ,
        )

    async def _insist(self, method: str, **parameters: Any) -> Any:
        """The result of `method`, however long Telegram is away."""
        pause = _FIRST_PAUSE
        while True:
            try:
                return await self._api.call(method, **parameters)
            except Retry as retry:
                wait = retry.after or pause
                log.warning("Telegram is not reached; again in %.0f s", wait)
                await asyncio.sleep(wait)
                pause = min(2 * pause, _LONGEST_PAUSE)
            except (ApiRefusal, Gone) as error:
                if isinstance(error, ApiRefusal) and error.status in (401, 404):
                    raise SettingsError("MAITRE_TELEGRAM_TOKEN: Telegram does not know this token.") from None
                raise SettingsError(f"Telegram refuses {method}: {error}") from None


def add_telegram(
    app: web.Application,
    telegram: TelegramConfig,
    config: FrontConfig,
    conversation: Conversation,
    store: ChannelStore,
    limits: Limits | None = None,
) -> None:
    """Have the front `app` receive Telegram's updates and answer them through its `conversation`. Closes
    `store` when the front stops."""
    channel = TelegramChannel(telegram, webhook=True)
    app.router.add_post(WEBHOOK, channel.deliver)
    dispatcher = assemble(channel, config, conversation, store, limits)
    app.cleanup_ctx.append(lambda _: _running(dispatcher))

    async def close(_: web.Application) -> None:
        await channel.close()
        store.close()

    app.on_cleanup.append(close)


async def _running(dispatcher: Dispatcher) -> AsyncIterator[None]:
    """Runs `dispatcher` beside the front, which a channel that fails does not stop."""
    running = asyncio.create_task(dispatcher.run())
    running.add_done_callback(_say_why)
    yield
    running.cancel()
    await asyncio.wait({running})


def _say_why(ended: asyncio.Task[None]) -> None:
    if not ended.cancelled() and (error := ended.exception()) is not None:
        said = str(error) if isinstance(error, SettingsError) else type(error).__name__
        log.error("the Telegram channel is stopped: %s", said)


def _chat(where: Address) -> dict[str, Any]:
    return {"chat_id": where.chat, "message_thread_id": where.thread}


def _after(raw: Any, offset: int | None) -> int | None:
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number + 1 if isinstance(number, int) else offset


async def _read_at_most(request: web.Request, limit: int) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise refusals.too_large()
    return bytes(body)
