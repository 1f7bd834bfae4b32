"""Connections to the database of published fiches: SQLite or PostgreSQL, to read or to write.

Readers fail fast, whatever the database does, because a doctor is waiting: a connection is tried
for `CONNECT_SECONDS`, a query runs for `QUERY_SECONDS`, and a server that stopped answering is cut
off after `DEADLINE_SECONDS`. Writers wait for their turn, one at a time.
"""

from __future__ import annotations

import os
import re
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import NullPool

CONNECT_SECONDS = 3
QUERY_SECONDS = 3
PING_SECONDS = 2.0
DEADLINE_SECONDS = 4.0
WRITER_WAIT_SECONDS = 30

# Any fixed number will do: it names the one lock that publications and migrations take in turn.
_ADVISORY_LOCK = 7_105_113_902


class DatabaseUrlError(ValueError):
    """The database address cannot be used; the message, in French, says the mend."""


def parse_url(url: str) -> URL:
    """The parsed address of a SQLite file or a PostgreSQL database.

    Raises `DatabaseUrlError` (which never repeats a password) for anything else.
    """
    try:
        # "postgres:" is what many hosting services print; SQLAlchemy wants the full word.
        parsed = make_url(re.sub(r"^postgres:", "postgresql:", url))
    except (ArgumentError, ValueError) as error:
        raise DatabaseUrlError(
            "MAITRE_DATABASE_URL n’est pas une adresse de base de données\u00a0: "
            "écrivez sqlite:////chemin/maitre.db ou postgresql://utilisateur@hôte/base."
        ) from error
    if parsed.get_backend_name() == "sqlite":
        if parsed.database in (None, "", ":memory:") or parsed.query:
            raise DatabaseUrlError(
                "MAITRE_DATABASE_URL\u00a0: une base SQLite doit être un fichier, sans option "
                "(sqlite:////chemin/maitre.db)\u00a0; une base en mémoire serait perdue entre deux processus."
            )
        return parsed
    if parsed.get_backend_name() != "postgresql":
        raise DatabaseUrlError(
            f"MAITRE_DATABASE_URL\u00a0: «\u00a0{parsed.get_backend_name()}\u00a0» n’est pas géré\u00a0; "
            "choisissez sqlite ou postgresql."
        )
    return parsed.set(drivername="postgresql+psycopg2")


def describe(url: URL) -> str:
    """The address as it may be shown and logged: without its password."""
    return str(url.render_as_string(hide_password=True))


def reading_engine(url: URL) -> Any:
    """An engine whose connections only read, and fail fast. Connects on first use."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, mode="rw", read_only=True, wait=QUERY_SECONDS)
    return _postgresql_pool(url, _begin_postgresql_reading)


def recording_engine(url: URL) -> Any:
    """An engine for one short write while a doctor waits: fails fast, and waits for no publication on
    PostgreSQL (on SQLite, which has one writer, for `QUERY_SECONDS` at most)."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, mode="rw", read_only=False, wait=QUERY_SECONDS)
    return _postgresql_pool(url, _begin_postgresql_recording)


def writing_engine(url: URL, *, create: bool = False) -> Any:
    """An engine whose transactions run one at a time over all processes.

    With `create`, a missing SQLite file and its folder are made; without, the file must be there.
    The caller disposes of it.
    """
    if url.get_backend_name() == "sqlite":
        mode = "rwc" if create else "rw"
        return _sqlite_engine(url, mode=mode, read_only=False, wait=WRITER_WAIT_SECONDS)
    engine = create_engine(
        url,
        future=True,
        poolclass=NullPool,
        connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "maitre publish"},
    )
    event.listen(engine, "begin", _begin_postgresql_writing)
    return engine


@contextmanager
def deadline(dbapi_connection: Any, seconds: float) -> Iterator[None]:
    """Cut the connection's socket if the block lasts longer than `seconds` (PostgreSQL only).

    libpq waits without limit for an answer, and a server-side timeout needs a server that runs.
    Once the socket is cut, the waiting call ends with an ordinary connection error. For SQLite,
    which has no server, nothing is done.
    """
    if isinstance(dbapi_connection, sqlite3.Connection):
        yield
        return
    lock = threading.Lock()
    over = False

    def cut() -> None:
        # The lock makes sure that the descriptor is still this connection's.
        with lock, suppress(OSError):
            if not over:
                with socket.socket(fileno=os.dup(dbapi_connection.fileno())) as same:
                    same.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            over = True
        timer.cancel()


def _postgresql_pool(url: URL, begin: Callable[[Any], None]) -> Any:
    engine = create_engine(
        url,
        future=True,
        pool_size=5,
        max_overflow=10,
        pool_timeout=CONNECT_SECONDS,
        connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "maitre"},
    )
    # In place of `pool_pre_ping`, which would wait for ever on a server that froze.
    event.listen(engine, "checkout", _pinger(engine.dialect.dbapi.Error))
    event.listen(engine, "begin", begin)
    return engine


def _sqlite_engine(url: URL, *, mode: str, read_only: bool, wait: int) -> Any:
    path = Path(url.database).absolute()

    def connect() -> sqlite3.Connection:
        if mode == "rwc":
            path.parent.mkdir(parents=True, exist_ok=True)
        # `mode` keeps a reader from leaving an empty file where the base is missing.
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode={mode}",
            uri=True,
            timeout=wait,
            # SQLAlchemy's "begin" event opens transactions, not the driver: see `_begin_sqlite_*`.
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            if read_only:
                connection.execute("PRAGMA query_only = ON")
            elif connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                # Readers go on reading the old state while a publication is written.
                connection.execute("PRAGMA journal_mode = WAL")
        except BaseException:
            connection.close()
            raise
        return connection

    # No pool: opening costs a fraction of a millisecond, and a replaced file is seen at once.
    engine = create_engine("sqlite://", future=True, creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", _begin_sqlite_reading if read_only else _begin_sqlite_writing)
    return engine


def _begin_sqlite_reading(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_sqlite_writing(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_postgresql_reading(connection: Any) -> None:
    # Every read of the transaction sees one state of the base, as on SQLite. Local to the transaction, so
    # that it holds behind a connection pooler too. Milliseconds.
    connection.exec_driver_sql(
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; "
        f"SET LOCAL statement_timeout = {QUERY_SECONDS * 1000}"
    )


def _begin_postgresql_recording(connection: Any) -> None:
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {QUERY_SECONDS * 1000}")


def _begin_postgresql_writing(connection: Any) -> None:
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {WRITER_WAIT_SECONDS * 1000}")
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def _pinger(dbapi_error: type[Exception]) -> Callable[[Any, Any, Any], None]:
    """A pool listener that refuses a connection whose server is gone or silent.

    The pool then opens another: https://docs.sqlalchemy.org/en/14/core/pooling.html#pool-disconnects
    """

    def ping(dbapi_connection: Any, record: Any, proxy: Any) -> None:
        try:
            with deadline(dbapi_connection, PING_SECONDS), dbapi_connection.cursor() as cursor:
                cursor.execute("SELECT 1")
                dbapi_connection.rollback()
        except dbapi_error as error:
            raise DisconnectionError(str(error)) from error

    return ping
