"""`maitre fiche`: what each command prints, writes and returns."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest
from fiche_files import line_of, spoil, valid, write
from typer.testing import CliRunner, Result

from bot.commands.fiche import app, strength
from bot.fiches.check import check_fiches
from bot.fiches.lint import lint_fiches
from bot.fiches.model import THEMES, Appui
from bot.fiches.parse import load_fiches, parse_fiche
from bot.fiches.scaffold import MAX_ID, scaffold, slug

LAWS = """\
articles:
  - ref: CSP L1111-8
    titre: Hébergement des données de santé
    url: https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000000000001
    version_du: 2025-07-01
    etat: vigueur
    verifie: copie
    verifie_le: 2026-11-01
    source: copie de la base officielle
  - ref: RGPD 28
    titre: Sous-traitant
    url: https://eur-lex.europa.eu/eli/reg/2016/679/oj
    version_du: 2018-05-25
    etat: vigueur
    verifie: officiel
    verifie_le: 2026-11-01
    source: Journal officiel de l’Union européenne
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one fiche and the laws it cites; commands run from its folder."""
    monkeypatch.setenv("MAITRE_ROOT", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data" / "lois").mkdir(parents=True)
    (tmp_path / "data" / "lois" / "textes.yml").write_text(LAWS, encoding="utf-8")
    write(tmp_path / "data" / "fiches", "exemple", in_date(valid()))
    return tmp_path


def in_date(text: str) -> str:
    """The commands read the clock: dates of the sample are moved around today."""
    today = date.today()
    return spoil(
        text,
        ("redige_le: 2026-11-24", f"redige_le: {today}"),
        ("a_revoir_avant: 2027-05-24", f"a_revoir_avant: {today.replace(year=today.year + 1, day=1)}"),
    )


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_check_of_a_sound_base(root: Path) -> None:
    result = run("check")
    assert (result.exit_code, result.stdout) == (0, "Aucun défaut.\n")


def test_check_groups_by_file_and_counts(root: Path) -> None:
    fiches = root / "data" / "fiches"
    text = spoil(in_date(valid("autre")), ("explique pourquoi", "n'explique rien: rien"))
    write(fiches, "autre", text)
    write(fiches, "cassee", "Bonjour.\n")
    result = run("check")
    assert result.exit_code == 1
    out = plain(result.stdout)
    assert "data/fiches/hebergement/autre.md\n" in out
    assert f"  ligne {line_of(text, 'rien: rien')}   erreur En détail : apostrophe droite" in out
    assert "→ lancez « maitre fiche fix-typo » sur ce fichier" in out
    assert "data/fiches/hebergement/cassee.md\n  ligne 1    erreur le fichier ne commence pas" in out
    assert out.endswith("3 erreurs, 0 avertissement dans 2 fichiers.\n")


def test_check_may_show_some_files_only(root: Path) -> None:
    write(root / "data" / "fiches", "cassee", "Bonjour.\n")
    assert run("check", "data/fiches/hebergement/exemple.md").exit_code == 0
    assert run("check", "data/fiches/hebergement").exit_code == 1
    missing = run("check", "absent.md")
    assert missing.exit_code == 1
    assert "absent.md n’existe pas" in missing.stderr


def test_check_as_json(root: Path) -> None:
    path = write(root / "data" / "fiches", "cassee", "Bonjour.\n")
    result = run("check", "--json")
    assert result.exit_code == 1
    [problem] = json.loads(result.stdout)
    assert problem["fichier"] == os.path.relpath(path, root)
    assert (problem["ligne"], problem["niveau"]) == (1, "erreur")
    assert problem["message"] and problem["remede"]


def test_warnings_alone_do_not_fail(root: Path) -> None:
    text = spoil(in_date(valid()), ("statut: publie", "statut: brouillon"), ("pourquoi.", "l'idée."))
    write(root / "data" / "fiches", "exemple", text)
    result = run("check")
    assert result.exit_code == 0
    assert "0 erreur, 1 avertissement dans 1 fichier." in result.stdout


def test_check_covers_the_register_and_the_dossiers(root: Path) -> None:
    (root / "data" / "lois" / "textes.yml").write_text(
        LAWS.replace("ref: RGPD 28", "ref: RGPD 29"), encoding="utf-8"
    )
    dossiers = root / "dossiers"
    dossiers.mkdir()
    (dossiers / "donnees.md").write_text("### A2. Deux ?\n", encoding="utf-8")
    (dossiers / "carriere.md").write_text("#### Q01. Un ?\n", encoding="utf-8")
    out = plain(run("check", "--dossiers", str(dossiers)).stdout)
    assert "« RGPD 28 » est absent du registre" in out
    assert "aucune fiche ne répond à « carriere/Q01 »" in out
    assert "donnees/A2" not in out


def test_check_tells_the_faults_of_the_register(root: Path) -> None:
    (root / "data" / "lois" / "textes.yml").write_text(
        LAWS.replace("etat: vigueur", "etat: bon"), encoding="utf-8"
    )
    result = run("check")
    assert result.exit_code == 1
    assert "data/lois/textes.yml" in result.stdout


def test_list(root: Path) -> None:
    write(
        root / "data" / "fiches",
        "courriel",
        in_date(valid("courriel")).replace("theme: hebergement", "theme: outils"),
        "outils",
    )
    out = run("list").stdout
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in out.splitlines() if "│" in line]
    assert [(row[0], row[1], row[2], row[4], row[5]) for row in rows] == [
        ("exemple", "hebergement", "publie", "copie", "non"),
        ("courriel", "outils", "publie", "copie", "non"),
    ]
    assert out.endswith("2 fiches.\n")
    assert "courriel" not in run("list", "--theme", "hebergement").stdout
    unknown = run("list", "--theme", "fiscal")
    assert unknown.exit_code == 1
    assert "Thème inconnu" in unknown.stderr and "rgpd" in unknown.stderr


def test_list_says_that_a_file_cannot_be_read(root: Path) -> None:
    write(root / "data" / "fiches", "cassee", "Bonjour.\n")
    result = run("list")
    assert result.exit_code == 0
    assert "1 fichier illisible" in result.stderr


def test_strength_is_that_of_the_weakest_citation() -> None:
    fiche, _ = parse_fiche(Path("exemple.md"), valid())
    assert fiche is not None
    assert strength(fiche) is Appui.COPIE


def test_stats(root: Path) -> None:
    write(
        root / "data" / "fiches",
        "brouillon",
        spoil(in_date(valid("brouillon")), ("statut: publie", "statut: brouillon")),
    )
    out = plain(run("stats").stdout)
    rows = {
        cells[0]: [int(cell) for cell in cells[1:]]
        for line in out.splitlines()
        if "│" in line
        for cells in [[cell.strip() for cell in line.strip("│").split("│")]]
    }
    assert set(rows) == {*THEMES, "ensemble"}
    # fiches, publiées, relues, échues, questions, épreuves, citations
    assert rows["hebergement"] == rows["ensemble"] == [2, 1, 0, 0, 24, 6, 4]
    assert "Statuts : brouillon 1, publie 1, suspendu 0, archive 0." in out
    assert "officiel 2, copie 2, secondaire 0, a_verifier 0." in out
    assert "Textes cités : 2." in out


def test_new_writes_a_draft_where_it_belongs(root: Path) -> None:
    question = "Puis-je photographier l'écran d'un patient ?"
    result = run("new", question, "--theme", "outils")
    assert result.exit_code == 0
    path = root / "data" / "fiches" / "outils" / "photographier-ecran-patient.md"
    text = path.read_text(encoding="utf-8")
    assert 'titre: "Puis-je photographier l’écran d’un patient\u00a0?"' in text
    assert f'  - "{question}"' in text
    again = run("new", question, "--theme", "outils")
    assert again.exit_code == 1
    assert "existe déjà" in again.stderr
    assert path.read_text(encoding="utf-8") == text


def test_new_refuses_what_it_cannot_place(root: Path) -> None:
    assert "thème « fiscal » est inconnu" in run("new", "Une question ?", "--theme", "fiscal").stderr
    untold = run("new", "Une question ?")
    assert untold.exit_code == 1
    assert "ajoutez « --theme »" in untold.stderr
    assert "hebergement" in untold.stderr
    nothing = run("new", "???", "--theme", "outils")
    assert nothing.exit_code == 1
    assert "aucun mot" in nothing.stderr


def test_a_draft_once_filled_is_sound(root: Path) -> None:
    """The scaffold is right but for what it asks the editor to write."""
    text = scaffold(
        'Faut-il un « certificat\u00a0: HDS » "spécial" ?',
        id_="certificat",
        theme="outils",
        today=date.today(),
        author="Une: autrice",
    )
    path = write(root / "data" / "fiches", "certificat", text, "outils")
    fiche, problems = parse_fiche(path, text)
    assert fiche is None
    assert {problem.message.split("«")[0] for problem in problems} == {"la partie "}
    filled = text.replace("## En bref\n", "## En bref\nOui.\n").replace(
        "## En détail\n", "## En détail\nVoilà.\n"
    )
    filled = filled.split("## Que faire")[0]
    path.write_text(filled, encoding="utf-8")
    fiches, problems = load_fiches(root / "data" / "fiches")
    assert problems == []
    draft = next(fiche for fiche in fiches if fiche.id == "certificat")
    assert draft.redige_par == "Une: autrice"
    assert [str(p) for p in lint_fiches([draft])] == []

    class Known:
        def get(self, key: str, /) -> None:
            return None

    assert {problem.level for problem in check_fiches([draft], Known(), date.today())} == {"avertissement"}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Mon hébergeur doit-il être certifié HDS ?", "hebergeur-certifie-hds"),
        ("L’œuvre d’un confrère", "oeuvre-confrere"),
        ("Que faire ?", "que-faire"),
        ("Bonjour Maître, puis-je refuser un patient ? Merci", "refuser-patient"),
    ],
)
def test_slug(question: str, expected: str) -> None:
    assert slug(question) == expected


def test_slug_is_cut_between_words() -> None:
    id_ = slug("hébergement " * 20)
    assert id_ == "-".join(["hebergement"] * 4)
    assert len(id_) <= MAX_ID


def test_fix_typo_mends_files_and_folders(root: Path) -> None:
    folder = root / "data" / "fiches"
    before = spoil(in_date(valid()), ("explique pourquoi", "n'explique rien: rien"))
    path = write(folder, "exemple", before)
    sound = write(folder, "autre", in_date(valid("autre")))
    stamp = sound.stat().st_mtime_ns
    assert run("check").exit_code == 1
    result = run("fix-typo", "data/fiches")
    assert result.exit_code == 0
    assert result.stdout == "corrigé\u00a0: data/fiches/hebergement/exemple.md\n1 fichier corrigé sur 2.\n"
    assert path.read_text(encoding="utf-8") == before.replace(
        "n'explique rien: rien", "n’explique rien\u00a0: rien"
    )
    assert sound.stat().st_mtime_ns == stamp
    assert run("check").exit_code == 0


def test_fix_typo_says_what_it_could_not_read(root: Path) -> None:
    folder = root / "data" / "fiches"
    write(folder, "cassee", "Bonjour l'ami.\n")
    (folder / "hebergement" / "latin.md").write_bytes("é".encode("latin-1"))
    result = run("fix-typo", "data/fiches")
    assert result.exit_code == 1
    assert "cassee.md:1" in result.stdout
    assert "latin.md" in result.stdout and "UTF-8" in result.stdout
    assert (folder / "hebergement" / "cassee.md").read_text() == "Bonjour l'ami.\n"
