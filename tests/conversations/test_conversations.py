"""Runs the conversation tests, in Rasa's format, with Rasa's own command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_conversations_with_rasa_test_core(trained_model: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rasa", "test", "core"]
    command += ["--model", str(trained_model), "--stories", str(Path(__file__).parent)]
    command += ["--out", str(tmp_path), "--fail-on-prediction-errors"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONWARNINGS": "ignore"}, capture_output=True, text=True
    )
    failed = tmp_path / "failed_test_stories.yml"
    detail = failed.read_text(encoding="utf-8") if failed.exists() else ""
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}\n{detail}"
    assert "stories:" not in detail
