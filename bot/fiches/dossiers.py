"""Do the fiches cover every question of the fact dossiers, and name no other?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from bot.fiches.model import Fiche
from bot.fiches.passages import Findings
from bot.problem import Problem

# File of the dossiers → its questions' headings, such as « ### A1. … » and « #### Q01. … ».
_HEADINGS = {
    "donnees": re.compile(r"^### ([A-E]\d{1,2})\.", re.MULTILINE),
    "carriere": re.compile(r"^#### (Q\d{2})\.", re.MULTILINE),
}


def dossier_questions(folder: Path) -> tuple[dict[str, tuple[Path, int]], list[Problem]]:
    """The questions of the dossiers in `folder`, such as "donnees/A2", each with its file and line."""
    found: dict[str, tuple[Path, int]] = {}
    problems = []
    for name, heading in _HEADINGS.items():
        path = folder / f"{name}.md"
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            problems.append(
                Problem(
                    path,
                    0,
                    "erreur",
                    "ce dossier ne peut pas être lu",
                    "vérifiez le chemin donné à --dossiers",
                )
            )
            continue
        for match in heading.finditer(text):
            found[f"{name}/{match[1]}"] = (path, text.count("\n", 0, match.start()) + 1)
    return found, problems


def check_dossiers(fiches: Iterable[Fiche], folder: Path) -> list[Problem]:
    """Questions of the dossiers in `folder` that no fiche names, and names that are no question of theirs."""
    questions, problems = dossier_questions(folder)
    named: set[str] = set()
    for fiche in fiches:
        found = Findings(fiche)
        named.update(fiche.dossier)
        for rank, question in enumerate(fiche.dossier):
            if question not in questions:
                found.add(
                    ("dossier", rank),
                    f"le dossier « {question} » n’existe pas",
                    "écrivez par exemple « donnees/A2 » ou « carriere/Q17 »",
                )
        problems += found.problems
    for question, (path, line) in questions.items():
        if question not in named:
            problems.append(
                Problem(
                    path,
                    line,
                    "erreur",
                    f"aucune fiche ne répond à « {question} »",
                    "écrivez-la, ou nommez la question dans la clé « dossier » d’une fiche",
                )
            )
    return problems
