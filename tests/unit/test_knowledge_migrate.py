"""Migrations: up from nothing and from every earlier step, down again, and equal to the models."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from knowledge_samples import REGISTER, fiche
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url

import bot.front.channels.models
import bot.inbox.models
import bot.knowledge.migrations
from bot.knowledge import KnowledgeBase, KnowledgeUnavailable, open_base, publish
from bot.knowledge.migrate import Migration, downgrade, head, upgrade
from bot.knowledge.models import SCHEMA, SCHEMA_TABLE, Base

STEPS = [
    script.revision
    for script in ScriptDirectory(str(Path(bot.knowledge.migrations.__file__).parent)).walk_revisions()
]


@pytest.fixture
def base(database_url: str) -> Iterator[KnowledgeBase]:
    with closing(open_base(database_url)) as opened:
        yield opened


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_the_code_expects_the_newest_migration() -> None:
    assert head() == SCHEMA == STEPS[0]
    assert sorted(STEPS, reverse=True) == STEPS, "numbers must grow: they are compared as text"


def test_up_twice_then_down_then_up(base: KnowledgeBase, database_url: str) -> None:
    assert upgrade(base) == Migration(None, SCHEMA)
    assert tables(database_url) == {*Base.metadata.tables, SCHEMA_TABLE}
    publish(base, [fiche("a")], REGISTER)
    assert upgrade(base) == Migration(SCHEMA, SCHEMA)
    assert base.titles(["a"])

    assert downgrade(base, "base") == Migration(SCHEMA, None)
    assert tables(database_url) == {SCHEMA_TABLE}
    with pytest.raises(KnowledgeUnavailable, match="est vide"):
        base.check()

    assert upgrade(base) == Migration(None, SCHEMA)
    assert base.all_published() == []


@pytest.mark.parametrize("step", STEPS)
def test_up_from_every_step(base: KnowledgeBase, step: str) -> None:
    assert upgrade(base, step) == Migration(None, step)
    assert upgrade(base) == Migration(step, SCHEMA)
    base.check()


def test_the_migrations_make_the_tables_of_the_models(base: KnowledgeBase, database_url: str) -> None:
    upgrade(base)
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": SCHEMA_TABLE}
        )
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_foreign_keys_are_held(base: KnowledgeBase, database_url: str) -> None:
    upgrade(base)
    found = create_engine(database_url)
    keys = {
        (table, key["referred_table"], tuple(key["constrained_columns"]))
        for table in Base.metadata.tables
        for key in inspect(found).get_foreign_keys(table)
    }
    found.dispose()
    assert keys == {
        ("fiches", "fiche_versions", ("id", "current_version")),
        ("citations", "fiche_versions", ("fiche_id", "version")),
        ("citations", "articles", ("article_key",)),
        ("reply_addresses", "passed_questions", ("reference",)),
    }


def test_threads_that_upgrade_together(base: KnowledgeBase) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: upgrade(base), range(4)))
    assert sorted(done, key=str) == sorted(
        [Migration(None, SCHEMA)] + [Migration(SCHEMA, SCHEMA)] * 3, key=str
    )


def test_sqlite_is_left_in_wal_mode(sqlite_url: str) -> None:
    upgrade(open_base(sqlite_url))
    # Bytes 18 and 19 of the file: 2 for write-ahead logging (https://www.sqlite.org/fileformat.html).
    assert Path(make_url(sqlite_url).database).read_bytes()[18:20] == b"\x02\x02"
