"""How alike two readings are: by stems, characters, concepts, word vectors.

Each of these is a cosine similarity (a "block") between mixtures of the questions of a message and of its
whole body; their weighted sum is the kernel of `bot.nlu.ridge`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from operator import attrgetter
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, issparse, vstack

from bot.nlu.concepts import concepts
from bot.nlu.reader import Reading
from bot.nlu.text import stems_of, tokens

Floats = NDArray[np.floating[Any]]
Numbers = NDArray[np.signedinteger[Any]]

Embed = Callable[[Sequence[str]], Floats]
"""Texts → one row of unit length (or zero) per text."""

Block: TypeAlias = Any
"""Rows of one similarity: a `csr_matrix` for terms (scipy ships no types), an array for vectors."""

BLOCKS = 4
"""Stems, characters, concepts, vectors."""

_TERM_BLOCKS = ("stems", "characters", "concepts")
"""The blocks that compare terms, in order (fields of `Terms`)."""

TERM_BLOCKS = len(_TERM_BLOCKS)
"""How many blocks compare terms; they come first."""

CONTEXT = 0.5
"""What a term of the context counts against one of the questions, where all wordings of a class are asked."""

_GRAM_SIZES = (3, 4, 5)
_ALWAYS_KEPT = 50  # wordings: a term of fewer is kept in however small a base
_MOST_KEPT = 2000  # wordings: a term of more is left out of however large a base


@dataclass(frozen=True, slots=True)
class Weights:
    """Share of each similarity in the kernel, and what the ridge needs.

    `focus`: weight of the questions against the whole body. `regularisation` of the ridge; `own`: how much
    more a wording of the class weighs than another; `others`: how many wordings of other classes a class is
    told from, the nearest ones.
    """

    stems: float = 0.35
    characters: float = 0.35
    concepts: float = 0.10
    vectors: float = 0.20
    focus: float = 0.35
    regularisation: float = 0.6
    own: float = 3.0
    others: int = 1000

    def blocks(self) -> tuple[float, ...]:
        """The share of each block."""
        return self.stems, self.characters, self.concepts, self.vectors


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a text, by block: stems with their pairs and concepts, characters, concepts with their
    pairs."""

    stems: list[str]
    characters: list[str]
    concepts: list[str]


def terms(text: str) -> Terms:
    """What `text` is compared by."""
    words = tokens(text)
    stems = stems_of(words) or list(words)
    named = concepts(words)
    # What a question joins ("certification" with "prestataire") tells its subject better than each alone.
    joined = [f"{a} {b}" for a, b in combinations(sorted(named), 2)]
    return Terms(
        stems=stems + [f"{a} {b}" for a, b in pairwise(stems)] + named,
        characters=_character_grams(words),
        concepts=named + joined,
    )


def _character_grams(words: Sequence[str]) -> list[str]:
    """Pieces of 3 to 5 characters inside words, edges marked with a space."""
    grams: list[str] = []
    for word in words:
        edged = f" {word} "
        for size in _GRAM_SIZES:
            if len(edged) <= size:
                grams.append(edged)
                break
            grams += [edged[i : i + size] for i in range(len(edged) - size + 1)]
    return grams


class SavedVocabulary(msgspec.Struct, frozen=True):
    """The terms of one vectorizer, in the order of its columns, with their inverse document frequencies."""

    terms: list[str]
    idf: list[float]


class _Weighing:
    """Texts → rows of the weights of their terms, as scikit-learn's `TfidfVectorizer` gives them: 1 + the
    logarithm of the count, times the inverse document frequency, to unit length.

    Its checks took longer than the few terms of a message.
    """

    def __init__(self, block: str, terms_: Sequence[str], idf: Sequence[float]) -> None:
        self.terms_of: Callable[[Terms], list[str]] = attrgetter(block)
        self._columns = {term: i for i, term in enumerate(terms_)}
        self._idf = np.array(idf, dtype=np.float64)

    def saved(self) -> SavedVocabulary:
        """What the constructor was given."""
        return SavedVocabulary(list(self._columns), [float(x) for x in self._idf])

    def rows(self, analysed: Sequence[Terms]) -> Block:
        """One row per text; terms that are not known count for nothing."""
        columns: list[int] = []
        counts: list[int] = []
        ends = [0]
        for one in analysed:
            counted: dict[int, int] = {}
            for term in self.terms_of(one):
                column = self._columns.get(term)
                if column is not None:
                    counted[column] = counted.get(column, 0) + 1
            columns += counted.keys()
            counts += counted.values()
            ends.append(len(columns))
        return self.weighed(np.array(columns, dtype=np.int32), np.array(counts), np.array(ends))

    def weighed(self, columns: Numbers, counts: Numbers, ends: Numbers) -> Block:
        """The rows that hold `counts` of the terms `columns`, each as far as its one of `ends`."""
        weights = (1.0 + np.log(counts)) * self._idf[columns]
        rows = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
        weights /= _norms(rows, weights, len(ends) - 1)[rows]
        return csr_matrix((weights, columns, ends), shape=(len(ends) - 1, len(self._columns)))


class _Counts:
    """The terms of many texts of one block, counted as they come: lists of them would take a gigabyte in a
    large base."""

    def __init__(self, block: str) -> None:
        self._block = block
        self._terms_of: Callable[[Terms], list[str]] = attrgetter(block)
        self._known: dict[str, int] = {}
        self._columns, self._counts, self._ends = array("i"), array("i"), array("q", [0])

    def add(self, one: Terms) -> None:
        """Counts the terms of one more text."""
        counted: dict[int, int] = {}
        for term in self._terms_of(one):
            column = self._known.setdefault(term, len(self._known))
            counted[column] = counted.get(column, 0) + 1
        self._columns.extend(counted.keys())
        self._counts.extend(counted.values())
        self._ends.append(len(self._columns))

    def learned(self, most: int) -> tuple[_Weighing, Block]:
        """The weighing of the terms that at most `most` texts hold, in alphabetical order, and the rows of
        the texts. Inverse document frequency as scikit-learn smooths it."""
        columns = np.array(self._columns)
        texts = len(self._ends) - 1
        holding = np.bincount(columns, minlength=len(self._known))
        kept = [(term, i) for term, i in sorted(self._known.items()) if holding[i] <= most]
        order = np.array([i for _, i in kept], dtype=np.int64)
        place = np.full(len(self._known), -1, dtype=np.int32)
        place[order] = np.arange(len(order))
        columns = place[columns]
        stays = columns >= 0
        ends = np.concatenate([[0], np.cumsum(stays)])[np.array(self._ends)]
        idf = np.log((1 + texts) / (1 + holding[order])) + 1
        weighing = _Weighing(self._block, [term for term, _ in kept], idf)
        return weighing, weighing.weighed(columns[stays], np.array(self._counts)[stays], ends)


@dataclass(frozen=True, slots=True)
class Rows:
    """Readings as rows: `blocks`, one matrix a similarity; `terms`, for each block of terms, what each term
    counts, 1 in a question and `CONTEXT` elsewhere."""

    blocks: list[Block]
    terms: list[Block]


class Similarity:
    """Turns readings into rows, block by block; the dot product of two rows is the block's share of the
    kernel: the cosine similarity (0..1) times its weight."""

    def __init__(self, weights: Weights, embed: Embed, vocabularies: Sequence[SavedVocabulary] = ()) -> None:
        self._weights = weights
        self._embed = embed
        self._weighings = [
            _Weighing(block, vocabulary.terms, vocabulary.idf)
            for block, vocabulary in zip(_TERM_BLOCKS, vocabularies, strict=False)
        ]

    def fit(self, readings: Sequence[Reading]) -> list[Block]:
        """Learns the vocabularies and their inverse document frequencies from the bodies of `readings`;
        returns their `rows`."""
        counts = [_Counts(block) for block in _TERM_BLOCKS]
        # With a word of the thesaurus, since a base that mentions none would have no vocabulary at all.
        for text in (*(r.body for r in readings), "dossier"):
            analysed = terms(text)
            for counted in counts:
                counted.add(analysed)
        # Terms of one wording in ten tell little apart and would cost most of the time.
        most = max(_ALWAYS_KEPT, min(_MOST_KEPT, (len(readings) + 1) // 10))
        learned = [counted.learned(most) for counted in counts]
        self._weighings = [weighing for weighing, _ in learned]
        bodies = [rows[: len(readings)] for _, rows in learned]
        bodies.append(self._embed([r.body for r in readings]))
        return self._blocks(bodies, *self._questions(readings))

    def widened(self, texts: Sequence[str]) -> Similarity:
        """A copy that also knows the terms of `texts`, as rare as the rarest; their columns come last."""
        analysed = [terms(text) for text in texts]
        wider = []
        for weighing, known in zip(self._weighings, self.vocabularies(), strict=True):
            old = set(known.terms)
            new = sorted({t for one in analysed for t in weighing.terms_of(one)} - old)
            wider.append(SavedVocabulary(known.terms + new, known.idf + [max(known.idf)] * len(new)))
        return Similarity(self._weights, self._embed, wider)

    def vocabularies(self) -> list[SavedVocabulary]:
        """What `fit` learned, to give back to the constructor."""
        return [weighing.saved() for weighing in self._weighings]

    def rows(self, readings: Sequence[Reading]) -> Rows:
        """One matrix per block, with one row per reading."""
        bodies = self._part([r.body for r in readings])
        focuses, places = self._questions(readings)
        held = [binary(body) for body in bodies[:TERM_BLOCKS]]
        if places:
            held = [_raised(body, binary(focus), places) for body, focus in zip(held, focuses, strict=False)]
        return Rows(self._blocks(bodies, focuses, places), held)

    def _questions(self, readings: Sequence[Reading]) -> tuple[list[Block], list[tuple[int, int]]]:
        """The rows of the questions that are not their whole message, block by block; and of each reading
        that has one, its number and the row of its question. The ways to read a question share that row."""
        apart = [i for i, r in enumerate(readings) if r.focus != r.body]
        number = {text: n for n, text in enumerate(dict.fromkeys(readings[i].focus for i in apart))}
        return self._part(list(number)) if apart else [], [(i, number[readings[i].focus]) for i in apart]

    def _blocks(
        self, bodies: Sequence[Block], focuses: Sequence[Block], places: Sequence[tuple[int, int]]
    ) -> list[Block]:
        """The rows of the bodies, mixed with those of their questions (`_questions`), and scaled."""
        if places:
            share = self._weights.focus
            bodies = [_mixed(body, focus, places, share) for body, focus in zip(bodies, focuses, strict=True)]
        scales = [float(np.sqrt(share)) for share in self._weights.blocks()]
        return [_scaled(block, scale) for block, scale in zip(bodies, scales, strict=True)]

    def _part(self, texts: Sequence[str]) -> list[Block]:
        analysed = [terms(text) for text in texts]
        return [*(weighing.rows(analysed) for weighing in self._weighings), self._embed(texts)]


def _raised(body: Block, focus: Block, places: Sequence[tuple[int, int]]) -> Block:
    """`body`, ones for the terms of each text, with `CONTEXT` for those that its question does not hold.
    `focus`: ones for those that each question holds; `places`: the rows of the texts that have one, and its
    row."""
    keep, spread = _spread(places, CONTEXT, body.shape[0], focus.shape[0])
    return _times(body, keep) + spread @ focus


def _spread(
    places: Sequence[tuple[int, int]], left: float, rows: int, questions: int
) -> tuple[Floats, Block]:
    """What each of `rows` keeps of itself, `left` where `places` gives it a question, else all; and the
    matrix that adds the rest of the question to it."""
    at, which = np.array(places).T
    keep = np.ones(rows, dtype=np.float32)
    keep[at] = left
    share = np.full(len(places), 1 - left, dtype=np.float32)
    return keep, csr_matrix((share, (at, which)), shape=(rows, questions))


def binary(rows: Block) -> Block:
    """Ones, in single precision, where the sparse `rows` hold anything."""
    return type(rows)((np.ones(rows.nnz, dtype=np.float32), rows.indices, rows.indptr), shape=rows.shape)


def _mixed(body: Block, focus: Block, places: Sequence[tuple[int, int]], share: float) -> Block:
    """`body` with each row that has a question (`places`, as in `_raised`) replaced by the unit mixture of
    itself and of the row of `focus`, which has this `share`."""
    if not issparse(body):
        at, which = np.array(places).T
        mixed = np.array(body, copy=True)
        mixed[at] = _unit((1 - share) * mixed[at] + share * focus[which])
        return mixed
    keep, spread = _spread(places, 1 - share, body.shape[0], focus.shape[0])
    return _unit(_times(body, keep) + spread @ focus)


def taller(columns: Block, terms: int) -> Block:
    """The sparse `columns` with lines of zeros below, up to one for each of `terms`."""
    missing = terms - columns.shape[0]
    if not missing:
        return columns
    return vstack([columns, csr_matrix((missing, columns.shape[1]), dtype=np.float32)], format="csr")


def _unit(rows: Block) -> Block:
    """`rows` scaled to unit length; rows of zeros stay."""
    if issparse(rows):
        return _times(rows, 1 / _norms(_row_numbers(rows), rows.data, rows.shape[0]))
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(norms == 0, 1, norms)


def _norms(numbers: NDArray[np.int64], values: Floats, rows: int) -> Floats:
    """The length of each of `rows` rows whose `values` stand in the rows `numbers`; 1 for a row of zeros."""
    norms = np.sqrt(np.bincount(numbers, values * values, minlength=rows))
    norms[norms == 0] = 1
    return norms


def _row_numbers(rows: Block) -> NDArray[np.int64]:
    """The row of each stored value of the sparse `rows`."""
    return np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))


def _times(rows: Block, factors: Floats) -> Block:
    """The sparse `rows`, each times its factor."""
    values = rows.data * factors[_row_numbers(rows)]
    return csr_matrix((values, rows.indices, rows.indptr), shape=rows.shape)


def _scaled(rows: Block, scale: float) -> Block:
    """`rows` times `scale`, in single precision."""
    if not issparse(rows):
        return (rows * scale).astype(np.float32)
    values = (rows.data * scale).astype(np.float32)
    return csr_matrix((values, rows.indices, rows.indptr), shape=rows.shape)
