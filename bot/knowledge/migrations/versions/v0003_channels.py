"""Channels: events to be answered once, and what is remembered of a conversation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "channel_events",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("session", sa.String),
        sa.Column("address", sa.Text),
        sa.Column("body", sa.Text),
        sa.Column("messages", sa.Text),
        sa.Column("sent", sa.Integer, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_channel_events"),
    )
    op.create_index("ix_channel_events_key", "channel_events", ["key"], unique=True)
    op.create_index("ix_channel_events_pending", "channel_events", ["channel", "finished_at"])
    op.create_table(
        "channel_memories",
        sa.Column("session", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("session", name="pk_channel_memories"),
    )


def downgrade() -> None:
    """Drop what the channels keep."""
    for table in ("channel_events", "channel_memories"):
        op.drop_table(table)
