"""Replies on personal data: what is held, its erasure."""

from __future__ import annotations

from bot.dialogue.reply import Reply
from bot.fiches.typography import typeset
from bot.inbox.inbox import Held

_NOT_ERASED = typeset(
    "Je n'ai pas pu effacer vos données : la base est inaccessible en ce moment. Rien n'est perdu de votre "
    "demande, mais il faudra la refaire dans quelques minutes."
)


def erased(held: Held) -> Reply:
    """Says what was erased; `held` is what was stored until now."""
    lines = ["- cette conversation, vos messages et mes réponses"]
    if held.questions:
        lines.append(f"- {_count(len(held.questions), 'question transmise', 'questions transmises')}")
    if held.addresses:
        lines.append(f"- {_count(len(held.addresses), 'adresse électronique', 'adresses électroniques')}")
    if held.ratings:
        lines.append(f"- {_count(len(held.ratings), 'avis donné', 'avis donnés')} sur mes réponses")
    text = "C'est fait. J'ai effacé :\n\n" + " ;\n".join(lines) + "."
    if held.questions:
        text += "\n\nUn courriel déjà envoyé par les rédacteurs ne peut pas être rappelé."
    return Reply(kind="notice", text=typeset(text), erased=True)


def not_erased() -> Reply:
    """The base is away: nothing was erased, and it is said."""
    return Reply(kind="unavailable", text=_NOT_ERASED)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
