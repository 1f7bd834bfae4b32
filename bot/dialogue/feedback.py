"""Ratings of an answer: useful or not, then why not."""

from __future__ import annotations

from bot.dialogue.hand_off import OFFER
from bot.dialogue.payload import command
from bot.dialogue.reply import Button, Reply
from bot.fiches.typography import typeset
from bot.inbox.inbox import Reason

_REASONS = {
    Reason.INCOMPLETE: "Elle est incomplète",
    Reason.OTHER_QUESTION: "Ce n'était pas ma question",
    Reason.COMPLICATED: "Elle est trop compliquée",
    Reason.WRONG: "Je pense qu'elle est inexacte",
    Reason.OTHER: "Autre raison",
}
_THANKS = typeset("Merci de votre avis. Une autre question ?")
_WHY = typeset("Merci de le dire. Qu'est-ce qui ne va pas dans cette réponse ?")
_NOTED = {
    Reason.INCOMPLETE: typeset(
        "C'est noté pour les rédacteurs. Dites-moi ce qui manque en une phrase : une autre fiche y répond "
        "peut-être."
    ),
    Reason.OTHER_QUESTION: typeset(
        "Désolé de ce malentendu. Reformulez votre question en une phrase, avec les mots qui comptent pour "
        "vous."
    ),
    Reason.COMPLICATED: typeset(
        "C'est noté. Écrivez « plus simplement », et je m'en tiendrai à l'essentiel de la fiche."
    ),
    Reason.WRONG: typeset(
        "C'est noté, et c'est le signalement le plus utile : les rédacteurs reverront cette fiche. D'ici "
        "là, ne vous fiez pas à elle seule : lisez les articles cités, ou demandez à votre assureur ou à "
        "l'Ordre."
    ),
    Reason.OTHER: typeset("C'est noté pour les rédacteurs."),
}
_WHICH = typeset(
    "De quelle réponse parlez-vous ? Je n'en ai pas donné récemment. Posez une question, et vous pourrez "
    "juger ma réponse."
)
_NOT_KEPT = typeset(
    "Je n'ai pas pu enregistrer votre avis : la base est inaccessible en ce moment. Merci quand même."
)


def buttons(fiche: str, version: int) -> tuple[Button, Button]:
    """The buttons that rate one version of a fiche."""
    return (
        Button(title="Utile", payload=_rate(fiche, version, useful="yes")),
        Button(title="Pas utile", payload=_rate(fiche, version, useful="no")),
    )


def thanks() -> Reply:
    """The answer was useful."""
    return Reply(kind="notice", text=_THANKS)


def ask_reason(fiche: str, version: int) -> Reply:
    """The one question asked after "not useful", which is already kept."""
    return Reply(
        kind="question",
        text=_WHY,
        buttons=tuple(
            Button(title=typeset(title), payload=_rate(fiche, version, useful="no", reason=reason.value))
            for reason, title in _REASONS.items()
        ),
    )


def noted(reason: Reason) -> Reply:
    """The reason is kept; what may help now."""
    return Reply(kind="notice", text=_NOTED[reason], buttons=(OFFER,))


def which() -> Reply:
    """Nothing was answered lately that could be rated."""
    return Reply(kind="notice", text=_WHICH)


def not_kept() -> Reply:
    """The base is away."""
    return Reply(kind="unavailable", text=_NOT_KEPT)


def reason_title(reason: Reason) -> str:
    """The words of a reason, for those who read the counts."""
    return typeset(_REASONS[reason])


def _rate(fiche: str, version: int, **more: str) -> str:
    return command("rate", fiche=fiche, version=str(version), **more)
