"""How well the wordings of a class, taken together, account for a message.

BM25 (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond"), with the wordings
of a class as one document: a message may borrow a word from one of them and another from the next, which no
single wording shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, vstack

from bot.nlu.similarity import Block, Floats, Numbers, Part, binary, with_terms

SATURATION = 1.2  # k1: how soon more wordings with a term stop to count
LENGTH = 0.75  # b: how far a class of many terms is held back


@dataclass(frozen=True, slots=True)
class Pool:
    """The weight of each term for each class, shape (classes, terms), by column; how many terms a class holds
    on average, each as often as wordings hold it."""

    weights: Block
    average: float

    @classmethod
    def of(cls, counts: Block) -> Pool:
        """The pool of `counts` (`count`)."""
        lengths = _lengths(counts)
        average = float(lengths.mean())
        idf = _idf(np.bincount(counts.indices, minlength=counts.shape[0]), counts.shape[1])
        classes = np.repeat(np.arange(counts.shape[1]), np.diff(counts.indptr))
        weights = _weights(counts.data, idf[counts.indices], lengths[classes], average)
        by_class = type(counts)((weights, counts.indices, counts.indptr), shape=counts.shape)
        return cls(by_class.tocsr().T, average)

    def scores(self, held: Part) -> Floats:
        """How well each class accounts for the messages whose terms count as `held` says; shape (rows,
        classes)."""
        return held.times(self.weights)

    def without_itself(self, held: Part, own: Floats, length: float) -> float:
        """The score of a class for one of its own wordings, whose terms count as in `scores` (one row, zeros
        left out), had it not learned it. `own`: how many of its wordings hold each of them, `length`: how
        many terms it holds in all."""
        idf = _idf(np.diff(self.weights.indptr)[held.columns], self.weights.shape[0])
        lengths = np.full(len(own), length - len(own))
        return float(_weights(own - 1, idf, lengths, self.average) @ held.values[0])

    def with_class(self, rows: Block) -> Pool:
        """A copy with one more class, whose wordings are `rows`; these may hold terms that come after those
        known. What the other classes weigh stays."""
        weights = with_terms(self.weights, rows.shape[1])
        counts = np.asarray(binary(rows).sum(axis=0), dtype=np.float32).ravel()
        held = np.flatnonzero(counts)
        known = np.diff(weights.indptr)[held]
        idf = _idf(known + 1, weights.shape[0] + 1)
        lengths = np.full(len(held), counts.sum())
        row = _weights(counts[held], idf, lengths, self.average)
        new = csr_matrix((row, held, [0, len(held)]), shape=(1, weights.shape[1]))
        return Pool(vstack([weights, new], format="csc"), self.average)


def count(columns: Block, starts: Numbers, wordings: int) -> Block:
    """How many wordings of each class hold each term, shape (terms, classes), by column. `columns`: the first
    `wordings` are the wordings, in classes that begin at `starts`; those after them do not count."""
    sizes = np.diff(np.append(starts, wordings))
    classes = np.repeat(np.arange(len(starts)), sizes)
    places = (np.ones(wordings, dtype=np.float32), (np.arange(wordings), classes))
    return (binary(columns[:, :wordings]) @ csr_matrix(places, shape=(wordings, len(starts)))).tocsc()


def length_of(counts: Block, label: int) -> float:
    """How many terms the class `label` holds, each as often as its wordings hold it."""
    return float(counts.data[counts.indptr[label] : counts.indptr[label + 1]].sum())


def _lengths(counts: Block) -> Floats:
    return np.asarray(counts.sum(axis=0), dtype=np.float32).ravel()


def _idf(holding: Numbers, classes: int) -> Floats:
    idf: Floats = np.log(1 + (classes - holding + 0.5) / (holding + 0.5)).astype(np.float32)
    return idf


def _weights(counts: Floats, idf: Floats, lengths: Floats, average: float) -> Floats:
    saturation = SATURATION * (1 - LENGTH + LENGTH * lengths / average)
    weights: Floats = (idf * counts * (SATURATION + 1) / (counts + saturation)).astype(np.float32)
    return weights
