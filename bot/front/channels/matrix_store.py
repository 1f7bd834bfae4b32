"""What the Matrix channel keeps on disk beside the base: its session, its keys, its place in the stream."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from mautrix.crypto.store.asyncpg import PgCryptoStateStore, PgCryptoStore
from mautrix.util.async_db import Database, UpgradeTable

from bot.front.channels.matrix_config import MatrixAccountError, MatrixConfig

_upgrades = UpgradeTable(version_table_name="maitre_version", database_name="channel")


async def _create(connection: Any, _: object) -> None:
    await connection.execute(
        """CREATE TABLE maitre_account (
            user_id TEXT PRIMARY KEY, device_id TEXT NOT NULL, access_token TEXT NOT NULL, since TEXT
        )"""
    )
    # Encrypted as they came: their key may come later.
    await connection.execute("CREATE TABLE maitre_unread (event_id TEXT PRIMARY KEY, event TEXT NOT NULL)")


_upgrades.register(cast(Any, _create), description="Account, unread messages")


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The channel's session on its homeserver; `since` is its place in the stream of events."""

    user_id: str
    device_id: str
    access_token: str
    since: str | None = None


@dataclass(frozen=True, slots=True)
class MatrixStore:
    """The open database `var/matrix/store.db`, readable by its owner alone."""

    database: Database
    keys: PgCryptoStore
    rooms: PgCryptoStateStore
    lock: int  # the descriptor of a locked file

    async def close(self) -> None:
        """Let go of the files."""
        await self.database.stop()
        os.close(self.lock)

    async def account(self) -> Account | None:
        """The session kept, if any."""
        row = await self.database.fetchrow("SELECT * FROM maitre_account")
        return None if row is None else Account(**dict(row))

    async def put_account(self, account: Account) -> None:
        """Keep `account`, the only one."""
        async with self._transaction() as connection:
            await connection.execute("DELETE FROM maitre_account")
            await connection.execute(
                """INSERT INTO maitre_account (user_id, device_id, access_token, since)
                VALUES ($1, $2, $3, $4)""",
                *(account.user_id, account.device_id, account.access_token, account.since),
            )

    async def advance(self, since: str, unread: Iterable[dict[str, Any]]) -> None:
        """Keep that all before `since` was dealt with, but for `unread`, which wait for their key."""
        async with self._transaction() as connection:
            for event in unread:
                await connection.execute(
                    """INSERT INTO maitre_unread (event_id, event) VALUES ($1, $2)
                    ON CONFLICT (event_id) DO NOTHING""",
                    *(event["event_id"], json.dumps(event)),
                )
            await connection.execute("UPDATE maitre_account SET since=$1", since)

    async def unread(self) -> list[dict[str, Any]]:
        """The encrypted events that wait for their key."""
        rows = await self.database.fetch("SELECT event FROM maitre_unread")
        return [json.loads(row["event"]) for row in rows]

    async def forget_unread(self, event_id: str) -> None:
        """The event waits no longer."""
        await self.database.execute("DELETE FROM maitre_unread WHERE event_id=$1", event_id)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Any]:
        acquired: Any = self.database.acquire()
        async with acquired as connection, connection.transaction():
            yield connection


async def open_store(config: MatrixConfig) -> MatrixStore:
    """The store in the folder of `config`, made when it is not there; its keys are kept encrypted.

    Raises `MatrixAccountError` when another process has it.
    """
    config.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = config.folder / "store.db"
    # SQLite would make it readable by all; the files beside it (-wal, -shm) take its mode.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    lock = os.open(config.folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise MatrixAccountError(
            f"Un autre «\u00a0maitre channel matrix\u00a0» se sert déjà de {config.folder}\u00a0: arrêtez-le "
            "d’abord, pour que personne ne reçoive deux réponses."
        ) from None
    database = Database.create(f"sqlite:///{path}", upgrade_table=PgCryptoStore.upgrade_table)
    await database.start()
    await PgCryptoStateStore.upgrade_table.upgrade(database)
    await _upgrades.upgrade(database)
    keys = PgCryptoStore(config.user, config.pickle_key, database)
    return MatrixStore(database, keys, PgCryptoStateStore(database), lock)
