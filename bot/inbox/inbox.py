"""Writing, reading and erasing what doctors leave. Raises `KnowledgeUnavailable` when the base is away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.engine import URL

from bot.inbox.models import FeedbackRow, PassedQuestionRow, ReplyAddressRow
from bot.inbox.origin import Origin
from bot.inbox.reference import new_reference
from bot.inbox.retention import Retention
from bot.knowledge import engine
from bot.knowledge.recorder import Recorder
from bot.privacy.masking import mask


class State(StrEnum):
    """Where a passed question stands."""

    NEW = "nouvelle"
    ANSWERED = "repondue"
    CLOSED = "close"


class Reason(StrEnum):
    """Why an answer was not useful."""

    INCOMPLETE = "incomplete"
    OTHER_QUESTION = "autre_question"
    COMPLICATED = "compliquee"
    WRONG = "inexacte"
    OTHER = "autre"


@dataclass(frozen=True, slots=True)
class PassedQuestion:
    """One question passed to the editors. Times are aware, in UTC.

    `has_address`: a reply can be sent; the address itself is read only to send it (`Inbox.address`).
    """

    reference: str
    channel: str
    text: str
    state: State
    passed_at: datetime
    consent: str
    wants_reply: bool
    has_address: bool
    ended_at: datetime | None
    answer: str | None
    fiche: str | None


@dataclass(frozen=True, slots=True)
class Rating:
    """One rating as held for its author."""

    fiche: str
    version: int
    useful: bool
    reason: Reason | None
    day: date


@dataclass(frozen=True, slots=True)
class Held:
    """All that is held for one subject. `addresses`: by reference, the addresses left for a reply."""

    questions: tuple[PassedQuestion, ...]
    addresses: Mapping[str, str]
    ratings: tuple[Rating, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is held."""
        return not (self.questions or self.addresses or self.ratings)


@dataclass(frozen=True, slots=True)
class FicheFeedback:
    """Ratings of one fiche, all versions together."""

    fiche: str
    useful: int
    not_useful: int
    reasons: Mapping[Reason, int]


@dataclass(frozen=True, slots=True)
class Purged:
    """Rows deleted because their time was over, and ratings that lost their subject."""

    questions: int
    ratings: int


class Inbox(Recorder):
    """What doctors left, in the base at `url`. Holds no connection until first used. Thread-safe."""

    def __init__(self, url: URL, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(url)
        self._clock = clock

    # --- From the conversation ---------------------------------------------------------------------------

    def pass_question(self, origin: Origin, text: str, *, consent: str, wants_reply: bool) -> PassedQuestion:
        """Keep `text`, masked once more, under the `consent` (version of its text) just given.

        The same question passed twice by the same subject, before it is answered, stays one.
        """
        text = mask(text).text
        same = (
            PassedQuestionRow.subject == origin.subject,
            PassedQuestionRow.text == text,
            PassedQuestionRow.state == State.NEW.value,
        )
        row = PassedQuestionRow(
            subject=origin.subject,
            channel=origin.channel,
            text=text,
            state=State.NEW.value,
            passed_at=self._clock(),
            consent=consent,
            wants_reply=wants_reply,
        )
        with self._transaction() as session:
            session.execute(
                update(PassedQuestionRow).where(*same).values(consent=consent, wants_reply=wants_reply)
            )
            already = _questions(session, and_(*same))
            if already and not wants_reply:
                _delete_addresses(session, [already[0].reference])
            if already:
                return replace(already[0], has_address=already[0].has_address and wants_reply)
            while session.get(PassedQuestionRow, reference := new_reference()) is not None:
                pass
            row.reference = reference
            session.add(row)
            session.flush()
            return _question(row, has_address=False)

    def leave_address(self, subject: str, address: str) -> str | None:
        """Keep `address` for the reply to the last question of `subject` that waits for one.

        Returns its reference; None when no question waits (withdrawn, ended, or no reply wanted).
        """
        with self._transaction() as session:
            reference = session.execute(
                select(PassedQuestionRow.reference)
                .where(
                    PassedQuestionRow.subject == subject,
                    PassedQuestionRow.state == State.NEW.value,
                    PassedQuestionRow.wants_reply,
                )
                .order_by(PassedQuestionRow.passed_at.desc())
                .limit(1)
            ).scalar()
            if reference is None:
                return None
            session.merge(ReplyAddressRow(reference=reference, address=address, given_at=self._clock()))
            return str(reference)

    def withdraw(self, reference: str) -> bool:
        """Delete a question and its address, whoever asks with its number. False when there is none."""
        with self._transaction() as session:
            return _delete_questions(session, PassedQuestionRow.reference == reference) > 0

    def rate(
        self, origin: Origin, fiche: str, version: int, *, useful: bool, reason: Reason | None = None
    ) -> None:
        """Keep a rating in place of an earlier one of the same version by the same subject."""
        same = (
            FeedbackRow.subject == origin.subject,
            FeedbackRow.fiche_id == fiche,
            FeedbackRow.version == version,
        )
        with self._transaction() as session:
            session.execute(delete(FeedbackRow).where(*same))
            session.add(
                FeedbackRow(
                    subject=origin.subject,
                    fiche_id=fiche,
                    version=version,
                    useful=useful,
                    reason=None if reason is None else reason.value,
                    channel=origin.channel,
                    day=self._clock().date(),
                )
            )

    def held(self, subject: str) -> Held:
        """All that is held for `subject`."""
        with self._transaction() as session:
            return _held(session, subject)

    def erase(self, subject: str) -> Held:
        """Delete all that is held for `subject`; returns what it was."""
        with self._transaction() as session:
            held = _held(session, subject)
            _delete_questions(session, PassedQuestionRow.subject == subject)
            session.execute(delete(FeedbackRow).where(FeedbackRow.subject == subject))
            return held

    # --- For the editors ---------------------------------------------------------------------------------

    def questions(self, states: Iterable[State] = tuple(State)) -> list[PassedQuestion]:
        """Questions in one of `states`, oldest first."""
        with self._transaction() as session:
            return _questions(session, PassedQuestionRow.state.in_([s.value for s in states]))

    def question(self, reference: str) -> PassedQuestion | None:
        """The question of that number, or None."""
        with self._transaction() as session:
            return next(iter(_questions(session, PassedQuestionRow.reference == reference)), None)

    def address(self, reference: str) -> str | None:
        """The address to reply to, or None."""
        with self._transaction() as session:
            row = session.get(ReplyAddressRow, reference)
            return None if row is None else str(row.address)

    def end(self, reference: str, state: State, answer: str | None) -> None:
        """Mark a question as answered or closed, with what was said, and delete its address."""
        with self._transaction() as session:
            _delete_addresses(session, [reference])
            session.execute(
                update(PassedQuestionRow)
                .where(PassedQuestionRow.reference == reference)
                .values(state=state.value, answer=answer, ended_at=self._clock())
            )

    def draft(self, reference: str, fiche: str) -> None:
        """Note that the draft `fiche` was opened from a question."""
        with self._transaction() as session:
            session.execute(
                update(PassedQuestionRow).where(PassedQuestionRow.reference == reference).values(fiche=fiche)
            )

    def feedback(self) -> list[FicheFeedback]:
        """Ratings by fiche, those with the most "not useful" first."""
        statement = select(
            FeedbackRow.fiche_id, FeedbackRow.useful, FeedbackRow.reason, func.count()
        ).group_by(FeedbackRow.fiche_id, FeedbackRow.useful, FeedbackRow.reason)
        counts: dict[str, tuple[list[int], dict[Reason, int]]] = {}
        with self._transaction() as session:
            for fiche, useful, reason, count in session.execute(statement):
                (totals, reasons) = counts.setdefault(fiche, ([0, 0], {}))
                totals[0 if useful else 1] += count
                if reason:
                    reasons[Reason(reason)] = count
        found = [FicheFeedback(f, totals[0], totals[1], reasons) for f, (totals, reasons) in counts.items()]
        return sorted(found, key=lambda f: (-f.not_useful, -f.useful, f.fiche))

    def purge(self, retention: Retention) -> Purged:
        """Delete what is past its time (`bot.inbox.retention`)."""
        limits = retention.limits(self._clock())
        with self._transaction() as session:
            questions = _delete_questions(
                session,
                (PassedQuestionRow.ended_at < limits.ended) | (PassedQuestionRow.passed_at < limits.waiting),
            )
            ratings = session.execute(
                update(FeedbackRow)
                .where(FeedbackRow.day < limits.ended.date(), FeedbackRow.subject.is_not(None))
                .values(subject=None)
            ).rowcount
            return Purged(questions, ratings)


def open_inbox(url: str) -> Inbox:
    """The inbox of the base at `url`. Raises `DatabaseUrlError` on an address that cannot be used."""
    return Inbox(engine.parse_url(url))


def _held(session: Any, subject: str) -> Held:
    addresses = session.execute(
        select(ReplyAddressRow.reference, ReplyAddressRow.address)
        .join(PassedQuestionRow, PassedQuestionRow.reference == ReplyAddressRow.reference)
        .where(PassedQuestionRow.subject == subject)
    )
    ratings = session.execute(
        select(FeedbackRow).where(FeedbackRow.subject == subject).order_by(FeedbackRow.id)
    ).scalars()
    return Held(
        tuple(_questions(session, PassedQuestionRow.subject == subject)),
        {row.reference: row.address for row in addresses},
        tuple(
            Rating(r.fiche_id, r.version, r.useful, Reason(r.reason) if r.reason else None, r.day)
            for r in ratings
        ),
    )


def _questions(session: Any, condition: Any) -> list[PassedQuestion]:
    rows = session.execute(
        select(PassedQuestionRow, ReplyAddressRow.reference.is_not(None))
        .outerjoin(ReplyAddressRow, ReplyAddressRow.reference == PassedQuestionRow.reference)
        .where(condition)
        .order_by(PassedQuestionRow.passed_at, PassedQuestionRow.reference)
    )
    return [_question(row, has_address=has_address) for row, has_address in rows]


def _delete_questions(session: Any, condition: Any) -> int:
    references = session.execute(select(PassedQuestionRow.reference).where(condition)).scalars().all()
    _delete_addresses(session, references)
    session.execute(delete(PassedQuestionRow).where(PassedQuestionRow.reference.in_(references)))
    return len(references)


def _delete_addresses(session: Any, references: Sequence[str]) -> None:
    session.execute(delete(ReplyAddressRow).where(ReplyAddressRow.reference.in_(references)))


def _question(row: Any, *, has_address: bool) -> PassedQuestion:
    return PassedQuestion(
        reference=row.reference,
        channel=row.channel,
        text=row.text,
        state=State(row.state),
        passed_at=row.passed_at,
        consent=row.consent,
        wants_reply=row.wants_reply,
        has_address=has_address,
        ended_at=row.ended_at,
        answer=row.answer,
        fiche=row.fiche,
    )
