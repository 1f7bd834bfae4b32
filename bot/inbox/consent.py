"""What a doctor agrees to when passing a question on, as shown; its version is kept with each question."""

from __future__ import annotations

from bot.fiches.typography import typeset
from bot.inbox.retention import Retention

_WRITTEN = "2026-11-28"
"""Change it with the text: it tells which wording was accepted."""


def consent_text(retention: Retention) -> str:
    """The text shown before a question is passed on."""
    return typeset(
        "En transmettant, vous acceptez que les rédacteurs de ce service lisent cette question et la "
        f"conservent : {_days(retention.ended_days)} après leur réponse, {_days(retention.waiting_days)} au "
        "plus s'ils n'y répondent pas. Si vous laissez une adresse électronique, elle est gardée à part, "
        "ne sert qu'à vous répondre, et disparaît une fois la réponse envoyée. Vous pouvez retirer votre "
        "demande à tout moment, avec son numéro.\n\nLes rédacteurs donnent une information juridique "
        "générale, pas une consultation, et ne répondent pas à tout. Si un délai court, n'attendez pas : "
        "appelez un avocat ou votre assureur."
    )


def consent_version(retention: Retention) -> str:
    """What is kept as proof: the day the text was written, and the durations it named."""
    return f"{_WRITTEN} ({retention.ended_days}/{retention.waiting_days} jours)"


def _days(days: int) -> str:
    return "un an" if days in (365, 366) else f"{days} jour{'s' if days > 1 else ''}"
