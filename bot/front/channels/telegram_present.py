"""Replies as Telegram messages: HTML, and buttons below the last one of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from bot.dialogue.reply import Button, Reply
from bot.front.channels import phone, telegram_html, words

SHORT_TITLE = 34
"""Characters of a button that a phone shows whole; a longer title is spelt out in the message too."""

_LONGEST_LABEL = 60


Row = tuple[tuple[str, str], ...]


class TelegramMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """What `sendMessage` gets. `keyboard`: rows of (label, token)."""

    html: str
    keyboard: tuple[Row, ...] = ()

    def parameters(self) -> dict[str, Any]:
        """The parameters of `sendMessage`, without the chat's."""
        sent: dict[str, Any] = {
            "text": self.html,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        }
        if self.keyboard:
            rows = [
                [{"text": label, "callback_data": token} for label, token in row] for row in self.keyboard
            ]
            sent["reply_markup"] = {"inline_keyboard": rows}
        return sent


def present(replies: Sequence[Reply], public_url: str) -> list[TelegramMessage]:
    """The messages that show `replies`; documents are links below `public_url`."""
    shown: list[TelegramMessage] = []
    first = 1
    for reply in replies:
        entries = list(enumerate(reply.buttons, first))
        first += len(entries)
        parts = [phone.body(reply), phone.documents(reply.documents, public_url)]
        if spelt := [entry for entry in entries if len(entry[1].title) > SHORT_TITLE]:
            heading = f"**{words.SEE_ALSO}**\n\n" if reply.kind == "answer" else ""
            lines = "  \n".join(phone.numbered([button], number) for number, button in spelt)
            parts.append(heading + lines)
        pages = telegram_html.messages("\n\n".join(part for part in parts if part))
        keyboard: list[Row] = [((_label(number, button), button.payload),) for number, button in entries]
        if reply.feedback:
            keyboard.append(tuple((button.title, button.payload) for button in reply.feedback))
        shown += map(TelegramMessage, pages[:-1])
        shown += [TelegramMessage(page, tuple(keyboard)) for page in pages[-1:]]
    return shown


def _label(number: int, button: Button) -> str:
    if len(button.title) <= SHORT_TITLE:
        return button.title
    label = f"{number}. {button.title}"
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1].rstrip() + "…"
