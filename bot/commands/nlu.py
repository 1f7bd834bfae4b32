"""`maitre train` and `maitre test nlu`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import typer
from rich.console import Console

from bot import settings as settings_module

test_app = typer.Typer(no_args_is_help=True)


def train_command(
    if_needed: bool = typer.Option(False, "--if-needed", help="Ne rien faire si le modèle est à jour."),
) -> None:
    """Entraîne le modèle de compréhension sur les fiches publiées."""
    from bot.nlu.importer import FicheImportError
    from bot.nlu.training import TrainingError, is_current, train

    # The stream itself: training redirects sys.stderr to its log.
    console = Console(file=sys.stderr)
    settings = settings_module.load()
    if if_needed and is_current(settings):
        console.print("Le modèle est à jour.")
        return
    started = time.monotonic()
    try:
        with console.status("Entraînement…"):
            path = train(settings)
    except (FicheImportError, TrainingError) as error:
        console.print(f"[bold red]Erreur[/] {error}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    console.print(f"Modèle entraîné en {time.monotonic() - started:.0f} s : {path.name}", highlight=False)


@test_app.command("nlu", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test_nlu(context: typer.Context) -> None:
    """Lance « rasa test nlu » sur les questions des fiches (Rasa seul ignore les importateurs).

    Les options supplémentaires sont passées à Rasa, par exemple « --cross-validation ».
    """
    from bot.nlu.training import quiet

    quiet()
    from rasa.shared.importers.importer import TrainingDataImporter

    settings = settings_module.load()
    importer = TrainingDataImporter.load_nlu_importer_from_config(
        str(settings.root / "config.yml"),
        str(settings.root / "domain.yml"),
        [str(settings.root / "data")],
    )
    with tempfile.TemporaryDirectory() as folder:
        exported = Path(folder) / "nlu.yml"
        exported.write_text(importer.get_nlu_data().nlu_as_yaml(), encoding="utf-8")
        command = [sys.executable, "-m", "rasa", "test", "nlu", "--nlu", str(exported)]
        command += ["--model", str(settings.models), *context.args]
        raise typer.Exit(
            subprocess.run(command, cwd=settings.root, env=dict(os.environ), check=False).returncode
        )
