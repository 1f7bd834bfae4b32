"""Start the front, the action server and Rasa; restart what dies or hangs; stop everything.

The front runs in this process, so that it keeps answering while the others start or restart.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from bot.front.app import SERVER_OPTIONS
from bot.front.childlog import ChildLog
from bot.front.children import ChildSpec, ServeError
from bot.front.readiness import Readiness
from bot.settings import Settings

log = logging.getLogger("maitre.serve")

_LOG_CHUNK = 65_536
_LONGEST_LINE = 1_000_000


@dataclass(frozen=True, slots=True)
class Timing:
    """Delays and counts of the watch, in seconds."""

    first_delay: float = 1.0
    longest_delay: float = 30.0
    stable_after: float = 60.0
    max_early_deaths: int = 5
    poll_starting: float = 0.5
    poll_healthy: float = 5.0
    health_timeout: float = 5.0
    max_health_failures: int = 5
    stop_grace: float = 5.0
    ready_within: float = 300.0


class ChildFailed(ServeError):
    """A process died again and again within its first minute: restarting will not mend it."""


@dataclass(slots=True)
class Backoff:
    """How long to wait before the next restart, and when to give up (pure but for its own memory)."""

    timing: Timing
    early_deaths: int = 0
    _delay: float = field(default=0.0)

    def after_death(self, lived: float, healthy_for: float) -> float | None:
        """Seconds to wait before restarting a process that lived `lived` seconds and was healthy for the
        last `healthy_for` of them; None when it has died early too often."""
        if healthy_for >= self.timing.stable_after:
            self._delay = 0.0
        self.early_deaths = self.early_deaths + 1 if lived < self.timing.stable_after else 0
        if self.early_deaths >= self.timing.max_early_deaths:
            return None
        self._delay = min(self._delay * 2 or self.timing.first_delay, self.timing.longest_delay)
        return self._delay


class Child:
    """One supervised process and its restarts."""

    def __init__(self, spec: ChildSpec, cwd: str, output: ChildLog, timing: Timing) -> None:
        self.spec = spec
        self.healthy = asyncio.Event()
        self._cwd = cwd
        self._output = output
        self._timing = timing

    async def keep(self, client: aiohttp.ClientSession) -> None:
        """Run the process and restart it for ever; cancel to stop it, its descendants included.

        Raises `ChildFailed` when it dies too often within its first minute, unless it is a channel.
        """
        backoff = Backoff(self._timing)
        clock = asyncio.get_running_loop().time
        while True:
            started, healthy_since = clock(), None
            try:
                async with self._running() as process:
                    await self._until_healthy(process, client)
                    healthy_since = clock()
                    log.info("%s is healthy (%.0f s)", self.spec.name, healthy_since - started)
                    self._output.serving = True
                    self.healthy.set()
                    await self._until_down(process, client)
            except (_Down, ServeError, OSError) as error:
                reason = str(error)
            finally:
                self.healthy.clear()
            healthy_for = clock() - healthy_since if healthy_since is not None else 0.0
            delay = backoff.after_death(clock() - started, healthy_for)
            if delay is None:
                failed = ChildFailed(
                    f"{self.spec.name} died {backoff.early_deaths} times within its first minute "
                    f"(last: {reason}). Read {self._output.path}."
                )
                if not self.spec.is_channel:
                    raise failed
                log.error("%s", failed)
                delay = self._timing.longest_delay
            log.warning("%s: %s; restarting in %.0f s", self.spec.name, reason, delay)
            await asyncio.sleep(delay)

    @contextlib.asynccontextmanager
    async def _running(self) -> AsyncIterator[asyncio.subprocess.Process]:
        self._output.serving = False
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.front.tether", str(os.getpid())),
            *self.spec.command(),
            cwd=self._cwd,
            env=dict(self.spec.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # a group of its own: stopped whole, and deaf to the terminal's Ctrl-C
        )
        reading = asyncio.create_task(self._read_output(process))
        try:
            yield process
        finally:
            await self._end(process)
            # A grandchild that left the group may hold the pipe: do not wait for its end.
            await asyncio.wait({reading}, timeout=1)
            reading.cancel()

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            _signal_group(process.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), self._timing.stop_grace)
        _signal_group(process.pid, signal.SIGKILL)
        await process.wait()

    async def _read_output(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        pending = b""
        while chunk := await process.stdout.read(_LOG_CHUNK):
            *lines, pending = (pending + chunk).split(b"\n")
            if len(pending) > _LONGEST_LINE:
                pending = b""
            for line in lines:
                self._output.write(line.decode("utf-8", "replace"))
        self._output.write(pending.decode("utf-8", "replace"))

    async def _until_healthy(
        self, process: asyncio.subprocess.Process, client: aiohttp.ClientSession
    ) -> None:
        clock = asyncio.get_running_loop().time
        deadline = clock() + self.spec.start_grace
        while not await self._is_well(client):
            if clock() > deadline:
                raise _Down(f"not healthy after {self.spec.start_grace:.0f} s")
            await _exits_within(process, self._timing.poll_starting)

    async def _until_down(self, process: asyncio.subprocess.Process, client: aiohttp.ClientSession) -> None:
        failures = 0
        while failures < self._timing.max_health_failures:
            pause = self._timing.poll_starting if failures else self._timing.poll_healthy
            await _exits_within(process, pause)
            failures = 0 if await self._is_well(client) else failures + 1
        raise _Down(f"no answer to {failures} health checks in a row")

    async def _is_well(self, client: aiohttp.ClientSession) -> bool:
        if self.spec.health_url is None:
            return True
        timeout = aiohttp.ClientTimeout(total=self._timing.health_timeout)
        try:
            async with client.get(self.spec.health_url, timeout=timeout) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False


class _Down(Exception):
    """The process is dead or hung; the message says which."""


async def _exits_within(process: asyncio.subprocess.Process, seconds: float) -> None:
    """Wait `seconds`; raises `_Down` as soon as the process exits."""
    with contextlib.suppress(TimeoutError):
        code = await asyncio.wait_for(process.wait(), seconds)
        raise _Down(f"killed by {signal.Signals(-code).name}" if code < 0 else f"exited with code {code}")


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def check_ports(settings: Settings) -> None:
    """Raises `ServeError`, naming port and variable, when one of the three ports cannot be had."""
    wanted = (
        (settings.host, settings.port, "MAITRE_PORT"),
        ("127.0.0.1", settings.rasa_port, "MAITRE_RASA_PORT"),
        ("127.0.0.1", settings.actions_port, "MAITRE_ACTIONS_PORT"),
    )
    ports: dict[int, str] = {}
    for host, port, variable in wanted:
        if port in ports:
            raise ServeError(f"{ports[port]} and {variable} are both {port}: give each its own port.")
        ports[port] = variable
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        except OSError as error:
            raise ServeError(f"MAITRE_HOST={host!r} is not an address of this machine: {error}.") from error
        with socket.socket(family, kind, protocol) as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind(address)
            except OSError as error:
                raise ServeError(
                    f"Port {port} of {host} cannot be used ({error.strerror}): "
                    f"stop what uses it, or set {variable} to another port."
                ) from error


async def supervise(
    settings: Settings,
    specs: Sequence[ChildSpec],
    app: web.Application,
    readiness: Readiness,
    on_ready: Callable[[str, float], None],
    timing: Timing | None = None,
) -> None:
    """Serve `app` and keep the processes of `specs` running until SIGINT or SIGTERM.

    `on_ready(url, seconds)` is called once, when a real question has been answered. Returns after
    everything has stopped. Raises `ServeError` when a port is taken, `ChildFailed` when a process
    cannot be kept alive.
    """
    timing = timing or Timing()
    check_ports(settings)
    for spec in specs:
        spec.command()  # what is missing for good (a model) is said before anything starts
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)

    runner = web.AppRunner(app, shutdown_timeout=2.0, **SERVER_OPTIONS)
    await runner.setup()
    outputs = [ChildLog(settings.var / "log" / f"{spec.name}.log") for spec in specs]
    tasks: set[asyncio.Task[None]] = set()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        async with aiohttp.ClientSession() as client:
            kept = [
                Child(spec, str(settings.root), output, timing)
                for spec, output in zip(specs, outputs, strict=True)
            ]
            needed = [child for child in kept if not child.spec.is_channel]
            tasks = {
                asyncio.create_task(_keep_after(needed if child.spec.is_channel else (), child, client))
                for child in kept
            }
            announcing = asyncio.create_task(_announce(settings, needed, readiness, on_ready, timing))
            stopping = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({*tasks, stopping}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (*tasks, announcing, stopping):
                    task.cancel()
                outcomes = await asyncio.gather(*tasks, return_exceptions=True)
                await asyncio.gather(announcing, stopping, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome
    finally:
        await runner.cleanup()
        for output in outputs:
            output.close()


async def _keep_after(others: Sequence[Child], child: Child, client: aiohttp.ClientSession) -> None:
    for other in others:
        await other.healthy.wait()
    await child.keep(client)


async def _announce(
    settings: Settings,
    kept: Sequence[Child],
    readiness: Readiness,
    on_ready: Callable[[str, float], None],
    timing: Timing,
) -> None:
    """Say once that the service answers; warn when it takes too long, and go on trying."""
    clock = asyncio.get_running_loop().time
    started = clock()
    warned = False
    while True:
        reason: str | None = "processes are starting"
        if all(child.healthy.is_set() for child in kept):
            reason = await readiness.problem()
        if reason is None:
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            on_ready(f"http://{host}:{settings.port}/", clock() - started)
            return
        if not warned and clock() - started > timing.ready_within:
            log.warning("still not ready after %.0f s: %s", timing.ready_within, reason)
            warned = True
        await asyncio.sleep(1)
