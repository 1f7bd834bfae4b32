"""Comparing the register with a file of article versions, and the commands that show it."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.commands.law import app
from bot.law.parse import parse_canonical
from bot.law.register import Etat, RegisterEntry, Verifie
from bot.law.verify import Outcome, RegisterFileError, compare, read_versions

TODAY = date(2026, 11, 24)
SAMPLE = Path(__file__).parent / "data" / "registre-exemple.jsonl"


def entry(key: str, version_du: str | None = None, etat: Etat = Etat.VIGUEUR) -> RegisterEntry:
    since = date.fromisoformat(version_du) if version_du else None
    ref = parse_canonical(key).reference
    return RegisterEntry(ref, "Titre", "", since, etat, Verifie.COPIE, TODAY, "source", note="note")


@pytest.mark.parametrize(
    ("ours", "outcome", "blocking", "detail"),
    [
        (entry("CSS L162-5", "2024-01-01"), Outcome.OK, False, ""),
        (entry("CSS L162-5"), Outcome.OK, False, ""),
        (entry("CSS L162-5", "2026-09-01"), Outcome.OK, False, ""),
        (entry("CSS L162-5", "2023-01-01"), Outcome.CHANGED, False, "du 2024-01-01, la nôtre du 2023-01-01"),
        (entry("CSS L643-6"), Outcome.REPEALED, True, "sorti du code avant le 2026-01-22"),
        (entry("CSS L643-6", etat=Etat.ABROGE), Outcome.REPEALED, False, "sorti du code"),
        (entry("CSS L643-6", "2026-06-01"), Outcome.DOUBTFUL, False, "plus récente"),
        (entry("CSS L161-22", "2025-12-31"), Outcome.OK, False, ""),
        (entry("CSS L161-22", "2020-01-01"), Outcome.CHANGED, False, "2025-12-31"),
        (entry("CSS L162-5-13", "2018-01-01"), Outcome.REPLACED, False, "version remplacee"),
        (entry("CSS L162-5-13", "2026-08-20"), Outcome.OK, False, ""),
        (entry("CSS L114-1A"), Outcome.OK, False, ""),
        (entry("CSS D742-9"), Outcome.DOUBTFUL, False, "abrogation prévue au 2027-01-01"),
        (entry("CSS L999-9"), Outcome.UNKNOWN, True, "aucun article de ce numéro au 2026-03-29"),
        (entry("CSS L999-9", etat=Etat.REMPLACE), Outcome.UNKNOWN, False, "aucun article"),
        (
            entry("CSS L999-9", "2027-01-01", Etat.DIFFERE),
            Outcome.DOUBTFUL,
            False,
            "le nôtre est plus récent",
        ),
        (entry("CP 226-99", "2025-01-01"), Outcome.UNKNOWN, True, "2025-07-13"),
        (entry("CP 226-99", "2026-01-01"), Outcome.DOUBTFUL, False, "le nôtre est plus récent"),
        (entry("CSP L1110-3-1"), Outcome.ENDED, True, "terminée le 2026-07-01"),
        (entry("CSP L1110-3-1", etat=Etat.MODIFIE), Outcome.ENDED, False, "terminée"),
        (entry("CSP L1110-3-1", "2026-07-01"), Outcome.OK, False, "la nôtre est plus récente"),
        (entry("CSP L1111-10"), Outcome.DOUBTFUL, False, "à confirmer"),
        (entry("CSP L1111-8"), Outcome.ABSENT, False, "incomplet"),
        (entry("CP 226-13"), Outcome.OK, False, ""),
        (entry("CP 131-22"), Outcome.DOUBTFUL, False, "deux versions"),
        (entry("RGPD 28"), Outcome.OK, False, ""),
        (entry("RGPD 29"), Outcome.UNKNOWN, True, "aucun article"),
        (entry("RGPD cons85"), Outcome.ABSENT, False, "que des articles"),
        (entry("L71-1130 3bis"), Outcome.OK, False, ""),
        (entry("CC 9"), Outcome.ABSENT, False, "ne contient pas CC"),
        (entry("DOC ans-faq-hds"), Outcome.ABSENT, False, "ne contient pas DOC"),
    ],
)
def test_each_outcome(ours: RegisterEntry, outcome: Outcome, blocking: bool, detail: str) -> None:
    (finding,) = compare([ours], read_versions(SAMPLE), TODAY)
    assert (finding.outcome, finding.blocking) == (outcome, blocking)
    assert detail in finding.detail


def test_a_version_still_to_end_becomes_ended_with_time() -> None:
    versions = read_versions(SAMPLE)
    assert compare([entry("CSS D742-9")], versions, date(2027, 1, 1))[0].outcome is Outcome.ENDED


def test_gzipped_file_gives_the_same(tmp_path: Path) -> None:
    packed = tmp_path / "registre.jsonl.gz"
    packed.write_bytes(gzip.compress(SAMPLE.read_bytes()))
    assert read_versions(packed) == read_versions(SAMPLE)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"code": "CC", "num": "9"}\n{"code": ', ":2 : la ligne ne décrit pas un article"),
        (b'{"num": "9"}\n', ":1 : la ligne"),
        (b"[]\n", ":1 : la ligne"),
        (b'{"code": "CC", "num": "9", "debut": "hier"}\n', ":1 : la ligne"),
        (b"", "ne décrit aucun article"),
        (b"\x1f\x8b tronqu", "ne se lit pas"),
        (b"\xff\xfe", "ne se lit pas"),
    ],
)
def test_unreadable_files(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "registre.jsonl"
    path.write_bytes(content)
    with pytest.raises(RegisterFileError, match=message):
        read_versions(path)
    with pytest.raises(RegisterFileError, match="ne se lit pas"):
        read_versions(tmp_path / "absent.jsonl")


# --- The commands -------------------------------------------------------------------------------

LOIS = """\
articles:
  - {{ref: CSS L162-5, titre: Conventions, url: "https://www.legifrance.gouv.fr/a", version_du: 2024-01-01,
     etat: vigueur, verifie: copie, verifie_le: 2026-03-01, source: copie}}
  - {{ref: CSS L643-6, titre: Cumul, url: "https://www.legifrance.gouv.fr/b", version_du: null,
     etat: {etat}, verifie: copie, verifie_le: 2026-03-01, source: copie, note: quitté le code en 2026}}
"""
runner = CliRunner()


@pytest.fixture
def lois(tmp_path: Path) -> Path:
    folder = tmp_path / "lois"
    folder.mkdir()
    (folder / "css.yml").write_text(LOIS.format(etat="vigueur"), encoding="utf-8")
    return folder


def test_check_fails_on_a_repealed_article_until_our_entry_says_so(lois: Path) -> None:
    arguments = ["check", "--register", str(SAMPLE), "--lois", str(lois)]
    result = runner.invoke(app, arguments)
    assert result.exit_code == 1
    assert "CSS L643-6" in result.output
    assert "1 constat bloquant" in result.output
    (lois / "css.yml").write_text(LOIS.format(etat="abroge"), encoding="utf-8")
    result = runner.invoke(app, arguments)
    assert result.exit_code == 0
    assert "0 constat bloquant, 1 à surveiller" in result.output


def test_check_in_json(lois: Path) -> None:
    result = runner.invoke(app, ["check", "--register", str(SAMPLE), "--lois", str(lois), "--json"])
    report = json.loads(result.output)
    assert result.exit_code == 1
    assert report["entrees"] == 2
    assert [(f["ref"], f["constat"], f["bloquant"]) for f in report["constats"]] == [
        ("CSS L162-5", "ok", False),
        ("CSS L643-6", "abroge", True),
    ]


def test_check_alone_reports_what_is_badly_written(lois: Path) -> None:
    (lois / "cc.yml").write_text("articles:\n  - ref: CC neuf\n", encoding="utf-8")
    result = runner.invoke(app, ["check", "--lois", str(lois)])
    assert result.exit_code == 1
    assert "cc.yml:2: erreur" in result.output
    assert "« neuf » n’est pas un numéro pour CC" in result.output


def test_check_with_an_unreadable_file(lois: Path, tmp_path: Path) -> None:
    result = runner.invoke(app, ["check", "--register", str(tmp_path / "rien"), "--lois", str(lois)])
    assert result.exit_code == 2
    assert "ne se lit pas" in result.output


@pytest.mark.parametrize(
    "written", ["CSS L162-5", "L. 162-5", "article L. 162-5 du code de la sécurité sociale"]
)
def test_show_reads_what_people_write(lois: Path, written: str) -> None:
    result = runner.invoke(app, ["show", written, "--lois", str(lois), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.output)["ref"] == "CSS L162-5"


def test_show_in_a_table_and_its_refusals(lois: Path) -> None:
    shown = runner.invoke(app, ["show", "CSS L162-5", "--lois", str(lois)])
    assert "article\u00a0L.\u00a0162-5 du code de la sécurité sociale" in shown.output
    absent = runner.invoke(app, ["show", "CC 9", "--lois", str(lois)])
    assert (absent.exit_code, "n’est pas dans le registre" in absent.output) == (2, True)
    unread = runner.invoke(app, ["show", "quelque chose", "--lois", str(lois)])
    assert (unread.exit_code, "« quelque » n’est pas un code connu" in unread.output) == (2, True)


def test_list_filters(lois: Path) -> None:
    result = runner.invoke(app, ["list", "--lois", str(lois), "--code", "CSS", "--etat", "vigueur", "--json"])
    assert [e["ref"] for e in json.loads(result.output)] == ["CSS L162-5", "CSS L643-6"]
    assert "0 entrée" in runner.invoke(app, ["list", "--lois", str(lois), "--code", "CC"]).output
    assert runner.invoke(app, ["list", "--lois", str(lois), "--code", "XX"]).exit_code == 2
