"""Text as people paste it, made plain: composed, visible, bounded.

Besides tidiness this is a defence: spaCy's French tokenizer takes time quadratic in the length of a
piece without spaces made of punctuation or emoji, and databases choke on NUL and lone surrogates.
Every step below is linear.
"""

from __future__ import annotations

import re
import unicodedata

MAX_CHARS = 20_000
"""Characters read of the input; well above what the front accepts once normalised."""

MAX_WORD = 100
"""Characters kept of a piece of text without spaces."""

MAX_REPEATS = 3
"""Times the same sign, or any pictograph, is kept in a row."""

MAX_SIGNS = 6
"""Signs of any kind kept in a row."""

_NEWLINES = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE_MARKS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Me"})
_COMBINING = frozenset({"Mn", "Mc"})
_PICTOGRAPHS = frozenset({"So", "Sk"})
_MAX_MARKS = 2

_SPACES = re.compile(r"[^\S\n]+")
_AROUND_NEWLINE = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")


def normalize(text: str) -> str:
    """`text` in Unicode form C, with ordinary spaces, without what cannot be seen, and bounded.

    Removed: control, format (zero-width, bidirectional, tags), private and unassigned characters,
    lone surrogates, variation selectors. Line breaks are kept, at most two in a row. The same sign is
    kept three times in a row, three pictographs (spaces between them not counted), six signs of any
    kind, a hundred characters without a space. Applying it twice changes nothing more.
    """
    text = _NEWLINES.sub("\n", text[:MAX_CHARS])
    text = unicodedata.normalize("NFC", _visible(text))
    # Composition may itself bring forth a character that the first look let through.
    text = _shortened(_visible(text))
    text = _AROUND_NEWLINE.sub("\n", _SPACES.sub(" ", text))
    return _BLANK_LINES.sub("\n\n", text).strip()


def _visible(text: str) -> str:
    """Without invisible characters, and with at most two accents on a letter.

    Unlimited stacks of combining marks make NFC itself quadratic.
    """
    kept: list[str] = []
    marks = 0
    for character in _INVISIBLE_MARKS.sub("", text):
        category = unicodedata.category(character)
        if category in _COMBINING:
            marks += 1
            if marks > _MAX_MARKS:
                continue
        elif category == "Cc" and character in "\n\t":
            marks = 0
            character = "\n" if character == "\n" else " "
        elif category in _DROPPED:
            continue
        else:
            marks = 0
        kept.append(" " if category == "Zs" else character)
    return "".join(kept)


def _shortened(text: str) -> str:
    """Without the excess of repeated signs, pictographs and long words.

    Each decision looks at what was kept so far and nothing else, so that a second pass keeps it all.
    """
    kept: list[str] = []
    same = signs = pictographs = word = 0
    for character in text:
        if character.isspace():
            same = signs = word = 0
            kept.append(character)
            continue
        if word >= MAX_WORD:
            continue
        if character.isalnum() or character == "_":
            same = signs = pictographs = 0
        else:
            repeats = same + 1 if signs and kept[-1] == character else 1
            pictures = pictographs + 1 if unicodedata.category(character) in _PICTOGRAPHS else 0
            if max(repeats, pictures) > MAX_REPEATS or signs >= MAX_SIGNS:
                continue
            same, signs, pictographs = repeats, signs + 1, pictures
        word += 1
        kept.append(character)
    return "".join(kept)
