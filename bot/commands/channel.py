"""`maitre channel`: the messengers that run as processes of their own, beside `maitre serve`."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress

import typer
from rich.console import Console
from rich.markup import escape

from bot.commands.serve import log_to
from bot.knowledge import DatabaseUrlError
from bot.settings import SettingsError, load

app = typer.Typer(no_args_is_help=True)


@app.command("telegram")
def telegram_command() -> None:
    """Répond sur Telegram en allant y chercher les messages, jusqu’à Ctrl-C ou SIGTERM.

    Réglage : MAITRE_TELEGRAM_TOKEN. Avec MAITRE_PUBLIC_URL, « maitre serve --channels telegram » les reçoit
    sans ce processus. Voir docs/messageries.md.
    """
    run_until_stopped(_telegram)


def run_until_stopped(channel: Callable[[Console], Awaitable[None]]) -> None:
    """Run `channel` until a signal, which cancels it; what the operator must mend is said in one line."""
    console = Console(stderr=True)
    log_to(console)
    try:
        asyncio.run(_until_signal(channel(console)))
    except (SettingsError, DatabaseUrlError) as error:
        console.print(f"[bold red]Error[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


async def _until_signal(channel: Awaitable[None]) -> None:
    running = asyncio.ensure_future(channel)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    with suppress(asyncio.CancelledError):
        await running


async def _telegram(console: Console) -> None:
    from bot.front.channels.assembly import run_channel
    from bot.front.channels.telegram import TelegramChannel
    from bot.front.channels.telegram_config import telegram_config
    from bot.front.config import front_config

    settings = load()
    config = front_config(settings)
    channel = TelegramChannel(telegram_config(config.secret), webhook=False)
    try:
        await run_channel(channel, settings, config)
    finally:
        await channel.close()


@app.command("matrix")
def matrix_command() -> None:
    """Répond sur Matrix, dans des conversations chiffrées, jusqu’à Ctrl-C ou SIGTERM.

    Réglages : MAITRE_MATRIX_HOMESERVER, MAITRE_MATRIX_USER, MAITRE_MATRIX_PASSWORD (au premier démarrage),
    MAITRE_MATRIX_SERVERS. Voir docs/messageries.md.
    """
    try:
        import mautrix.crypto  # noqa: F401
    except ImportError as error:
        typer.echo(f"Il manque «\u00a0{error.name}\u00a0»\u00a0: installez l’option [matrix].", err=True)
        raise typer.Exit(1) from None
    run_until_stopped(_matrix)


async def _matrix(console: Console) -> None:
    from mautrix.errors import MatrixConnectionError, MatrixInvalidToken

    from bot.front.channels.matrix import open_channel
    from bot.front.channels.matrix_config import MatrixAccountError, matrix_config
    from bot.front.config import front_config

    # It logs what it sends and receives, at levels that vary: nothing of that is for a log.
    logging.getLogger("mau").setLevel(logging.CRITICAL)
    settings = load()
    front = front_config(settings)
    config = matrix_config(settings, front.secret)
    try:
        async with open_channel(config, front, settings.database_url) as dispatcher:
            console.print(f"[bold green]Ready[/]: {escape(config.user)}", highlight=False)
            await dispatcher.run()
    except MatrixConnectionError:
        raise MatrixAccountError(
            f"Le serveur Matrix ne répond pas à {config.homeserver}. Vérifiez MAITRE_MATRIX_HOMESERVER, puis "
            "redémarrez."
        ) from None
    except MatrixInvalidToken:
        raise MatrixAccountError(
            "Le serveur Matrix a fermé la session. Redémarrez avec MAITRE_MATRIX_PASSWORD pour en ouvrir une "
            "autre sur le même appareil."
        ) from None
