"""Publishing on SQLite and PostgreSQL: what readers then see, and what is kept."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from knowledge_samples import HEBERGEMENT, REGISTER, SOUS_TRAITANT, cites, entry, fiche, fresh_base

from bot.fiches.model import Statut
from bot.knowledge import (
    Article,
    FicheTitle,
    KnowledgeBase,
    PublicationError,
    PublicationReport,
    PublishedFiche,
    publish,
)
from bot.knowledge import publish as publish_function
from bot.knowledge.models import PublicationRow, VersionRow
from bot.knowledge.publish import to_article
from bot.law.reference import Reference
from bot.law.register import Etat, Verifie

publish_module = sys.modules[publish_function.__module__]
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NOTHING = PublicationReport((), (), (), (), (), ())
HERE = Path(__file__).parent


@pytest.fixture
def base(database_url: str) -> Iterator[KnowledgeBase]:
    with closing(fresh_base(database_url)) as fresh:
        yield fresh


def test_an_empty_base_has_nothing(base: KnowledgeBase) -> None:
    assert base.all_published() == []
    assert base.published("a") is None
    assert base.revision() == "0"
    assert base.status().last is None


def test_what_is_published_is_read_back(base: KnowledgeBase) -> None:
    a = fiche("a", citations=(cites(HEBERGEMENT, "II"), cites(SOUS_TRAITANT, "§ 3", "h)")))
    b = fiche("b", path=Path("b.md"))
    report = publish(base, [b, a], REGISTER, now=NOON)
    assert report == replace(NOTHING, new=("a", "b"), articles_changed=("CSP L1111-8", "RGPD 28"))
    assert report.changed

    assert base.published("a") == PublishedFiche(a, 1, NOON)
    assert base.published("b") == PublishedFiche(replace(b, path=None), 1, NOON)
    assert base.all_published() == [base.published("a"), base.published("b")]
    assert list(base.published_many(["b", "inconnue", "a", "b"])) == ["b", "a"]
    assert base.titles(["b", "inconnue"]) == {"b": b.titre}
    csp, rgpd = map(to_article, REGISTER)
    assert base.article("RGPD 28") == rgpd
    assert list(base.articles(["RGPD 28", "CC 9", "CSP L1111-8"]).items()) == [
        ("RGPD 28", rgpd),
        ("CSP L1111-8", csp),
    ]
    assert base.citing("CSP L1111-8") == [FicheTitle("a", a.titre), FicheTitle("b", b.titre)]
    assert base.citing("RGPD 28") == [FicheTitle("a", a.titre)]
    assert base.citing("CC 9") == []
    status = base.status()
    assert (status.fiches, status.versions, status.articles) == ({"publie": 2}, 2, 2)
    assert (status.last, status.last_summary) == (NOON, report.summary)


def test_the_summary_is_french() -> None:
    report = PublicationReport(("a",), ("b", "c"), (), ("d",), (), ("CC 9", "RGPD 28"))
    assert report.summary == "1 fiche nouvelle, 2 modifiées, 2 articles de loi changés"
    assert replace(NOTHING, unchanged=("a",)).summary == "rien de changé"


def test_nothing_asked_is_nothing_found(base: KnowledgeBase) -> None:
    assert base.published_many([]) == base.titles([]) == base.articles([]) == {}


@pytest.mark.parametrize("strange", ["", "a\x00", "\ud800", "a' OR 1=1 --", "é" * 10_000])
def test_strange_ids_are_unknown(base: KnowledgeBase, strange: str) -> None:
    publish(base, [fiche("a")], REGISTER)
    assert base.published(strange) is None
    assert base.titles([strange]) == {}
    assert base.article(strange) is None
    assert base.citing(strange) == []
    assert base.versions(strange) == []
    assert base.version(strange, 1) is None


@pytest.mark.parametrize("version", [-1, 0, 2, 2**31, 2**70])
def test_unknown_versions(base: KnowledgeBase, version: int) -> None:
    publish(base, [fiche("a")], REGISTER)
    assert base.version("a", version) is None


def test_publishing_again_changes_nothing(base: KnowledgeBase) -> None:
    publish(base, [fiche("a"), fiche("b")], REGISTER, now=NOON)
    before = base.revision(), base.all_published(), base.status()
    report = publish(base, [fiche("b"), fiche("a")], REGISTER, now=NOON + timedelta(days=1))
    assert report == replace(NOTHING, unchanged=("a", "b"))
    assert not report.changed
    assert (base.revision(), base.all_published(), base.status()) == before


def test_a_new_text_is_a_new_version_and_the_old_one_is_kept(base: KnowledgeBase) -> None:
    old = fiche("a")
    new = fiche("a", titre="Nouveau titre", citations=(cites(SOUS_TRAITANT),))
    publish(base, [old], REGISTER, now=NOON)
    revision = base.revision()
    later = NOON + timedelta(hours=1)
    assert publish(base, [new], REGISTER, now=later) == replace(NOTHING, updated=("a",))

    assert base.published("a") == PublishedFiche(new, 2, later)
    assert base.titles(["a"]) == {"a": "Nouveau titre"}
    assert base.version("a", 1) == PublishedFiche(old, 1, NOON)
    assert base.citing("CSP L1111-8") == []
    assert base.citing("RGPD 28") == [FicheTitle("a", "Nouveau titre")]
    assert base.revision() != revision


def test_going_back_to_an_old_text_takes_a_new_number(base: KnowledgeBase) -> None:
    old, new = fiche("a"), fiche("a", en_bref="Non. [CSP L1111-8, II]")
    for text in (old, new, old):
        publish(base, [text], REGISTER)
    current = base.published("a")
    assert current is not None
    assert (current.fiche, current.version) == (old, 3)
    one, two, three = base.versions("a")
    assert [one.version, two.version, three.version] == [1, 2, 3]
    assert one.content_hash == three.content_hash != two.content_hash


@pytest.mark.parametrize("statut", [Statut.BROUILLON, Statut.SUSPENDU, Statut.ARCHIVE, None])
def test_a_fiche_no_longer_published_is_withdrawn(base: KnowledgeBase, statut: Statut | None) -> None:
    """`None`: its file is gone."""
    publish(base, [fiche("a"), fiche("b")], REGISTER)
    revision = base.revision()
    files = [fiche("b")] + ([] if statut is None else [fiche("a", statut=statut, en_bref="en cours")])
    assert publish(base, files, REGISTER) == replace(NOTHING, unchanged=("b",), withdrawn=("a",))

    assert base.published("a") is None
    assert base.titles(["a", "b"]) == {"b": fiche("b").titre}
    assert base.citing("CSP L1111-8") == [FicheTitle("b", fiche("b").titre)]
    assert [p.fiche.id for p in base.all_published()] == ["b"]
    kept = base.version("a", 1)
    assert kept is not None
    assert kept.fiche == fiche("a")
    assert base.status().fiches == {(statut or Statut.ARCHIVE).value: 1, "publie": 1}
    assert base.revision() != revision
    assert not publish(base, files, REGISTER).changed


def test_a_withdrawn_fiche_comes_back(base: KnowledgeBase) -> None:
    publish(base, [fiche("a"), fiche("b")], REGISTER)
    publish(base, [], REGISTER)
    changed = fiche("b", en_bref="Revue. [CSP L1111-8, II]")
    report = publish(base, [fiche("a"), changed], REGISTER)
    assert report == replace(NOTHING, restored=("a",), updated=("b",))
    assert {p.fiche.id: p.version for p in base.all_published()} == {"a": 1, "b": 2}


def test_a_draft_leaves_no_trace(base: KnowledgeBase) -> None:
    assert publish(base, [fiche("a", statut=Statut.BROUILLON)], REGISTER).new == ()
    assert base.versions("a") == []
    assert base.status().fiches == {}


def test_an_entry_of_the_register_is_read_back_whole(base: KnowledgeBase) -> None:
    whole = entry(
        HEBERGEMENT,
        etat=Etat.REMPLACE,
        verifie=Verifie.SECONDAIRE,
        verifie_le=None,
        note="réécrit",
        remplace_par=Reference("CSP", "L1111-9"),
        path=Path("csp.yml"),
        line=3,
    )
    publish(base, [], [whole])
    assert base.article("CSP L1111-8") == Article(
        key="CSP L1111-8",
        code="CSP",
        number="L1111-8",
        titre=whole.titre,
        url=whole.url,
        version_du=whole.version_du,
        etat="remplace",
        verifie="secondaire",
        verifie_le=None,
        source=whole.source,
        note="réécrit",
        remplace_par="CSP L1111-9",
    )


def test_articles_follow_the_register(base: KnowledgeBase) -> None:
    only = [fiche("a")]
    publish(base, only, REGISTER)
    revision = base.revision()
    altered, other = entry(HEBERGEMENT, etat=Etat.MODIFIE, note="réécrit"), entry(SOUS_TRAITANT)
    assert publish(base, only, [altered]).articles_changed == ("CSP L1111-8", "RGPD 28")
    assert base.article("CSP L1111-8") == to_article(altered)
    assert base.article("RGPD 28") is None
    assert base.revision() != revision
    assert publish(base, only, [altered, other]).articles_changed == ("RGPD 28",)
    assert base.article("RGPD 28") == to_article(other)
    assert not publish(base, only, [other, altered]).changed


def test_an_article_cited_by_the_past_may_leave_the_register(base: KnowledgeBase) -> None:
    publish(base, [fiche("a")], REGISTER)
    publish(base, [fiche("a", citations=(cites(SOUS_TRAITANT),))], [entry(SOUS_TRAITANT)])
    assert base.article("CSP L1111-8") is None
    past = base.version("a", 1)
    assert past is not None
    assert past.fiche.citations == (cites(HEBERGEMENT, "II"),)


def test_a_cited_article_must_be_in_the_register(base: KnowledgeBase) -> None:
    wrong = fiche("b", citations=(cites(Reference("CC", "9")),))
    with pytest.raises(PublicationError, match=r"b cite CC 9"):
        publish(base, [fiche("a"), wrong], REGISTER)
    assert base.all_published() == []
    assert not publish(base, [replace(wrong, statut=Statut.BROUILLON)], []).changed


def test_an_id_given_twice_is_refused(base: KnowledgeBase) -> None:
    with pytest.raises(PublicationError, match="«\u00a0a\u00a0»"):
        publish(base, [fiche("a"), fiche("a", titre="Autre")], REGISTER)
    assert base.all_published() == []


def test_times_are_kept_in_utc(base: KnowledgeBase) -> None:
    paris = datetime(2026, 7, 14, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    publish(base, [fiche("a")], REGISTER, now=paris)
    read = base.published("a")
    assert read is not None
    assert (read.published_at, read.published_at.utcoffset()) == (paris, timedelta(0))


def test_a_failure_in_the_middle_leaves_nothing(base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(base, [fiche("a"), fiche("b")], REGISTER)
    before = base.all_published(), base.revision(), base.status(), base.articles(["CSP L1111-8"])
    changes = [fiche("a", titre="Autre"), fiche("c")], [entry(HEBERGEMENT, etat=Etat.ABROGE)]
    insert = publish_module._insert

    def fail_at_the_journal(connection: Any, table: Any, **values: Any) -> None:
        if table is PublicationRow:  # The last statement: all the others have been executed.
            raise RuntimeError("coupure")
        insert(connection, table, **values)

    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="coupure"):
        patch.setattr(publish_module, "_insert", fail_at_the_journal)
        publish(base, *changes)
    after = base.all_published(), base.revision(), base.status(), base.articles(["CSP L1111-8"])
    assert after == before

    report = publish(base, *changes)
    assert (report.new, report.updated, report.withdrawn) == (("c",), ("a",), ("b",))


KILLED = """
import os, sys
sys.path.insert(0, sys.argv[2])
from knowledge_samples import REGISTER, fiche, fresh_base
from bot.knowledge import publish
from bot.knowledge.models import PublicationRow
module = sys.modules[publish.__module__]
insert = module._insert
def insert_or_die(connection, table, **values):
    if table is PublicationRow:
        os._exit(9)
    insert(connection, table, **values)
module._insert = insert_or_die
publish(fresh_base(sys.argv[1]), [fiche("b")], REGISTER)
"""

PUBLISHER = """
import sys
sys.path.insert(0, sys.argv[2])
from knowledge_samples import REGISTER, fiche, fresh_base
from bot.knowledge import publish
publish(fresh_base(sys.argv[1]), [fiche("a", titre=sys.argv[3])], REGISTER)
"""


def run(script: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", script, *arguments], cwd=HERE.parent.parent)


def test_a_process_killed_in_the_middle_leaves_nothing(base: KnowledgeBase, database_url: str) -> None:
    publish(base, [fiche("a")], REGISTER)
    before = base.all_published(), base.revision()
    assert run(KILLED, database_url, str(HERE)).wait(60) == 9
    assert (base.all_published(), base.revision()) == before
    assert publish(base, [fiche("a"), fiche("b")], REGISTER).new == ("b",)


def test_processes_that_publish_together_take_turns(database_url: str) -> None:
    """From nothing: they make the tables together too."""
    processes = [run(PUBLISHER, database_url, str(HERE), f"Titre {n}") for n in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    with closing(fresh_base(database_url)) as base:
        versions = base.versions("a")
        assert [v.version for v in versions] == [1, 2, 3]
        assert {v.title for v in versions} == {"Titre 0", "Titre 1", "Titre 2"}
        assert base.titles(["a"]) == {"a": versions[-1].title}


def test_threads_that_publish_together_take_turns(base: KnowledgeBase) -> None:
    def publish_text(n: int) -> PublicationReport:
        return publish(base, [fiche("a", en_detail=f"Texte {n}")], REGISTER)

    with ThreadPoolExecutor(6) as pool:
        reports = list(pool.map(publish_text, range(6)))
    assert sorted(r.new or r.updated for r in reports) == [("a",)] * 6
    assert sum(r.articles_changed != () for r in reports) == 1
    assert [v.version for v in base.versions("a")] == [1, 2, 3, 4, 5, 6]
    texts = {p.fiche.en_detail for n in range(1, 7) if (p := base.version("a", n))}
    assert texts == {f"Texte {n}" for n in range(6)}


def test_a_reader_sees_the_old_state_while_a_publication_is_written(
    base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(base, [fiche("a")], REGISTER)
    before = base.all_published(), base.revision()
    halfway, go_on = threading.Event(), threading.Event()
    insert = publish_module._insert

    def wait_after_a_version(connection: Any, table: Any, **values: Any) -> None:
        insert(connection, table, **values)
        if table is VersionRow:
            halfway.set()
            assert go_on.wait(20)

    monkeypatch.setattr(publish_module, "_insert", wait_after_a_version)
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(publish, base, [fiche("a", titre="Autre")], REGISTER)
        assert halfway.wait(20)
        try:
            assert (base.all_published(), base.revision()) == before
        finally:
            go_on.set()
        assert writing.result(20).updated == ("a",)
    assert base.titles(["a"]) == {"a": "Autre"}


def test_readers_never_see_half_a_publication(base: KnowledgeBase) -> None:
    """Two fiches always published with the same title are always read with the same title."""

    def pair(n: int) -> list[Any]:
        return [fiche(i, titre=f"Titre {n}") for i in ("a", "b")]

    publish(base, pair(0), REGISTER)
    done = threading.Event()

    def watch() -> set[str]:
        seen = set()
        while not done.is_set():
            titles = {p.fiche.titre for p in base.all_published()}
            assert len(titles) == 1
            seen |= titles
        return seen

    with ThreadPoolExecutor(2) as pool:
        watchers = [pool.submit(watch) for _ in range(2)]
        try:
            for n in range(1, 11):
                publish(base, pair(n), REGISTER)
        finally:
            done.set()
        assert all(len(w.result(20)) > 1 for w in watchers)
