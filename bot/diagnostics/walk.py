"""The walk through a diagnosis, as pure functions over an immutable state.

The state holds answers only, never what the doctor wrote; where the walk stands follows from them. So going
back is to forget the last answer, correcting is to change one, and both keep what still applies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from bot.diagnostics import dates, words
from bot.diagnostics.dates import Moment
from bot.diagnostics.model import AUJOURDHUI, INCONNU, Diagnostic, Question, Sens
from bot.diagnostics.paths import longest

Answer = tuple[str, str]
"""A question and its answer: an option, or a date as `Moment.stored` writes it."""


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a doctor stands in a diagnosis.

    `hints` are answers read in passing to questions not asked yet; `pending` is a date understood and not yet
    confirmed; `misses` counts the replies in a row that were not understood.
    """

    diagnostic: str
    answers: tuple[Answer, ...] = ()
    hints: tuple[Answer, ...] = ()
    pending: str | None = None
    misses: int = 0


class Act(StrEnum):
    """What a message did."""

    STARTED = "started"
    ANSWERED = "answered"
    TO_CONFIRM = "to_confirm"
    BACK = "back"
    AT_START = "at_start"
    CORRECTED = "corrected"
    LEFT = "left"
    IN_FUTURE = "in_future"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True)
class Heard:
    """The state after a message, and what the message did."""

    state: State
    act: Act


@dataclass(frozen=True, slots=True)
class Stop:
    """One answered question on the way: `outcome` is its option or its range of dates."""

    question: Question
    value: str
    outcome: str

    @property
    def label(self) -> str:
        """The answer as the doctor would say it."""
        option = self.question.option(self.value)
        return option.titre if option else dates.say(dates.read_stored(self.value))


def trail(diagnostic: Diagnostic, state: State, now: datetime) -> list[Stop]:
    """The questions answered, from the first, as far as the answers lead."""
    given = dict(state.answers)
    stops: list[Stop] = []
    question: Question | None = diagnostic.questions[0]
    while question is not None and question.id in given:
        outcome = _outcome(question, given[question.id], now)
        if outcome is None:
            break
        stops.append(Stop(question, given[question.id], outcome))
        question = diagnostic.question(question.outcomes[outcome])
    return stops


def current(diagnostic: Diagnostic, state: State, now: datetime) -> Question | None:
    """The question to ask; None when the walk is at its end."""
    stops = trail(diagnostic, state, now)
    if not stops:
        return diagnostic.questions[0]
    last = stops[-1]
    return diagnostic.question(last.question.outcomes[last.outcome])


def progress(diagnostic: Diagnostic, state: State, now: datetime) -> tuple[int, int]:
    """The rank of the present question, from 1, and how many there are at most."""
    done = len(trail(diagnostic, state, now))
    question = current(diagnostic, state, now)
    return done + 1, done + (longest(diagnostic, question.id) if question else 0)


def start(diagnostic: Diagnostic, text: str, now: datetime) -> Heard:
    """The walk as it begins, with what the opening message already answers."""
    state = State(diagnostic.id, hints=_hints(diagnostic, text, now))
    return Heard(_advance(diagnostic, state, now), Act.STARTED)


def press(diagnostic: Diagnostic, state: State, question_id: str, value: str, now: datetime) -> Heard:
    """A button pressed: the answer to the question it belongs to, asked just now or earlier."""
    question = diagnostic.question(question_id)
    asked = current(diagnostic, state, now)
    if question is None or question.option(value) is None:
        return _missed(state)
    if question == asked:
        return _answered(diagnostic, state, question, value, now)
    if any(stop.question == question for stop in trail(diagnostic, state, now)):
        return _corrected(diagnostic, state, question, value, now)
    return Heard(
        _advance(diagnostic, replace(state, hints=_with(state.hints, question_id, value)), now), Act.ANSWERED
    )


def hear(diagnostic: Diagnostic, state: State, text: str, now: datetime) -> Heard:
    """What `text`, said in the walk, does to it."""
    if words.wants_to_leave(text):
        return Heard(state, Act.LEFT)
    if words.wants_back(text):
        return back(diagnostic, state, now)
    question = current(diagnostic, state, now)
    if words.corrects(text):
        corrected = _correction(diagnostic, state, text, now)
        if corrected is not None:
            return corrected
    if question is None:
        return _missed(state)
    if question.is_date:
        return _hear_date(diagnostic, state, question, text, now)
    option = words.chosen(question, text)
    if option is None:
        return _missed(state)
    return _answered(diagnostic, _learned(diagnostic, state, question, text, now), question, option.id, now)


def confirm(diagnostic: Diagnostic, state: State, agreed: bool, now: datetime) -> Heard:
    """The date understood is the right one, or is not and is asked again."""
    question = current(diagnostic, state, now)
    if question is None or state.pending is None:
        return _missed(state)
    if not agreed:
        return Heard(replace(state, pending=None, misses=0), Act.ANSWERED)
    return _answered(diagnostic, state, question, state.pending, now)


def back(diagnostic: Diagnostic, state: State, now: datetime) -> Heard:
    """The last question answered is asked again."""
    stops = trail(diagnostic, state, now)
    if state.pending is not None or not stops:
        act = Act.BACK if state.pending is not None else Act.AT_START
        return Heard(replace(state, pending=None, misses=0), act)
    last = stops[-1].question.id
    answers = tuple(answer for answer in state.answers if answer[0] != last)
    hints = tuple(hint for hint in state.hints if hint[0] != last)
    return Heard(State(state.diagnostic, answers, hints), Act.BACK)


def unasked(diagnostic: Diagnostic, before: State, heard: Heard, now: datetime) -> list[Stop]:
    """The answers that the message gave, since the state `before`, to questions that were not asked."""
    known = {question_id for question_id, _ in before.answers}
    asked = None if heard.act is Act.STARTED else current(diagnostic, before, now)
    return [
        stop
        for stop in trail(diagnostic, heard.state, now)
        if stop.question.id not in known and stop.question != asked
    ]


def moments(diagnostic: Diagnostic, state: State, now: datetime) -> dict[str, Moment]:
    """The dates given and those computed from them, by name; what is not known is left out."""
    known = {
        stop.question.id: dates.read_stored(stop.value)
        for stop in trail(diagnostic, state, now)
        if stop.question.is_date and stop.value != INCONNU
    }
    present = {AUJOURDHUI: Moment(now, True)}
    for calcul in diagnostic.calculs:
        bases = [(known | present).get(name) for name in calcul.de]
        if None in bases:
            continue
        base = max((moment for moment in bases if moment is not None), key=lambda moment: moment.when)
        when = dates.next_quarter(base.when) if calcul.trimestre else base.when
        has_hour = (base.has_hour and not calcul.trimestre) or bool(calcul.ecart.heures)
        known[calcul.id] = Moment(dates.shift(when, calcul.ecart), has_hour)
    return known


def _outcome(question: Question, value: str, now: datetime) -> str | None:
    """The option or range of dates that `value` is; None when it is neither."""
    if question.option(value) is not None:
        return value
    if not question.is_date:
        return None
    try:
        when = dates.read_stored(value).when
    except ValueError:
        return None
    for tranche in question.tranches:
        if tranche.avant is None or when < dates.shift(now, tranche.avant):
            return tranche.id
    return None


def _hear_date(diagnostic: Diagnostic, state: State, question: Question, text: str, now: datetime) -> Heard:
    day = dates.read_stored(state.pending).when.date() if state.pending else None
    moment = dates.read_date(text, now, question.sens, hour=question.heure, day=day)
    if moment is not None:
        if question.sens is Sens.PASSE and moment.when > now:
            return Heard(replace(state, pending=None, misses=state.misses + 1), Act.IN_FUTURE)
        return Heard(replace(state, pending=moment.stored, misses=0), Act.TO_CONFIRM)
    if state.pending is not None:
        for words_, agreed in (("oui", True), ("non", False)):
            if words.says(words_, text):
                return confirm(diagnostic, state, agreed, now)
    option = words.chosen(question, text)
    return _missed(state) if option is None else _answered(diagnostic, state, question, option.id, now)


def _correction(diagnostic: Diagnostic, state: State, text: str, now: datetime) -> Heard | None:
    """An earlier answer changed by `text`; None when it speaks of no earlier question, or changes nothing."""
    for stop in reversed(trail(diagnostic, state, now)):
        if stop.question.is_date:
            moment = dates.read_date(text, now, stop.question.sens, hour=stop.question.heure)
            if moment is None or (stop.question.sens is Sens.PASSE and moment.when > now):
                continue
            value = moment.stored
        else:
            option = words.mentioned(stop.question, text)
            if option is None:
                continue
            value = option.id
        if value != stop.value:
            return _corrected(diagnostic, state, stop.question, value, now)
    return None


def _corrected(diagnostic: Diagnostic, state: State, question: Question, value: str, now: datetime) -> Heard:
    answers = _with(state.answers, question.id, value)
    changed = replace(state, answers=answers, pending=None, misses=0)
    return Heard(_advance(diagnostic, changed, now), Act.CORRECTED)


def _answered(diagnostic: Diagnostic, state: State, question: Question, value: str, now: datetime) -> Heard:
    answers = _with(state.answers, question.id, value)
    answered = replace(state, answers=answers, pending=None, misses=0)
    return Heard(_advance(diagnostic, answered, now), Act.ANSWERED)


def _missed(state: State) -> Heard:
    return Heard(replace(state, misses=state.misses + 1), Act.NOT_UNDERSTOOD)


def _advance(diagnostic: Diagnostic, state: State, now: datetime) -> State:
    """Answers what the hints answer, then forgets the answers that the way taken does not ask for."""
    hints = dict(state.hints)
    while (question := current(diagnostic, state, now)) is not None and question.id in hints:
        value = hints.pop(question.id)
        if _outcome(question, value, now) is None:
            continue
        if question.is_date:
            state = replace(state, pending=value)
            break
        state = replace(state, answers=_with(state.answers, question.id, value))
    kept = {stop.question.id for stop in trail(diagnostic, state, now)}
    return replace(state, answers=tuple(a for a in state.answers if a[0] in kept), hints=tuple(hints.items()))


def _learned(diagnostic: Diagnostic, state: State, asked: Question, text: str, now: datetime) -> State:
    """`state` with what `text` says besides, on questions still to come."""
    done = {stop.question.id for stop in trail(diagnostic, state, now)} | {asked.id}
    hints = state.hints
    for question_id, value in _hints(diagnostic, text, now):
        if question_id not in done:
            hints = _with(hints, question_id, value)
    return replace(state, hints=hints)


def _hints(diagnostic: Diagnostic, text: str, now: datetime) -> tuple[Answer, ...]:
    found: list[Answer] = []
    for question in diagnostic.questions:
        if question.is_date:
            moment = dates.read_date(text, now, question.sens, hour=question.heure)
            if moment is not None and not (question.sens is Sens.PASSE and moment.when > now):
                found.append((question.id, moment.stored))
        elif (option := words.mentioned(question, text)) is not None:
            found.append((question.id, option.id))
    return tuple(found)


def _with(answers: tuple[Answer, ...], question_id: str, value: str) -> tuple[Answer, ...]:
    return (*(answer for answer in answers if answer[0] != question_id), (question_id, value))
