"""Orientations: subjects the base does not answer, how they sound, and whom to ask instead.

One file, `data/orientations.yml`, with a top-level list `orientations`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from bot.problem import Problem

FILE = "orientations.yml"
MIN_EXAMPLES = 8


class Genre(StrEnum):
    """Why the base is silent: another field altogether, or law of doctors that it does not give."""

    HORS_DOMAINE = "hors_domaine"
    NON_COUVERT = "non_couvert"


@dataclass(frozen=True, slots=True)
class Orientation:
    """A subject outside the base. `reponse`: one sentence why not, and whom to ask (Markdown, French)."""

    id: str
    titre: str
    genre: Genre
    reponse: str
    exemples: tuple[str, ...]


def load_orientations(path: Path) -> tuple[list[Orientation], list[Problem]]:
    """Orientations of the file at `path`, by id, and what is wrong with it; a missing file is wrong."""
    if not path.exists():
        return [], [
            Problem(path, 1, "erreur", "fichier des orientations absent", f"Créez {FILE} dans data/.")
        ]
    try:
        document = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return [], [Problem(path, 0, "erreur", "fichier illisible", "Enregistrez-le en UTF-8.")]
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark is not None else 1
        return [], [
            Problem(path, line, "erreur", "YAML illisible", "Vérifiez les retraits et les guillemets ici.")
        ]
    entries = document.get("orientations") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        return [], [
            Problem(path, 1, "erreur", "liste « orientations » absente", "Commencez par « orientations: ».")
        ]
    orientations: list[Orientation] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for entry in entries:
        orientation, found = _parse(path, entry)
        problems += found
        if orientation is None:
            continue
        if orientation.id in seen:
            problems.append(
                Problem(
                    path,
                    entry.lc.line + 1,
                    "erreur",
                    f"orientation « {orientation.id} » en double",
                    "Changez l’un des deux id.",
                )
            )
        seen.add(orientation.id)
        orientations.append(orientation)
    return sorted(orientations, key=lambda o: o.id), problems


def _parse(path: Path, entry: Any) -> tuple[Orientation | None, list[Problem]]:
    line = getattr(getattr(entry, "lc", None), "line", 0) + 1

    def wrong(message: str, mend: str) -> Problem:
        return Problem(path, line, "erreur", message, mend)

    if not isinstance(entry, dict):
        return None, [wrong("entrée illisible", "Une orientation est une liste de champs (id, titre…).")]
    expected = {"id", "titre", "genre", "reponse", "exemples"}
    problems = [wrong(f"champ « {key} » inconnu", "Retirez-le.") for key in sorted(set(entry) - expected)]
    problems += [wrong(f"champ « {key} » absent", "Ajoutez-le.") for key in sorted(expected - set(entry))]
    if problems:
        return None, problems
    genre = entry["genre"]
    if not isinstance(genre, str) or genre not in set(Genre):
        return None, [wrong(f"genre « {genre} » inconnu", "hors_domaine ou non_couvert.")]
    given = entry["exemples"]
    if not isinstance(given, list) or not all(isinstance(example, str) for example in given):
        # An unquoted "mot : suite" is a mapping for YAML: it would be learned as gibberish.
        return None, [wrong("exemples illisibles", "Une liste de textes ; entre guillemets s’ils ont « : ».")]
    examples = tuple(example.strip() for example in given)
    if len(examples) < MIN_EXAMPLES:
        problems.append(
            wrong(f"{len(examples)} exemples seulement", f"Il en faut {MIN_EXAMPLES}, de styles variés.")
        )
    if len(set(examples)) != len(examples):
        problems.append(wrong("exemple répété", "Retirez le doublon."))
    return Orientation(
        str(entry["id"]), str(entry["titre"]), Genre(genre), str(entry["reponse"]).strip(), examples
    ), problems
