"""In a large base only the near classes are scored: alike, and for less work."""

from __future__ import annotations

import numpy as np
import pytest
from test_nlu_understanding import WORDINGS

from bot.nlu import ridge
from bot.nlu.ridge import Example, LocalRidge, Scores, read_or_whole
from bot.nlu.similarity import Weights
from bot.nlu.text import tokens
from bot.nlu.vectors import WordVectors

EXAMPLES = sorted(
    (Example(text, label) for label, texts in WORDINGS.items() for text in texts),
    key=lambda e: (e.label, e.text),
)
COUNTERS = [Example("certification de mon cabinet", "fiche:hds")]
MESSAGES = [
    "certifié hébergeur ?",
    "combien de temps garder les dossiers",
    "bonjour",
    "licencier ma secrétaire",
]


def vectors() -> WordVectors:
    """A vector for each word of the examples, drawn at random."""
    words = sorted({word for e in EXAMPLES for word in tokens(e.text)})
    table = np.random.default_rng(1).normal(size=(len(words), 8))
    return WordVectors.of_words([(word, i) for i, word in enumerate(words)], table)


def learned() -> tuple[LocalRidge, list[Scores]]:
    """A trained ridge and its leave-one-out scores."""
    model = LocalRidge(Weights(), vectors())
    return model, [left.scores for left in model.fit(EXAMPLES, COUNTERS)]


def same(one: Scores, other: Scores) -> None:
    assert one.labels == other.labels
    assert one.words == other.words
    np.testing.assert_allclose(one.values, other.values, atol=1e-5)
    np.testing.assert_allclose(one.evidence, other.evidence, atol=1e-5)


def test_near_classes_are_scored_as_among_all(monkeypatch: pytest.MonkeyPatch) -> None:
    model, left_out = learned()
    readings = [read_or_whole(text) for text in MESSAGES]
    whole = model.scores(readings)
    monkeypatch.setattr(ridge, "EVERY_CLASS", 5)
    monkeypatch.setattr(ridge, "NEAR", 6)
    for near, every in zip(model.scores(readings), whole, strict=True):
        same(near, every)

    monkeypatch.setattr(ridge, "NEAR", 2)
    for near, every in zip(model.scores(readings), whole, strict=True):
        assert len(near.labels) == 2
        assert near.labels[int(np.argmax(near.values))] == every.labels[int(np.argmax(every.values))]
        for i, label in enumerate(near.labels):
            at = every.labels.index(label)
            assert near.values[i] == pytest.approx(every.values[at], abs=1e-5)
            np.testing.assert_allclose(near.evidence[:, i], every.evidence[:, at], atol=1e-5)

    monkeypatch.setattr(ridge, "NEAR", 6)
    for near, every in zip(learned()[1], left_out, strict=True):
        same(near, every)


def test_a_class_is_told_from_fewer_others_in_a_large_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ridge, "OTHERS_IN_ALL", 30)
    monkeypatch.setattr(ridge, "FEWEST_OTHERS", 3)
    model, _ = learned()
    # Six classes of four wordings, five others each; and a counter-example.
    assert model._alpha.nnz == 6 * (4 + 5) + 1
