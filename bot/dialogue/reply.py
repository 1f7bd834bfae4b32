"""The Reply: the one object that leaves the actions, whatever the channel (design, section 4)."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal[
    "answer",
    "choices",
    "question",
    "not_covered",
    "out_of_domain",
    "law",
    "notice",
    "unavailable",
]


class ReplyCitation(msgspec.Struct, frozen=True, kw_only=True):
    """One cited article as shown to the doctor."""

    id: str  # "CSP L1111-8"
    label: str  # "article L. 1111-8 du code de la santé publique"
    pinpoint: str  # "II", "" when the whole article is meant
    url: str
    version_since: str | None  # ISO date of the version relied on, when known
    status: str  # state in the law register: vigueur, modifie, abroge…
    support: str  # how its text was verified: officiel, copie, secondaire, a_verifier


class RelatedFiche(msgspec.Struct, frozen=True, kw_only=True):
    """A fiche offered next."""

    fiche: str
    title: str


class Button(msgspec.Struct, frozen=True, kw_only=True):
    """A choice offered; `payload` is opaque to the channel."""

    title: str
    payload: str


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a lawyer has signed the fiche. `status`: "relu" or "non_relu"."""

    status: str
    on: str | None = None
    by: str | None = None


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Where the doctor stands in a diagnosis: question `step` (from 1) of at most `of`."""

    title: str
    step: int
    of: int


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A document to download; `href` is relative to the front's public address."""

    title: str
    href: str
    media_type: str


class Reply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message of the bot. `text` is the Markdown that a plain channel shows.

    `context` says what an elliptical message was taken to be about; `feedback` are the buttons "useful" and
    "not useful", shown apart from the choices; `erased` asks the front to forget the conversation too;
    `expects` has it keep the e-mail address of the next message apart, so that nothing else ever sees it.
    """

    kind: Kind
    text: str
    fiche: str | None = None
    version: int | None = None
    title: str | None = None
    summary: str | None = None
    details: str | None = None
    steps: str | None = None
    caveats: str | None = None
    citations: tuple[ReplyCitation, ...] = ()
    related: tuple[RelatedFiche, ...] = ()
    buttons: tuple[Button, ...] = ()
    review: Review | None = None
    confidence: float | None = None
    context: str | None = None
    progress: Progress | None = None
    feedback: tuple[Button, ...] = ()
    documents: tuple[Document, ...] = ()
    erased: bool = False
    expects: Literal["email"] | None = None
