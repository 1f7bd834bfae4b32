"""`action_show_fiche`: shows the fiche whose title the doctor chose."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.answer import ActionAnswer
from bot.dialogue.context import Context
from bot.dialogue.turn import Message, Turn


class ActionShowFiche(ActionAnswer):
    """The fiche named by the entity `fiche` of the message."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_show_fiche"

    def turn(self, tracker: Tracker, message: Message, context: Context) -> Turn:
        """The answer of that fiche."""
        chosen = next(tracker.get_latest_entity_values("fiche"), "")
        return self.dialogue.show(str(chosen), message, context)
