"""Settings of the Telegram channel."""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.settings import SettingsError

API = "https://api.telegram.org"
_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{20,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramConfig:
    """`token`: the bot's, from @BotFather; `api`: the Bot API's address; `public_url`: ours as seen from
    outside, "" when there is none; `secret`: what Telegram shows to prove that an update is its own."""

    token: str = field(repr=False)
    api: str = API
    public_url: str = ""
    secret: str = field(repr=False)

    @property
    def has_webhook(self) -> bool:
        """Whether Telegram can deliver to the front; otherwise updates are fetched (long polling)."""
        return bool(self.public_url)


def telegram_config(secret: bytes, env: Mapping[str, str] | None = None) -> TelegramConfig:
    """From MAITRE_TELEGRAM_TOKEN, MAITRE_TELEGRAM_API and MAITRE_PUBLIC_URL; the webhook's secret is derived
    from `secret`. Raises `SettingsError`, naming the variable and the mend."""
    env = os.environ if env is None else env
    token = env.get("MAITRE_TELEGRAM_TOKEN", "").strip()
    if not _TOKEN.fullmatch(token):
        raise SettingsError("MAITRE_TELEGRAM_TOKEN: give the token that @BotFather shows, like 123456:ABC…")
    api = (env.get("MAITRE_TELEGRAM_API") or API).rstrip("/")
    if not api.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise SettingsError(
            f"MAITRE_TELEGRAM_API={api!r}: give an https address, or a Bot API server on this machine."
        )
    public = env.get("MAITRE_PUBLIC_URL", "").rstrip("/")
    if public and not public.startswith("https://"):
        raise SettingsError(
            f"MAITRE_PUBLIC_URL={public!r}: give the https address of the front, as seen from outside."
        )
    shown = hmac.digest(secret, b"telegram:webhook", "sha256").hex()
    return TelegramConfig(token=token, api=api, public_url=public, secret=shown)
