"""A few words after an answer: what they lean on, and which fiche they lead to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_dialogue_answer import FICHE

from bot import settings
from bot.dialogue import follow_up
from bot.fiches.model import Option, Relance
from bot.nlu.importer import read_sources

LAST = replace(
    FICHE,
    relances=(
        Relance(("et s’il ne l’est pas", "et sinon"), "absence"),
        Relance(("et pour mon télésecrétariat", "et la maintenance alors"), "maintenance"),
    ),
)


@pytest.mark.parametrize(
    "text",
    [
        "Et pour mon associé ?",
        "« et s'il refuse »",
        "mais si c'est urgent",
        "ok, et moi ?",
        "s’il est mineur ?",
        "quid des internes ?",
        "c'est pareil pour l'associé ?",
    ],
)
def test_what_leans_on_the_last_answer(text: str) -> None:
    assert follow_up.is_elliptic(text)


@pytest.mark.parametrize(
    "text",
    [
        "durée conservation dossier",
        "combien de temps garder un dossier ?",
        "ETABLISSEMENT de santé",  # begins with "et", but as part of a word
        "et " + "puis " * 20,
        "",
    ],
)
def test_what_stands_on_its_own(text: str) -> None:
    assert not follow_up.is_elliptic(text)


def test_small_talk_that_adds_a_subject() -> None:
    assert follow_up.adds("et s'il ne répond pas ?")
    assert not follow_up.adds("et non")
    assert not follow_up.adds("d'accord alors")


@pytest.mark.parametrize(
    ("text", "fiche"),
    [
        ("Et s'il ne l'est pas ?", "absence"),
        ("ET SINON…", "absence"),
        ("et s'il n'est pas certifié ?", "absence"),  # the title's own word in place of the pronoun
        ("et le télésecrétariat ?", "maintenance"),
        ("la maintenance", "maintenance"),
        ("et sinon combien de temps garder les dossiers", None),
        ("et mon associé ?", None),
    ],
)
def test_a_declared_relance_and_wordings_like_it(text: str, fiche: str | None) -> None:
    found = follow_up.declared(LAST, text)
    assert (found.fiche if found else None) == fiche


def test_what_neither_the_title_nor_the_case_names() -> None:
    option = Option("Un prestataire", ("éditeur",), "…")
    assert not follow_up.unsaid("et mon éditeur ?", FICHE, [option])
    assert follow_up.unsaid("et mon éditeur, doit-il me prévenir ?", FICHE, [option])


def test_nothing_is_like_words_without_a_subject() -> None:
    assert follow_up.nearest("et alors ?", {"a": ("contrat écrit",)}) == []
    assert follow_up.nearest("et le chien ?", {"a": ("contrat écrit",)})[0].value == 0.0


def test_one_word_alone_is_never_sure() -> None:
    known = {"a": ("contrat écrit", "contrat"), "b": ("assurance",)}
    assert not follow_up.is_sure("et le contrat ?", follow_up.nearest("et le contrat ?", known))
    assert follow_up.is_sure("et le contrat écrit ?", follow_up.nearest("et le contrat écrit ?", known))


def test_on_the_base_what_is_sure_is_right() -> None:
    """The relances of the base, looked for among the neighbours as if they had not been declared."""
    fiches, _ = read_sources(settings.load().root)
    known = {fiche.id: follow_up.wordings(fiche) for fiche in fiches}
    right = total = sure = 0
    for fiche in fiches:
        around = {id_: known[id_] for id_ in (*follow_up.neighbours(fiche), fiche.id) if id_ in known}
        for relance in fiche.relances:
            wording = relance.si[0]
            ranked = follow_up.nearest(wording, around)
            total += 1
            if follow_up.is_sure(wording, ranked) and ranked[0].fiche != fiche.id:
                sure += 1
                right += ranked[0].fiche == relance.fiche
    assert sure > 0.2 * total
    assert right >= 0.95 * sure
