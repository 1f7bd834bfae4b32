"""Reading a fiche's file: what is read, and what an editor is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from fiche_files import line_of, spoil, valid, write

from bot.fiches.model import Appui, Epreuve, Option, Precision, Relance, Statut, Style
from bot.fiches.parse import load_fiches, parse_fiche, parse_source

PATH = Path("hebergement/exemple.md")


def test_a_valid_fiche_is_read_whole() -> None:
    text = spoil(
        valid(),
        (
            "citations:\n",
            "relances:\n"
            '  - { si: ["et sinon", et après], fiche: autre }\n'
            "precisions:\n"
            "  - question: Où ?\n"
            "    options:\n"
            '      - { titre: Ici, mots: [bureau], reponse: "Rien de plus." }\n'
            "      - titre: Ailleurs\n"
            "        mots: []\n"
            "        reponse: >-\n"
            "          Un contrat\n"
            "          suffit.\n"
            "voisines: [autre]\n"
            "citations:\n",
        ),
        ("relu_le:\nrelu_par:\n", "relu_le: 2026-11-25\nrelu_par: Une juriste\n"),
        ("- Demandez le certificat.\n", "- Demandez le certificat.\n\n## Attention\nTout change.\n"),
    )
    fiche, problems = parse_fiche(PATH, text)
    assert problems == []
    assert fiche is not None
    assert (fiche.id, fiche.theme, fiche.statut) == ("exemple", "hebergement", Statut.PUBLIE)
    assert fiche.titre == "Faut-il un certificat pour exemple\u00a0?"
    assert fiche.dossier == ("donnees/A2",)
    assert (fiche.redige_le, fiche.a_revoir_avant) == (date(2026, 11, 24), date(2027, 5, 24))
    assert (fiche.relu_le, fiche.relu_par) == (date(2026, 11, 25), "Une juriste")
    assert len(fiche.questions) == 12
    assert fiche.epreuves[2] == Epreuve("Bonjour Maître, ceci est l'épreuve trois de exemple.", Style.LETTRE)
    assert fiche.relances == (Relance(("et sinon", "et après"), "autre"),)
    assert fiche.precisions == (
        Precision(
            "Où ?",
            (Option("Ici", ("bureau",), "Rien de plus."), Option("Ailleurs", (), "Un contrat suffit.")),
        ),
    )
    assert [(c.citation.key, c.appui) for c in fiche.citations] == [
        ("CSP L1111-8, II", Appui.COPIE),
        ("RGPD 28, § 3, h)", Appui.OFFICIEL),
    ]
    assert fiche.en_bref == "Oui, le prestataire doit être certifié [CSP L1111-8, II]."
    assert fiche.en_detail.endswith("\n\nUn second paragraphe explique pourquoi.")
    assert fiche.que_faire == "- Demandez le certificat."
    assert fiche.attention == "Tout change."
    assert fiche.path == PATH


def test_typing_habits_do_not_matter() -> None:
    """A byte-order mark, Windows line ends, decomposed accents, notes in HTML comments."""
    text = spoil(
        valid(),
        ("## En détail\n", "## En detail\n".replace("detail", "de\u0301tail") + "<!-- à\nrelire -->\n"),
    )
    plain, _ = parse_fiche(PATH, valid())
    fiche, problems = parse_fiche(PATH, "\ufeff" + text.replace("\n", "\r\n"))
    assert problems == []
    assert fiche == plain


def test_what_looks_like_a_number_or_a_yes_stays_text() -> None:
    text = spoil(valid(), ("première question sur exemple", "2024"), ("deuxième question sur exemple", "oui"))
    fiche, problems = parse_fiche(PATH, text)
    assert problems == []
    assert fiche is not None and fiche.questions[:2] == ("2024", "oui")


def test_lines_of_the_file_are_kept() -> None:
    text = valid()
    lines = parse_source(PATH, text).lines
    assert lines[("titre",)] == 3
    assert lines[("questions", 2)] == line_of(text, "troisième question")
    assert lines[("epreuves", 1)] == line_of(text, "épreuve deux")
    assert lines[("citations", 1)] == line_of(text, "RGPD 28, alinea")
    assert lines[("en_detail",)] == line_of(text, "Le contrat prévoit")


# What is changed in the valid file → fragment of the line blamed, part of the message, part of the mend.
DEFECTS: dict[str, tuple[tuple[str, str], str, str, str]] = {
    "colon in a title": (
        ("titre: Faut-il un certificat pour exemple\u00a0?", "titre: Certificat : faut-il ?"),
        "titre:",
        "un deux-points suivi d’une espace",
        "guillemets droits",
    ),
    "colon in a question": (
        ("- première question sur exemple", "- urgent : une question"),
        "urgent",
        "« questions, élément 1 » doit être un texte",
        "guillemets droits",
    ),
    "quote left open": (
        ('"épreuve un exemple"', '"épreuve un exemple'),
        "épreuve un",
        "mal formée",
        "guillemets droits",
    ),
    "forbidden first character": (
        ("redige_par: Rédaction", "redige_par: @redaction"),
        "redige_par",
        "ne peut pas commencer par le caractère « @ »",
        "guillemets droits",
    ),
    "star as first character": (
        ("redige_par: Rédaction", "redige_par: *redaction"),
        "redige_par",
        "commencer par * ou &",
        "guillemets droits",
    ),
    "brace left open": (
        ('{ style: oral, texte: "épreuve deux exemple" }', '{ style: oral, texte: "épreuve deux exemple"'),
        "épreuve deux",
        "mal formée",
        "fermeture",
    ),
    "tab": (("  - première question", "\t- première question"), "première", "tabulation", "espaces"),
    "bad indent": (("  - cinquième", " - cinquième"), "cinquième", "retrait", "alignez"),
    "no key on a line": (
        ("theme: hebergement", "hebergement"),
        "statut: publie",
        "ni une clé",
        "ajoutez ce qui manque",
    ),
    "unknown key": (
        ("contre_exemples:", "contre_exemple:"),
        "contre_exemple:",
        "clé inconnue « contre_exemple »",
        "vouliez-vous « contre_exemples »",
    ),
    "key twice": (
        ("relu_le:\n", "titre: Encore\nrelu_le:\n"),
        "titre: Encore",
        "figure deux fois",
        "une seule",
    ),
    "missing key": (("redige_par: Rédaction\n", ""), "id:", "il manque la clé « redige_par »", "ajoutez"),
    "list instead of text": (
        ("redige_par: Rédaction", "redige_par: [a, b]"),
        "redige_par",
        "or c’est une liste",
        "un seul texte",
    ),
    "text instead of list": (
        ("dossier: [donnees/A2]", "dossier: donnees/A2"),
        "dossier",
        "« dossier » doit être une liste",
        "« - »",
    ),
    "text instead of keys": (
        ('- { style: oral, texte: "épreuve deux exemple" }', "- épreuve deux"),
        "épreuve deux",
        "epreuves, élément 2 : des clés sont attendues",
        "« style », « texte »",
    ),
    "empty value": (
        ("redige_par: Rédaction", "redige_par:"),
        "redige_par",
        "« redige_par » est vide",
        "écrivez",
    ),
    "unknown theme": (
        ("theme: hebergement", "theme: fiscal"),
        "theme",
        "thème inconnu « fiscal »",
        "« rgpd »",
    ),
    "unknown statut": (
        ("statut: publie", "statut: publié"),
        "statut",
        "valeur inconnue « publié »",
        "« publie »",
    ),
    "unknown appui": (
        ("appui: copie", "appui: sûr"),
        "L1111-8, alinea",
        "valeur inconnue « sûr »",
        "« a_verifier »",
    ),
    "unknown style": (("style: oral", "style: parlé"), "parlé", "valeur inconnue « parlé »", "« fautif »"),
    "bad id": (("id: exemple", "id: Exemple_1"), "id:", "« Exemple_1 » n’a pas la forme", "traits d’union"),
    "date in French order": (
        ("redige_le: 2026-11-24", "redige_le: 24/11/2026"),
        "redige_le",
        "« 24/11/2026 » n’est pas une date",
        "2026-11-24",
    ),
    "day that does not exist": (
        ("a_revoir_avant: 2027-05-24", "a_revoir_avant: 2027-02-30"),
        "a_revoir_avant",
        "« 2027-02-30 » n’est pas une date",
        "2026-11-24",
    ),
    "unreadable citation": (
        ("article: RGPD 28", "article: RGPD vingt-huit"),
        "vingt-huit",
        "citations, élément 2",
        "",
    ),
    "unknown section": (
        ("## Que faire", "## Que Faire"),
        "## Que Faire",
        "partie inconnue « Que Faire »",
        "vouliez-vous « ## Que faire »",
    ),
    "section unlike any": (("## Que faire", "## Sources"), "## Sources", "partie inconnue", "« Attention »"),
    "heading of another level": (
        ("## Que faire", "### Que faire"),
        "### Que faire",
        "mauvais niveau",
        "écrivez « ## Que faire »",
    ),
    "section twice": (
        ("## Que faire", "## En bref\nEncore.\n\n## Que faire"),
        "## En bref\nEncore",
        "« En bref » figure deux fois",
        "réunissez",
    ),
    "empty section": (
        ("- Demandez le certificat.\n", "<!-- plus tard -->\n"),
        "## Que faire",
        "« Que faire » est vide",
        "retirez son titre",
    ),
    "missing section": (("## En détail\n", ""), "## En bref", "il manque la partie « En détail »", "ajoutez"),
    "text before sections": (
        ("## En bref\n", "Bonjour.\n## En bref\n"),
        "Bonjour.",
        "précède",
        "« ## En bref »",
    ),
}


@pytest.mark.parametrize(("change", "blamed", "message", "remede"), DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_named_with_its_line_and_mend(
    change: tuple[str, str], blamed: str, message: str, remede: str
) -> None:
    text = spoil(valid(), change)
    fiche, problems = parse_fiche(PATH, text)
    assert fiche is None
    assert len(problems) == 1, [str(problem) for problem in problems]
    problem = problems[0]
    assert problem.path == PATH
    assert problem.is_error
    assert problem.line == line_of(text, blamed)
    assert message in plain(problem.message)
    assert remede in plain(problem.remede)


def plain(text: str) -> str:
    """Messages have French typography; the table above is typed plainly."""
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "ne commence pas par un en-tête"),
        ("# Titre\n", 1, "ne commence pas par un en-tête"),
        ("---\nid: x\n", 1, "n’est pas refermé"),
        ("---\n---\n## En bref\n", 1, "l’en-tête est vide"),
        ('---\nid: x\ntitre: "Oui\n---\n', 3, "guillemet droit ouvert"),
        ("---\nid: x\ntitre: a\x07b\n---\n", 3, "caractère invisible"),
        ("---\n- a\n---\n", 2, "des clés sont attendues"),
    ],
)
def test_a_file_without_front_matter_is_refused(text: str, line: int, message: str) -> None:
    fiche, problems = parse_fiche(PATH, text)
    assert fiche is None
    assert problems[0].line == line
    assert message in problems[0].message


def test_a_fiche_without_text_is_refused() -> None:
    head = valid().split("## En bref")[0]
    fiche, problems = parse_fiche(PATH, head)
    assert fiche is None
    assert [problem.message for problem in problems] == ["la fiche n’a pas de texte"]
    assert problems[0].line == head.count("\n") + 1


def test_all_defects_are_told_at_once_in_the_order_of_the_file() -> None:
    text = spoil(valid(), ("statut: publie", "statut: prêt"), ("redige_le: 2026-11-24", "redige_le: hier"))
    _, problems = parse_fiche(PATH, text)
    assert [problem.line for problem in problems] == [5, 7]


def test_loading_sorts_by_id_and_skips_nothing_silently(tmp_path: Path) -> None:
    write(tmp_path, "b", valid("b"))
    write(tmp_path, "a", valid("a"), theme="rgpd")
    write(tmp_path, "sans-entete", "Bonjour.\n")
    (tmp_path / "rgpd" / "notes.txt").write_text("x")
    (tmp_path / "rgpd" / "c.md").write_bytes("---\nid: c\ntitre: é".encode("latin-1"))
    (tmp_path / "rgpd" / ".gitkeep").touch()
    fiches, problems = load_fiches(tmp_path)
    assert [fiche.id for fiche in fiches] == ["a", "b"]
    assert {(problem.path.name, problem.line) for problem in problems} == {
        ("sans-entete.md", 1),
        ("notes.txt", 0),
        ("c.md", 3),
    }
    assert all(problem.is_error and problem.remede for problem in problems)


@pytest.mark.parametrize("folder", ["", "absent"])
def test_a_folder_without_fiche_is_an_error(tmp_path: Path, folder: str) -> None:
    fiches, problems = load_fiches(tmp_path / folder)
    assert fiches == []
    assert [problem.message for problem in problems] == ["aucune fiche dans ce dossier"]
