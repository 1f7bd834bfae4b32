"""Which fiche does a message ask for? Kernel ridge over known wordings, calibrated, with "none of these".

A message is compared with every known wording by a weighted sum of cosine similarities: stems and their
pairs, character n-grams (misspellings), mean word vectors and pairs of concepts (synonyms). Regularised least
squares on that kernel (Rifkin, Yeo & Poggio 2003, "Regularized least-squares classification") gives one
score per class; its leave-one-out scores, exact and in closed form, train the calibrator without ever
showing it a wording that the score has learned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.concepts import concepts
from bot.nlu.reader import Reading, Role, Sentence, read
from bot.nlu.text import content_stems, tokens

Floats = NDArray[np.float64]
# Score asked of a fiche at one of its counter-examples: below the zero of an unrelated wording.
COUNTER_TARGET = -0.5

Embed = Callable[[Sequence[str]], Floats]
"""Texts → one row of unit length (or zero) per text."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Share of each similarity in the kernel, and the ridge's regularisation."""

    stems: float = 0.30
    characters: float = 0.30
    vectors: float = 0.20
    concepts: float = 0.20
    focus: float = 0.35  # share of the questions against the whole body
    regularisation: float = 0.35


@dataclass(frozen=True, slots=True)
class Example:
    """A known wording and the class it belongs to."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one message: `values[i]` for class `labels[i]`, and the similarity of the nearest wording
    of each class (0..1)."""

    labels: tuple[str, ...]
    values: Floats
    nearest: Floats


def _stem_grams(text: str) -> list[str]:
    stems = content_stems(text) or tokens(text)
    return stems + [f"{a} {b}" for a, b in pairwise(stems)] + concepts(text)


def _concept_pairs(text: str) -> list[str]:
    # What a question joins ("certification" with "prestataire") tells its subject better than each alone.
    found = sorted(concepts(text))
    return found + [f"{a} {b}" for a, b in combinations(found, 2)]


def _characters(text: str) -> str:
    return " ".join(tokens(text))


class Similarity:
    """The kernel: turns readings into rows whose dot product is the weighted similarity (0..1)."""

    def __init__(self, weights: Weights, embed: Embed) -> None:
        self._weights = weights
        self._embed = embed
        self._stems = TfidfVectorizer(analyzer=_stem_grams, sublinear_tf=True)
        self._characters = TfidfVectorizer(
            preprocessor=_characters, analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=1
        )

        self._concepts = TfidfVectorizer(analyzer=_concept_pairs, sublinear_tf=True)

    def fit(self, texts: Sequence[str]) -> None:
        """Learns the vocabularies and their inverse document frequencies from `texts`."""
        self._stems.fit(texts)
        # With a word of the thesaurus, since a base that mentions none would have no vocabulary at all.
        self._concepts.fit([*texts, "dossier"])
        self._characters.fit(texts)

    def _part(self, texts: Sequence[str]) -> csr_matrix:
        w = self._weights
        blocks = [
            self._stems.transform(texts) * np.sqrt(w.stems),
            self._characters.transform(texts) * np.sqrt(w.characters),
            csr_matrix(self._embed(texts) * np.sqrt(w.vectors)),
            self._concepts.transform(texts) * np.sqrt(w.concepts),
        ]
        return hstack(blocks, format="csr")

    def rows(self, readings: Sequence[Reading]) -> csr_matrix:
        """One row per reading: its questions and its whole body, side by side."""
        w = self._weights
        focus = self._part([r.focus for r in readings])
        body = self._part([r.body for r in readings])
        return hstack([focus * np.sqrt(w.focus), body * np.sqrt(1 - w.focus)], format="csr")


class KernelRidge:
    """One-against-all regularised least squares; targets are 1 for the wording's class, 0 elsewhere."""

    def __init__(self, similarity: Similarity, regularisation: float) -> None:
        self._similarity = similarity
        self._regularisation = regularisation
        self.labels: tuple[str, ...] = ()

    def fit(self, examples: Sequence[Example], counter_examples: Sequence[Example] = ()) -> list[Scores]:
        """Learns from `examples` and returns their leave-one-out scores.

        A counter-example pushes its class down where it stands and leaves the others as the examples
        alone would score them: it says what a wording is not, and nothing of what it is.
        """
        readings = [read_or_whole(e.text) for e in examples]
        self._similarity.fit([r.body for r in readings])
        self._rows = self._similarity.rows(readings)
        self.labels = tuple(sorted({e.label for e in examples}))
        index = {label: i for i, label in enumerate(self.labels)}
        self._classes = np.array([index[e.label] for e in examples])
        targets = np.zeros((len(examples), len(self.labels)))
        targets[np.arange(len(examples)), self._classes] = 1.0
        self._members = [np.flatnonzero(self._classes == c) for c in range(len(self.labels))]

        inverse, kernel = self._solve(self._rows, targets)
        counters = [c for c in counter_examples if c.label in index]
        if counters:
            rows = self._similarity.rows([read_or_whole(c.text) for c in counters])
            expected = (rows @ self._rows.T).toarray() @ self._alpha
            for i, counter in enumerate(counters):
                expected[i, index[counter.label]] = COUNTER_TARGET
            self._rows = vstack([self._rows, rows], format="csr")
            targets = np.vstack([targets, expected])
            inverse, kernel = self._solve(self._rows, targets)
        # Leave-one-out predictor of ridge regression: y_i - alpha_i / (G^-1)_ii.
        loo = targets - self._alpha / np.diag(inverse)[:, None]
        np.fill_diagonal(kernel, 0.0)
        return self._as_scores(loo[: len(examples)], kernel[: len(examples)])

    def _solve(self, rows: csr_matrix, targets: Floats) -> tuple[Floats, Floats]:
        kernel = (rows @ rows.T).toarray()
        inverse = np.linalg.inv(kernel + self._regularisation * np.eye(kernel.shape[0]))
        self._alpha = inverse @ targets
        return inverse, kernel

    def _as_scores(self, values: Floats, kernel: Floats) -> list[Scores]:
        nearest = np.stack([kernel[:, m].max(axis=1) for m in self._members], axis=1)
        return [Scores(self.labels, values[i], nearest[i]) for i in range(len(values))]

    def scores(self, readings: Sequence[Reading]) -> list[Scores]:
        """Scores of each reading for every class."""
        kernel = np.asarray((self._similarity.rows(readings) @ self._rows.T).todense())
        return self._as_scores(kernel @ self._alpha, kernel)


def read_or_whole(text: str) -> Reading:
    """The reading of `text`; a message that is nothing but courtesy ("merci") is its own body."""
    reading = read(text)
    return reading if reading.body else Reading((Sentence(text, Role.CONTEXT),))
