"""Builds the widget into the front's files, when its sources are not those of the built file.

    build.py            build if needed and if npm is there; without npm the committed file is served
    build.py --packages only install the packages of package-lock.json
    build.py --check    fail unless the committed file is what the sources give

The built file is committed because `make run` must work with Python alone. Which sources it was built from
is in `built.json`, by hash: dates of files say nothing after a `git clone`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
OUTPUT = HERE.parent / "bot" / "front" / "static"
BUILT = HERE / "built.json"
NAME = "widget.js"


def sources_hash() -> str:
    """SHA-256 of everything that the built file depends on."""
    digest = hashlib.sha256()
    names = ("package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")
    for path in [*(HERE / name for name in names), *sorted((HERE / "src").iterdir())]:
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file; empty when there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def is_current() -> bool:
    """Whether the built file is there, untouched, and made from the sources as they are."""
    known = json.loads(BUILT.read_text()) if BUILT.is_file() else {}
    return bool(known == {"sources": sources_hash(), NAME: file_hash(OUTPUT / NAME)})


def npm(*arguments: str, **environment: str) -> None:
    """Run npm in the widget's folder; its output is shown only when it fails."""
    command = ["npm", *arguments]
    done = subprocess.run(
        command, cwd=HERE, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def install() -> None:
    """The packages of the lock file."""
    if file_hash(HERE / "node_modules" / ".installed") != file_hash(HERE / "package-lock.json"):
        npm("ci", "--no-audit", "--no-fund")
        shutil.copy(HERE / "package-lock.json", HERE / "node_modules" / ".installed")


def build(output: Path) -> None:
    """Check the types and build into the folder `output`."""
    install()
    npm("run", "check")
    npm("run", "build", WIDGET_OUT=str(output))


def main() -> None:
    """See the top of the file."""
    if "--packages" in sys.argv:
        install()
    elif "--check" in sys.argv:
        if not is_current():
            raise SystemExit("the widget's sources changed since it was built: run `make widget` and commit")
        with tempfile.TemporaryDirectory() as folder:
            build(Path(folder))
            if file_hash(Path(folder) / NAME) != file_hash(OUTPUT / NAME):
                raise SystemExit(
                    f"{OUTPUT / NAME} is not what its sources give: run `make widget` and commit"
                )
    elif not is_current():
        if shutil.which("npm") is None:
            print("the widget's sources changed but npm is not here: the committed build is served")
            return
        build(OUTPUT)
        BUILT.write_text(
            json.dumps({"sources": sources_hash(), NAME: file_hash(OUTPUT / NAME)}, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()
