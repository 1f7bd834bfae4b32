"""The processes of a measured system: started, watched, weighed and stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

START_WITHIN = 300.0
STOP_WITHIN = 20.0


class StartError(RuntimeError):
    """A system did not start, or died; the message says which and where its output is."""


def free_ports(count: int) -> list[int]:
    """As many ports of the loopback address on which nothing listens."""
    with ExitStack() as held:
        servers = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [server.getsockname()[1] for server in servers]


def busy_seconds() -> float:
    """Processor time that everything on the machine used since it started."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0))


@dataclass
class System:
    """Running processes, named. `log` holds what they print."""

    processes: Mapping[str, subprocess.Popen[bytes]]
    log: Path
    role: Callable[[psutil.Process], str]

    def members(self) -> list[psutil.Process]:
        """Every process of the system."""
        found = []
        for process in self.processes.values():
            root = psutil.Process(process.pid)
            found += [root, *root.children(recursive=True)]
        return found

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time that the processes used since they started, by role."""
        used: dict[str, float] = {}
        for member in self.members():
            times = member.cpu_times()
            used[self.role(member)] = used.get(self.role(member), 0.0) + times.user + times.system
        return used

    def memory(self) -> dict[str, float]:
        """Resident megabytes by role."""
        sizes: dict[str, float] = {}
        for member in self.members():
            name = self.role(member)
            sizes[name] = sizes.get(name, 0.0) + member.memory_info().rss / 1e6
        return sizes

    def wait_for(self, url: str) -> None:
        """Waits until `url` answers 200. Raises `StartError` when a process dies or it takes too long."""
        started = time.perf_counter()
        while time.perf_counter() - started < START_WITHIN:
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise StartError(f"{name} stopped with code {process.returncode}; read {self.log}")
            try:
                with urllib.request.urlopen(url, timeout=10):
                    return
            except OSError:
                time.sleep(0.5)
        raise StartError(f"{url} did not answer within {START_WITHIN:.0f} s; read {self.log}")

    def close(self) -> None:
        """Stops every process as an operator would, and kills those that do not obey."""
        members = self.members()
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        _, alive = psutil.wait_procs(members, timeout=STOP_WITHIN)
        for member in alive:
            member.kill()
        for process in self.processes.values():
            process.wait()


def start(
    commands: Mapping[str, Sequence[str]],
    environment: Mapping[str, str],
    folder: Path,
    log: Path,
    role: Callable[[psutil.Process], str],
) -> System:
    """Starts `commands` in `folder`."""
    with log.open("ab") as output:
        processes = {
            name: subprocess.Popen(
                list(command),
                cwd=folder,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            for name, command in commands.items()
        }
    return System(processes, log, role)
