"""Tables of the published fiches.

A published version is written once and never changed. `fiches` says which version is current and
whether it may be answered from; `citations` makes "who cites this article" one indexed query;
`publications` is the journal, whose last row is the stamp that readers watch.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Text,
)
from sqlalchemy.orm import declarative_base
from sqlalchemy.types import TypeDecorator

# The migration that this code needs; the tests hold it equal to the head of `migrations/`.
# Kept as a constant so that reading never loads Alembic.
SCHEMA = "0003"

# Not Alembic's default name: the database may be shared with another program that uses Alembic too.
SCHEMA_TABLE = "knowledge_schema"


class UtcDateTime(TypeDecorator):
    """An aware `datetime` in UTC on every database (SQLite has no time zones of its own)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Store in UTC; refuse a naive time, whose zone nobody could tell later."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Give back an aware time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Named constraints, so that a later migration can drop or alter them on both databases.
Base: Any = declarative_base(
    metadata=MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
)


class ArticleRow(Base):
    """One entry of the law register. Never deleted, since old versions cite it."""

    __tablename__ = "articles"

    key = Column(String, primary_key=True)
    code = Column(String, nullable=False)
    number = Column(String, nullable=False)
    titre = Column(Text, nullable=False)
    url = Column(Text, nullable=False)
    version_du = Column(Date)
    etat = Column(String, nullable=False)
    verifie = Column(String, nullable=False)
    verifie_le = Column(Date)
    source = Column(Text, nullable=False)
    note = Column(Text, nullable=False)
    remplace_par = Column(String)
    # False once the editors have taken it out of the register.
    au_registre = Column(Boolean, nullable=False)


class VersionRow(Base):
    """One published version of a fiche: the whole of it, as `bot.knowledge.serialize` writes it."""

    __tablename__ = "fiche_versions"

    fiche_id = Column(String, primary_key=True)
    version = Column(Integer, primary_key=True, autoincrement=False)
    titre = Column(Text, nullable=False)
    theme = Column(String, nullable=False)
    content = Column(Text, nullable=False)
    # SHA-256 of `content`. Two versions may share it: an editor may go back to an old text.
    content_hash = Column(String, nullable=False)
    published_at = Column(UtcDateTime, nullable=False)


class FicheRow(Base):
    """Where a fiche stands: its current version, and whether the bot may answer from it."""

    __tablename__ = "fiches"
    __table_args__ = (
        ForeignKeyConstraint(
            ["id", "current_version"], ["fiche_versions.fiche_id", "fiche_versions.version"]
        ),
        Index("ix_fiches_statut", "statut"),
    )

    id = Column(String, primary_key=True)
    statut = Column(String, nullable=False)
    current_version = Column(Integer, nullable=False)


class CitationRow(Base):
    """One citation of one version, in the order of the fiche."""

    __tablename__ = "citations"
    __table_args__ = (
        ForeignKeyConstraint(["fiche_id", "version"], ["fiche_versions.fiche_id", "fiche_versions.version"]),
        Index("ix_citations_article_key", "article_key"),
    )

    fiche_id = Column(String, primary_key=True)
    version = Column(Integer, primary_key=True, autoincrement=False)
    position = Column(Integer, primary_key=True, autoincrement=False)
    article_key = Column(String, ForeignKey("articles.key"), nullable=False)
    pinpoint = Column(Text, nullable=False)
    appui = Column(String, nullable=False)


class PublicationRow(Base):
    """One publication that changed something."""

    __tablename__ = "publications"

    id = Column(Integer, primary_key=True)
    # Random, so that a database built anew never shows the stamp of the one it replaces.
    stamp = Column(String, nullable=False)
    published_at = Column(UtcDateTime, nullable=False)
    summary = Column(Text, nullable=False)
