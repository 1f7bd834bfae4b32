"""A broken diagnosis is named with its line and its mend; a sound one is silent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from knowledge_samples import HEBERGEMENT, entry, fiche

from bot.diagnostics.check import check_sources, check_trees
from bot.diagnostics.draw import draw
from bot.diagnostics.parse import Source, parse_diagnostic
from bot.law.register import Register
from bot.problem import Problem

TODAY = date(2026, 11, 28)
PATH = Path("data/diagnostics/essai.yml")
REGISTER = Register([entry(HEBERGEMENT)])
FICHES = [fiche("voisine")]
SOUND = """\
id: essai
titre: Un essai
introduction: Commençons.
statut: publie
redige_le: 2026-11-28
redige_par: Rédaction
a_revoir_avant: 2027-05-28
demandes: [un, deux, trois, quatre, cinq, six, sept, huit]
epreuves:
  - { style: oral, texte: neuf }
  - { style: oral, texte: dix }
  - { style: oral, texte: onze }
fiches: [voisine]
questions:
  lieu:
    question: Où ?
    options:
      ici: { titre: Ici, mots: [ici même], suite: quand }
      ailleurs: { titre: Ailleurs, suite: fin }
  quand:
    question: Quand ?
    sens: passe
    heure: oui
    tranches:
      tard: { avant: { heures: -72 } }
      tot: {}
    options:
      inconnu: { titre: Je ne sais plus }
    suite: fin
calculs:
  limite: { de: quand, heures: 72 }
conclusion:
  toujours:
    en_bref: L'hébergeur doit être certifié [CSP L1111-8, II].
  ici:
    si: { lieu: ici, quand: [tard, tot] }
    en_detail: Avant le {limite}.
    etapes:
      - faire: Faites-le.
        au_plus_tard: limite
        en_retard: Faites-le quand même.
citations:
  - { article: CSP L1111-8, alinea: II, appui: copie }
"""


def _check(text: str) -> list[Problem]:
    return check_sources([parse_diagnostic(PATH, text)], FICHES, REGISTER, TODAY)


def _line(text: str, start: str) -> int:
    """The line that begins so; the n-th such line for « start#n »."""
    start, _, rank = start.partition("#")
    found = [n for n, line in enumerate(text.split("\n"), start=1) if line.strip().startswith(start)]
    return found[int(rank or 1) - 1]


def test_a_sound_diagnosis_has_no_fault() -> None:
    assert _check(SOUND) == []


@pytest.mark.parametrize(
    ("before", "after", "message", "at"),
    [
        ("suite: quand }", "suite: nulle-part }", "mène à « nulle-part »", "lieu:"),
        ("    suite: fin\ncalculs", "    suite: lieu\ncalculs", "tournent en rond", "lieu:"),
        ("mots: [ici même], suite: quand", "mots: [ici même], suite: fin", "aucun chemin ne mène", "quand:"),
        (
            "Ailleurs, suite: fin }",
            "Ailleurs, mots: [Ici même], suite: fin }",
            "désigne à la fois",
            "ailleurs:",
        ),
        ("si: { lieu: ici,", "si: { lieu: labas,", "n’a pas de réponse « labas »", "si: { lieu: labas"),
        ("si: { lieu: ici,", "si: { place: ici,", "qui n’existe pas", "si: { place"),
        ("lieu: ici, quand", "lieu: ailleurs, quand", "ne s’applique à aucun chemin", "ici:#2"),
        ("quand: [tard, tot] }", "quand: [tard, inconnu] }", "n’est pas une date connue", "ici:#2"),
        ("  toujours:\n", "  toujours:\n    si: { lieu: ici }\n", "n’a pas de conclusion", "conclusion:"),
        (" [CSP L1111-8, II].", ".", "ne cite aucun texte vérifié", "toujours:"),
        ("appui: copie", "appui: a_verifier", "ne cite aucun texte vérifié", "toujours:"),
        ("L1111-8, II]", "L1111-9, II]", "n’est pas déclarée", "en_bref:"),
        ("au_plus_tard: limite", "au_plus_tard: demain", "« demain », qui n’existe pas", "au_plus_tard:"),
        ("        en_retard: Faites-le quand même.\n", "", "vont ensemble", "- faire:"),
        ("limite: { de: quand", "limite: { de: jamais", "part de « jamais »", "limite:"),
        ("tot: {}", "tot: { avant: { heures: 1 } }", "toutes les tranches sauf la dernière", "tranches:"),
        ("inconnu: { titre", "autre: { titre", "une date n’a pour option", "options:#2"),
        ("fiches: [voisine]", "fiches: [absente]", "n’existe pas, ou n’est pas publiée", "fiches:"),
        ("texte: dix }", "texte: Deux }", "l’épreuve « Deux » figure déjà", "- { style: oral, texte: Deux"),
        ("sept, huit]", "sept]", "7 demandes seulement", "demandes:"),
        ("heures: 72 }", "heures: trois }", "n’est pas un nombre entier", "limite:"),
        ("id: essai", "id: autre", "n’est pas le nom du fichier", "id:"),
        ("statut: publie", "statu: publie", "clé inconnue « statu »", "statu:"),
        ("titre: Un essai", "titre: Un: essai", "deux-points", "titre:"),
        ("    sens: passe\n", "", "demande « sens » et « tranches » ensemble", "question: Quand"),
        ("2027-05-28", "2026-11-01", "à revoir avant", "a_revoir_avant:"),
    ],
)
def test_a_fault_is_named_with_its_line_and_mend(before: str, after: str, message: str, at: str) -> None:
    assert before in SOUND
    text = SOUND.replace(before, after, 1)
    problems = _check(text)
    found = [p for p in problems if message in p.message.replace("\u00a0", " ")]
    assert found, [str(p) for p in problems]
    assert _line(text, at) in {p.line for p in found}
    assert all(p.remede for p in found)


def test_a_draft_is_only_warned_about_its_quality() -> None:
    text = SOUND.replace("statut: publie", "statut: brouillon").replace("sept, huit]", "sept]")
    assert [p.level for p in _check(text)] == ["avertissement"]


def test_a_broken_tree_stops_training() -> None:
    broken = parse_diagnostic(PATH, SOUND.replace("suite: quand }", "suite: nulle-part }"))
    assert any(p.is_error for p in check_trees([broken]))
    unreadable = parse_diagnostic(PATH, SOUND.replace("titre: Un essai", "titre: Un: essai"))
    assert any(p.is_error for p in check_trees([unreadable]))
    assert check_trees([parse_diagnostic(PATH, SOUND)]) == []


def test_an_empty_file_is_told_what_to_write() -> None:
    source = parse_diagnostic(PATH, "")
    assert isinstance(source, Source)
    assert "est vide" in source.problems[0].message


def test_the_tree_is_drawn_in_mermaid() -> None:
    diagnostic = parse_diagnostic(PATH, SOUND).diagnostic
    assert diagnostic is not None
    lines = draw(diagnostic).split("\n")
    assert lines[0] == "flowchart TD"
    assert '  q1{"Où ?"}' in lines
    assert '  q1 -->|"Ici"| q2' in lines
    assert '  q1 -->|"Ailleurs"| fin' in lines
    assert '  q2 -->|"tard, avant maintenant -72 h"| fin' in lines
    assert any(line.startswith('  fin -.->|"lieu = ici et quand = tard ou tot"|') for line in lines)
