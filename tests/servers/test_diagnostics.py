"""The épreuves of the diagnoses on the trained bot: wordings that must start them, and were never learned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.diagnostics.model import Diagnostic
from bot.diagnostics.parse import load_sources

ROOT = Path(__file__).parents[2]
MAITRE = Path(sys.executable).parent / "maitre"
KNOWN = [
    source.diagnostic
    for source in load_sources(ROOT / "data" / "diagnostics")
    if source.diagnostic is not None and source.diagnostic.is_published
]


@pytest.fixture(scope="module")
def replies(trained_model: Path, published_base: str) -> dict[str, list[dict[str, Any]]]:
    """The replies to each épreuve, each in a conversation of its own."""
    lines = [{"id": e.texte, "text": e.texte} for diagnostic in KNOWN for e in diagnostic.epreuves]
    done = subprocess.run(
        [MAITRE, "ask", "--batch", "-"],
        cwd=ROOT,
        env={**os.environ, "MAITRE_DATABASE_URL": published_base},
        input="\n".join(json.dumps(line) for line in lines),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {answer["id"]: answer["replies"][0] for answer in map(json.loads, done.stdout.splitlines())}


def _started(turn: list[dict[str, Any]]) -> str | None:
    return next((reply["progress"]["title"] for reply in turn if "progress" in reply), None)


@pytest.mark.parametrize("diagnostic", KNOWN, ids=lambda d: d.id)
def test_no_wording_starts_another_diagnosis(
    replies: dict[str, list[dict[str, Any]]], diagnostic: Diagnostic
) -> None:
    for epreuve in diagnostic.epreuves:
        assert _started(replies[epreuve.texte]) in (diagnostic.titre, None), epreuve.texte


def test_nine_in_ten_start_theirs(replies: dict[str, list[dict[str, Any]]]) -> None:
    wanted = [(e.texte, d.titre) for d in KNOWN for e in d.epreuves]
    lost = [text for text, titre in wanted if _started(replies[text]) != titre]
    assert len(lost) <= len(wanted) // 10, lost
