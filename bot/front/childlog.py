"""The log files of the supervised processes, without what doctors wrote.

Rasa and its action server print tracebacks, SQL parameters and, in JSON, the local variables of
every frame: all may hold a message. Until a process serves, it has seen no message and its output is
kept whole, for it says why a start failed. Afterwards only what is known to be harmless is kept.
"""

from __future__ import annotations

import json
import logging
import re
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from bot.privacy.masking import mask

MAX_BYTES = 2_000_000
BACKUPS = 3
_MAX_LINE = 300

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_FRAME = re.compile(r'\s+File "[^"]{1,300}", line \d+, in [\w<>.]+')
_RAISED = re.compile(
    r"(?P<type>(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning|Timeout|Rejection))(?::|$)"
)
_RECORD = re.compile(r"\d{4}-\d{2}-\d{2}[ T][\d:.,]+ +(?:WARNING|ERROR|CRITICAL)\b")
_TRACEBACK = "Traceback (most recent call last):"


def scrub(line: str) -> str | None:
    """What of one output line may be kept once messages flow; None when nothing may.

    Kept: a structlog record reduced to event, level and places of the code; a dated record of
    level WARNING or above, masked and cut to 300 characters; the frames of a traceback and the
    type, not the message, of its exception.
    """
    line = _ANSI.sub("", line).rstrip()
    if line.startswith("{"):
        return _scrub_structlog(line)
    if line.strip() == _TRACEBACK:
        return _TRACEBACK
    if frame := _FRAME.match(line):
        return frame.group()
    if raised := _RAISED.match(line):
        return raised.group("type")
    if _RECORD.match(line):
        return mask(line).text[:_MAX_LINE]
    return None


def _scrub_structlog(line: str) -> str | None:
    try:
        record: dict[str, Any] = json.loads(line)
    except (ValueError, RecursionError):
        return None
    kept: dict[str, object] = {key: str(record[key])[:120] for key in ("level", "event") if key in record}
    raised = record.get("exception")
    if isinstance(raised, list):
        kept["exception"] = [
            {
                "type": link.get("exc_type"),
                "frames": [
                    f"{frame.get('filename')}:{frame.get('lineno')} {frame.get('name')}"
                    for frame in link.get("frames") or ()
                    if isinstance(frame, dict)
                ],
            }
            for link in raised
            if isinstance(link, dict)
        ]
    return json.dumps(kept, ensure_ascii=False) if kept else None


class ChildLog:
    """One rotated file, readable by its owner alone; `serving` turns the scrubbing on."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self.path = path
        self.serving = False
        self._handler = RotatingFileHandler(path, maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8")
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))

    def write(self, line: str) -> None:
        """Append one output line, scrubbed once `serving` is true."""
        kept = scrub(line) if self.serving else line.rstrip()
        if kept:
            record = logging.LogRecord("child", logging.INFO, "", 0, kept, None, None)
            self._handler.emit(record)

    def close(self) -> None:
        """Close the file."""
        self._handler.close()
