"""Whole conversations on the trained bot: `tests/data/dialogues*.yml` say what each message must get."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MAITRE = Path(sys.executable).parent / "maitre"
FILES = sorted((ROOT / "tests" / "data").glob("dialogues*.yml"))
DIALOGUES = [d for file in FILES for d in yaml.safe_load(file.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def told(trained_model: Path, published_base: str) -> dict[str, list[list[dict[str, Any]]]]:
    """The replies to each message of each dialogue, by name."""
    lines = [{"id": d["nom"], "turns": [turn["dit"] for turn in d["tours"]]} for d in DIALOGUES]
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
    return {answer["id"]: answer["replies"] for answer in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda d: d["nom"])
def test_dialogue(told: dict[str, list[list[dict[str, Any]]]], dialogue: dict[str, Any]) -> None:
    for expected, replies in zip(dialogue["tours"], told[dialogue["nom"]], strict=True):
        said = expected["dit"]
        assert [reply["kind"] for reply in replies] == expected["genres"], said
        assert replies[0].get("fiche") == expected.get("fiche"), said
        text = replies[0]["text"].replace("\u00a0", " ").replace("\u2011", "-")
        assert expected.get("contient", "") in text, said
        if "sans" in expected:
            assert expected["sans"] not in text, said
        for reply in replies:
            if reply["kind"] == "answer":
                assert reply["citations"], said
