"""Rasa's intents and metadata → the classes of the understanding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.nlu.ranker import FICHE, INTENT, ORIENTATION
from bot.nlu.ridge import Example
from bot.nlu.understanding import OUT_OF_DOMAIN, QUESTION


def labelled(
    messages: Iterable[tuple[str, str, Mapping[str, Any]]],
) -> tuple[list[Example], list[Example]]:
    """(text, intent, metadata) → examples and counter-examples.

    A `question` carries `fiche` in its metadata, an `out_of_domain` its `orientation`; `counter` marks a
    wording that is NOT its fiche's.
    """
    examples: list[Example] = []
    counters: list[Example] = []
    for text, intent, metadata in messages:
        if intent == QUESTION and "fiche" in metadata:
            label = FICHE + metadata["fiche"]
        elif intent == OUT_OF_DOMAIN:
            label = ORIENTATION + metadata.get("orientation", "divers")
        else:
            label = INTENT + intent
        example = Example(text, label)
        (counters if metadata.get("counter") else examples).append(example)
    return examples, counters
