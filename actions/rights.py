"""Actions on personal data: the erasure of all that is kept."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.base import InboxAction, origin_of
from bot.dialogue import rights
from bot.dialogue.reply import Reply

ERASED_SLOT = "erased_subject"
"""Tells the tracker store to drop the subject's conversations (`bot.nlu.tracker_store`, which cannot be
imported here: the action server does without Rasa)."""


class ActionEraseData(InboxAction):
    """Erases what is stored for the subject, and has Rasa and the front forget its conversations."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_erase_data"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """What was erased."""
        subject = origin_of(tracker).subject
        return [rights.erased(self.inbox.erase(subject))], [SlotSet(ERASED_SLOT, subject)]

    def away(self) -> Reply:
        """That nothing was erased."""
        return rights.not_erased()
