"""`maitre serve`: the whole service in one command."""

from __future__ import annotations

import asyncio
import logging

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape

from bot.front.app import create_app
from bot.front.channels.store import open_store
from bot.front.channels.telegram import add_telegram
from bot.front.channels.telegram_config import telegram_config
from bot.front.children import ServeError, channel_child, children
from bot.front.config import front_config
from bot.front.conversation import RasaConversation
from bot.front.readiness import Readiness
from bot.front.supervisor import supervise
from bot.front.upkeep import purge_daily
from bot.inbox.inbox import open_inbox
from bot.inbox.retention import load_retention
from bot.knowledge import DatabaseUrlError
from bot.settings import SettingsError, load

CHANNELS = ("telegram", "matrix")


def serve_command(
    channels: str = typer.Option(
        "", help="Messageries à servir aussi, séparées par des virgules : telegram, matrix."
    ),
) -> None:
    """Démarre le service entier, le surveille et l’arrête sur Ctrl-C ou SIGTERM.

    Adresse et ports : MAITRE_HOST, MAITRE_PORT, MAITRE_RASA_PORT, MAITRE_ACTIONS_PORT. Messageries :
    docs/messageries.md.
    """
    console = Console(stderr=True)
    log_to(console)
    try:
        asyncio.run(_serve(console, read_channels(channels)))
    except (ServeError, SettingsError, DatabaseUrlError) as error:
        console.print(f"[bold red]Error[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    console.print("Stopped.")


def read_channels(text: str) -> tuple[str, ...]:
    """The messengers named in a comma-separated list, each once. Raises `SettingsError`."""
    names = tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip().lower())))
    for name in names:
        if name not in CHANNELS:
            raise SettingsError(f"--channels: {name!r} is not one of {', '.join(CHANNELS)}.")
    return names


async def _serve(console: Console, channels: tuple[str, ...]) -> None:
    settings = load()
    config = front_config(settings)
    conversation = RasaConversation(config.rasa_url, timeout=config.rasa_timeout)
    readiness = Readiness(conversation, config.probe_question)
    inbox = open_inbox(settings.database_url)
    app = create_app(config, conversation, readiness, inbox)
    purge_daily(app, inbox, load_retention())
    specs = [*children(settings)]
    for name in channels:
        if name == "telegram" and (telegram := telegram_config(config.secret)).has_webhook:
            add_telegram(app, telegram, config, conversation, open_store(settings.database_url, name))
        else:
            specs.append(channel_child(settings, name))

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
    await supervise(settings, specs, app, readiness, on_ready)


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
