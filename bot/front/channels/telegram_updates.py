"""Telegram's updates as events: the few fields that we read, and who is spoken to in a group."""

from __future__ import annotations

from typing import Any

import msgspec

from bot.front.channels.base import Event

READ = ("message", "edited_message", "callback_query")
"""The kinds of update that we ask for."""


class Address(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where an answer goes: a chat, in a group the topic and the message answered."""

    chat: int
    thread: int | None = None
    reply_to: int | None = None


class User(msgspec.Struct, frozen=True):
    """https://core.telegram.org/bots/api#user"""

    id: int
    is_bot: bool = False
    username: str = ""


class Chat(msgspec.Struct, frozen=True):
    """https://core.telegram.org/bots/api#chat"""

    id: int
    type: str = "private"


class Entity(msgspec.Struct, frozen=True):
    """https://core.telegram.org/bots/api#messageentity; places in UTF-16 code units."""

    type: str
    offset: int
    length: int
    user: User | None = None


class Author(msgspec.Struct, frozen=True):
    """The author of the message answered to, all that is read of it."""

    author: User | None = msgspec.field(default=None, name="from")


class Message(msgspec.Struct, frozen=True):
    """https://core.telegram.org/bots/api#message; of media only whether they are there."""

    message_id: int
    chat: Chat
    author: User | None = msgspec.field(default=None, name="from")
    edit_date: int = 0
    message_thread_id: int | None = None
    is_topic_message: bool = False
    media_group_id: str | None = None
    reply_to_message: Author | None = None
    text: str | None = None
    entities: tuple[Entity, ...] = ()
    animation: Any = None
    audio: Any = None
    contact: Any = None
    document: Any = None
    location: Any = None
    photo: Any = None
    poll: Any = None
    sticker: Any = None
    video: Any = None
    video_note: Any = None
    voice: Any = None

    @property
    def has_media(self) -> bool:
        """Whether it holds something that cannot be read (a message of the service holds nothing)."""
        return any(
            part is not None
            for part in (
                *(self.animation, self.audio, self.contact, self.document, self.location, self.photo),
                *(self.poll, self.sticker, self.video, self.video_note, self.voice),
            )
        )


class CallbackQuery(msgspec.Struct, frozen=True):
    """https://core.telegram.org/bots/api#callbackquery"""

    id: str
    author: User = msgspec.field(name="from")
    message: Message | None = None
    data: str | None = None


class Update(msgspec.Struct, frozen=True):
    """https://core.telegram.org/bots/api#update"""

    update_id: int
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: CallbackQuery | None = None


def read_update(raw: bytes | dict[str, Any]) -> Update | None:
    """An update, in JSON or decoded; None when it has not the form."""
    try:
        if isinstance(raw, bytes):
            return msgspec.json.decode(raw, type=Update)
        return msgspec.convert(raw, Update)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def event_of(update: Update, me: User) -> Event | None:
    """What is to be answered in `update` by the bot `me`; None when nothing is.

    In a group only what is said to the bot: its name, one of its commands, an answer to its messages. A
    message edited before it was answered is answered once, as edited; later, it is answered anew.
    """
    if update.callback_query is not None:
        return _press(update.callback_query)
    message = update.message or update.edited_message
    if message is None or message.author is None or message.author.is_bot:
        return None
    private = message.chat.type == "private"
    if not private and message.chat.type not in ("group", "supergroup"):
        return None
    text = message.text
    if not private:
        text = _said_to(me, message)
        if text is None:
            return None
    elif text is None and not message.has_media:
        return None
    name = f"{message.chat.id}/{message.message_id}"
    if message.media_group_id is not None:  # an album comes as several messages
        name = f"{message.chat.id}/album/{message.media_group_id}"
    edited = update.message is None
    return Event(
        key=f"edit/{name}/{message.edit_date}" if edited else f"message/{name}",
        replaces=f"message/{name}" if edited else None,
        conversation=_conversation(message.chat, message.author),
        address=_address(message, quote=not private),
        text=text,
    )


def _press(query: CallbackQuery) -> Event | None:
    if query.message is None or not query.data:
        return None
    return Event(
        key=f"press/{query.id}",
        conversation=_conversation(query.message.chat, query.author),
        address=_address(query.message),
        button=query.data,
    )


def _conversation(chat: Chat, author: User) -> str:
    return str(chat.id) if chat.type == "private" else f"{chat.id}/{author.id}"


def _address(message: Message, *, quote: bool = False) -> str:
    address = Address(
        chat=message.chat.id,
        thread=message.message_thread_id if message.is_topic_message else None,
        reply_to=message.message_id if quote else None,
    )
    return msgspec.json.encode(address).decode()


def _said_to(me: User, message: Message) -> str | None:
    """The text said to the bot in a group, without its name; None when it is said to others."""
    raw = (message.text or "").encode("utf-16-le")
    answered = message.reply_to_message.author if message.reply_to_message else None
    spoken_to = answered is not None and answered.id == me.id
    mine = f"@{me.username}".lower()
    kept, end = "", 0
    for entity in sorted(message.entities, key=lambda one: one.offset):
        start, stop = 2 * entity.offset, 2 * (entity.offset + entity.length)
        name = raw[start:stop].decode("utf-16-le", "replace").lower()
        if entity.type == "bot_command" and name.endswith(mine):
            spoken_to = True
        elif (entity.type == "mention" and name == mine) or (
            entity.type == "text_mention" and entity.user is not None and entity.user.id == me.id
        ):
            spoken_to = True
            if start >= end:
                kept += raw[end:start].decode("utf-16-le", "replace")
                end = stop
    if not spoken_to or message.text is None:
        return None
    return (kept + raw[end:].decode("utf-16-le", "replace")).strip(" ,:")
