"""Replies for the small screen of a messenger: the short answer and its citations first, the rest on demand.

Markdown comes out; each messenger's presenter turns it into what that messenger shows. Choices may be
answered by a press, by their number, or by their words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from bot.dialogue import texts
from bot.dialogue.answer import french_date
from bot.dialogue.reply import Button, Document, Reply, ReplyCitation, Review
from bot.front.channels import words

_NUMBER = re.compile(r"\s*(?:n[°o]\s*)?(\d{1,2})\s*[.)]?\s*")
_ITEM = re.compile(r"^\s*(?:-|\d{1,2}\.)\s+|\s+$")
_DETAILS = frozenset({"detail", "details", "en detail", "en details", "plus de details", "la suite", "suite"})


def abridge(reply: Reply) -> tuple[Reply, Reply | None]:
    """`reply` cut to its short answer and citations, and a Reply with the rest when there is one."""
    if reply.kind != "answer" or not reply.summary:
        return reply, None
    shown = _cited_first(reply)
    parts = [f"**{reply.title}**", reply.details or ""]
    if reply.steps:
        parts += [f"**{texts.STEPS}**", reply.steps]
    if reply.caveats:
        parts += [f"**{texts.CAVEATS}**", reply.caveats]
    if len(shown) < len(reply.citations):
        parts.append(sources(reply.citations))
    parts = [part for part in parts if part]
    if len(parts) < 2:
        return reply, None
    short = replace(reply, citations=shown, details=None, steps=None, caveats=None)
    return short, Reply(kind="answer", text="\n\n".join(parts), title=reply.title, fiche=reply.fiche)


def body(reply: Reply) -> str:
    """`reply` as Markdown, without its choices, its feedback and its documents."""
    parts = [f"_{_plain(reply.context)}_"] if reply.context else []
    if reply.progress:
        step = reply.progress
        parts.append(f"_{_plain(step.title)} · Étape {step.step} sur {max(step.step, step.of)}_")
    if reply.summary:
        parts += [
            f"**{_plain(reply.title)}**" if reply.title else "",
            reply.summary,
            sources(reply.citations),
        ]
        if reply.review:
            parts.append(_review(reply.review))
    else:
        parts.append(_without_choices(reply))
    return "\n\n".join(part for part in parts if part)


def numbered(buttons: Sequence[Button], first: int = 1) -> str:
    """A list of choices as Markdown, numbered from `first`."""
    # A backslash keeps Markdown from numbering the list itself.
    return "  \n".join(f"{number}\\. {_plain(button.title)}" for number, button in enumerate(buttons, first))


def choices(replies: Sequence[Reply]) -> tuple[Button, ...]:
    """The choices of `replies` in the order of their numbers, from 1."""
    return tuple(button for reply in replies for button in reply.buttons)


def chosen(text: str, buttons: Sequence[Button], feedback: Sequence[Button] = ()) -> Button | None:
    """The one that `text` names by its number (among `buttons`) or its words; None for anything else.

    Words name a choice when they are its title, or begin the title of that one alone.
    """
    if number := _NUMBER.fullmatch(text):
        place = int(number[1])
        return buttons[place - 1] if 1 <= place <= len(buttons) else None
    said = _fold(text)
    titles = {"en detail"} if said in _DETAILS else {said}
    every = [*buttons, *feedback]
    exact = [button for button in every if _fold(button.title) in titles]
    begun = [button for button in every if said and _fold(button.title).startswith(f"{said} ")]
    found = exact[-1:] or begun
    return found[0] if len(found) == 1 else None


def masked(kinds: Sequence[str]) -> str:
    """The warning that personal data was masked; `kinds` as the masking names them."""
    return words.MASKED.format(kinds=", ".join(sorted(kinds)))


def sources(citations: Sequence[ReplyCitation]) -> str:
    """A list of citations as Markdown, each with its official address, version and support."""
    if not citations:
        return ""
    lines = []
    for citation in citations:
        name = f"[{citation.label}]({citation.url})" if citation.url else citation.label
        facts = [name]
        if citation.version_since:
            facts.append(f"version du {french_date(date.fromisoformat(citation.version_since))}")
        if citation.status not in ("vigueur", ""):
            facts.append(texts.STATES.get(citation.status, citation.status))
        if note := texts.SUPPORT.get(citation.support, ""):
            facts.append(note)
        lines.append("- " + " · ".join(facts))
    return "\n".join([f"**{texts.SOURCES}**", "", *lines])


def documents(offered: Sequence[Document], public_url: str) -> str:
    """Links to documents below `public_url`; that there are none when it is not known."""
    if not offered:
        return ""
    if not public_url:
        return words.NO_LINKS
    return "\n".join(f"- [{_plain(d.title)}]({public_url}/{d.href.lstrip('/')})" for d in offered)


def _cited_first(reply: Reply) -> tuple[ReplyCitation, ...]:
    """The citations that the short answer rests on; when that cannot be told, all."""
    summary = _compact(reply.summary or "")
    named = [c for c in reply.citations if _compact(c.id.partition(" ")[2]) in summary or c.label in summary]
    return tuple(named) or reply.citations


def _compact(text: str) -> str:
    return re.sub(r"[\s.]", "", text)


def _review(review: Review) -> str:
    signed = (
        f"Relue le {french_date(date.fromisoformat(review.on))} par {_plain(review.by or '')}"
        if review.on
        else texts.NOT_REVIEWED
    )
    return f"_{signed}. {texts.INFORMATION}_"


def _without_choices(reply: Reply) -> str:
    """The text without the list of its choices, which are shown otherwise."""
    titles = {button.title for button in reply.buttons}
    kept = "\n".join(line for line in reply.text.split("\n") if _ITEM.sub("", line) not in titles)
    return re.sub(r"\n{3,}", "\n\n", kept).strip()


def _plain(text: str) -> str:
    """`text` with what Markdown would read as emphasis or a link escaped."""
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in decomposed if not unicodedata.combining(c))))
