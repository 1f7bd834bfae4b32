"""The ways to read each question of a message that asks several things.

What a question leans on is not said by its form: the whole context of a letter ("Je pars à la retraite. …"),
the paragraph it stands in, the question before it ("et si je ne paie pas ?"), or nothing at all. Each way is
scored, and the surest counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from bot.nlu.reader import Reading, Role, Sentence, subjects

FEWEST_SUBJECTS = 2
"""A question that names fewer subjects is not read by itself ("et comment ?")."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the ways to read it."""

    text: str
    ways: tuple[Reading, ...]


def each_question(reading: Reading) -> list[Asked]:
    """The questions of `reading`, each to be read with the whole context and the question before it; with the
    context that stands right before it or before the questions it follows; and alone."""
    whole = _contexts(reading)
    found: list[Asked] = []
    before: tuple[Sentence, ...] = ()
    for near, questions in _runs(reading):
        for question in questions:
            ways = [(*whole, *before, question), *_alone(question)]
            if near:
                ways.append((*near, question))
            found.append(_asked(question, ways))
            before = (Sentence(question.text, Role.CONTEXT),)
    return found


def each_half(reading: Reading, pair: tuple[str, str]) -> tuple[Asked, Asked]:
    """The halves that a sentence of `reading` was cut in, each to be read with the whole context, and the
    second also alone."""
    whole = _contexts(reading)
    first, second = (Sentence(half, Role.QUESTION) for half in pair)
    before = Sentence(first.text, Role.CONTEXT)
    return (
        _asked(first, [(*whole, first)]),
        _asked(second, [(*whole, before, second), *_alone(second)]),
    )


def _asked(question: Sentence, ways: Iterable[tuple[Sentence, ...]]) -> Asked:
    return Asked(question.text, tuple(map(Reading, dict.fromkeys(ways))))


def _alone(question: Sentence) -> list[tuple[Sentence, ...]]:
    return [(question,)] if subjects(question.text) >= FEWEST_SUBJECTS else []


def _contexts(reading: Reading) -> tuple[Sentence, ...]:
    return tuple(s for s in reading.sentences if s.role is Role.CONTEXT)


def _runs(reading: Reading) -> list[tuple[tuple[Sentence, ...], tuple[Sentence, ...]]]:
    """The questions that follow each other, with the context right before them, in order."""
    found: list[tuple[tuple[Sentence, ...], tuple[Sentence, ...]]] = []
    said = [s for s in reading.sentences if s.role in (Role.CONTEXT, Role.QUESTION)]
    near: tuple[Sentence, ...] = ()
    for role, group in groupby(said, key=attrgetter("role")):
        if role is Role.CONTEXT:
            near = tuple(group)
        else:
            found.append((near, tuple(group)))
    return found
