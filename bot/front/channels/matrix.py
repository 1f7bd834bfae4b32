"""The Matrix channel: direct rooms, end-to-end encrypted, each a conversation.

`mautrix` keeps its place in the stream of events before it deals with what it received; here the place is
kept after all of it was accepted, so that a process killed in between receives it again. Each message goes
out under a transaction identifier that stays the same when it is tried again, and that the homeserver takes
once.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import aiohttp
from mautrix.api import Method, Path
from mautrix.client import Client
from mautrix.errors import (
    DecryptionError,
    MatrixConnectionError,
    MatrixInvalidToken,
    MatrixRequestError,
    MForbidden,
    MNotFound,
)
from mautrix.types import (
    DeviceLists,
    DeviceOTKCount,
    EventID,
    EventType,
    FilterID,
    MessageType,
    RoomID,
    SerializerError,
    StateEvent,
    SyncToken,
    ToDeviceEvent,
)
from mautrix.types import Event as MatrixEvent

from bot.dialogue.reply import Reply
from bot.fiches.typography import typeset
from bot.front.channels import matrix_sync as stream
from bot.front.channels.assembly import assemble
from bot.front.channels.base import Accept, Event, Gone, NotStored, Retry
from bot.front.channels.dispatcher import Dispatcher
from bot.front.channels.matrix_account import close_client, open_client
from bot.front.channels.matrix_config import MatrixConfig, server_of
from bot.front.channels.matrix_present import messages, notice
from bot.front.channels.matrix_store import MatrixStore, open_store
from bot.front.channels.store import open_store as open_channel_store
from bot.front.config import FrontConfig
from bot.front.conversation import RasaConversation

log = logging.getLogger("maitre.matrix")

NOT_DECRYPTED = typeset(
    "Je n'ai pas reçu la clé qui permet de déchiffrer votre message, je ne peux donc pas le lire. "
    "Merci de l'écrire à nouveau."
)
NOT_ALONE = typeset(
    "Je ne réponds qu'en conversation directe, à deux, pour que personne d'autre ne lise vos questions. "
    "Je quitte ce salon : invitez-moi dans un salon où nous ne serons que vous et moi."
)

_PAGE = 100  # events a page, when more came than the stream shows
_LONGEST_PAUSE = 60.0  # seconds between two tries while the homeserver is away
_KEY_WITHIN = 30.0  # seconds to wait for the key of an encrypted message
_TYPING = 20_000  # milliseconds
_WRITTEN = (MessageType.TEXT, MessageType.EMOTE)


class MatrixChannel:
    """The rooms of an account. `withdraw` (`Dispatcher.withdraw`) leaves unanswered a message that waits."""

    name = "matrix"

    def __init__(self, config: MatrixConfig, client: Client, store: MatrixStore) -> None:
        self._config = config
        self._client = client
        self._store = store
        self._waiting: set[asyncio.Task[None]] = set()
        self.withdraw: Callable[[str], Awaitable[bool]] | None = None

    # --- Sending ---

    def present(self, replies: Sequence[Reply]) -> list[str]:
        """The replies as contents of Matrix messages, of which the first refers to what it answers."""
        contents = messages(replies, self._config.public_url)
        return [json.dumps({"first": place == 0, **content}) for place, content in enumerate(contents)]

    async def send(self, address: str, message: str, key: str) -> None:
        """Send one message, encrypted where the room is. Raises `Retry` and `Gone`."""
        room, _, event = address.partition(" ")
        content: Any = json.loads(message)
        if content.pop("first") and event:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": event}}
        with suppress(Exception):
            await self._client.set_typing(RoomID(room), 0)
        try:
            await self._client.send_message_event(
                RoomID(room), EventType.ROOM_MESSAGE, content, txn_id=f"maitre-{key}"
            )
        except (MForbidden, MNotFound):
            raise Gone from None
        except Exception as error:
            if _may_pass(error):
                raise Retry from None
            raise

    async def working(self, address: str) -> None:
        """A typing notice."""
        with suppress(Exception):
            await self._client.set_typing(RoomID(address.partition(" ")[0]), _TYPING)

    # --- Receiving ---

    async def receive(self, accept: Accept) -> None:
        """Follow the stream until cancelled. Raises `MatrixInvalidToken` when the session was closed."""
        account = await self._store.account()
        assert account is not None
        for raw in await self._store.unread():
            self._keep(self._read_later(raw, accept))
        since, pause, filter_id = account.since, 1.0, None
        try:
            while True:
                try:
                    if filter_id is None:
                        filter_id = await self._filter()
                    data = await self._client.sync(
                        since=SyncToken(since) if since else None,
                        timeout=int(self._config.sync_timeout * 1000) if since else 0,
                        filter_id=filter_id,
                    )
                    since = await self._take(data, since, accept)
                    pause = 1.0
                except MatrixInvalidToken:
                    raise
                except Exception as error:
                    log.warning("the stream is received again in %.0f s (%s)", pause, type(error).__name__)
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE)
        finally:
            for task in self._waiting:
                task.cancel()

    async def _filter(self) -> FilterID:
        created = await self._client.api.request(
            Method.POST, Path.v3.user[self._client.mxid].filter, stream.FILTER
        )
        return FilterID(created["filter_id"])

    async def _take(self, data: Any, since: str | None, accept: Accept) -> str:
        """Deal with one answer of the stream; its place in the stream, once all of it is written down."""
        # Encryption first: without its keys a message of the same answer could not be read.
        await self._take_keys(data)
        rooms, me = data.get("rooms", {}), str(self._client.mxid)
        for room, inviter in stream.invitations(rooms, me):
            await self._answer_invitation(room, inviter)
        unread: list[dict[str, Any]] = []
        for room, part in rooms.get("join", {}).items():
            try:
                await self._take_room(room, part, since, accept, unread)
            except Exception as error:
                if isinstance(error, NotStored) or _may_pass(error):
                    raise
                log.error("the news of a room could not be used (%s)", type(error).__name__)
        for news in stream.departures(rooms, me):
            await accept(_event(news, "/effacer"))
        place: str = data["next_batch"]
        await self._store.advance(place, unread)
        for raw in unread:
            self._keep(self._read_later(raw, accept))
        return place

    async def _take_room(
        self, room: str, part: Any, since: str | None, accept: Accept, unread: list[dict[str, Any]]
    ) -> None:
        for raw in part.get("state", {}).get("events", []):
            await self._update_state(room, raw)
        raws = await self._timeline(room, part.get("timeline", {}), since)
        for raw in raws:
            if "state_key" in raw:
                await self._update_state(room, raw)
        if since is None:  # the first start: the rooms' past is not answered
            await self._is_alone_with_one(room)
            return
        for news in stream.read_timeline(room, str(self._client.mxid), raws):
            await self._deal_with(news, accept, unread)

    async def _timeline(self, room: str, timeline: Any, since: str | None) -> list[Any]:
        """A room's events since `since`, also those that the stream left out because so many came."""
        raws: list[Any] = timeline.get("events", [])
        place, missed = timeline.get("prev_batch"), list[Any]()
        if since is None or not timeline.get("limited"):
            return raws
        page = raws
        while place and page and not any(stream.is_invitation(raw, self._client.mxid) for raw in page):
            answered = await self._client.api.request(
                Method.GET,
                Path.v3.rooms[RoomID(room)].messages,
                query_params={"dir": "b", "from": place, "to": since, "limit": str(_PAGE)},
            )
            page, place = answered.get("chunk", []), answered.get("end")
            missed += page
        return [*missed[::-1], *raws]

    async def _deal_with(self, news: stream.News, accept: Accept, unread: list[dict[str, Any]]) -> None:
        if news.kind == "message":
            if server_of(news.sender) in self._config.servers:
                await self._hear(news, accept, unread)
        elif news.kind == "redaction":
            await self._honour_removal(news, accept)
        elif not await self._is_alone_with_one(news.room):
            await accept(_event(news, "/effacer"))
        elif news.kind == "joined":
            await accept(_event(news, "/start"))

    async def _hear(self, news: stream.News, accept: Accept, unread: list[dict[str, Any]]) -> None:
        """Accept a message, or put it with the `unread` when its key is missing: others need not wait."""
        try:
            heard = await self._read(news)
        except DecryptionError:
            unread.append({**news.raw, "room_id": news.room})
            return
        if heard is None:
            return
        if news.target is not None and self.withdraw is not None:
            await self.withdraw(news.target)  # answered in its new wording only
        await accept(heard)

    async def _read(self, news: stream.News) -> Event | None:
        """A message as it was written; None when it needs no answer. Raises `DecryptionError`."""
        try:
            found: Any = MatrixEvent.deserialize({**news.raw, "room_id": news.room})
            if found.type == EventType.ROOM_ENCRYPTED:
                assert self._client.crypto is not None
                found = await self._client.crypto.decrypt_megolm_event(found)
        except SerializerError:
            return _event(news, None)
        kind = getattr(found.content, "msgtype", None)
        if found.type == EventType.STICKER or (
            found.type == EventType.ROOM_MESSAGE and kind not in (*_WRITTEN, MessageType.NOTICE)
        ):
            return _event(news, None)
        if found.type != EventType.ROOM_MESSAGE or kind == MessageType.NOTICE:
            return None  # nothing to read; or said by another bot
        found.content.trim_reply_fallback()
        return _event(news, str(found.content.body or ""))

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` in the background."""
        task = asyncio.create_task(work)
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _read_later(self, raw: dict[str, Any], accept: Accept) -> None:
        """Accept a message when its key comes; when it does not, say so."""
        assert self._client.crypto is not None
        room, event = raw["room_id"], raw["event_id"]
        for news in stream.read_timeline(room, str(self._client.mxid), [raw]):
            await self._client.crypto.wait_for_session(
                RoomID(room), raw["content"].get("session_id", ""), timeout=_KEY_WITHIN
            )
            while True:
                try:
                    heard = await self._read(news)
                    if heard is not None:
                        await accept(heard)
                    break
                except DecryptionError as error:
                    log.warning("a message cannot be decrypted (%s)", type(error).__name__)
                    with suppress(Retry, Gone):
                        message = json.dumps({"first": True, **notice(NOT_DECRYPTED)})
                        await self.send(
                            f"{room} {event}", message, hashlib.sha256(event.encode()).hexdigest()
                        )
                    break
                except NotStored:
                    await asyncio.sleep(1)
        await self._store.forget_unread(event)

    # --- Rooms ---

    async def _answer_invitation(self, room: str, inviter: str) -> None:
        """Join or decline. A room of a homeserver that is away is tried again without holding up others."""
        try:
            if server_of(inviter) in self._config.servers:
                await self._client.join_room_by_id(RoomID(room))
            else:
                log.info("an invitation from a server that is not on the list is declined")
                await self._client.leave_room(RoomID(room))
        except MatrixRequestError as error:  # the invitation was withdrawn, or the room's homeserver is away
            log.warning("an invitation cannot be answered (%s)", type(error).__name__)
            if _may_pass(error):
                self._keep(self._join_later(room))

    async def _join_later(self, room: str) -> None:
        for pause in (5.0, 20.0, 60.0, 300.0, 900.0, 3600.0):
            await asyncio.sleep(pause)
            with suppress(MatrixRequestError, MatrixConnectionError):
                await self._client.join_room_by_id(RoomID(room))
                return

    async def _is_alone_with_one(self, room: str) -> bool:
        """Whether bot and doctor are alone in the room; else the bot leaves it."""
        try:
            members = {str(user) for user in await self._client.get_joined_members(RoomID(room))}
        except MForbidden:
            return False
        if len(members) == 2:
            return True
        if len(members) > 2:
            with suppress(MForbidden):
                content: Any = notice(NOT_ALONE)
                await self._client.send_message_event(RoomID(room), EventType.ROOM_MESSAGE, content)
        with suppress(MForbidden, MNotFound):
            await self._client.leave_room(RoomID(room))
        return False

    async def _honour_removal(self, news: stream.News, accept: Accept) -> None:
        """Erase what is kept of a conversation when its author removes one of its messages."""
        if news.target is None:
            return
        if self.withdraw is not None:
            await self.withdraw(news.target)
        try:
            target = await self._client.api.request(
                Method.GET, Path.v3.rooms[RoomID(news.room)].event[EventID(news.target)]
            )
        except (MForbidden, MNotFound):
            return
        if stream.is_message(target) and target.get("sender") != self._client.mxid:
            await accept(_event(news, "/effacer"))

    # --- Keys and state ---

    async def _take_keys(self, data: Any) -> None:
        machine = self._client.crypto
        assert machine is not None
        lists = data.get("device_lists", {})
        await _safely(
            "device lists",
            machine.handle_device_lists(
                DeviceLists(changed=lists.get("changed", []), left=lists.get("left", []))
            ),
        )
        for raw in data.get("to_device", {}).get("events", []):
            event = _deserialize(ToDeviceEvent, raw)
            if event is None:
                continue
            event.type = event.type.with_class(EventType.Class.TO_DEVICE)
            if event.type == EventType.TO_DEVICE_ENCRYPTED:
                await _safely("an encrypted to-device event", machine.handle_to_device_event(event))
            elif event.type == EventType.ROOM_KEY_REQUEST:
                await _safely("a key request", machine.handle_room_key_request(event))
        counts = data.get("device_one_time_keys_count", {})
        await machine.handle_otk_count(
            DeviceOTKCount(
                curve25519=counts.get("curve25519", 0), signed_curve25519=counts.get("signed_curve25519", 0)
            )
        )

    async def _update_state(self, room: str, raw: Any) -> None:
        event = _deserialize(StateEvent, {**raw, "room_id": room})
        if event is None or self._client.crypto is None:
            return
        event.type = event.type.with_class(EventType.Class.STATE)
        await self._store.rooms.update_state(event)
        if event.type == EventType.ROOM_MEMBER:
            await _safely("a change of member", self._client.crypto.handle_member_event(event))


@asynccontextmanager
async def open_channel(
    config: MatrixConfig, front: FrontConfig, database_url: str
) -> AsyncIterator[Dispatcher]:
    """The channel with all that answers behind it, logged in and ready to run.

    Raises `MatrixAccountError`, whose message says the mend, `MatrixConnectionError` and `DatabaseUrlError`.
    """
    # As long as Rasa remembers: people come back to a messenger later than to a page.
    front = replace(front, conversation_idle=config.conversation_idle)
    kept = open_channel_store(database_url, MatrixChannel.name)
    store = await open_store(config)
    conversation = RasaConversation(front.rasa_url, front.rasa_timeout)
    try:
        client = await open_client(config, store)
        try:
            channel = MatrixChannel(config, client, store)
            dispatcher = assemble(channel, front, conversation, kept)
            channel.withdraw = dispatcher.withdraw
            yield dispatcher
        finally:
            await close_client(client)
    finally:
        await conversation.close()
        await store.close()
        kept.close()


def _event(news: stream.News, text: str | None) -> Event:
    """`news` as the dispatcher takes it; only what was said is answered by a message that refers to it."""
    address = f"{news.room} {news.event}" if news.kind == "message" else news.room
    return Event(key=news.event, conversation=news.room, address=address, text=text)


def _deserialize(kind: Any, raw: Any) -> Any:
    """`raw` as a mautrix event; None when it has not the form (its content, which may be private, unsaid)."""
    try:
        return kind.deserialize(raw)
    except (SerializerError, AttributeError, KeyError, TypeError, ValueError):
        return None


async def _safely(what: str, work: Awaitable[None]) -> None:
    """Await `work`: one event that cannot be used must not stop the stream for all.

    Only an unreachable homeserver does, and all is then received again.
    """
    try:
        await work
    except MatrixConnectionError:
        raise
    except Exception as error:
        log.warning("%s could not be used (%s)", what, type(error).__name__)


def _may_pass(error: Exception) -> bool:
    """Whether trying again may help: the homeserver is away, broken, or asks for patience."""
    if isinstance(error, MatrixRequestError):
        return error.http_status == 429 or error.http_status >= 500 or isinstance(error, MatrixInvalidToken)
    return isinstance(error, MatrixConnectionError | aiohttp.ClientError | TimeoutError)
