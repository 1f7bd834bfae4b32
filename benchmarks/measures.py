"""What is counted from predictions: shares, calibration, curves over the threshold. Pure functions."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from benchmarks.cases import Case

T = TypeVar("T")

MISSED, FALSE = 1, 3
"""What a missing and a false answer are held to cost when a threshold is chosen (`bot.dialogue.decision`)."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a system made of a case.

    `ranked`: fiches, best first, with the probability that each answers. `answers`: those it answers by its
    own decision; None when it has none of its own. `offered`: the titles it offers instead.
    """

    case: Case
    ranked: tuple[tuple[str, float], ...]
    answers: tuple[str, ...] | None
    offered: tuple[str, ...]
    milliseconds: float

    @property
    def probability(self) -> float:
        """That of the best fiche; 0 when there is none."""
        return self.ranked[0][1] if self.ranked else 0.0

    def right_in(self, depth: int) -> bool:
        """Whether the right fiche is among the `depth` best."""
        return any(fiche == self.case.fiche for fiche, _ in self.ranked[:depth])

    def answered(self, threshold: float | None = None) -> str | None:
        """The fiche answered when `threshold` is asked of the best, or by the system's own decision; of
        several, the right one."""
        if threshold is None:
            given = self.answers or ()
        else:
            given = (self.ranked[0][0],) if self.ranked and self.probability >= threshold else ()
        return self.case.fiche if self.case.fiche in given else next(iter(given), None)


def percent(items: Sequence[T], test: Callable[[T], bool]) -> float:
    """Percentage of `items` that pass `test`. Raises ValueError when there is none."""
    if not items:
        raise ValueError("no share of nothing")
    return 100 * sum(map(test, items)) / len(items)


def calibration_error(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error (Naeini 2015) of (probability, right) pairs: the mean gap of probability and
    accuracy over `bins` of equal width, weighted by what they hold. Raises ValueError when there is none."""
    if not pairs:
        raise ValueError("no calibration of nothing")
    groups: dict[int, list[tuple[float, bool]]] = {}
    for probability, right in pairs:
        groups.setdefault(min(int(probability * bins), bins - 1), []).append((probability, right))
    return sum(
        abs(sum(right for _, right in group) - sum(probability for probability, _ in group))
        for group in groups.values()
    ) / len(pairs)


@dataclass(frozen=True, slots=True)
class Errors:
    """Percentages: questions answered right, with a wrong fiche, not at all; off-base messages answered."""

    right: float
    wrong: float
    silent: float
    off_base: float


def errors(inside: Sequence[Result], outside: Sequence[Result], threshold: float | None = None) -> Errors:
    """What is answered at `threshold`, or by the system's own decision."""
    right = percent(inside, lambda r: r.answered(threshold) == r.case.fiche)
    silent = percent(inside, lambda r: r.answered(threshold) is None)
    off_base = percent(outside, lambda r: r.answered(threshold) is not None)
    return Errors(right, 100 - right - silent, silent, off_base)


def best_threshold(results: Sequence[Result]) -> float:
    """The threshold (two decimals) that costs least on `results`: `FALSE` for each answer that is wrong or
    off-base, `MISSED` for each question without answer. Of equals, the highest."""

    def cost(threshold: float) -> float:
        total = 0
        for result in results:
            answered = result.answered(threshold)
            if answered is None:
                total += MISSED * (result.case.fiche is not None)
            else:
                total += FALSE * (answered != result.case.fiche)
        return total

    return min((i / 100 for i in range(1, 101)), key=lambda threshold: (cost(threshold), -threshold))


def silent_at(inside: Sequence[Result], outside: Sequence[Result], limit: float) -> float | None:
    """Percentage of questions without their right answer, at the lowest threshold that lets at most `limit`
    percent of the off-base messages be answered; None when no threshold does."""
    tried = sorted({0.0, *(r.probability for r in (*inside, *outside)), 1.0})
    for threshold in tried:
        if percent(outside, lambda r, t=threshold: r.answered(t) is not None) <= limit:  # type: ignore[misc]
            return percent(inside, lambda r, t=threshold: r.answered(t) != r.case.fiche)  # type: ignore[misc]
    return None


def quantile(values: Sequence[float], hundredths: int) -> float:
    """A percentile of at least two `values`."""
    return statistics.quantiles(values, n=100)[hundredths - 1]
