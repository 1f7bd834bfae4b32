"""A fiche as JSON, and back, without loss (its `path` is left out: it belongs to a machine).

The form is canonical: keys sorted, fields at their default left out. So equal fiches give equal
bytes, and a field added to the model later does not renumber every fiche already published.
"""

from __future__ import annotations

import hashlib
from dataclasses import MISSING, fields, replace
from typing import Any

import msgspec

from bot.fiches.model import Fiche

_DEFAULTS: dict[str, Any] = {
    f.name: msgspec.to_builtins(f.default) for f in fields(Fiche) if f.default is not MISSING
}


class StoredFicheError(ValueError):
    """A stored text is not a fiche that this code can read."""


def encode_fiche(fiche: Fiche) -> str:
    """Canonical JSON of `fiche`. Raises `ValueError` on text that UTF-8 cannot hold."""
    content = {
        name: value
        for name, value in msgspec.to_builtins(replace(fiche, path=None)).items()
        if name not in _DEFAULTS or value != _DEFAULTS[name]
    }
    return msgspec.json.encode(content, order="deterministic").decode()


def decode_fiche(content: str) -> Fiche:
    """The fiche that `encode_fiche` wrote (`path` is None). Raises `StoredFicheError`."""
    try:
        return msgspec.json.decode(content, type=Fiche)
    except msgspec.MsgspecError as error:
        raise StoredFicheError(str(error)) from error


def content_hash(content: str) -> str:
    """SHA-256, in hexadecimal, of an encoded fiche."""
    return hashlib.sha256(content.encode()).hexdigest()
