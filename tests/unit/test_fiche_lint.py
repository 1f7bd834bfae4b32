"""The prose of a fiche: what the linter says, and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from fiche_files import line_of, spoil, valid, write

from bot.fiches.lint import JARGON, lint_fiches
from bot.fiches.parse import load_fiches
from bot.problem import Problem

DETAIL = "Un second paragraphe explique pourquoi."


def linted(folder: Path, text: str) -> list[Problem]:
    write(folder, "exemple", text)
    fiches, problems = load_fiches(folder)
    assert problems == [], [str(problem) for problem in problems]
    return lint_fiches(fiches)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def words(number: int) -> str:
    return " ".join(f"mot{rank}" for rank in range(number))


def test_a_valid_fiche_has_no_finding(tmp_path: Path) -> None:
    assert linted(tmp_path, valid()) == []


# Text put in the second paragraph of « En détail » → part of each message, in order.
PROSE: dict[str, tuple[str, list[str]]] = {
    "straight apostrophe": (
        "Ceci n'est rien.",
        ["apostrophe droite au lieu de « ’ », vers « Ceci n'est rien. »"],
    ),
    "straight quotes": ('Dit "oui" ici.', ["guillemets droits au lieu de « »"]),
    "lone quote": ('Un " isolé.', ["guillemet droit isolé"]),
    "spaces missing thrice": ("Oui: non ; si?", ["espace insécable manquante avant ; : ! ? (3 fois)"]),
    "quotes without spaces": (
        "Le «mot» juste.",
        ["insécable manquante après «", "insécable manquante avant »"],
    ),
    "amount": ("Il coûte 20€.", ["espace insécable manquante avant % ou €"]),
    "hours": ("Avant 72h.", ["espace insécable manquante avant h"]),
    "dots": ("Et ainsi...", ["points de suspension"]),
    "capital": ("Etat des lieux.", ["majuscule sans accent"]),
    "capital a": ("A défaut, rien.", ["majuscule sans accent"]),
    "html": ("Un <b>mot</b>.", ["balise HTML <b>", "balise HTML </b>"]),
    "long sentence": (f"{words(41)}.", ["phrase de 41 mots, « mot0 mot1 mot2 mot3 mot4 mot5… »"]),
    "sentence at the limit": (f"{words(40)}.", []),
    "marks are not words": (f"{words(40)} [RGPD 28, § 3, h)].", []),
    "items are sentences": (f"{words(30)}\u00a0:\n- {words(30)}\u00a0;\n- {words(30)}.", []),
    "long item": (f"Liste\u00a0:\n- court\u00a0;\n- {words(41)}.", ["phrase de 41 mots"]),
    "abbreviations end no sentence": (
        f"{words(20)} L.\u00a01111-8 et art. 28 {words(20)}.",
        ["phrase de 45 mots"],
    ),
    "two short sentences": (f"{words(30)}. Et {words(30)}.", []),
    "jargon": ("Le certificat HDS compte.", ["« HDS » n’est pas développé à son premier emploi"]),
    "jargon said in full": ("L’hébergeur de données de santé (HDS) compte. Le HDS aussi.", []),
    "jargon said in full too late": (
        "Le HDS compte. L’hébergeur de données de santé (HDS) aussi.",
        ["« HDS » n’est pas développé"],
    ),
    "jargon in a mark": ("Une foire aux questions le dit [DOC ans-faq-hds].", []),
    "several kinds of jargon": (
        "Le RGPD, la CARMF, l’ARS et l’EDR.",
        ["« ARS »", "« CARMF »", "« EDR »", "« RGPD »"],
    ),
    "known to all": ("La CNIL, la CPAM et le SAMU.", []),
}


@pytest.mark.parametrize(("prose", "messages"), PROSE.values(), ids=PROSE)
def test_prose(tmp_path: Path, prose: str, messages: list[str]) -> None:
    text = spoil(valid(), (DETAIL, prose))
    if "[DOC" in prose:
        text = spoil(
            text, ("citations:\n", "citations:\n  - { article: DOC ans-faq-hds, appui: secondaire }\n")
        )
    problems = linted(tmp_path, text)
    assert len(problems) == len(messages), [str(problem) for problem in problems]
    for problem, message in zip(problems, messages, strict=True):
        assert message in plain(problem.message)
        assert problem.message.startswith("En détail")
        assert problem.level == "erreur"
        assert problem.remede


def test_the_line_is_that_of_the_fault(tmp_path: Path) -> None:
    text = spoil(
        valid(),
        (DETAIL, f"Une ligne.\nEt n'importe quoi.\n\n- un\n- {words(41)}.\n- le HDS"),
        ("- Demandez le certificat.", "- Demandez.\n- L'autre."),
    )
    lines = [problem.line for problem in linted(tmp_path, text)]
    assert lines == [line_of(text, found) for found in ("Et n'importe", "mot0", "le HDS", "L'autre")]


def test_titles_and_precisions_are_linted_and_wordings_are_not(tmp_path: Path) -> None:
    precisions = (
        'relances:\n  - { si: ["et s\'il refuse?"], fiche: autre }\n'
        "precisions:\n  - question: Où sont-ils?\n    options:\n"
        "      - { titre: l'un, mots: [l'un], reponse: C'est 10%. }\n"
        "      - { titre: autre, mots: [], reponse: Rien. }\ncitations:\n"
    )
    text = spoil(
        valid(),
        ("titre: Faut-il un certificat pour exemple\u00a0?", "titre: L'exemple"),
        ("première question sur exemple", "c'est quoi?"),
        ("citations:\n", precisions),
    )
    found = [(problem.line, plain(problem.message).split(" : ")[0]) for problem in linted(tmp_path, text)]
    assert found == [
        (line_of(text, "titre: L'exemple"), "titre"),
        (line_of(text, "question: Où"), "précision"),
        (line_of(text, "titre: l'un"), "option"),
        (line_of(text, "titre: l'un"), "précision, option « l'un »"),
        (line_of(text, "titre: l'un"), "précision, option « l'un »"),
    ]


def test_only_warnings_in_a_draft(tmp_path: Path) -> None:
    text = spoil(valid(), (DETAIL, "Ceci n'est rien."), ("statut: publie", "statut: brouillon"))
    assert [problem.level for problem in linted(tmp_path, text)] == ["avertissement"]


@pytest.mark.parametrize("acronym", JARGON)
def test_every_mend_of_the_jargon_table_is_accepted(tmp_path: Path, acronym: str) -> None:
    """What the linter proposes, it accepts."""
    short = acronym.split("|")[0].replace(r"[ \u00a0\u202f]?", "\u00a0")
    assert len(linted(tmp_path, spoil(valid(), (DETAIL, f"Voir {short}.")))) == 1
    full = JARGON[acronym][0]
    assert linted(tmp_path, spoil(valid(), (DETAIL, f"Voir «\u00a0{full}\u00a0» ({short})."))) == []
