"""`action_show_fiche`: shows the fiche whose title the doctor chose."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.answer import ActionAnswer
from actions.base import FICHE_SLOT
from bot.dialogue.reply import Reply


class ActionShowFiche(ActionAnswer):
    """The fiche named by the entity `fiche` of the message."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_show_fiche"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """The answer of that fiche."""
        chosen = next(tracker.get_latest_entity_values("fiche"), "")
        reply = self.show(str(chosen), 1.0)
        return [reply], [SlotSet(FICHE_SLOT, reply.fiche)] if reply.fiche else []
