"""The law register: what is read, and what is said of a file that is badly written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.law.reference import Reference
from bot.law.register import Etat, Verifie, load_register
from bot.problem import Problem

TODAY = date(2026, 11, 24)
GOOD = """\
articles:
  - ref: CSP L1111-8
    titre: Hébergement des données de santé
    url: https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000000000000
    version_du: 2025-07-01
    etat: vigueur
    verifie: copie
    verifie_le: 2026-11-23
    source: copie du texte consolidé
  - ref: DOC ans-faq-hds
    titre: Foire aux questions de l’ANS
    url: ""
    version_du: null
    etat: inconnu
    verifie: a_verifier
    verifie_le: null
    source: page de l’agence
    note: l’adresse a changé depuis la lecture
"""


def load(tmp_path: Path, **files: str) -> tuple[list[str], list[Problem]]:
    for name, text in files.items():
        (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
    register, problems = load_register(tmp_path, TODAY)
    return [entry.key for entry in register], problems


def test_a_good_file(tmp_path: Path) -> None:
    (tmp_path / "csp.yml").write_text(GOOD, encoding="utf-8")
    register, problems = load_register(tmp_path, TODAY)
    assert problems == []
    assert len(register) == 2
    assert register.keys() == {"CSP L1111-8", "DOC ans-faq-hds"}
    entry = register.get("CSP L1111-8")
    assert entry is not None
    assert entry.ref == Reference("CSP", "L1111-8")
    assert entry.titre == "Hébergement des données de santé"
    assert entry.version_du == date(2025, 7, 1)
    assert (entry.etat, entry.verifie) == (Etat.VIGUEUR, Verifie.COPIE)
    assert (entry.path.name, entry.line) == ("csp.yml", 2)
    assert register.get("CSP L1111-7") is None
    assert "CSP L1111-8" in register


def test_entries_come_by_code_then_number(tmp_path: Path) -> None:
    register, _ = load_register(tmp_path, TODAY)
    assert register.entries() == []
    keys, _ = load(
        tmp_path, b=GOOD, a=GOOD.replace("CSP L1111-8", "CC 9").replace("ans-faq-hds", "ans-liste")
    )
    assert keys == ["CC 9", "CSP L1111-8", "DOC ans-faq-hds", "DOC ans-liste"]


# What is changed in the good file → line, part of the message, part of the mend.
BROKEN = [
    (
        "    note:",
        "    remarque: oui\n    note:",
        18,
        "champ inconnu : « remarque »",
        "champs possibles : ref, titre",
    ),
    ("    etat: vigueur\n", "", 2, "il manque le champ « etat »", "ajoutez « etat: … »"),
    (
        "CSP L1111-8",
        "CSP L.1111-8",
        2,
        "« L.1111-8 » n’est pas un numéro pour CSP",
        "écrivez « CSP L1111-8 »",
    ),
    ("CSP L1111-8", "CSP L1111-8, II", 2, "désigne une partie d’un article", "écrivez « CSP L1111-8 »"),
    ("ref: CSP L1111-8", "ref: 12", 2, "« ref » n’est pas une référence", "« CSP L1111-8 »"),
    ("https://www.leg", "http://www.leg", 4, "n’est pas une adresse https", "l’adresse complète"),
    ("www.legifrance.gouv.fr", "exemple.fr", 4, "se lit sur Légifrance", "https://www.legifrance.gouv.fr/"),
    (
        "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000000000000",
        '""',
        4,
        "l’adresse est vide",
        "officiel",
    ),
    ("Hébergement des données de santé", '""', 3, "« titre » est vide", "complétez"),
    ("version_du: 2025-07-01", "version_du: 2027-07-01", 5, "dans l’avenir (2027-07-01)", "differe"),
    ("version_du: 2025-07-01", "version_du: juillet", 5, "n’est pas une date : « juillet »", "2025-07-01"),
    ("verifie_le: 2026-11-23", "verifie_le: 2026-12-23", 8, "« verifie_le » est dans l’avenir", "corrigez"),
    ("verifie_le: 2026-11-23", "verifie_le: null", 8, "dit vérifié, sans date", "a_verifier"),
    ("etat: vigueur", "etat: abroge", 6, "l’état « abroge » demande une note", "depuis quand"),
    ("etat: vigueur", "etat: remplace", 6, "l’état « remplace » demande une note", "depuis quand"),
    ("etat: vigueur", "etat: bon", 6, "« etat » ne peut pas valoir « bon »", "vigueur, modifie, abroge"),
    ("verifie: copie", "verifie: oui", 7, "« verifie » ne peut pas valoir", "officiel, copie, secondaire"),
    ("titre: Hébergement des", "titre: 12 #", 3, "« titre » n’est pas un texte", "guillemets"),
    ("    note: l’adresse a changé depuis la lecture\n", "", 12, "l’adresse est vide", "dites dans « note »"),
]


@pytest.mark.parametrize(("old", "new", "line", "message", "mend"), BROKEN)
def test_problems_name_the_line_and_the_mend(
    tmp_path: Path, old: str, new: str, line: int, message: str, mend: str
) -> None:
    assert old in GOOD
    keys, problems = load(tmp_path, csp=GOOD.replace(old, new, 1))
    (problem,) = problems
    assert (problem.path.name, problem.line, problem.level) == ("csp.yml", line, "erreur")
    assert message in problem.message
    assert mend in problem.remede
    assert len(keys) == 1  # the other entry is still read
    assert str(problem).startswith(f"{tmp_path / 'csp.yml'}:{line}: erreur\u00a0: ")


def test_all_the_problems_of_an_entry_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("vigueur", "bon").replace("copie\n", "oui\n", 1).replace("2025-07-01", "2030-01-01")
    _, problems = load(tmp_path, csp=text)
    assert sorted(problem.line for problem in problems) == [5, 6, 7]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("articles:\n  - ref: [CSP\n", 3, "ne se lit pas"),
        ("articles:\n  - ref: CSP L1\n    titre: a: b\n", 3, "ne se lit pas"),
        ("articles:\n  - ref: CC 9\n    ref: CC 10\n", 3, "écrit deux fois"),
        ("lois:\n  - a\n", 1, "il manque la liste « articles »"),
        ("", 1, "il manque la liste « articles »"),
        ("articles:\n  - CSP L1111-8\n", 2, "n’est pas une suite de champs"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, text: str, line: int, message: str) -> None:
    keys, problems = load(tmp_path, faux=text)
    assert keys == []
    (problem,) = problems
    assert (problem.line, problem.level) == (line, "erreur")
    assert message in problem.message


def test_file_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "csp.yml").write_bytes(GOOD.encode("latin-1", errors="replace"))
    _, problems = load_register(tmp_path, TODAY)
    assert [problem.message for problem in problems] == ["le fichier n’est pas en UTF-8"]


def test_unknown_key_beside_the_list(tmp_path: Path) -> None:
    keys, problems = load(tmp_path, csp=GOOD + "autre: 1\n")
    assert len(keys) == 2
    assert [(p.line, p.message) for p in problems] == [(19, "clé inconnue : « autre »")]


def test_duplicate_across_files_names_the_first(tmp_path: Path) -> None:
    keys, problems = load(tmp_path, a=GOOD, b=GOOD)
    assert len(keys) == 2
    assert [(p.path.name, p.line) for p in problems] == [("b.yml", 2), ("b.yml", 10)]
    assert "déjà décrit (a.yml, ligne 2)" in problems[0].message


def test_stray_file_is_not_skipped_in_silence(tmp_path: Path) -> None:
    (tmp_path / "css.yaml").write_text(GOOD, encoding="utf-8")
    _, problems = load(tmp_path, csp=GOOD)
    assert [(p.path.name, p.level) for p in problems] == [("css.yaml", "erreur")]


def test_missing_folder(tmp_path: Path) -> None:
    register, problems = load_register(tmp_path / "rien", TODAY)
    assert len(register) == 0
    assert "introuvable" in problems[0].message


def test_deferred_text_may_have_a_date_to_come(tmp_path: Path) -> None:
    text = GOOD.replace("version_du: 2025-07-01", "version_du: 2027-01-01").replace("vigueur", "differe")
    keys, problems = load(tmp_path, csp=text)
    assert problems == []
    assert "CSP L1111-8" in keys


def test_european_text_wants_eur_lex_and_an_article_that_exists(tmp_path: Path) -> None:
    text = GOOD.replace("CSP L1111-8", "RGPD 128")
    _, problems = load(tmp_path, rgpd=text)
    assert ["dernier article 99" in problems[0].message, "EUR-Lex" in problems[1].message] == [True, True]
    good = GOOD.replace("CSP L1111-8", "RGPD 28").replace("www.legifrance.gouv.fr", "eur-lex.europa.eu")
    assert load(tmp_path, rgpd=good) == (["DOC ans-faq-hds", "RGPD 28"], [])


def test_successor_missing_from_the_register_is_a_warning(tmp_path: Path) -> None:
    text = GOOD.replace(
        "etat: vigueur", "etat: remplace\n    note: depuis 2023\n    remplace_par: CSP L1470-5"
    )
    keys, problems = load(tmp_path, csp=text)
    assert "CSP L1111-8" in keys
    assert [(p.level, p.line) for p in problems] == [("avertissement", 2)]
    assert "« CSP L1470-5 », absent du registre" in problems[0].message
