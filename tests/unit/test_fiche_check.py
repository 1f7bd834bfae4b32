"""The rules that the fiches must follow together."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from fiche_files import TODAY, Laws, line_of, spoil, valid, write

from bot.fiches.check import check_fiches
from bot.fiches.dossiers import check_dossiers
from bot.fiches.parse import load_fiches
from bot.problem import Problem

DETAIL = "Un second paragraphe explique pourquoi."


def checked(folder: Path, laws: Laws | None = None, today: date = TODAY) -> list[Problem]:
    fiches, problems = load_fiches(folder)
    assert problems == [], [str(problem) for problem in problems]
    return check_fiches(fiches, laws or Laws(), today)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_a_valid_set_has_no_finding(tmp_path: Path) -> None:
    write(tmp_path, "a", valid("a"))
    write(tmp_path, "b", valid("b"))
    assert checked(tmp_path) == []


# Change made in a valid fiche « exemple » → line blamed, part of the message, part of the mend.
FAULTS: dict[str, tuple[list[tuple[str, str]], str, str, str]] = {
    "id unlike the file": (
        [("id: exemple", "id: autre-nom")],
        "id:",
        "« autre-nom » n’est pas le nom du fichier « exemple.md »",
        "« autre-nom.md »",
    ),
    "theme unlike the folder": (
        [("theme: hebergement", "theme: rgpd")],
        "theme:",
        "« rgpd » n’est pas le dossier du fichier (« hebergement »)",
        "déplacez",
    ),
    "too few questions": (
        [("  - douzième question sur exemple\n", "")],
        "questions:",
        "11 questions seulement",
        "au moins 12",
    ),
    "too few epreuves": (
        [('  - { style: oral, texte: "épreuve deux exemple" }\n', "")],
        "epreuves:",
        "2 épreuves seulement",
        "au moins 3",
    ),
    "same question twice": (
        [("deuxième question sur exemple", "PREMIERE question, sur exemple !")],
        "PREMIERE",
        "figure déjà dans cette fiche",
        "changez-en les mots",
    ),
    "epreuve learned as a question": (
        [("épreuve un exemple", "Troisième  question sur exemple ?")],
        "Troisième  question",
        "est aussi une question dans cette fiche",
        "ne doit rien avoir appris",
    ),
    "epreuve learned as the title": (
        [("épreuve un exemple", "faut il un certificat pour exemple")],
        "faut il",
        "est aussi le titre",
        "ne doit rien avoir appris",
    ),
    "epreuve learned as a counter-example": (
        [("épreuve un exemple", "une voisine de exemple")],
        'texte: "une voisine',
        "est aussi un contre-exemple",
        "changez-en les mots",
    ),
    "epreuve twice": (
        [("épreuve deux exemple", "épreuve un exemple !")],
        "épreuve un exemple !",
        "l’épreuve « épreuve un exemple ! » figure déjà",
        "changez-en les mots",
    ),
    "counter-example among the questions": (
        [("une voisine de exemple", "Première question sur exemple")],
        "Première question sur exemple",
        "est aussi une question de la fiche",
        "retirez l’un des deux",
    ),
    "follow-up to nowhere": (
        [("citations:\n", "relances:\n  - { si: [et sinon], fiche: nulle-part }\ncitations:\n")],
        "nulle-part",
        "la relance mène à « nulle-part », qui n’existe pas",
        "corrigez l’identifiant",
    ),
    "neighbour of itself": (
        [("citations:\n", "voisines: [exemple]\ncitations:\n")],
        "voisines",
        "mène à la fiche elle-même",
        "une autre fiche",
    ),
    "precision with one option": (
        [
            (
                "citations:\n",
                "precisions:\n  - question: Où ?\n    options:\n"
                "      - { titre: Ici, mots: [], reponse: Rien. }\ncitations:\n",
            )
        ],
        "question: Où",
        "la précision « Où ? » n’a pas deux options",
        "au moins deux",
    ),
    "reviewed by its writer": (
        [("relu_le:\nrelu_par:\n", "relu_le: 2026-11-24\nrelu_par: redaction\n")],
        "relu_par",
        "relu par qui l’a rédigé",
        "une autre personne",
    ),
    "reviewer without date": (
        [("relu_par:\n", "relu_par: Une juriste\n")],
        "relu_par",
        "« relu_par » est rempli sans « relu_le »",
        "les deux",
    ),
    "date without reviewer": (
        [("relu_le:\n", "relu_le: 2026-11-24\n")],
        "relu_le",
        "« relu_le » est rempli sans « relu_par »",
        "les deux",
    ),
    "reviewed before written": (
        [("relu_le:\nrelu_par:\n", "relu_le: 2026-11-23\nrelu_par: Une juriste\n")],
        "relu_le",
        "« relu_le » (2026-11-23) précède « redige_le » (2026-11-24)",
        "faites relire",
    ),
    "written tomorrow": (
        [("redige_le: 2026-11-24", "redige_le: 2026-11-25")],
        "redige_le",
        "est dans l’avenir",
        "corrigez",
    ),
    "to review before it was written": (
        [("a_revoir_avant: 2027-05-24", "a_revoir_avant: 2026-11-24")],
        "a_revoir_avant",
        "ne suit pas « redige_le »",
        "corrigez",
    ),
    "malformed mark": (
        [("[RGPD 28, § 3, h)].", "[RGPD 28, § 3, h)]. Voir [RGPD article vingt].")],
        "Voir [RGPD",
        "citation mal formée [RGPD article vingt]",
        "",
    ),
    "glued marks": (
        [("[RGPD 28, § 3, h)].", "[RGPD 28, § 3, h)]. Encore [RGPD 28, § 3, h)][CSP L1111-8, II].")],
        "Encore [RGPD",
        "deux crochets collés « ][ »",
        "séparez-les",
    ),
    "undeclared mark": (
        [("[RGPD 28, § 3, h)].", "[RGPD 28, § 3, h)] [RGPD 28, § 2].")],
        "[RGPD 28, § 2]",
        "[RGPD 28, § 2] n’est pas déclarée",
        "où figure déjà « RGPD 28, § 3, h) »",
    ),
    "declared but unused": (
        [("citations:\n", "citations:\n  - { article: CP 226-17, appui: copie }\n")],
        "CP 226-17",
        "« CP 226-17 » est déclarée mais ne figure pas",
        "placez [CP 226-17]",
    ),
    "declared twice": (
        [("citations:\n", "citations:\n  - { article: CSP L1111-8, alinea: II, appui: officiel }\n")],
        "alinea: II, appui: copie",
        "« CSP L1111-8, II » est déclarée deux fois",
        "une seule ligne",
    ),
    "rule without citation": (
        [(DETAIL, "Rien à dire.\nSauf que l’éditeur doit prévenir le cabinet.")],
        "Sauf que",
        "En détail : une règle est énoncée (« doit ») sans citation",
        "ajoutez la citation",
    ),
    "deadline in the advice": (
        [
            (
                "- Demandez le certificat.",
                "- Demandez le certificat.\n- Prévenez la commission dans les 72 heures.",
            )
        ],
        "Prévenez la commission",
        "Que faire : une règle est énoncée (« dans les 72 heures »)",
        "reformulez",
    ),
    "rule in a list item": (
        [(DETAIL, "Deux points :\n\n- le premier est libre ;\n- le second est interdit.")],
        "le second",
        "(« interdit ») sans citation",
        "",
    ),
    "long summary": (
        [("Oui, le prestataire doit", f"Oui, {'mot ' * 58}le prestataire doit")],
        "Oui, mot",
        "« En bref » compte 64 mots",
        "60 mots",
    ),
}


@pytest.mark.parametrize(("changes", "blamed", "message", "remede"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named_with_its_line_and_mend(
    tmp_path: Path, changes: list[tuple[str, str]], blamed: str, message: str, remede: str
) -> None:
    text = spoil(valid(), *changes)
    path = write(tmp_path, "exemple", text)
    problems = checked(tmp_path)
    assert len(problems) == 1, [str(problem) for problem in problems]
    problem = problems[0]
    assert (problem.path, problem.line, problem.level) == (path, line_of(text, blamed), "erreur")
    assert message in plain(problem.message)
    assert remede in plain(problem.remede)


UNSPOILT = {
    "advice is no rule": [("- Demandez le certificat.", "- Vérifiez s’il doit être renouvelé.")],
    "a question is no rule": [(DETAIL, "L’éditeur doit-il prévenir\u00a0? C’est discuté.")],
    "absence of a text cannot be cited": [(DETAIL, "Aucun texte lu n’impose de marque.")],
    "an avowed doubt is no rule": [(DETAIL, "Savoir si l’éditeur doit le faire n’a pas été vérifié.")],
    "a list is covered by its lead": [
        (
            DETAIL,
            "Le contrat prévoit [RGPD 28, § 3, h)]\u00a0:\n- ce que l’éditeur doit faire ;\n- le reste.",
        ),
    ],
    "a lead is covered by its items": [
        (DETAIL, "L’éditeur doit :\n- aider [RGPD 28, § 3, h)] ;\n- prouver [CSP L1111-8, II]."),
    ],
    "a nested list is covered by its parent": [
        (DETAIL, "Points :\n- contrat [RGPD 28, § 3, h)] :\n  - l’éditeur doit aider ;\n- autre chose."),
    ],
}


@pytest.mark.parametrize("changes", UNSPOILT.values(), ids=UNSPOILT)
def test_what_states_no_uncited_rule_passes(tmp_path: Path, changes: list[tuple[str, str]]) -> None:
    write(tmp_path, "exemple", spoil(valid(), *changes))
    assert [str(problem) for problem in checked(tmp_path)] == []


def test_rule_in_the_answer_of_a_precision(tmp_path: Path) -> None:
    text = spoil(
        valid(),
        (
            "citations:\n",
            "precisions:\n  - question: Où ?\n    options:\n"
            "      - { titre: Ici, mots: [], reponse: Rien. }\n"
            "      - titre: Là\n        mots: []\n        reponse: C’est interdit.\ncitations:\n",
        ),
    )
    write(tmp_path, "exemple", text)
    [problem] = checked(tmp_path)
    assert problem.line == line_of(text, "C’est interdit")
    assert "précision, option « Là » : une règle est énoncée" in plain(problem.message)


def test_identifiers_and_questions_are_unique_across_fiches(tmp_path: Path) -> None:
    write(tmp_path, "exemple", valid())
    text = spoil(
        valid("autre"),
        ("id: autre", "id: exemple"),
        ("cinquième question sur autre", "cinquieme question sur EXEMPLE"),
    )
    other = write(tmp_path, "exemple", spoil(text, ("theme: hebergement", "theme: rgpd")), theme="rgpd")
    problems = checked(tmp_path)
    assert {problem.path for problem in problems} == {other}
    assert [problem.line for problem in problems] == [2, line_of(text, "cinquieme")]
    assert "est déjà celui de" in problems[0].message and "hebergement/exemple.md" in problems[0].message
    assert "figure déjà dans « exemple »" in plain(problems[1].message)


def test_a_follow_up_may_not_lead_to_an_unpublished_fiche(tmp_path: Path) -> None:
    text = spoil(valid("a"), ("citations:\n", "voisines: [b]\ncitations:\n"))
    write(tmp_path, "a", text)
    write(tmp_path, "b", spoil(valid("b"), ("statut: publie", "statut: suspendu")))
    [problem] = checked(tmp_path)
    assert problem.line == line_of(text, "voisines")
    assert "« b », qui n’est pas publiée (suspendu)" in plain(problem.message)


def test_a_draft_may_be_unfinished(tmp_path: Path) -> None:
    """The same fault blocks a published fiche and only warns in a draft."""
    text = spoil(
        valid(), ("  - douzième question sur exemple\n", ""), ("statut: publie", "statut: brouillon")
    )
    write(tmp_path, "exemple", text)
    [problem] = checked(tmp_path)
    assert problem.level == "avertissement"
    assert problem.message.startswith("11 questions")


def test_review_date_passed_is_a_warning(tmp_path: Path) -> None:
    write(tmp_path, "exemple", valid())
    assert checked(tmp_path, today=date(2027, 5, 24)) == []
    [problem] = checked(tmp_path, today=date(2027, 5, 25))
    assert problem.level == "avertissement"
    assert "à revoir avant le 2027-05-24" in problem.message


def test_article_missing_from_the_register_is_told_once(tmp_path: Path) -> None:
    text = spoil(
        valid(),
        ("citations:\n", "citations:\n  - { article: CSP L1111-8, alinea: I, appui: copie }\n"),
        (DETAIL, "Autre point [CSP L1111-8, I]."),
    )
    write(tmp_path, "exemple", text)
    [problem] = checked(tmp_path, Laws(absent=("CSP L1111-8",)))
    assert problem.line == line_of(text, "CSP L1111-8, alinea: I,")
    assert "« CSP L1111-8 » est absent du registre" in plain(problem.message)


@pytest.mark.parametrize(
    ("told", "silent"),
    [
        ("Cet article est abrogé [RGPD 28, § 3, h)].", False),
        ("L’ancien contrat suffisait [RGPD 28, § 3, h)].", False),
        ("Le remplaçant le signe [RGPD 28, § 3, h)].", True),
        ("Le contrat le prévoit [RGPD 28, § 3, h)].", True),
    ],
)
@pytest.mark.parametrize("etat", ["abroge", "remplace"])
def test_repealed_article_must_be_said_repealed(tmp_path: Path, told: str, silent: bool, etat: str) -> None:
    text = spoil(valid(), ("Le contrat prévoit les audits [RGPD 28, § 3, h)].", told))
    write(tmp_path, "exemple", text)
    problems = checked(tmp_path, Laws(RGPD_28=etat))
    assert bool(problems) is silent
    for problem in problems:
        assert problem.line == line_of(text, told)
        assert f"[RGPD 28, § 3, h)] est {etat.replace('ge', 'gé').replace('ce', 'cé')}" in problem.message


def test_a_rule_may_not_rest_on_what_is_to_be_verified(tmp_path: Path) -> None:
    text = spoil(valid(), ("alinea: II, appui: copie", "alinea: II, appui: a_verifier"))
    write(tmp_path, "exemple", text)
    [problem] = checked(tmp_path)
    assert problem.line == line_of(text, "Oui, le prestataire")
    assert "(« doit ») ne repose que sur des textes à vérifier" in plain(problem.message)
    avowed = spoil(
        text,
        (
            "doit être certifié [CSP L1111-8, II].",
            "doit être certifié [CSP L1111-8, II], ce qui reste à vérifier.",
        ),
    )
    write(tmp_path, "exemple", avowed)
    assert checked(tmp_path) == []


def test_a_fiche_may_not_rest_on_a_verifier_alone(tmp_path: Path) -> None:
    text = spoil(valid(), ("appui: copie", "appui: a_verifier"), ("appui: officiel", "appui: a_verifier"))
    write(tmp_path, "exemple", text)
    messages = {problem.line: problem.message for problem in checked(tmp_path)}
    assert messages[line_of(text, "citations:")] == "tout repose sur des textes à vérifier"


def test_a_fiche_that_cites_nothing(tmp_path: Path) -> None:
    head, body = valid().split("citations:\n")
    body = body.split("---\n")[1].replace("doit être certifié [CSP L1111-8, II]", "est libre")
    text = head + "citations: []\n---\n" + body.replace(" [RGPD 28, § 3, h)]", "")
    write(tmp_path, "exemple", text)
    problems = checked(tmp_path)
    assert [(problem.line, problem.level) for problem in problems] == [
        (line_of(text, "citations:"), "erreur"),
        (line_of(text, "Oui, le"), "avertissement"),
    ]
    assert problems[0].message == "aucun texte n’est cité"


def test_every_question_of_the_dossiers_has_its_fiche(tmp_path: Path) -> None:
    dossiers = tmp_path / "dossiers"
    dossiers.mkdir()
    (dossiers / "donnees.md").write_text("# D\n### A1. Un ?\n### A2. Deux ?\n### Annexe\n", encoding="utf-8")
    (dossiers / "carriere.md").write_text("### A. Partie\n#### Q01. Un ?\n", encoding="utf-8")
    text = spoil(valid(), ("[donnees/A2]", "[donnees/A2, donnees/Z9]"))
    path = write(tmp_path / "fiches", "exemple", text)
    fiches, _ = load_fiches(tmp_path / "fiches")
    found = {
        (problem.path, problem.line): plain(problem.message) for problem in check_dossiers(fiches, dossiers)
    }
    assert found == {
        (path, line_of(text, "donnees/Z9")): "le dossier « donnees/Z9 » n’existe pas",
        (dossiers / "donnees.md", 2): "aucune fiche ne répond à « donnees/A1 »",
        (dossiers / "carriere.md", 2): "aucune fiche ne répond à « carriere/Q01 »",
    }


def test_missing_dossier_is_said(tmp_path: Path) -> None:
    problems = check_dossiers([], tmp_path)
    assert [problem.message for problem in problems] == ["ce dossier ne peut pas être lu"] * 2
