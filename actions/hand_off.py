"""Actions that pass a question to the editors, take it back, or say whom to call."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker

from actions.base import InboxAction, origin_of
from bot.dialogue import hand_off
from bot.dialogue.reply import Reply
from bot.inbox.consent import consent_version
from bot.inbox.inbox import State
from bot.inbox.reference import find_reference
from bot.inbox.retention import load_retention


class ActionHandOff(InboxAction):
    """Shows the last question as it would be kept, and asks for consent."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_hand_off"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """The question of consent, or the request for a question."""
        asked = hand_off.questions(tracker.events)
        if not asked:
            return [hand_off.no_question()], []
        answerable = origin_of(tracker).on_page
        return [hand_off.ask_consent(asked[-1], load_retention(), answerable=answerable)], []


class ActionPassQuestion(InboxAction):
    """Keeps the question that was shown, and gives its number."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_pass_question"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """The number. A typed "yes" means the question just shown, with a reply."""
        shown = next(tracker.get_latest_entity_values("shown"), None)
        origin = origin_of(tracker)
        wants_reply = origin.on_page and next(tracker.get_latest_entity_values("reply"), "yes") == "yes"
        asked = hand_off.questions(tracker.events)
        text = next((t for t in reversed(asked) if shown in (None, hand_off.digest(t))), None)
        if text is None:
            return [hand_off.forgotten()], []
        consent = consent_version(load_retention())
        question = self.inbox.pass_question(origin, text, consent=consent, wants_reply=wants_reply)
        return [hand_off.passed(question)], []

    def away(self) -> Reply:
        """That nothing was passed on."""
        return hand_off.not_passed()


class ActionLeaveAddress(InboxAction):
    """Says what became of an address: the front has kept it, or it was not one."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_leave_address"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """Whether the last question that waits for an address has one."""
        held = self.inbox.held(origin_of(tracker).subject)
        waiting = [q for q in held.questions if q.wants_reply and q.state is State.NEW]
        if not waiting:
            return [hand_off.address_unexpected()], []
        last = waiting[-1]
        if not last.has_address:
            return [hand_off.address_unread()], []
        return [hand_off.address_kept(last.reference)], []


class ActionLeaveNoAddress(InboxAction):
    """Leaves the question as it was passed on, without an address."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_leave_no_address"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """That the question stays passed on."""
        return [hand_off.no_address()], []


class ActionDecline(InboxAction):
    """Passes nothing on."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_decline"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """That nothing was passed on."""
        return [hand_off.declined()], []


class ActionWithdrawRequest(InboxAction):
    """Erases a passed question, whoever gives its number."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_withdraw_request"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """That it is erased, or the question of which."""
        named = next(tracker.get_latest_entity_values("reference"), None)
        reference = find_reference(str(named or tracker.latest_message.get("text") or ""))
        if reference is None:
            held = self.inbox.held(origin_of(tracker).subject)
            return [hand_off.withdraw_which(q.reference for q in held.questions)], []
        done = self.inbox.withdraw(reference)
        return [hand_off.withdrawn(reference) if done else hand_off.unknown_reference(reference)], []


class ActionAskHuman(InboxAction):
    """Says whom to call, and offers to pass on the question asked."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return "action_ask_human"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], list[dict[str, Any]]]:
        """Whom to call."""
        return [hand_off.whom_to_call(offers=bool(hand_off.questions(tracker.events)))], []
