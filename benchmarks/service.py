"""Measures the service as it is installed here and prints a Markdown table (`make bench`).

Training time, start-up of `maitre serve`, resident memory per process, latency of one message through the
front, and the time from saving a new fiche to its answer. Everything runs in a scratch folder on ports of
its own; the project's database, model and files are not touched.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
MAITRE = Path(sys.executable).parent / "maitre"
QUESTIONS = [
    "mon hébergeur doit-il être certifié HDS ?",
    "antivirus et cloud, dois-je acheter en plus un système anti-cyberattaque",
    "que doit contenir le contrat avec l'éditeur, article 28",
    "que dit l'article L. 1111-8 du code de la santé publique ?",
    "quel antibiotique pour une angine ?",
    "bonjour",
]
ROUNDS = 20


def free_port() -> int:
    """A port that is free now on the loopback address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def copy_project(target: Path) -> None:
    """Copies what the bot is made of, so that a fiche can be added without touching the project."""
    for name in ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml", "requirements.lock"):
        shutil.copy(ROOT / name, target / name)
    for name in ("data", "actions"):
        shutil.copytree(ROOT / name, target / name)


def run(environment: dict[str, str], *arguments: str) -> float:
    """Runs a `maitre` command; returns its seconds. Raises on failure."""
    started = time.perf_counter()
    done = subprocess.run([MAITRE, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"maitre {' '.join(arguments)}: {done.stdout}{done.stderr}")
    return time.perf_counter() - started


def post(base: str, path: str, body: dict[str, str]) -> dict[str, object]:
    """One JSON request to the front."""
    request = urllib.request.Request(
        base + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        answer: dict[str, object] = json.load(response)
        return answer


def wait_ready(base: str, process: subprocess.Popen[bytes]) -> float:
    """Seconds until /readyz says yes."""
    started = time.perf_counter()
    while time.perf_counter() - started < 300:
        if process.poll() is not None:
            raise SystemExit(f"maitre serve stopped with code {process.returncode}")
        try:
            with urllib.request.urlopen(base + "/readyz", timeout=10):
                return time.perf_counter() - started
        except OSError:
            time.sleep(0.25)
    raise SystemExit("maitre serve was not ready within 300 s")


def memory(process: subprocess.Popen[bytes]) -> dict[str, float]:
    """Resident megabytes by process under `process`."""
    sizes: dict[str, float] = {}
    for child in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]:
        command = " ".join(child.cmdline())
        name = "front" if child.pid == process.pid else "Rasa" if "rasa run" in command else "actions"
        sizes[name] = sizes.get(name, 0.0) + child.memory_info().rss / 1e6
    return sizes


def latencies(base: str) -> list[float]:
    """Milliseconds of each message, one after the other, new session every round."""
    times: list[float] = []
    for _ in range(ROUNDS):
        session = str(post(base, "/api/sessions", {})["session"])
        for question in QUESTIONS:
            started = time.perf_counter()
            post(base, "/api/messages", {"session": session, "text": question})
            times.append((time.perf_counter() - started) * 1000)
    return times


def new_fiche(project: Path) -> str:
    """Saves a copy of a fiche under another id, with wordings that only it has; returns one of them."""
    source = sorted((project / "data" / "fiches" / "hebergement").glob("*.md"))[0]
    text = source.read_text(encoding="utf-8")
    head, rest = text.split("questions:\n", 1)
    head = head.replace(f"id: {source.stem}", "id: essai-zeppelin")
    questions = "".join(f"  - le zeppelin numéro {i} du cabinet vole-t-il la nuit\n" for i in range(14))
    trials = "".join(f'  - {{ style: question, texte: "zeppelin essai {i} ?" }}\n' for i in range(5))
    tail = rest[rest.index("precisions:") if "precisions:" in rest else rest.index("voisines:") :]
    (source.parent / "essai-zeppelin.md").write_text(
        f"{head}questions:\n{questions}epreuves:\n{trials}{tail}", encoding="utf-8"
    )
    return "le zeppelin numéro 3 du cabinet vole-t-il la nuit"


def until_answered(base: str, question: str) -> None:
    """Asks until the new fiche answers; gives up after a minute."""
    started = time.perf_counter()
    while time.perf_counter() - started < 60:
        answer = post(base, "/api/messages", {"text": question})
        if "essai-zeppelin" in json.dumps(answer):
            return
        time.sleep(0.1)
    raise SystemExit(f"the new fiche was not answered: {answer}")


def start(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Starts `maitre serve`, silent."""
    return subprocess.Popen(
        [MAITRE, "serve"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stops it as an operator would."""
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)


def main() -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        copy_project(project)
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "MAITRE_ROOT": folder,
            "MAITRE_DATABASE_URL": f"sqlite:///{project / 'maitre.db'}",
            "MAITRE_PORT": str(port),
            "MAITRE_RASA_PORT": str(free_port()),
            "MAITRE_ACTIONS_PORT": str(free_port()),
            # One client sends everything here: the limits for people would stop it.
            "MAITRE_RATE_SESSION": "100000",
            "MAITRE_RATE_ADDRESS": "100000",
        }
        publishing = run(environment, "publish")
        training = run(environment, "train")
        process = start(environment)
        try:
            startup = wait_ready(base, process)
            times = latencies(base)
            sizes = memory(process)
            question = new_fiche(project)
            saved = time.perf_counter()
            run(environment, "publish")
            published = time.perf_counter()
            until_answered(base, question)
            live = time.perf_counter()
        finally:
            stop(process)
    centiles = statistics.quantiles(times, n=100)
    rows = [
        ("publication of all fiches", f"{publishing:.0f} s"),
        ("training (whole command)", f"{training:.0f} s"),
        ("start-up of `maitre serve` until ready", f"{startup:.0f} s"),
        *((f"resident memory, {name}", f"{size:.0f} MB") for name, size in sorted(sizes.items())),
        ("one message through the front, p50", f"{centiles[49]:.0f} ms"),
        ("one message through the front, p95", f"{centiles[94]:.0f} ms"),
        (
            "from saving a fiche to its answer, service running (publication included)",
            f"{live - saved:.0f} s",
        ),
        ("from its publication to its answer", f"{live - published:.1f} s"),
    ]
    print("| measure | value |\n|---|---|")
    print("\n".join(f"| {name} | {value} |" for name, value in rows))


if __name__ == "__main__":
    main()
