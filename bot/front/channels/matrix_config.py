"""How the Matrix channel runs: its account, whom it answers, where it keeps its keys."""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.settings import Settings, SettingsError

_USER = re.compile(r"@[^:\s]{1,200}:(?P<server>[A-Za-z0-9.\-:\[\]]{1,230})")
_SERVER = re.compile(r"[A-Za-z0-9.\-:\[\]]{1,230}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixConfig:
    """The channel's account and limits. Times in seconds.

    `servers` are the homeservers whose users are answered; `password` is needed when there is no session
    yet, `recovery_key` when the account had an identity before the bot's first start.
    """

    homeserver: str
    user: str
    servers: frozenset[str]
    folder: Path
    pickle_key: str = field(repr=False)
    password: str | None = field(default=None, repr=False)
    recovery_key: str | None = field(default=None, repr=False)
    public_url: str = ""
    sync_timeout: float = 30.0
    # As long as Rasa remembers: people come back to a messenger later than to a page.
    conversation_idle: float = 3600.0

    @property
    def recovery_file(self) -> Path:
        """Where the recovery key of an identity made by the bot is kept."""
        return self.folder / "cle-de-recuperation"


def matrix_config(settings: Settings, secret: bytes, env: Mapping[str, str] | None = None) -> MatrixConfig:
    """The configuration from `settings`, the front's `secret` and the variables MAITRE_MATRIX_HOMESERVER,
    _USER, _PASSWORD, _RECOVERY_KEY and _SERVERS (names separated by commas; by default the account's own).

    Raises `SettingsError`, naming the variable and the mend.
    """
    env = os.environ if env is None else env
    homeserver = env.get("MAITRE_MATRIX_HOMESERVER", "").rstrip("/")
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", homeserver):
        raise SettingsError(
            f"MAITRE_MATRIX_HOMESERVER={homeserver!r}\u00a0: donnez l’adresse du serveur Matrix, "
            "par exemple https://matrix.example.fr."
        )
    user = env.get("MAITRE_MATRIX_USER", "")
    named = _USER.fullmatch(user)
    if named is None:
        raise SettingsError(
            f"MAITRE_MATRIX_USER={user!r}\u00a0: donnez l’identifiant complet du compte, "
            "par exemple @bonjour-maitre:example.fr."
        )
    servers = [
        name.strip().lower() for name in env.get("MAITRE_MATRIX_SERVERS", "").split(",") if name.strip()
    ]
    for name in servers:
        if not _SERVER.fullmatch(name):
            raise SettingsError(
                f"MAITRE_MATRIX_SERVERS\u00a0: {name!r} n’est pas un nom de serveur. Donnez ceux qui suivent "
                "le deux-points dans les identifiants, séparés par des virgules\u00a0: example.fr,ordre.fr."
            )
    return MatrixConfig(
        homeserver=homeserver,
        user=user,
        servers=frozenset(servers or [named["server"].lower()]),
        folder=settings.var / "matrix",
        pickle_key=hmac.digest(secret, b"matrix:pickle", "sha256").hex(),
        password=env.get("MAITRE_MATRIX_PASSWORD") or None,
        recovery_key=env.get("MAITRE_MATRIX_RECOVERY_KEY") or None,
        public_url=env.get("MAITRE_PUBLIC_URL", "").rstrip("/"),
    )


class MatrixAccountError(SettingsError):
    """The account or its keys cannot be used as things are; the message says the mend."""


def server_of(user: str) -> str:
    """The homeserver in a user's identifier, in lower case."""
    return user.partition(":")[2].lower()
