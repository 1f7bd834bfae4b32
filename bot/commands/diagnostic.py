"""`maitre diagnostic`: the editor's commands on the diagnoses."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from bot import settings
from bot.commands.fiche import as_dict, print_problems, stop, table_console
from bot.diagnostics.check import check_sources
from bot.diagnostics.conclude import conclude
from bot.diagnostics.dates import PARIS
from bot.diagnostics.draw import draw
from bot.diagnostics.model import Diagnostic
from bot.diagnostics.parse import load_sources
from bot.diagnostics.paths import paths
from bot.diagnostics.walk import Act, Heard, State, current, hear, start, unasked
from bot.dialogue import diagnostic as say
from bot.fiches.parse import load_fiches
from bot.law.register import load_register
from bot.problem import Problem

app = typer.Typer(help="Vérifier, dessiner, essayer les diagnostics.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="L’identifiant du diagnostic.")]


def gather_problems(config: settings.Settings, today: date) -> list[Problem]:
    """All that can be said against the diagnoses of the project, by file and line."""
    fiches, _ = load_fiches(config.fiches)
    register, _ = load_register(config.lois)
    return check_sources(load_sources(config.diagnostics), fiches, register, today)


def _found(id_: str) -> Diagnostic:
    known = {
        source.diagnostic.id: source.diagnostic
        for source in load_sources(settings.load().diagnostics)
        if source.diagnostic is not None
    }
    if id_ not in known:
        stop(f"Aucun diagnostic lisible du nom de « {id_} ». Lisibles : {', '.join(known) or 'aucun'}.")
    return known[id_]


@app.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Sortie JSON, pour un programme.")] = False,
) -> None:
    """Vérifier les diagnostics : chemins, conclusions, citations, dates, demandes.

    Le code de sortie est 1 s’il y a une erreur.
    """
    problems = gather_problems(settings.load(), date.today())
    if as_json:
        typer.echo(json.dumps([as_dict(problem) for problem in problems], ensure_ascii=False, indent=2))
    else:
        print_problems(problems)
    if any(problem.is_error for problem in problems):
        raise typer.Exit(1)


@app.command("list")
def list_() -> None:
    """Lister les diagnostics : statut, questions, chemins, date de révision, relecture."""
    table = Table()
    for column in ("Diagnostic", "Titre", "Statut", "Questions", "Chemins", "À revoir avant", "Relu"):
        table.add_column(column, overflow="fold")
    for source in load_sources(settings.load().diagnostics):
        if (diagnostic := source.diagnostic) is None:
            continue
        table.add_row(
            diagnostic.id,
            diagnostic.titre,
            diagnostic.statut,
            str(len(diagnostic.questions)),
            str(sum(1 for _ in paths(diagnostic))),
            str(diagnostic.a_revoir_avant),
            "oui" if diagnostic.relu_le else "non",
        )
    table_console().print(table)


@app.command("draw")
def draw_command(id_: Name) -> None:
    """Dessiner l’arbre d’un diagnostic, en texte Mermaid."""
    typer.echo(draw(_found(id_)))


@app.command("try")
def try_command(
    id_: Name,
    message: Annotated[str, typer.Option("--message", help="Le premier message, tel qu’on l’écrirait.")] = "",
    at: Annotated[
        datetime | None,
        typer.Option("--le", formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"], help="Le moment où l’on parle."),
    ] = None,
) -> None:
    """Parcourir un diagnostic dans le terminal, sans modèle ni base ; une réponse par ligne."""
    diagnostic = _found(id_)
    moment = at.replace(tzinfo=PARIS) if at else datetime.now(PARIS)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)
    before, heard = State(diagnostic.id), start(diagnostic, message, moment)
    while heard.act is not Act.LEFT and current(diagnostic, heard.state, moment) is not None:
        retained = unasked(diagnostic, before, heard, moment)
        asked = say.question(diagnostic, heard.state, moment, act=heard.act, retained=retained)
        console.print(Markdown(asked.text))
        line = sys.stdin.readline()
        if not line:
            heard = Heard(heard.state, Act.LEFT)
            break
        console.print(f"> {line.strip()}", markup=False)
        before, heard = heard.state, hear(diagnostic, heard.state, line.strip(), moment)
    if heard.act is Act.LEFT:
        console.print(say.left(diagnostic).text)
        return
    concluded = conclude(diagnostic, heard.state, moment)
    console.print(Markdown(say.conclusion(diagnostic, concluded, {}, {}).text))
