"""A part of a fiche's answer, as a follow-up asks for it: its sources, its steps, what it says of delays…"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.dialogue import answer as build
from bot.dialogue import feedback, hand_off, texts
from bot.dialogue.payload import command
from bot.dialogue.precision import OPEN, UNKNOWN, Case, is_unknown
from bot.dialogue.reply import Button, Reply, ReplyCitation
from bot.fiches.model import Appui, Fiche, Precision
from bot.fiches.prose import blocks, without_marks
from bot.knowledge import Article, PublishedFiche
from bot.law.parse import find_marks

MAX_EXCERPTS = 5
_NUMBER = (
    r"(?:\d[\d\u00a0\u202f ]*|un|une|deux|trois|quatre|cinq|six|sept|huit|dix|douze|quinze|vingt|trente)"
)
_UNIT = r"(?:secondes?|minutes?|heures?|jours?|semaines?|mois|ans?|années?|trimestres?|semestres?)"
ASPECTS = {
    "ask_duration": re.compile(
        rf"\b{_NUMBER}[\u00a0\u202f ](?:\w+[\u00a0\u202f ])?{_UNIT}\b|\bdélais?\b|\bdurées?\b"
        r"|sans (?:attendre|délai|tarder)|meilleurs délais",
        re.IGNORECASE,
    ),
    "ask_amount": re.compile(
        r"\d[\u00a0\u202f ]?(?:€|euros?|%)|\bmillions? d[’']euros|gratuit", re.IGNORECASE
    ),
    "ask_risk": re.compile(
        r"\bsancti|\bamende|\bpein(?:e|es)\b|emprisonnement|\bpoursui|\brisqu|disciplin|responsab|dommages|"
        r"pénal|suspen|radiation|avertissement|condamn",
        re.IGNORECASE,
    ),
}
"""What a follow-up may look for in a fiche, by the intent that asks for it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A published fiche with the register's entries of its citations and the titles of its neighbours."""

    published: PublishedFiche
    articles: Mapping[str, Article]
    titles: Mapping[str, str]

    @property
    def fiche(self) -> Fiche:
        """The fiche itself."""
        return self.published.fiche


def brief(source: Source) -> Reply:
    """The shortest form: En bref alone."""
    return _part(source, source.fiche.en_bref)


def plainer(source: Source) -> Reply:
    """En bref for who did not understand, and whom to ask. Never cut: a rule without its limits is false."""
    return _part(source, "\n\n".join([texts.PLAINER, source.fiche.en_bref, texts.PLAINER_ASK]))


def details(source: Source) -> Reply:
    """The reasoning, the cases and the cautions."""
    fiche = source.fiche
    blocks = [fiche.en_detail, *map(build.branches, fiche.precisions)]
    if fiche.attention:
        blocks += [f"**{texts.CAVEATS}**", fiche.attention]
    return _part(source, "\n\n".join(blocks))


def reason(source: Source) -> Reply:
    """Why: the reasoning alone."""
    return _part(source, source.fiche.en_detail)


def steps(source: Source) -> Reply:
    """What to do; the honest contrary when the fiche does not say it."""
    if not source.fiche.que_faire:
        return silent(source, texts.SILENT_ON["ask_steps"])
    return _part(source, f"**{texts.STEPS}**\n\n{source.fiche.que_faire}")


def aspect(source: Source, asked: str) -> Reply:
    """The passages that speak of what the intent `asked` is about (`ASPECTS`), whole, in reading order."""
    found = _speaking(source.fiche, ASPECTS[asked])
    if not found:
        return silent(source, texts.SILENT_ON[asked])
    return _part(source, "\n\n".join([texts.SAID_ON[asked], *found[:MAX_EXCERPTS]]))


def origins(source: Source) -> Reply:
    """Every article the answer rests on, with its address, version, and how it was verified."""
    return _part(source, "", build.cited(source.fiche, source.articles))


def certainty(source: Source) -> Reply:
    """How far the answer can be relied on: who signed it, and how its sources were read."""
    fiche = source.fiche
    review = build.review_of(fiche)
    written = build.french_date(fiche.redige_le)
    said = (
        texts.CERTAIN_REVIEWED.format(on=build.french_date(fiche.relu_le), by=fiche.relu_par)
        if review.on and fiche.relu_le
        else texts.CERTAIN_NOT_REVIEWED.format(written=written)
    )
    counts = [(appui, sum(c.appui is appui for c in fiche.citations)) for appui in Appui]
    lines = [
        f"- {count} source{'s' if count > 1 else ''}\u00a0: {texts.SUPPORTS[appui.value]}"
        for appui, count in counts
        if count
    ]
    return _part(
        source,
        "\n".join([f"{said}\n\n{texts.STRENGTH}\n", *lines]),
        build.cited(fiche, source.articles),
    )


def silent(source: Source, said: str = texts.SILENT) -> Reply:
    """The fiche does not say it; its neighbours are offered. No law."""
    buttons = tuple(build.show_button(id_, title) for id_, title in source.titles.items())
    about = texts.ABOUT.format(title=source.fiche.titre)
    lines = "\n".join(f"{place}. {title}" for place, title in enumerate(source.titles.values(), start=1))
    return Reply(
        kind="not_covered",
        text="\n\n".join([about, said, *([texts.NEIGHBOURS, lines] if lines else [])]),
        buttons=(*buttons, build.OTHER_BUTTON, hand_off.OFFER),
        context=about,
    )


def case_answer(source: Source, case: Case) -> Reply:
    """What the fiche says in the doctor's case, then what holds in every case."""
    blocks = []
    for precision, choice in zip(source.fiche.precisions, case.choices, strict=True):
        if choice == UNKNOWN:
            blocks += [texts.ALL_CASES, build.branches(precision)]
        elif choice != OPEN:
            blocks.append(build.branch(precision, precision.options[int(choice)]))
    return _part(source, "\n\n".join([*blocks, f"{texts.RECALL} {source.fiche.en_bref}"]))


def question(fiche: Fiche, case: Case, intro: str = texts.PRECISION) -> Reply:
    """The first précision of `case` that is open, as one question with buttons."""
    index = case.next
    assert index is not None, "nothing left to ask"
    precision = fiche.precisions[index]
    buttons = [
        _precise_button(option.titre, case.choose(index, str(number)))
        for number, option in enumerate(precision.options)
    ]
    if not any(map(is_unknown, precision.options)):
        buttons.append(_precise_button(texts.DONT_KNOW, case.choose(index, UNKNOWN)))
    lines = "\n".join(f"{place}. {button.title}" for place, button in enumerate(buttons, start=1))
    return Reply(
        kind="question",
        text=f"{intro} **{precision.question}**\n\n{lines}\n\n{texts.PRECISION_FREE}",
        fiche=fiche.id,
        title=fiche.titre,
        buttons=tuple(buttons),
    )


def every_case(source: Source, precision: Precision) -> Reply:
    """Every branch, for a reply that names none."""
    return _part(source, f"{texts.PRECISION_UNREAD}\n\n{build.branches(precision)}")


def not_my_case_button(case: Case) -> Button:
    """A button that asks what was read in the message, perhaps wrongly."""
    return _precise_button(texts.NOT_MY_CASE, Case(case.fiche, tuple(OPEN for _ in case.choices)))


def _precise_button(title: str, case: Case) -> Button:
    return Button(title=title, payload=command("precise", fiche=case.fiche, choix=case.coded))


def _part(source: Source, markdown: str, citations: Sequence[ReplyCitation] | None = None) -> Reply:
    """An answer that shows `markdown` alone, with the citations that stand in it, or all when none does."""
    fiche = source.fiche
    shown = tuple(citations or _cited_in(markdown, source) or build.cited(fiche, source.articles))
    body = build.replace_marks(markdown, source.articles)
    about = texts.ABOUT.format(title=fiche.titre)
    review = build.review_of(fiche)
    parts = [about, *([body] if body else [])]
    if shown:
        parts += [f"**{texts.SOURCES}**", build.sources(shown)]
    return Reply(
        kind="answer",
        text="\n\n".join([*parts, build.review_line(review, fiche)]),
        fiche=fiche.id,
        version=source.published.version,
        title=fiche.titre,
        summary=body or None,
        citations=shown,
        buttons=(build.show_button(fiche.id, texts.WHOLE),),
        review=review,
        confidence=1.0,
        context=about,
        feedback=feedback.buttons(fiche.id, source.published.version),
    )


def _cited_in(markdown: str, source: Source) -> tuple[ReplyCitation, ...]:
    marks = {mark.citation for mark in find_marks(markdown) if mark.citation is not None}
    exact = marks.intersection(c.citation for c in source.fiche.citations)
    loose = {mark.reference.key for mark in marks - exact}
    return tuple(
        reply
        for c, reply in zip(source.fiche.citations, build.cited(source.fiche, source.articles), strict=True)
        if c.citation in exact or c.citation.reference.key in loose
    )


def _speaking(fiche: Fiche, pattern: re.Pattern[str]) -> list[str]:
    """Paragraphs, lists and branches of the answer that `pattern` meets. A list item keeps the paragraph that
    introduces it, and that paragraph its list."""
    found: list[str] = []
    for section in (fiche.en_bref, fiche.en_detail, fiche.que_faire, fiche.attention):
        read = blocks(section)
        met = {i for i, block in enumerate(read) if pattern.search(without_marks(block.text))}
        led = {i for i, block in enumerate(read) if met.intersection(block.leads)}
        shown = met | led | {lead for i in met for lead in read[i].leads}
        for i, block in enumerate(read):
            if i not in shown:
                continue
            item = f"- {block.text}" if block.is_item else block.text
            if block.is_item and found and (i - 1) in shown:
                found[-1] += f"\n{item}"
            else:
                found.append(item)
    cases = (
        f"- *{option.titre}*\u00a0: {option.reponse}"
        for precision in fiche.precisions
        for option in precision.options
    )
    return found + [case for case in cases if pattern.search(without_marks(case))]
