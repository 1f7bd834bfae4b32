"""The offer of a transcript; the front makes the documents (`bot.transcript`)."""

from __future__ import annotations

from bot.dialogue.reply import Document, Reply
from bot.fiches.typography import typeset

_OFFER = typeset(
    "Voici la transcription de cette conversation, à imprimer ou à remettre à votre avocat ou à votre "
    "assureur : questions, réponses, articles cités avec leur adresse et leur version. Les données "
    "personnelles reconnues y sont masquées. Ces liens servent quelques minutes ; redemandez-les au "
    "besoin. Je n'envoie rien par courriel."
)

_ELSEWHERE = typeset(
    "Je ne peux pas joindre de document ici. Votre messagerie garde mes réponses, avec les articles cités et "
    "leur adresse : exportez-les depuis l'application, ou posez vos questions sur la page de ce service, qui "
    "donne une transcription à imprimer."
)


def elsewhere() -> Reply:
    """Where documents cannot be given: what to do."""
    return Reply(kind="notice", text=_ELSEWHERE)


def offer() -> Reply:
    """Names the documents; the front makes each `href` one that works for this session alone, for a while."""
    return Reply(
        kind="notice",
        text=_OFFER,
        documents=(
            Document(
                title="Transcription à imprimer (PDF)",
                href="/api/transcript?format=pdf",
                media_type="application/pdf",
            ),
            Document(
                title="Transcription à lire à l’écran (HTML)",
                href="/api/transcript?format=html",
                media_type="text/html",
            ),
        ),
    )
