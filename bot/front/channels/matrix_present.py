"""Replies as Matrix messages: HTML for clients that show it, plain text for the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt

from bot.dialogue.reply import Reply
from bot.front.channels import phone, words

# No raw HTML: what would be a tag is shown as it is written. Only http, https and mailto links are kept.
_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_LINK = re.compile(r"\[((?:[^\[\]\\]|\\.)+)\]\((\S+?)\)")
_MARKS = re.compile(
    r"\*\*|(?<![\w\\])_(?=\S)|(?<=\S)(?<!\\)_(?!\w)|(?<=\s)\*(?=\S)|(?<=\S)\*(?=[\s,.;:)]|$)", re.MULTILINE
)


def messages(replies: Sequence[Reply]) -> list[dict[str, Any]]:
    """The messages that show `replies`, one each; their choices are numbered through all of them."""
    shown, number = [], 1
    for reply in replies:
        parts = [phone.body(reply)]
        if reply.buttons:
            parts += [f"**{words.SEE_ALSO}**"] if reply.kind == "answer" else []
            parts += [phone.numbered(reply.buttons, number), words.CHOOSE]
            number += len(reply.buttons)
        if reply.feedback:
            offered = " ou ".join(f"«\u00a0{button.title.lower()}\u00a0»" for button in reply.feedback)
            parts.append(f"_{words.USEFUL} {offered}._")
        shown.append(notice("\n\n".join(part for part in parts if part)))
    return shown


def notice(markdown: str) -> dict[str, Any]:
    """The content of an `m.notice`, which no bot answers."""
    return {
        "msgtype": "m.notice",
        "body": plain(markdown),
        "format": "org.matrix.custom.html",
        "formatted_body": _MARKDOWN.render(markdown).strip(),
    }


def plain(markdown: str) -> str:
    """`markdown` without its marks; a link's address follows its words."""
    text = _LINK.sub(r"\1 (\2)", markdown)
    text = _MARKS.sub("", text)
    return re.sub(r"\\([^\w\s])", r"\1", text)
