"""What doctors leave: questions passed to the editors, addresses for a reply, ratings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "passed_questions",
        sa.Column("reference", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("passed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consent", sa.String, nullable=False),
        sa.Column("wants_reply", sa.Boolean, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("answer", sa.Text),
        sa.Column("fiche", sa.String),
        sa.PrimaryKeyConstraint("reference", name="pk_passed_questions"),
    )
    op.create_index("ix_passed_questions_subject", "passed_questions", ["subject"])
    op.create_index("ix_passed_questions_state", "passed_questions", ["state"])
    op.create_table(
        "reply_addresses",
        sa.Column("reference", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_reply_addresses"),
        sa.ForeignKeyConstraint(
            ["reference"],
            ["passed_questions.reference"],
            name="fk_reply_addresses_reference",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("subject", sa.String),
        sa.Column("fiche_id", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("useful", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.UniqueConstraint("subject", "fiche_id", "version", name="uq_feedback_subject"),
    )
    op.create_index("ix_feedback_fiche_id", "feedback", ["fiche_id"])


def downgrade() -> None:
    """Drop what doctors left."""
    for table in ("feedback", "reply_addresses", "passed_questions"):
        op.drop_table(table)
