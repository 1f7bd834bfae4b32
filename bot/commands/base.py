"""`maitre publish` and `maitre db`: from the files to the database that the bot answers from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot import settings as settings_module

if TYPE_CHECKING:
    from bot.knowledge import KnowledgeBase, PublicationReport
    from bot.settings import Settings

app = typer.Typer(no_args_is_help=True)

# Names shown on one line of the summary; the rest is counted.
_SHOWN = 8

_STATUTS = {
    "publie": "publiées",
    "brouillon": "retirées, en brouillon",
    "suspendu": "retirées, suspendues",
    "archive": "retirées, archivées",
}


def publish_command() -> None:
    """Vérifie les fiches et le registre des lois, puis les publie : tout, ou rien s’il y a une erreur."""
    from bot.fiches.check import check_fiches
    from bot.fiches.lint import lint_fiches
    from bot.fiches.parse import load_fiches
    from bot.knowledge.migrate import upgrade
    from bot.knowledge.publish import publish
    from bot.law.register import load_register

    with _base() as (settings, base):
        fiches, problems = load_fiches(settings.fiches)
        register, register_problems = load_register(settings.lois)
        problems += register_problems
        problems += check_fiches(fiches, register, date.today())
        problems += lint_fiches(fiches)
        errors = [problem for problem in problems if problem.is_error]
        if errors:
            for problem in sorted(errors, key=lambda problem: (str(problem.path), problem.line)):
                _print(str(replace(problem, path=_from_here(problem.path))), error=True)
            _stop(f"Rien n’est publié\u00a0: {_count(len(errors), 'erreur')} à corriger.")
        upgrade(base)
        report = publish(base, fiches, register)
        Console(highlight=False).print(_summary(report))
        if len(problems) > len(errors):
            warnings = _count(len(problems), "avertissement")
            _print(f"{warnings}\u00a0: «\u00a0maitre fiche check\u00a0» en donne la liste.")


@app.command("upgrade")
def upgrade_command() -> None:
    """Crée la base des fiches, ou met ses tables à jour, sans toucher à ce qui est publié."""
    from bot.knowledge.migrate import upgrade

    with _base() as (_, base):
        done = upgrade(base)
        if done.before == done.after:
            _print(f"La base est à jour (schéma {done.after})\u00a0: {base.address}")
        else:
            _print(f"Schéma {done.before or 'vide'} → {done.after}\u00a0: {base.address}")


@app.command("status")
def status_command() -> None:
    """Dit ce que la base contient et quand elle a changé pour la dernière fois."""
    with _base() as (_, base):
        status = base.status()
        table = _table()
        table.add_row("Base", escape(base.address))
        for statut, count in status.fiches.items():
            table.add_row(f"Fiches {_STATUTS[statut]}", str(count))
        table.add_row("Versions conservées", str(status.versions))
        table.add_row("Articles de loi", str(status.articles))
        table.add_row("Dernière publication", "aucune" if status.last is None else _when(status.last))
        if status.last_summary:
            table.add_row("", status.last_summary)
        Console(highlight=False).print(table)


@app.command("history")
def history_command(fiche: str = typer.Argument(help="Identifiant de la fiche.")) -> None:
    """Liste les versions publiées d’une fiche, la plus ancienne d’abord."""
    with _base() as (_, base):
        versions = base.versions(fiche)
        if not versions:
            _stop(f"La fiche «\u00a0{fiche}\u00a0» n’a jamais été publiée.")
        current = base.published(fiche)
        table = Table("Version", "Publiée le", "Titre", "État")
        for version in versions:
            answers = current is not None and current.version == version.version
            state = "en ligne" if answers else ""
            table.add_row(str(version.version), _when(version.published_at), escape(version.title), state)
        Console(highlight=False).print(table)


@contextmanager
def _base() -> Iterator[tuple[Settings, KnowledgeBase]]:
    """The settings and the base they name; what stops the work is said in one sentence."""
    from bot.knowledge import DatabaseUrlError, KnowledgeUnavailable, PublicationError, open_base

    try:
        settings = settings_module.load()
        base = open_base(settings.database_url)
        try:
            yield settings, base
        finally:
            base.close()
    except (DatabaseUrlError, KnowledgeUnavailable, PublicationError, settings_module.SettingsError) as error:
        _stop(str(error))


def _summary(report: PublicationReport) -> Table:
    table = _table()
    for label, names in (
        ("Nouvelles", report.new),
        ("Modifiées", report.updated),
        ("Rétablies", report.restored),
        ("Retirées", report.withdrawn),
        ("Articles de loi changés", report.articles_changed),
    ):
        table.add_row(label, str(len(names)), _enumerate(names))
    table.add_row("Inchangées", str(len(report.unchanged)), "")
    table.caption = None if report.changed else "Rien n’a changé depuis la dernière publication."
    return table


def _table() -> Table:
    return Table(show_header=False, box=None, pad_edge=False)


def _from_here(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _enumerate(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN
    return escape(", ".join(names[:_SHOWN]) + (f"… et {rest} de plus" if rest > 0 else ""))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}"


def _when(moment: datetime) -> str:
    return f"{moment:%d/%m/%Y à %H\u00a0h\u00a0%M} (UTC)"


def _print(line: str, *, error: bool = False) -> None:
    Console(stderr=error, highlight=False, soft_wrap=True).print(escape(line))


def _stop(message: str) -> NoReturn:
    _print(message, error=True)
    raise typer.Exit(1)
