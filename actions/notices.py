"""Actions that say a fixed text: greeting, thanks, goodbye, help, "are you a robot"."""

from __future__ import annotations

from typing import Any, ClassVar

from rasa_sdk import Tracker

from actions.base import ReplyAction
from actions.diagnostic import diagnostics
from bot.dialogue import texts
from bot.dialogue.answer import notice
from bot.dialogue.diagnostic import offer
from bot.dialogue.reply import Reply


class NoticeAction(ReplyAction):
    """Says `text`."""

    text: ClassVar[str]

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """The text; no event."""
        return [notice(self.text)], []


class OfferingAction(NoticeAction):
    """Says `text`, and offers the diagnoses: nobody would guess that they are there."""

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """The text with a button for each diagnosis; no event."""
        return [offer(notice(self.text), diagnostics().values())], []


class ActionGreet(OfferingAction):
    """Says that it is an automatic assistant, legal information, and asks for no patient data."""

    text = texts.GREETING

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_greet"


class ActionThank(NoticeAction):
    """Answers thanks."""

    text = texts.THANKS

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_thank"


class ActionGoodbye(NoticeAction):
    """Says goodbye."""

    text = texts.GOODBYE

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_goodbye"


class ActionBotChallenge(NoticeAction):
    """Says what it is."""

    text = texts.BOT_CHALLENGE

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_bot_challenge"


class ActionHelp(OfferingAction):
    """Says what can be asked."""

    text = texts.HELP

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_help"
