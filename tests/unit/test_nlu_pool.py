"""BM25 over the pooled wordings of each class, against the formula written out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from bot.nlu.pool import LENGTH, SATURATION, Pool, count, length_of
from bot.nlu.similarity import Part

# Terms by wordings; the classes have the wordings 0-2, 3-4 and 5; the last column is no wording.
COLUMNS = csr_matrix(
    np.array(
        [
            [0.2, 0.4, 0.0, 0.0, 0.0, 0.0, 0.3],
            [0.5, 0.0, 0.0, 0.1, 0.0, 0.0, 0.3],
            [0.0, 0.3, 0.7, 0.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.6, 0.2, 0.0, 0.0],
            [0.1, 0.0, 0.0, 0.0, 0.9, 0.8, 0.0],
        ],
        dtype=np.float32,
    )
)
STARTS = np.array([0, 3, 5])
COUNTS = np.array([[2, 0, 0], [1, 1, 0], [2, 0, 0], [0, 2, 0], [1, 1, 1]])


def counts() -> csr_matrix:
    return count(COLUMNS, STARTS, 6)


def bm25(counted: np.ndarray, asked: dict[int, float], label: int, own: np.ndarray | None = None) -> float:
    """BM25 of the class `label`, which holds `own` (else what `counted` says), for the terms `asked`."""
    held = counted[:, label] if own is None else own
    average = counted.sum() / counted.shape[1]
    total = 0.0
    for term, share in asked.items():
        holding = int((counted[term] > 0).sum())
        idf = math.log(1 + (counted.shape[1] - holding + 0.5) / (holding + 0.5))
        saturation = SATURATION * (1 - LENGTH + LENGTH * held.sum() / average)
        total += share * idf * held[term] * (SATURATION + 1) / (held[term] + saturation)
    return total


def holding(terms: dict[int, float]) -> Part:
    """One message that holds `terms`, each of which counts so much."""
    return Part(np.array(list(terms), dtype=np.int32), np.array([list(terms.values())], dtype=np.float32))


def test_each_class_counts_its_own_wordings() -> None:
    np.testing.assert_array_equal(counts().toarray(), COUNTS)
    assert [length_of(counts(), label) for label in range(3)] == [6, 4, 1]


def test_scores_are_bm25() -> None:
    asked = {0: 1.0, 2: 0.5, 4: 1.0}
    found = Pool.of(counts()).scores(holding(asked))[0]
    assert found == pytest.approx([bm25(COUNTS, asked, label) for label in range(3)], rel=1e-5)


def test_a_wording_is_taken_out_of_its_class() -> None:
    terms = {0: 1.0, 1: 1.0, 4: 0.5}  # of wording 0
    own = COUNTS[:, 0] - np.array([1, 1, 0, 0, 1])
    found = Pool.of(counts()).without_itself(holding(terms), COUNTS[[0, 1, 4], 0].astype(np.float32), 6.0)
    assert found == pytest.approx(bm25(COUNTS, terms, 0, own), rel=1e-5)


def test_a_class_is_added_with_terms_of_its_own() -> None:
    pool = Pool.of(counts())
    wider = pool.with_class(
        csr_matrix(np.array([[0, 0.4, 0, 0, 0, 0.6], [0, 0.2, 0, 0, 0, 0]], dtype=np.float32))
    )
    assert wider.weights.shape == (4, 6)
    old = holding({0: 1.0, 3: 1.0})
    np.testing.assert_allclose(wider.scores(old)[0, :3], pool.scores(old)[0], rtol=1e-6)
    assert wider.scores(old)[0, 3] == 0
    new = wider.scores(holding({5: 1.0}))[0]
    assert new[:3].tolist() == [0, 0, 0]
    assert new[3] > 0
