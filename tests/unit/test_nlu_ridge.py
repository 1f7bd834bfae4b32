"""In a large base only the near classes are scored: alike, and for less work."""

from __future__ import annotations

from pathlib import Path

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


def same(one: Scores, other: Scores, within: float = 1e-5) -> None:
    assert one.labels == other.labels
    assert one.words == other.words
    np.testing.assert_allclose(one.values, other.values, atol=within)
    np.testing.assert_allclose(one.evidence, other.evidence, atol=within)
    np.testing.assert_allclose(one.pooled, other.pooled, atol=within)


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
            np.testing.assert_allclose(near.pooled[:, i], every.pooled[:, at], atol=1e-5)

    monkeypatch.setattr(ridge, "NEAR", 6)
    for near, every in zip(learned()[1], left_out, strict=True):
        same(near, every)


def test_a_class_is_told_from_fewer_others_in_a_large_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ridge, "OTHERS_IN_ALL", 30)
    monkeypatch.setattr(ridge, "FEWEST_OTHERS", 3)
    model, _ = learned()
    # Six classes of four wordings, five others each; and a counter-example.
    assert model._alpha.nnz == 6 * (4 + 5) + 1


def test_what_pooled_wordings_say_of_one_of_them_is_said_without_it() -> None:
    model, left_out = learned()
    for i, scores in enumerate(left_out):
        own = model.labels.index(EXAMPLES[i].label)
        whole = model.scores([read_or_whole(EXAMPLES[i].text)])[0]
        assert scores.pooled[0, own] < whole.pooled[0, own]
        assert (scores.pooled[:, own] <= whole.pooled[:, own]).all()
        others = [at for at in range(len(model.labels)) if at != own]
        np.testing.assert_allclose(scores.pooled[:, others], whole.pooled[:, others], atol=1e-5)


def test_a_saved_ridge_scores_as_before(tmp_path: Path) -> None:
    model, _ = learned()
    model.save(tmp_path)
    readings = [read_or_whole(text) for text in MESSAGES]
    for one, other in zip(model.scores(readings), LocalRidge.load(tmp_path).scores(readings), strict=True):
        same(one, other, within=1e-3)  # vectors are saved in half precision
