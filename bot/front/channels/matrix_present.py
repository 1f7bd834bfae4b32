"""Replies as Matrix messages: HTML for clients that show it, plain text for the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.dialogue.reply import Reply
from bot.front.channels import phone, words

# No raw HTML: what would be a tag is shown as it is written. Only http, https and mailto links are kept.
_MARKDOWN = MarkdownIt("commonmark", {"html": False})


def messages(replies: Sequence[Reply], public_url: str = "") -> list[dict[str, Any]]:
    """The messages that show `replies`, one each; their choices are numbered through all of them.

    Documents are links below `public_url`.
    """
    shown, number = [], 1
    for reply in replies:
        parts = [phone.body(reply), phone.documents(reply.documents, public_url)]
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
    tokens = _MARKDOWN.parse(markdown)
    return {
        "msgtype": "m.notice",
        "body": _plain(tokens),
        "format": "org.matrix.custom.html",
        "formatted_body": _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}).strip(),
    }


def _plain(tokens: Sequence[Token]) -> str:
    """The text without marks; a link's address follows its words, list items begin with a dash or number."""
    written: list[str] = []
    bullets: list[int | None] = []  # of the lists open, the number to come
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            bullets.append(int(token.attrs.get("start", 1)) if token.tag == "ol" else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            bullets.pop()
            if not bullets:
                written.append("\n")
        elif token.type == "list_item_open":
            written.append("  " * (len(bullets) - 1) + (f"{bullets[-1]}. " if bullets[-1] else "- "))
            bullets[-1] = bullets[-1] + 1 if bullets[-1] else None
        elif token.type == "inline":
            written += _inline(token.children or [])
        elif token.type in ("fence", "code_block"):
            written.append(token.content)
        elif token.type in ("paragraph_close", "heading_close"):
            written.append("\n" if bullets else "\n\n")
    return "".join(written).strip()


def _inline(tokens: Sequence[Token]) -> Iterator[str]:
    address = ""
    for token in tokens:
        if token.type in ("text", "code_inline"):
            yield token.content
        elif token.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif token.type == "link_open":
            address = str(token.attrs["href"])
        elif token.type == "link_close":
            yield f" ({address})"
