"""`maitre transcript`: a conversation as a document, recorded or held on the spot from its turns."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape

from bot import settings as settings_module
from bot.dialogue.reply import Reply
from bot.transcript.content import content
from bot.transcript.html import to_html
from bot.transcript.markdown import to_markdown
from bot.transcript.model import Conversation, ConversationError, Exchange, read_conversation
from bot.transcript.pdf import to_pdf

if TYPE_CHECKING:
    from bot.nlu.local import Assistant

_PACE = timedelta(minutes=1)
"""Between two turns of a dialogue whose file gives only its beginning."""


class Dialogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dialogue to hold: what the doctor says or chooses (a button's title), from the time `at` on."""

    title: str
    at: datetime
    turns: list[str]


def transcript_command(
    file: Annotated[Path, typer.Argument(help="Dialogue (titre, date, tours) ou conversation, en JSON.")],
    html: Annotated[Path | None, typer.Option("--html", help="Fichier HTML à écrire.")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="Fichier PDF à écrire.")] = None,
    markdown: Annotated[Path | None, typer.Option("--markdown", help="Fichier Markdown à écrire.")] = None,
    save: Annotated[Path | None, typer.Option("--json", help="Conversation tenue, à garder.")] = None,
) -> None:
    """Écrit la transcription d’une conversation ; sans format demandé, l’affiche en Markdown.

    Le fichier contient soit {"title": …, "at": "2026-11-28T09:00:00+01:00", "turns": ["…", "…"]}, et le
    robot répond à chaque tour (un tour peut être le titre d’un bouton proposé), soit une conversation
    enregistrée par --json.
    """
    from bot.nlu.local import AssistantError

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        conversation = _conversation(file, console)
        made_at = conversation.exchanges[-1].at if conversation.exchanges else datetime.now(UTC)
        transcript = content(conversation, made_at)
        if html:
            html.write_text(to_html(transcript), encoding="utf-8")
        if pdf:
            pdf.write_bytes(to_pdf(transcript, made_at))
        if markdown:
            markdown.write_text(to_markdown(transcript), encoding="utf-8")
        if save:
            save.write_bytes(msgspec.json.format(msgspec.json.encode(conversation)) + b"\n")
        if not (html or pdf or markdown or save):
            sys.stdout.write(to_markdown(transcript))
    except (AssistantError, ConversationError, OSError) as error:
        console.print(f"[bold red]Erreur[/] {escape(str(error))}")
        raise typer.Exit(1) from None


def _conversation(file: Path, console: Console) -> Conversation:
    raw = file.read_bytes()
    try:
        dialogue = msgspec.json.decode(raw, type=Dialogue)
    except msgspec.DecodeError as error:
        if b'"turns"' in raw:
            raise ConversationError(f"{file}\u00a0: {error}.") from None
        return read_conversation(file)
    from bot.nlu.local import Assistant

    with console.status("Chargement du modèle…"):
        assistant = Assistant.load(settings_module.load())
    return asyncio.run(hold(dialogue, assistant))


async def hold(dialogue: Dialogue, assistant: Assistant) -> Conversation:
    """The conversation that the turns of `dialogue` make with `assistant`."""
    exchanges: list[Exchange] = []
    for number, turn in enumerate(dialogue.turns):
        at = dialogue.at + number * _PACE
        replies = tuple(await _say(turn, exchanges[-1].replies if exchanges else (), assistant, at))
        exchanges.append(Exchange(at, turn, replies))
    return Conversation(tuple(exchanges), title=dialogue.title)


async def _say(turn: str, last: tuple[Reply, ...], assistant: Assistant, at: datetime) -> list[Reply]:
    for reply in last:
        for button in (*reply.buttons, *reply.feedback):
            if button.title == turn:
                return await assistant.press("transcript", button.payload, at)
    return await assistant.ask("transcript", turn, at)
