"""What the actions share: the knowledge base, the dispatch of a Reply, `unavailable` without a base."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from functools import lru_cache
from typing import Any

import msgspec
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot import settings
from bot.dialogue.answer import unavailable
from bot.dialogue.reply import Reply
from bot.inbox.inbox import Inbox, open_inbox
from bot.inbox.origin import Origin
from bot.knowledge import KnowledgeBase, KnowledgeUnavailable, open_base

log = logging.getLogger("maitre.actions")


@lru_cache(maxsize=1)
def base() -> KnowledgeBase:
    """The knowledge base of this process."""
    return open_base(settings.load().database_url)


@lru_cache(maxsize=1)
def inbox() -> Inbox:
    """The inbox of this process."""
    return open_inbox(settings.load().database_url)


def origin_of(tracker: Tracker) -> Origin:
    """Whose message it is. Under `rasa shell`, which does not say, the conversation is its own subject."""
    metadata = tracker.latest_message.get("metadata") or {}
    if "subject" in metadata:
        return msgspec.convert(metadata, Origin)
    return Origin(subject=tracker.sender_id, channel="terminal")


def dispatch(dispatcher: CollectingDispatcher, reply: Reply) -> None:
    """Sends `reply`: as `custom`, beside its plain `text`."""
    dispatcher.utter_message(text=reply.text, json_message=msgspec.to_builtins(reply))


class ReplyAction(Action, ABC):
    """An action that answers with Replies. Subclasses give `reply`; an unreadable base gives no law."""

    def __init__(self, knowledge: KnowledgeBase | None = None) -> None:
        self._knowledge = knowledge

    @property
    def knowledge(self) -> KnowledgeBase:
        """The base given, or the process's own."""
        return self._knowledge or base()

    @abstractmethod
    def name(self) -> str:
        """Rasa's name of the action. Abstract here, so that the SDK does not register this class."""

    @abstractmethod
    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """Replies in order, and Rasa events. Raises `KnowledgeUnavailable`."""

    def away(self) -> Reply:
        """What is said when the base cannot be read."""
        return unavailable()

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Rasa's entry: dispatches the Replies and returns the events."""
        try:
            replies, events = self.replies(tracker)
        except KnowledgeUnavailable as error:
            log.error("%s", error)
            replies, events = [self.away()], []
        for reply in replies:
            dispatch(dispatcher, reply)
        return events


class InboxAction(ReplyAction):
    """A Reply action that also writes what doctors leave."""

    def __init__(self, knowledge: KnowledgeBase | None = None, inbox: Inbox | None = None) -> None:
        super().__init__(knowledge)
        self._inbox = inbox

    @property
    def inbox(self) -> Inbox:
        """The inbox given, or the process's own."""
        return self._inbox or inbox()

    @abstractmethod
    def name(self) -> str:
        """Rasa's name of the action. Abstract here, so that the SDK does not register this class."""
