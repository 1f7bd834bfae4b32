"""What was read is remembered until the next publication, and never longer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from knowledge_samples import HEBERGEMENT, REGISTER, entry, fiche, fresh_base
from sqlalchemy import event
from sqlalchemy.engine import Engine

from bot.fiches.model import Statut
from bot.knowledge import KnowledgeBase, open_base, publish
from bot.knowledge.remembered import Remembered
from bot.law.register import Register


@pytest.fixture
def base(database_url: str) -> Iterator[KnowledgeBase]:
    with closing(fresh_base(database_url)) as fresh:
        publish(fresh, [fiche("a"), fiche("b")], REGISTER)
        yield fresh


class Counted:
    """Counts connections taken and fiches and articles read while it listens to the base's engine."""

    def __init__(self, base: KnowledgeBase) -> None:
        self.connections = 0
        self.reads = 0
        engine: Engine = base._engine
        event.listen(engine, "engine_connect", self._connected)
        event.listen(engine, "before_cursor_execute", self._executed)

    def _connected(self, connection: Any, branch: bool) -> None:
        self.connections += 1

    def _executed(self, conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        self.reads += "fiche_versions" in statement or "FROM articles" in statement


def everything(base: KnowledgeBase) -> tuple[object, ...]:
    return base.published("a"), base.titles(["a", "b"]), base.articles(["CSP L1111-8"])


def test_what_was_read_is_not_read_again(base: KnowledgeBase) -> None:
    counted = Counted(base)
    first = everything(base)
    assert counted.reads == 3
    assert everything(base) == first
    assert base.published("inconnue") is None
    assert counted.reads == 4
    assert base.published("inconnue") is None
    assert counted.reads == 4


def test_every_reader_sees_the_next_publication(base: KnowledgeBase) -> None:
    everything(base)
    # Published by another process.
    with closing(open_base(base.url.render_as_string(hide_password=False))) as editor:
        changed = Register([entry(HEBERGEMENT, titre="Nouvel intitulé")])
        publish(editor, [fiche("a", statut=Statut.SUSPENDU), fiche("b", titre="Nouveau")], changed)
    assert base.published("a") is None
    assert base.titles(["a", "b"]) == {"b": "Nouveau"}
    assert base.articles(["CSP L1111-8"])["CSP L1111-8"].titre == "Nouvel intitulé"


def test_reads_together_are_of_one_state_over_one_connection(base: KnowledgeBase) -> None:
    counted = Counted(base)
    with base.one_state():
        assert counted.connections == 0, "nothing was read yet"
        assert base.published("a") is not None
        with closing(open_base(base.url.render_as_string(hide_password=False))) as editor:
            publish(editor, [fiche("b")], REGISTER)
        with base.one_state():
            assert base.titles(["a", "b"]) == {"a": fiche("a").titre, "b": fiche("b").titre}
            assert len(base.all_published()) == 2
        assert counted.connections == 1
    assert base.published("a") is None
    assert base.titles(["a", "b"]) == {"b": fiche("b").titre}
    assert counted.connections == 3


def test_no_more_is_kept_than_the_capacity() -> None:
    asked: list[str] = []

    def read(keys: list[str]) -> dict[str, str]:
        asked.extend(keys)
        return {key: key.upper() for key in keys}

    remembered: Remembered[str] = Remembered(capacity=2)
    for key in "abca":
        assert remembered.get("1", [key], read) == {key: key.upper()}
    assert asked == ["a", "b", "c", "a"]
    assert remembered.get("1", ["c", "a"], read) == {"c": "C", "a": "A"}
    assert asked[4:] == ["c"]
