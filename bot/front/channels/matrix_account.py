"""Opens the bot's Matrix account: one session with a stable device, which the account's own identity signs.

Clients warn about devices that their owner has not signed, and begin to refuse them their messages.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from mautrix.api import HTTPAPI
from mautrix.client import Client
from mautrix.crypto import OlmMachine
from mautrix.errors import (
    MatrixConnectionError,
    MatrixError,
    MatrixInvalidToken,
    MatrixRequestError,
    MForbidden,
)
from mautrix.types import DeviceID, DeviceKeys, UserID

from bot.front.channels.matrix_config import MatrixAccountError, MatrixConfig
from bot.front.channels.matrix_store import Account, MatrixStore

log = logging.getLogger("maitre.matrix")

_DEVICE_NAME = "Bonjour Maître"

HTTPAPI.default_ua = f"BonjourMaitre {HTTPAPI.default_ua}"


async def open_client(config: MatrixConfig, store: MatrixStore) -> Client:
    """A client logged in, with its keys shared and its device signed.

    Raises `MatrixAccountError` when the account, its keys or its identity need the host,
    `MatrixConnectionError` when the homeserver cannot be reached.
    """
    client = Client(
        mxid=UserID(config.user), base_url=config.homeserver, state_store=store.rooms, sync_store=store.keys
    )
    try:
        await _log_in(client, config, store)
        await _load_keys(client, config, store)
        await _sign_device(client, config)
    except MatrixConnectionError:
        await close_client(client)
        raise
    except MatrixError as error:
        await close_client(client)
        raise MatrixAccountError(f"Le serveur Matrix refuse d’ouvrir le compte\u00a0: {error}") from error
    except BaseException:
        await close_client(client)
        raise
    return client


async def close_client(client: Client) -> None:
    """Let go of its connections."""
    await client.api.session.close()


async def _log_in(client: Client, config: MatrixConfig, store: MatrixStore) -> None:
    kept = await store.account()
    if kept is not None and kept.user_id != config.user:
        raise MatrixAccountError(
            f"{config.folder} contient les clés de {kept.user_id}, pas de {config.user}. "
            "Remettez le compte d’avant dans MAITRE_MATRIX_USER, ou déplacez ce dossier."
        )
    if kept is not None:
        client.api.token, client.device_id = kept.access_token, DeviceID(kept.device_id)
        try:
            await client.whoami()
            return
        except MatrixInvalidToken:
            log.warning("the session kept is no longer valid: logging in again")
    if config.password is None:
        raise MatrixAccountError(
            "Aucune session Matrix valable n’est gardée\u00a0: donnez le mot de passe du compte dans "
            "MAITRE_MATRIX_PASSWORD pour ce démarrage. Il ne sera plus nécessaire ensuite."
        )
    client.api.token = ""
    try:
        opened = await client.login(
            password=config.password, device_id=kept.device_id if kept else None, device_name=_DEVICE_NAME
        )
    except MForbidden:
        raise MatrixAccountError(
            f"Le serveur Matrix refuse le mot de passe de {config.user}. Corrigez MAITRE_MATRIX_PASSWORD."
        ) from None
    if opened.user_id != config.user:
        raise MatrixAccountError(
            f"Ce mot de passe ouvre {opened.user_id}, pas {config.user}. Corrigez MAITRE_MATRIX_USER."
        )
    await store.put_account(
        Account(
            user_id=opened.user_id,
            device_id=opened.device_id,
            access_token=opened.access_token,
            since=kept.since if kept else None,
        )
    )


async def _load_keys(client: Client, config: MatrixConfig, store: MatrixStore) -> None:
    """Load the device's keys, made at the first start, and see that the server publishes the very same."""
    machine = OlmMachine(client, store.keys, store.rooms)
    try:
        await machine.load()
    except Exception as error:
        raise MatrixAccountError(
            f"Les clés gardées dans {config.folder} ne s’ouvrent pas avec le secret actuel "
            f"({type(error).__name__}). Remettez MAITRE_SECRET (ou var/secret) d’avant."
        ) from None
    client.crypto = machine
    await store.keys.put_device_id(client.device_id)
    published = await _published_keys(client)
    assert machine.account is not None
    if published is None:
        # The first start, or a device that was deleted on the server and logged in anew.
        machine.account.shared = False
        await machine.share_keys()
    elif published.ed25519 != machine.account.signing_key:
        raise MatrixAccountError(
            f"Le serveur connaît d’autres clés pour l’appareil {client.device_id}\u00a0: {config.folder} a "
            "été perdu ou remplacé. Remettez sa sauvegarde, ou déplacez-le et redémarrez avec "
            "MAITRE_MATRIX_PASSWORD pour ouvrir un nouvel appareil."
        )


async def _published_keys(client: Client) -> DeviceKeys | None:
    answered = await client.query_keys({client.mxid: [client.device_id]})
    return answered.device_keys.get(client.mxid, {}).get(client.device_id)


async def _sign_device(client: Client, config: MatrixConfig) -> None:
    """Sign the device with the account's identity, made here when it has none."""
    assert client.crypto is not None
    answered = await client.query_keys({client.mxid: [client.device_id]})
    identity = answered.self_signing_keys.get(client.mxid)
    if identity is None:
        try:
            recovery_key = await client.crypto.generate_recovery_key()
        except MatrixRequestError as error:
            if error.http_status != 401:
                raise
            raise MatrixAccountError(
                "Ce serveur Matrix ne laisse pas un programme créer l’identité du compte. Connectez-vous une "
                f"fois avec Element comme {config.user}, créez la clé de récupération (Paramètres, "
                "Chiffrement), puis donnez-la dans MAITRE_MATRIX_RECOVERY_KEY."
            ) from None
        _write_recovery_key(config.recovery_file, recovery_key)
        log.warning(
            "a Matrix identity was made for this account; its recovery key is in %s", config.recovery_file
        )
        return
    device = answered.device_keys[client.mxid][client.device_id]
    signers = {key.key_id for key in device.signatures.get(client.mxid, {})}
    if identity.first_ed25519_key in signers:
        return
    recovery_key = config.recovery_key or _read_recovery_key(config.recovery_file)
    if recovery_key is None:
        raise MatrixAccountError(
            f"Le compte {config.user} a déjà une identité Matrix\u00a0: donnez sa clé de récupération dans "
            "MAITRE_MATRIX_RECOVERY_KEY pour ce démarrage, afin que l’appareil de Bonjour Maître soit signé."
        )
    try:
        await client.crypto.verify_with_recovery_key(recovery_key)
    except (ValueError, MatrixRequestError):
        raise MatrixAccountError(
            f"La clé de récupération donnée n’est pas celle du compte {config.user}. "
            "Corrigez MAITRE_MATRIX_RECOVERY_KEY."
        ) from None


def _write_recovery_key(path: Path, recovery_key: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(recovery_key + "\n")


def _read_recovery_key(path: Path) -> str | None:
    return path.read_text().strip() if path.exists() else None
