"""How the front runs: its limits, its secret, where Rasa is."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.front.origins import read_origins
from bot.settings import Settings, SettingsError

PROBE_QUESTION = "L’hébergeur de mes dossiers patients doit-il être certifié HDS\u00a0?"

SESSION_RATE = 20  # messages a minute
ADDRESS_RATE = 60

_SECRET_BYTES = 32
_SHORTEST_SECRET = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontConfig:
    """Limits of the front. Times in seconds, rates in messages a minute.

    `proxies` is the number of reverse proxies in front of this server whose `X-Forwarded-For` is to be
    believed; with 0 the address of the connection is the client's. `origins` are the sites whose pages may
    call the API beside our own; `contact`, an address of mail or of the web, answers for accessibility.
    """

    secret: bytes
    rasa_url: str
    rasa_timeout: float = 20.0
    probe_question: str = PROBE_QUESTION
    proxies: int = 0
    session_lifetime: float = 12 * 3600
    conversation_messages: int = 60
    conversation_idle: float = 600.0
    waiting_messages: int = 3
    session_rate: int = SESSION_RATE
    address_rate: int = ADDRESS_RATE
    body_timeout: float = 10.0
    origins: frozenset[str] = frozenset()
    contact: str = ""


def front_config(settings: Settings, env: Mapping[str, str] | None = None) -> FrontConfig:
    """The configuration from `settings` and from MAITRE_SECRET, MAITRE_PROXIES, MAITRE_PROBE_QUESTION,
    MAITRE_RATE_SESSION and MAITRE_RATE_ADDRESS (messages a minute), MAITRE_ORIGINS, MAITRE_CONTACT.

    Without MAITRE_SECRET a random secret is kept in `var/secret`, readable by its owner alone. Raises
    `SettingsError`, naming the variable or the file and the mend.
    """
    env = os.environ if env is None else env
    proxies = env.get("MAITRE_PROXIES", "0")
    if not proxies.isascii() or not proxies.isdigit() or int(proxies) > 9:
        raise SettingsError(
            f"MAITRE_PROXIES={proxies!r}: give the number of trusted reverse proxies, 0 to 9."
        )
    try:
        origins = read_origins(env.get("MAITRE_ORIGINS", ""))
    except ValueError as error:
        raise SettingsError(
            f"MAITRE_ORIGINS: {str(error)!r} is not an origin: give scheme and host, "
            "such as https://www.example.fr, separated by commas."
        ) from None
    return FrontConfig(
        secret=_secret(env.get("MAITRE_SECRET"), settings.var / "secret"),
        rasa_url=f"http://127.0.0.1:{settings.rasa_port}",
        probe_question=env.get("MAITRE_PROBE_QUESTION") or PROBE_QUESTION,
        proxies=int(proxies),
        session_rate=_rate(env, "MAITRE_RATE_SESSION", SESSION_RATE),
        address_rate=_rate(env, "MAITRE_RATE_ADDRESS", ADDRESS_RATE),
        origins=origins,
        contact=env.get("MAITRE_CONTACT", ""),
    )


def _rate(env: Mapping[str, str], name: str, default: int) -> int:
    raw = env.get(name, str(default))
    if not (raw.isascii() and raw.isdigit() and int(raw) > 0):
        raise SettingsError(f"{name}={raw!r}: give a number of messages a minute, 1 or more.")
    return int(raw)


def _secret(given: str | None, path: Path) -> bytes:
    if given is not None:
        if len(given) < _SHORTEST_SECRET:
            raise SettingsError(
                f"MAITRE_SECRET is too short: give at least {_SHORTEST_SECRET} random characters, "
                "for instance from `openssl rand -hex 32`."
            )
        return given.encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_bytes()
        if len(kept) < _SECRET_BYTES:
            raise SettingsError(f"{path} does not hold a whole secret: delete it and start again.") from None
        return kept
    fresh = secrets.token_bytes(_SECRET_BYTES)
    with os.fdopen(descriptor, "wb") as file:
        file.write(fresh)
    return fresh
