"""Reads what a homeserver's stream brings: who invites, who comes and goes, what was said or removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

_MESSAGES = ("m.room.message", "m.room.encrypted", "m.sticker")
_STATES = ("m.room.member", "m.room.encryption", "m.room.create", "m.room.power_levels")

FILTER: dict[str, Any] = {
    "presence": {"types": []},
    "account_data": {"types": []},
    "room": {
        "account_data": {"types": []},
        "ephemeral": {"types": []},
        "state": {"types": list(_STATES), "lazy_load_members": True},
        "timeline": {"types": [*_MESSAGES, *_STATES, "m.room.redaction"], "limit": 50},
    },
}
"""What is asked of the stream, and no more."""


@dataclass(frozen=True, slots=True)
class News:
    """Something to deal with in a room. `target`: the event that it replaces or removes; `raw`: as it came.

    `joined`: the bot itself came in; `members`: someone else came or went; `gone`: the bot is put out.
    """

    kind: Literal["message", "redaction", "joined", "members", "gone"]
    room: str
    event: str
    sender: str
    target: str | None
    raw: dict[str, Any]


def invitations(rooms: dict[str, Any], me: str) -> Iterator[tuple[str, str]]:
    """The rooms to which `me` is invited, and by whom, in the `rooms` of an answer of the stream."""
    for room, part in rooms.get("invite", {}).items():
        for raw in part.get("invite_state", {}).get("events", []):
            if is_invitation(raw, me):
                yield room, raw["sender"]


def departures(rooms: dict[str, Any], me: str) -> Iterator[News]:
    """The rooms that `me` was put out of."""
    for room, part in rooms.get("leave", {}).items():
        for raw in part.get("timeline", {}).get("events", []):
            if raw.get("type") == "m.room.member" and raw.get("state_key") == me:
                yield News("gone", room, raw["event_id"], raw["sender"], None, raw)


def read_timeline(room: str, me: str, raws: Iterable[Any]) -> Iterator[News]:
    """What is to be dealt with among the events `raws` of a room, in their order, from the bot's last
    invitation on: what was said before it is not for the bot."""
    events = [raw for raw in raws if isinstance(raw, dict) and "event_id" in raw and "sender" in raw]
    invited = [place for place, raw in enumerate(events) if is_invitation(raw, me)]
    for raw in events[invited[-1] if invited else 0 :]:
        kind, target = raw.get("type"), None
        content, unsigned = raw.get("content") or {}, raw.get("unsigned") or {}
        what: Any = None
        if kind == "m.room.member":
            if raw.get("state_key") != me:
                what = "members"
            elif _membership(content) == "join" != _membership(unsigned.get("prev_content")):
                what = "joined"
        elif raw["sender"] == me:
            continue
        elif kind == "m.room.redaction":
            # Its place changed with version 11 of rooms.
            what, target = "redaction", content.get("redacts") or raw.get("redacts")
        elif kind in _MESSAGES and content and "redacted_because" not in unsigned:
            what, relation = "message", content.get("m.relates_to") or {}
            target = relation.get("event_id") if relation.get("rel_type") == "m.replace" else None
        if what:
            yield News(what, room, raw["event_id"], raw["sender"], target, raw)


def is_invitation(raw: Any, me: str) -> bool:
    """Whether an event invites `me`."""
    return (
        raw.get("type") == "m.room.member"
        and raw.get("state_key") == me
        and _membership(raw.get("content")) == "invite"
    )


def is_message(raw: dict[str, Any]) -> bool:
    """Whether an event is, or was before it was removed, something said."""
    return raw.get("type") in _MESSAGES


def _membership(content: Any) -> str | None:
    return content.get("membership") if isinstance(content, dict) else None
