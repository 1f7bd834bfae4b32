"""Why the front refuses a request: a code for programs, a French sentence for people."""

from __future__ import annotations

import math


class Refusal(Exception):
    """A request that is not passed on.

    `status` is the HTTP status, `code` a stable identifier, `message` what the doctor reads,
    `retry_after` the seconds to wait when waiting helps.
    """

    def __init__(self, status: int, code: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = None if retry_after is None else max(1, math.ceil(retry_after))


def too_large() -> Refusal:
    """The body is over the limit; it was not read to its end."""
    return Refusal(
        413,
        "too_large",
        "Votre envoi est trop volumineux. Résumez votre question en quelques phrases, puis renvoyez-la.",
    )


def too_slow() -> Refusal:
    """The body took too long to come."""
    return Refusal(408, "too_slow", "Votre envoi n’est pas arrivé en entier. Merci de le renvoyer.")


def not_json() -> Refusal:
    """The body is not sent as JSON, or is compressed."""
    return Refusal(
        415,
        "unsupported_media_type",
        "L’API attend un corps JSON non compressé (Content-Type\u00a0: application/json).",
    )


def malformed(detail: str) -> Refusal:
    """The body is not the JSON that the API expects; `detail` is a French phrase that says how."""
    return Refusal(400, "malformed", f"La requête n’a pas la forme attendue\u00a0: {detail}.")


def empty() -> Refusal:
    """Nothing is left to read in the message."""
    return Refusal(400, "empty", "Votre message est vide. Écrivez votre question, puis renvoyez-la.")


def too_long(length: int, limit: int) -> Refusal:
    """The message has `length` characters and `limit` are allowed."""
    return Refusal(
        413,
        "too_long",
        f"Votre message compte {_spaced(length)} caractères et je ne peux en lire que {_spaced(limit)}. "
        "Pourriez-vous le raccourcir en gardant l’essentiel de votre question\u00a0?",
    )


def session_invalid() -> Refusal:
    """The token was not issued by this server."""
    return Refusal(
        401,
        "session_invalid",
        "Cette conversation n’est pas reconnue. Ouvrez-en une nouvelle pour poser votre question.",
    )


def session_missing() -> Refusal:
    """The request holds no token."""
    return Refusal(
        401,
        "session_missing",
        "Indiquez la conversation dans l’en-tête Authorization, par son jeton.",
    )


def session_expired() -> Refusal:
    """The token was issued too long ago."""
    return Refusal(
        401,
        "session_expired",
        "Cette conversation est terminée. Ouvrez-en une nouvelle pour poser votre question.",
    )


def link_invalid() -> Refusal:
    """The link to a transcript was not issued by this server, or is past its time."""
    return Refusal(
        401,
        "link_invalid",
        "Ce lien n’est plus valable. Redemandez la transcription dans la conversation, elle en donnera un "
        "nouveau.",
    )


def unknown_button() -> Refusal:
    """The button token was not issued in this session, or is forgotten."""
    return Refusal(
        400,
        "unknown_button",
        "Ce choix n’est plus disponible. Merci d’écrire votre réponse ou de reposer votre question.",
    )


def too_many(retry_after: float) -> Refusal:
    """A rate limit is reached; it clears in `retry_after` seconds."""
    return Refusal(
        429,
        "too_many_requests",
        "Vous envoyez beaucoup de messages à la suite. Merci de patienter un instant avant le suivant.",
        retry_after,
    )


def busy() -> Refusal:
    """Several messages of this session already wait for their answer."""
    return Refusal(
        429,
        "busy",
        "Je traite encore vos messages précédents. Merci d’attendre ma réponse avant d’écrire le suivant.",
        5,
    )


def origin_not_allowed() -> Refusal:
    """A page of a site that is not listed calls the API."""
    return Refusal(
        403,
        "origin_not_allowed",
        "Ce site n’est pas autorisé à utiliser le service. Son adresse doit figurer dans MAITRE_ORIGINS.",
    )


def webhook_forbidden() -> Refusal:
    """A messenger's update without the secret that proves where it comes from."""
    return Refusal(403, "forbidden", "Seule la messagerie elle-même peut s’adresser ici.")


def not_stored() -> Refusal:
    """A messenger's update that cannot be written down now: it is to be delivered again."""
    return Refusal(503, "not_stored", "Ce message ne peut pas être reçu à présent.", 5)


def not_found() -> Refusal:
    """No such address."""
    return Refusal(404, "not_found", "Cette adresse n’existe pas.")


def method_not_allowed() -> Refusal:
    """The address exists, not for this method."""
    return Refusal(405, "method_not_allowed", "Cette adresse ne s’utilise pas ainsi.")


def not_erased() -> Refusal:
    """The stored part of a conversation cannot be erased at present."""
    return Refusal(
        503,
        "not_erased",
        "Vos données n’ont pas pu être effacées, car le service est indisponible. "
        "Merci de refaire votre demande dans quelques minutes.",
        60,
    )


def failure() -> Refusal:
    """Something broke in the front itself."""
    return Refusal(500, "internal", "Une erreur est survenue de notre côté. Merci de réessayer plus tard.")


def _spaced(number: int) -> str:
    """12345 → "12 345", with a no-break space."""
    return f"{number:,}".replace(",", "\u00a0")
