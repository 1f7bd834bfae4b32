"""`maitre`: the command of hosts and editors. Each command's code is in `bot/commands`."""

from __future__ import annotations

import os
import warnings

# Rasa 3.6 phones home unless told not to, and its old dependencies warn at every import: both would be
# inherited by every process started from here.
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.filterwarnings("ignore", category=DeprecationWarning)
warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

import typer  # noqa: E402

from bot.commands import (  # noqa: E402
    ask,
    base,
    channel,
    diagnostic,
    fiche,
    law,
    nlu,
    questions,
    serve,
    transcript,
    trial,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Bonjour Maître : des réponses de droit sourcées, pour les médecins.",
)
app.add_typer(fiche.app, name="fiche", help="Vérifier, lister, créer des fiches.")
app.add_typer(diagnostic.app, name="diagnostic", help="Vérifier, dessiner, essayer les diagnostics.")
app.add_typer(law.app, name="law", help="Le registre des articles cités.")
app.add_typer(base.app, name="db", help="La base des fiches publiées.")
app.add_typer(channel.app, name="channel", help="Les messageries, chacune dans son processus.")
app.add_typer(questions.app, name="questions", help="Les questions transmises par les médecins.")
app.add_typer(nlu.test_app, name="test", help="Mesurer la compréhension avec les outils de Rasa.")
fiche.app.command("try")(trial.try_command)
app.command("explain")(trial.explain_command)
app.command("stats")(questions.stats_command)
app.command("publish")(base.publish_command)
app.command("train")(nlu.train_command)
app.command("ask")(ask.ask_command)
app.command("transcript")(transcript.transcript_command)
app.command("serve")(serve.serve_command)


def main() -> None:
    """Entry point of the `maitre` script."""
    app()
