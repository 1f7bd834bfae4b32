"""What an answer depends on: read in a message, asked, answered."""

from __future__ import annotations

import pytest

from bot.dialogue.precision import OPEN, UNKNOWN, Case, decode, read, read_case, reply
from bot.fiches.model import Option, Precision

EXERCICE = Precision(
    "Comment exercez-vous\u00a0?",
    (
        Option("En société de moyens", ("scm", "société de moyens"), "Branche A."),
        Option("En société d’exercice", ("sel", "selarl", "société"), "Branche B."),
        Option("Comme salarié, à l’hôpital", ("salarié", "hôpital"), "Branche C."),
    ),
)
FUITE = Precision(
    "Une fuite est-elle constatée\u00a0?",
    (
        Option("Oui", ("fuite constatée", "données volées"), "Notifiez."),
        Option("Non, pas à ma connaissance", ("aucune fuite", "rien"), "Vérifiez."),
    ),
)


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("je travaille dans une SELARL", 1),
        ("nous sommes en société de moyens", 0),  # "société" stands inside longer words
        ("je suis médecin SALARIÉE", 2),  # stems
        ("je ne suis pas salarié", None),
        ("je suis salarié et j’ai une SEL", None),
        ("mes dossiers sont au cabinet", None),
        ("Je ne sais pas. Salarié, je crois.", 2),  # a negation does not reach over a full stop
    ],
)
def test_the_case_is_read_in_the_message(text: str, option: int | None) -> None:
    assert read(EXERCICE, text) == option


def test_rien_names_no_case_unless_it_was_asked() -> None:
    assert read(FUITE, "je ne peux rien lire dans mon contrat") is None
    assert reply(FUITE, "rien") == "1"


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("1", "0"),
        ("le 2", "1"),
        ("la troisième", "2"),
        ("b)", "1"),
        ("option 3", "2"),
        ("En société de moyens", "0"),
        ("en SEL", "1"),
        ("à l'hôpital", "2"),
        ("je ne sais pas", UNKNOWN),
        ("Aucune idée !", UNKNOWN),
        ("ça dépend", UNKNOWN),
        ("4", None),
        ("le mois prochain", None),
        ("quelle est la durée du préavis ?", None),
        ("", None),
    ],
)
def test_a_reply_in_words_makes_a_choice(text: str, choice: str | None) -> None:
    assert reply(EXERCICE, text) == choice


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("oui", "0"),
        ("Oui, hélas", "0"),
        ("non", "1"),
        ("non, pas encore", "1"),
        ("pas à ma connaissance", "1"),
    ],
)
def test_yes_and_no_are_understood(text: str, choice: str) -> None:
    assert reply(FUITE, text) == choice


def test_two_options_that_begin_alike_need_more_than_yes() -> None:
    precision = Precision("?", (Option("Oui, inscrit", (), "a"), Option("Oui, radié", (), "b")))
    assert reply(precision, "oui") is None
    assert reply(precision, "oui, radié") == "1"


def test_an_option_that_is_not_to_know_is_chosen_by_not_knowing() -> None:
    precision = Precision("?", (Option("Oui", (), "a"), Option("Je ne le sais pas encore", (), "b")))
    assert reply(precision, "je ne sais pas") == "1"


def test_every_own_wording_of_the_base_chooses_its_option() -> None:
    from bot import settings
    from bot.nlu.importer import read_sources

    fiches, _ = read_sources(settings.load().root)
    wrong = [
        (fiche.id, wording)
        for fiche in fiches
        for precision in fiche.precisions
        for number, option in enumerate(precision.options)
        for wording in (option.titre, *option.mots)
        if reply(precision, wording) != str(number)
    ]
    assert wrong == []


def test_a_case_is_carried_by_a_button_and_read_back() -> None:
    precisions = (EXERCICE, FUITE)
    case = read_case("f", precisions, "en SELARL, et pour l’instant sans autre précision")
    assert case == Case("f", ("1", OPEN))
    assert case.next == 1
    assert decode("f", case.coded, precisions) == case
    done = case.choose(1, UNKNOWN)
    assert done.next is None
    assert [option.titre for _, option in done.chosen(precisions)] == ["En société d’exercice"]


@pytest.mark.parametrize("coded", ["", "0", "0,7", "0,x,x", "0,²", "a,b", "-1,0"])
def test_choices_that_do_not_fit_the_fiche_are_refused(coded: str) -> None:
    assert decode("f", coded, (EXERCICE, FUITE)) is None
