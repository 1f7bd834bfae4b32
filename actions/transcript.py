"""`action_transcript`: the conversation as documents, which the front makes from what it remembers."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker

from actions.base import ReplyAction, origin_of
from bot.dialogue import transcript
from bot.dialogue.reply import Reply


class ActionTranscript(ReplyAction):
    """Names the documents."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_transcript"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """The documents, in words and as links that the front signs."""
        return [transcript.offer() if origin_of(tracker).on_page else transcript.elsewhere()], []
