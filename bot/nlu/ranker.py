"""From scores to ranked fiches, each with the probability that it answers.

A logistic model (Platt 1999 for the calibration) weighs, for each of the best fiches, its score, how near
its wordings are by each similarity, how far it is ahead of the others, what the classes that are no fiche
say, and how long the message is. It is trained on leave-one-out evidence, so it sees rankings as they are
for a message never met.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import msgspec
import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.nlu.ridge import EVIDENCE, Scores
from bot.nlu.similarity import TERM_BLOCKS, Floats, Numbers

FICHE, ORIENTATION, INTENT = "fiche:", "orientation:", "intent:"
FEATURES = 2 * (EVIDENCE + 1) + 7 + 2 * TERM_BLOCKS
TEMPERATURE = 2.0
"""What BM25 scores are divided by before they become shares (chosen on development questions)."""
LEAST_SHARE = 1e-6  # lest a logarithm be infinite
DEPTH = 10
"""Fiches of the best scores that are ranked; the right one is among them in more than 95 % of cases."""


@lru_cache(maxsize=64)
def _columns(labels: tuple[str, ...], prefix: str, without: bool = False) -> Numbers:
    """Where the classes of one kind stand among `labels`; `without`: all but these."""
    return np.array(
        [i for i, label in enumerate(labels) if label.startswith(prefix) != without], dtype=np.int64
    )


def best(scores: Scores, prefix: str) -> tuple[str, float]:
    """The best class of one kind (without its prefix) and its score; ("", 0) when there is none."""
    columns = _columns(scores.labels, prefix)
    if not len(columns):
        return "", 0.0
    chosen = columns[::-1][int(np.argmax(scores.values[columns[::-1]]))]
    return scores.labels[chosen].removeprefix(prefix), float(scores.values[chosen])


def all_of(scores: Scores, prefix: str) -> list[tuple[str, float]]:
    """Every class of one kind (without its prefix) and its score."""
    columns = _columns(scores.labels, prefix)
    return [(scores.labels[i].removeprefix(prefix), float(scores.values[i])) for i in columns]


class Ranker(msgspec.Struct, frozen=True):
    """Logistic model over `features`: probability = 1 / (1 + exp(-(coefficients . features + intercept)))."""

    coefficients: list[float]
    intercept: float

    def rank(self, scores: Scores) -> list[tuple[str, float]]:
        """The best fiches and their probabilities (0..1), most probable first."""
        fiches, rows = features(scores)
        if not fiches:
            return []
        z = rows @ np.array(self.coefficients) + self.intercept
        probabilities = 1.0 / (1.0 + np.exp(-z))
        pairs = [(fiche, float(p)) for fiche, p in zip(fiches, probabilities, strict=True)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def features(scores: Scores) -> tuple[list[str], Floats]:
    """The `DEPTH` fiches of the best scores and their facts, one row each: score and evidence, the lead of
    each over the best other fiche, the best score of the classes that are no fiche, the lead over it, the
    length of the message (logarithm of its words), its product with score, lead and nearest wording, and the
    share of the fiche among all classes in what the pooled wordings say, as it is and its logarithm."""
    columns, others = _columns(scores.labels, FICHE), _columns(scores.labels, FICHE, without=True)
    chosen = columns[np.argsort(-scores.values[columns], kind="stable")[:DEPTH]]
    if not len(chosen):
        return [], np.zeros((0, FEATURES))
    facts = np.column_stack([scores.values[chosen], scores.evidence[:, chosen].T])
    outside = float(scores.values[others].max()) if len(others) else 0.0
    two = np.vstack([facts, np.zeros_like(facts[0])])
    ordered = np.sort(two, axis=0)
    first, second = ordered[-1], ordered[-2]
    lead = facts - np.where(facts == first, second, first)
    ahead = scores.values[chosen] - outside
    length = np.full(len(chosen), np.log1p(scores.words))
    rest = [np.full(len(chosen), outside), ahead, length]
    rest += [length * fact for fact in (facts[:, 0], facts[:, 1], lead[:, 0], ahead)]
    shares = shares_of(scores)[:, chosen].T
    return [scores.labels[i].removeprefix(FICHE) for i in chosen], np.column_stack(
        [facts, lead, *rest, shares, np.log(shares + LEAST_SHARE)]
    )


def shares_of(scores: Scores) -> Floats:
    """The share of each class in what the pools say of a message (soft maximum), one row a block of terms."""
    pooled = scores.pooled
    exponents = np.exp((pooled - pooled.max(axis=1, keepdims=True)) / TEMPERATURE)
    shares: Floats = exponents / exponents.sum(axis=1, keepdims=True)
    return shares


def train(scores: Sequence[Scores], labels: Sequence[str]) -> Ranker:
    """Fits the ranker on messages with their true class; a message that is no fiche's makes negatives."""
    rows: list[Floats] = []
    right: list[int] = []
    for message, label in zip(scores, labels, strict=True):
        fiches, facts = features(message)
        rows.append(facts)
        right += [int(label == FICHE + fiche) for fiche in fiches]
    x, y = np.vstack(rows), np.array(right)
    if len(set(right)) < 2:
        # A base too small to err (a smoke test with one fiche): trust the nearest wording alone.
        coefficients = np.zeros(x.shape[1])
        coefficients[1] = 12.0
        return Ranker([float(c) for c in coefficients], -6.0)
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale[scale == 0] = 1.0
    model = LogisticRegression(C=1.0, max_iter=5000)
    model.fit((x - mean) / scale, y)
    coefficients = model.coef_[0] / scale
    return Ranker([float(c) for c in coefficients], float(model.intercept_[0] - coefficients @ mean))
