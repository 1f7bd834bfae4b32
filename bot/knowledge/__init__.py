"""The database of published fiches: what the bot answers from, and how it gets there."""

from bot.knowledge.engine import DatabaseUrlError
from bot.knowledge.publish import PublicationError, PublicationReport, publish
from bot.knowledge.repository import (
    Article,
    BaseStatus,
    FicheTitle,
    KnowledgeBase,
    KnowledgeUnavailable,
    PublishedFiche,
    Version,
    open_base,
)

__all__ = [
    "Article",
    "BaseStatus",
    "DatabaseUrlError",
    "FicheTitle",
    "KnowledgeBase",
    "KnowledgeUnavailable",
    "PublicationError",
    "PublicationReport",
    "PublishedFiche",
    "Version",
    "open_base",
    "publish",
]
