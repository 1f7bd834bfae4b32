"""A Matrix homeserver for the tests: the real Synapse, on loopback, SQLite, without federation.

`make synapse` installs it in `.synapse`, an environment of its own (its dependencies are not Rasa's).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".synapse" / "bin" / "python"
NAME = "maitre.test"
_SECRET = "shared-secret-of-the-tests"
_START_WITHIN = 60  # seconds

_UNLIMITED = {"per_second": 10_000, "burst_count": 10_000}


@dataclass
class Synapse:
    """A running homeserver at `url`, whose users are `@someone:maitre.test`."""

    process: subprocess.Popen[bytes]
    url: str
    folder: Path

    def register(self, user: str, password: str) -> str:
        """A new user's full identifier, through the shared-secret registration of Synapse."""
        nonce = self.call("GET", "/_synapse/admin/v1/register")["nonce"]
        mac = hmac.new(_SECRET.encode(), digestmod=hashlib.sha1)
        mac.update(b"\0".join([nonce.encode(), user.encode(), password.encode(), b"notadmin"]))
        registered = self.call(
            "POST",
            "/_synapse/admin/v1/register",
            {"nonce": nonce, "username": user, "password": password, "admin": False, "mac": mac.hexdigest()},
        )
        return str(registered["user_id"])

    def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> dict[str, Any]:
        """One request of the client API; its JSON. Raises `urllib.error.HTTPError`."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as response:
            answered: dict[str, Any] = json.load(response)
            return answered

    def stop(self) -> None:
        """Stop it, by force if it takes long."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_synapse(folder: Path) -> Synapse:
    """A homeserver whose files are in `folder`; skips where Synapse is not installed."""
    if not PYTHON.exists():
        pytest.skip("Synapse n’est pas installé\u00a0: « make synapse » l’installe dans .synapse")
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    config = folder / "homeserver.yaml"
    # JSON is YAML.
    config.write_text(
        json.dumps(
            {
                "server_name": NAME,
                "pid_file": str(folder / "synapse.pid"),
                "listeners": [
                    {
                        "port": port,
                        "bind_addresses": ["127.0.0.1"],
                        "type": "http",
                        "resources": [{"names": ["client"]}],
                    }
                ],
                "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
                "log_config": str(folder / "log.yaml"),
                "media_store_path": str(folder / "media"),
                "signing_key_path": str(folder / "signing.key"),
                "registration_shared_secret": _SECRET,
                "macaroon_secret_key": "macaroon-of-the-tests",
                "form_secret": "form-of-the-tests",
                "report_stats": False,
                "trusted_key_servers": [],
                "federation_domain_whitelist": [],
                "presence": {"enabled": False},
                "bcrypt_rounds": 4,
                **dict.fromkeys(
                    ("rc_message", "rc_registration", "rc_joins_per_room", "rc_admin_redaction"), _UNLIMITED
                ),
                "rc_login": {"address": _UNLIMITED, "account": _UNLIMITED, "failed_attempts": _UNLIMITED},
                "rc_joins": {"local": _UNLIMITED, "remote": _UNLIMITED},
                "rc_invites": {"per_room": _UNLIMITED, "per_user": _UNLIMITED, "per_issuer": _UNLIMITED},
                "rc_room_creation": _UNLIMITED,
            }
        )
    )
    (folder / "log.yaml").write_text(
        json.dumps(
            {
                "version": 1,
                "handlers": {"file": {"class": "logging.FileHandler", "filename": str(folder / "log")}},
                "root": {"level": "WARNING", "handlers": ["file"]},
            }
        )
    )
    command = [str(PYTHON), "-m", "synapse.app.homeserver", "--config-path", str(config)]
    subprocess.run([*command, "--generate-keys"], check=True, cwd=folder, capture_output=True)
    with (folder / "out").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
    server = Synapse(process, f"http://127.0.0.1:{port}", folder)
    deadline = time.monotonic() + _START_WITHIN
    while True:
        try:
            server.call("GET", "/_matrix/client/versions")
            return server
        except OSError:
            ended = process.poll() is not None
            if ended or time.monotonic() > deadline:
                process.kill()
                process.wait()
                raise AssertionError(f"Synapse did not start: {(folder / 'out').read_text()}") from None
        time.sleep(0.2)
