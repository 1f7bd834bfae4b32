"""How alike two readings are: stems, characters, concepts, word vectors; of the questions and of the whole.

Each of these is a cosine similarity (a "block"); their weighted sum is the kernel of `bot.nlu.ridge`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.concepts import concepts
from bot.nlu.reader import Reading
from bot.nlu.text import content_stems, tokens

Floats = NDArray[np.floating[Any]]

Embed = Callable[[Sequence[str]], Floats]
"""Texts → one row of unit length (or zero) per text."""

Block: TypeAlias = Any
"""Rows of one similarity: a `csr_matrix` for terms (scipy ships no types), an array for vectors."""

BLOCKS = 8
"""Stems, characters, concepts and vectors of the questions, then the same of the whole body."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Share of each similarity in the kernel, and the ridge's regularisation."""

    stems: float = 0.30
    characters: float = 0.30
    vectors: float = 0.20
    concepts: float = 0.20
    focus: float = 0.35  # share of the questions against the whole body
    regularisation: float = 0.35

    def blocks(self) -> tuple[float, ...]:
        """The share of each block."""
        parts = (self.stems, self.characters, self.concepts, self.vectors)
        return tuple(self.focus * p for p in parts) + tuple((1 - self.focus) * p for p in parts)


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
    """Turns readings into rows, block by block; a dot product of rows is a cosine similarity (0..1)."""

    def __init__(self, embed: Embed, vocabularies: Sequence[SavedVocabulary] | None = None) -> None:
        self._embed = embed
        given = [v.terms for v in vocabularies] if vocabularies else [None, None, None]
        self._stems = TfidfVectorizer(analyzer=_stem_grams, sublinear_tf=True, vocabulary=given[0])
        self._characters = TfidfVectorizer(
            preprocessor=_characters,
            analyzer="char_wb",
            ngram_range=(3, 5),
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

    def _part(self, texts: Sequence[str]) -> list[Block]:
        blocks = [*(v.transform(texts) for v in self._vectorizers), self._embed(texts)]
        return [block.astype(np.float32) for block in blocks]

    def rows(self, readings: Sequence[Reading]) -> list[Block]:
        """One matrix per block, with one row per reading."""
        return self._part([r.focus for r in readings]) + self._part([r.body for r in readings])
