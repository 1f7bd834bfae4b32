"""Text folded for reading: no accents, plain dashes, apostrophes and spaces, offsets kept."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d")
_APOSTROPHES = frozenset("'\u2018\u2019\u201b\u02bc\u00b4\u0060\uff07")
_DROPPED = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_OTHER = {
    "œ": "oe",
    "Œ": "OE",
    "æ": "ae",
    "Æ": "AE",
    "\u00ba": "°",
    "\u02da": "°",
    "\u2116": "n°",
    "\uff0e": ".",
    "\u2024": ".",
}
_RUN = re.compile(r"\s\s")


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is what is read; `origin[i]` is the offset in the given text of its character i."""

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the given text of `text[start:end]` (not empty)."""
        return self.origin[start], self.origin[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold `text` one character at a time. Case is kept: it tells the roman V from a letter.

    A run of white space becomes one space (a line break if it holds one), which also keeps the
    patterns' time in proportion to the length.
    """
    plain = text.translate(_PLAIN)
    if plain.isascii() and not _RUN.search(plain):
        return Folded(plain, tuple(range(len(plain))))
    out: list[str] = []
    origin: list[int] = []
    for offset, char in enumerate(text):
        for folded in _fold_char(char):
            if folded.isspace() and out and out[-1].isspace():
                out[-1] = "\n" if folded == "\n" else out[-1]
                continue
            out.append(folded)
            origin.append(offset)
    return Folded("".join(out), tuple(origin))


def _fold_char(char: str) -> str:
    if char.isascii():
        return "'" if char == "`" else char
    if char in _DASHES:
        return "-"
    if char in _APOSTROPHES:
        return "'"
    if char in _DROPPED or unicodedata.combining(char):
        return ""
    if char in _OTHER:
        return _OTHER[char]
    if char.isspace():
        return " "
    if (digit := unicodedata.decimal(char, None)) is not None:
        return str(digit)
    return unicodedata.normalize("NFD", char)[0]


_PLAIN = {ord(char): _fold_char(char) for char in "àâäçéèêëîïôöùûüÀÂÄÇÉÈÊËÎÏÔÖÙÛÜ`’‘–—\u00a0\u202f"}
"""What French text is full of, each for one character; the rest takes the longer way."""
