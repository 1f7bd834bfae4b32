"""Prose taken apart, and the turns of phrase that state a rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fiches.prose import blocks, fold, sentences, without_marks, word_count
from bot.fiches.rules import rule_cue


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Un. Deux\u00a0! Trois\u00a0? Quatre… Fin", 5),
        ("Selon l’art. 28 et l’article L. 1111-8 du code, oui.", 1),
        ("Le Dr Untel et M. Autre. Puis rien.", 2),
        ("Un, deux, etc. Puis trois.", 2),
        ("Un, deux, etc. puis trois.", 1),
        ("Il dit «\u00a0Oui.\u00a0» Puis rien.", 2),
        ("Un délai… court.", 1),
        ("", 0),
    ],
)
def test_sentences(text: str, expected: int) -> None:
    assert len(sentences(text)) == expected


@given(st.text(st.sampled_from("aA L.!?… \u00a0\n«»etc1"), max_size=40))
def test_sentences_cover_the_text_in_order(text: str) -> None:
    end = 0
    for sentence in sentences(text):
        assert text[sentence.start : sentence.start + len(sentence.text)] == sentence.text
        assert not text[end : sentence.start].strip()
        end = sentence.start + len(sentence.text)
    assert not text[end:].strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L’hébergeur n’est pas là\u00a0!", 4),
        ("72\u00a0h, 3,5 et L.\u00a01111-8", 6),
        ("«\u00a0»\u00a0: –", 0),
    ],
)
def test_word_count(text: str, expected: int) -> None:
    assert word_count(text) == expected


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_fold_leaves_letters_and_digits_only() -> None:
    assert fold("  L’ŒUVRE, déjà\u00a0: 2e n° 3\u00a0!") == "l oeuvre deja 2e n 3"


@given(
    st.lists(
        st.sampled_from(["mot ", "[CSP L1111-8, II] ", "\n", "[lien](https://a.fr) ", "[x] "]), max_size=9
    )
)
def test_marks_leave_as_much_room_as_they_took(parts: list[str]) -> None:
    text = "".join(parts)
    kept = without_marks(text)
    assert len(kept) == len(text)
    assert "CSP" not in kept
    assert kept.split() == text.replace("[CSP L1111-8, II]", " ").split()


def test_blocks_know_their_line_and_what_leads_them() -> None:
    markdown = "Un.\n\nDeux :\n- a\n- b :\n  - c\n\n  suite de b\n\nTrois\nsur deux lignes.\n\n1. seul"
    found = [(block.text, block.line, block.is_item, block.leads) for block in blocks(markdown)]
    assert found == [
        ("Un.", 0, False, ()),
        ("Deux :", 2, False, ()),
        ("a", 3, True, (1,)),
        ("b :", 4, True, (1,)),
        ("c", 5, True, (1, 3)),
        ("suite de b", 7, True, (1,)),
        ("Trois\nsur deux lignes.", 9, False, ()),
        ("seul", 12, True, (6,)),
    ]


RULES = {
    "L’hébergeur doit être certifié.": "doit",
    "Vous\ndevez prévenir.": "devez",
    "Le médecin est donc tenu d’un registre.": "est donc tenu d’",
    "Le certificat est obligatoire.": "obligatoire",
    "La loi impose un contrat.": "impose",
    "C’est interdit.": "interdit",
    "Il ne peut donc pas refuser.": "ne peut donc pas",
    "Vous ne pouvez choisir que ce prestataire.": "ne pouvez choisir que",
    "Aucun médecin ne doit refuser.": "doit",
    "Ce délit est puni de prison.": "est puni",
    "Un an d’emprisonnement.": "an d’emprisonnement",
    "Et 15\u00a0000\u00a0€ d’amende.": "€ d’amende",
    "Le patient a le droit de savoir.": "a le droit",
    "Le délai est un délai de deux mois.": "délai de deux mois",
    "Répondez sous huit jours.": "sous huit jours",
    "Notifiez dans les 72\u00a0heures.": "dans les 72\u00a0heures",
}


@pytest.mark.parametrize(("text", "words"), RULES.items())
def test_rules_are_recognised(text: str, words: str) -> None:
    found = rule_cue(text)
    assert found is not None
    assert found[0] == words
    assert text[found[1] :].startswith(words)


@pytest.mark.parametrize(
    "text",
    [
        "Vérifiez le certificat et demandez une copie.",
        "Il vaut mieux changer de mot de passe.",
        "Qui doit payer\u00a0?",
        "Demandez s’il doit être renouvelé.",
        "Regardez si votre éditeur doit prévenir.",
        "Aucun texte n’impose d’antivirus.",
        "Rien n’interdit d’attendre.",
        "Nous n’avons pas vérifié ce que le décret impose.",
        "Ce que la loi exige ici reste à vérifier.",
        "Trois mois ont passé.",
    ],
)
def test_advice_questions_and_doubts_are_no_rules(text: str) -> None:
    assert rule_cue(text) is None


@pytest.mark.parametrize(
    ("text", "is_rule"),
    [
        ("Relisez vos obligations.", False),
        ("Demandez ce que le contrat exige.", False),
        ("Vous devez prévenir la commission.", True),
        ("Prévenez-la dans les 72 heures.", True),
    ],
)
def test_advice_is_a_rule_when_it_states_a_duty_or_a_deadline(text: str, is_rule: bool) -> None:
    assert (rule_cue(text, advice=True) is not None) is is_rule
