"""Publishing: making the database say what the files say, in one transaction, keeping the past.

A version, once published, is never changed nor deleted. A fiche gets a new version when its text
differs from its current one, even if it goes back to an older text; a fiche that the files no longer
publish is withdrawn: its versions stay, and the bot stops answering from it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.fiches.model import Fiche, Statut
from bot.knowledge import engine
from bot.knowledge.models import ArticleRow, CitationRow, FicheRow, PublicationRow, VersionRow
from bot.knowledge.repository import (
    Article,
    KnowledgeBase,
    article_of,
    require_schema,
    unavailable,
)
from bot.knowledge.serialize import content_hash, encode_fiche

if TYPE_CHECKING:  # Those who only read the base need not load the register's reader.
    from bot.law.register import RegisterEntry


class PublicationError(ValueError):
    """What was given can't be published, and nothing was; the message is in French."""


@dataclass(frozen=True, slots=True)
class PublicationReport:
    """What a publication did: ids of fiches and keys of articles, sorted.

    `restored` fiches had been withdrawn and are answered from again, their text unchanged.
    `articles_changed` were added to the register, altered in it, or taken out of it.
    """

    new: tuple[str, ...]
    updated: tuple[str, ...]
    restored: tuple[str, ...]
    unchanged: tuple[str, ...]
    withdrawn: tuple[str, ...]
    articles_changed: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether readers see anything new."""
        return bool(self.new or self.updated or self.restored or self.withdrawn or self.articles_changed)

    @property
    def summary(self) -> str:
        """One French line, as the journal of publications keeps it."""
        counts = (
            (len(self.new), "fiche nouvelle", "fiches nouvelles"),
            (len(self.updated), "modifiée", "modifiées"),
            (len(self.restored), "rétablie", "rétablies"),
            (len(self.withdrawn), "retirée", "retirées"),
            (len(self.articles_changed), "article de loi changé", "articles de loi changés"),
        )
        return ", ".join(f"{n} {many if n > 1 else one}" for n, one, many in counts if n) or "rien de changé"


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where a fiche stands in the database: its statut, and the hash of its current version."""

    statut: str
    version: int
    content_hash: str


def publish(
    base: KnowledgeBase,
    fiches: Iterable[Fiche],
    register: Iterable[RegisterEntry],
    *,
    now: datetime | None = None,
) -> PublicationReport:
    """Make `base` answer from exactly those of `fiches` whose statut is `publie`, on the law `register`.

    All or nothing. Publishing the same again changes nothing: no version, same revision. Publications
    from several processes take turns. `now` (aware) defaults to the present.

    Raises `PublicationError` on a repeated id, or on a cited article missing from `register`, and
    `KnowledgeUnavailable` when the database can't be written or its tables are not those of this code.
    """
    by_id = _index(fiches)
    articles = {entry.key: to_article(entry) for entry in register}
    _require_articles(by_id.values(), articles)
    writer = engine.writing_engine(base.url)
    try:
        with writer.begin() as connection:
            require_schema(base.url, connection)
            return _publish(connection, by_id, articles, now or datetime.now(UTC))
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise unavailable(base.url, error) from error
    finally:
        writer.dispose()


def to_article(entry: RegisterEntry) -> Article:
    """The article that readers get for an entry of the register."""
    return Article(
        key=entry.key,
        code=entry.ref.code,
        number=entry.ref.number,
        titre=entry.titre,
        url=entry.url,
        version_du=entry.version_du,
        etat=entry.etat.value,
        verifie=entry.verifie.value,
        verifie_le=entry.verifie_le,
        source=entry.source,
        note=entry.note,
        remplace_par=None if entry.remplace_par is None else entry.remplace_par.key,
    )


def _publish(
    connection: Any, fiches: Mapping[str, Fiche], articles: Mapping[str, Article], now: datetime
) -> PublicationReport:
    articles_changed = _write_articles(connection, articles)
    before = _standings(connection)
    contents = {i: encode_fiche(fiche) for i, fiche in sorted(fiches.items()) if fiche.is_published}
    hashes = {i: content_hash(content) for i, content in contents.items()}

    new = [i for i in contents if i not in before]
    known = [i for i in contents if i in before]
    updated = [i for i in known if before[i].content_hash != hashes[i]]
    same = [i for i in known if before[i].content_hash == hashes[i]]
    restored = [i for i in same if before[i].statut != Statut.PUBLIE]
    unchanged = [i for i in same if before[i].statut == Statut.PUBLIE]
    withdrawn = sorted(i for i in before if before[i].statut == Statut.PUBLIE and i not in contents)

    versions = dict.fromkeys(new, 1) | {i: before[i].version + 1 for i in updated}
    for fiche_id, version in versions.items():
        _write_version(connection, fiches[fiche_id], version, contents[fiche_id], hashes[fiche_id], now)
    for fiche_id in new:
        _insert(connection, FicheRow, id=fiche_id, statut=Statut.PUBLIE.value, current_version=1)
    for fiche_id, standing in before.items():
        # A withdrawn fiche keeps the statut of its file; without a file, it is archived.
        statut = fiches[fiche_id].statut if fiche_id in fiches else Statut.ARCHIVE
        version = versions.get(fiche_id, standing.version)
        if (statut.value, version) != (standing.statut, standing.version):
            connection.execute(
                update(FicheRow)
                .where(FicheRow.id == fiche_id)
                .values(statut=statut.value, current_version=version)
            )
    report = PublicationReport(
        new=tuple(new),
        updated=tuple(updated),
        restored=tuple(restored),
        unchanged=tuple(unchanged),
        withdrawn=tuple(withdrawn),
        articles_changed=tuple(articles_changed),
    )
    if report.changed:
        _insert(connection, PublicationRow, stamp=uuid4().hex, published_at=now, summary=report.summary)
    return report


def _index(fiches: Iterable[Fiche]) -> dict[str, Fiche]:
    by_id: dict[str, Fiche] = {}
    for fiche in fiches:
        if fiche.id in by_id:
            raise PublicationError(
                f"Deux fiches portent l’identifiant «\u00a0{fiche.id}\u00a0»\u00a0: renommez l’une des deux."
            )
        by_id[fiche.id] = fiche
    return by_id


def _require_articles(fiches: Iterable[Fiche], articles: Mapping[str, Article]) -> None:
    missing = [
        f"{fiche.id} cite {cited.citation.reference.key}"
        for fiche in fiches
        if fiche.is_published
        for cited in fiche.citations
        if cited.citation.reference.key not in articles
    ]
    if missing:
        raise PublicationError(
            "Article absent du registre des lois (ajoutez-le dans data/lois ou corrigez la fiche)\u00a0: "
            + ", ".join(missing)
        )


def _standings(connection: Any) -> dict[str, _Standing]:
    rows = connection.execute(
        select(FicheRow.id, FicheRow.statut, FicheRow.current_version, VersionRow.content_hash).join(
            VersionRow,
            (VersionRow.fiche_id == FicheRow.id) & (VersionRow.version == FicheRow.current_version),
        )
    )
    return {row.id: _Standing(row.statut, row.current_version, row.content_hash) for row in rows}


def _write_version(
    connection: Any, fiche: Fiche, version: int, content: str, digest: str, now: datetime
) -> None:
    _insert(
        connection,
        VersionRow,
        fiche_id=fiche.id,
        version=version,
        titre=fiche.titre,
        theme=fiche.theme,
        content=content,
        content_hash=digest,
        published_at=now,
    )
    for position, cited in enumerate(fiche.citations):
        _insert(
            connection,
            CitationRow,
            fiche_id=fiche.id,
            version=version,
            position=position,
            article_key=cited.citation.reference.key,
            pinpoint=", ".join(cited.citation.pinpoint),
            appui=cited.appui.value,
        )


def _write_articles(connection: Any, articles: Mapping[str, Article]) -> list[str]:
    """Bring the articles to the register's; return the keys of those that changed, sorted."""
    rows = connection.execute(select(ArticleRow.__table__)).all()
    known = {row.key for row in rows}
    current = {row.key: article_of(row) for row in rows if row.au_registre}
    changed = sorted(k for k in {*current, *articles} if current.get(k) != articles.get(k))
    for key in changed:
        if key not in articles:
            values: dict[str, Any] = {"au_registre": False}
        else:
            values = asdict(articles[key]) | {"au_registre": True}
        if key in known:
            connection.execute(update(ArticleRow).where(ArticleRow.key == key).values(**values))
        else:
            _insert(connection, ArticleRow, **values)
    return changed


def _insert(connection: Any, table: Any, **values: Any) -> None:
    connection.execute(insert(table).values(**values))
