"""`action_ask_article`: what the register holds on an article, and the fiches that cite it."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker

from actions.base import ReplyAction
from bot.dialogue import answer as build
from bot.dialogue import texts
from bot.dialogue.reply import Reply
from bot.law.parse import CitationError, find_citations, parse_citation
from bot.law.reference import Citation

MAX_ARTICLES = 3


class ActionAskArticle(ReplyAction):
    """Answers "que dit l'article X ?"."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_article"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """One Reply per article named, three at most; a question back when none is."""
        found = [
            citation for value in tracker.get_latest_entity_values("article") if (citation := _parse(value))
        ]
        if not found:
            found = [f.citation for f in find_citations(tracker.latest_message.get("text") or "")]
        if not found:
            return [build.notice(texts.LAW_WHICH)], []
        distinct = list(dict.fromkeys(found))[:MAX_ARTICLES]
        articles = self.knowledge.articles([c.reference.key for c in distinct])
        return [
            build.law(c, articles.get(c.reference.key), self.knowledge.citing(c.reference.key))
            for c in distinct
        ], []


def _parse(value: str) -> Citation | None:
    try:
        return parse_citation(value)
    except CitationError:
        return None
