"""From scores to a probability that the best fiche is the right one.

Logistic calibration (Platt 1999) on a few facts of the ranking rather than on the score alone: how far
the best fiche is ahead, how near its nearest wording, what the classes that are no fiche say. Trained on
leave-one-out scores, so that it sees the ranking as it is for a message never met.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.nlu.matching import Scores

FICHE, ORIENTATION, INTENT = "fiche:", "orientation:", "intent:"


def _best(scores: Scores, prefix: str) -> float:
    values = [v for label, v in zip(scores.labels, scores.values, strict=True) if label.startswith(prefix)]
    return float(max(values, default=0.0))


def ranking(scores: Scores, prefix: str) -> list[tuple[str, float, float]]:
    """(label without prefix, score, nearest similarity) of one kind of classes, best first."""
    rows = [
        (label.removeprefix(prefix), float(v), float(n))
        for label, v, n in zip(scores.labels, scores.values, scores.nearest, strict=True)
        if label.startswith(prefix)
    ]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def features(scores: Scores, rank: int = 0) -> list[float]:
    """Facts about the fiche at `rank` in the ranking of one message; see the module's docstring."""
    fiches = ranking(scores, FICHE)
    if rank >= len(fiches):
        return [0.0] * 6
    _, score, nearest = fiches[rank]
    rivals = [value for i, (_, value, _) in enumerate(fiches) if i != rank]
    gap = score - max(rivals, default=0.0)
    orientation, intent = _best(scores, ORIENTATION), _best(scores, INTENT)
    return [score, gap, nearest, score - orientation, score - intent, nearest * score]


@dataclass(frozen=True, slots=True)
class Calibrator:
    """Logistic model over `features`: probability = 1 / (1 + exp(-(coefficients . features + intercept)))."""

    coefficients: tuple[float, ...]
    intercept: float

    def probability(self, scores: Scores, rank: int = 0) -> float:
        """Probability (0..1) that the fiche at `rank` answers the message."""
        z = float(np.dot(self.coefficients, features(scores, rank)) + self.intercept)
        return float(1.0 / (1.0 + np.exp(-z)))


def train(scores: Sequence[Scores], labels: Sequence[str], depth: int = 3) -> Calibrator:
    """Fits the calibrator on the `depth` best fiches of each message and the message's true class.

    A message whose true class is no fiche makes each of its candidates a negative.
    """
    rows: list[list[float]] = []
    right: list[int] = []
    for message, label in zip(scores, labels, strict=True):
        for rank, (fiche, _, _) in enumerate(ranking(message, FICHE)[:depth]):
            rows.append(features(message, rank))
            right.append(int(label == FICHE + fiche))
    if len(set(right)) < 2:
        # A base too small to err (a smoke test with one fiche): trust the nearest wording.
        return Calibrator((0.0, 0.0, 12.0, 0.0, 0.0, 0.0), -6.0)
    model = LogisticRegression(C=10.0, max_iter=2000)
    x: NDArray[np.float64] = np.array(rows)
    model.fit(x, np.array(right))
    return Calibrator(tuple(float(c) for c in model.coef_[0]), float(model.intercept_[0]))
