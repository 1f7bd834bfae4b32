"""The first tables: articles, fiches and their versions, citations, journal of publications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "articles",
        sa.Column("key", sa.String, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("titre", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("version_du", sa.Date),
        sa.Column("etat", sa.String, nullable=False),
        sa.Column("verifie", sa.String, nullable=False),
        sa.Column("verifie_le", sa.Date),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("remplace_par", sa.String),
        sa.Column("au_registre", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_articles"),
    )
    op.create_table(
        "fiche_versions",
        sa.Column("fiche_id", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("titre", sa.Text, nullable=False),
        sa.Column("theme", sa.String, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("content_hash", sa.String, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fiche_id", "version", name="pk_fiche_versions"),
    )
    op.create_table(
        "fiches",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("statut", sa.String, nullable=False),
        sa.Column("current_version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fiches"),
        sa.ForeignKeyConstraint(
            ["id", "current_version"],
            ["fiche_versions.fiche_id", "fiche_versions.version"],
            name="fk_fiches_id",
        ),
    )
    op.create_index("ix_fiches_statut", "fiches", ["statut"])
    op.create_table(
        "citations",
        sa.Column("fiche_id", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("position", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("article_key", sa.String, nullable=False),
        sa.Column("pinpoint", sa.Text, nullable=False),
        sa.Column("appui", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("fiche_id", "version", "position", name="pk_citations"),
        sa.ForeignKeyConstraint(
            ["fiche_id", "version"],
            ["fiche_versions.fiche_id", "fiche_versions.version"],
            name="fk_citations_fiche_id",
        ),
        sa.ForeignKeyConstraint(["article_key"], ["articles.key"], name="fk_citations_article_key"),
    )
    op.create_index("ix_citations_article_key", "citations", ["article_key"])
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("stamp", sa.String, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
    )


def downgrade() -> None:
    """Drop everything: every published version is lost; the files under `data/` remain."""
    for table in ("publications", "citations", "fiches", "fiche_versions", "articles"):
        op.drop_table(table)
