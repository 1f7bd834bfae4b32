"""`action_answer`: the one action that answers a question, follows it up, offers a choice or declines."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.interfaces import ACTION_LISTEN_NAME

from actions.base import ReplyAction
from actions.diagnostic import diagnostics
from bot import settings
from bot.dialogue.context import CHOICES_SLOT, FICHE_SLOT, PRECISION_SLOT, Context, code_choices, recall
from bot.dialogue.diagnostic import invite
from bot.dialogue.match import Match
from bot.dialogue.reply import Reply
from bot.dialogue.turn import Dialogue, Message, Turn
from bot.fiches.orientations import FILE, Orientation, load_orientations
from bot.nlu.text import each_text_once


@lru_cache(maxsize=1)
def orientations() -> dict[str, Orientation]:
    """Orientations of the project by id."""
    loaded, _ = load_orientations(settings.load().root / "data" / FILE)
    return {orientation.id: orientation for orientation in loaded}


class ActionAnswer(ReplyAction):
    """Hands the message and what is remembered to `Dialogue`, and remembers what it says."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer"

    @property
    def dialogue(self) -> Dialogue:
        """The dialogue over the base of this action."""
        return Dialogue(self.knowledge, orientations())

    def turn(self, tracker: Tracker, message: Message, context: Context) -> Turn:
        """What to say to `message`."""
        return self.dialogue.answer(message, context)

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """The Replies of the turn, in order; what is remembered goes to the slots."""
        context = recall(tracker.events)
        with self.knowledge.one_state(), each_text_once():
            turn = self.turn(tracker, read_message(tracker), context)
        replies = [invite(reply, diagnostics().values()) for reply in turn.replies]
        events = _remember(tracker, turn, context)
        if not tracker.active_loop_name:  # a form asks its question again
            # What every rule says next; said here, the policies need not be asked a second time.
            events.append(FollowupAction(ACTION_LISTEN_NAME))
        return replies, events


def read_message(tracker: Tracker) -> Message:
    """The message to answer. A button's payload is no text."""
    latest = tracker.latest_message
    text = latest.get("text") or ""
    return Message(
        text="" if text.startswith("/") else text,
        intent=(latest.get("intent") or {}).get("name") or "",
        match=msgspec.convert(latest.get("match") or {"questions": []}, Match),
        in_form=bool(tracker.active_loop_name),
    )


def _remember(tracker: Tracker, turn: Turn, context: Context) -> list[dict[str, Any]]:
    """Slots are set anew whenever they are used: the time of the event tells how long ago that was."""
    waiting = {
        PRECISION_SLOT: f"{turn.case.fiche} {turn.case.coded}" if turn.case else None,
        CHOICES_SLOT: code_choices(turn.choices, doubt=turn.doubt) or None,
    }
    held = {PRECISION_SLOT: context.precision, CHOICES_SLOT: context.choices}
    events = []
    for slot, value in waiting.items():
        keeps = value is None and turn.waits and held[slot]
        if not keeps and (value is not None or tracker.get_slot(slot) is not None):
            events.append(SlotSet(slot, value))
    if turn.forget or turn.fiche is not None:
        events.append(SlotSet(FICHE_SLOT, turn.fiche))
    return events
