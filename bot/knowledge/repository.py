"""Reading the published fiches and the articles they cite.

Every method opens one short read transaction, or shares that of `KnowledgeBase.one_state`, so a reader sees
either the state before a publication or the state after it. Every method raises `KnowledgeUnavailable`, and
nothing else, when the database can't be read: the bot then says so rather than give no law, or a wrong one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy import text as sql
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.orm import Session

from bot.fiches.model import Fiche, Statut
from bot.knowledge import engine
from bot.knowledge.models import (
    SCHEMA,
    SCHEMA_TABLE,
    ArticleRow,
    CitationRow,
    FicheRow,
    PublicationRow,
    VersionRow,
)
from bot.knowledge.remembered import Remembered
from bot.knowledge.serialize import StoredFicheError, decode_fiche

_PUBLISH = "lancez «\u00a0maitre publish\u00a0»."


class KnowledgeUnavailable(Exception):
    """The published fiches can't be read; the message, in French and without password, says why."""


@dataclass(frozen=True, slots=True)
class PublishedFiche:
    """One published version. `published_at` is aware, in UTC."""

    fiche: Fiche
    version: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class FicheTitle:
    """A published fiche, to name it without loading it."""

    fiche: str
    title: str


@dataclass(frozen=True, slots=True)
class Version:
    """A line of a fiche's history. `content_hash` is the SHA-256 of the stored text."""

    version: int
    title: str
    published_at: datetime
    content_hash: str


@dataclass(frozen=True, slots=True)
class Article:
    """An entry of the law register as last published. `key` is "CSP L1111-8"."""

    key: str
    code: str
    number: str
    titre: str
    url: str
    version_du: date | None
    etat: str
    verifie: str
    verifie_le: date | None
    source: str
    note: str
    remplace_par: str | None


@dataclass(frozen=True, slots=True)
class BaseStatus:
    """What the base holds. `fiches` counts them by statut; `last` is the last change, in UTC."""

    revision: str
    fiches: Mapping[str, int]
    versions: int
    articles: int
    last: datetime | None
    last_summary: str


@dataclass(slots=True)
class _Shared:
    """The transaction that several reads share, once one of them has opened it."""

    stack: ExitStack = field(default_factory=ExitStack)
    session: Any = None


class KnowledgeBase:
    """The published fiches at one address. Holds no connection until the first read. Thread-safe.

    Fiches, titles and articles are remembered until the next publication, which every read looks for.
    """

    def __init__(self, url: URL) -> None:
        self.url = url
        self._shared: ContextVar[_Shared | None] = ContextVar("shared", default=None)
        self._fiches: Remembered[PublishedFiche] = Remembered(1000)
        self._titles: Remembered[str] = Remembered(20_000)
        self._articles: Remembered[Article] = Remembered(20_000)

    @property
    def address(self) -> str:
        """The address without its password, to show."""
        return engine.describe(self.url)

    def published(self, fiche_id: str) -> PublishedFiche | None:
        """The current version of a fiche, or None when it is unknown or not published."""
        return self.published_many([fiche_id]).get(fiche_id)

    def published_many(self, ids: Iterable[str]) -> dict[str, PublishedFiche]:
        """Current versions by id, in the order asked for; unknown or unpublished ids are left out."""
        wanted = _askable(ids)
        if not wanted:
            return {}
        with self.one_state():
            return self._fiches.get(
                self.revision(),
                wanted,
                lambda ids: {p.fiche.id: p for p in self._current(FicheRow.id.in_(ids))},
            )

    def all_published(self) -> list[PublishedFiche]:
        """Every published fiche, by id."""
        return self._current()

    def titles(self, ids: Iterable[str]) -> dict[str, str]:
        """Titles of those of `ids` that are published, in the order asked for."""
        wanted = _askable(ids)
        if not wanted:
            return {}

        def read(ids: list[str]) -> dict[str, str]:
            statement = _join_current(select(FicheRow.id, VersionRow.titre)).where(FicheRow.id.in_(ids))
            return {row.id: row.titre for row in session.execute(statement)}

        with self.one_state(), self._reading() as session:
            return self._titles.get(self.revision(), wanted, read)

    def article(self, key: str) -> Article | None:
        """The register's entry for "CSP L1111-8", or None when the register has none."""
        return self.articles([key]).get(key)

    def articles(self, keys: Iterable[str]) -> dict[str, Article]:
        """The register's entries by key, in the order asked for; unknown keys are left out."""
        wanted = _askable(keys)
        if not wanted:
            return {}

        def read(keys: list[str]) -> dict[str, Article]:
            statement = select(ArticleRow).where(ArticleRow.key.in_(keys), ArticleRow.au_registre)
            return {row.key: article_of(row) for row in session.execute(statement).scalars()}

        with self.one_state(), self._reading() as session:
            return self._articles.get(self.revision(), wanted, read)

    def citing(self, key: str) -> list[FicheTitle]:
        """The published fiches whose current version cites the article `key`, by id."""
        wanted = _askable([key])
        if not wanted:
            return []
        cited = select(CitationRow.fiche_id).where(
            CitationRow.fiche_id == FicheRow.id,
            CitationRow.version == FicheRow.current_version,
            CitationRow.article_key == wanted[0],
        )
        statement = (
            _join_current(select(FicheRow.id, VersionRow.titre)).where(cited.exists()).order_by(FicheRow.id)
        )
        with self._reading() as session:
            return [FicheTitle(fiche=row.id, title=row.titre) for row in session.execute(statement)]

    def versions(self, fiche_id: str) -> list[Version]:
        """Every version ever published of a fiche, oldest first; also of a withdrawn one."""
        wanted = _askable([fiche_id])
        if not wanted:
            return []
        statement = select(VersionRow).where(VersionRow.fiche_id == wanted[0]).order_by(VersionRow.version)
        with self._reading() as session:
            return [
                Version(row.version, row.titre, row.published_at, row.content_hash)
                for row in session.execute(statement).scalars()
            ]

    def version(self, fiche_id: str, version: int) -> PublishedFiche | None:
        """One version as it was published, to look back on; never to answer from. None if unknown."""
        wanted = _askable([fiche_id])
        if not wanted or not 0 < version < 2**31:
            return None
        with self._reading() as session:
            row = session.get(VersionRow, (wanted[0], version))
            return None if row is None else _published(row)

    def revision(self) -> str:
        """A stamp that differs after every publication that changed anything; cheap to ask."""
        columns = select(PublicationRow.id, PublicationRow.stamp)
        last = columns.order_by(PublicationRow.id.desc()).limit(1)
        with self._reading() as session:
            if "revision" not in session.info:  # the same for the whole transaction
                session.info["revision"] = revision_of(session.execute(last).first())
            return str(session.info["revision"])

    def status(self) -> BaseStatus:
        """What the base holds, for the host."""
        with self._reading() as session:
            last = session.execute(
                select(PublicationRow).order_by(PublicationRow.id.desc()).limit(1)
            ).scalar()
            counts = session.execute(select(FicheRow.statut, func.count()).group_by(FicheRow.statut))
            return BaseStatus(
                revision=revision_of(last),
                fiches=dict(sorted(tuple(row) for row in counts)),
                versions=session.execute(select(func.count()).select_from(VersionRow)).scalar_one(),
                articles=session.execute(
                    select(func.count()).select_from(ArticleRow).where(ArticleRow.au_registre)
                ).scalar_one(),
                last=None if last is None else last.published_at,
                last_summary="" if last is None else last.summary,
            )

    def check(self) -> None:
        """Return if the base can be read by this version of the program, raise otherwise."""
        with self._reading():
            pass

    def close(self) -> None:
        """Give back the connections; a later read opens new ones."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    @cached_property
    def _engine(self) -> Any:
        return engine.reading_engine(self.url)

    def _current(self, *conditions: Any) -> list[PublishedFiche]:
        statement = _join_current(select(VersionRow)).where(*conditions).order_by(FicheRow.id)
        with self._reading() as session:
            return [_published(row) for row in session.execute(statement).scalars()]

    @contextmanager
    def one_state(self) -> Iterator[None]:
        """All that is read within is of one state of the base, over one connection, which the first read
        opens."""
        if self._shared.get() is not None:
            yield
            return
        shared = _Shared()
        token = self._shared.set(shared)
        try:
            with shared.stack:
                yield
        finally:
            self._shared.reset(token)

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        shared = self._shared.get()
        try:
            if shared is None:
                with self._transaction() as session:
                    yield session
            else:
                if shared.session is None:
                    shared.session = shared.stack.enter_context(self._transaction())
                yield shared.session
        except (SQLAlchemyError, sqlite3.Error, OSError, StoredFicheError) as error:
            raise unavailable(self.url, error) from error

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        with (
            self._engine.connect() as connection,
            engine.deadline(connection.connection.dbapi_connection, engine.DEADLINE_SECONDS),
            Session(bind=connection, future=True) as session,
        ):
            require_schema(self.url, session)
            yield session


def open_base(url: str) -> KnowledgeBase:
    """The knowledge base at `url` (`sqlite:////path/maitre.db`, `postgresql://user@host/base`).

    Connects only when first read. Raises `DatabaseUrlError` on an address that cannot be used.
    """
    return KnowledgeBase(engine.parse_url(url))


def schema_of(session: Any) -> str | None:
    """The migration that the database is at, or None when it has no tables of ours.

    On PostgreSQL a None leaves the transaction failed: only a rollback can follow.
    """
    try:
        found = session.execute(sql(f"SELECT version_num FROM {SCHEMA_TABLE}")).scalar()
    except (OperationalError, ProgrammingError) as error:
        if _is_missing_table(error):
            return None
        raise
    return None if found is None else str(found)


def require_schema(url: URL, session: Any) -> None:
    """Return if the tables are those of this code. Raises `KnowledgeUnavailable`, with the mend."""
    found = schema_of(session)
    address = engine.describe(url)
    if found is None:
        raise KnowledgeUnavailable(f"La base des fiches est vide ({address})\u00a0: {_PUBLISH}")
    if found < SCHEMA:
        raise KnowledgeUnavailable(
            f"La base des fiches ({address}) date d’une version antérieure du programme "
            f"(schéma {found}, attendu {SCHEMA})\u00a0: lancez «\u00a0maitre db upgrade\u00a0»."
        )
    if found > SCHEMA:
        raise KnowledgeUnavailable(
            f"La base des fiches ({address}) a été mise à jour par une version plus récente du programme "
            f"(schéma {found}, attendu {SCHEMA})\u00a0: mettez le programme à jour."
        )


def unavailable(url: URL, error: Exception, *, creating: bool = False) -> KnowledgeUnavailable:
    """The exception that says, in French, what `error` from the database at `url` means.

    When `creating`, a missing SQLite file is no explanation.
    """
    address = engine.describe(url)
    if not creating and url.get_backend_name() == "sqlite" and not Path(url.database).exists():
        return KnowledgeUnavailable(f"La base des fiches n’existe pas encore ({address})\u00a0: {_PUBLISH}")
    cause = str(error.orig if isinstance(error, DBAPIError) else error).strip() or type(error).__name__
    return KnowledgeUnavailable(
        f"La base des fiches est inutilisable ({address})\u00a0: {cause.splitlines()[0]}"
    )


def revision_of(publication: Any) -> str:
    """The stamp of the last publication (a `PublicationRow`), or of a base that has none."""
    return "0" if publication is None else f"{publication.id}-{publication.stamp}"


def article_of(row: Any) -> Article:
    """The `Article` in an `ArticleRow`."""
    return Article(
        key=row.key,
        code=row.code,
        number=row.number,
        titre=row.titre,
        url=row.url,
        version_du=row.version_du,
        etat=row.etat,
        verifie=row.verifie,
        verifie_le=row.verifie_le,
        source=row.source,
        note=row.note,
        remplace_par=row.remplace_par,
    )


def _join_current(statement: Any) -> Any:
    return (
        statement.select_from(FicheRow)
        .join(
            VersionRow,
            (VersionRow.fiche_id == FicheRow.id) & (VersionRow.version == FicheRow.current_version),
        )
        .where(FicheRow.statut == Statut.PUBLIE.value)
    )


def _published(row: Any) -> PublishedFiche:
    return PublishedFiche(decode_fiche(row.content), row.version, row.published_at)


def _askable(ids: Iterable[str]) -> list[str]:
    """`ids` without repeats, nor those that no database could hold (and would refuse with an error)."""
    return [i for i in dict.fromkeys(ids) if i.isprintable()]


def _is_missing_table(error: DBAPIError) -> bool:
    # SQLite tells by message only; PostgreSQL by SQLSTATE 42P01, undefined_table.
    return getattr(error.orig, "pgcode", None) == "42P01" or "no such table" in str(error.orig)
