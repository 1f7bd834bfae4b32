"""Okapi BM25 (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond")."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, load_npz, save_npz

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """Lower-case words, nothing else done to them."""
    return _WORD.findall(text.lower())


class BM25:
    """Scores documents for a query: the sum, over its words, of idf x saturated frequency.

    `k1` bounds what repetition brings, `b` (0..1) how much a long document is held back. The inverse document
    frequency is ln(1 + (N - n + 0.5) / (n + 0.5)), never negative.
    """

    def __init__(self, vocabulary: dict[str, int], table: csc_matrix) -> None:
        self._vocabulary = vocabulary
        self._table = table

    @classmethod
    def fit(cls, documents: Sequence[str], k1: float = 1.5, b: float = 0.75) -> BM25:
        """Indexes `documents`. Raises ValueError when none holds a word."""
        counts = [Counter(words(document)) for document in documents]
        vocabulary = {word: i for i, word in enumerate(sorted({w for c in counts for w in c}))}
        if not vocabulary:
            raise ValueError("no word to index")
        rows = [i for i, count in enumerate(counts) for _ in count]
        columns = [vocabulary[word] for count in counts for word in count]
        frequency = np.array([n for count in counts for n in count.values()], dtype=np.float64)
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float64)
        holding = np.bincount(columns, minlength=len(vocabulary))
        idf = np.log1p((len(documents) - holding + 0.5) / (holding + 0.5))
        norm = k1 * (1 - b + b * lengths / lengths.mean())
        values = idf[columns] * frequency * (k1 + 1) / (frequency + norm[rows])
        return cls(vocabulary, csc_matrix((values, (rows, columns)), shape=(len(counts), len(vocabulary))))

    def scores(self, query: str) -> NDArray[np.float64]:
        """The score of each document; a word said twice counts twice."""
        counts = Counter(self._vocabulary[word] for word in words(query) if word in self._vocabulary)
        total = np.zeros(self._table.shape[0])
        for column, count in counts.items():
            inside = slice(self._table.indptr[column], self._table.indptr[column + 1])
            total[self._table.indices[inside]] += count * self._table.data[inside]
        return total

    def save(self, folder: Path) -> None:
        """Writes the index into `folder`."""
        (folder / "vocabulary.json").write_text(json.dumps(list(self._vocabulary)), encoding="utf-8")
        save_npz(folder / "table.npz", self._table)

    @classmethod
    def load(cls, folder: Path) -> BM25:
        """The index that `save` wrote."""
        names = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        return cls({word: i for i, word in enumerate(names)}, load_npz(folder / "table.npz").tocsc())
