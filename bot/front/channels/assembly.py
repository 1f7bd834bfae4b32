"""A channel with all that answers behind it: for a process of its own, or inside the front."""

from __future__ import annotations

from contextlib import closing

from bot.front.channels.base import Channel
from bot.front.channels.dispatcher import Dispatcher, Limits
from bot.front.channels.messenger import Messenger
from bot.front.channels.store import ChannelStore, open_store
from bot.front.config import FrontConfig
from bot.front.conversation import Conversation, RasaConversation
from bot.front.limits import MemoryRateLimiter
from bot.front.reception import Reception
from bot.front.sessions import SessionStore
from bot.settings import Settings


def assemble(
    channel: Channel,
    config: FrontConfig,
    conversation: Conversation,
    store: ChannelStore,
    limits: Limits | None = None,
) -> Dispatcher:
    """The dispatcher that answers `channel` through `conversation`. The caller runs it, and closes both
    `conversation` and `store` afterwards."""
    sessions = SessionStore(
        config.secret, max_messages=config.conversation_messages, max_idle=config.conversation_idle
    )
    reception = Reception(
        conversation,
        sessions,
        MemoryRateLimiter(config.session_rate),
        max_waiting=config.waiting_messages,
        channel=channel.name,
    )
    return Dispatcher(channel, Messenger(reception, sessions), store, config.secret, limits)


async def run_channel(channel: Channel, settings: Settings, config: FrontConfig) -> None:
    """Answer `channel` in this process until cancelled, through the Rasa server of `config`.

    Raises `DatabaseUrlError`, and what `channel.receive` raises.
    """
    conversation = RasaConversation(config.rasa_url, config.rasa_timeout)
    try:
        with closing(open_store(settings.database_url, channel.name)) as store:
            await assemble(channel, config, conversation, store).run()
    finally:
        await conversation.close()
