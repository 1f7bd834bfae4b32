"""Tables of the channels: what arrived and is to be answered, and what is remembered of a conversation.

Nothing here says who wrote: `key` and `session` are HMACs. `address`, `body` (masked) and `messages` are
emptied as soon as the event is answered; what stays only tells a redelivery from something new.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Text

from bot.knowledge.models import Base, UtcDateTime


class ChannelEventRow(Base):
    """One event, in the order of arrival."""

    __tablename__ = "channel_events"
    __table_args__ = (
        Index("ix_channel_events_key", "key", unique=True),
        Index("ix_channel_events_pending", "channel", "finished_at"),
    )

    id = Column(Integer, primary_key=True)
    key = Column(String, nullable=False)
    channel = Column(String, nullable=False)
    session = Column(String)
    address = Column(Text)
    body = Column(Text)
    messages = Column(Text)  # JSON list, once the answer is known
    sent = Column(Integer, nullable=False)  # how many of them are sent
    received_at = Column(UtcDateTime, nullable=False)
    finished_at = Column(UtcDateTime)


class ChannelMemoryRow(Base):
    """What is remembered of a conversation from one message to the next (`messenger.Memory`)."""

    __tablename__ = "channel_memories"

    session = Column(String, primary_key=True)
    channel = Column(String, nullable=False)
    content = Column(Text, nullable=False)
    used_at = Column(UtcDateTime, nullable=False)
