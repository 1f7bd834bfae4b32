"""How long what doctors leave is kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.settings import SettingsError

ENDED_DAYS = 90
WAITING_DAYS = 365


@dataclass(frozen=True, slots=True)
class Limits:
    """Moments before which things go: questions that `ended`, and questions still `waiting`."""

    ended: datetime
    waiting: datetime


@dataclass(frozen=True, slots=True)
class Retention:
    """`ended_days`: an answered or closed question, and the link between a rating and its author.
    `waiting_days`: a question that nobody answered, with its address."""

    ended_days: int = ENDED_DAYS
    waiting_days: int = WAITING_DAYS

    def limits(self, now: datetime) -> Limits:
        """The moments, seen from `now`."""
        return Limits(now - timedelta(days=self.ended_days), now - timedelta(days=self.waiting_days))


def load_retention(env: Mapping[str, str] | None = None) -> Retention:
    """From MAITRE_KEEP_ENDED_DAYS and MAITRE_KEEP_WAITING_DAYS. Raises `SettingsError`."""
    env = os.environ if env is None else env
    return Retention(
        _days(env, "MAITRE_KEEP_ENDED_DAYS", ENDED_DAYS), _days(env, "MAITRE_KEEP_WAITING_DAYS", WAITING_DAYS)
    )


def _days(env: Mapping[str, str], name: str, default: int) -> int:
    raw = env.get(name) or str(default)
    if not (raw.isascii() and raw.isdigit() and 0 < int(raw) < 10_000):
        raise SettingsError(f"{name}={raw!r}: give a number of days, from 1 to 9999.")
    return int(raw)
