"""What a transcript is made from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from bot.dialogue.reply import Reply


class Exchange(msgspec.Struct, frozen=True):
    """What was said or chosen (masked), when (aware), and the Replies."""

    at: datetime
    asked: str
    replies: tuple[Reply, ...]


class Conversation(msgspec.Struct, frozen=True):
    """Exchanges in order. `incomplete`: earlier ones are no longer remembered. `title` names an example."""

    exchanges: tuple[Exchange, ...]
    incomplete: bool = False
    title: str | None = None


class ConversationError(ValueError):
    """A file that holds no conversation; the message, in French, names it and says the mend."""


def read_conversation(path: Path) -> Conversation:
    """The conversation in a JSON file, as `msgspec.json.encode` writes it. Raises `ConversationError`."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Conversation)
    except msgspec.DecodeError as error:
        raise ConversationError(f"{path} n’est pas une conversation en JSON\u00a0: {error}.") from None
