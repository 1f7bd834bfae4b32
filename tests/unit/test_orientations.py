"""Subjects outside the base: how their file is read, and what the real one holds."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.fiches.orientations import MIN_EXAMPLES, Genre, Orientation, load_orientations
from bot.fiches.typography import slips
from bot.nlu.text import fold

ROOT = Path(__file__).parents[2]
REAL = ROOT / "data" / "orientations.yml"
HELD_OUT = ROOT / "tests" / "data" / "hors_base.jsonl"

EXAMPLES = [f"wording {n}" for n in range(MIN_EXAMPLES)]


def _entry(
    id_: str = "impots",
    genre: str = "hors_domaine",
    examples: Sequence[str] = EXAMPLES,
    extra: str = "",
) -> str:
    wordings = "".join(f"      - {example}\n" for example in examples)
    return (
        f"  - id: {id_}\n"
        f"    titre: Sujet {id_}\n"
        f"    genre: {genre}\n"
        "    reponse: >-\n"
        "      Ce n’est pas dans ma base.\n"
        "      Voyez un comptable.\n"
        f"{extra}"
        "    exemples:\n"
        f"{wordings}"
    )


def _load(tmp_path: Path, *entries: str) -> tuple[list[Orientation], list[str]]:
    """Loads a file whose first line is « orientations: »; problems lose the folder of their path."""
    path = tmp_path / "orientations.yml"
    path.write_text("orientations:\n" + "".join(entries), encoding="utf-8")
    orientations, problems = load_orientations(path)
    return orientations, [str(problem).removeprefix(f"{tmp_path}/") for problem in problems]


def test_an_entry_is_read_whole(tmp_path: Path) -> None:
    orientations, problems = _load(tmp_path, _entry())
    assert problems == []
    assert orientations == [
        Orientation(
            "impots",
            "Sujet impots",
            Genre.HORS_DOMAINE,
            "Ce n’est pas dans ma base. Voyez un comptable.",
            tuple(EXAMPLES),
        )
    ]


def test_entries_come_sorted_by_id(tmp_path: Path) -> None:
    orientations, problems = _load(tmp_path, _entry("vols"), _entry("actes", "non_couvert"))
    assert problems == []
    assert [(o.id, o.genre) for o in orientations] == [
        ("actes", Genre.NON_COUVERT),
        ("vols", Genre.HORS_DOMAINE),
    ]


@pytest.mark.parametrize(
    ("faulty", "message", "mend"),
    [
        (_entry(genre="politique"), "genre « politique » inconnu", "hors_domaine ou non_couvert."),
        (_entry(extra="    note: à voir\n"), "champ « note » inconnu", "Retirez-le."),
        (_entry().replace("    titre: Sujet impots\n", ""), "champ « titre » absent", "Ajoutez-le."),
        ("  - seulement du texte\n", "entrée illisible", "Une orientation est une liste de champs"),
    ],
    ids=["genre", "unknown field", "missing field", "not a mapping"],
)
def test_a_faulty_entry_is_left_out_and_its_mend_told(
    tmp_path: Path, faulty: str, message: str, mend: str
) -> None:
    orientations, problems = _load(tmp_path, _entry("vols"), faulty)
    assert [o.id for o in orientations] == ["vols"]
    assert len(problems) == 1
    assert message in problems[0]
    assert f" — {mend}" in problems[0]


def test_a_problem_points_at_the_line_of_its_entry(tmp_path: Path) -> None:
    first = _entry("vols")
    _, problems = _load(tmp_path, first, _entry(genre="politique"))
    line = 1 + first.count("\n") + 1
    assert problems[0].startswith(f"orientations.yml:{line}: erreur")


def test_an_id_used_twice_is_told_at_its_second_use(tmp_path: Path) -> None:
    first = _entry("vols")
    _, problems = _load(tmp_path, first, _entry("vols"))
    assert len(problems) == 1
    assert problems[0].startswith(f"orientations.yml:{first.count(chr(10)) + 2}: erreur")
    assert "« vols » en double — Changez l’un des deux id." in problems[0]


def test_too_few_examples_are_counted(tmp_path: Path) -> None:
    _, problems = _load(tmp_path, _entry(examples=EXAMPLES[:-1]))
    assert len(problems) == 1
    assert f"{MIN_EXAMPLES - 1} exemples seulement — Il en faut {MIN_EXAMPLES}" in problems[0]


def test_a_repeated_example_is_told(tmp_path: Path) -> None:
    _, problems = _load(tmp_path, _entry(examples=[*EXAMPLES, EXAMPLES[0]]))
    assert len(problems) == 1
    assert "exemple répété — Retirez le doublon." in problems[0]


def test_a_missing_file_says_what_to_create(tmp_path: Path) -> None:
    orientations, problems = load_orientations(tmp_path / "orientations.yml")
    assert orientations == []
    assert [p.line for p in problems] == [1]
    assert "fichier des orientations absent" in str(problems[0])
    assert "Créez orientations.yml" in str(problems[0])


def test_broken_yaml_names_the_line_to_look_at(tmp_path: Path) -> None:
    path = tmp_path / "orientations.yml"
    path.write_text('orientations:\n  - id: a\n    titre: "sans fin\n  - id: b\n', encoding="utf-8")
    orientations, problems = load_orientations(path)
    assert orientations == []
    assert len(problems) == 1
    assert 3 <= problems[0].line <= 5
    assert "YAML illisible — Vérifiez les retraits et les guillemets ici." in str(problems[0])


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "orientations: rien\n"], ids=["empty", "list", "text"])
def test_a_file_without_the_list_says_how_to_begin(tmp_path: Path, text: str) -> None:
    path = tmp_path / "orientations.yml"
    path.write_text(text, encoding="utf-8")
    orientations, problems = load_orientations(path)
    assert orientations == []
    assert [p.is_error for p in problems] == [True]
    assert "Commencez par « orientations: »." in str(problems[0])


def _plain(text: str) -> str:
    """`text` without case, accents, punctuation or spacing, so that copies are seen as such."""
    return re.sub(r"[\W_]+", " ", fold(text)).strip()


@pytest.fixture(scope="module")
def real() -> list[Orientation]:
    orientations, problems = load_orientations(REAL)
    assert [str(p) for p in problems] == []
    return orientations


def test_the_real_file_covers_both_genres_with_varied_wordings(real: list[Orientation]) -> None:
    assert {o.genre for o in real} == set(Genre)
    for orientation in real:
        letters = [e for e in orientation.exemples if e.startswith("Bonjour Maître") and len(e) > 200]
        assert len(orientation.exemples) >= 25, orientation.id
        assert len(letters) >= 3, orientation.id


def test_no_real_example_was_read_as_something_else_than_text(real: list[Orientation]) -> None:
    """An unquoted « mot : suite » would be a mapping for YAML, and its Python form an example."""
    found = [e for o in real for e in o.exemples if e.startswith(("{", "[", "ordereddict", "CommentedMap"))]
    assert found == []


def test_real_examples_belong_to_one_orientation_only(real: list[Orientation]) -> None:
    counts = Counter(_plain(e) for o in real for e in o.exemples)
    assert [text for text, count in counts.items() if count > 1] == []


def test_real_replies_are_short_and_in_french_typography(real: list[Orientation]) -> None:
    for orientation in real:
        assert list(slips(orientation.reponse)) == [], orientation.id
        assert list(slips(orientation.titre)) == [], orientation.id
        assert len(orientation.reponse.split()) <= 60, orientation.id


def test_the_reply_to_an_emergency_gives_the_numbers_first(real: list[Orientation]) -> None:
    emergency = next(o for o in real if o.id == "urgence-medicale-suicide")
    assert all(number in emergency.reponse.partition("conseil")[0] for number in ("15", "112", "3114"))


def test_messages_held_out_for_tests_are_in_no_orientation(real: list[Orientation]) -> None:
    learnt = {_plain(e) for o in real for e in o.exemples}
    rows = [json.loads(line) for line in HELD_OUT.read_text(encoding="utf-8").splitlines()]
    assert len({_plain(row["text"]) for row in rows}) == len(rows) >= 150
    assert {row["kind"] for row in rows} == {genre.value for genre in Genre}
    assert [row["text"] for row in rows if _plain(row["text"]) in learnt] == []


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("genre: [hors_domaine]\n    exemples: [a]", "genre"),
        ("genre: hors_domaine\n    exemples: un texte", "exemples illisibles"),
        ("genre: hors_domaine\n    exemples:\n      - mot : suite", "exemples illisibles"),
    ],
)
def test_what_yaml_would_twist_is_refused(tmp_path: Path, entry: str, message: str) -> None:
    path = tmp_path / "orientations.yml"
    path.write_text(
        f"orientations:\n  - id: x\n    titre: X\n    reponse: Non.\n    {entry}\n", encoding="utf-8"
    )
    loaded, problems = load_orientations(path)
    assert not loaded
    assert [message in p.message and p.line == 2 for p in problems] == [True]


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "orientations.yml"
    path.write_bytes("orientations: é".encode("latin-1"))
    _, problems = load_orientations(path)
    assert "UTF-8" in problems[0].remede
