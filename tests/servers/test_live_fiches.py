"""Fiches published, then suspended, while `maitre serve` runs on a copy of the project: no restart, and every
message sent meanwhile is answered."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from running_service import ROOT, START_WITHIN, Service, start

KNOWN = "L'hébergeur de mes dossiers patients doit-il être certifié HDS ?"
NEW = "le zeppelin numéro 3 du cabinet vole-t-il la nuit"
ID = "essai-zeppelin"
GENEROUS = 60  # seconds that the test waits; how long it took is printed


@dataclass
class Project:
    """A copy of the project's files and the base it publishes in."""

    root: Path
    base: str

    def publish(self) -> None:
        """`maitre publish`, as an editor would."""
        command = [sys.executable, "-c", "from bot.cli import main; main()", "publish"]
        place = {"MAITRE_ROOT": str(self.root), "MAITRE_DATABASE_URL": self.base}
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **place}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    @property
    def new_fiche(self) -> Path:
        """The file of the fiche that the tests add."""
        return self.root / "data" / "fiches" / "hebergement" / f"{ID}.md"

    def add_fiche(self) -> None:
        """Saves a copy of a fiche under another id, with wordings that only it has."""
        source = sorted(self.new_fiche.parent.glob("*.md"))[0]
        head, rest = source.read_text(encoding="utf-8").split("questions:\n", 1)
        head = head.replace(f"id: {source.stem}", f"id: {ID}")
        questions = "".join(f"  - le zeppelin numéro {i} du cabinet vole-t-il la nuit\n" for i in range(14))
        tries = "".join(f'  - {{ style: question, texte: "zeppelin essai {i} ?" }}\n' for i in range(5))
        tail = rest[rest.index("precisions:" if "precisions:" in rest else "voisines:") :]
        self.new_fiche.write_text(f"{head}questions:\n{questions}epreuves:\n{tries}{tail}", encoding="utf-8")

    def suspend_fiche(self) -> None:
        """Changes its state, as an editor who doubts an answer would."""
        text = self.new_fiche.read_text(encoding="utf-8")
        assert "statut: publie\n" in text
        self.new_fiche.write_text(text.replace("statut: publie\n", "statut: suspendu\n"), encoding="utf-8")


@dataclass
class Talk:
    """Someone who asks a known question all along, one message after the other."""

    service: Service
    sent: int = 0
    wrong: list[Any] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Talk:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            self.sent += 1
            try:
                kinds = [reply["kind"] for reply in self.service.say(KNOWN)["replies"]]
            except (OSError, ValueError) as error:
                self.wrong.append(error)
            else:
                if kinds[:1] != ["answer"]:
                    self.wrong.append(kinds)


@pytest.fixture(scope="module")
def project(trained_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the project, published; it holds the model trained on the same fiches."""
    root = tmp_path_factory.mktemp("projet")
    for name in ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml", "requirements.lock"):
        shutil.copy(ROOT / name, root / name)
    for name in ("data", "actions"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copytree(trained_model.parent, root / "models")
    made = Project(root, f"sqlite:///{root / 'maitre.db'}")
    made.publish()
    return made


@pytest.fixture(scope="module")
def service(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service of the copy, ready."""
    running = start(
        tmp_path_factory.mktemp("var"),
        project.base,
        MAITRE_ROOT=str(project.root),
        # One address sends everything here: the limits for people would stop it.
        MAITRE_RATE_SESSION="100000",
        MAITRE_RATE_ADDRESS="100000",
    )
    try:
        running.wait_until("/readyz", 200, START_WITHIN)
        yield running
        running.stop()
    finally:
        running.process.kill()
        running.process.wait()


def _answers(service: Service) -> bool:
    """Whether the new fiche answers the question that only it holds."""
    return any(reply.get("fiche") == ID for reply in service.say(NEW)["replies"])


def _seconds_until(service: Service, answers: bool) -> float:
    """Seconds until the new fiche answers, or does not any more."""
    started = time.monotonic()
    while _answers(service) is not answers:
        assert time.monotonic() - started < GENEROUS, service.say(NEW)
        time.sleep(0.1)
    return time.monotonic() - started


def _processes(service: Service) -> set[int]:
    return {child.pid for child in psutil.Process(service.process.pid).children(recursive=True)}


def test_a_fiche_published_then_suspended_while_it_runs(project: Project, service: Service) -> None:
    assert not _answers(service)
    before = _processes(service)
    with Talk(service) as talk:
        project.add_fiche()
        project.publish()
        added = _seconds_until(service, answers=True)
        project.suspend_fiche()
        project.publish()
        silent = _seconds_until(service, answers=False)
        # It stays silent: nothing held an older state of the base.
        assert not any(_answers(service) for _ in range(5))
    print(
        f"answered {added:.1f} s after its publication, silent {silent:.1f} s after its suspension, ", end=""
    )
    print(f"{talk.sent} messages meanwhile")
    assert _processes(service) == before
    assert talk.sent > 10
    assert talk.wrong == []
