"""Bringing the tables to what the code expects, with Alembic, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from bot.knowledge import engine
from bot.knowledge.models import SCHEMA, SCHEMA_TABLE
from bot.knowledge.repository import KnowledgeBase, require_schema, unavailable


@dataclass(frozen=True, slots=True)
class Migration:
    """What a migration did: the schema before (None: no tables) and after."""

    before: str | None
    after: str | None


def head() -> str:
    """The newest migration that the package holds."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def upgrade(base: KnowledgeBase, revision: str = "head") -> Migration:
    """Bring the tables of `base` to `revision`, and nothing when they are there already.

    A missing SQLite file, and its folder, are made. Processes that upgrade together take turns.
    Raises `KnowledgeUnavailable` when the database can't be reached or is ahead of this code.
    """
    return _migrate(base, lambda config: command.upgrade(config, revision), create=True)


def downgrade(base: KnowledgeBase, revision: str) -> Migration:
    """Undo migrations back to `revision` ("base": drop everything, published versions too).

    Raises `KnowledgeUnavailable` when the database can't be reached or is ahead of this code.
    """
    return _migrate(base, lambda config: command.downgrade(config, revision), create=False)


def _config(connection: Any = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "bot.knowledge:migrations")
    config.attributes["connection"] = connection
    return config


def _migrate(base: KnowledgeBase, run: Callable[[Config], None], *, create: bool) -> Migration:
    writer = engine.writing_engine(base.url, create=create)
    try:
        with writer.begin() as connection:
            before = _schema(connection)
            if before is not None and before > SCHEMA:
                require_schema(base.url, connection)
            run(_config(connection))
            return Migration(before, _schema(connection))
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise unavailable(base.url, error, creating=create) from error
    finally:
        writer.dispose()


def _schema(connection: Any) -> str | None:
    # Unlike `schema_of`, this leaves the transaction usable when the table is missing.
    if not inspect(connection).has_table(SCHEMA_TABLE):
        return None
    found = connection.execute(sql(f"SELECT version_num FROM {SCHEMA_TABLE}")).scalar()
    return None if found is None else str(found)
