"""The processes behind the front: their commands, their environment, their health pages."""

from __future__ import annotations

import gzip
import os
import sys
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from bot.settings import Settings

_QUIET = {
    "PYTHONWARNINGS": "ignore",
    "PYTHONUNBUFFERED": "1",
    "LOG_LEVEL": "WARNING",
    "LOG_LEVEL_LIBRARIES": "ERROR",
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}

# One message is little to compute, and the threads of a numerical library, which go on turning for a while
# after each product, would take the processor from the action server. What the host sets wins.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class ServeError(RuntimeError):
    """Something the operator must mend before the service can run; the message says what."""


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """How to run one process and to know that it is well.

    `command` is asked anew at every start, so that a restart takes the newest model. `start_grace` is
    how long (seconds) the process may take before its health page first answers. A channel has no such
    page: it is well while it lives, starts once the others are well, and stops nobody when it fails.
    """

    name: str
    command: Callable[[], tuple[str, ...]]
    environment: Mapping[str, str]
    health_url: str | None
    start_grace: float = 0.0

    @property
    def is_channel(self) -> bool:
        """Whether the service answers without it."""
        return self.health_url is None


def newest_model(folder: Path) -> Path:
    """The newest complete `*.tar.gz` of `folder`.

    Rasa starts happily on a half-written archive and then says nothing, hence the reading of the
    whole archive, whose checksum gzip verifies. Raises `ServeError` when there is none.
    """
    archives = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for archive in archives:
        if _is_whole(archive):
            return archive
    if archives:
        raise ServeError(f"No archive in {folder} can be read (half-written or damaged): train again.")
    raise ServeError(f"No trained model in {folder}: train one first, or set MAITRE_MODELS to its folder.")


def _is_whole(archive: Path) -> bool:
    try:
        with gzip.open(archive) as stream:
            while stream.read(1 << 20):
                pass
    except (OSError, EOFError, zlib.error):
        return False
    return True


def _endpoints(settings: Settings) -> Path:
    """The project's endpoints with the port of our action server (the file itself serves `rasa shell`)."""
    path = settings.var / "endpoints.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    project = settings.root / "endpoints.yml"
    endpoints = YAML(typ="safe").load(project.read_text(encoding="utf-8")) if project.exists() else {}
    url = f"http://127.0.0.1:{settings.actions_port}/webhook"
    endpoints["action_endpoint"] = {**(endpoints.get("action_endpoint") or {}), "url": url}
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump(endpoints, stream)
    return path


def _environment(settings: Settings) -> dict[str, str]:
    return {
        **_ONE_THREAD,
        **os.environ,
        **_QUIET,
        "MAITRE_ROOT": str(settings.root),
        "MAITRE_VAR": str(settings.var),
        "MAITRE_DATABASE_URL": settings.database_url,
        "SANIC_HOST": "127.0.0.1",
        # The children run in the project's folder, which may not be where the package is.
        "PYTHONPATH": os.pathsep.join(
            filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")))
        ),
    }


def channel_child(settings: Settings, name: str) -> ChildSpec:
    """The process of a messenger: `maitre channel NAME`."""
    command = (sys.executable, "-c", "from bot.cli import main; main()", "channel", name)
    return ChildSpec(name=name, command=lambda: command, environment=_environment(settings), health_url=None)


def children(settings: Settings) -> tuple[ChildSpec, ...]:
    """The action server, then Rasa, both bound to the loopback address alone."""
    common = _environment(settings)
    actions_command = (
        *(sys.executable, "-m", "rasa_sdk", "--actions", "actions"),
        *("--port", str(settings.actions_port), "--quiet"),
    )

    def rasa_command() -> tuple[str, ...]:
        return (
            *(sys.executable, "-m", "rasa", "run", "--model", str(newest_model(settings.models))),
            *("--endpoints", str(_endpoints(settings)), "--credentials", "credentials.yml"),
            *("--port", str(settings.rasa_port), "--interface", "127.0.0.1", "--quiet"),
        )

    return (
        ChildSpec(
            name="actions",
            command=lambda: actions_command,
            environment=common,
            health_url=f"http://127.0.0.1:{settings.actions_port}/health",
            start_grace=120,
        ),
        ChildSpec(
            name="rasa",
            command=rasa_command,
            environment=common,
            health_url=f"http://127.0.0.1:{settings.rasa_port}/",
            start_grace=300,
        ),
    )
