"""What every system learns from: the wordings of the fiches and of the intents around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rasa.shared.nlu.constants import INTENT, TEXT

from bot.nlu.importer import read_sources
from bot.nlu.trial import training_messages
from bot.nlu.understanding import QUESTION


@dataclass(frozen=True, slots=True)
class Wording:
    """A text with the intent it belongs to and, when that is `question`, its fiche."""

    text: str
    intent: str
    fiche: str | None = None

    def label(self, separator: str) -> str:
        """The intent, or `question<separator><fiche>`."""
        return self.intent if self.fiche is None else f"{self.intent}{separator}{self.fiche}"


def wordings(root: Path) -> list[Wording]:
    """The examples that training of the project at `root` reads, in a stable order.

    Counter-examples ("this wording is NOT that fiche's") are left out: only our own pipeline has a use for
    them. Raises `FicheImportError` as training would.
    """
    found = []
    for message in training_messages(root, *read_sources(root)):
        metadata = (message.get("metadata") or {}).get("example") or {}
        if not metadata.get("counter"):
            fiche = metadata.get("fiche") if message.get(INTENT) == QUESTION else None
            found.append(Wording(message.get(TEXT), message.get(INTENT), fiche))
    return found


def rasa_training_data(examples: Sequence[Wording], separator: str) -> dict[str, object]:
    """`examples` in Rasa's YAML format, as plain types.

    With the separator "/", fiches become responses of the retrieval intent `question`; with another, each
    becomes an intent of its own.
    """
    texts: dict[str, list[str]] = {}
    for example in examples:
        # One line a wording: Rasa reads the examples of an intent as a list in a block of text.
        texts.setdefault(example.label(separator), []).append(" ".join(example.text.split()))
    data: dict[str, object] = {
        "version": "3.1",
        "nlu": [
            {"intent": label, "examples": "".join(f"- {text}\n" for text in found)}
            for label, found in texts.items()
        ],
    }
    if separator == "/":
        data["responses"] = {f"utter_{label}": [{"text": label}] for label in texts if separator in label}
    return data
