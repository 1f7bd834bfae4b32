"""What doctors leave: kept masked, seen and erased by its author, gone in time; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from knowledge_samples import fresh_base
from sqlalchemy import create_engine, text

from bot.inbox.inbox import Inbox, Rating, Reason, State, open_inbox
from bot.inbox.origin import Origin
from bot.inbox.reference import ALPHABET, find_reference, new_reference
from bot.inbox.retention import Retention, load_retention
from bot.knowledge import KnowledgeUnavailable
from bot.settings import SettingsError

ANNE = Origin("a" * 32, "widget")
PAUL = Origin("b" * 32, "matrix")
TABLES = ("passed_questions", "reply_addresses", "feedback")


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 28, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(database_url: str, clock: Clock) -> Iterator[Inbox]:
    fresh_base(database_url).close()
    with closing(open_inbox(database_url)) as opened:
        opened._clock = clock
        yield opened


def rows(url: str) -> str:
    """Every value of every row that doctors leave, as one text."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            found = [connection.execute(text(f"SELECT * FROM {table}")).fetchall() for table in TABLES]
    finally:
        engine.dispose()
    return repr(found)


def fill(inbox: Inbox, origin: Origin, words: str) -> str:
    """A question with an address, and two ratings; returns the question's reference."""
    passed = inbox.pass_question(origin, words, consent="c1", wants_reply=True)
    assert inbox.leave_address(origin.subject, f"{words.split()[0]}@exemple.fr") == passed.reference
    inbox.rate(origin, "hds", 2, useful=True)
    inbox.rate(origin, "rgpd", 1, useful=False, reason=Reason.INCOMPLETE)
    return passed.reference


def test_a_question_is_kept_masked_and_its_address_apart(inbox: Inbox, database_url: str) -> None:
    passed = inbox.pass_question(
        ANNE, "Mme Durand, 06 12 34 56 78, veut son dossier", consent="c1", wants_reply=True
    )
    assert passed.text == "Mme [nom], [téléphone], veut son dossier"
    assert (passed.state, passed.consent, passed.has_address) == (State.NEW, "c1", False)
    assert "Durand" not in rows(database_url)
    inbox.leave_address(ANNE.subject, "anne@exemple.fr")
    held = inbox.question(passed.reference)
    assert held is not None
    assert held.has_address
    assert "anne@exemple.fr" not in repr(held)
    assert inbox.address(passed.reference) == "anne@exemple.fr"


def test_an_address_is_only_kept_for_a_question_that_waits_for_one(inbox: Inbox, database_url: str) -> None:
    assert inbox.leave_address(ANNE.subject, "anne@exemple.fr") is None
    inbox.pass_question(ANNE, "une question", consent="c1", wants_reply=False)
    assert inbox.leave_address(ANNE.subject, "anne@exemple.fr") is None
    first = inbox.pass_question(ANNE, "une autre", consent="c1", wants_reply=True).reference
    assert inbox.leave_address(PAUL.subject, "paul@exemple.fr") is None
    assert inbox.leave_address(ANNE.subject, "faute@exemple.fr") == first
    assert inbox.leave_address(ANNE.subject, "anne@exemple.fr") == first
    assert "faute@" not in rows(database_url)
    inbox.end(first, State.ANSWERED, "Bonjour")
    assert inbox.leave_address(ANNE.subject, "anne@exemple.fr") is None


def test_the_address_goes_once_the_reply_is_sent(inbox: Inbox, database_url: str, clock: Clock) -> None:
    reference = fill(inbox, ANNE, "anne demande")
    inbox.end(reference, State.ANSWERED, "Votre réponse")
    assert "@exemple.fr" not in rows(database_url)
    ended = inbox.question(reference)
    assert ended is not None
    assert (ended.state, ended.answer, ended.ended_at) == (State.ANSWERED, "Votre réponse", clock.now)


def test_the_same_question_passed_again_stays_one_and_may_drop_its_address(
    inbox: Inbox, database_url: str
) -> None:
    reference = fill(inbox, ANNE, "anne demande")
    again = inbox.pass_question(ANNE, "anne demande", consent="c2", wants_reply=False)
    assert (again.reference, again.consent, again.has_address) == (reference, "c2", False)
    assert "@exemple.fr" not in rows(database_url)
    assert inbox.pass_question(PAUL, "anne demande", consent="c1", wants_reply=False).reference != reference
    inbox.end(reference, State.CLOSED, None)
    assert inbox.pass_question(ANNE, "anne demande", consent="c1", wants_reply=False).reference != reference


def test_a_withdrawal_needs_the_number_alone(inbox: Inbox, database_url: str) -> None:
    reference = fill(inbox, ANNE, "anne demande")
    kept = fill(inbox, PAUL, "paul demande")
    assert not inbox.withdraw("BM-2222-2222")
    assert inbox.withdraw(reference)
    assert not inbox.withdraw(reference)
    left = rows(database_url)
    assert reference not in left
    assert "anne" not in left
    assert kept in left
    assert "paul@exemple.fr" in left


def test_the_author_sees_all_that_is_held_and_nothing_of_others(inbox: Inbox, clock: Clock) -> None:
    reference = fill(inbox, ANNE, "anne demande")
    fill(inbox, PAUL, "paul demande")
    held = inbox.held(ANNE.subject)
    assert [question.reference for question in held.questions] == [reference]
    assert held.addresses == {reference: "anne@exemple.fr"}
    day = clock.now.date()
    assert held.ratings == (
        Rating("hds", 2, True, None, day),
        Rating("rgpd", 1, False, Reason.INCOMPLETE, day),
    )
    assert inbox.held("c" * 32).is_empty


def test_erasure_reaches_every_row_of_the_author_and_no_other(
    inbox: Inbox, database_url: str, clock: Clock
) -> None:
    fill(inbox, ANNE, "anne demande")
    clock.now += timedelta(minutes=1)
    answered = fill(inbox, ANNE, "anne redemande")
    inbox.end(answered, State.ANSWERED, "Chère Anne")
    fill(inbox, PAUL, "paul demande")
    was = inbox.erase(ANNE.subject)
    assert len(was.questions) == 2
    assert inbox.held(ANNE.subject).is_empty
    left = rows(database_url)
    assert ANNE.subject not in left
    assert "nne" not in left
    assert left.count(PAUL.subject) == 3
    assert inbox.erase(ANNE.subject).is_empty


def test_the_last_rating_of_a_version_counts(inbox: Inbox) -> None:
    inbox.rate(ANNE, "hds", 1, useful=True)
    inbox.rate(ANNE, "hds", 1, useful=False)
    inbox.rate(ANNE, "hds", 1, useful=False, reason=Reason.WRONG)
    inbox.rate(PAUL, "hds", 1, useful=False, reason=Reason.WRONG)
    inbox.rate(PAUL, "hds", 2, useful=True)
    inbox.rate(PAUL, "rgpd", 1, useful=True)
    found = inbox.feedback()
    assert [(f.fiche, f.useful, f.not_useful) for f in found] == [("hds", 1, 2), ("rgpd", 1, 0)]
    assert found[0].reasons == {Reason.WRONG: 2}


def test_what_is_past_its_time_goes(inbox: Inbox, database_url: str, clock: Clock) -> None:
    waiting = fill(inbox, ANNE, "anne demande")
    ended = fill(inbox, PAUL, "paul demande")
    inbox.end(ended, State.CLOSED, None)
    retention = Retention(ended_days=90, waiting_days=365)
    clock.now += timedelta(days=90)
    assert (inbox.purge(retention).questions, inbox.question(ended) is None) == (0, False)
    clock.now += timedelta(days=1)
    purged = inbox.purge(retention)
    assert (purged.questions, purged.ratings) == (1, 4)
    assert inbox.question(waiting) is not None
    assert rows(database_url).count(ANNE.subject) == 1  # the question; ratings are counted, not known
    assert [(f.fiche, f.useful, f.not_useful) for f in inbox.feedback()] == [("rgpd", 0, 2), ("hds", 2, 0)]
    clock.now += timedelta(days=275)
    assert inbox.purge(retention).questions == 1
    left = rows(database_url)
    assert ANNE.subject not in left
    assert "@" not in left


def test_ratings_without_author_add_up(inbox: Inbox, clock: Clock) -> None:
    for _ in range(2):
        inbox.rate(ANNE, "hds", 1, useful=True)
        clock.now += timedelta(days=200)
        inbox.purge(Retention())
    assert inbox.feedback()[0].useful == 2


def test_without_a_base_it_is_said(tmp_path: object) -> None:
    with pytest.raises(KnowledgeUnavailable, match="n’existe pas encore"):
        open_inbox(f"sqlite:///{tmp_path}/absente.db").held("x")


def test_references_are_found_however_written() -> None:
    reference = new_reference()
    assert find_reference(f"je retire ma demande {reference}.") == reference
    assert find_reference("retirez bm-7k3f-92qd svp") == "BM-7K3F-92QD"
    assert find_reference("BM 7K3F 92QD") == find_reference("bm7k3f92qd") == "BM-7K3F-92QD"
    assert find_reference("BM–7K3F–92QD") == "BM-7K3F-92QD"
    assert find_reference("BM-7K3F-92Q") is None
    assert find_reference("je retire ma demande") is None
    assert set(reference[3:].replace("-", "")) <= set(ALPHABET)
    assert len({new_reference() for _ in range(1000)}) == 1000


def test_retention_is_set_in_days() -> None:
    assert load_retention({}) == Retention(90, 365)
    assert load_retention({"MAITRE_KEEP_ENDED_DAYS": "30"}) == Retention(30, 365)
    with pytest.raises(SettingsError, match="MAITRE_KEEP_WAITING_DAYS"):
        load_retention({"MAITRE_KEEP_WAITING_DAYS": "un an"})
    assert date(2026, 11, 28) == Clock().now.date()
