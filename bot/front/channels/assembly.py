"""A channel with all that answers behind it: for a process of its own, or inside the front."""

from __future__ import annotations

from bot.front.channels.base import Channel
from bot.front.channels.dispatcher import Dispatcher, Limits
from bot.front.channels.messenger import Messenger
from bot.front.channels.store import ChannelStore
from bot.front.config import FrontConfig
from bot.front.conversation import Conversation
from bot.front.limits import MemoryRateLimiter
from bot.front.reception import Reception
from bot.front.sessions import SessionStore


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
