"""`maitre ask` on the trained bot: letters, short and misspelt questions, and honest silence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MAITRE = Path(sys.executable).parent / "maitre"
CASES = [
    json.loads(line)
    for line in (ROOT / "tests" / "data" / "douze_fiches.jsonl").read_text(encoding="utf-8").splitlines()
]
SILENT = ["quel antibiotique pour une angine ?", "puis-je licencier ma secrétaire ?"]


def _ask(base: str, *arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MAITRE, "ask", *arguments],
        cwd=ROOT,
        env={**os.environ, "MAITRE_DATABASE_URL": base},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def replies(trained_model: Path, published_base: str) -> dict[str, list[list[dict[str, Any]]]]:
    """Replies by id to every case, to the silent ones, and to a dialogue."""
    lines = [{"id": c["id"], "text": c["text"]} for c in CASES]
    lines += [{"id": text, "text": text} for text in SILENT]
    lines.append(
        {"id": "dialogue", "turns": ["bonjour", "que dit l’article 28 du RGPD ?", "/restart", "merci"]}
    )
    done = _ask(published_base, "--batch", "-", given="\n".join(json.dumps(line) for line in lines))
    assert done.returncode == 0, done.stderr
    return {answer["id"]: answer["replies"] for answer in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_right_fiche_is_answered_or_offered(
    replies: dict[str, list[list[dict[str, Any]]]], case: dict[str, str]
) -> None:
    (turn,) = replies[case["id"]]
    answered = [reply.get("fiche") for reply in turn if reply["kind"] == "answer"]
    offered = [b["payload"] for reply in turn if reply["kind"] == "choices" for b in reply["buttons"]]
    assert case["fiche"] in answered or any(case["fiche"] in payload for payload in offered), turn
    for reply in turn:
        if reply["kind"] == "answer":
            assert reply["citations"]
            assert reply["version"] >= 1


def test_most_are_answered_outright(replies: dict[str, list[list[dict[str, Any]]]]) -> None:
    answered = [c for c in CASES if any(r.get("fiche") == c["fiche"] for r in replies[c["id"]][0])]
    assert len(answered) >= 0.8 * len(CASES)


@pytest.mark.parametrize("text", SILENT)
def test_what_is_outside_gets_no_law(replies: dict[str, list[list[dict[str, Any]]]], text: str) -> None:
    (turn,) = replies[text]
    assert [reply["kind"] for reply in turn] == ["out_of_domain"]
    assert "citations" not in turn[0]
    assert "fiche" not in turn[0]


def test_a_dialogue_keeps_its_turns(replies: dict[str, list[list[dict[str, Any]]]]) -> None:
    kinds = [[reply["kind"] for reply in turn] for turn in replies["dialogue"]]
    assert kinds[0] == ["notice"]
    assert "assistant automatique" in replies["dialogue"][0][0]["text"]
    assert kinds[1] == ["law"]
    assert kinds[2] != []  # "/restart" is only text
    assert kinds[3] == ["notice"]


def test_a_bad_batch_line_is_named(published_base: str) -> None:
    done = _ask(published_base, "--batch", "-", given='{"id": 1, "text": "bonjour"}\n{"id": 2}\n')
    assert done.returncode == 1
    assert ":2:" in done.stderr
    assert not done.stdout


def test_without_a_base_no_law_is_given(trained_model: Path, tmp_path: Path) -> None:
    done = _ask(f"sqlite:///{tmp_path / 'absente.db'}", "--json", "mon hébergeur doit-il être certifié HDS ?")
    assert done.returncode == 0, done.stderr
    assert [reply["kind"] for reply in json.loads(done.stdout)] == ["unavailable"]
