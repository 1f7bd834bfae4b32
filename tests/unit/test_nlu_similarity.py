"""The weights of terms are those of scikit-learn's vectorizer."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

import numpy as np
import pytest
from scipy.sparse import issparse
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.reader import Reading, Role, Sentence
from bot.nlu.similarity import CONTEXT, Similarity, Weights, terms
from bot.nlu.text import tokens

TEXTS = [
    "mon hébergeur doit-il être certifié HDS, et mon hébergeur de secours ?",
    "que dit l'article L. 1111-8 du code de la santé publique",
    "un interne peut-il me remplacer cet été",
    "zzz",
]


def body(text: str) -> Reading:
    """A message that is its own question."""
    return Reading((Sentence(text, Role.QUESTION),))


def no_vectors(texts: Sequence[str]) -> np.ndarray:
    return np.zeros((len(texts), 1), dtype=np.float32)


@pytest.mark.parametrize(("number", "block"), enumerate(("stems", "characters", "concepts")))
def test_weights_are_those_of_the_vectorizer(number: int, block: str) -> None:
    weights = Weights(stems=1.0, characters=1.0, concepts=1.0)
    similarity = Similarity(weights, no_vectors)
    similarity.fit([body(text) for text in TEXTS[:3]])
    found = similarity.sparse([body(text) for text in TEXTS])[number].toarray()

    analysed = [terms(tokens(text)) for text in TEXTS]
    known = [*analysed[:3], terms(tokens("dossier"))]
    expected = TfidfVectorizer(analyzer=attrgetter(block), sublinear_tf=True).fit(known)
    assert np.allclose(found, expected.transform(analysed).toarray(), atol=1e-6)
    assert not found[3].any(), "of a text with no known term nothing is known"


def test_a_letter_is_a_unit_mixture_of_its_body_and_of_its_questions() -> None:
    similarity = Similarity(Weights(stems=1.0), no_vectors)
    similarity.fit([body(text) for text in TEXTS[:3]])
    letter = Reading((Sentence(TEXTS[2], Role.CONTEXT), Sentence(TEXTS[0], Role.QUESTION)))
    whole, focus, both = (
        similarity.sparse([x])[0].toarray() for x in (body(letter.body), body(letter.focus), letter)
    )
    share = Weights().focus
    mixed = (1 - share) * whole + share * focus
    assert np.allclose(both, mixed / np.linalg.norm(mixed), atol=1e-6)
    together = similarity.sparse([body(TEXTS[1]), letter])[0]
    assert issparse(together)
    assert np.allclose(together.toarray()[1], both, atol=1e-6)


def test_widened_terms_come_last_and_change_nothing_known() -> None:
    similarity = Similarity(Weights(), no_vectors)
    similarity.fit([body(text) for text in TEXTS[:3]])
    wider = similarity.widened([body("le zeppelin du cabinet")])
    for before, after in zip(similarity.vocabularies(), wider.vocabularies(), strict=True):
        assert after.terms[: len(before.terms)] == before.terms
    before, after = (s.sparse([body(TEXTS[0])])[0] for s in (similarity, wider))
    assert np.allclose(before.toarray(), after.toarray()[:, : before.shape[1]])


def test_a_product_over_the_terms_held_is_that_over_the_whole_vocabulary() -> None:
    similarity = Similarity(Weights(), no_vectors)
    known = [block.tocsc() for block in similarity.fit([body(text) for text in TEXTS[:3]])[:3]]
    letter = Reading((Sentence(TEXTS[2], Role.CONTEXT), Sentence(TEXTS[0], Role.QUESTION)))
    readings = [letter, body(TEXTS[3]), body(TEXTS[1])]
    for part, rows, others in zip(
        similarity.rows(readings).parts, similarity.sparse(readings), known, strict=False
    ):
        assert np.allclose(part.times(others), (rows @ others.T).toarray(), atol=1e-6)
    nothing = similarity.rows([body(TEXTS[3])]).parts[0]
    assert nothing.times(known[0]).tolist() == [[0.0, 0.0, 0.0]]


def test_terms_of_the_context_count_half_where_all_wordings_of_a_class_are_asked() -> None:
    similarity = Similarity(Weights(), no_vectors)
    similarity.fit([body(text) for text in TEXTS[:3]])
    letter = Reading((Sentence("un interne", Role.CONTEXT), Sentence("mon hébergeur", Role.QUESTION)))
    held, *_ = similarity.rows([letter]).held
    counted = dict(zip(held.columns.tolist(), held.values[0].tolist(), strict=True))
    names = similarity.vocabularies()[0].terms
    found = {names[column]: value for column, value in counted.items()}
    assert found["intern"] == CONTEXT
    assert found["heberg"] == 1.0


def test_what_was_left_out_as_common_does_not_come_back_as_rare() -> None:
    similarity = Similarity(Weights(), no_vectors)
    similarity.fit([body(f"mon hébergeur certifié numéro {i}") for i in range(120)])
    wider = similarity.widened([body("le zeppelin de mon hébergeur certifié")])
    for before, after in zip(similarity.vocabularies(), wider.vocabularies(), strict=True):
        assert before.common == after.common
        assert set(before.common).isdisjoint(after.terms)
    assert "heberg" in similarity.vocabularies()[0].common
    assert "zeppel" in wider.vocabularies()[0].terms
