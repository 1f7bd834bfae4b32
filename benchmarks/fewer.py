"""A copy of the project that has fewer wordings, for systems that could not learn them all in an hour."""

from __future__ import annotations

import io
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

from ruamel.yaml import YAML

from bot.fiches.frontmatter import split


def write_project(root: Path, folder: Path, most: int) -> None:
    """Writes into `folder`, which it empties first, what the project at `root` learns from, with at most
    `most` wordings of each fiche (its title apart) and of each subject outside the base, drawn with a fixed
    seed. The intents of the conversation stay whole."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(root / "data", folder / "data")
    for name in ("config.yml", "domain.yml"):
        shutil.copy(root / name, folder / name)
    for path in sorted((folder / "data" / "fiches").rglob("*.md")):
        halves = split(path.read_text(encoding="utf-8"))
        yaml = _yaml()
        fiche = yaml.load(halves.yaml)
        fiche["questions"] = _drawn(fiche["questions"], most, path.stem)
        path.write_text(f"---\n{_dumped(yaml, fiche)}---\n{halves.body}", encoding="utf-8")
    path = folder / "data" / "orientations.yml"
    yaml = _yaml()
    subjects = yaml.load(path.read_text(encoding="utf-8"))
    for subject in subjects["orientations"]:
        subject["exemples"] = _drawn(subject["exemples"], most, subject["id"])
    path.write_text(_dumped(yaml, subjects), encoding="utf-8")


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = 10_000
    return yaml


def _dumped(yaml: YAML, content: object) -> str:
    stream = io.StringIO()
    yaml.dump(content, stream)
    return stream.getvalue()


def _drawn(texts: Sequence[str], most: int, seed: str) -> list[str]:
    """`most` of `texts`, in their order."""
    chosen = random.Random(seed).sample(range(len(texts)), min(most, len(texts)))
    return [texts[i] for i in sorted(chosen)]
