"""A fiche survives the way to JSON and back; the form is canonical."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fiches.model import (
    Appui,
    Epreuve,
    Fiche,
    FicheCitation,
    Option,
    Precision,
    Relance,
    Statut,
    Style,
)
from bot.knowledge.serialize import StoredFicheError, content_hash, decode_fiche, encode_fiche
from bot.law.reference import Citation, Reference

# Any text that UTF-8 holds: what a fiche read from a file may contain.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
dates = st.dates()


def tuples(of: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(of, max_size=3).map(tuple)


citations = st.builds(
    Citation, reference=st.builds(Reference, code=texts, number=texts), pinpoint=tuples(texts)
)
FIELDS: dict[str, st.SearchStrategy[object]] = {
    "id": texts,
    "titre": texts,
    "theme": texts,
    "statut": st.sampled_from(Statut),
    "dossier": tuples(texts),
    "redige_le": dates,
    "redige_par": texts,
    "a_revoir_avant": dates,
    "questions": tuples(texts),
    "epreuves": tuples(st.builds(Epreuve, texte=texts, style=st.sampled_from(Style))),
    "citations": tuples(st.builds(FicheCitation, citation=citations, appui=st.sampled_from(Appui))),
    "en_bref": texts,
    "en_detail": texts,
    "que_faire": texts,
    "attention": texts,
    "relu_le": st.none() | dates,
    "relu_par": st.none() | texts,
    "contre_exemples": tuples(texts),
    "relances": tuples(st.builds(Relance, si=tuples(texts), fiche=texts)),
    "precisions": tuples(
        st.builds(
            Precision,
            question=texts,
            options=tuples(st.builds(Option, titre=texts, mots=tuples(texts), reponse=texts)),
        )
    ),
    "voisines": tuples(texts),
}
fiches = st.builds(Fiche, **FIELDS)


def test_every_field_is_tried() -> None:
    """A field added to the model must be added above, or the round trip would not try it."""
    assert set(FIELDS) == {f.name for f in fields(Fiche)} - {"path"}


@given(fiches)
def test_round_trip(fiche: Fiche) -> None:
    content = encode_fiche(fiche)
    again = decode_fiche(content)
    assert again == fiche
    assert encode_fiche(again) == content


@given(fiches, st.sampled_from(sorted(FIELDS)), st.data())
def test_any_difference_changes_the_hash(fiche: Fiche, name: str, data: st.DataObject) -> None:
    other = replace(fiche, **{name: data.draw(FIELDS[name])})
    same = content_hash(encode_fiche(fiche)) == content_hash(encode_fiche(other))
    assert same == (fiche == other)


def minimal() -> Fiche:
    return Fiche(
        id="a",
        titre="A",
        theme="rgpd",
        statut=Statut.PUBLIE,
        dossier=(),
        redige_le=date(2026, 11, 24),
        redige_par="Rédaction",
        a_revoir_avant=date(2027, 5, 24),
        questions=(),
        epreuves=(),
        citations=(),
        en_bref="b",
        en_detail="d",
    )


def test_path_is_left_out() -> None:
    fiche = replace(minimal(), path=Path("data/fiches/rgpd/a.md"))
    assert "path" not in json.loads(encode_fiche(fiche))
    assert encode_fiche(fiche) == encode_fiche(minimal())
    assert decode_fiche(encode_fiche(fiche)).path is None


def test_fields_at_their_default_are_left_out() -> None:
    """So that an optional field added later does not renumber every published fiche."""
    content = json.loads(encode_fiche(minimal()))
    optional = {"que_faire", "attention", "relu_le", "relu_par", "contre_exemples"}
    optional |= {"relances", "precisions", "voisines", "path"}
    assert set(content) == {f.name for f in fields(Fiche)} - optional
    assert list(content) == sorted(content)
    assert content["redige_le"] == "2026-11-24"
    assert content["statut"] == "publie"


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"id": "a"}', encode_fiche(minimal()).replace("publie", "inconnu")]
)
def test_what_is_not_a_fiche_is_refused(content: str) -> None:
    with pytest.raises(StoredFicheError):
        decode_fiche(content)
