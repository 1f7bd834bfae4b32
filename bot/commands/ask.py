"""`maitre ask`: the whole bot in one process, no server."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import track

from bot import settings as settings_module
from bot.dialogue.reply import Reply


class BatchError(ValueError):
    """A line of the batch file that cannot be read; the message gives its number and the mend."""


class BatchItem(msgspec.Struct, frozen=True):
    """One line of the batch file: `text`, or `turns` for a dialogue."""

    id: str | int
    text: str | None = None
    turns: list[str] | None = None

    @property
    def messages(self) -> list[str]:
        """The messages of the conversation, in order."""
        return self.turns if self.turns is not None else [self.text or ""]


def read_batch(path: Path) -> list[BatchItem]:
    """The items of a JSON-lines file ("-": standard input). Raises `BatchError` naming the line."""
    lines = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    items = []
    for number, line in enumerate(lines.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            item = msgspec.json.decode(line, type=BatchItem)
        except msgspec.DecodeError as error:
            raise BatchError(f'{path}:{number}: {error}. Attendu : {{"id": …, "text": …}}') from None
        if (item.text is None) == (item.turns is None):
            raise BatchError(f"{path}:{number}: donnez « text » ou « turns », l’un des deux.")
        items.append(item)
    return items


def ask_command(
    question: Annotated[str | None, typer.Argument(help="La question, telle qu’on l’écrirait.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Afficher les Replies en JSON.")] = False,
    batch: Annotated[
        Path | None, typer.Option("--batch", help="Fichier JSON lines ; « - » pour l’entrée standard.")
    ] = None,
) -> None:
    """Répond dans le terminal, sans serveur."""
    console = Console(file=sys.stderr)
    if (question is None) == (batch is None):
        console.print("Donnez une question, ou --batch FICHIER.")
        raise typer.Exit(2)
    from bot.nlu.local import Assistant, AssistantError

    try:
        items = read_batch(batch) if batch else []
        with console.status("Chargement du modèle…"):
            assistant = Assistant.load(settings_module.load())
        if batch:
            for line in _answer_batch(assistant, items, console):
                print(line, flush=True)
        else:
            _show(asyncio.run(assistant.ask("terminal", question or "")), as_json)
    except (AssistantError, BatchError, OSError) as error:
        console.print(f"[bold red]Erreur[/] {error}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


def _answer_batch(assistant: Any, items: list[BatchItem], console: Console) -> Iterator[str]:
    with asyncio.Runner() as runner:
        for index, item in enumerate(track(items, "Questions", console=console)):
            # The sender is the line's place, not its id: two lines with one id stay two conversations.
            replies = [runner.run(assistant.ask(f"batch-{index}", text)) for text in item.messages]
            yield json.dumps({"id": item.id, "replies": msgspec.to_builtins(replies)}, ensure_ascii=False)


def _show(replies: list[Reply], as_json: bool) -> None:
    if as_json:
        print(json.dumps(msgspec.to_builtins(replies), ensure_ascii=False, indent=2))
        return
    console = Console()
    for reply in replies:
        console.print(Markdown(reply.text))
