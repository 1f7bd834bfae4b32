"""`maitre questions` and `maitre stats`: what doctors passed on, and what they think of the answers."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn

import click
import typer
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from bot import settings as settings_module
from bot.dialogue.feedback import reason_title
from bot.fiches.model import THEMES
from bot.fiches.scaffold import DraftError, write_draft
from bot.inbox import mail
from bot.inbox.grouping import group
from bot.inbox.inbox import Inbox, PassedQuestion, State, open_inbox
from bot.inbox.reference import find_reference
from bot.inbox.retention import load_retention
from bot.knowledge import DatabaseUrlError, KnowledgeUnavailable
from bot.privacy.masking import mask
from bot.settings import Settings, SettingsError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

_STATES = {State.NEW: "en attente", State.ANSWERED: "répondue", State.CLOSED: "close"}
# Neither the address nor the session's identifier.
_EXPORTED = "reference channel text state passed_at consent wants_reply ended_at answer fiche".split()
_GROUPS_SHOWN = 10

Reference = Annotated[str, typer.Argument(help="Numéro de la demande, par exemple BM-7K3F-92QD.")]


@app.command("list")
def list_command(
    everything: Annotated[
        bool, typer.Option("--all", help="Aussi celles qui sont répondues ou closes.")
    ] = False,
) -> None:
    """Liste les questions en attente, celles qui se ressemblent ensemble, les plus demandées d’abord."""
    with _inbox() as (_, inbox):
        questions = inbox.questions(State if everything else [State.NEW])
        if not questions:
            _print("Aucune question en attente." if not everything else "Aucune question.")
            return
        table = Table("Fois", "Numéro", "Transmise le", "État", "Réponse", "Question")
        for members in group([question.text for question in questions]):
            for rank, position in enumerate(members):
                question = questions[position]
                table.add_row(
                    str(len(members)) if rank == 0 else "",
                    question.reference,
                    f"{question.passed_at:%d/%m/%Y}",
                    _STATES[question.state],
                    _wanted(question),
                    escape(question.text),
                )
            table.add_section()
        _console().print(table)


@app.command("show")
def show_command(reference: Reference) -> None:
    """Montre une question, ce qui lui a été répondu, et celles qui lui ressemblent."""
    with _inbox() as (_, inbox):
        question = _find(inbox, reference)
        table = Table(show_header=False, box=None, pad_edge=False)
        table.add_row("Numéro", question.reference)
        table.add_row(
            "Transmise le", f"{question.passed_at:%d/%m/%Y à %H h %M} (UTC), par {question.channel}"
        )
        table.add_row("Consentement", question.consent)
        table.add_row("État", _STATES[question.state])
        table.add_row("Réponse", _wanted(question))
        if question.fiche:
            table.add_row("Brouillon", question.fiche)
        _console().print(table)
        _console().print(Panel(escape(question.text), title="Question", title_align="left"))
        if question.answer:
            _console().print(Panel(escape(question.answer), title="Réponse", title_align="left"))
        waiting = [other for other in inbox.questions([State.NEW]) if other.reference != question.reference]
        texts = [question.text, *(other.text for other in waiting)]
        members = next(members for members in group(texts) if 0 in members)
        for position in members:
            if position:
                _print(f"Semblable\u00a0: {waiting[position - 1].reference} {waiting[position - 1].text}")


@app.command("answer")
def answer_command(
    reference: Reference,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", help="Fichier de la réponse ; « - » : entrée standard. Sans lui, un éditeur s’ouvre."
        ),
    ] = None,
    fiche: Annotated[bool, typer.Option("--fiche", help="Créer aussi un brouillon de fiche.")] = False,
    theme: Annotated[str | None, typer.Option("--theme", help="Thème du brouillon.")] = None,
    author: Annotated[str, typer.Option("--auteur", help="Qui rédige le brouillon.")] = "Rédaction",
    yes: Annotated[bool, typer.Option("--yes", help="Envoyer sans relire.")] = False,
) -> None:
    """Répond à une question, par courriel si une adresse a été laissée, qui est alors effacée."""
    with _inbox() as (settings, inbox):
        question = _waiting(inbox, reference)
        if fiche and theme not in THEMES:
            _stop(f"Rien n’est envoyé\u00a0: donnez le thème du brouillon, parmi {', '.join(THEMES)}.")
        answer = _written(question, file)
        sent = _send(inbox, question, answer, confirmed=yes)
        try:
            inbox.end(question.reference, State.ANSWERED, mask(answer).text)
        except KnowledgeUnavailable as error:
            _stop(
                f"{question.reference}\u00a0: le message est parti, mais la base ne l’a pas noté ({error}). "
                "Ne le renvoyez pas\u00a0: fermez la demande par «\u00a0maitre questions close\u00a0» "
                "quand elle répondra."
                if sent
                else str(error)
            )
        _print(
            f"{question.reference}\u00a0: réponse envoyée, adresse effacée."
            if sent
            else f"{question.reference}\u00a0: aucune adresse laissée. La réponse est gardée, rien ne part."
        )
        if fiche:
            asked = " ".join(question.text.split())
            draft = write_draft(settings.fiches, asked, theme=theme, author=author, today=date.today())
            inbox.draft(question.reference, draft.stem)
            _print(f"Brouillon créé\u00a0: {draft}")


def _send(inbox: Inbox, question: PassedQuestion, answer: str, *, confirmed: bool) -> bool:
    """Whether a message was sent; there is none without an address."""
    address = inbox.address(question.reference)
    if address is None:
        return False
    sending = mail.load_mail()
    message = mail.compose(question, answer, sender=sending.sender, to=address)
    if not confirmed:
        _console().print(Panel(escape(message.get_content()), title="Message", title_align="left"))
        typer.confirm("Envoyer ce message\u00a0?", abort=True)
        if inbox.address(question.reference) != address:
            _stop(
                f"{question.reference}\u00a0: la demande a été retirée ou changée entre-temps, rien ne part."
            )
    mail.send(message, sending)
    return True


@app.command("close")
def close_command(
    reference: Reference,
    reason: Annotated[str | None, typer.Option("--reason", help="Pourquoi, pour mémoire.")] = None,
) -> None:
    """Ferme une question sans y répondre, et efface son adresse."""
    with _inbox() as (_, inbox):
        question = _waiting(inbox, reference)
        inbox.end(question.reference, State.CLOSED, mask(reason).text if reason else None)
        _print(f"{question.reference}\u00a0: close, sans réponse\u00a0; son adresse est effacée.")


@app.command("export")
def export_command(
    form: Annotated[str, typer.Option("--format", help="jsonl ou csv.")] = "jsonl",
    output: Annotated[Path | None, typer.Option("--output", help="Fichier ; sans lui, l’écran.")] = None,
) -> None:
    """Exporte les questions, masquées, sans adresse électronique ni identifiant de session."""
    if form not in ("jsonl", "csv"):
        _stop(f"Format «\u00a0{form}\u00a0» inconnu\u00a0: jsonl ou csv.")
    with _inbox() as (_, inbox):
        questions = inbox.questions()
    rows = [{name: _plain(getattr(question, name)) for name in _EXPORTED} for question in questions]
    out = io.StringIO(newline="")
    if form == "csv":
        # A byte order mark and semicolons are what French spreadsheets expect.
        out.write("\ufeff")
        writer = csv.DictWriter(out, _EXPORTED, delimiter=";")
        writer.writeheader()
        writer.writerows({k: _harmless(v) for k, v in row.items()} for row in rows)
    else:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if output is None:
        sys.stdout.write(out.getvalue())
    else:
        output.write_text(out.getvalue(), encoding="utf-8", newline="")
        _print(f"{len(rows)} question{'s' if len(rows) > 1 else ''} dans {output}")


@app.command("purge")
def purge_command() -> None:
    """Efface ce qui a fait son temps (MAITRE_KEEP_ENDED_DAYS, MAITRE_KEEP_WAITING_DAYS)."""
    with _inbox() as (_, inbox):
        purged = inbox.purge(load_retention())
        _print(f"Questions effacées\u00a0: {purged.questions}. Avis rendus anonymes\u00a0: {purged.ratings}.")


def stats_command() -> None:
    """Compte les avis par fiche, les questions transmises, et ce qui est demandé en vain."""
    with _inbox() as (_, inbox):
        feedback, questions = inbox.feedback(), inbox.questions()
    console = _console()
    if feedback:
        table = Table("Fiche", "Utile", "Pas utile", "Raisons", title="Avis par fiche", title_justify="left")
        for line in feedback:
            reasons = ", ".join(
                f"{reason_title(reason)} ({count})" for reason, count in sorted(line.reasons.items())
            )
            table.add_row(escape(line.fiche), str(line.useful), str(line.not_useful), reasons)
        console.print(table)
    else:
        _print("Aucun avis sur les réponses.")
    states = Counter(question.state for question in questions)
    counts = ", ".join(f"{states[state]} {_STATES[state]}" for state in State)
    _print(f"Questions transmises\u00a0: {len(questions)} ({counts}).")
    waiting = [question.text for question in questions if question.state is State.NEW]
    for members in group(waiting)[:_GROUPS_SHOWN]:
        _print(f"  {len(members)}\u00a0× {waiting[members[0]]}")


@contextmanager
def _inbox() -> Iterator[tuple[Settings, Inbox]]:
    """The settings and the inbox; what stops the work is said in one sentence."""
    try:
        settings = settings_module.load()
        inbox = open_inbox(settings.database_url)
        try:
            yield settings, inbox
        finally:
            inbox.close()
    except (
        DatabaseUrlError,
        DraftError,
        KnowledgeUnavailable,
        mail.MailError,
        SettingsError,
        OSError,
    ) as error:
        _stop(str(error))


def _find(inbox: Inbox, reference: str) -> PassedQuestion:
    canonical = find_reference(reference)
    question = inbox.question(canonical) if canonical else None
    if question is None:
        _stop(
            f"Aucune demande ne porte le numéro «\u00a0{reference}\u00a0». «\u00a0maitre questions "
            "list\u00a0» les donne."
        )
    return question


def _waiting(inbox: Inbox, reference: str) -> PassedQuestion:
    question = _find(inbox, reference)
    if question.state is not State.NEW:
        _stop(f"La demande {question.reference} est déjà {_STATES[question.state]}.")
    return question


def _written(question: PassedQuestion, file: Path | None) -> str:
    """The editor's words, from a file or from an editor. Stops when there are none."""
    if file is None:
        quoted = "\n".join(f"# {line}" for line in question.text.splitlines())
        hint = f"\n\n# {question.reference}. Les lignes qui commencent par # ne partent pas.\n{quoted}\n"
        text = "\n".join(
            line for line in (click.edit(hint) or "").splitlines() if not line.lstrip().startswith("#")
        )
    else:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    if not text.strip():
        _stop("La réponse est vide\u00a0: rien n’est envoyé.")
    return text.strip()


def _wanted(question: PassedQuestion) -> str:
    if question.has_address:
        return "par courriel"
    return "adresse non laissée" if question.wants_reply and question.state is State.NEW else "—"


def _plain(value: object) -> object:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _harmless(value: object) -> object:
    # A spreadsheet runs what begins like a formula (OWASP, "CSV injection").
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _console(*, stderr: bool = False) -> Console:
    return Console(stderr=stderr, highlight=False, soft_wrap=stderr)


def _print(line: str) -> None:
    Console(highlight=False, soft_wrap=True).print(escape(line))


def _stop(message: str) -> NoReturn:
    _console(stderr=True).print(escape(message))
    raise typer.Exit(1)
