"""The actions of a diagnosis: Rasa's form asks, these read the reply, ask the next question, conclude."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import replace
from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.base import ReplyAction
from bot import settings
from bot.diagnostics.conclude import conclude
from bot.diagnostics.dates import PARIS
from bot.diagnostics.model import Diagnostic
from bot.diagnostics.parse import load_sources
from bot.diagnostics.walk import Act, Heard, State, back, confirm, current, hear, press, start, trail, unasked
from bot.diagnostics.words import is_whole_reply
from bot.dialogue import answer as build
from bot.dialogue import diagnostic as say
from bot.dialogue.context import FICHE_SLOT
from bot.dialogue.decision import Outcome, decide_all
from bot.dialogue.diagnostic import CHOICE_ENTITY, CONCLUDE, DONE_SLOT, FORM, STATE_SLOT
from bot.dialogue.match import Match
from bot.dialogue.reply import Reply
from bot.knowledge import KnowledgeUnavailable
from bot.nlu.reader import read
from bot.nlu.text import tokens

QUESTIONS = frozenset({"question", "out_of_domain"})
FAREWELLS = frozenset({"goodbye"})

Events = list[dict[str, Any]]
Clock = Callable[[], datetime]


class Memory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the slot holds: the walk, what the last message did to it, and the answers read unasked in it."""

    state: State
    act: Act
    retained: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def diagnostics() -> dict[str, Diagnostic]:
    """The published diagnoses of the project by id."""
    sources = load_sources(settings.load().diagnostics)
    read_ = [source.diagnostic for source in sources if source.diagnostic is not None]
    return {diagnostic.id: diagnostic for diagnostic in read_ if diagnostic.is_published}


def now() -> datetime:
    """The present moment in Paris."""
    return datetime.now(PARIS)


class DiagnosticAction(ReplyAction):
    """What the three actions share. `clock` and `diagnostics` are given by tests."""

    def __init__(
        self,
        knowledge: Any = None,
        clock: Clock = now,
        known: Mapping[str, Diagnostic] | None = None,
    ) -> None:
        super().__init__(knowledge)
        self._clock = clock
        self._known = known

    @property
    def known(self) -> Mapping[str, Diagnostic]:
        """The diagnoses given, or the project's."""
        return diagnostics() if self._known is None else self._known

    def recall(self, tracker: Tracker) -> tuple[Diagnostic, Memory] | None:
        """The walk that the slot holds; None when it holds none, or none that can be gone on with."""
        try:
            memory = msgspec.convert(tracker.get_slot(STATE_SLOT), Memory)
        except msgspec.ValidationError:
            return None
        diagnostic = self.known.get(memory.state.diagnostic)
        return None if diagnostic is None else (diagnostic, memory)

    def moment(self, tracker: Tracker) -> datetime:
        """When the message was said: now, unless the dialogue is held anew as of another day (`at`, ISO 8601,
        in the metadata, which no channel lets a client write)."""
        held = (tracker.latest_message.get("metadata") or {}).get("at")
        return datetime.fromisoformat(held).astimezone(PARIS) if held else self._clock()

    @abstractmethod
    def name(self) -> str:
        """Rasa's name of the action. Abstract here, so that the SDK does not register this class."""


class ValidateDiagnosticForm(DiagnosticAction):
    """Reads a message as a reply to the question asked.

    Rasa's contract: the form goes on when a slot is set, ends when its slot is filled or none is requested,
    and gives way to the rules of other intents when nothing is returned.
    """

    def name(self) -> str:
        """Rasa's name of the action."""
        return f"validate_{FORM}"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], Events]:
        """The new state of the walk; a word on the diagnosis left when another is begun."""
        if _was_resumed(tracker):
            return [], []
        moment = self.moment(tracker)
        recalled = self.recall(tracker)
        asked = self._asked_for(tracker)
        if tracker.get_slot("requested_slot") != DONE_SLOT or recalled is None:
            if asked is None:
                return [], [SlotSet(STATE_SLOT, None), SlotSet("requested_slot", None)]
            return [], self._begin(asked, recalled, tracker, moment)
        diagnostic, memory = recalled
        if (
            asked is not None
            and asked != diagnostic
            and not self._agrees(diagnostic, memory.state, tracker, moment)
        ):
            return [say.left(diagnostic)], self._begin(asked, None, tracker, moment)
        heard = self._heard(diagnostic, memory.state, tracker, moment)
        return [], [] if heard is None else _events(diagnostic, memory.state, heard, moment)

    @staticmethod
    def _agrees(diagnostic: Diagnostic, state: State, tracker: Tracker, moment: datetime) -> bool:
        """Whether the message is a reply that begins with yes or no: "oui, je me ferai remplacer" answers the
        question asked, and begins no other diagnosis."""
        text = str(tracker.latest_message.get("text") or "")
        if tokens(text)[:1] not in (("oui",), ("non",)):
            return False
        return hear(diagnostic, state, text, moment).act is not Act.NOT_UNDERSTOOD

    def _asked_for(self, tracker: Tracker) -> Diagnostic | None:
        """The diagnosis that the message asks for, by its words or by a button."""
        intent = (tracker.latest_message.get("intent") or {}).get("name")
        if choice := _choice(tracker):
            return self.known.get(choice[0])
        return next((d for d in self.known.values() if d.intent == intent), None)

    def _begin(
        self,
        diagnostic: Diagnostic,
        recalled: tuple[Diagnostic, Memory] | None,
        tracker: Tracker,
        moment: datetime,
    ) -> Events:
        if recalled is not None and recalled[0] == diagnostic:
            # It had come to its end when the base could not be read: conclude now.
            state = recalled[1].state
            if current(diagnostic, state, moment) is None:
                return _events(diagnostic, state, Heard(state, Act.ANSWERED), moment)
        text = "" if _choice(tracker) else str(tracker.latest_message.get("text") or "")
        text = "" if text.startswith("/") else text
        heard = start(diagnostic, text, moment)
        if choice := _choice(tracker):
            pressed = press(diagnostic, heard.state, *choice[1:], moment)
            heard = Heard(replace(pressed.state, misses=0), Act.STARTED)
        return _events(diagnostic, State(diagnostic.id), heard, moment)

    def _heard(
        self, diagnostic: Diagnostic, state: State, tracker: Tracker, moment: datetime
    ) -> Heard | None:
        """What the message does to the walk; None when something else must answer it."""
        latest = tracker.latest_message
        intent = str((latest.get("intent") or {}).get("name"))
        if choice := _choice(tracker):
            return _pressed(diagnostic, state, choice[1], choice[2], moment)
        text = str(latest.get("text") or "")
        heard = hear(diagnostic, state, text, moment)
        if heard.act in (Act.LEFT, Act.BACK, Act.AT_START, Act.CORRECTED):
            return heard
        understood = heard.act is not Act.NOT_UNDERSTOOD
        if intent in FAREWELLS and not understood:
            return Heard(state, Act.LEFT)
        question = current(diagnostic, state, moment)
        if question is not None and is_whole_reply(question, text):
            return heard
        asks = bool(read(text).questions)
        if intent in QUESTIONS:
            answerable = _is_answerable(latest)
            elsewhere = (asks and (answerable or not understood)) or (answerable and not understood)
        else:
            elsewhere = not understood and intent != diagnostic.intent
        return None if elsewhere else heard


class ActionAskDiagnosticDone(DiagnosticAction):
    """Asks the question that the walk has come to."""

    def name(self) -> str:
        """Rasa's name of the action: "action_ask_" and the slot that the form requests."""
        return f"action_ask_{DONE_SLOT}"

    def replies(self, tracker: Tracker) -> tuple[list[Reply], Events]:
        """The question; nothing when there is none."""
        recalled = self.recall(tracker)
        moment = self.moment(tracker)
        if recalled is None or current(recalled[0], recalled[1].state, moment) is None:
            return [], []
        diagnostic, memory = recalled
        stops = trail(diagnostic, memory.state, moment)
        resumed = _was_resumed(tracker)
        reply = say.question(
            diagnostic,
            memory.state,
            moment,
            act=memory.act,
            retained=[] if resumed else [s for s in stops if s.question.id in memory.retained],
            resumed=resumed,
        )
        return [reply], []


class ActionConcludeDiagnostic(DiagnosticAction):
    """Says the conclusion, or that the diagnosis was left."""

    def name(self) -> str:
        """Rasa's name of the action."""
        return CONCLUDE

    def replies(self, tracker: Tracker) -> tuple[list[Reply], Events]:
        """The conclusion; without a readable base none, and the walk is kept to conclude later."""
        recalled = self.recall(tracker)
        moment = self.moment(tracker)
        over = [SlotSet(STATE_SLOT, None), SlotSet(DONE_SLOT, None)]
        if recalled is None:
            return [say.lost()], over
        diagnostic, memory = recalled
        if memory.act is Act.LEFT or current(diagnostic, memory.state, moment) is not None:
            return [say.left(diagnostic)], over
        concluded = conclude(diagnostic, memory.state, moment)
        try:
            articles = self.knowledge.articles([c.citation.reference.key for c in concluded.citations])
            titles = self.knowledge.titles(concluded.fiches)
        except KnowledgeUnavailable:
            reply = replace(build.unavailable(), buttons=(say.retry(diagnostic),))
            return [reply], [SlotSet(DONE_SLOT, None)]
        return [say.conclusion(diagnostic, concluded, articles, titles)], [*over, SlotSet(FICHE_SLOT, None)]


def _pressed(diagnostic: Diagnostic, state: State, question_id: str, choice: str, moment: datetime) -> Heard:
    asked = current(diagnostic, state, moment)
    if choice == say.LEAVE:
        return Heard(state, Act.LEFT)
    if choice == say.BACK:
        return back(diagnostic, state, moment)
    if choice in (say.YES, say.NO) and asked is not None and asked.is_date and asked.id == question_id:
        return confirm(diagnostic, state, choice == say.YES, moment)
    return press(diagnostic, state, question_id, choice, moment)


def _events(diagnostic: Diagnostic, before: State, heard: Heard, moment: datetime) -> Events:
    """What the form is told: the walk as it now stands, and whether it is over."""
    retained = tuple(stop.question.id for stop in unasked(diagnostic, before, heard, moment))
    memory = msgspec.to_builtins(Memory(heard.state, heard.act, retained))
    if heard.act is Act.LEFT:
        return [SlotSet(STATE_SLOT, memory), SlotSet("requested_slot", None)]
    done = True if current(diagnostic, heard.state, moment) is None else None
    return [SlotSet(STATE_SLOT, memory), SlotSet(DONE_SLOT, done)]


def _choice(tracker: Tracker) -> tuple[str, str, str] | None:
    """(diagnosis, question, choice) of the button pressed; None when the message is none."""
    value = next(tracker.get_latest_entity_values(CHOICE_ENTITY), None)
    parts = value.split(".") if isinstance(value, str) else []
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else None


def _was_resumed(tracker: Tracker) -> bool:
    """Whether another action has answered the message already, so that the form only asks again."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action" and event.get("name") not in (FORM, "action_listen"):
            return True
    return False


def _is_answerable(latest: Mapping[str, Any]) -> bool:
    """Whether a fiche answers the message for sure."""
    match = msgspec.convert(latest.get("match") or {"questions": []}, Match)
    return any(decision.outcome is Outcome.ANSWER for decision in decide_all(match, {}))
