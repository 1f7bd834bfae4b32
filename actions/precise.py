"""`action_precise`: the branch of an answer that the doctor chose with a button."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.answer import ActionAnswer
from bot.dialogue.context import Context
from bot.dialogue.turn import Message, Turn


class ActionPrecise(ActionAnswer):
    """The fiche and the choices named by the entities `fiche` and `choix` of the message."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_precise"

    def turn(self, tracker: Tracker, message: Message, context: Context) -> Turn:
        """What the fiche says in that case."""
        fiche, choices = (next(tracker.get_latest_entity_values(name), "") for name in ("fiche", "choix"))
        return self.dialogue.precise(str(fiche), str(choices))
