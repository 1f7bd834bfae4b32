"""Markdown as Telegram's HTML, in messages of the length that it takes.

Telegram counts a message in UTF-16 code units once its tags are read, 4,096 at most, and heeds the first 100
of its formats (Bot API, sendMessage and "Formatting options").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

LONGEST = 4096
MOST_FORMATS = 100

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_MARKS = {"strong": "<b>", "em": "<i>"}


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text under the same formats, named by their opening tags, the outermost first."""

    text: str
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading or an item of a list; `gap` parts it from the one before."""

    gap: str
    spans: tuple[Span, ...]


def messages(markdown: str) -> list[str]:
    """`markdown` as one or more messages of HTML, cut between blocks, else sentences, else words."""
    pages: list[list[Span]] = [[]]
    for block in _blocks(SyntaxTreeNode(_MARKDOWN.parse(markdown)), ()):
        rest = block.spans
        if pages[-1]:
            gap = Span(block.gap)
            if _fits([*pages[-1], gap, *rest]):
                pages[-1] += [gap, *rest]
                continue
            pages.append([])
        while not _fits(rest):
            head, rest = _cut(rest)
            pages[-1] += head
            pages.append([])
        pages[-1] += rest
    return [html for page in pages if (html := _html(page))]


def units(text: str) -> int:
    """The length of `text` as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def _blocks(node: SyntaxTreeNode, marks: tuple[str, ...], indent: str = "") -> Iterator[Block]:
    for child in node.children:
        if child.type in ("paragraph", "heading"):
            within = (*marks, "<b>") if child.type == "heading" and "<b>" not in marks else marks
            spans = [span for inline in child.children for span in _spans(inline, within)]
            yield Block("\n\n", tuple(spans))
        elif child.type in ("bullet_list", "ordered_list"):
            yield from _items(child, marks, indent)
        elif child.type in ("fence", "code_block"):
            yield Block("\n\n", (Span(child.content.rstrip("\n"), ("<code>",)),))
        elif child.children:
            yield from _blocks(child, marks, indent)


def _items(node: SyntaxTreeNode, marks: tuple[str, ...], indent: str) -> Iterator[Block]:
    number = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
    for place, item in enumerate(node.children):
        bullet = "• " if number is None else f"{number + place}. "
        for position, block in enumerate(_blocks(item, marks, f"{indent}\u2003")):
            if position:
                yield block
            else:
                gap = "\n\n" if place == 0 and not indent else "\n"
                yield Block(gap, (Span(indent + bullet), *block.spans))


def _spans(node: SyntaxTreeNode, marks: tuple[str, ...]) -> Iterator[Span]:
    if node.type in ("text", "code_inline"):
        yield Span(node.content, marks)
    elif node.type == "softbreak":
        yield Span(" ", marks)
    elif node.type == "hardbreak":
        yield Span("\n", marks)
    elif node.type == "image":
        yield Span(str(node.content), marks)
    else:
        mark = _MARKS.get(node.type)
        if node.type == "link" and (href := str(node.attrs.get("href", ""))).startswith("https://"):
            mark = f'<a href="{escape(href)}">'
        within = marks if mark is None or mark in marks else (*marks, mark)
        for child in node.children:
            yield from _spans(child, within)


def _fits(spans: list[Span] | tuple[Span, ...]) -> bool:
    return (
        sum(units(span.text) for span in spans) <= LONGEST
        and sum(len(span.marks) for span in spans) <= MOST_FORMATS
    )


def _cut(spans: tuple[Span, ...]) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """`spans` in two, the first as long as a message may be."""
    head: list[Span] = []
    for place, span in enumerate(spans):
        if _fits([*head, span]):
            head.append(span)
            continue
        room = LONGEST - sum(units(one.text) for one in head)
        end = _boundary(span.text, room) if _fits([*head, replace(span, text="")]) else 0
        if end == 0 and head:
            return tuple(head), spans[place:]
        end = end or _hard_end(span.text, room)
        first, rest = span.text[:end].rstrip(" "), span.text[end:].lstrip(" ")
        return (*head, replace(span, text=first)), (replace(span, text=rest), *spans[place + 1 :])
    return tuple(head), ()


def _boundary(text: str, room: int) -> int:
    """Where to cut `text` within `room` units: after a sentence, else a word, else 0."""
    reach = text[: _hard_end(text, room)]
    for ending in (". ", "\u00a0; ", ", ", " "):
        # A cut too early would leave a message nearly empty.
        if (found := reach.rfind(ending)) >= len(reach) // 2:
            return found + len(ending)
    return reach.rfind(" ") + 1


def _hard_end(text: str, room: int) -> int:
    """How many characters of `text` take at most `room` units."""
    end = min(len(text), room)
    while units(text[:end]) > room:
        end -= max(1, (units(text[:end]) - room) // 2)
    return end


def _html(spans: list[Span]) -> str:
    parts = []
    for marks, run in groupby(spans, key=lambda span: span.marks):
        text = "".join(span.text for span in run)
        if not text.strip():
            marks = ()  # a format of nothing is refused
        closing = "".join(f"</{mark.strip('<>').partition(' ')[0]}>" for mark in reversed(marks))
        parts.append("".join(marks) + escape(text, quote=False) + closing)
    return "".join(parts).strip()
