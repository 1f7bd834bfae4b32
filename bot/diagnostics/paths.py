"""Every way through a diagnosis, told without walking it, for the checks and the tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.diagnostics.model import AUJOURDHUI, FIN, INCONNU, Condition, Constat, Diagnostic

Outcomes = Mapping[str, str]
"""Question → the option or the range of dates that was the answer."""


def paths(diagnostic: Diagnostic) -> Iterator[dict[str, str]]:
    """The outcomes of every path, from the first question to the conclusion. No cycle may be left."""

    def onward(question_id: str, so_far: dict[str, str]) -> Iterator[dict[str, str]]:
        question = diagnostic.question(question_id)
        if question is None:
            yield so_far
            return
        for outcome, suite in question.outcomes.items():
            yield from onward(suite, {**so_far, question_id: outcome})

    yield from onward(diagnostic.questions[0].id, {})


def holds(condition: Condition, outcomes: Outcomes) -> bool:
    """Whether every question that `condition` names had one of the outcomes it asks for."""
    return all(outcomes.get(question) in wanted for question, wanted in condition.items())


def concluding(diagnostic: Diagnostic, outcomes: Outcomes) -> list[Constat]:
    """The statements that make up the conclusion of a path, in the order of the file."""
    return [constat for constat in diagnostic.constats if holds(constat.si, outcomes)]


def known_dates(diagnostic: Diagnostic, outcomes: Outcomes) -> set[str]:
    """The questions of date and the computations whose date is known on a path."""
    known = {
        question.id
        for question in diagnostic.questions
        if question.is_date and outcomes.get(question.id, INCONNU) != INCONNU
    }
    for calcul in diagnostic.calculs:
        if all(base in known or base == AUJOURDHUI for base in calcul.de):
            known.add(calcul.id)
    return known


def longest(diagnostic: Diagnostic, question_id: str) -> int:
    """The number of questions still to come at most, `question_id` included; 0 for `FIN`."""
    question = diagnostic.question(question_id)
    if question_id == FIN or question is None:
        return 0
    return 1 + max(longest(diagnostic, suite) for suite in set(question.outcomes.values()))
