"""`action_answer`: the one action that answers a question, offers a choice or declines."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.base import FICHE_SLOT, ReplyAction
from bot import settings
from bot.dialogue import answer as build
from bot.dialogue.decision import Decision, Outcome, decide
from bot.dialogue.follow_up import follow_up
from bot.dialogue.match import Match
from bot.dialogue.reply import Reply
from bot.fiches.orientations import FILE, Orientation, load_orientations


@lru_cache(maxsize=1)
def orientations() -> dict[str, Orientation]:
    """Orientations of the project by id."""
    loaded, _ = load_orientations(settings.load().root / "data" / FILE)
    return {orientation.id: orientation for orientation in loaded}


class ActionAnswer(ReplyAction):
    """Reads the `match` that the understanding put on the message."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_answer"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """One Reply per question, in order; remembers the fiche last answered from."""
        latest = tracker.latest_message
        followed = self._follow_up(tracker.get_slot(FICHE_SLOT), latest.get("text") or "")
        if followed is not None:
            return [followed], [SlotSet(FICHE_SLOT, followed.fiche)]
        match = msgspec.convert(latest.get("match") or {"questions": []}, Match)
        genres = {o.id: o.genre for o in orientations().values()}
        decisions = [decide(question, genres) for question in match.questions]
        replies = [self._reply(decision) for decision in decisions] or [build.out_of_domain()]
        answered = [reply.fiche for reply in replies if reply.fiche]
        return replies, [SlotSet(FICHE_SLOT, answered[-1])] if answered else []

    def _follow_up(self, last: str | None, text: str) -> Reply | None:
        if not last:
            return None
        published = self.knowledge.published(last)
        target = follow_up(published.fiche, text) if published else None
        return self.show(target, 1.0) if target else None

    def show(self, fiche: str, confidence: float) -> Reply:
        """The answer of `fiche`; not covered when it is not, or no longer, published."""
        published = self.knowledge.published(fiche)
        if published is None:
            return build.not_covered(confidence=confidence)
        keys = [c.citation.reference.key for c in published.fiche.citations]
        return build.answer(
            published,
            self.knowledge.articles(keys),
            self.knowledge.titles(published.fiche.voisines),
            confidence,
        )

    def _reply(self, decision: Decision) -> Reply:
        orientation = orientations().get(decision.orientation or "")
        if decision.outcome is Outcome.ANSWER:
            return self.show(decision.fiches[0], decision.confidence)
        if decision.outcome is Outcome.CHOICES:
            titles = self.knowledge.titles(decision.fiches)
            if titles:
                return build.choices(titles, decision.confidence)
        if decision.outcome is Outcome.OUT_OF_DOMAIN:
            return build.out_of_domain(orientation.reponse if orientation else None)
        return build.not_covered(orientation.reponse if orientation else None, decision.confidence)
