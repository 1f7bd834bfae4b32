"""Settings of every process, read once from the environment (`MAITRE_*`)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SettingsError(ValueError):
    """A variable holds a value that cannot be used; the message names it and says the mend."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and how they run. Paths are absolute, times in seconds."""

    root: Path
    database_url: str
    host: str
    port: int
    rasa_port: int
    actions_port: int
    models: Path
    var: Path

    @property
    def fiches(self) -> Path:
        """Folder of the fiches, the source of truth."""
        return self.root / "data" / "fiches"

    @property
    def diagnostics(self) -> Path:
        """Folder of the diagnoses."""
        return self.root / "data" / "diagnostics"

    @property
    def lois(self) -> Path:
        """Folder of the law register."""
        return self.root / "data" / "lois"


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    raw = env.get(name, str(default))
    if not raw.isdigit() or not 0 < int(raw) < 65536:
        raise SettingsError(f"{name}={raw!r} is not a port: give a whole number from 1 to 65535.")
    return int(raw)


def load(env: Mapping[str, str] | None = None, root: Path | None = None) -> Settings:
    """Settings from `env` (default: the process environment) for the project at `root`.

    Raises `SettingsError` with the variable's name and the mend.
    """
    env = os.environ if env is None else env
    root = (root or Path(env.get("MAITRE_ROOT") or Path(__file__).parent.parent)).resolve()
    var = Path(env.get("MAITRE_VAR") or root / "var").resolve()
    return Settings(
        root=root,
        database_url=env.get("MAITRE_DATABASE_URL") or f"sqlite:///{var / 'maitre.db'}",
        host=env.get("MAITRE_HOST", "127.0.0.1"),
        port=_port(env, "MAITRE_PORT", 8080),
        rasa_port=_port(env, "MAITRE_RASA_PORT", 5005),
        actions_port=_port(env, "MAITRE_ACTIONS_PORT", 5055),
        models=Path(env.get("MAITRE_MODELS") or root / "models").resolve(),
        var=var,
    )
