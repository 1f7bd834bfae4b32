"""Payloads of buttons: `/intent{"entity": "value"}`, as Rasa reads them. The front hides them."""

from __future__ import annotations

import json


def command(intent: str, **entities: str) -> str:
    """The payload that stands for `intent` with these entities."""
    return f"/{intent}{json.dumps(entities)}" if entities else f"/{intent}"
