"""How alike two readings are: by stems, characters, concepts, word vectors.

Each of these is a cosine similarity (a "block") between mixtures of the questions of a message and of its
whole body; their weighted sum is the kernel of `bot.nlu.ridge`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, pairwise
from operator import attrgetter
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix, vstack

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

_GRAM_SIZES = (3, 5)  # those of 4 add time, and on development questions nothing
_ALWAYS_KEPT = 50  # wordings: a term of fewer is kept in however small a base
_MOST_KEPT = 2000  # wordings: a term of more is left out of however large a base
_AT_ONCE = 64  # wordings whose rows are computed together


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
    """The terms of a text, by block: stems with their pairs and concepts, characters (the `pieces` of its
    `words`), concepts with their pairs."""

    words: Sequence[str]
    stems: Sequence[str]
    concepts: Sequence[str]

    @property
    def characters(self) -> list[str]:
        """The pieces of all words."""
        return [piece for word in self.words for piece in pieces(word)]


def terms(words: Sequence[str]) -> Terms:
    """What a text of these `words` (`bot.nlu.text.tokens`) is compared by."""
    stems = stems_of(words) or list(words)
    named = concepts(words)
    # What a question joins ("certification" with "prestataire") tells its subject better than each alone.
    joined = [f"{a} {b}" for a, b in combinations(sorted(named), 2)]
    return Terms(
        words=words,
        stems=stems + [f"{a} {b}" for a, b in pairwise(stems)] + named,
        concepts=named + joined,
    )


def pieces(word: str) -> list[str]:
    """The pieces of 3 and of 5 characters of `word`, its edges marked with a space."""
    edged = f" {word} "
    found: list[str] = []
    for size in _GRAM_SIZES:
        if len(edged) <= size:
            return [*found, edged]
        found += [edged[i : i + size] for i in range(len(edged) - size + 1)]
    return found


class SavedVocabulary(msgspec.Struct, frozen=True):
    """The terms of one vectorizer, in the order of its columns, with their inverse document frequencies; and
    the terms left out because so many texts hold them."""

    terms: list[str]
    idf: list[float]
    common: list[str]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows over the terms that any of them holds, a small part of a vocabulary: the `columns` of these terms,
    sorted, and the `values`, shape (rows, columns)."""

    columns: Numbers
    values: Floats

    def times(self, others: Block) -> Floats:
        """The products of each row with each of the rows `others`, over the whole vocabulary and stored by
        column."""
        # Dense here: a product of sparse rows would be computed twice, once to know its size.
        products: Floats = (others[:, self.columns] @ np.ascontiguousarray(self.values.T)).T
        return products

    def row(self, number: int) -> Part:
        """One row, over the terms that it holds itself."""
        held = np.flatnonzero(self.values[number])
        return Part(self.columns[held], self.values[number : number + 1, held])

    def sparse(self, terms_: int) -> Block:
        """The rows over the whole vocabulary of so many `terms_`."""
        row, held = np.nonzero(self.values)
        places = (row, self.columns[held])
        return csr_matrix((self.values[row, held], places), shape=(len(self.values), terms_))


def _itself(term: str) -> list[str]:
    return [term]


class _Weighing:
    """Texts → rows of the weights of their terms, as scikit-learn's `TfidfVectorizer` gives them: 1 + the
    logarithm of the count, times the inverse document frequency, to unit length.

    Its checks took longer than the few terms of a message.
    """

    def __init__(self, block: str, vocabulary: SavedVocabulary) -> None:
        # A word brings many pieces, and is looked at once however many texts say it.
        by_word = block == "characters"
        self._units_of: Callable[[Terms], Sequence[str]] = attrgetter("words" if by_word else block)
        self._terms_of: Callable[[str], list[str]] = pieces if by_word else _itself
        self.terms_of: Callable[[Terms], Sequence[str]] = attrgetter(block)
        self._columns = {term: i for i, term in enumerate(vocabulary.terms)}
        self._idf = np.array(vocabulary.idf, dtype=np.float64)
        self.vocabulary = vocabulary

    @classmethod
    def learned(cls, block: str, holding: Mapping[str, int], texts: int, most: int) -> _Weighing:
        """The weighing of the terms that at most `most` of so many `texts` hold, in alphabetical order.
        `holding`: how many hold each. Inverse document frequency as scikit-learn smooths it."""
        kept = sorted(term for term, count in holding.items() if count <= most)
        counts = np.array([holding[term] for term in kept])
        idf = np.log((1 + texts) / (1 + counts)) + 1
        common = sorted(term for term, count in holding.items() if count > most)
        return cls(block, SavedVocabulary(kept, idf.tolist(), common))

    @property
    def size(self) -> int:
        """How many terms it knows."""
        return len(self._columns)

    def counts(self, analysed: Sequence[Terms]) -> Part:
        """How often each text holds each term; those that are not known count for nothing."""
        numbers: dict[str, int] = {}
        said: list[int] = []
        ends = [0]
        for one in analysed:
            said += [numbers.setdefault(unit, len(numbers)) for unit in self._units_of(one)]
            ends.append(len(said))
        texts = np.repeat(np.arange(len(analysed)), np.diff(ends))
        shape = len(analysed), len(numbers)
        at = texts * len(numbers) + np.array(said, dtype=np.int64)
        units = np.bincount(at, minlength=shape[0] * shape[1]).reshape(shape)
        known: list[int] = []
        ends = [0]
        for unit in numbers:
            known += [i for term in self._terms_of(unit) if (i := self._columns.get(term)) is not None]
            ends.append(len(known))
        if not known:
            return Part(np.zeros(0, dtype=np.int32), np.zeros((len(analysed), 0), dtype=np.int64))
        columns = np.array(known, dtype=np.int32)
        order = np.argsort(columns, kind="stable")
        columns = columns[order]
        firsts = np.flatnonzero(np.diff(columns, prepend=-1))
        unit_of = np.repeat(np.arange(len(numbers)), np.diff(ends))[order]
        return Part(columns[firsts], np.add.reduceat(units[:, unit_of], firsts, axis=1))

    def weights(self, counts: Part) -> Floats:
        """The unit rows of texts that hold terms so often."""
        weights = np.log(np.maximum(counts.values, 1)) + 1
        return _unit(weights * (counts.values > 0) * self._idf[counts.columns])


@dataclass(frozen=True, slots=True)
class Rows:
    """Readings as rows. `parts`: those of each block of terms, `vectors`: those of the last block; `held`,
    for each block of terms, what each term counts, 1 in a question and `CONTEXT` elsewhere."""

    parts: list[Part]
    vectors: Floats
    held: list[Part]


class Similarity:
    """Turns readings into rows, block by block; the dot product of two rows is the block's share of the
    kernel: the cosine similarity (0..1) times its weight."""

    def __init__(self, weights: Weights, embed: Embed, vocabularies: Sequence[SavedVocabulary] = ()) -> None:
        self._weights = weights
        self._embed = embed
        self._weighings = [
            _Weighing(block, vocabulary)
            for block, vocabulary in zip(_TERM_BLOCKS, vocabularies, strict=False)
        ]

    def fit(self, readings: Sequence[Reading]) -> list[Block]:
        """Learns the vocabularies and their inverse document frequencies from the bodies of `readings`;
        returns their rows, one matrix a block."""
        holding: list[Counter[str]] = [Counter() for _ in _TERM_BLOCKS]
        # With a word of the thesaurus, since a base that mentions none would have no vocabulary at all.
        for words in (*(r.words for r in readings), tokens("dossier")):
            analysed = terms(words)
            for counter, block in zip(holding, _TERM_BLOCKS, strict=True):
                counter.update(set(getattr(analysed, block)))
        # Terms of one wording in ten tell little apart and would cost most of the time.
        most = max(_ALWAYS_KEPT, min(_MOST_KEPT, (len(readings) + 1) // 10))
        self._weighings = [
            _Weighing.learned(block, counter, len(readings) + 1, most)
            for block, counter in zip(_TERM_BLOCKS, holding, strict=True)
        ]
        chunks = [self.sparse(readings[i : i + _AT_ONCE]) for i in range(0, len(readings), _AT_ONCE)]
        *blocks, vectors = zip(*chunks, strict=True)
        return [*(vstack(block, format="csr") for block in blocks), np.vstack(vectors)]

    def widened(self, readings: Sequence[Reading]) -> Similarity:
        """A copy that also knows the terms of `readings`, as rare as the rarest; their columns come last."""
        analysed = [terms(r.words) for r in readings]
        wider = []
        for weighing, known in zip(self._weighings, self.vocabularies(), strict=True):
            # What is left out for being common must not come back as rare.
            old = {*known.terms, *known.common}
            new = sorted({t for one in analysed for t in weighing.terms_of(one)} - old)
            rarest = [max(known.idf)] * len(new)
            wider.append(SavedVocabulary(known.terms + new, known.idf + rarest, known.common))
        return Similarity(self._weights, self._embed, wider)

    def vocabularies(self) -> list[SavedVocabulary]:
        """What `fit` learned, to give back to the constructor."""
        return [weighing.vocabulary for weighing in self._weighings]

    def rows(self, readings: Sequence[Reading]) -> Rows:
        """One row per reading, in each block."""
        questions, places = _questions(readings)
        mixed = partial(_shared, readings=len(readings), places=places)
        analysed = [
            terms(words) for words in (*(r.words for r in readings), *(r.focus_words for r in questions))
        ]
        parts, held = [], []
        for weighing, scale in zip(self._weighings, self._scales(), strict=False):
            counts = weighing.counts(analysed)
            weights = mixed(weighing.weights(counts), share=self._weights.focus)
            parts.append(Part(counts.columns, (scale * _unit(weights)).astype(np.float32)))
            ones = (counts.values > 0).astype(np.float32)
            held.append(Part(counts.columns, mixed(ones, share=1 - CONTEXT)))
        vectors = self._embed([*(r.body for r in readings), *(r.focus for r in questions)])
        vectors = self._scales()[-1] * _unit(mixed(vectors, share=self._weights.focus))
        return Rows(parts, vectors.astype(np.float32), held)

    def _scales(self) -> list[float]:
        """What multiplies the unit rows of each block."""
        return [float(np.sqrt(share)) for share in self._weights.blocks()]

    def sparse(self, readings: Sequence[Reading]) -> list[Block]:
        """`rows` as `fit` returns them."""
        rows = self.rows(readings)
        sizes = [weighing.size for weighing in self._weighings]
        return [
            *(part.sparse(size) for part, size in zip(rows.parts, sizes, strict=True)),
            rows.vectors,
        ]


def _questions(readings: Sequence[Reading]) -> tuple[list[Reading], list[tuple[int, int]]]:
    """One reading of each question that is not its whole message; and of each of `readings` that has one, its
    number and the number of its question. The ways to read a question share one."""
    numbers: dict[str, int] = {}
    questions: list[Reading] = []
    places: list[tuple[int, int]] = []
    for i, reading in enumerate(readings):
        focus = reading.focus
        if focus != reading.body:
            if focus not in numbers:
                numbers[focus] = len(questions)
                questions.append(reading)
            places.append((i, numbers[focus]))
    return questions, places


def _shared(rows: Floats, readings: int, places: Sequence[tuple[int, int]], share: float) -> Floats:
    """The rows of so many `readings`, each that has a question (`_questions`) mixed with the row of that,
    which has this `share`. `rows`: of the readings, then of the questions."""
    mixed = rows[:readings].copy()
    if places:
        at, which = np.array(places).T
        mixed[at] = (1 - share) * mixed[at] + share * rows[readings + which]
    return mixed


def binary(rows: Block) -> Block:
    """Ones, in single precision, where the sparse `rows` hold anything."""
    return type(rows)((np.ones(rows.nnz, dtype=np.float32), rows.indices, rows.indptr), shape=rows.shape)


def with_terms(rows: Block, terms: int) -> Block:
    """The `rows`, stored by column, over so many `terms`: zeros for those that come after the known ones."""
    ends = np.pad(rows.indptr, (0, terms - rows.shape[1]), mode="edge")
    return csc_matrix((rows.data, rows.indices, ends), shape=(rows.shape[0], terms))


def _unit(rows: Floats) -> Floats:
    """`rows` scaled to unit length; rows of zeros stay."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Floats = rows / np.where(norms == 0, 1, norms)
    return unit
