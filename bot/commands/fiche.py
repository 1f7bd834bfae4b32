"""`maitre fiche`: the editor's commands on the fiches."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot import settings
from bot.fiches.check import check_fiches
from bot.fiches.dossiers import check_dossiers
from bot.fiches.frontmatter import FrontMatterError
from bot.fiches.lint import lint_fiches
from bot.fiches.mend import typeset_file
from bot.fiches.model import THEMES, Appui, Fiche, Statut
from bot.fiches.parse import load_fiches
from bot.fiches.scaffold import DraftError, write_draft
from bot.law.register import load_register
from bot.problem import Problem

app = typer.Typer(help="Écrire, vérifier et compter les fiches.", no_args_is_help=True, rich_markup_mode=None)

_STRENGTH = {appui: rank for rank, appui in enumerate(Appui)}

Folder = Annotated[
    Path | None,
    typer.Option("--fiches", help="Dossier des fiches (par défaut, data/fiches).", show_default=False),
]


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True)


def table_console() -> Console:
    """A console wide enough for whole rows when the output goes to a file or to another program."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def stop(message: str) -> NoReturn:
    Console(stderr=True, highlight=False, soft_wrap=True).print(escape(message))
    raise typer.Exit(1)


def _fiches_folder(folder: Path | None) -> Path:
    return folder if folder is not None else settings.load().fiches


def _shown(path: Path) -> str:
    """`path` as seen from the current folder."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def gather_problems(folder: Path, laws: Path, today: date, dossiers: Path | None = None) -> list[Problem]:
    """All that can be said against the fiches of `folder` and the register of `laws`, by file and line."""
    fiches, problems = load_fiches(folder)
    register, register_problems = load_register(laws)
    problems += register_problems
    problems += check_fiches(fiches, register, today)
    problems += lint_fiches(fiches)
    if dossiers is not None:
        problems += check_dossiers(fiches, dossiers)
    return sorted(problems, key=lambda problem: (str(problem.path), problem.line))


@app.command()
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Fichiers ou dossiers dont montrer les défauts (par défaut, tous).", show_default=False
        ),
    ] = None,
    folder: Folder = None,
    dossiers: Annotated[
        Path | None,
        typer.Option("--dossiers", help="Dossier des faits : vérifie que chaque question a sa fiche."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Sortie JSON, pour un programme.")] = False,
) -> None:
    """Vérifier les fiches, leur prose, leurs liens et le registre des textes.

    Le code de sortie est 1 s’il y a une erreur, 0 s’il n’y a que des avertissements.
    """
    problems = gather_problems(_fiches_folder(folder), settings.load().lois, date.today(), dossiers)
    if paths:
        wanted = [_existing(path).resolve() for path in paths]
        problems = [problem for problem in problems if _is_below(problem.path.resolve(), wanted)]
    if as_json:
        typer.echo(json.dumps([as_dict(problem) for problem in problems], ensure_ascii=False, indent=2))
    else:
        print_problems(problems)
    if any(problem.is_error for problem in problems):
        raise typer.Exit(1)


def _existing(path: Path) -> Path:
    if not path.exists():
        stop(f"{path} n’existe pas : vérifiez le chemin.")
    return path


def _is_below(path: Path, wanted: Iterable[Path]) -> bool:
    return any(path == one or one in path.parents for one in wanted)


def as_dict(problem: Problem) -> dict[str, str | int]:
    return {
        "fichier": _shown(problem.path),
        "ligne": problem.line,
        "niveau": problem.level,
        "message": problem.message,
        "remede": problem.remede,
    }


def print_problems(problems: Sequence[Problem]) -> None:
    console = _console()
    for path, found in groupby(problems, key=lambda problem: problem.path):
        console.print(f"[bold]{escape(_shown(path))}[/]")
        for problem in found:
            colour = "red" if problem.is_error else "yellow"
            line = f"ligne {problem.line}" if problem.line else "fichier"
            console.print(f"  {line:<10} [{colour}]{problem.level}[/] {escape(problem.message)}")
            if problem.remede:
                console.print(f"             [dim]→ {escape(problem.remede)}[/]")
        console.print()
    errors = sum(problem.is_error for problem in problems)
    warnings = len(problems) - errors
    if not problems:
        console.print("[green]Aucun défaut.[/]")
        return
    files = len({problem.path for problem in problems})
    console.print(
        f"{_count(errors, 'erreur')}, {_count(warnings, 'avertissement')} dans {_count(files, 'fichier')}."
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}"


@app.command("list")
def list_(
    theme: Annotated[str | None, typer.Option("--theme", help="Ne montrer qu’un thème.")] = None,
    folder: Folder = None,
) -> None:
    """Lister les fiches : thème, statut, date de révision, solidité, relecture.

    La solidité d’une fiche est celle de sa citation la moins bien vérifiée.
    """
    _known_theme(theme)
    fiches = [fiche for fiche in _loaded(folder) if theme in (None, fiche.theme)]
    table = Table()
    for column in ("Fiche", "Thème", "Statut", "À revoir avant", "Solidité", "Relue"):
        table.add_column(column, overflow="fold")
    today = date.today()
    for fiche in sorted(fiches, key=lambda fiche: (list(THEMES).index(fiche.theme), fiche.id)):
        late = fiche.a_revoir_avant < today
        table.add_row(
            fiche.id,
            fiche.theme,
            fiche.statut,
            f"[red]{fiche.a_revoir_avant}[/]" if late else str(fiche.a_revoir_avant),
            strength(fiche) or "aucune",
            "oui" if fiche.relu_le else "non",
        )
    console = table_console()
    console.print(table)
    console.print(f"{_count(len(fiches), 'fiche')}.")


def strength(fiche: Fiche) -> Appui | None:
    """How well the least verified citation of the fiche was verified; None when it cites nothing."""
    return max((declared.appui for declared in fiche.citations), key=_STRENGTH.__getitem__, default=None)


def _loaded(folder: Path | None) -> list[Fiche]:
    """The fiches that can be read; says on stderr how many files cannot."""
    fiches, problems = load_fiches(_fiches_folder(folder))
    if problems:
        files = len({problem.path for problem in problems})
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"[yellow]{_count(files, 'fichier')} illisible{'s' if files > 1 else ''}[/] : "
            "lancez « maitre fiche check »."
        )
    return fiches


def _known_theme(theme: str | None) -> None:
    if theme is not None and theme not in THEMES:
        stop(f"Thème inconnu « {theme} ». Thèmes admis : {', '.join(THEMES)}.")


@app.command()
def stats(folder: Folder = None) -> None:
    """Compter les fiches, leurs questions, épreuves et citations, par thème."""
    fiches = _loaded(folder)
    table = Table()
    table.add_column("Thème")
    columns = ("Fiches", "Publiées", "Relues", "Échues", "Questions", "Épreuves", "Citations")
    for column in columns:
        table.add_column(column, justify="right")
    for theme in THEMES:
        table.add_row(theme, *_figures([fiche for fiche in fiches if fiche.theme == theme]))
    table.add_section()
    table.add_row("ensemble", *_figures(fiches))
    console = table_console()
    console.print(table)
    statuts = Counter(fiche.statut for fiche in fiches)
    console.print("Statuts : " + ", ".join(f"{statut} {statuts[statut]}" for statut in Statut) + ".")
    appuis = Counter(declared.appui for fiche in fiches for declared in fiche.citations)
    console.print("Appuis des citations : " + ", ".join(f"{appui} {appuis[appui]}" for appui in Appui) + ".")
    articles = {declared.citation.reference for fiche in fiches for declared in fiche.citations}
    console.print(f"Textes cités : {len(articles)}.")


def _figures(fiches: Sequence[Fiche]) -> list[str]:
    today = date.today()
    return [
        str(number)
        for number in (
            len(fiches),
            sum(fiche.is_published for fiche in fiches),
            sum(fiche.relu_le is not None for fiche in fiches),
            sum(fiche.a_revoir_avant < today for fiche in fiches),
            sum(len(fiche.questions) for fiche in fiches),
            sum(len(fiche.epreuves) for fiche in fiches),
            sum(len(fiche.citations) for fiche in fiches),
        )
    ]


@app.command()
def new(
    question: Annotated[str, typer.Argument(help="La question, comme la poserait un médecin.")],
    theme: Annotated[
        str | None,
        typer.Option("--theme", help=f"Thème (à donner) : {', '.join(THEMES)}.", show_default=False),
    ] = None,
    author: Annotated[str, typer.Option("--auteur", help="Qui rédige.")] = "Rédaction",
    folder: Folder = None,
) -> None:
    """Créer le brouillon d’une fiche, au bon endroit, avec ce qu’il faut y écrire."""
    try:
        path = write_draft(_fiches_folder(folder), question, theme=theme, author=author, today=date.today())
    except DraftError as error:
        stop(f"Rien n’est créé : {error}")
    _console().print(f"Brouillon créé : [bold]{escape(_shown(path))}[/]")
    _console().print("Remplissez-le, puis lancez « maitre fiche check ».")


@app.command("fix-typo")
def fix_typo(
    paths: Annotated[list[Path], typer.Argument(help="Fichiers ou dossiers de fiches.")],
) -> None:
    """Corriger la typographie : apostrophes, espaces insécables, guillemets, points de suspension, accents.

    Les textes que lit le médecin sont corrigés ; les questions, contre-exemples, épreuves et relances, qui
    imitent la frappe réelle, restent tels quels.
    """
    console = _console()
    files = [
        file
        for path in map(_existing, paths)
        for file in (sorted(path.rglob("*.md")) if path.is_dir() else [path])
    ]
    mended, unreadable = 0, 0
    for file in files:
        try:
            # Bytes, not text, so that the ends of lines stay what they are.
            before = file.read_bytes().decode("utf-8-sig")
            after = typeset_file(before)
        except UnicodeDecodeError:
            console.print(f"[red]{escape(_shown(file))}[/] : le fichier n’est pas en UTF-8.")
            unreadable += 1
            continue
        except FrontMatterError as error:
            console.print(
                f"[red]{escape(_shown(file))}:{error.line}[/] : {escape(f'{error.message} — {error.remede}')}"
            )
            unreadable += 1
            continue
        if after != before:
            file.write_bytes(after.encode())
            mended += 1
            console.print(f"corrigé : {escape(_shown(file))}")
    console.print(f"{_count(mended, 'fichier')} corrigé{'s' if mended > 1 else ''} sur {len(files)}.")
    if unreadable:
        raise typer.Exit(1)
