"""The supervisor, with small processes in the place of Rasa and the action server."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import psutil
import pytest
from front_samples import answer
from ruamel.yaml import YAML

from bot.commands.serve import read_channels
from bot.dialogue.reply import Reply
from bot.front.app import create_app
from bot.front.childlog import ChildLog, scrub
from bot.front.children import ChildSpec, ServeError, channel_child, children, newest_model
from bot.front.config import FrontConfig, front_config
from bot.front.conversation import read_items
from bot.front.readiness import Readiness
from bot.front.supervisor import Backoff, Child, ChildFailed, Timing, check_ports, supervise
from bot.front.unavailable import UNAVAILABLE
from bot.settings import Settings, SettingsError, load

QUICK = Timing(
    first_delay=0.05,
    longest_delay=0.2,
    stable_after=60,
    poll_starting=0.05,
    poll_healthy=0.05,
    health_timeout=0.3,
    max_health_failures=3,
    stop_grace=1.0,
)

# A health page; with "spawn" also a grandchild that ignores SIGTERM, with "deaf" it ignores it itself.
SERVER = """
import http.server, os, signal, subprocess, sys
port, *traits = sys.argv[1:]
print("hello", flush=True)
if "spawn" in traits:
    ignore = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    print("grandchild", subprocess.Popen([sys.executable, "-c", ignore]).pid, flush=True)
if "deaf" in traits:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *args):
        print("motsecret", flush=True)
http.server.HTTPServer(("127.0.0.1", int(port)), Page).serve_forever()
"""


class NeverAnswers:
    async def ask(self, sender: str, text: str, origin: object = None) -> list[Reply]:
        return [UNAVAILABLE]

    async def close(self) -> None:
        return None


@pytest.fixture
def settings(tmp_path: Path, unused_tcp_port_factory: Callable[[], int]) -> Settings:
    ports = {f"MAITRE_{name}PORT": str(unused_tcp_port_factory()) for name in ("", "RASA_", "ACTIONS_")}
    return load({"MAITRE_VAR": str(tmp_path / "var"), **ports}, root=tmp_path)


def spec(port: int, *traits: str, name: str = "child", code: str = SERVER) -> ChildSpec:
    root = str(Path(__file__).parents[2])
    return ChildSpec(
        name=name,
        command=lambda: (sys.executable, "-c", code, str(port), *traits),
        environment={**os.environ, "PYTHONPATH": root},
        health_url=f"http://127.0.0.1:{port}/",
        start_grace=20,
    )


@asynccontextmanager
async def kept(child_spec: ChildSpec, folder: Path, timing: Timing = QUICK) -> AsyncIterator[Child]:
    """A child kept running, its log in `folder/log/child.log`."""
    output = ChildLog(folder / "log" / "child.log")
    child = Child(child_spec, str(folder), output, timing)
    async with aiohttp.ClientSession() as client:
        task = asyncio.create_task(child.keep(client))
        try:
            yield child
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            output.close()


def listener(port: int) -> int | None:
    """The process that listens on `port`."""
    for process in psutil.Process().children(recursive=True):
        try:
            listening = any(c.status == "LISTEN" and c.laddr.port == port for c in process.net_connections())
        except psutil.Error:
            continue
        if listening:
            return process.pid
    return None


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_a_killed_child_is_restarted(tmp_path: Path, unused_tcp_port: int) -> None:
    async with kept(spec(unused_tcp_port), tmp_path) as child:
        await asyncio.wait_for(child.healthy.wait(), 10)
        first = listener(unused_tcp_port)
        assert first
        os.kill(first, signal.SIGKILL)
        await until(lambda: not child.healthy.is_set())
        await asyncio.wait_for(child.healthy.wait(), 10)
        assert listener(unused_tcp_port) not in (None, first)


async def test_a_hung_child_is_restarted(tmp_path: Path, unused_tcp_port: int) -> None:
    async with kept(spec(unused_tcp_port), tmp_path) as child:
        await asyncio.wait_for(child.healthy.wait(), 10)
        first = listener(unused_tcp_port)
        assert first
        os.kill(first, signal.SIGSTOP)
        await until(lambda: gone(first))
        await asyncio.wait_for(child.healthy.wait(), 10)


async def test_stopping_leaves_no_descendant_even_deaf(tmp_path: Path, unused_tcp_port: int) -> None:
    async with kept(spec(unused_tcp_port, "spawn", "deaf"), tmp_path) as child:
        await asyncio.wait_for(child.healthy.wait(), 10)
        log = (tmp_path / "log" / "child.log").read_text()
        grandchild = int(log.partition("grandchild ")[2].split()[0])
        pid = listener(unused_tcp_port)
        assert pid and not gone(grandchild)
        started = time.monotonic()
    assert time.monotonic() - started < 5
    await until(lambda: gone(pid) and gone(grandchild), 2)


async def test_what_never_lives_is_given_up_with_its_last_reason(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    output = ChildLog(tmp_path / "child.log")
    child = Child(spec(unused_tcp_port, code="raise SystemExit(3)"), str(tmp_path), output, QUICK)
    async with aiohttp.ClientSession() as client:
        with pytest.raises(ChildFailed, match=r"child died 5 times .* \(last: exited with code 3\)"):
            await asyncio.wait_for(child.keep(client), 20)
    output.close()


async def test_a_child_dies_with_its_killed_parent(tmp_path: Path) -> None:
    # The parent prints the pid of a tethered sleeper, then waits to be killed.
    parent_code = (
        "import os, subprocess, sys, time\n"
        "sleeper = [sys.executable, '-m', 'bot.front.tether', str(os.getpid()), 'sleep', '600']\n"
        "print(subprocess.Popen(sleeper).pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    root = str(Path(__file__).parents[2])
    parent = subprocess.Popen(
        [sys.executable, "-c", parent_code], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    sleeper = int(parent.stdout.readline())
    await until(lambda: psutil.Process(sleeper).name() == "sleep")
    parent.kill()
    parent.wait()
    await until(lambda: gone(sleeper), 3)


def test_a_tether_to_a_dead_parent_runs_nothing(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    mark = tmp_path / "ran"
    command = [sys.executable, "-m", "bot.front.tether", "1073741823", "touch", str(mark)]
    assert subprocess.run(command, cwd=root, check=False).returncode == 1
    assert not mark.exists()


def test_restarts_come_slower_and_slower_then_no_more() -> None:
    backoff = Backoff(Timing())
    assert [backoff.after_death(5, 0) for _ in range(5)] == [1, 2, 4, 8, None]
    backoff = Backoff(Timing())
    assert [backoff.after_death(61, 59) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert backoff.after_death(200, 60) == 1
    backoff = Backoff(Timing())
    delays = [backoff.after_death(5, 0) for _ in range(4)] + [backoff.after_death(100, 10)]
    assert delays == [1, 2, 4, 8, 16]  # living past the first minute clears the count of early deaths
    assert backoff.after_death(5, 0) == 30


async def test_the_whole_service_starts_serves_and_stops(settings: Settings) -> None:
    ready: list[str] = []

    class Answers(NeverAnswers):
        async def ask(self, sender: str, text: str, origin: object = None) -> list[Reply]:
            return read_items([{"custom": answer()}])

    conversation = Answers()
    specs = (spec(settings.rasa_port, name="rasa"), spec(settings.actions_port, "spawn", name="actions"))
    config = FrontConfig(secret=b"x" * 32, rasa_url="")
    app = create_app(config, conversation)
    readiness = Readiness(conversation, "?")
    serving = asyncio.create_task(
        supervise(settings, specs, app, readiness, lambda url, _: ready.append(url), QUICK)
    )
    await until(lambda: ready)
    assert ready == [f"http://127.0.0.1:{settings.port}/"]
    async with aiohttp.ClientSession() as client, client.get(ready[0] + "healthz") as response:
        assert response.status == 200
    pids = [listener(settings.rasa_port), listener(settings.actions_port)]
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(serving, 10)
    for pid in pids:
        assert pid and gone(pid)
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", settings.port), timeout=1):
        pass


async def test_the_front_outlives_a_dying_child_until_it_is_given_up(settings: Settings) -> None:
    specs = (spec(settings.rasa_port, name="rasa"), spec(settings.actions_port, name="bad", code="1/0"))
    conversation = NeverAnswers()
    app = create_app(FrontConfig(secret=b"x" * 32, rasa_url=""), conversation)
    readiness = Readiness(conversation, "?")
    timing = replace(QUICK, first_delay=0.5)
    serving = asyncio.create_task(supervise(settings, specs, app, readiness, lambda url, _: None, timing))
    async with aiohttp.ClientSession(f"http://127.0.0.1:{settings.port}") as client:
        await asyncio.sleep(0.6)
        async with client.get("/healthz") as response:
            assert response.status == 200
        async with client.get("/readyz") as response:
            assert response.status == 503
        async with client.post("/api/messages", json={"text": "Bonjour"}) as response:
            assert (await response.json())["replies"][0]["kind"] == "unavailable"
    with pytest.raises(ChildFailed, match="bad died 5 times"):
        await asyncio.wait_for(serving, 20)
    assert "ZeroDivisionError" in (settings.var / "log" / "bad.log").read_text()
    assert listener(settings.rasa_port) is None


def test_a_busy_port_is_named_with_its_variable(settings: Settings) -> None:
    check_ports(settings)
    for port, variable in (
        (settings.port, "MAITRE_PORT"),
        (settings.rasa_port, "MAITRE_RASA_PORT"),
        (settings.actions_port, "MAITRE_ACTIONS_PORT"),
    ):
        with (
            socket.create_server(("127.0.0.1", port)),
            pytest.raises(ServeError, match=f"{port}.*{variable} "),
        ):
            check_ports(settings)
    with pytest.raises(ServeError, match="MAITRE_PORT and MAITRE_RASA_PORT are both"):
        check_ports(replace(settings, rasa_port=settings.port))
    with pytest.raises(ServeError, match="MAITRE_HOST"):
        check_ports(replace(settings, host="192.0.2.300"))


def _model(path: Path, age: float) -> None:
    path.write_bytes(gzip.compress(os.urandom(5_000)))
    os.utime(path, (time.time() - age,) * 2)


def test_the_newest_whole_model_is_taken(tmp_path: Path) -> None:
    with pytest.raises(ServeError, match="No trained model"):
        newest_model(tmp_path)
    _model(tmp_path / "z-old.tar.gz", age=100)
    _model(tmp_path / "a-new.tar.gz", age=10)
    assert newest_model(tmp_path).name == "a-new.tar.gz"
    half = tmp_path / "half.tar.gz"
    _model(half, age=0)
    half.write_bytes(half.read_bytes()[:2_000])
    (tmp_path / "text.tar.gz").write_text("not gzip")
    assert newest_model(tmp_path).name == "a-new.tar.gz"
    for whole in ("z-old.tar.gz", "a-new.tar.gz"):
        (tmp_path / whole).unlink()
    with pytest.raises(ServeError, match="train again"):
        newest_model(tmp_path)


def test_the_commands_bind_to_loopback_and_are_quiet(settings: Settings) -> None:
    settings = replace(settings, models=settings.root / "models")
    settings.models.mkdir()
    _model(settings.models / "m.tar.gz", age=0)
    actions, rasa = children(settings)
    command = rasa.command()
    assert command[command.index("--interface") + 1] == "127.0.0.1"
    assert command[command.index("--port") + 1] == str(settings.rasa_port)
    assert command[command.index("--model") + 1].endswith("m.tar.gz")
    assert "--enable-api" not in command
    for child in (actions, rasa):
        assert child.environment["SANIC_HOST"] == "127.0.0.1"
        assert child.environment["RASA_TELEMETRY_ENABLED"] == "false"
        assert child.environment["LOG_LEVEL"] == "WARNING"
    endpoints = Path(command[command.index("--endpoints") + 1])
    assert f"127.0.0.1:{settings.actions_port}/webhook" in endpoints.read_text(encoding="utf-8")


def test_the_projects_endpoints_keep_their_options(settings: Settings) -> None:
    settings = replace(settings, models=settings.root / "models")
    settings.models.mkdir()
    _model(settings.models / "m.tar.gz", age=0)
    written = (
        "action_endpoint:\n  url: http://x/\n  enable_selective_domain: true\nlock_store:\n  type: redis\n"
    )
    (settings.root / "endpoints.yml").write_text(written, encoding="utf-8")
    _, rasa = children(settings)
    command = rasa.command()
    endpoints = YAML(typ="safe").load(Path(command[command.index("--endpoints") + 1]).read_text("utf-8"))
    assert endpoints == {
        "action_endpoint": {
            "url": f"http://127.0.0.1:{settings.actions_port}/webhook",
            "enable_selective_domain": True,
        },
        "lock_store": {"type": "redis"},
    }


def test_the_secret_is_made_once_and_private(settings: Settings) -> None:
    config = front_config(settings, {})
    assert len(config.secret) == 32
    assert (settings.var / "secret").stat().st_mode & 0o777 == 0o600
    assert front_config(settings, {}).secret == config.secret
    assert front_config(settings, {"MAITRE_SECRET": "é" * 32}).secret == ("é" * 32).encode()
    with pytest.raises(SettingsError, match="MAITRE_SECRET"):
        front_config(settings, {"MAITRE_SECRET": "court"})
    with pytest.raises(SettingsError, match="MAITRE_PROXIES"):
        front_config(settings, {"MAITRE_PROXIES": "oui"})
    with pytest.raises(SettingsError, match="MAITRE_RATE_SESSION"):
        front_config(settings, {"MAITRE_RATE_SESSION": "0"})
    assert front_config(settings, {"MAITRE_RATE_ADDRESS": "9"}).address_rate == 9
    (settings.var / "secret").write_bytes(b"")
    with pytest.raises(SettingsError, match="delete it"):
        front_config(settings, {})


_STRUCTLOG = json.dumps(
    {
        "event": "rest.message.received.failure",
        "level": "error",
        "text": "motsecret",
        "exception": [
            {
                "exc_type": "KeyError",
                "exc_value": "motsecret",
                "frames": [
                    {"filename": "rest.py", "lineno": 9, "name": "receive", "locals": {"text": "motsecret"}}
                ],
            }
        ],
    }
)


@pytest.mark.parametrize(
    ("line", "kept_line"),
    [
        ("Traceback (most recent call last):", "Traceback (most recent call last):"),
        ('  File "/app/answer.py", line 12, in run', '  File "/app/answer.py", line 12, in run'),
        ("ValueError: motsecret", "ValueError"),
        (
            "sqlalchemy.exc.IntegrityError: (sqlite3.IntegrityError) motsecret",
            "sqlalchemy.exc.IntegrityError",
        ),
        ("[parameters: ('motsecret',)]", None),
        ("    text = 'motsecret'", None),
        ("2026-11-24 12:00:00 INFO     rasa  - motsecret", None),
        (
            "\x1b[31m2026-11-24 12:00:00 ERROR    rasa  - lost Mme Durand\x1b[0m",
            "2026-11-24 12:00:00 ERROR    rasa  - lost Mme [nom]",
        ),
        ("{motsecret", None),
        ('{"text": "motsecret"}', None),
        (
            _STRUCTLOG,
            '{"level": "error", "event": "rest.message.received.failure", "exception": '
            '[{"type": "KeyError", "frames": ["rest.py:9 receive"]}]}',
        ),
    ],
)
def test_logs_keep_places_and_types_alone(line: str, kept_line: str | None) -> None:
    assert scrub(line) == kept_line


async def test_logs_are_whole_before_serving_then_scrubbed_and_private(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    async with kept(spec(unused_tcp_port), tmp_path) as child:
        await asyncio.wait_for(child.healthy.wait(), 10)
        path = tmp_path / "log" / "child.log"
        assert path.read_text().count("hello") == 1
        size = path.stat().st_size
        await asyncio.sleep(0.3)  # health pages are asked for, and the child prints a line for each
        assert path.stat().st_size == size
        assert path.stat().st_mode & 0o777 == 0o600


def test_channels_are_processes_that_stop_nobody(settings: Settings) -> None:
    telegram = channel_child(settings, "telegram")
    assert telegram.command()[-2:] == ("channel", "telegram")
    assert telegram.is_channel
    assert telegram.environment["MAITRE_VAR"] == str(settings.var)
    assert not any(spec.is_channel for spec in children(settings))


async def test_a_channel_starts_after_the_others_and_its_failure_is_only_said(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "maitre.serve")
    server = spec(settings.rasa_port)
    failing = replace(
        channel_child(settings, "telegram"), command=lambda: (sys.executable, "-c", "raise SystemExit(3)")
    )
    front = FrontConfig(secret=b"0" * 32, rasa_url="http://127.0.0.1:1")
    app = create_app(front, NeverAnswers())
    readiness = Readiness(NeverAnswers(), "?")
    running = asyncio.create_task(
        supervise(settings, [failing, server], app, readiness, lambda *_: None, QUICK)
    )
    async with asyncio.timeout(60):
        while "telegram died" not in caplog.text and not running.done():
            await asyncio.sleep(0.05)
    assert not running.done(), running
    first = next(record.message for record in caplog.records if "telegram" in record.message)
    assert caplog.text.index("child is healthy") < caplog.text.index(first)
    os.kill(os.getpid(), signal.SIGTERM)
    await running


def test_the_channels_of_serve_are_named_once_and_known() -> None:
    assert read_channels("") == ()
    assert read_channels(" Telegram,matrix, telegram,") == ("telegram", "matrix")
    with pytest.raises(SettingsError, match="whatsapp"):
        read_channels("telegram,whatsapp")
