"""Who takes part in the Matrix tests: a doctor with an encrypting client, and the bot's process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mautrix.client import Client
from mautrix.crypto import OlmMachine
from mautrix.crypto.store.asyncpg import PgCryptoStateStore, PgCryptoStore
from mautrix.errors import DecryptionError, SessionNotFound
from mautrix.types import EventType, Membership, MessageType, RoomID, TextMessageEventContent, UserID
from mautrix.util.async_db import Database
from synapse import ROOT, Synapse

ANSWERED_WITHIN = 90  # seconds, on a busy machine


@dataclass
class Doctor:
    """Someone who writes to the bot; `heard` is what the bot said, by room, in order."""

    client: Client
    database: Database
    heard: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    joined: set[str] = field(default_factory=set)

    @classmethod
    async def open(cls, synapse: Synapse, name: str, folder: Path) -> Doctor:
        """Registered, logged in, with keys shared and the stream followed."""
        user = synapse.register(name, f"pass-of-{name}")
        database = Database.create(f"sqlite:///{folder / name}.db", upgrade_table=PgCryptoStore.upgrade_table)
        await database.start()
        await PgCryptoStateStore.upgrade_table.upgrade(database)
        keys, rooms = PgCryptoStore(user, "pickle", database), PgCryptoStateStore(database)
        client = Client(mxid=UserID(user), base_url=synapse.url, state_store=rooms, sync_store=keys)
        await client.login(password=f"pass-of-{name}")
        client.crypto = OlmMachine(client, keys, rooms)
        await client.crypto.load()
        await keys.put_device_id(client.device_id)
        await client.crypto.share_keys()
        doctor = cls(client, database)
        client.add_event_handler(EventType.ROOM_ENCRYPTED, doctor._hear)
        client.add_event_handler(EventType.ROOM_MEMBER, doctor._see)
        client.start(None)
        return doctor

    async def close(self) -> None:
        """Stop following the stream."""
        self.client.stop()
        await asyncio.sleep(0)
        await self.database.stop()
        await self.client.api.session.close()

    async def _see(self, event: Any) -> None:
        if event.content.membership is Membership.JOIN and event.state_key != self.client.mxid:
            self.joined.add(event.room_id)

    async def _hear(self, event: Any) -> None:
        if event.sender == self.client.mxid:
            return
        for _ in range(3):
            try:
                read = await self.client.crypto.decrypt_megolm_event(event)
                break
            except SessionNotFound as error:
                await self.client.crypto.wait_for_session(event.room_id, error.session_id, timeout=10)
        else:
            raise DecryptionError("no key for what the bot said")
        self.heard[event.room_id].append(
            {**read.content.serialize(), "trust": read["mautrix"]["trust_state"]}
        )

    async def invite(self, bot: str) -> RoomID:
        """A new direct room with `bot`, who is there when this returns."""
        room = await self.propose(bot)
        await self.until(lambda: room in self.joined, "the bot does not come")
        await self.client.get_joined_members(room)
        return room

    async def propose(self, bot: str) -> RoomID:
        """A new encrypted direct room to which `bot` is invited."""
        encryption = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
        return await self.client.create_room(
            is_direct=True,
            invitees=[UserID(bot)],
            initial_state=[{**encryption, "state_key": ""}],
        )

    async def write(self, room: RoomID, text: str, *, instead_of: str | None = None) -> str:
        """Send `text`; its event's identifier. With `instead_of`, as an edit of that message."""
        content = TextMessageEventContent(msgtype=MessageType.TEXT, body=text)
        if instead_of:
            content.set_edit(instead_of)
        return str(await self.client.send_message_event(room, EventType.ROOM_MESSAGE, content))

    async def write_without_key(self, room: RoomID) -> None:
        """Send a message of which the bot has no key, and never will."""
        content: Any = {
            "algorithm": "m.megolm.v1.aes-sha2",
            "sender_key": self.client.crypto.account.identity_key,
            "device_id": self.client.device_id,
            "session_id": "unknown",
            "ciphertext": "AwgAEnB0",
        }
        await self.client.send_message_event(room, EventType.ROOM_ENCRYPTED, content, disable_encryption=True)

    async def hears(self, room: RoomID, part: str, *, after: int = 0) -> dict[str, Any]:
        """The first thing that the bot says in `room` with `part` in it, from place `after` on."""

        def found() -> list[dict[str, Any]]:
            return [said for said in self.heard[room][after:] if part in said["body"]]

        await self.until(found, f"not heard: {part!r}", room)
        return found()[0]

    async def hears_answer_to(self, room: RoomID, event: str) -> list[dict[str, Any]]:
        """All that the bot said from its answer to `event` on, once it has begun to answer."""

        def place() -> list[int]:
            return [n for n, said in enumerate(self.heard[room]) if answers(said) == event]

        await self.until(place, "no answer", room)
        return self.heard[room][place()[0] :]

    async def until_left(self, room: RoomID, bot: str) -> None:
        """Wait until `bot` is neither in `room` nor invited to it."""
        deadline = time.monotonic() + ANSWERED_WITHIN
        while await self._membership(room, bot) != "leave":
            assert time.monotonic() < deadline, "the bot is still there"
            await asyncio.sleep(0.2)

    async def _membership(self, room: RoomID, user: str) -> str:
        member = await self.client.get_state_event(room, EventType.ROOM_MEMBER, UserID(user))
        return str(member.membership.value)

    async def until(self, done: Any, problem: str, room: str = "") -> None:
        """Wait until `done()` is true."""
        deadline = time.monotonic() + ANSWERED_WITHIN
        while not done():
            bodies = [said["body"][:200] for said in self.heard[room]]
            assert time.monotonic() < deadline, f"{problem}; heard: {bodies}"
            await asyncio.sleep(0.1)


def answers(said: dict[str, Any]) -> str | None:
    """The event to which something said is a reply."""
    return ((said.get("m.relates_to") or {}).get("m.in_reply_to") or {}).get("event_id")


@dataclass
class Bot:
    """`maitre channel matrix` as a host runs it."""

    user: str
    environment: dict[str, str]
    var: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self, **environment: str) -> None:
        """Start it; returns once it says that it is ready."""
        output = self.var / "channel.out"
        already = output.read_text().count("Ready") if output.exists() else 0
        command = [sys.executable, "-c", "from bot.cli import main; main()", "channel", "matrix"]
        with output.open("ab") as stream:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **self.environment, **environment},
                stdout=stream,
                stderr=stream,
                stdin=subprocess.DEVNULL,
            )
        deadline = time.monotonic() + 60
        while output.read_text().count("Ready") == already:
            assert self.process.poll() is None, output.read_text()
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)
