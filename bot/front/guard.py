"""What comes from outside, made safe before anything else reads it."""

from __future__ import annotations

import json
import re

import msgspec

from bot.front import refusals
from bot.privacy.masking import Masked, mask
from bot.privacy.normalize import normalize

MAX_BODY = 16_384  # bytes
MAX_TEXT = 4_000  # characters, once normalised

# Rasa reads a text that begins with "/" as a command ("/restart", "/intent{…}") and writes external
# events as "EXTERNAL: …". Look-alikes go too: a later normalisation might turn them into the real one.
_COMMAND = re.compile(r"(?:[\s/\\／⁄∕⧸╱⟋]|EXTERNAL\s*[:：])+", re.IGNORECASE)


class Incoming(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of `POST /api/messages`: a session, if any, and either a text or a button's token."""

    session: str | None = None
    text: str | None = None
    button: str | None = None


def read_body(body: bytes) -> Incoming:
    """`body` as an `Incoming`. Raises the refusals `too_large` and `malformed`."""
    if len(body) > MAX_BODY:
        raise refusals.too_large()
    try:
        # Not msgspec's own parser: it refuses half an emoji (a lone surrogate), which `clean` forgives.
        incoming = msgspec.convert(json.loads(body), Incoming)
    except RecursionError:
        raise refusals.malformed("ce JSON est imbriqué trop profondément") from None
    except msgspec.ValidationError:
        raise refusals.malformed(
            "seuls sont admis les champs « session », « text » et « button », qui sont des textes"
        ) from None
    except ValueError:
        raise refusals.malformed("ce n’est pas du JSON valide en UTF-8") from None
    if (incoming.text is None) == (incoming.button is None):
        raise refusals.malformed("il faut soit « text », soit « button »")
    return incoming


def clean(text: str) -> Masked:
    """`text` normalised, unable to command Rasa, and without personal data.

    Raises the refusals `empty` and `too_long`.
    """
    text = defuse(normalize(text))
    if not text:
        raise refusals.empty()
    if len(text) > MAX_TEXT:
        raise refusals.too_long(len(text), MAX_TEXT)
    return mask(text)


def defuse(text: str) -> str:
    """`text` without the prefixes that Rasa would take for a command; the rest is ordinary text."""
    prefix = _COMMAND.match(text)
    return text[prefix.end() :] if prefix else text
