"""French typography: what is mended, what is left alone."""

from __future__ import annotations

import re

import pytest
from fiche_files import spoil, valid
from hypothesis import given
from hypothesis import strategies as st

from bot.fiches.mend import typeset_file
from bot.fiches.parse import parse_source
from bot.fiches.prose import fold
from bot.fiches.typography import slips, typeset

# « ~ » stands for a non-breaking space.
MENDED = [
    ("l'hébergeur d'abord", "l’hébergeur d’abord"),
    ("Quoi? Oui! Non ; si:", "Quoi~? Oui~! Non~; si~:"),
    ("Quoi ?! Vraiment… ?", "Quoi~?! Vraiment…~?"),
    ('dit "oui" et "non"', "dit «~oui~» et «~non~»"),
    ("«oui» et « non »", "«~oui~» et «~non~»"),
    ("10% de 300 000€, 10 M€", "10~% de 300~000~€, 10~M€"),
    ("72h, 17h30 et 8 h", "72~h, 17~h~30 et 8~h"),
    ("n°12 et § 3", "n°~12 et §~3"),
    ("article L.1111-8 et R. 4127-73", "article L.~1111-8 et R.~4127-73"),
    ("et cetera... fin", "et cetera… fin"),
    ("Etat et Ecrivez, Etablissement", "État et Écrivez, Établissement"),
    ("A défaut, rien. A l’inverse", "À défaut, rien. À l’inverse"),
    ("- A vous\n- a) suite", "- À vous\n- a) suite"),
    ("certifié [CSP L1111-8, II] : oui", "certifié [CSP L1111-8, II]~: oui"),
    ("**Attention** : oui", "**Attention**~: oui"),
]

LEFT_ALONE = [
    '`l\'exemple : "brut"`',
    "[CSP L1111-8, II] et [RGPD 28, § 3, a) à d)].",
    "https://exemple.fr/a?b=l'un;c:d et fin",
    "[le texte](https://exemple.fr/?q=a:b)",
    "à 12:30 précises",
    "un fichier nommé a?b",
    "A priori, oui. Le groupe A reste",
    "adresse a.b@exemple.fr",
    "01 42 34 56 78",
    "en 2025 300 médecins",
    "## En bref\n\n- un\n- deux\n\n1. trois",
    "déjà\u202f! et «\u202foui\u202f»",
    "&nbsp; et &#160; restent",
    "Etatique",
]


@pytest.mark.parametrize(("before", "after"), MENDED)
def test_mended(before: str, after: str) -> None:
    assert typeset(before) == after.replace("~", "\u00a0")


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_left_alone(text: str) -> None:
    assert typeset(text) == text
    assert list(slips(text)) == []


PROSE = st.text(
    st.sampled_from("aAéE1 23h'\".…«»:;!?%€§n°L[]()-*\n\t#>`\u00a0\u202fk&,"), max_size=40
) | st.lists(
    st.sampled_from(
        [
            "[CSP L1111-8, II]",
            "https://a.fr/b?c:d",
            "`x'y`",
            "l'un",
            '"',
            " ",
            " : ",
            "?",
            "n°3",
            "\n- ",
            "A ",
            "12 000€",
        ]
    ),
    max_size=12,
).map("".join)


@given(PROSE)
def test_typesetting_twice_changes_nothing_more(text: str) -> None:
    once = typeset(text)
    assert typeset(once) == once


@given(PROSE)
def test_only_typography_changes(text: str) -> None:
    """Letters and digits stay, in order, but for the accents of capitals; so do marks and addresses."""
    assert fold(typeset(text)).replace(" ", "") == fold(text).replace(" ", "")
    for kept in (r"\[CSP L1111-8, II\](?!\()", r"https://a\.fr/b\?c:d"):
        assert len(re.findall(kept, typeset(text))) >= len(re.findall(kept, text))


@given(PROSE)
def test_the_linter_is_silent_on_what_was_mended(text: str) -> None:
    assert [slip for slip in slips(typeset(text)) if slip.is_mendable] == []


@given(PROSE)
def test_the_linter_is_silent_only_when_there_is_nothing_to_mend(text: str) -> None:
    if not list(slips(text)):
        assert typeset(text) == text


def test_quotes_that_nobody_can_pair_are_left_to_the_editor() -> None:
    text = "un \" isolé et 'mot"
    assert typeset(text) == text
    assert [(slip.start, slip.is_mendable) for slip in slips(text)] == [(3, False), (14, False)]


PRECISIONS = """\
relances:
  - { si: ["et s'il refuse?"], fiche: autre }
precisions:
  - question: "Où sont-ils?"
    options:
      - { titre: 'Chez l''éditeur', mots: [l'éditeur], reponse: "C'est 10%: oui." }
      - titre: Au cabinet
        mots: []
        reponse: >-
          L'accès coûte 3 000€
          [CSP L1111-8, II]; voilà.
citations:
"""


def test_a_file_is_mended_where_the_doctor_reads_and_nowhere_else() -> None:
    text = spoil(
        valid(),
        ("citations:\n", PRECISIONS),
        ("titre: Faut-il un certificat pour exemple\u00a0?", "titre: L'hébergeur doit-il?"),
        ("première question sur exemple", "c'est quoi l'idée?"),
        ("## En bref\n", "## En bref\nL'essentiel: "),
    )
    mended = typeset_file(text)
    expected = spoil(
        text,
        ("titre: L'hébergeur doit-il?", "titre: L’hébergeur doit-il\u00a0?"),
        ('"Où sont-ils?"', '"Où sont-ils\u00a0?"'),
        ("'Chez l''éditeur'", "'Chez l’éditeur'"),
        ('"C\'est 10%: oui."', '"C’est 10\u00a0%\u00a0: oui."'),
        ("L'accès coûte 3 000€", "L’accès coûte 3\u00a0000\u00a0€"),
        ("II]; voilà", "II]\u00a0; voilà"),
        ("L'essentiel: ", "L’essentiel\u00a0: "),
    )
    assert mended == expected
    assert typeset_file(mended) == mended


def test_mending_never_breaks_a_file() -> None:
    """Where mending the source would change what YAML reads, the text is left to the editor."""
    text = spoil(
        valid(), ("titre: Faut-il un certificat pour exemple\u00a0?", 'titre: "L\'un dit \\"non\\"?"')
    )
    fiche = parse_source(__file__, typeset_file(text)).fiche  # type: ignore[arg-type]
    assert fiche is not None
    assert fiche.titre == 'L\'un dit "non"?'


def test_line_ends_are_kept() -> None:
    text = spoil(valid(), ("## En bref\n", "## En bref\nL'essentiel: ")).replace("\n", "\r\n")
    mended = typeset_file(text)
    assert "L’essentiel\u00a0: Oui" in mended
    assert mended.count("\r\n") == mended.count("\n")
