"""The widget's own unit tests, by Node's runner, and its committed build."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WIDGET = ROOT / "widget"


def test_the_units_of_the_widget() -> None:
    if shutil.which("npm") is None or not (WIDGET / "node_modules" / "typescript").exists():
        pytest.skip("Node.js ou les paquets de widget/ ne sont pas installés (make browser)")
    done = subprocess.run(["npm", "test"], cwd=WIDGET, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# pass 0" not in done.stdout


def test_the_committed_build_is_of_these_sources() -> None:
    check = "from build import is_current; import sys; sys.exit(not is_current())"
    done = subprocess.run([sys.executable, "-c", check], cwd=WIDGET, check=False)
    assert done.returncode == 0, (
        "the widget's sources changed since it was built: run `make widget` and commit"
    )
    version = json.loads((WIDGET / "package.json").read_text())["version"]
    assert f'version = "{version}"' in (ROOT / "pyproject.toml").read_text()
    assert '"resolved"' not in (WIDGET / "package-lock.json").read_text()
