"""Questions that ask the same thing, together: what many ask in vain is the next fiche to write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.fiches.scaffold import EMPTY_WORDS
from bot.nlu.text import content_stems, stem

ALIKE = 0.25
"""Least mean similarity (0..1) within a group; chosen on the questions of the tests."""

_EMPTY_STEMS = frozenset(map(stem, (*EMPTY_WORDS, "droit", "regle", "marche")))


def group(texts: Sequence[str], alike: float = ALIKE) -> list[list[int]]:
    """Positions of `texts`, grouped; largest groups first, then in the order given.

    Agglomerative clustering with average linkage (Sokal and Michener 1958), so that no chain of look-alikes
    ties unrelated questions together. Similarity is the mean of two cosines of tf-idf weights: over stems,
    which bear meaning, and over their letters, which bear typing errors.
    """
    if len(texts) < 2:
        return [[position] for position in range(len(texts))]
    distances = squareform(np.clip(1 - _similarities(texts), 0, 1), checks=False)
    labels = fcluster(linkage(distances, "average"), 1 - alike, "distance")
    groups: dict[int, list[int]] = {}
    for position, label in enumerate(labels):
        groups.setdefault(int(label), []).append(position)
    return sorted(groups.values(), key=lambda members: (-len(members), members[0]))


def _similarities(texts: Sequence[str]) -> NDArray[Any]:
    words = TfidfVectorizer(analyzer=_stems, sublinear_tf=True)
    letters = TfidfVectorizer(
        preprocessor=lambda text: " ".join(_stems(text)),
        analyzer="char_wb",
        ngram_range=(3, 4),
        sublinear_tf=True,
    )
    rows = [vectorizer.fit_transform(texts) for vectorizer in (words, letters)]
    return np.asarray(sum((block @ block.T).toarray() for block in rows) / 2)


def _stems(text: str) -> list[str]:
    # A text without any telling word resembles none but its like.
    return [found for found in content_stems(text) if found not in _EMPTY_STEMS] or [text.strip() or "-"]
