"""Trains the Rasa model, and knows when that is not needed."""

from __future__ import annotations

import hashlib
import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from bot.nlu.importer import read_sources, require_diagnostics
from bot.settings import Settings

MODEL_NAME = "bonjour-maitre"
_STAMP = "inputs.sha256"


class TrainingError(RuntimeError):
    """Training produced no model."""


def inputs_digest(root: Path) -> str:
    """SHA-256 of all that a model depends on: fiches, Rasa's files, the understanding's code, the lock."""
    digest = hashlib.sha256()
    files = [root / name for name in ("config.yml", "domain.yml", "requirements.lock")]
    files += (root / "data").rglob("*.*")
    for folder in ("nlu", "fiches", "law", "diagnostics"):
        files += (Path(__file__).parents[1] / folder).glob("*.py")
    for path in sorted(p for p in files if p.is_file()):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def model_path(settings: Settings) -> Path:
    """The archive that `train` writes and every process serves."""
    return settings.models / f"{MODEL_NAME}.tar.gz"


def is_current(settings: Settings) -> bool:
    """Whether the model was trained on the present inputs."""
    stamp = settings.models / _STAMP
    return (
        model_path(settings).exists()
        and stamp.exists()
        and stamp.read_text(encoding="utf-8") == inputs_digest(settings.root)
    )


def train(settings: Settings) -> Path:
    """Trains on the project at `settings.root`; returns the model's path.

    Raises `FicheImportError` when a fiche would be lost, `TrainingError` when Rasa gives no model.
    """
    # Rasa would report a broken importer with one log line and go on.
    read_sources(settings.root)
    require_diagnostics(settings.root)
    log = settings.var / "log" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # Rasa's progress bars and the warnings of its dependencies go to a file: they would drown our own lines.
    with log.open("w", encoding="utf-8") as stream, redirect_stdout(stream), redirect_stderr(stream):
        quiet()
        import rasa

        result = rasa.train(
            domain=str(settings.root / "domain.yml"),
            config=str(settings.root / "config.yml"),
            training_files=[str(settings.root / "data")],
            output=str(settings.models),
            fixed_model_name=MODEL_NAME,
        )
    if result.model is None or not model_path(settings).exists():
        raise TrainingError(f"Rasa gave no model (code {result.code}); read {log}.")
    (settings.models / _STAMP).write_text(inputs_digest(settings.root), encoding="utf-8")
    return model_path(settings)


@contextmanager
def quietly() -> Iterator[None]:
    """Silences also what is said while Rasa is imported: its modules put back the warnings."""
    with redirect_stderr(io.StringIO()):
        quiet()
        yield
    quiet()


def quiet() -> None:
    """Silences the warnings of Rasa's old dependencies, which would drown ours."""
    warnings.filterwarnings("ignore")
    for name in ("rasa", "matplotlib", "tensorflow", "absl", "apscheduler", "sanic", "asyncio"):
        logging.getLogger(name).setLevel(logging.ERROR)
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
