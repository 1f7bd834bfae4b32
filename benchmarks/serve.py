"""Messages through the whole service, beside stock Rasa in the same run (`make bench-serve`).

1, 8 and 32 senders write in a closed loop: to `maitre serve` (front, Rasa, action server, base), then to a
stock Rasa (`benchmarks.stock`) that learned the same wordings and reads the same base, and so on in turn,
each time after a warm-up: a machine that slows down for a while slows both. Prints a Markdown page.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psutil

from benchmarks import stock
from benchmarks.chats import FrontChat, RestChat
from benchmarks.examples import wordings
from benchmarks.load import (
    CONVERSATION,
    MIX,
    SEED,
    Chat,
    Exchange,
    Pool,
    Summary,
    closed_loop,
    ratio,
    summarise,
)
from benchmarks.report import table
from benchmarks.system import System, busy_seconds, free_ports, start
from bot.front.children import children
from bot.nlu.training import model_path
from bot.settings import load as load_settings

ROOT = Path(__file__).resolve().parents[1]
MAITRE = Path(sys.executable).parent / "maitre"
SENDERS = (1, 8, 32)
PROCESSES = ("front", "Rasa", "action server")
QUIET = {
    "PYTHONWARNINGS": "ignore",
    "LOG_LEVEL": "WARNING",
    "LOG_LEVEL_LIBRARIES": "ERROR",
    "RASA_TELEMETRY_ENABLED": "false",
    "SANIC_HOST": "127.0.0.1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
"""What `maitre serve` gives its processes (`bot.front.children`), for stock Rasa too."""

INTRODUCTION = """# The service under load

Printed by `make bench-serve`, which writes this page. {cores} cores ({machine}), which the senders share; the
systems are written to in turn, {rounds} times each, while the other waits.

Each sender holds conversations of {conversation} messages and writes again when it got the answer. The mix
({shares}) is drawn with a fixed seed from the development questions. {seconds:.0f} s a line, each turn
after a warm-up.

*Ours*: `maitre serve`, through its front. *Stock*: the `rest` channel of Rasa 3.6, with the pipeline and the
policies that Rasa gives a project without any (DIET, ResponseSelector, TED, UnexpecTED, rules, memoization),
trained for {epochs} epoch(s) instead of 100, which changes its answers and not its speed, on the same
wordings; its one custom action reads the same SQLite base. Both run on this project's lock.

*From the base*: answers that a fiche gave. *Outside*: cores that other programs kept busy meanwhile.
"""

ROUNDS = 4
"""How often each system is written to by so many senders."""

OpenChat = Callable[[aiohttp.ClientSession], Chat]


@dataclass(frozen=True, slots=True)
class Side:
    """A running system and the way to write to it."""

    system: System
    open_chat: OpenChat


@dataclass(slots=True)
class Turns:
    """What the turns of one system gave together: its exchanges, in so many `seconds`; the processor time of
    its processes, and of other programs."""

    seconds: float = 0.0
    exchanges: list[Exchange] = field(default_factory=list)
    cpu: Counter[str] = field(default_factory=Counter)
    outside: float = 0.0

    def summary(self) -> Summary:
        """Their figures."""
        return summarise(self.exchanges, self.seconds, self.cpu, self.outside)


@dataclass(frozen=True, slots=True)
class Measured:
    """One system: its figures by number of senders, its resident memory by process."""

    by_senders: Mapping[int, Summary]
    memory: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Hops:
    """Mean milliseconds of one message, one sender: through the front, through Rasa's `rest` channel, in
    Rasa's agent, reading it (NLU), and in the calls to the action server."""

    front: float
    rest: float
    agent: float
    nlu: float
    action: float

    def parts(self) -> list[tuple[str, float]]:
        """Milliseconds spent in each part and nowhere else."""
        return [
            ("front", self.front - self.rest),
            ("Rasa: its `rest` channel", self.rest - self.agent),
            ("Rasa: reading the message (NLU)", self.nlu),
            ("Rasa: tracker, policies, events", self.agent - self.nlu - self.action),
            ("action server, round trip (the base included)", self.action),
        ]


async def take_turn(
    turns: Turns, side: Side, senders: int, seconds: float, warm_up: float, seed: int
) -> None:
    """Adds to `turns` what `senders` senders get from a system over `seconds`, after `warm_up` seconds that
    do not count."""
    pool, system = Pool.of(), side.system
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as client:
        chats = [side.open_chat(client) for _ in range(senders)]
        await closed_loop(chats, pool, warm_up, seed=0)
        ours, before, everything = time.process_time(), system.cpu_seconds(), busy_seconds()
        turns.exchanges += await closed_loop(chats, pool, seconds, seed)
        used = {name: spent - before.get(name, 0.0) for name, spent in system.cpu_seconds().items()}
        own = time.process_time() - ours
        turns.outside += max(0.0, busy_seconds() - everything - sum(used.values()) - own)
        turns.cpu.update(used)
        turns.seconds += seconds


def measure(sides: Sequence[Side], seconds: float, warm_up: float) -> list[Measured]:
    """Every number of senders to each of `sides` in turn, `seconds` in all; then the memory."""
    by_senders: list[dict[int, Summary]] = [{} for _ in sides]
    for senders in SENDERS:
        turns = [Turns() for _ in sides]
        for number in range(ROUNDS):
            for taken, side in zip(turns, sides, strict=True):
                asyncio.run(take_turn(taken, side, senders, seconds / ROUNDS, warm_up, SEED + number))
        for found, taken in zip(by_senders, turns, strict=True):
            found[senders] = taken.summary()
    return [Measured(found, side.system.memory()) for found, side in zip(by_senders, sides, strict=True)]


def our_role(process: psutil.Process) -> str:
    """Which part of our service a process is."""
    command = " ".join(process.cmdline())
    return "Rasa" if "rasa run" in command else "action server" if "rasa_sdk" in command else "front"


@dataclass(frozen=True, slots=True)
class Ours:
    """Where our service runs and is reached."""

    var: Path
    settings: Mapping[str, str]
    front: str
    rest: str


def our_settings(folder: Path, database: Path) -> Ours:
    """Our service on free ports, with its files in `folder`."""
    port, rasa_port, actions_port = free_ports(3)
    settings = {
        "MAITRE_ROOT": str(ROOT),
        "MAITRE_VAR": str(folder / "var"),
        "MAITRE_DATABASE_URL": f"sqlite:///{database}",
        "MAITRE_PORT": str(port),
        "MAITRE_RASA_PORT": str(rasa_port),
        "MAITRE_ACTIONS_PORT": str(actions_port),
        # Few clients send everything here: the limits for people would stop them.
        "MAITRE_RATE_SESSION": "1000000",
        "MAITRE_RATE_ADDRESS": "1000000",
    }
    return Ours(folder / "var", settings, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{rasa_port}")


@contextmanager
def our_service(folder: Path, where: Ours) -> Iterator[Side]:
    """Our service, running."""
    command = {"maitre serve": [str(MAITRE), "serve"]}
    with closing(start(command, where.settings, ROOT, folder / "ours.log", our_role)) as system:
        system.wait_for(f"{where.front}/readyz")
        yield Side(system, lambda client: FrontChat(client, where.front))


def our_hops(side: Side, where: Ours, front: float, seconds: float, warm_up: float) -> Hops:
    """Where the time of a message goes; `front`: its mean milliseconds through the front."""
    direct = Turns()
    beside = Side(side.system, lambda client: RestChat(client, where.rest))
    asyncio.run(take_turn(direct, beside, 1, seconds, warm_up, SEED))
    return Hops(front, direct.summary().mean, **hops(where.var / "endpoints.yml", where.settings))


def hops(endpoints: Path, settings: Mapping[str, str]) -> dict[str, float]:
    """What `benchmarks.hops` measures, beside the running service."""
    model = model_path(load_settings({**os.environ, **settings}))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.hops", str(model), str(endpoints)],
        cwd=ROOT,
        # What the running Rasa was given.
        env=dict(children(load_settings({**os.environ, **settings}))[1].environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def stock_role(process: psutil.Process) -> str:
    """Which part of stock Rasa a process is."""
    return "action server" if "rasa_sdk" in process.cmdline() else "Rasa"


@contextmanager
def stock_rasa(folder: Path, database: Path, canned: set[str]) -> Iterator[Side]:
    """Stock Rasa, running."""
    rasa_port, actions_port = free_ports(2)
    stock.write(
        folder, {"endpoints.yml": {"action_endpoint": {"url": f"http://127.0.0.1:{actions_port}/webhook"}}}
    )
    python = sys.executable
    commands = {
        "action server": [python, *f"-m rasa_sdk --actions actions --port {actions_port} --quiet".split()],
        "Rasa": [
            *(python, "-m", "rasa", "run", "--model", "models/stock.tar.gz", "--quiet"),
            *("--endpoints", "endpoints.yml", "--credentials", "credentials.yml"),
            *("--port", str(rasa_port), "--interface", "127.0.0.1"),
        ],
    }
    environment = {**QUIET, "FICHES": str(database), "PYTHONPATH": str(folder)}
    url = f"http://127.0.0.1:{rasa_port}"
    with closing(start(commands, environment, folder, folder / "stock.log", stock_role)) as system:
        system.wait_for(f"http://127.0.0.1:{actions_port}/health")
        system.wait_for(f"{url}/")
        yield Side(system, lambda client: RestChat(client, url, canned))


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a Markdown table and a blank line."""
    print(table(header, rows), end="\n\n")


def speed_row(name: str, senders: int, found: Summary) -> list[str]:
    """A line of the table of speed."""
    return [
        str(senders),
        name,
        f"{found.per_second:.1f}",
        *(f"{value:.0f}" for value in (found.p50, found.p95, found.p99, found.cpu)),
        str(found.messages),
        str(found.errors),
        str(found.empty),
        f"{100 * found.from_base:.0f}",
        f"{found.outside:.1f}",
    ]


def ratio_row(senders: int, us: Summary, them: Summary) -> list[str]:
    """Ours divided by stock's, in the same columns."""
    pairs = [
        (us.per_second, them.per_second),
        (us.p50, them.p50),
        (us.p95, them.p95),
        (us.p99, them.p99),
        (us.cpu, them.cpu),
    ]
    return [str(senders), "ours / stock", *(f"**{ratio(a, b)}**" for a, b in pairs), "", "", "", "", ""]


def aims(us: Summary, them: Summary) -> list[tuple[str, str, str]]:
    """The aims of the whole service beside stock Rasa: aim, measured, reached."""
    faster, slowest = us.per_second / them.per_second, us.p95 / them.p95
    return [
        ("three times stock Rasa's messages per second", f"{faster:.2f}", "yes" if faster >= 3 else "no"),
        ("at a lower p95", f"{slowest:.2f}", "yes" if slowest < 1 else "no"),
    ]


def page(us: Measured, them: Measured, parts: Hops, epochs: int, seconds: float) -> None:
    """Prints the page."""
    shares = ", ".join(f"{100 * share:.0f} % {kind}" for kind, (share, _) in MIX.items())
    print(
        INTRODUCTION.format(
            cores=os.cpu_count(),
            machine=platform.machine(),
            conversation=CONVERSATION,
            shares=shares,
            seconds=seconds,
            rounds=ROUNDS,
            epochs=epochs,
        )
    )
    header = ("senders", "system", "messages/s", "p50 ms", "p95 ms", "p99 ms", "CPU ms/message")
    rows: list[list[str]] = []
    for n in SENDERS:
        rows.append(speed_row("ours", n, us.by_senders[n]))
        rows.append(speed_row("stock", n, them.by_senders[n]))
        rows.append(ratio_row(n, us.by_senders[n], them.by_senders[n]))
    print_table((*header, "messages", "errors", "empty", "from the base %", "outside"), rows)

    print_table(("aim, with 8 senders", "measured", "reached"), aims(us.by_senders[8], them.by_senders[8]))

    print("Processor time a message with 8 senders, ms, and resident memory after all that, MB:\n")
    mine, theirs = us.by_senders[8], them.by_senders[8]
    resources = [
        (n, mine.cpu_by_process.get(n), theirs.cpu_by_process.get(n), us.memory.get(n), them.memory.get(n))
        for n in PROCESSES
    ]
    memories = sum(us.memory.values()), sum(them.memory.values())
    resources.append(("all", mine.cpu, theirs.cpu, *memories))
    rows = [[n, *("–" if value is None else f"{value:.0f}" for value in values)] for n, *values in resources]
    rows.append(["ours / stock", f"**{ratio(mine.cpu, theirs.cpu)}**", "", f"**{ratio(*memories)}**", ""])
    print_table(("process", "CPU, ours", "CPU, stock", "memory, ours", "memory, stock"), rows)

    print("Where the time of a message goes in ours, one sender, means; each hop measured by itself ", end="")
    print("(through the front, through Rasa's channel, in Rasa's agent):\n")
    print_table(
        ("part", "ms", "%"),
        [(name, f"{ms:.1f}", f"{100 * ms / parts.front:.0f}") for name, ms in parts.parts()]
        + [("all", f"{parts.front:.1f}", "100")],
    )


def main() -> None:
    """Builds, measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scratch", type=Path, help="keep stock Rasa's project and model there")
    parser.add_argument("--output", type=Path, help="write the page there as well as on the terminal")
    parser.add_argument("--epochs", type=int, default=1, help="of stock Rasa's models")
    parser.add_argument("--seconds", type=float, default=32.0, help="of each measure")
    parser.add_argument("--warm-up", type=float, default=2.0, help="seconds before each turn")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        scratch = (chosen.scratch or Path(temporary)).resolve()
        (scratch / "ours").mkdir(parents=True, exist_ok=True)
        database = scratch / "maitre.db"
        publish = {**os.environ, "MAITRE_DATABASE_URL": f"sqlite:///{database}"}
        subprocess.run([MAITRE, "publish"], env=publish, cwd=ROOT, stdout=sys.stderr, check=True)
        files = stock.project(wordings(ROOT), chosen.epochs)
        stock.write(scratch / "stock", files)
        stock.train(scratch / "stock")
        canned = {stock.canned(name.removeprefix("utter_")) for name in files["domain.yml"]["responses"]}
        where = our_settings(scratch / "ours", database)
        with (
            our_service(scratch / "ours", where) as ours,
            stock_rasa(scratch / "stock", database, canned) as stocks,
        ):
            us, them = measure([ours, stocks], chosen.seconds, chosen.warm_up)
            parts = our_hops(ours, where, us.by_senders[1].mean, chosen.seconds / ROUNDS, chosen.warm_up)
    printed = io.StringIO()
    with redirect_stdout(printed):
        page(us, them, parts, chosen.epochs, chosen.seconds)
    print(printed.getvalue())
    if chosen.output is not None:
        chosen.output.write_text(printed.getvalue(), encoding="utf-8")


if __name__ == "__main__":
    main()
