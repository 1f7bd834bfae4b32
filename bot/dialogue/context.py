"""What a conversation is about, and for how long that is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FICHE_SLOT = "fiche"
PRECISION_SLOT = "precision"
CHOICES_SLOT = "choix"

LONGEST_SILENCE = 600.0
"""Seconds after which what was said before no longer explains what is said now."""
TURNS = 5
"""Messages that may pass without use of the fiche last answered from."""
PENDING_TURNS = 2
"""Messages after which a question or a choice is no longer waited for: the one that follows, and one more."""
_DOUBT = "?"


@dataclass(frozen=True, slots=True)
class Context:
    """`fiche`: the one last answered from. `precision`: fiche and choices of the question that waits for a
    reply ("fiche 0,?"). `choices`: fiches offered; `doubt`: because the question was not understood.
    `said`: the last message in words before this one."""

    fiche: str | None = None
    precision: tuple[str, str] | None = None
    choices: tuple[str, ...] = ()
    doubt: bool = False
    said: str = ""


def code_choices(choices: Sequence[str], *, doubt: bool) -> str:
    """Fiches offered as `CHOICES_SLOT` holds them, "?" first when in doubt."""
    return " ".join([*([_DOUBT] if doubt else []), *choices])


def recall(events: Sequence[Mapping[str, Any]]) -> Context:
    """The context that the events of a Rasa tracker leave, the last user message being the one to answer.

    Time is the events' own: that of the last user message is now. What was said before a new session does
    not count.
    """
    users = [e for e in events if e.get("event") == "user"]
    now = users[-1].get("timestamp") or 0.0 if users else 0.0
    later = 0  # user messages after the event looked at, the one to answer included
    held: dict[str, str | None] = {}
    said = ""
    for event in reversed(events):
        kind = event.get("event")
        if kind in ("session_started", "restart") or now - (event.get("timestamp") or now) > LONGEST_SILENCE:
            break
        if kind == "user":
            text = event.get("text") or ""
            if later == 1 and not text.startswith("/"):
                said = text
            later += 1
        elif kind == "slot" and event.get("name") in (FICHE_SLOT, PRECISION_SLOT, CHOICES_SLOT):
            limit = TURNS if event["name"] == FICHE_SLOT else PENDING_TURNS
            held.setdefault(event["name"], event.get("value") if later <= limit else None)
    precision = (held.get(PRECISION_SLOT) or "").split(" ", 1)
    offered = (held.get(CHOICES_SLOT) or "").split()
    return Context(
        fiche=held.get(FICHE_SLOT),
        precision=(precision[0], precision[1]) if len(precision) == 2 else None,
        choices=tuple(offered[1:] if offered[:1] == [_DOUBT] else offered),
        doubt=offered[:1] == [_DOUBT],
        said=said,
    )
