"""Where a message comes from: whose it is, without saying who, and by which channel."""

from __future__ import annotations

import msgspec


class Origin(msgspec.Struct, frozen=True):
    """`subject`: an identifier derived from the session, the key of all that is kept for it; `channel`:
    "widget", "matrix"… Travels as the `metadata` of a Rasa message."""

    subject: str
    channel: str

    @property
    def on_page(self) -> bool:
        """Whether it comes from our page: only there can an address be left apart, and a document given."""
        return self.channel == "widget"
