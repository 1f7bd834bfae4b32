"""`maitre explain` and `maitre fiche try`: how messages are understood, without any server."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot import settings

if TYPE_CHECKING:
    from bot.fiches.model import Fiche
    from bot.nlu.trial import EpreuveResult, Trial

_TERMS = ("mots", "lettres", "notions")
SIGNALS = (
    "Fiche",
    "Probabilité",
    "Score",
    "Plus proche",
    *(f"… par {block}" for block in (*_TERMS, "sens")),
    *(f"Ensemble, {block}" for block in _TERMS),
)
"""What `maitre explain` shows of a candidate (`bot.nlu.understanding.Signals`)."""


def _trial(console: Console) -> Trial:
    from bot.nlu.importer import FicheImportError
    from bot.nlu.training import quietly

    try:
        with console.status("Entraînement sur les fiches…"), quietly():
            from bot.nlu.trial import build

            return build(settings.load().root)
    except FicheImportError as error:
        console.print(f"[bold red]Erreur[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


def explain_command(
    message: Annotated[str, typer.Argument(help="Le message, tel qu’on l’écrirait.")],
) -> None:
    """Montre comment un message est lu, ses fiches les plus proches et la décision."""
    from bot.nlu.ridge import read_or_whole

    console = Console(file=sys.stderr, highlight=False, soft_wrap=True)
    trial = _trial(console)
    out = Console(highlight=False, width=None if sys.stdout.isatty() else 180)
    sentences = Table("Rôle", "Phrase", title="Lecture")
    for sentence in read_or_whole(message).sentences:
        sentences.add_row(sentence.role.value, escape(sentence.text))
    out.print(sentences)
    understood = trial.understanding.understand(message)
    out.print(f"Intention : {understood.intent} ({understood.confidence:.2f})")
    for question, decision in zip(understood.match.questions, trial.decide(message), strict=True):
        table = Table(*SIGNALS, title=escape(question.text[:100]))
        several = len(understood.match.questions) > 1
        signals = trial.understanding.signals(question.text if several else message)
        for candidate in question.candidates:
            found = signals[candidate.fiche]
            values = (candidate.probability, found.score, *found.nearest, *found.together)
            table.add_row(candidate.fiche, *(f"{value:.2f}" for value in values))
        out.print(table)
        out.print(f"Hors base le plus proche : {question.orientation} ({question.orientation_score:.2f})")
        out.print(f"Mots connus des fiches : {question.coverage:.0%}")
        out.print(f"Décision : [bold]{decision.outcome}[/] {', '.join(decision.fiches)}")


def try_command(
    ids: Annotated[list[str] | None, typer.Argument(help="Fiches (par défaut, toutes).")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Montrer aussi les épreuves réussies.")] = False,
) -> None:
    """Essaie les épreuves d’une fiche : laquelle répond, et qui a pris celles qui sont perdues.

    Pour les fiches nommées, montre aussi les questions d’exemple et les contre-exemples qui iraient ailleurs.

    Le code de sortie est 1 si moins de 90 % des épreuves obtiennent leur fiche.
    """
    console = Console(file=sys.stderr, highlight=False, soft_wrap=True)
    trial = _trial(console)
    from bot.nlu.trial import run_epreuves

    known = {fiche.id: fiche for fiche in trial.fiches}
    if unknown := [i for i in ids or () if i not in known]:
        console.print(f"Fiche inconnue ou non publiée : {', '.join(unknown)}.")
        raise typer.Exit(2)
    chosen = [known[i] for i in ids] if ids else list(known.values())
    results = run_epreuves(trial, chosen)
    if ids:
        for fiche in chosen:
            _show_neighbours(trial, fiche)
    _show(results, verbose=verbose)
    if sum(r.passed for r in results) < 0.9 * len(results):
        raise typer.Exit(1)


def _show_neighbours(trial: Trial, fiche: Fiche) -> None:
    out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    table = Table(
        "Question d’exemple", "Irait à", "Probabilité", title=f"{fiche.id} : exemples pris ailleurs"
    )
    wordings = trial.understanding.without_itself(fiche.id)
    for text, first, probability in wordings:
        if first != fiche.id:
            table.add_row(escape(text[:100]), first, f"{probability:.2f}")
    if table.row_count:
        out.print(table)
    lost = table.row_count
    out.print(
        f"{fiche.id} : {len(wordings) - lost} exemples sur {len(wordings)} le retrouvent sans être appris."
    )
    for text in fiche.contre_exemples:
        best = trial.understanding.understand(text).match.questions[0].candidates[0]
        where = "vient à cette fiche, à tort" if best.fiche == fiche.id else f"va à {best.fiche}"
        out.print(f"Contre-exemple « {escape(text[:90])} » : {where} ({best.probability:.2f}).")


def _show(results: list[EpreuveResult], *, verbose: bool) -> None:
    out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    table = Table("Fiche", "Style", "Épreuve", "Décision", "Prise par", "Rang", "Probabilité")
    for result in results:
        if result.passed and not verbose:
            continue
        table.add_row(
            result.fiche,
            result.epreuve.style.value,
            escape(result.epreuve.texte[:90]),
            result.outcome.value,
            "—" if result.passed else result.found or "personne",
            str(result.rank or "—"),
            f"{result.probability:.2f}",
        )
    if table.row_count:
        out.print(table)
    passed, false = sum(r.passed for r in results), sum(r.found not in (None, r.fiche) for r in results)
    first, three = sum(r.rank == 1 for r in results), sum(1 <= r.rank <= 3 for r in results)
    total = len(results) or 1
    out.print(
        f"{passed}/{len(results)} épreuves obtiennent leur fiche ({passed / total:.1%}) ; "
        f"{false} réponses d’une autre fiche ; au premier rang {first / total:.1%}, "
        f"dans les trois premiers {three / total:.1%}."
    )
