"""Actions that say a fixed text: greeting, thanks, goodbye, help, "are you a robot"."""

from __future__ import annotations

from typing import Any, ClassVar

from rasa_sdk import Tracker

from actions.base import ReplyAction
from bot.dialogue import texts
from bot.dialogue.answer import notice
from bot.dialogue.reply import Reply


class _Notice(ReplyAction):
    action: ClassVar[str]
    text: ClassVar[str]

    def name(self) -> str:
        """Rasa's name of the action."""
        return self.action

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """The text."""
        return [notice(self.text)], []


class ActionGreet(_Notice):
    """Says that it is an automatic assistant, legal information, and asks for no patient data."""

    action, text = "action_greet", texts.GREETING


class ActionThank(_Notice):
    """Answers thanks."""

    action, text = "action_thank", texts.THANKS


class ActionGoodbye(_Notice):
    """Says goodbye."""

    action, text = "action_goodbye", texts.GOODBYE


class ActionBotChallenge(_Notice):
    """Says what it is."""

    action, text = "action_bot_challenge", texts.BOT_CHALLENGE


class ActionHelp(_Notice):
    """Says what can be asked."""

    action, text = "action_help", texts.HELP
