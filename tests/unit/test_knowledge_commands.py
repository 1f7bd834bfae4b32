"""`maitre publish` and `maitre db`, from real files to a real database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.commands import base as commands
from bot.knowledge import open_base

QUESTIONS = "\n".join(f"  - mon hébergeur doit-il être certifié, cas {n}" for n in range(12))
FICHE = f"""\
---
id: hebergeur-certifie
titre: L’hébergeur de mes dossiers doit-il être certifié\u00a0?
theme: hebergement
statut: publie
dossier: [donnees/A2]
redige_le: 2026-11-24
redige_par: Rédaction
relu_le:
relu_par:
a_revoir_avant: 2099-05-24
questions:
{QUESTIONS}
contre_exemples:
  - mon secrétariat doit-il être certifié
epreuves:
  - {{ style: oral, texte: "il leur faut un papier pour garder mes fichiers" }}
  - {{ style: mots-cles, texte: "prestataire stockage agrément" }}
  - {{ style: question, texte: "Faut-il un titre pour stocker des données de soins ?" }}
relances: []
precisions: []
voisines: []
citations:
  - {{ article: CSP L1111-8, alinea: II, appui: officiel }}
---
## En bref
Oui, il doit être certifié [CSP L1111-8, II].

## En détail
Celui qui conserve vos dossiers doit être certifié [CSP L1111-8, II].
"""
REGISTER = """\
articles:
  - ref: CSP L1111-8
    titre: Hébergement des données de santé
    url: https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000000000000
    version_du: 2025-07-01
    etat: vigueur
    verifie: officiel
    verifie_le: 2026-11-23
    source: lecture de la page officielle
"""


def _application() -> typer.Typer:
    application = typer.Typer()
    application.command("publish")(commands.publish_command)
    application.add_typer(commands.app, name="db")
    return application


APPLICATION = _application()
Maitre = Callable[..., Result]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project of one fiche and one article."""
    (tmp_path / "data" / "fiches" / "hebergement").mkdir(parents=True)
    (tmp_path / "data" / "lois").mkdir()
    (tmp_path / "data" / "lois" / "csp.yml").write_text(REGISTER)
    file(tmp_path).write_text(FICHE)
    return tmp_path


@pytest.fixture
def maitre(root: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Maitre:
    """The commands, run on that project and an empty database."""
    monkeypatch.setenv("MAITRE_ROOT", str(root))
    monkeypatch.setenv("MAITRE_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments: CliRunner().invoke(APPLICATION, arguments)


def file(root: Path) -> Path:
    return root / "data" / "fiches" / "hebergement" / "hebergeur-certifie.md"


def said(result: Result, code: int = 0) -> str:
    """What a command printed, on one line, once it ended with `code`."""
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def test_publish_then_nothing_to_do(maitre: Maitre, database_url: str) -> None:
    assert "Nouvelles 1 hebergeur-certifie" in said(maitre("publish"))
    base = open_base(database_url)
    published = base.published("hebergeur-certifie")
    assert published is not None
    assert published.fiche.en_bref == "Oui, il doit être certifié [CSP L1111-8, II]."
    article = base.article("CSP L1111-8")
    assert article is not None
    assert (article.titre, article.etat) == ("Hébergement des données de santé", "vigueur")
    revision = base.revision()

    again = said(maitre("publish"))
    assert "Rien n’a changé" in again
    assert "Inchangées 1" in again
    assert base.revision() == revision
    base.close()


def test_an_error_in_a_file_publishes_nothing(maitre: Maitre, root: Path, database_url: str) -> None:
    said(maitre("publish"))
    file(root).write_text(FICHE.replace("Oui, il", "Non, il").replace("[CSP L1111-8, II].", "[CSP L9999-8]."))
    output = said(maitre("publish"), code=1)
    assert "hebergeur-certifie.md:" in output
    assert "CSP L9999-8" in output
    assert "Rien n’est publié" in output
    base = open_base(database_url)
    assert [v.version for v in base.versions("hebergeur-certifie")] == [1]
    base.close()


def test_an_error_in_the_register_publishes_nothing(maitre: Maitre, root: Path) -> None:
    (root / "data" / "lois" / "csp.yml").write_text(REGISTER.replace("etat: vigueur", "etat: inventé"))
    output = said(maitre("publish"), code=1)
    assert "csp.yml:" in output
    assert "Rien n’est publié" in output


def test_an_empty_folder_withdraws_nothing(maitre: Maitre, root: Path, database_url: str) -> None:
    said(maitre("publish"))
    file(root).unlink()
    assert "Rien n’est publié" in said(maitre("publish"), code=1)
    base = open_base(database_url)
    assert base.titles(["hebergeur-certifie"])
    base.close()


def test_history_and_status(maitre: Maitre, root: Path) -> None:
    said(maitre("publish"))
    file(root).write_text(FICHE.replace("L’hébergeur de mes dossiers", "Mon [cher] hébergeur"))
    assert "Modifiées 1 hebergeur-certifie" in said(maitre("publish"))
    history = said(maitre("db", "history", "hebergeur-certifie"))
    assert history.index("L’hébergeur de mes dossiers") < history.index("Mon [cher] hébergeur")
    assert history.count("en ligne") == 1
    assert "jamais été publiée" in said(maitre("db", "history", "inconnue"), code=1)

    file(root).write_text(FICHE.replace("statut: publie", "statut: suspendu"))
    assert "Retirées 1 hebergeur-certifie" in said(maitre("publish"))
    assert "en ligne" not in said(maitre("db", "history", "hebergeur-certifie"))
    status = said(maitre("db", "status"))
    assert "Fiches retirées, suspendues 1" in status
    assert "Versions conservées 2" in status
    assert "Articles de loi 1" in status
    assert "1 retirée" in status


def test_upgrade(maitre: Maitre) -> None:
    assert "maitre publish" in said(maitre("db", "status"), code=1)
    assert "Schéma vide → " in said(maitre("db", "upgrade"))
    assert "La base est à jour" in said(maitre("db", "upgrade"))
    assert "Dernière publication aucune" in said(maitre("db", "status"))


@pytest.mark.parametrize(
    "command", [("publish",), ("db", "upgrade"), ("db", "status"), ("db", "history", "a")]
)
@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("MAITRE_DATABASE_URL", "mysql://u:secret@h/b", "mysql"),
        ("MAITRE_DATABASE_URL", "postgresql://u:secret@127.0.0.1:1/b", "127.0.0.1:1/b"),
        ("MAITRE_PORT", "zéro", "MAITRE_PORT"),
    ],
)
def test_what_stops_a_command_is_said_in_a_sentence(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    variable: str,
    value: str,
    expected: str,
) -> None:
    monkeypatch.setenv("MAITRE_ROOT", str(root))
    monkeypatch.setenv(variable, value)
    monkeypatch.setenv("COLUMNS", "200")
    output = said(CliRunner().invoke(APPLICATION, command), code=1)
    assert expected in output
    assert "secret" not in output
    assert "Traceback" not in output
