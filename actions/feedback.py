"""`action_rate`: keeps what a doctor thinks of an answer."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker

from actions.base import InboxAction, origin_of
from bot.dialogue import feedback
from bot.dialogue.context import recall
from bot.dialogue.reply import Reply
from bot.inbox.inbox import Reason


class ActionRate(InboxAction):
    """Rates the fiche and version of a button or, said in words, the last answer."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_rate"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """Thanks, or the question of why not."""
        rated = self._rated(tracker)
        if rated is None:
            return [feedback.which()], []
        fiche, version = rated
        intent = (tracker.latest_message.get("intent") or {}).get("name")
        useful = next(tracker.get_latest_entity_values("useful"), None) == "yes" or intent == "rate_useful"
        given = next(tracker.get_latest_entity_values("reason"), None)
        reason = Reason(given) if given in set(Reason) and not useful else None
        self.inbox.rate(origin_of(tracker), fiche, version, useful=useful, reason=reason)
        if useful:
            return [feedback.thanks()], []
        return [feedback.noted(reason) if reason else feedback.ask_reason(fiche, version)], []

    def _rated(self, tracker: Tracker) -> tuple[str, int] | None:
        named, version = (str(next(tracker.get_latest_entity_values(n), "")) for n in ("fiche", "version"))
        if named and version.isdecimal():
            # Only what was published: the number may be any when Rasa is spoken to directly.
            return (named, int(version)) if self.knowledge.version(named, int(version)) else None
        published = self.knowledge.published(recall(tracker.events).fiche or "")
        return (published.fiche.id, published.version) if published else None

    def away(self) -> Reply:
        """That it was not kept."""
        return feedback.not_kept()
