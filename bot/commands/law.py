"""`maitre law`: the law register, shown, listed and compared with a file of article versions."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from bot import settings
from bot.law.codes import CODES
from bot.law.parse import CitationError, find_citations, parse_citation
from bot.law.print import label
from bot.law.reference import Citation
from bot.law.register import Etat, Register, RegisterEntry, load_register
from bot.law.verify import Finding, Outcome, RegisterFileError, compare, read_versions
from bot.problem import Problem

app = typer.Typer(
    name="law", help="Le registre des lois : consulter, lister, vérifier.", no_args_is_help=True
)

_STYLE = {Outcome.OK: "green", Outcome.ABSENT: "dim"}

Lois = Annotated[
    Path | None, typer.Option("--lois", help="Dossier du registre (par défaut, celui du projet).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Écrire le résultat en JSON.")]


@app.command()
def check(
    register: Annotated[
        Path | None,
        typer.Option("--register", help="Fichier de versions d’articles (JSON par ligne, .gz ou non)."),
    ] = None,
    lois: Lois = None,
    as_json: AsJson = False,
    verbose: Annotated[bool, typer.Option("--tout", help="Montrer aussi ce qui concorde.")] = False,
) -> None:
    """Vérifie le registre, et le compare à un fichier de versions d’articles.

    Code de sortie 1 : une entrée est mal écrite, ou un article cité est inconnu, abrogé ou terminé
    sans que l’entrée le dise.
    """
    entries, problems = _load(lois)
    findings: list[Finding] = []
    if register is not None:
        try:
            findings = compare(entries.entries(), read_versions(register), date.today())
        except RegisterFileError as error:
            _fail(str(error))
    if as_json:
        typer.echo(json.dumps(_report(entries, problems, findings), ensure_ascii=False, indent=2))
    else:
        _print_problems(problems)
        _print_findings(findings, everything=verbose)
        _print_total(entries, problems, findings)
    if any(problem.is_error for problem in problems) or any(finding.blocking for finding in findings):
        raise typer.Exit(1)


@app.command()
def show(
    reference: Annotated[str, typer.Argument(help="« CSP L1111-8 », « art. 28 du RGPD », « R. 4127-73 »…")],
    lois: Lois = None,
    as_json: AsJson = False,
) -> None:
    """Montre ce que le registre sait d’un article."""
    entries, _ = _load(lois)
    citation = _citation(reference, entries)
    entry = entries.get(citation.reference.key)
    if entry is None:
        _fail(f"« {citation.reference.key} » ({label(citation)}) n’est pas dans le registre")
    if as_json:
        typer.echo(json.dumps(_as_dict(entry), ensure_ascii=False, indent=2))
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in {"libellé": label(Citation(entry.ref)), **_as_dict(entry)}.items():
        table.add_row(name, value or "—")
    Console().print(table)


@app.command("list")
def list_entries(
    code: Annotated[str | None, typer.Option("--code", help="Un seul code : CSP, RGPD…")] = None,
    etat: Annotated[Etat | None, typer.Option("--etat", help="Un seul état.")] = None,
    lois: Lois = None,
    as_json: AsJson = False,
) -> None:
    """Liste le registre, par code."""
    if code is not None and code not in CODES:
        _fail(f"« {code} » n’est pas un code connu : {', '.join(CODES)}")
    entries = [
        entry
        for entry in _load(lois)[0]
        if (code is None or entry.ref.code == code) and (etat is None or entry.etat is etat)
    ]
    if as_json:
        typer.echo(json.dumps([_as_dict(entry) for entry in entries], ensure_ascii=False, indent=2))
        return
    table = Table()
    for column in ("Référence", "Titre", "Version du", "État", "Vérifié"):
        table.add_column(column, overflow="fold")
    for entry in entries:
        table.add_row(entry.key, entry.titre, str(entry.version_du or "—"), entry.etat, entry.verifie)
    Console().print(table)
    typer.echo(_count(len(entries), "entrée"))


def _load(lois: Path | None) -> tuple[Register, list[Problem]]:
    return load_register(lois or settings.load().lois)


def _citation(text: str, entries: Register) -> Citation:
    found = find_citations(text, known=entries.keys())
    if len(found) == 1:
        return found[0].citation
    try:
        return parse_citation(text)
    except CitationError as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    Console(stderr=True).print(message, style="red", markup=False, highlight=False)
    raise typer.Exit(2)


def _print_problems(problems: list[Problem]) -> None:
    console = Console()
    for problem in problems:
        style = "red" if problem.is_error else "yellow"
        console.print(str(problem), style=style, markup=False, highlight=False, soft_wrap=True)


def _print_findings(findings: list[Finding], *, everything: bool) -> None:
    shown = [f for f in findings if everything or f.outcome not in (Outcome.OK, Outcome.ABSENT)]
    if not shown:
        return
    table = Table(title="Comparaison avec le fichier")
    for column in ("Référence", "Constat", "Détail", "Notre état", "Où"):
        table.add_column(column, overflow="fold")
    for finding in sorted(shown, key=lambda f: (not f.blocking, f.entry.ref)):
        style = "red" if finding.blocking else _STYLE.get(finding.outcome, "yellow")
        entry = finding.entry
        place = f"{entry.path.name}:{entry.line}"
        table.add_row(entry.key, finding.outcome, finding.detail, entry.etat, place, style=style)
    Console().print(table)


def _print_total(entries: Register, problems: list[Problem], findings: list[Finding]) -> None:
    errors = sum(problem.is_error for problem in problems)
    parts = [_count(len(entries), "entrée"), _count(errors, "erreur")]
    parts.append(_count(len(problems) - errors, "avertissement"))
    if findings:
        blocking = sum(finding.blocking for finding in findings)
        watched = sum(not f.blocking and f.outcome not in (Outcome.OK, Outcome.ABSENT) for f in findings)
        parts += [_count(blocking, "constat bloquant", "constats bloquants"), f"{watched} à surveiller"]
    typer.echo(", ".join(parts))


def _count(number: int, singular: str, plural: str | None = None) -> str:
    return f"{number} {singular if number < 2 else plural or singular + 's'}"


def _as_dict(entry: RegisterEntry) -> dict[str, str]:
    """The entry under the field names of its file."""
    return {
        "ref": entry.key,
        "titre": entry.titre,
        "url": entry.url,
        "version_du": entry.version_du.isoformat() if entry.version_du else "",
        "etat": entry.etat.value,
        "verifie": entry.verifie.value,
        "verifie_le": entry.verifie_le.isoformat() if entry.verifie_le else "",
        "source": entry.source,
        "note": entry.note,
        "remplace_par": entry.remplace_par.key if entry.remplace_par else "",
    }


def _report(entries: Register, problems: list[Problem], findings: list[Finding]) -> dict[str, object]:
    return {
        "entrees": len(entries),
        "problemes": [
            {
                "fichier": str(problem.path),
                "ligne": problem.line,
                "niveau": problem.level,
                "message": problem.message,
                "remede": problem.remede,
            }
            for problem in problems
        ],
        "constats": [
            {
                "ref": finding.entry.key,
                "constat": finding.outcome.value,
                "detail": finding.detail,
                "etat": finding.entry.etat.value,
                "bloquant": finding.blocking,
            }
            for finding in findings
        ],
    }
