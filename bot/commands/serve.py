"""`maitre serve`: the whole service in one command."""

from __future__ import annotations

import asyncio
import logging

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape

from bot.front.app import create_app
from bot.front.children import ServeError, children
from bot.front.config import front_config
from bot.front.conversation import RasaConversation
from bot.front.readiness import Readiness
from bot.front.supervisor import supervise
from bot.settings import SettingsError, load


def serve_command() -> None:
    """Démarre le service entier, le surveille et l’arrête sur Ctrl-C ou SIGTERM.

    Adresse et ports : MAITRE_HOST, MAITRE_PORT, MAITRE_RASA_PORT, MAITRE_ACTIONS_PORT.
    """
    console = Console(stderr=True)
    log_to(console)
    try:
        asyncio.run(_serve(console))
    except (ServeError, SettingsError) as error:
        console.print(f"[bold red]Error[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    console.print("Stopped.")


async def _serve(console: Console) -> None:
    settings = load()
    config = front_config(settings)
    conversation = RasaConversation(config.rasa_url, timeout=config.rasa_timeout)
    readiness = Readiness(conversation, config.probe_question)
    app = create_app(config, conversation, readiness)

    def on_ready(url: str, seconds: float) -> None:
        console.print(
            f"[bold green]Ready[/] in {seconds:.0f} s: {escape(url)}", highlight=False, soft_wrap=True
        )

    logs = settings.var / "log"
    console.print(
        f"Starting Rasa and the action server; their logs: {escape(str(logs))}",
        highlight=False,
        soft_wrap=True,
    )
    await supervise(settings, children(settings), app, readiness, on_ready)


def log_to(console: Console) -> None:
    """Coloured lines on a terminal; elsewhere (a file, a service manager) one plain line a record."""
    if console.is_terminal:
        handler: logging.Handler = RichHandler(console=console, show_path=False)
        layout = "%(message)s"
    else:
        handler = logging.StreamHandler()
        layout = "%(asctime)s %(levelname)s %(name)s %(message)s"
    handler.setFormatter(logging.Formatter(layout, datefmt="[%X]" if console.is_terminal else None))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
