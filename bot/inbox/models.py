"""Tables of what doctors leave. Texts are masked before they come here.

`subject` is the identifier derived from the session (`bot.inbox.origin`): whoever holds the session can
see and erase the rows. It is emptied once a row is old, which leaves counts that nobody can be told from.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint

from bot.knowledge.models import Base, UtcDateTime


class PassedQuestionRow(Base):
    """One question passed to the editors, with the consent under which it is kept."""

    __tablename__ = "passed_questions"
    __table_args__ = (
        Index("ix_passed_questions_subject", "subject"),
        Index("ix_passed_questions_state", "state"),
    )

    reference = Column(String, primary_key=True)  # "BM-7K3F-92QD"
    subject = Column(String, nullable=False)
    channel = Column(String, nullable=False)
    text = Column(Text, nullable=False)
    state = Column(String, nullable=False)  # `bot.inbox.inbox.State`
    passed_at = Column(UtcDateTime, nullable=False)
    # The consent shown and accepted, at `passed_at`: which version of its text.
    consent = Column(String, nullable=False)
    wants_reply = Column(Boolean, nullable=False)
    ended_at = Column(UtcDateTime)  # answered or closed
    answer = Column(Text)  # what the editors sent, or why they closed it
    fiche = Column(String)  # the draft opened from it


class ReplyAddressRow(Base):
    """The e-mail address to reply to, apart from the text: deleted once the reply is sent."""

    __tablename__ = "reply_addresses"

    reference = Column(String, ForeignKey("passed_questions.reference", ondelete="CASCADE"), primary_key=True)
    address = Column(String, nullable=False)
    given_at = Column(UtcDateTime, nullable=False)


class FeedbackRow(Base):
    """One rating of one version of a fiche. A subject rates a version once; the last word counts."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("subject", "fiche_id", "version", name="uq_feedback_subject"),
        Index("ix_feedback_fiche_id", "fiche_id"),
    )

    id = Column(Integer, primary_key=True)
    subject = Column(String)  # NULL once old: several such rows may stand for one version
    fiche_id = Column(String, nullable=False)
    version = Column(Integer, nullable=False)
    useful = Column(Boolean, nullable=False)
    reason = Column(String)  # `bot.inbox.inbox.Reason`, when not useful
    channel = Column(String, nullable=False)
    day = Column(Date, nullable=False)
