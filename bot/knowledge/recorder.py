"""Short writes to the database while someone waits: each in one transaction, cut off when it hangs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.knowledge import engine
from bot.knowledge.repository import require_schema, unavailable


class Recorder:
    """Writes to the base at `url`. Holds no connection until first used. Thread-safe."""

    def __init__(self, url: URL) -> None:
        self.url = url

    def close(self) -> None:
        """Give back the connections; a later use opens new ones."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    @cached_property
    def _engine(self) -> Any:
        return engine.recording_engine(self.url)

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        """A session whose changes are kept when the block ends well. Raises `KnowledgeUnavailable`."""
        try:
            with (
                self._engine.connect() as connection,
                engine.deadline(connection.connection.dbapi_connection, engine.DEADLINE_SECONDS),
                Session(bind=connection, future=True) as session,
                session.begin(),
            ):
                require_schema(self.url, session)
                yield session
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise unavailable(self.url, error) from error
