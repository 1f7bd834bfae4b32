"""When the base can't be read: always `KnowledgeUnavailable`, soon, and with a mend."""

from __future__ import annotations

import re
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from knowledge_samples import REGISTER, fiche, fresh_base
from sqlalchemy import create_engine
from sqlalchemy import text as sql
from sqlalchemy.engine import make_url

from bot.knowledge import (
    DatabaseUrlError,
    KnowledgeBase,
    KnowledgeUnavailable,
    open_base,
    publish,
)
from bot.knowledge.migrate import upgrade


def together(base: KnowledgeBase) -> object:
    with base.one_state():
        return base.published("a"), base.titles(["a"])


READS: dict[str, Callable[[KnowledgeBase], object]] = {
    "published": lambda base: base.published("a"),
    "published_many": lambda base: base.published_many(["a"]),
    "all_published": lambda base: base.all_published(),
    "titles": lambda base: base.titles(["a"]),
    "article": lambda base: base.article("RGPD 28"),
    "articles": lambda base: base.articles(["RGPD 28"]),
    "citing": lambda base: base.citing("RGPD 28"),
    "versions": lambda base: base.versions("a"),
    "version": lambda base: base.version("a", 1),
    "revision": lambda base: base.revision(),
    "status": lambda base: base.status(),
    "check": lambda base: base.check(),
    "one_state": together,
}
# Seconds: well over what reading may take on a busy machine, well under waiting for ever.
SOON = 15
every_read = pytest.mark.parametrize("read", READS.values(), ids=READS)


def refusal(read: Callable[[], object]) -> str:
    with pytest.raises(KnowledgeUnavailable) as caught:
        read()
    return str(caught.value)


def execute(url: str, statement: str) -> None:
    engine = create_engine(url, future=True)
    with engine.begin() as connection:
        connection.execute(sql(statement))
    engine.dispose()


def test_every_public_read_is_tried() -> None:
    assert set(READS) == {n for n in vars(KnowledgeBase) if not n.startswith("_")} - {"close", "address"}


@every_read
def test_missing_file(sqlite_url: str, tmp_path: Path, read: Callable[[KnowledgeBase], object]) -> None:
    message = refusal(lambda: read(open_base(sqlite_url)))
    assert "n’existe pas encore" in message
    assert "«\u00a0maitre publish\u00a0»" in message
    assert list(tmp_path.iterdir()) == []


def test_publishing_does_not_make_the_file_either(sqlite_url: str, tmp_path: Path) -> None:
    assert "n’existe pas encore" in refusal(lambda: publish(open_base(sqlite_url), [], []))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_taken_away_is_missed_and_its_return_seen(sqlite_url: str) -> None:
    base = fresh_base(sqlite_url)
    publish(base, [fiche("a")], REGISTER)
    file = Path(make_url(sqlite_url).database)
    away = file.rename(file.with_suffix(".away"))
    assert "n’existe pas encore" in refusal(base.check)
    assert not file.exists()
    away.rename(file)
    assert base.titles(["a"]) == {"a": fiche("a").titre}


@every_read
def test_missing_tables(database_url: str, read: Callable[[KnowledgeBase], object]) -> None:
    if database_url.startswith("sqlite"):
        file = Path(make_url(database_url).database)
        file.parent.mkdir()
        file.touch()
    with closing(open_base(database_url)) as base:
        message = refusal(lambda: read(base))
        assert "est vide" in message
        assert "«\u00a0maitre publish\u00a0»" in message
        assert "est vide" in refusal(lambda: publish(base, [], []))


@every_read
def test_a_table_lost(database_url: str, read: Callable[[KnowledgeBase], object]) -> None:
    with closing(fresh_base(database_url)) as base:
        for table in ("citations", "fiches", "fiche_versions", "articles", "publications"):
            execute(database_url, f"DROP TABLE {table}")
        if read is READS["check"]:
            base.check()  # Looks at the schema's number only.
        else:
            assert "est inutilisable" in refusal(lambda: read(base))


@pytest.mark.parametrize(
    ("schema", "mend"), [("0000", "«\u00a0maitre db upgrade\u00a0»"), ("9999", "mettez le programme à jour")]
)
def test_tables_of_another_version_of_the_program(database_url: str, schema: str, mend: str) -> None:
    with closing(fresh_base(database_url)) as base:
        base.check()
        execute(database_url, f"UPDATE knowledge_schema SET version_num = '{schema}'")
        assert mend in refusal(base.check)
        assert mend in refusal(lambda: base.published("a"))
        assert mend in refusal(lambda: publish(base, [], []))


def test_tables_ahead_are_not_migrated(database_url: str) -> None:
    with closing(fresh_base(database_url)) as base:
        execute(database_url, "UPDATE knowledge_schema SET version_num = '9999'")
        assert "mettez le programme à jour" in refusal(lambda: upgrade(base))


def test_a_text_that_is_no_fiche(database_url: str) -> None:
    with closing(fresh_base(database_url)) as base:
        publish(base, [fiche("a")], REGISTER)
        execute(database_url, "UPDATE fiche_versions SET content = '{}'")
        assert "est inutilisable" in refusal(lambda: base.published("a"))
        assert "est inutilisable" in refusal(base.all_published)
        assert "est inutilisable" in refusal(lambda: base.version("a", 1))


@every_read
def test_a_file_that_is_no_database(sqlite_url: str, read: Callable[[KnowledgeBase], object]) -> None:
    file = Path(make_url(sqlite_url).database)
    file.parent.mkdir()
    file.write_text("Ceci n’est pas une base de données." * 100)
    assert "not a database" in refusal(lambda: read(open_base(sqlite_url)))
    assert "not a database" in refusal(lambda: upgrade(open_base(sqlite_url)))


def test_a_folder_where_the_file_should_be(tmp_path: Path) -> None:
    base = open_base(f"sqlite:///{tmp_path}")
    assert "est inutilisable" in refusal(base.check)
    assert "est inutilisable" in refusal(lambda: upgrade(base))


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "base").touch()
    message = refusal(lambda: upgrade(open_base(f"sqlite:///{tmp_path / 'base' / 'maitre.db'}")))
    assert "File exists" in message
    assert "maitre publish" not in message


def test_readers_cannot_write(database_url: str) -> None:
    with closing(fresh_base(database_url)) as base:

        def write() -> None:
            with base._reading() as session:
                session.execute(sql("DELETE FROM publications"))

        assert re.search("read.?only", refusal(write))


def test_a_locked_file_is_still_read(sqlite_url: str) -> None:
    base = fresh_base(sqlite_url)
    publish(base, [fiche("a")], REGISTER)
    with closing(sqlite3.connect(make_url(sqlite_url).database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert base.titles(["a"]) == {"a": fiche("a").titre}


@every_read
def test_nobody_listens_on_the_port(read: Callable[[KnowledgeBase], object]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = open_base(f"postgresql://lecteur:tr%C3%A8s-secret@127.0.0.1:{port}/maitre")
    message = refusal(lambda: read(base))
    assert f"127.0.0.1:{port}/maitre" in message
    assert "secret" not in message
    assert "secret" not in refusal(lambda: publish(base, [], []))


def test_a_server_that_never_says_hello() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        base = open_base(f"postgresql://lecteur@127.0.0.1:{mute.getsockname()[1]}/maitre")
        start = time.monotonic()
        refusal(base.check)
        assert time.monotonic() - start < SOON


def test_an_unknown_database(postgres_url: str) -> None:
    other = make_url(postgres_url).set(database="maitre_absente")
    base = open_base(other.render_as_string(hide_password=False))
    assert "maitre_absente" in refusal(base.check)


class Proxy:
    """A door to a TCP server that can freeze (say nothing more) or hang up on everyone."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._flowing = threading.Event()
        self._flowing.set()
        self.port = self._door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def freeze(self) -> None:
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    def hang_up(self) -> None:
        while self._sockets:
            with self._sockets.pop() as known, suppress(OSError):
                known.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._door.close()
        self._flowing.set()
        self.hang_up()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                server = socket.create_connection(self._target)
                self._sockets += [client, server]
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._flowing.wait()
                target.sendall(data)


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[Proxy]:
    server = make_url(postgres_url)
    with closing(Proxy(server.host, server.port or 5432)) as door:
        yield door


def through(proxy: Proxy, url: str) -> str:
    return str(make_url(url).set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False))


def test_a_server_that_freezes_is_given_up_and_found_again(postgres_url: str, proxy: Proxy) -> None:
    with closing(fresh_base(through(proxy, postgres_url))) as base:
        publish(base, [fiche("a")], REGISTER)
        assert base.titles(["a"])
        proxy.freeze()
        for _ in range(2):
            start = time.monotonic()
            refusal(lambda: base.titles(["a"]))
            assert time.monotonic() - start < SOON
        proxy.thaw()
        assert base.titles(["a"]) == {"a": fiche("a").titre}


def test_a_server_that_freezes_during_a_read(postgres_url: str, proxy: Proxy) -> None:
    with closing(fresh_base(through(proxy, postgres_url))) as base:
        base.check()

        def read() -> None:
            with base._reading() as session:
                proxy.freeze()
                session.execute(sql("SELECT 1"))

        start = time.monotonic()
        refusal(read)
        assert time.monotonic() - start < SOON
        proxy.thaw()
        base.check()


def test_a_slow_query_is_stopped_by_the_server(postgres_url: str) -> None:
    with closing(fresh_base(postgres_url)) as base:

        def read() -> None:
            with base._reading() as session:
                session.execute(sql("SELECT pg_sleep(30)"))

        start = time.monotonic()
        assert "statement timeout" in refusal(read)
        assert time.monotonic() - start < SOON


def test_a_server_that_restarted_is_not_noticed(postgres_url: str, proxy: Proxy) -> None:
    """The connections kept from before it are dead; the next read opens a new one."""
    with closing(fresh_base(through(proxy, postgres_url))) as base:
        publish(base, [fiche("a")], REGISTER)
        for _ in range(3):
            assert base.titles(["a"]) == {"a": fiche("a").titre}
            proxy.hang_up()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "maitre.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:////tmp/maitre.db?mode=memory",
        "mysql://root:secret@localhost/maitre",
        "postgresql://u:secret@localhost:port/maitre",
    ],
)
def test_an_address_that_cannot_be_used(url: str) -> None:
    with pytest.raises(DatabaseUrlError, match="MAITRE_DATABASE_URL") as caught:
        open_base(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_the_names_of_postgresql(scheme: str) -> None:
    base = open_base(f"{scheme}://u:secret@localhost/maitre")
    assert base.address == "postgresql+psycopg2://u:***@localhost/maitre"
