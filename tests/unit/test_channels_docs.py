"""The example of docs/nouveau-canal.md, run as it stands in the page."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from front_samples import FakeRasa, answer, custom
from knowledge_samples import fresh_base

PAGE = Path(__file__).parents[2] / "docs" / "nouveau-canal.md"


def example() -> dict[str, Any]:
    """The names that the page's code defines."""
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    assert len(blocks[0].splitlines()) <= 45
    names: dict[str, Any] = {}
    exec(compile("\n".join(blocks), str(PAGE), "exec"), names)
    return names


async def written(folder: Path, count: int) -> list[str]:
    """The messages in `folder`, once there are `count`."""
    async with asyncio.timeout(20):
        while len(list(folder.glob("*.txt"))) < count:
            await asyncio.sleep(0.02)
    return [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.txt"))]


async def test_the_example_answers_what_is_dropped_in_its_folder(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh_base(sqlite_url).close()
    rasa = FakeRasa(items=custom(answer(buttons=[{"title": "Et sinon ?", "payload": "/sinon"}])))
    backend = web.Application()
    backend.router.add_post("/webhooks/rest/webhook", rasa.webhook)
    async with TestServer(backend) as server:
        monkeypatch.setenv("MAITRE_RASA_PORT", str(server.port))
        monkeypatch.setenv("MAITRE_DATABASE_URL", sqlite_url)
        monkeypatch.setenv("MAITRE_VAR", str(tmp_path / "var"))
        received, sent = tmp_path / "recus", tmp_path / "envoyes"
        received.mkdir()
        (received / "anne.1.txt").write_text("Mon hébergeur doit-il être certifié ?", encoding="utf-8")
        running = asyncio.create_task(example()["main"](tmp_path))
        messages = await written(sent, 2)
        assert any("automatique" in message for message in messages)
        assert any(message.endswith("1\\. Et sinon ?") for message in messages)
        (received / "anne.2.txt").write_text("1", encoding="utf-8")
        await written(sent, 3)
        (received / "anne.1.txt").write_text("Livré deux fois", encoding="utf-8")
        (received / "paul.1.txt").write_text("/aide", encoding="utf-8")
        messages = await written(sent, 5)
        assert len(messages) == 5
        assert not list(received.iterdir())
        running.cancel()
        await asyncio.wait({running})
    assert rasa.messages == ["Mon hébergeur doit-il être certifié ?", "/sinon"]
    assert {body["metadata"]["channel"] for body in rasa.asked} == {"dossier"}
