"""Letters read: the question decides, not the greeting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.reader import Role, cuts, read, split_sentences

LETTER = """Bonjour Maître,
Notre cabinet de trois médecins utilise un logiciel par abonnement. Les dossiers sont chez l'éditeur (art. 28
du RGPD, nous dit-il), avec une copie chaque nuit. Devons-nous souscrire en plus un système anti-intrusion ?
Je vous remercie de votre réponse.
Bien confraternellement"""


def test_a_letter_keeps_only_its_question_as_focus() -> None:
    reading = read(LETTER)
    assert reading.focus == "Devons-nous souscrire en plus un système anti-intrusion ?"
    assert "trois médecins" in reading.body
    assert "Bonjour" not in reading.body
    assert "remercie" not in reading.body
    assert "confraternellement" not in reading.body


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Bonjour, je voudrais savoir si mon hébergeur doit être certifié. Merci.", "hébergeur doit être"),
        ("Merci de me préciser le délai pour prévenir la CNIL.", "délai pour prévenir"),
        ("Bonsoir Maître. Puis-je me faire remplacer un an", "remplacer un an"),
        ("Je pars en mars. Pourriez-vous m'indiquer qui prévenir ? Cordialement", "qui prévenir"),
        ("Cher Maître, j'aimerais comprendre ce que dit l'art. L. 1111-8 du CSP. Merci", "L. 1111-8 du CSP"),
        ("Je consulte le lundi. Pour ouvrir un second cabinet je demande à qui", "je demande à qui"),
        ("Je pars en juin. Et je garde les dossiers combien de temps", "combien de temps"),
        ("Dossiers volés hier soir. Je fais quoi !", "Je fais quoi"),
        ("Mon frère, retraité, me demande de son côté s'il doit une cotisation. Merci.", "me demande de son"),
    ],
)
def test_implicit_questions(text: str, question: str) -> None:
    reading = read(text)
    assert len(reading.questions) == 1
    assert question in reading.questions[0]


@pytest.mark.parametrize("text", ["hds obligatoire", "certificat hébergeur liste", "rempla 1 an etranger"])
def test_a_bare_phrase_is_its_own_focus(text: str) -> None:
    assert read(text).focus == text


def test_two_questions_are_two() -> None:
    reading = read("Mon éditeur doit-il être certifié ? Et combien de temps garder les dossiers ?")
    assert len(reading.questions) == 2


@pytest.mark.parametrize("text", ["Merci beaucoup !", "Bien cordialement", "Je vous remercie par avance."])
def test_thanks_are_no_question(text: str) -> None:
    assert [s.role for s in read(text).sentences] == [Role.THANKS]


def test_abbreviations_do_not_end_a_sentence() -> None:
    assert len(split_sentences("Le Dr. X cite l'art. R. 4127-73 et l'al. 2 sans le no. 3.")) == 1


@given(st.text(max_size=400))
def test_reading_never_fails_and_invents_nothing(text: str) -> None:
    reading = read(text)
    for sentence in reading.sentences:
        assert sentence.text in text


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("Faut-il un registre et dois-je nommer un délégué ?", 2),
        ("Notre serveur doit-il être HDS, et l'un de nous peut-il prendre un adjoint ?", 2),
        ("Ma secrétaire et mon remplaçant peuvent-ils lire les dossiers ?", 1),
        ("Combien de temps garder les dossiers et comment ?", 1),
        ("1) faut-il déclarer la fuite 2) faut-il prévenir les patients", 2),
        ("à quel moment et sous quelle forme faut-il annoncer mon départ ?", 1),
        ("dois-je garder mes dossiers et combien d'années ?", 1),
    ],
)
def test_questions_joined_in_one_sentence_are_told_apart(text: str, questions: int) -> None:
    assert len(read(text).questions) == questions


def test_a_sentence_may_be_cut_at_each_word_that_joins() -> None:
    sentence = "mon hébergeur doit être certifié et par ailleurs combien de temps garder un dossier"
    assert cuts(sentence) == [("mon hébergeur doit être certifié", "combien de temps garder un dossier")]


@pytest.mark.parametrize("sentence", ["certificat et contrat", "je garde mes dossiers et mes radios", ""])
def test_what_is_too_short_for_two_questions_is_not_cut(sentence: str) -> None:
    assert cuts(sentence) == []


@pytest.mark.parametrize(
    "text",
    [
        "Je voudrais savoir :\n- si mon logiciel doit être certifié ;\n- sous quel délai déclarer une fuite.",
        "J'ai deux questions :\n1. si mon logiciel doit être certifié\n2. sous quel délai déclarer une fuite",
    ],
)
def test_what_is_listed_after_an_announcement_is_asked(text: str) -> None:
    assert [q.rstrip(" ;.") for q in read(text).questions] == [
        "si mon logiciel doit être certifié",
        "sous quel délai déclarer une fuite",
    ]


def test_the_mark_of_an_item_is_no_part_of_the_question() -> None:
    text = "1. Puis-je refuser ?\n– D'autre part, dois-je prévenir l'Ordre ?"
    assert read(text).questions == ("Puis-je refuser ?", "dois-je prévenir l'Ordre ?")


def test_a_list_that_nothing_announces_is_context() -> None:
    text = "Voici mon matériel :\n- un ordinateur\n- un disque\nDois-je le chiffrer ?"
    assert read(text).questions == ("Dois-je le chiffrer ?",)


def test_a_statement_before_a_question_is_not_cut_from_it_at_a_colon() -> None:
    text = "Mon disque était chiffré et personne n'a le code : suis-je tenu d'avertir ?"
    assert len(read(text).questions) == 1
