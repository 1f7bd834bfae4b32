"""Word vectors of spaCy's French model, kept in a compact table of our own.

`fr_core_news_md` holds 20,000 vectors for 500,000 words; loaded by spaCy, its strings take 390 MB. What the
matcher needs of it is a word's vector, so training copies the vectors with a hash of each word, and a
running bot loads that table and not spaCy.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.nlu.text import STOP_WORDS, fold

MODEL = "fr_core_news_md"
FILE = "vectors.npz"
_WORD = re.compile(r"[a-zà-öø-ÿœæ]+")


def words(text: str) -> list[str]:
    """The lower-case words of `text`, accents kept, elisions apart ("l'hébergeur" gives two)."""
    return _WORD.findall(text.lower())


def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")


class WordVectors:
    """A vector for each of many French words; words are known by their hash alone.

    `hashes`: sorted, uint64, one per word; `rows`: the row of `table` that is its vector; `table`: float32,
    shape (vectors, 300) as spaCy has them, fewer columns once `reduced`.
    """

    def __init__(self, hashes: NDArray[Any], rows: NDArray[Any], table: NDArray[np.float32]) -> None:
        self._hashes = hashes
        self._rows = rows
        self._table = table

    @classmethod
    def of_words(cls, known: Iterable[tuple[str, int]], table: NDArray[np.floating[Any]]) -> WordVectors:
        """The vectors `table[row]` of the `(word, row)` in `known`."""
        pairs = [(_hash(word), row) for word, row in known]
        hashes, first = np.unique(np.array([h for h, _ in pairs], dtype=np.uint64), return_index=True)
        rows = np.array([row for _, row in pairs], dtype=np.int32)[first]
        norms = np.linalg.norm(table, axis=1, keepdims=True)
        return cls(hashes, rows, (table / np.where(norms == 0, 1, norms)).astype(np.float32))

    @classmethod
    def load(cls, folder: Path) -> WordVectors:
        """The vectors that `save` wrote."""
        with np.load(folder / FILE, allow_pickle=False) as saved:
            return cls(saved["hashes"], saved["rows"], saved["table"].astype(np.float32))

    def save(self, folder: Path) -> None:
        """Writes the vectors into `folder`, in half precision."""
        np.savez(folder / FILE, hashes=self._hashes, rows=self._rows, table=self._table.astype(np.float16))

    def reduced(self, texts: Sequence[str], dimensions: int) -> WordVectors:
        """The same words in the `dimensions` directions that hold most of what `texts` say (principal
        components, not centred, so that dot products stay near what they were); these vectors when they have
        no more."""
        if self._table.shape[1] <= dimensions:
            return self
        means = self.embed(texts).astype(np.float64)
        _, directions = np.linalg.eigh(means.T @ means)  # least first
        table = self._table @ directions[:, : -dimensions - 1 : -1].astype(np.float32)
        return WordVectors(self._hashes, self._rows, table)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Mean of the vectors of the content words of each text, scaled to unit length.

        Returns one row per text, as long as a vector; a text without known word gives zeros.
        """
        out = np.zeros((len(texts), self._table.shape[1]), dtype=np.float32)
        spelled = [words(text) for text in texts]
        found = self._found({word for one in spelled for word in one})
        for i, one in enumerate(spelled):
            rows = [found[word] for word in one if word in found]
            if rows:
                mean = self._table[rows].mean(axis=0)
                norm = float(np.linalg.norm(mean))
                if norm:
                    out[i] = mean / norm
        return out

    def _found(self, wanted: Iterable[str]) -> dict[str, int]:
        """The rows of those words of `wanted` that have a vector and carry a subject."""
        subjects = [word for word in wanted if fold(word) not in STOP_WORDS]
        hashes = np.array([_hash(word) for word in subjects], dtype=np.uint64)
        places = np.searchsorted(self._hashes, hashes)
        known = np.flatnonzero(np.searchsorted(self._hashes, hashes, side="right") > places)
        rows = self._rows[places[known]]
        return {subjects[i]: row for i, row in zip(known.tolist(), rows.tolist(), strict=True)}


@lru_cache(maxsize=1)
def french_vectors() -> WordVectors:
    """The vectors of `fr_core_news_md`, read with spaCy, once a process. Only training needs them."""
    import spacy

    pipeline = spacy.load(
        MODEL,
        exclude=[
            "tok2vec",
            "tagger",
            "parser",
            "morphologizer",
            "attribute_ruler",
            "lemmatizer",
            "senter",
            "ner",
        ],
    )
    strings, vectors = pipeline.vocab.strings, pipeline.vocab.vectors
    known = ((strings[key], row) for key, row in vectors.key2row.items())
    spelled = [(word, row) for word, row in known if _WORD.fullmatch(word)]
    return WordVectors.of_words(spelled, vectors.data)
