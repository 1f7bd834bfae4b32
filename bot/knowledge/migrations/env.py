"""Alembic's entry point. `bot.knowledge.migrate` runs it, on a connection whose transaction it owns."""

from __future__ import annotations

from alembic import context

from bot.knowledge.models import SCHEMA_TABLE, Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=SCHEMA_TABLE,
    # SQLite alters a table by making it anew.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
