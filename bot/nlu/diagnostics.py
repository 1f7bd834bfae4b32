"""Diagnoses as Rasa sees them: an intent each, one form for all, and the rules that lead in, out and back.

`bot.nlu.importer` adds these parts to the training data. A form asks for one slot until it is filled; that
slot says that the walk is at its end, and another holds where it stands (`actions.diagnostic`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, RULE_SNIPPET_ACTION_NAME
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.training_data.structures import RuleStep, StoryStep
from rasa.shared.nlu.training_data.message import Message

from bot.diagnostics.check import check_trees
from bot.diagnostics.model import Diagnostic
from bot.diagnostics.parse import load_sources
from bot.dialogue.diagnostic import CHOICE_ENTITY, CHOICE_INTENT, CONCLUDE, DONE_SLOT, FORM, STATE_SLOT
from bot.problem import Problem

FOLDER = "diagnostics"

# After these nobody comes back to a question: the conversation is over, or was erased.
NOT_RESUMED = frozenset({"goodbye", "erase_data"})


def read_diagnostics(root: Path) -> tuple[list[Diagnostic], list[Problem]]:
    """Published diagnoses of the project at `root`, by id, and what keeps any from being walked."""
    sources = load_sources(root / "data" / FOLDER)
    published = [s.diagnostic for s in sources if s.diagnostic is not None and s.diagnostic.is_published]
    return published, check_trees(sources)


def domain_parts(diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    """The intents, slots, form and actions that diagnoses need."""
    return {
        "intents": [*(diagnostic.intent for diagnostic in diagnostics), CHOICE_INTENT],
        "entities": [CHOICE_ENTITY],
        "slots": {
            slot: {
                "type": "any",
                "influence_conversation": False,
                "mappings": [{"type": "custom"}],
            }
            for slot in (STATE_SLOT, DONE_SLOT)
        },
        "forms": {FORM: {"required_slots": [DONE_SLOT]}},
        "actions": [f"validate_{FORM}", f"action_ask_{DONE_SLOT}", CONCLUDE],
    }


def examples(diagnostics: Iterable[Diagnostic]) -> list[Message]:
    """How doctors ask for each diagnosis, and what resembles it without asking for it."""
    messages = []
    for diagnostic in diagnostics:
        for text in (diagnostic.titre, *diagnostic.demandes):
            messages.append(Message.build(text=text, intent=diagnostic.intent))
        for text in diagnostic.contre_exemples:
            metadata = {"counter": True}
            messages.append(Message.build(text=text, intent=diagnostic.intent, example_metadata=metadata))
    return messages


def rules(diagnostics: Sequence[Diagnostic], others: Iterable[StoryStep]) -> str:
    """Rules in Rasa's YAML: into the form, out of it, and back to it after something else was answered.

    `others` are the rules of the project: each that answers a message by itself is repeated within a
    diagnosis, followed by the form, which asks its question again.
    """
    made: list[dict[str, Any]] = []
    for intent in (*(diagnostic.intent for diagnostic in diagnostics), CHOICE_INTENT):
        made.append(
            {
                "rule": f"{intent} begins a diagnosis",
                "steps": [{"intent": intent}, {"action": FORM}, {"active_loop": FORM}],
            }
        )
        made.append(
            {
                "rule": f"{intent} says it all: the diagnosis concludes at once",
                "steps": [
                    {"intent": intent},
                    {"action": FORM},
                    {"active_loop": None},
                    {"action": CONCLUDE},
                ],
            }
        )
    made.append(
        {
            "rule": "a diagnosis ends with its conclusion, or because it was left",
            "condition": [{"active_loop": FORM}],
            "steps": [
                {"action": FORM},
                {"active_loop": None},
                {"slot_was_set": [{"requested_slot": None}]},
                {"action": CONCLUDE},
            ],
        }
    )
    for intent, actions in sorted({pair for step in others for pair in _answered(step)}):
        made.append(
            {
                "rule": f"within a diagnosis, {intent} is answered and the question asked again",
                "condition": [{"active_loop": FORM}],
                "steps": [
                    {"intent": intent},
                    *({"action": action} for action in actions),
                    {"action": FORM},
                    {"active_loop": FORM},
                ],
            }
        )
    return json.dumps({"version": "3.1", "rules": made})  # JSON is YAML


def _answered(step: StoryStep) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The intents and actions of a rule that answers one message and depends on nothing else."""
    if not isinstance(step, RuleStep) or step.condition_events_indices:
        return
    events: list[Event | list[Event]] = step.events
    # Intents joined by "or" come as a list.
    asked = [event if isinstance(event, list) else [event] for event in events]
    uttered = [[e for e in event if isinstance(e, UserUttered)] for event in asked]
    turns = [turn for turn in uttered if turn]
    named = [
        event.action_name if isinstance(event, ActionExecuted) else ""
        for event in events
        if not isinstance(event, ActionExecuted)
        or event.action_name not in (ACTION_LISTEN_NAME, RULE_SNIPPET_ACTION_NAME)
    ]
    actions = tuple(name for name in named if name)
    if len(turns) != 1 or not actions or any(isinstance(event, ActiveLoop | SlotSet) for event in events):
        return
    if named[0]:  # a reply to what an action just asked: it holds only then
        return
    for message in turns[0]:
        if message.intent_name not in NOT_RESUMED:
            yield str(message.intent_name), actions
