"""Senders that write, wait for the answer and write again; and what is counted of them.

The mix of messages is drawn from the development questions with a fixed seed, so that two systems, and two
runs, are asked the same.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

DATA = Path(__file__).parent / "data"

MIX: Mapping[str, tuple[float, tuple[str, ...]]] = {
    "short questions": (0.40, ("mots-cles", "question")),
    "misspelt": (0.25, ("fautif", "oral")),
    "letters": (0.20, ("lettre",)),
    "off-base": (0.15, ("hors_base",)),
}
"""Kind of message → its share and the styles of the development questions it is drawn from."""

CONVERSATION = 10
"""Messages of one conversation, after which a sender begins another."""

SEED = 20_261_128


@dataclass(frozen=True, slots=True)
class Pool:
    """Texts to draw from, by kind of `MIX`."""

    texts: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, folder: Path = DATA) -> Pool:
        """The texts of `developpement.jsonl` and `hors_base_developpement.jsonl`."""
        by_style: dict[str, list[str]] = {}
        for line in (folder / "developpement.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            by_style.setdefault(case["style"], []).append(case["text"])
        outside = (folder / "hors_base_developpement.jsonl").read_text(encoding="utf-8").splitlines()
        by_style["hors_base"] = [json.loads(line)["text"] for line in outside]
        return cls({kind: tuple(t for s in styles for t in by_style[s]) for kind, (_, styles) in MIX.items()})

    def draw(self, sender: int, seed: int = SEED) -> Iterator[str]:
        """The endless messages of the sender numbered `sender`, always the same."""
        generator = random.Random(f"{seed}/{sender}")
        kinds = list(MIX)
        shares = [MIX[kind][0] for kind in kinds]
        while True:
            (kind,) = generator.choices(kinds, shares)
            yield generator.choice(self.texts[kind])


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `empty`: nothing that a person could read; `from_base`: it is a fiche's."""

    error: str | None = None
    empty: bool = False
    from_base: bool = False


class Chat(Protocol):
    """One sender's side of a system."""

    async def begin(self) -> None:
        """Leaves the conversation for a new one."""
        ...

    async def say(self, text: str) -> Answer:
        """The answer to `text` in the present conversation. Raises nothing for a failed request."""
        ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message answered: when it ended (seconds of `time.perf_counter`), how long it took, the outcome."""

    ended: float
    seconds: float
    answer: Answer


@dataclass(frozen=True, slots=True)
class Summary:
    """What one measure gave: latencies and processor time (all, and by process) in milliseconds a message,
    counts of failed messages; `outside`: processors that other programs kept busy meanwhile."""

    messages: int
    per_second: float
    p50: float
    p95: float
    p99: float
    mean: float
    cpu: float
    cpu_by_process: Mapping[str, float]
    outside: float
    errors: int
    empty: int
    from_base: float


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that at least `share` (0..1) of them do not exceed (nearest rank); NaN of
    none."""
    if not values:
        return math.nan
    rank = max(1, math.ceil(share * len(values)))
    return sorted(values)[rank - 1]


def ratio(ours: float, stock: float) -> str:
    """How many times `stock` goes into `ours`, to print; a dash when that means nothing."""
    if not stock or math.isnan(ours) or math.isnan(stock):
        return "–"
    return f"{ours / stock:.2f}"


def summarise(
    exchanges: Sequence[Exchange],
    seconds: float,
    cpu_seconds: Mapping[str, float],
    outside_seconds: float = 0.0,
) -> Summary:
    """The figures of the `exchanges` that ended within `seconds`, in which the processes of the system used
    `cpu_seconds` of the processors and other programs `outside_seconds`."""
    times = [1000 * e.seconds for e in exchanges]
    count = len(exchanges)
    answered = [e.answer for e in exchanges if e.answer.error is None]
    return Summary(
        messages=count,
        per_second=count / seconds,
        p50=percentile(times, 0.50),
        p95=percentile(times, 0.95),
        p99=percentile(times, 0.99),
        mean=sum(times) / count if count else math.nan,
        cpu=1000 * sum(cpu_seconds.values()) / count if count else math.nan,
        cpu_by_process={name: 1000 * used / count for name, used in cpu_seconds.items()} if count else {},
        outside=outside_seconds / seconds,
        errors=count - len(answered),
        empty=sum(a.empty for a in answered),
        from_base=sum(a.from_base for a in answered) / len(answered) if answered else math.nan,
    )


async def closed_loop(chats: Sequence[Chat], pool: Pool, seconds: float, seed: int = SEED) -> list[Exchange]:
    """Lets every sender of `chats` write for `seconds`; returns what ended in time, in order.

    Each waits for its answer before it writes again; what is still unanswered at the end is waited for and
    not counted.
    """
    deadline = time.perf_counter() + seconds
    done: list[Exchange] = []

    async def write(chat: Chat, number: int) -> None:
        for i, text in enumerate(pool.draw(number, seed)):
            if i % CONVERSATION == 0:
                await chat.begin()
            started = time.perf_counter()
            if started >= deadline:
                return
            answer = await chat.say(text)
            ended = time.perf_counter()
            if ended <= deadline:
                done.append(Exchange(ended, ended - started, answer))

    await asyncio.gather(*(write(chat, number) for number, chat in enumerate(chats)))
    return done
