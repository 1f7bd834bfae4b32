"""Which fiche does a message ask for? Kernel ridge over known wordings, calibrated, with "none of these".

A message is compared with every known wording by a weighted sum of cosine similarities: stems and their
pairs, character n-grams (misspellings), mean word vectors and pairs of concepts (synonyms). Regularised least
squares on that kernel (Rifkin, Yeo & Poggio 2003, "Regularized least-squares classification") gives one
score per class; its leave-one-out scores, exact and in closed form, train the calibrator without ever
showing it a wording that the score has learned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix, hstack, load_npz, save_npz, vstack
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.concepts import concepts
from bot.nlu.reader import Reading, Role, Sentence, read
from bot.nlu.text import content_stems, tokens

Floats = NDArray[np.floating[Any]]
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
    passage: bool = False
    """A passage of the fiche's own text: it widens the fiche's words, but nobody asks so."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one message: `values[i]` for class `labels[i]`, and the similarity of the nearest wording
    of each class (0..1)."""

    labels: tuple[str, ...]
    values: Floats
    nearest: Floats


def _stem_grams(text: str) -> list[str]:
    stems = content_stems(text) or list(tokens(text))
    return stems + [f"{a} {b}" for a, b in pairwise(stems)] + concepts(text)


def _concept_pairs(text: str) -> list[str]:
    # What a question joins ("certification" with "prestataire") tells its subject better than each alone.
    found = sorted(concepts(text))
    return found + [f"{a} {b}" for a, b in combinations(found, 2)]


def _characters(text: str) -> str:
    return " ".join(tokens(text))


class SavedVocabulary(msgspec.Struct, frozen=True):
    """The terms of one vectorizer, in the order of its columns, with their inverse document frequencies."""

    terms: list[str]
    idf: list[float]


class Similarity:
    """The kernel: turns readings into rows whose dot product is the weighted similarity (0..1)."""

    def __init__(
        self, weights: Weights, embed: Embed, vocabularies: Sequence[SavedVocabulary] | None = None
    ) -> None:
        self._weights = weights
        self._embed = embed
        given = [v.terms for v in vocabularies] if vocabularies else [None, None, None]
        self._stems = TfidfVectorizer(analyzer=_stem_grams, sublinear_tf=True, vocabulary=given[0])
        self._characters = TfidfVectorizer(
            preprocessor=_characters,
            analyzer="char_wb",
            ngram_range=(2, 5),
            sublinear_tf=True,
            vocabulary=given[1],
        )
        self._concepts = TfidfVectorizer(analyzer=_concept_pairs, sublinear_tf=True, vocabulary=given[2])
        for vectorizer, vocabulary in zip(self._vectorizers, vocabularies or (), strict=False):
            vectorizer.idf_ = np.array(vocabulary.idf)

    @property
    def _vectorizers(self) -> tuple[TfidfVectorizer, TfidfVectorizer, TfidfVectorizer]:
        return self._stems, self._characters, self._concepts

    def fit(self, texts: Sequence[str]) -> None:
        """Learns the vocabularies and their inverse document frequencies from `texts`."""
        self._stems.fit(texts)
        self._characters.fit(texts)
        # With a word of the thesaurus, since a base that mentions none would have no vocabulary at all.
        self._concepts.fit([*texts, "dossier"])

    def vocabularies(self) -> list[SavedVocabulary]:
        """What `fit` learned, to give back to the constructor."""
        return [
            SavedVocabulary([str(t) for t in v.get_feature_names_out()], [float(x) for x in v.idf_])
            for v in self._vectorizers
        ]

    def _part(self, texts: Sequence[str]) -> csr_matrix:
        w = self._weights
        blocks = [
            self._stems.transform(texts) * np.sqrt(w.stems),
            self._characters.transform(texts) * np.sqrt(w.characters),
            self._concepts.transform(texts) * np.sqrt(w.concepts),
            csr_matrix(self._embed(texts) * np.sqrt(w.vectors)),
        ]
        return hstack(blocks, format="csr", dtype=np.float32)

    def rows(self, readings: Sequence[Reading]) -> csr_matrix:
        """One row per reading: its questions and its whole body, side by side."""
        w = self._weights
        focus = self._part([r.focus for r in readings])
        body = self._part([r.body for r in readings])
        return hstack([focus * np.sqrt(w.focus), body * np.sqrt(1 - w.focus)], format="csr", dtype=np.float32)


class SavedRidge(msgspec.Struct, frozen=True):
    """A trained `KernelRidge` but for its arrays, which are in `rows.npz` and `alpha.npy`."""

    labels: list[str]
    classes: list[int]
    weights: dict[str, float]
    vocabularies: list[SavedVocabulary]


class KernelRidge:
    """One-against-all regularised least squares; targets are 1 for the wording's class, 0 elsewhere."""

    def __init__(self, weights: Weights, embed: Embed) -> None:
        self._weights = weights
        self._similarity = Similarity(weights, embed)
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
        targets = np.zeros((len(examples), len(self.labels)), dtype=np.float32)
        targets[np.arange(len(examples)), self._classes] = 1.0

        counters = [c for c in counter_examples if c.label in index]
        if counters:
            self._solve(self._rows, targets)
            rows = self._similarity.rows([read_or_whole(c.text) for c in counters])
            expected = (rows @ self._rows.T).toarray() @ self._alpha
            for i, counter in enumerate(counters):
                expected[i, index[counter.label]] = COUNTER_TARGET
            self._rows = vstack([self._rows, rows], format="csr")
            targets = np.vstack([targets, expected.astype(np.float32)])
        kernel, factor = self._solve(self._rows, targets)
        # Leave-one-out predictor of ridge regression: y_i - alpha_i / (G^-1)_ii.
        inverse_diagonal = np.diag(cho_solve(factor, np.eye(kernel.shape[0], dtype=np.float32)))
        loo = targets - self._alpha / inverse_diagonal[:, None]
        np.fill_diagonal(kernel, 0.0)
        return self._as_scores(loo[: len(examples)], kernel[: len(examples)])

    def _solve(self, rows: csr_matrix, targets: Floats) -> tuple[Floats, tuple[Floats, bool]]:
        kernel = (rows @ rows.T).toarray()
        regularised = kernel + self._weights.regularisation * np.eye(kernel.shape[0], dtype=np.float32)
        factor = cho_factor(regularised, lower=True, overwrite_a=True)
        self._alpha = cho_solve(factor, targets)
        return kernel, factor

    def save(self, folder: Path) -> None:
        """Writes the trained model into `folder`."""
        saved = SavedRidge(
            list(self.labels),
            [int(c) for c in self._classes],
            asdict(self._weights),
            self._similarity.vocabularies(),
        )
        (folder / "ridge.json").write_bytes(msgspec.json.encode(saved))
        save_npz(folder / "rows.npz", self._rows)
        np.save(folder / "alpha.npy", self._alpha)

    @classmethod
    def load(cls, folder: Path, embed: Embed) -> KernelRidge:
        """The model that `save` wrote."""
        saved = msgspec.json.decode((folder / "ridge.json").read_bytes(), type=SavedRidge)
        weights = Weights(**saved.weights)
        model = cls(weights, embed)
        model._similarity = Similarity(weights, embed, saved.vocabularies)
        model.labels = tuple(saved.labels)
        model._classes = np.array(saved.classes)
        model._rows = load_npz(folder / "rows.npz")
        model._alpha = np.load(folder / "alpha.npy", allow_pickle=False)
        return model

    def _as_scores(self, values: Floats, kernel: Floats) -> list[Scores]:
        nearest = np.zeros((len(values), len(self.labels)), dtype=np.float32)
        examples = kernel[:, : len(self._classes)]
        for c in range(len(self.labels)):
            nearest[:, c] = examples[:, self._classes == c].max(axis=1)
        return [Scores(self.labels, values[i], nearest[i]) for i in range(len(values))]

    def scores(self, readings: Sequence[Reading]) -> list[Scores]:
        """Scores of each reading for every class."""
        kernel = (self._similarity.rows(readings) @ self._rows.T).toarray()
        return self._as_scores(kernel @ self._alpha, kernel)


def read_or_whole(text: str) -> Reading:
    """The reading of `text`; a message that is nothing but courtesy ("merci") is its own body."""
    reading = read(text)
    return reading if reading.body else Reading((Sentence(text, Role.CONTEXT),))
