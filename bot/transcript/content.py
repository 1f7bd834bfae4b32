"""What a transcript says, whatever its format: sections of Markdown, sources, states of review."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.dialogue import texts
from bot.dialogue.reply import Reply, ReplyCitation
from bot.fiches.typography import typeset
from bot.transcript.model import Conversation

TITLE = "Transcription d’une conversation"
SERVICE = "Bonjour Maître, assistant automatique d’information juridique pour les médecins"
NOTICE = typeset(
    "Les réponses ci-dessous viennent d'un assistant automatique, qui cite des fiches rédigées d'avance. "
    "Aucun avocat n'a lu cette conversation. C'est une information juridique générale, pas une "
    "consultation : elle ne connaît pas tout du cas exposé, et le droit a pu changer depuis. Vérifiez "
    "chaque texte à son adresse officielle avant de vous y fier."
)
MASKED = typeset(
    "Les noms, coordonnées et numéros reconnus dans les questions sont remplacés par une mention entre "
    "crochets."
)
INCOMPLETE = typeset("Les premiers échanges de cette conversation ne sont plus en mémoire et manquent ici.")
EMPTY = typeset("Cette conversation ne contient encore aucune question.")
ASKED = "Message"
SOURCES = "Textes cités"
OPTIONS = "Réponses proposées"

_MONTHS = ("janvier février mars avril mai juin juillet août septembre octobre novembre décembre").split()
_PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Section:
    """Some Markdown under a heading, if it has one. `warns`: to be set apart."""

    heading: str | None
    markdown: str
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A cited text: its name, what is known of its version and of its check, its official address."""

    name: str
    facts: str
    url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One Reply as shown. `review`: who signed the fiche, or that nobody did."""

    title: str | None
    context: str | None
    sections: tuple[Section, ...]
    sources: tuple[Source, ...]
    review: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One exchange as shown, numbered from 1."""

    number: int
    when: str
    asked: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """All that the document says, besides the fixed texts of this module."""

    title: str
    made: str
    entries: tuple[Entry, ...]
    incomplete: bool


def content(conversation: Conversation, made_at: datetime) -> Transcript:
    """The content of the transcript of `conversation` made at `made_at` (aware).

    Replies about the transcript itself are left out, and with them the exchanges that hold nothing else.
    """
    entries: list[Entry] = []
    for exchange in conversation.exchanges:
        answers = tuple(_answer(reply) for reply in exchange.replies if not reply.documents)
        if answers:
            entries.append(Entry(len(entries) + 1, clock(exchange.at), exchange.asked, answers))
    return Transcript(
        title=conversation.title or TITLE,
        made=f"{day(made_at.astimezone(_PARIS).date())}, {clock(made_at)} (heure de Paris)",
        entries=tuple(entries),
        incomplete=conversation.incomplete,
    )


def day(when: date) -> str:
    """28 novembre 2026; 1er décembre 2026."""
    return f"{'1er' if when.day == 1 else when.day}\u00a0{_MONTHS[when.month - 1]}\u00a0{when.year}"


def clock(when: datetime) -> str:
    """9\u00a0h\u00a005, in Paris."""
    local = when.astimezone(_PARIS)
    return f"{local.hour}\u00a0h\u00a0{local.minute:02}"


def _answer(reply: Reply) -> Answer:
    sections = tuple(_sections(reply))
    written = "\n".join(section.markdown for section in sections)
    sources = tuple(_source(citation) for citation in reply.citations)
    return Answer(
        title=reply.title if reply.summary else None,
        context=reply.context if reply.summary else None,
        sections=sections,
        # Some Replies already name their sources in their text.
        sources=() if all((s.url or s.name[1:]) in written for s in sources) else sources,
        review=_review(reply),
    )


def _sections(reply: Reply) -> Iterator[Section]:
    if not reply.summary:
        yield Section(None, reply.text)
        untold = [button.title for button in reply.buttons if button.title not in reply.text]
        if reply.kind in ("question", "choices") and untold:
            yield Section(OPTIONS, "\n".join(f"- {title}" for title in untold))
        return
    yield Section(None, reply.summary)
    if reply.details:
        yield Section("En détail", reply.details)
    if reply.steps:
        yield Section(texts.STEPS, reply.steps)
    if reply.caveats:
        yield Section(texts.CAVEATS, reply.caveats, warns=True)


def _source(citation: ReplyCitation) -> Source:
    facts = []
    if citation.version_since:
        facts.append(f"version du {date.fromisoformat(citation.version_since):%d/%m/%Y}")
    if citation.status != "vigueur":
        facts.append(texts.STATES.get(citation.status, citation.status))
    if support := texts.SUPPORT.get(citation.support):
        facts.append(support)
    return Source(citation.label[:1].upper() + citation.label[1:], " · ".join(facts), citation.url)


def _review(reply: Reply) -> str | None:
    if reply.review is None:
        return None
    signed = texts.NOT_REVIEWED
    if reply.review.on and reply.review.by:
        signed = f"Fiche relue le {date.fromisoformat(reply.review.on):%d/%m/%Y} par {reply.review.by}"
    version = f" (fiche «\u00a0{reply.fiche}\u00a0», version {reply.version})" if reply.fiche else ""
    return f"{signed}{version}. {texts.INFORMATION}"
