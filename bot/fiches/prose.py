"""French prose taken apart: blocks of Markdown, sentences, words, and forms fit for comparing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.law.parse import find_marks

_MARKDOWN = MarkdownIt("commonmark")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae"})
_WORD = re.compile(r"\w+(?:[’'.,\-\u2011/]\w+)*")
# After these, a full stop ends no sentence.
_ABBREVIATIONS = frozenset(
    [
        "art",
        "al",
        "l",
        "r",
        "d",
        "p",
        "pp",
        "n",
        "no",
        "cf",
        "ex",
        "m",
        "mm",
        "me",
        "mme",
        "mmes",
        "dr",
        "pr",
        "env",
        "tél",
        "réf",
        "chap",
    ]
)
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_SENTENCE_END = re.compile(r"[.!?…]+[\"»)\]*_\u00a0\u202f]*(?=\s)")


def fold(text: str) -> str:
    """`text` without case, accents, punctuation or doubled spaces: two wordings that fold alike are one."""
    plain = unicodedata.normalize("NFKD", text.translate(_LIGATURES).casefold())
    letters = (c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join("".join(letters).split())


def without_marks(markdown: str) -> str:
    """`markdown` with each citation mark replaced by as many spaces: offsets and lines stay the same."""
    pieces, last = [], 0
    for mark in find_marks(markdown):
        pieces += [markdown[last : mark.start], " " * (mark.end - mark.start)]
        last = mark.end
    return "".join([*pieces, markdown[last:]])


def word_count(text: str) -> int:
    """Number of words, as a word processor counts: « l’hébergeur » is one. Marks must be out already."""
    return len(_WORD.findall(text))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its offset in the text it comes from."""

    text: str
    start: int


def sentences(text: str) -> list[Sentence]:
    """The sentences of one paragraph or list item."""
    found: list[Sentence] = []
    start = 0
    for end in _sentence_ends(text):
        piece = text[start:end]
        if piece.strip():
            found.append(Sentence(piece.strip(), start + len(piece) - len(piece.lstrip())))
        start = end
    return found


def _sentence_ends(text: str) -> Iterator[int]:
    for end in _SENTENCE_END.finditer(text):
        rest = text[end.end() :].lstrip(' \n\t\u00a0\u202f*_«"(')
        word = _LAST_WORD.search(text, 0, end.start())
        # « etc. » before a capital is the one abbreviation that ends a sentence too.
        abbreviated = (
            end.group() == "."
            and word is not None
            and (
                word.group().casefold() in _ABBREVIATIONS
                or (word.group() == "etc" and not rest[:1].isupper())
            )
        )
        if not abbreviated and not rest[:1].islower():
            yield end.end()
    yield len(text)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or the first paragraph of a list item.

    `text` is its Markdown without list bullet, `line` its first line in the section (from 0). `leads` are
    the ranks of the blocks that introduce it: the paragraph before its list, the parent item of a nested one.
    """

    text: str
    line: int
    is_item: bool
    leads: tuple[int, ...] = ()


def blocks(markdown: str) -> list[Block]:
    """The blocks of a section, in reading order. Code and raw HTML are left out."""
    found: list[Block] = []
    _walk(SyntaxTreeNode(_MARKDOWN.parse(markdown)), found, (), False)
    return found


def _walk(node: SyntaxTreeNode, found: list[Block], leads: tuple[int, ...], in_item: bool) -> None:
    last: int | None = None
    for child in node.children:
        if child.type in {"paragraph", "heading"}:
            last = len(found)
            content = child.children[0].content if child.children else ""
            found.append(Block(content, child.map[0] if child.map else 0, in_item, leads))
        elif child.type in {"bullet_list", "ordered_list"}:
            inner = leads if last is None else (*leads, last)
            for item in child.children:
                _walk(item, found, inner, True)
            last = None
        elif child.children:
            _walk(child, found, leads, in_item)
            last = None
