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

_NEWLINES = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE_MARKS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Me"})
_COMBINING = frozenset({"Mn", "Mc"})
_PICTOGRAPHS = frozenset({"So", "Sk"})
_MAX_MARKS = 2

_SAME_SIGN = re.compile(rf"([^\w\s])\1{{{MAX_REPEATS},}}")
_SIGNS = re.compile(rf"[^\w\s]{{{2 * MAX_REPEATS + 1},}}")
_LONG_WORD = re.compile(rf"(\S{{{MAX_WORD}}})\S+")
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
    text = _few_pictographs(_visible(text))
    text = _SAME_SIGN.sub(lambda run: run.group(1) * MAX_REPEATS, text)
    text = _SIGNS.sub(lambda run: run.group()[: 2 * MAX_REPEATS], text)
    text = _LONG_WORD.sub(r"\1", text)
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


def _few_pictographs(text: str) -> str:
    kept: list[str] = []
    run = 0
    for character in text:
        if unicodedata.category(character) in _PICTOGRAPHS:
            run += 1
            if run > MAX_REPEATS:
                continue
        elif not character.isspace():
            run = 0
        kept.append(character)
    return "".join(kept)
