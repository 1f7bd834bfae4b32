"""A real `maitre serve` for tests: its processes, its HTTP, its end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[1]
START_WITHIN = 240  # seconds; Rasa alone takes one minute on a small machine
STOP_WITHIN = 10


def free_ports(count: int) -> list[int]:
    """As many ports on which nothing listens."""
    with ExitStack() as held:
        servers = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [server.getsockname()[1] for server in servers]


@dataclass
class Service:
    """A running `maitre serve`."""

    process: subprocess.Popen[bytes]
    port: int
    rasa_port: int
    actions_port: int
    var: Path
    environment: dict[str, str]
    arguments: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """The address of the front, with a slash at its end."""
        return f"http://127.0.0.1:{self.port}/"

    def get(self, path: str) -> int:
        """The status of a GET."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def say(self, text: str, **more: str) -> dict[str, Any]:
        """The JSON answer to a message."""
        return self.post(text=text, **more)

    def press(self, replies: list[dict[str, Any]], title: str, session: str) -> list[dict[str, Any]]:
        """The replies to the button of `replies` whose title begins with `title`."""
        buttons = [button for reply in replies for button in reply.get("buttons", [])]
        token = next(button["payload"] for button in buttons if button["title"].startswith(title))
        pressed: list[dict[str, Any]] = self.post(button=token, session=session)["replies"]
        return pressed

    def post(self, **body: str) -> dict[str, Any]:
        """The JSON answer to a message or to the press of a button."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/messages",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            answered: dict[str, Any] = json.load(response)
            return answered

    def wait_until(self, path: str, status: int, seconds: float) -> None:
        """Wait for `path` to answer `status`."""
        deadline = time.monotonic() + seconds
        while self.get(path) != status:
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < deadline, self.output()
            time.sleep(0.3)

    def listener(self, port: int) -> psutil.Process:
        """The process of the service that listens on `port`."""
        for process in psutil.Process(self.process.pid).children(recursive=True):
            if any(c.status == "LISTEN" and c.laddr.port == port for c in process.net_connections()):
                return process
        raise AssertionError(f"nothing listens on {port}")

    def output(self) -> str:
        """What it printed, its own and its processes'."""
        return "\n".join(path.read_text() for path in [self.var / "serve.out", *self.var.glob("log/*")])

    def kill(self) -> None:
        """SIGKILL: no goodbye. The other processes end by themselves."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()
        _, alive = psutil.wait_procs(family, timeout=STOP_WITHIN)
        assert not alive

    def start_again(self) -> None:
        """The same service on the same ports, after it ended."""
        self.process = _launch(self.var, self.environment, self.arguments)

    def stop(self) -> None:
        """SIGTERM; asserts that it ends well, in time, and leaves no process behind."""
        family = [
            self.process.pid,
            *(c.pid for c in psutil.Process(self.process.pid).children(recursive=True)),
        ]
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(STOP_WITHIN) == 0, self.output()
        left = [pid for pid in family if psutil.pid_exists(pid)]
        assert not left


def start(var: Path, base: str, *arguments: str, **environment: str) -> Service:
    """Start `maitre serve`, its files in `var`, its fiches in `base`; returns at once."""
    port, rasa_port, actions_port = free_ports(3)
    settings = {
        "MAITRE_VAR": str(var),
        "MAITRE_DATABASE_URL": base,
        "MAITRE_PORT": str(port),
        "MAITRE_RASA_PORT": str(rasa_port),
        "MAITRE_ACTIONS_PORT": str(actions_port),
        **environment,
    }
    process = _launch(var, settings, arguments)
    return Service(process, port, rasa_port, actions_port, var, settings, arguments)


def _launch(var: Path, environment: dict[str, str], arguments: tuple[str, ...]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from bot.cli import main; main()", "serve", *arguments]
    with (var / "serve.out").open("wb") as output:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
