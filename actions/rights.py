"""Actions on personal data: what is held, its erasure once confirmed."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.base import InboxAction, origin_of
from bot.dialogue import rights
from bot.dialogue.reply import Reply
from bot.inbox.retention import load_retention

ERASED_SLOT = "erased_subject"
"""Tells the tracker store to drop the subject's conversations (`bot.nlu.tracker_store`, which cannot be
imported here: the action server does without Rasa)."""


class ActionMyData(InboxAction):
    """Says what is held for the subject."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_my_data"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """All of it, from the rows."""
        return [rights.list_held(self.inbox.held(origin_of(tracker).subject), load_retention())], []

    def away(self) -> Reply:
        """That the base cannot be read."""
        return rights.not_listed()


class ActionDeleteMyData(InboxAction):
    """Asks once whether all is to be erased."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_delete_my_data"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """The question."""
        return [rights.ask_erasure(self.inbox.held(origin_of(tracker).subject))], []

    def away(self) -> Reply:
        """That nothing can be erased now."""
        return rights.not_erased()


class ActionKeepData(InboxAction):
    """Erases nothing."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_keep_data"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """That nothing was erased."""
        return [rights.kept()], []


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
