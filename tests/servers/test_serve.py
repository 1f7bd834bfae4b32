"""`maitre serve` as a host runs it: real processes, real model, real base, spoken to over HTTP."""

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
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).parents[2]
QUESTION = "L'hébergeur de mes dossiers patients doit-il être certifié HDS ?"
START_WITHIN = 240  # seconds; Rasa alone takes one minute on a small machine
STOP_WITHIN = 10


def _free_ports(count: int) -> list[int]:
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
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/messages",
            data=json.dumps({"text": text, **more}).encode(),
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


def _start(var: Path, base: str) -> Service:
    port, rasa_port, actions_port = _free_ports(3)
    environment = {
        **os.environ,
        "MAITRE_VAR": str(var),
        "MAITRE_DATABASE_URL": base,
        "MAITRE_PORT": str(port),
        "MAITRE_RASA_PORT": str(rasa_port),
        "MAITRE_ACTIONS_PORT": str(actions_port),
    }
    command = [sys.executable, "-c", "from bot.cli import main; main()", "serve"]
    with (var / "serve.out").open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    return Service(process, port, rasa_port, actions_port, var)


@pytest.fixture(scope="module")
def service(
    trained_model: Path, published_base: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """One service for the module, ready when given; its stop is checked at the end."""
    running = _start(tmp_path_factory.mktemp("var"), published_base)
    try:
        running.wait_until("/healthz", 200, 60)
        first = running.say(QUESTION)  # while Rasa starts the front already answers, and gives no law
        assert [reply["kind"] for reply in first["replies"]] == ["unavailable"]
        assert running.get("/readyz") == 503
        running.wait_until("/readyz", 200, START_WITHIN)
        yield running
        running.stop()
    finally:
        running.process.kill()
        running.process.wait()


def test_a_question_gets_an_answer_with_citations(service: Service) -> None:
    replies = service.say(QUESTION)["replies"]
    answers = [reply for reply in replies if reply["kind"] == "answer"]
    assert answers, replies
    assert any(citation["id"] == "CSP L1111-8" for citation in answers[0]["citations"])
    # Some court decisions have no address of their own; every article of a code or of the RGPD has one.
    articles = [c for c in answers[0]["citations"] if c["id"].startswith(("CSP ", "RGPD "))]
    assert len(articles) >= 2
    assert all(citation["url"].startswith("https://") for citation in articles)


def test_rasas_rest_channel_carries_the_reply(service: Service) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{service.rasa_port}/webhooks/rest/webhook",
        data=json.dumps({"sender": "essai", "message": QUESTION}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        messages = json.load(response)
    replies = [message["custom"] for message in messages if "custom" in message]
    assert replies[0]["kind"] == "answer"
    assert any(citation["id"] == "CSP L1111-8" for citation in replies[0]["citations"])
    assert any(message.get("text") for message in messages)


def test_rasa_commands_from_outside_are_only_text(service: Service) -> None:
    session = service.say(QUESTION)["session"]
    for command in ("/restart", "/session_start", '/question{"a": "b"}'):
        assert service.say(command, session=session)["replies"]
    assert any(reply["kind"] == "answer" for reply in service.say(QUESTION, session=session)["replies"])


def test_only_the_front_listens_beyond_loopback(service: Service) -> None:
    for port in (service.rasa_port, service.actions_port):
        listening = [c for c in service.listener(port).net_connections() if c.status == "LISTEN"]
        assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}


@pytest.mark.parametrize("victim", ["actions_port", "rasa_port"])
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM])
def test_a_dead_process_means_unavailable_then_recovery(
    service: Service, victim: str, blow: signal.Signals
) -> None:
    service.wait_until("/readyz", 200, START_WITHIN)
    process = service.listener(getattr(service, victim))
    process.send_signal(blow)
    process.wait(STOP_WITHIN)
    replies = service.say(QUESTION)["replies"]
    assert [reply["kind"] for reply in replies] == ["unavailable"]
    assert replies[0]["text"]
    assert "citations" not in replies[0]
    assert service.get("/healthz") == 200
    time.sleep(6)  # an earlier "ready" may be remembered for five seconds
    service.wait_until("/readyz", 200, START_WITHIN)
    assert any(reply["kind"] == "answer" for reply in service.say(QUESTION)["replies"])


def test_nothing_written_is_in_any_log(service: Service) -> None:
    service.wait_until("/readyz", 200, START_WITHIN)
    service.say("Zanzibar, mon hébergeur doit-il être certifié HDS ?")
    service.listener(service.actions_port).kill()
    service.say("Zanzibar pendant la panne")
    service.wait_until("/readyz", 200, START_WITHIN)
    assert "Zanzibar" not in service.output()
    assert "DeprecationWarning" not in (service.var / "serve.out").read_text()


def test_it_stops_in_time_even_while_starting(
    trained_model: Path, published_base: str, tmp_path: Path
) -> None:
    running = _start(tmp_path, published_base)
    try:
        running.wait_until("/healthz", 200, 60)
        running.stop()
    finally:
        running.process.kill()
        running.process.wait()


def test_a_kill_of_the_supervisor_leaves_no_process(
    trained_model: Path, published_base: str, tmp_path: Path
) -> None:
    running = _start(tmp_path, published_base)
    try:
        running.wait_until("/healthz", 200, 60)
        family = psutil.Process(running.process.pid).children(recursive=True)
        assert family
    finally:
        running.process.kill()
        running.process.wait()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
