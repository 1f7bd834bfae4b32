"""Which class does a message belong to? One small ridge regression per class, over known wordings.

Regularised least squares (Rifkin, Yeo & Poggio 2003, "Regularized least-squares classification") on the
similarity to known wordings gives each class a score. A class learns to tell its own wordings from the
`Weights.others` nearest wordings of other classes only: those far away say nothing, and so the work grows
with the number of classes and not with its cube. Exact leave-one-out scores train the ranker without ever
showing it a wording that the score has learned.

In a base of more than `EVERY_CLASS` classes, terms (an inverted index) find the `NEAR` classes whose wordings
are nearest, and only these are compared by vectors and scored; and a class is told from fewer others, so that
the work of training stays in proportion to the classes (`make bench-growth` measures it).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import msgspec
import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.sparse import csr_matrix, issparse, load_npz, save_npz, vstack
from threadpoolctl import threadpool_limits

from bot.nlu.pool import Pool, count, length_of
from bot.nlu.reader import Reading, Role, Sentence, read
from bot.nlu.similarity import (
    BLOCKS,
    TERM_BLOCKS,
    Block,
    Floats,
    Numbers,
    Part,
    Rows,
    SavedVocabulary,
    Similarity,
    Weights,
    with_terms,
)
from bot.nlu.text import stems_of
from bot.nlu.vectors import WordVectors

# Score asked of a class at one of its counter-examples: below the zero of an unrelated wording.
COUNTER_TARGET = -0.5
CELLS = 3_500_000  # of the kernel computed at once: messages compared with all wordings
AT_ONCE = 16  # messages compared at once, at most: more would not stay in the processor's cache
EVERY_CLASS = 512  # classes: beyond, only those near a message are scored
NEAR = 64
# Counter-wordings of all classes together, and of one class at least: beyond 250 classes, each has fewer than
# the weights say.
OTHERS_IN_ALL, FEWEST_OTHERS = 250_000, 64
SAMPLE = 4000
"""Wordings whose leave-one-out scores are computed, at most: enough for a ranker of some thirty weights."""


EVIDENCE = 1 + BLOCKS
"""Rows of `Scores.evidence`: the nearest wording by the whole kernel, then by each block."""


@dataclass(frozen=True, slots=True)
class Example:
    """A known wording and the class it belongs to."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Scores:
    """One message against every class (in a large base, those near it): `values[i]` scores class `labels[i]`,
    `evidence[:, i]` says how near its wordings are (0..1), see `EVIDENCE`, and `pooled[:, i]` how well they
    account for it together, by each block of terms (`bot.nlu.pool`); `words`: how many words of the message
    carry a subject."""

    labels: tuple[str, ...]
    values: Floats
    evidence: Floats
    pooled: Floats
    words: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The scores of the training wording `index` as they would be had it not been learned."""

    index: int
    scores: Scores


class SavedRidge(msgspec.Struct, frozen=True):
    """A trained `LocalRidge` but for its arrays."""

    labels: list[str]
    starts: list[int]
    wordings: int
    weights: Weights
    vocabularies: list[SavedVocabulary]
    averages: list[float]


class LocalRidge:
    """One-against-the-nearest regularised least squares; targets are 1 for a class's wordings, else 0."""

    def __init__(self, weights: Weights, vectors: WordVectors) -> None:
        self._weights = weights
        self.vectors = vectors
        self._similarity = Similarity(weights, vectors.embed)
        self.labels: tuple[str, ...] = ()

    def fit(
        self, examples: Sequence[Example], counter_examples: Sequence[Example] = (), sample: int = SAMPLE
    ) -> list[LeftOut]:
        """Learns from `examples`, sorted by label; returns leave-one-out scores of `sample` of them.

        A counter-example pushes its class down where it stands: it says what a wording is not, and nothing
        of what it is.
        """
        names = [e.label for e in examples]
        if names != sorted(names):
            raise ValueError("examples must be sorted by label")
        readings = [read_or_whole(e.text) for e in examples]
        rows = self._similarity.fit(readings)
        self.labels = tuple(sorted(set(names)))
        index = {label: i for i, label in enumerate(self.labels)}
        firsts = [i for i, name in enumerate(names) if i == 0 or names[i - 1] != name]
        self._starts = np.array(firsts, dtype=np.int64)
        self._wordings = len(examples)

        counters = [c for c in counter_examples if c.label in index]
        if counters:
            more = self._similarity.sparse([read_or_whole(c.text) for c in counters])
            rows = [_stack(*pair) for pair in zip(rows, more, strict=True)]
        # Every message is multiplied by those of its terms.
        self._known = [block.tocsc() if issparse(block) else block for block in rows]
        countered: dict[int, list[int]] = {}
        for i, counter in enumerate(counters):
            countered.setdefault(index[counter.label], []).append(self._wordings + i)
        left_out = self._solve_all(rows, countered)
        counts = [count(self._known[i].T, self._starts, self._wordings) for i in range(TERM_BLOCKS)]
        self._pools = [Pool.of(counted) for counted in counts]
        return self._leave_out(readings, left_out, counts, sample)

    def _solve_all(self, rows: Sequence[Block], countered: dict[int, list[int]]) -> Block:
        """Sets the coefficients, shape (classes, wordings); returns leave-one-out scores in that shape."""
        # Threads, since NumPy and SciPy let go of the interpreter while they compute; each computes alone, as
        # the threads that BLAS would add wait for each other.
        with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
            solved = pool.map(lambda i: self._solve(rows, i, countered.get(i, [])), range(len(self.labels)))
            indices, alphas, left_out = zip(*solved, strict=True)
        shape = (len(self.labels), rows[0].shape[0])
        self._alpha = _by_class(indices, alphas, shape)
        return _by_class(indices, left_out, shape)

    def _solve(
        self, rows: Sequence[Block], label: int, counters: Sequence[int]
    ) -> tuple[Floats, Floats, Floats]:
        """The ridge of one class: the wordings it learns from (`counters` are its counter-examples), their
        coefficients, their leave-one-out scores."""
        learned, own = self._opponents(rows, label, self._others())
        chosen = np.concatenate([learned, np.array(counters, dtype=np.int64)])
        targets = np.zeros(len(chosen), dtype=np.float32)
        targets[:own] = 1.0
        targets[len(learned) :] = COUNTER_TARGET
        kernel = _products_of(rows, chosen)
        ridge = np.full(len(chosen), self._weights.regularisation, dtype=np.float32)
        ridge[:own] /= self._weights.own
        kernel[np.diag_indices(len(chosen))] += ridge
        factor, _ = cho_factor(kernel, lower=True, overwrite_a=True)
        alpha = cho_solve((factor, True), targets)
        # LAPACK's own inversions would be faster, and crash where `bot.blas` was not heard.
        one = np.eye(len(chosen), dtype=np.float32)
        root = solve_triangular(factor, one, lower=True, overwrite_b=True, check_finite=False)
        # Leave-one-out predictor of ridge regression: y_i - alpha_i / (G^-1)_ii.
        return chosen, alpha, targets - alpha / np.einsum("ij,ij->j", root, root)

    def with_class(self, label: str, texts: Sequence[str]) -> LocalRidge:
        """A copy that knows the class `label` by its wordings `texts` too, told from the nearest ones known.

        The other classes stay as they were trained. Raises ValueError when the class is known already or has
        no wording.
        """
        if label in self.labels or not texts:
            raise ValueError(f"{label}: known already, or without wording")
        known = self._wordings
        readings = [read_or_whole(text) for text in texts]
        wider = LocalRidge(self._weights, self.vectors)
        wider._similarity = self._similarity.widened(readings)
        more = wider._similarity.sparse(readings)
        wider.labels = (*self.labels, label)
        wider._starts = np.append(self._starts, known)
        wider._wordings = known + len(texts)
        # Between the wordings and the counter-examples, which come last.
        wider._known = [
            _stack(block[:known], added, block[known:])
            for block, added in zip(map(_wider, self._known, more), more, strict=True)
        ]
        wider._pools = [pool.with_class(block) for pool, block in zip(self._pools, more, strict=False)]
        rows = [block.tocsr() if issparse(block) else block for block in wider._known]
        chosen, alpha, _ = wider._solve(rows, len(self.labels), [])
        old = self._alpha
        moved = np.where(old.indices < known, old.indices, old.indices + len(texts))
        wider._alpha = csr_matrix(
            (
                np.concatenate([old.data, alpha]),
                np.concatenate([moved, chosen]),
                np.append(old.indptr, old.indptr[-1] + len(chosen)),
            ),
            shape=(len(wider.labels), rows[0].shape[0]),
        )
        return wider

    def _others(self) -> int:
        """How many wordings of other classes a class is told from."""
        share = max(FEWEST_OTHERS, OTHERS_IN_ALL // len(self.labels))
        return min(self._weights.others, share, self._wordings)

    @property
    def _every_class(self) -> bool:
        """Whether a message is compared with every class."""
        return len(self.labels) <= EVERY_CLASS

    def _opponents(self, rows: Sequence[Block], label: int, others: int) -> tuple[Floats, int]:
        """Numbers of the wordings of class `label`, then of the `others` wordings of other classes nearest to
        them on the whole (by terms alone in a large base); and how many are its own."""
        own = np.arange(*self._span(label))
        near = np.zeros(self._wordings, dtype=np.float32)
        for block, known in zip(rows, self._known, strict=True):
            if issparse(block):
                found = csr_matrix(np.ones((1, len(own)), dtype=np.float32)) @ block[own] @ known.T
                near += found.toarray().ravel()[: self._wordings]
            elif self._every_class:
                near += (known @ block[own].sum(axis=0))[: self._wordings]
        near[own] = -np.inf
        count = min(others, self._wordings - len(own))
        nearest = np.argpartition(-near, count - 1)[:count] if count else np.array([], dtype=np.int64)
        return np.concatenate([own, np.sort(nearest)]), len(own)

    def _span(self, label: int) -> tuple[int, int]:
        last = label == len(self.labels) - 1
        return int(self._starts[label]), self._wordings if last else int(self._starts[label + 1])

    def _leave_out(
        self, readings: Sequence[Reading], left_out: Block, counts: Sequence[Block], sample: int
    ) -> list[LeftOut]:
        generator = np.random.default_rng(0)
        size = min(sample, self._wordings)
        chosen = np.sort(generator.choice(self._wordings, size=size, replace=False))
        by_wording = left_out.tocsc()
        found: list[LeftOut] = []
        chunk = max(1, min(AT_ONCE, CELLS // self._wordings))
        for start in range(0, size, chunk):
            part = chosen[start : start + chunk]
            known = [readings[i] for i in part]
            rows = self._similarity.rows(known)
            for n, (classes, scores) in enumerate(self._scored(rows, known, part)):
                i = int(part[n])
                learned = slice(by_wording.indptr[i], by_wording.indptr[i + 1])
                at = np.searchsorted(classes, by_wording.indices[learned])
                kept = (at < len(classes)) & (
                    classes[np.minimum(at, len(classes) - 1)] == by_wording.indices[learned]
                )
                scores.values[at[kept]] = by_wording.data[learned][kept]
                self._unpool(scores, classes, i, [held.row(n) for held in rows.held], counts)
                found.append(LeftOut(i, scores))
        return found

    def _unpool(
        self, scores: Scores, classes: Numbers, wording: int, rows: Sequence[Part], counts: Sequence[Block]
    ) -> None:
        """Takes from `scores`, of the `classes`, what the class of a training wording owes to it. `rows`:
        one of `Rows.held` for each pool; `counts`: of each pool."""
        own = int(np.searchsorted(self._starts, wording, side="right")) - 1
        at = int(np.searchsorted(classes, own))
        if at == len(classes) or classes[at] != own:
            return
        for i, (pool, held, counted) in enumerate(zip(self._pools, rows, counts, strict=True)):
            of_own = counted[:, own].toarray().ravel()[held.columns]
            scores.pooled[i, at] = pool.without_itself(held, of_own, length_of(counted, own))

    def _scored(
        self, rows: Rows, readings: Sequence[Reading], hidden: Numbers | None = None
    ) -> list[tuple[Numbers, Scores]]:
        """For each of `readings`, whose `rows` these are, the classes scored (their indices, sorted) and the
        scores. The wordings `hidden`, one a row, are like no message."""
        products = [part.times(known) for part, known in zip(rows.parts, self._known, strict=False)]
        if self._every_class:
            products.append((self._known[-1] @ rows.vectors.T).T)
        if hidden is not None:
            for product in products:
                product[np.arange(len(hidden)), hidden] = 0.0
        pooled = np.stack(
            [pool.scores(held) for pool, held in zip(self._pools, rows.held, strict=True)], axis=1
        )
        if self._every_class:
            classes = np.arange(len(self.labels))
            return [(classes, scores) for scores in self._score(products, pooled, readings)]
        products = [np.ascontiguousarray(product) for product in products]
        return [
            self._score_near(
                [product[i] for product in products],
                pooled[i],
                rows.vectors[i],
                reading,
                None if hidden is None else hidden[i],
            )
            for i, reading in enumerate(readings)
        ]

    def _score(self, products: Sequence[Floats], pooled: Floats, readings: Sequence[Reading]) -> list[Scores]:
        """The scores of every class from the products of each block and what the pools say."""
        kernel = reduce(np.add, products)
        values = (self._alpha @ kernel.T).T
        evidence = np.stack(
            [
                np.maximum.reduceat(layer[:, : self._wordings], self._starts, axis=1)
                for layer in (kernel, *products)
            ],
            axis=1,
        )
        return [
            Scores(self.labels, values[i], evidence[i], pooled[i], len(stems_of(reading.words)))
            for i, reading in enumerate(readings)
        ]

    def _score_near(
        self,
        products: Sequence[Floats],
        pooled: Floats,
        vector: Floats,
        reading: Reading,
        hidden: int | None,
    ) -> tuple[Numbers, Scores]:
        """The scores of the `NEAR` classes nearest by terms. `products`: those of the message, one a sparse
        block, with each wording and counter-example; `pooled`: what the pools say of each class; `vector`:
        the message's row of the last block."""
        by_terms = reduce(np.add, products)
        nearest = np.maximum.reduceat(by_terms[: self._wordings], self._starts)
        classes = np.sort(np.argpartition(-nearest, NEAR - 1)[:NEAR])
        alpha = self._alpha[classes]
        firsts = self._starts[classes]
        sizes = np.append(self._starts, self._wordings)[classes + 1] - firsts
        starts = np.cumsum(sizes) - sizes
        own = np.repeat(firsts - starts, sizes) + np.arange(sizes.sum())
        # Only what these classes learned from is compared by vectors.
        compared = np.zeros(len(by_terms), dtype=bool)
        compared[alpha.indices] = compared[own] = True
        support = np.flatnonzero(compared)
        by_vector = np.zeros_like(by_terms)
        by_vector[support] = self._known[-1][support] @ vector
        if hidden is not None:
            by_vector[hidden] = 0.0
        kernel = by_terms + by_vector
        values = np.add.reduceat(alpha.data * kernel[alpha.indices], alpha.indptr[:-1])
        layers = (kernel, *products, by_vector)
        evidence = np.stack([np.maximum.reduceat(layer[own], starts) for layer in layers])
        labels = tuple(self.labels[label] for label in classes)
        return classes, Scores(labels, values, evidence, pooled[:, classes], len(stems_of(reading.words)))

    def scores(self, readings: Sequence[Reading]) -> list[Scores]:
        """Scores of each reading for every class."""
        return [scores for _, scores in self._scored(self._similarity.rows(readings), readings)]

    def save(self, folder: Path) -> None:
        """Writes the trained model into `folder`."""
        saved = SavedRidge(
            list(self.labels),
            self._starts.tolist(),
            self._wordings,
            self._weights,
            self._similarity.vocabularies(),
            [pool.average for pool in self._pools],
        )
        (folder / "ridge.json").write_bytes(msgspec.json.encode(saved))
        for i, block in enumerate(self._known):
            if issparse(block):
                save_npz(folder / f"known{i}.npz", block, compressed=False)
            else:
                np.save(folder / f"known{i}.npy", block)
        for i, pool in enumerate(self._pools):
            save_npz(folder / f"pool{i}.npz", pool.weights, compressed=False)
        save_npz(folder / "alpha.npz", self._alpha, compressed=False)
        self.vectors.save(folder)

    @classmethod
    def load(cls, folder: Path) -> LocalRidge:
        """The model that `save` wrote."""
        saved = msgspec.json.decode((folder / "ridge.json").read_bytes(), type=SavedRidge)
        weights = saved.weights
        model = cls(weights, WordVectors.load(folder))
        model._similarity = Similarity(weights, model.vectors.embed, saved.vocabularies)
        model.labels = tuple(saved.labels)
        model._starts, model._wordings = np.array(saved.starts, dtype=np.int64), saved.wordings
        model._known = [_load_known(folder, i) for i in range(BLOCKS)]
        model._pools = [
            Pool(load_npz(folder / f"pool{i}.npz"), mean) for i, mean in enumerate(saved.averages)
        ]
        model._alpha = load_npz(folder / "alpha.npz")
        return model


def _products_of(rows: Sequence[Block], chosen: Floats) -> Floats:
    """The kernel of the rows `chosen` with each other."""
    size = len(chosen)
    kernel = np.zeros((size, size), dtype=np.float32)
    for block in rows:
        part = block[chosen]
        product = part @ part.T
        kernel += product.toarray() if issparse(product) else product
    return kernel


def _by_class(indices: Sequence[Floats], data: Sequence[Floats], shape: tuple[int, int]) -> Block:
    """A sparse matrix with one row per class."""
    ends = np.cumsum([0, *(len(i) for i in indices)])
    return csr_matrix((np.concatenate(data), np.concatenate(indices), ends), shape=shape)


def _wider(known: Block, rows: Block) -> Block:
    """`known` with a column of zeros for each term that only `rows` have."""
    return with_terms(known, rows.shape[1]) if issparse(known) else known


def _stack(*parts: Block) -> Block:
    return vstack(parts, format=parts[0].format) if issparse(parts[0]) else np.vstack(parts)


def _load_known(folder: Path, block: int) -> Block:
    sparse = folder / f"known{block}.npz"
    if sparse.exists():
        return load_npz(sparse)
    return np.load(folder / f"known{block}.npy", allow_pickle=False)


def read_or_whole(text: str) -> Reading:
    """The reading of `text`; a message that is nothing but courtesy ("merci") is its own body."""
    reading = read(text)
    return reading if reading.body else Reading((Sentence(text, Role.CONTEXT),))
