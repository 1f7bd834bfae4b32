"""Elliptical follow-ups that a fiche declares ("et sinon ?") → the fiche that answers them."""

from __future__ import annotations

import re
import unicodedata

from bot.fiches.model import Fiche


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.lower())
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in text if not unicodedata.combining(c))))


def follow_up(fiche: Fiche, text: str) -> str | None:
    """Id of the fiche that `text`, said after `fiche`, leads to by its `relances`; None when to none.

    Compared without case, accents and punctuation; the whole message must be the follow-up.
    """
    said = _plain(text)
    for relance in fiche.relances:
        if said in {_plain(wording) for wording in relance.si}:
            return relance.fiche
    return None
