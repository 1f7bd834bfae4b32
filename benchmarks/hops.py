"""Where the time of one message goes inside Rasa, each part measured by itself (run by `benchmarks.serve`).

A second Rasa agent, in this process, reads the same model, endpoints and messages as the running service and
calls its action server. Prints JSON: mean milliseconds of reading the message (`nlu`), of the calls to the
action server (`action`) and of the whole (`agent`); with `--profile FILE`, writes a profile of the whole.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import time
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.load import CONVERSATION, Pool
from bot.nlu.training import quietly

with quietly():
    from rasa.core.agent import Agent, load_agent
    from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.endpoints import EndpointConfig


class TimedEndpoint(EndpointConfig):
    """An action endpoint that remembers how long its calls took."""

    def __init__(self, endpoint: EndpointConfig) -> None:
        super().__init__(url=endpoint.url, **endpoint.kwargs)
        self.seconds = 0.0

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """The answer of the action server."""
        started = time.perf_counter()
        try:
            return await super().request(*args, **kwargs)
        finally:
            self.seconds += time.perf_counter() - started


async def handle(agent: Agent, texts: list[str], name: str) -> list[float]:
    """Seconds that the agent takes for each message, in conversations as long as senders hold."""
    spent = []
    for i, text in enumerate(texts):
        message = UserMessage(
            text, CollectingOutputChannel(), f"{name}-{i // CONVERSATION}", input_channel="rest"
        )
        started = time.perf_counter()
        await agent.handle_message(message)
        spent.append(time.perf_counter() - started)
    return spent


async def measure(model: Path, endpoints: Path, messages: int, profile: Path | None) -> dict[str, float]:
    """Means, in milliseconds, over `messages` messages of the mix."""
    configured = AvailableEndpoints.read_endpoints(str(endpoints))
    assert configured.action is not None
    endpoint = configured.action = TimedEndpoint(configured.action)
    agent = await load_agent(str(model), endpoints=configured)
    texts = list(islice(Pool.of().draw(0), messages))
    await handle(agent, texts[:CONVERSATION], "warm-up")
    read = []
    for text in texts:
        started = time.perf_counter()
        await agent.parse_message(text)
        read.append(time.perf_counter() - started)
    endpoint.seconds = 0.0
    whole = await handle(agent, texts, "measured")
    called = endpoint.seconds
    if profile is not None:
        with cProfile.Profile() as profiler:
            await handle(agent, texts, "profiled")
        profiler.dump_stats(profile)
    return {
        "nlu": 1000 * fmean(read),
        "action": 1000 * called / len(texts),
        "agent": 1000 * fmean(whole),
    }


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("endpoints", type=Path)
    parser.add_argument("--messages", type=int, default=150)
    parser.add_argument("--profile", type=Path)
    chosen = parser.parse_args()
    with quietly():
        found = asyncio.run(measure(chosen.model, chosen.endpoints, chosen.messages, chosen.profile))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
