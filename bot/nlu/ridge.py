"""Which class does a message belong to? Kernel ridge over known wordings.

Regularised least squares (Rifkin, Yeo & Poggio 2003, "Regularized least-squares classification") on the
weighted similarity to every known wording gives one score per class. Its leave-one-out scores, exact and in
closed form, train the ranker without ever showing it a wording that the score has learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import spotri
from scipy.sparse import issparse, load_npz, save_npz, vstack

from bot.nlu.reader import Reading, Role, Sentence, read
from bot.nlu.similarity import BLOCKS, Block, Embed, Floats, SavedVocabulary, Similarity, Weights

# Score asked of a fiche at one of its counter-examples: below the zero of an unrelated wording.
COUNTER_TARGET = -0.5
CHUNK = 256  # messages compared with all wordings at once

EVIDENCE = 2 + 2 * BLOCKS
"""Rows of `Scores.evidence`: nearest wording and nearest passage by the whole kernel, then, by each block,
the nearest wording and the nearest passage."""


@dataclass(frozen=True, slots=True)
class Example:
    """A known wording and the class it belongs to."""

    text: str
    label: str
    passage: bool = False
    """A passage of the fiche's own text: it widens the fiche's words, but nobody asks so."""


@dataclass(frozen=True, slots=True)
class Scores:
    """One message against every class: `values[i]` scores class `labels[i]`, `evidence[:, i]` says how near
    its wordings and passages are (0..1), see `EVIDENCE`."""

    labels: tuple[str, ...]
    values: Floats
    evidence: Floats


class SavedRidge(msgspec.Struct, frozen=True):
    """A trained `KernelRidge` but for its arrays."""

    labels: list[str]
    starts: list[int]
    passages: list[int]
    wordings: int
    weights: dict[str, float]
    vocabularies: list[SavedVocabulary]


class KernelRidge:
    """One-against-all regularised least squares; targets are 1 for the wording's class, 0 elsewhere."""

    def __init__(self, weights: Weights, embed: Embed) -> None:
        self._weights = weights
        self._similarity = Similarity(embed)
        self.labels: tuple[str, ...] = ()

    def fit(self, examples: Sequence[Example], counter_examples: Sequence[Example] = ()) -> list[Scores]:
        """Learns from `examples`, sorted by label with passages last, and returns their leave-one-out scores.

        A counter-example pushes its class down where it stands and leaves the others as the examples
        alone would score them: it says what a wording is not, and nothing of what it is.
        """
        keys = [(e.label, e.passage) for e in examples]
        if keys != sorted(keys):
            raise ValueError("examples must be sorted by label, passages last")
        readings = [read_or_whole(e.text) for e in examples]
        self._similarity.fit([r.body for r in readings])
        rows = self._similarity.rows(readings)
        self.labels = tuple(sorted({e.label for e in examples}))
        index = {label: i for i, label in enumerate(self.labels)}
        self._starts = [keys.index((label, min(p for n, p in keys if n == label))) for label in self.labels]
        self._passages = [
            next((i for i in range(start, len(keys)) if keys[i] != (label, False)), len(keys))
            for label, start in zip(self.labels, self._starts, strict=True)
        ]
        self._wordings = len(examples)
        targets = np.zeros((len(examples), len(self.labels)), dtype=np.float32)
        targets[np.arange(len(examples)), [index[e.label] for e in examples]] = 1.0

        counters = [c for c in counter_examples if c.label in index]
        if counters:
            more = self._similarity.rows([read_or_whole(c.text) for c in counters])
            rows = [_stack(*pair) for pair in zip(rows, more, strict=True)]
        self._keep(rows)
        kernel, evidence = self._compare_all(rows)
        if counters:
            self._solve(kernel[: len(examples), : len(examples)], targets)
            expected = kernel[len(examples) :, : len(examples)] @ self._alpha
            for i, counter in enumerate(counters):
                expected[i, index[counter.label]] = COUNTER_TARGET
            targets = np.vstack([targets, expected.astype(np.float32)])
        inverse, _ = spotri(self._solve(kernel, targets), lower=1, overwrite_c=1)
        inverse_diagonal = np.diag(inverse)
        # Leave-one-out predictor of ridge regression: y_i - alpha_i / (G^-1)_ii.
        loo = (targets - self._alpha / inverse_diagonal[:, None])[: len(examples)]
        return [Scores(self.labels, v, e) for v, e in zip(loo, evidence, strict=True)]

    def _compare_all(self, rows: Sequence[Block]) -> tuple[Floats, Floats]:
        """The kernel of all rows with each other, and the evidence of each wording without itself."""
        size = rows[0].shape[0]
        kernel = np.zeros((size, size), dtype=np.float32)
        evidence = np.zeros((self._wordings, EVIDENCE, len(self.labels)), dtype=np.float32)
        for start in range(0, size, CHUNK):
            stop = min(start + CHUNK, size)
            products = self._products([block[start:stop] for block in rows])
            kernel[start:stop] = self._kernel(products)
            for product in products:
                product[np.arange(stop - start), np.arange(start, stop)] = 0.0
            inside = min(stop, self._wordings) - start
            if inside > 0:
                evidence[start : start + inside] = self._evidence([p[:inside] for p in products])
        return kernel, evidence

    def _solve(self, kernel: Floats, targets: Floats) -> Floats:
        """Sets the coefficients; returns the Cholesky factor (lower) of the regularised kernel."""
        regularised = kernel.copy()
        regularised[np.diag_indices(len(kernel))] += np.float32(self._weights.regularisation)
        factor, _ = cho_factor(regularised, lower=True, overwrite_a=True)
        self._alpha = cho_solve((factor, True), targets)
        return np.asarray(factor)

    def _keep(self, rows: Sequence[Block]) -> None:
        # Transposed once and for all: every message is multiplied by them.
        self._columns = [block.T.tocsr() if issparse(block) else block.T for block in rows]

    def _products(self, rows: Sequence[Block]) -> list[Floats]:
        products = [row @ column for row, column in zip(rows, self._columns, strict=True)]
        return [product.toarray() if issparse(product) else product for product in products]

    def _kernel(self, products: Sequence[Floats]) -> Floats:
        kernel = np.zeros_like(products[0])
        for share, product in zip(self._weights.blocks(), products, strict=True):
            kernel += share * product
        return kernel

    def _evidence(self, products: Sequence[Floats]) -> Floats:
        """See `EVIDENCE`; shape (messages, EVIDENCE, classes)."""
        layers = [self._kernel(products), *products]
        wordings, passages = zip(*(self._nearest(layer) for layer in layers), strict=True)
        return np.stack([wordings[0], passages[0], *wordings[1:], *passages[1:]], axis=1)

    def _nearest(self, layer: Floats) -> tuple[Floats, Floats]:
        """The greatest similarity to a wording and to a passage of each class; 0 where it has none."""
        layer = layer[:, : self._wordings]
        wordings = np.zeros((layer.shape[0], len(self.labels)), dtype=np.float32)
        passages = np.zeros_like(wordings)
        ends = [*self._starts[1:], self._wordings]
        for i, (start, split, end) in enumerate(zip(self._starts, self._passages, ends, strict=True)):
            if split > start:
                wordings[:, i] = layer[:, start:split].max(axis=1)
            if end > split:
                passages[:, i] = layer[:, split:end].max(axis=1)
        return wordings, passages

    def scores(self, readings: Sequence[Reading]) -> list[Scores]:
        """Scores of each reading for every class."""
        products = self._products(self._similarity.rows(readings))
        values = self._kernel(products) @ self._alpha
        evidence = self._evidence(products)
        return [Scores(self.labels, values[i], evidence[i]) for i in range(len(values))]

    def save(self, folder: Path) -> None:
        """Writes the trained model into `folder`."""
        saved = SavedRidge(
            list(self.labels),
            self._starts,
            self._passages,
            self._wordings,
            asdict(self._weights),
            self._similarity.vocabularies(),
        )
        (folder / "ridge.json").write_bytes(msgspec.json.encode(saved))
        for i, columns in enumerate(self._columns):
            if issparse(columns):
                save_npz(folder / f"columns{i}.npz", columns, compressed=False)
            else:
                np.save(folder / f"columns{i}.npy", columns)
        np.save(folder / "alpha.npy", self._alpha)

    @classmethod
    def load(cls, folder: Path, embed: Embed) -> KernelRidge:
        """The model that `save` wrote."""
        saved = msgspec.json.decode((folder / "ridge.json").read_bytes(), type=SavedRidge)
        model = cls(Weights(**saved.weights), embed)
        model._similarity = Similarity(embed, saved.vocabularies)
        model.labels = tuple(saved.labels)
        model._starts, model._passages, model._wordings = saved.starts, saved.passages, saved.wordings
        model._columns = [_load_columns(folder, i) for i in range(BLOCKS)]
        model._alpha = np.load(folder / "alpha.npy", allow_pickle=False)
        return model


def _stack(first: Block, second: Block) -> Block:
    return vstack([first, second], format="csr") if issparse(first) else np.vstack([first, second])


def _load_columns(folder: Path, block: int) -> Block:
    sparse = folder / f"columns{block}.npz"
    if sparse.exists():
        return load_npz(sparse)
    return np.load(folder / f"columns{block}.npy", allow_pickle=False)


def read_or_whole(text: str) -> Reading:
    """The reading of `text`; a message that is nothing but courtesy ("merci") is its own body."""
    reading = read(text)
    return reading if reading.body else Reading((Sentence(text, Role.CONTEXT),))
