"""Replies on personal data: what is held, its erasure."""

from __future__ import annotations

from bot.dialogue.feedback import reason_title
from bot.dialogue.payload import command
from bot.dialogue.reply import Button, Reply
from bot.fiches.typography import typeset
from bot.inbox.address import conceal
from bot.inbox.inbox import Held, PassedQuestion, Rating, State
from bot.inbox.retention import Retention

_CONVERSATION = (
    "**Cette conversation** : vos messages, où je masque les noms et coordonnées que je reconnais, et mes "
    "réponses. Elle est rattachée à un identifiant tiré au sort, non à votre nom, et oubliée d'elle-même "
    "après un temps de silence."
)
_NOTHING_ELSE = "**Rien d'autre** : ni question transmise, ni adresse électronique, ni avis sur mes réponses."
_HOW = (
    "Pour tout effacer, écrivez « supprimez mes données ». Pour garder une copie de cette conversation, "
    "écrivez « envoyez-moi la conversation »."
)
_STATES = {State.NEW: "en attente", State.ANSWERED: "répondue", State.CLOSED: "close sans réponse"}

_KEPT = typeset("Entendu, rien n'est effacé.")
_NOT_ERASED = typeset(
    "Je n'ai pas pu effacer vos données : la base est inaccessible en ce moment. Rien n'est effacé. "
    "Refaites votre demande dans quelques minutes."
)
_NOT_LISTED = typeset(
    "Je ne peux pas consulter ce qui est conservé : la base est inaccessible en ce moment. Refaites votre "
    "demande dans quelques minutes."
)
_RECALL = (
    "Je ne peux pas rappeler un courriel que les rédacteurs vous auraient déjà envoyé, ni une "
    "transcription que vous auriez enregistrée."
)


def list_held(held: Held, retention: Retention) -> Reply:
    """Says exactly what is held, and for how long; `held` as read from the rows."""
    parts = [f"Voici tout ce que ce service conserve de vous.\n\n- {_CONVERSATION}"]
    if held.is_empty:
        parts.append(f"- {_NOTHING_ELSE}")
    parts += [f"- {_question(q, held.addresses.get(q.reference))}" for q in held.questions]
    if held.ratings:
        lines = "\n".join(f"  - {_rating(rating)}" for rating in held.ratings)
        parts.append(f"- **Vos avis sur mes réponses** :\n{lines}")
    if not held.is_empty:
        parts.append(
            f"Ces éléments sont effacés {retention.ended_days} jours après la fin d'une demande (les avis "
            f"restent comptés, sans lien avec vous), et après {retention.waiting_days} jours pour une "
            "demande sans réponse."
        )
    return Reply(kind="notice", text=typeset("\n\n".join([*parts, _HOW])))


def ask_erasure(held: Held) -> Reply:
    """Asks once, naming what would go."""
    return Reply(
        kind="question",
        text=typeset(
            f"Faut-il tout effacer ? Disparaîtraient définitivement :\n\n{_listed(held)}\n\n{_RECALL}"
        ),
        buttons=(
            Button(title="Oui, tout effacer", payload=command("erase_data")),
            Button(title="Non, ne rien effacer", payload=command("keep_data")),
        ),
    )


def kept() -> Reply:
    """Nothing is erased."""
    return Reply(kind="notice", text=_KEPT)


def erased(held: Held) -> Reply:
    """Says what was erased; `held` is what was stored until now."""
    text = typeset(f"C'est fait. J'ai effacé :\n\n{_listed(held)}\n\n{_RECALL}")
    return Reply(kind="notice", text=text, erased=True)


def not_erased() -> Reply:
    """The base is away: nothing was erased, and it is said."""
    return Reply(kind="unavailable", text=_NOT_ERASED)


def not_listed() -> Reply:
    """The base is away: what is held cannot be said."""
    return Reply(kind="unavailable", text=_NOT_LISTED)


def _listed(held: Held) -> str:
    lines = ["cette conversation : vos messages et mes réponses"]
    if held.questions:
        references = ", ".join(question.reference for question in held.questions)
        lines.append(
            f"{_count(len(held.questions), 'question transmise', 'questions transmises')} ({references})"
        )
    if held.addresses:
        lines.append(_count(len(held.addresses), "adresse électronique", "adresses électroniques"))
    if held.ratings:
        lines.append(f"{len(held.ratings)} avis sur mes réponses")
    return "\n".join(f"- {line} ;" for line in lines[:-1]) + f"\n- {lines[-1]}."


def _question(question: PassedQuestion, address: str | None) -> str:
    left = f"adresse de réponse {conceal(address)}" if address else "aucune adresse de réponse"
    quoted = "\n".join(f"  > {line}" for line in question.text.splitlines())
    return (
        f"**La demande {question.reference}**, transmise le {question.passed_at:%d/%m/%Y}, "
        f"{_STATES[question.state]}, {left} :\n\n{quoted}"
    )


def _rating(rating: Rating) -> str:
    why = f" ({reason_title(rating.reason)})" if rating.reason else ""
    verdict = "utile" if rating.useful else "pas utile"
    return f"{rating.day:%d/%m/%Y}, fiche « {rating.fiche} », version {rating.version} : {verdict}{why}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
