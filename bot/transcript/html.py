"""The transcript as one HTML page, to read, keep or print; it needs nothing from anywhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

from bot.transcript import content
from bot.transcript.content import Answer, Source, Transcript

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
STYLE = (Path(__file__).parent / "transcript.css").read_text(encoding="utf-8")
POLICY = (
    "default-src 'none'; style-src "
    f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy under which the page shows as meant."""


def to_html(transcript: Transcript) -> str:
    """The whole page."""
    return "\n".join(_page(transcript))


def _page(transcript: Transcript) -> Iterator[str]:
    title = escape(transcript.title)
    yield f"""<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title} – Bonjour Maître</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p>{escape(content.SERVICE)}</p>
<p class="date">{escape(transcript.made)}</p>
</header>
<main>
<div class="notice"><p>{escape(content.NOTICE)}</p><p>{escape(content.MASKED)}</p></div>"""
    if transcript.incomplete:
        yield f"<p><em>{escape(content.INCOMPLETE)}</em></p>"
    if not transcript.entries:
        yield f"<p>{escape(content.EMPTY)}</p>"
    for entry in transcript.entries:
        yield f"<section><h2>{content.ASKED}\u00a0{entry.number} <small>{entry.when}</small></h2>"
        yield f"<blockquote>{_lines(entry.asked)}</blockquote>"
        for answer in entry.answers:
            yield from _answer(answer)
        yield "</section>"
    yield "</main>\n</body>\n</html>\n"


def _answer(answer: Answer) -> Iterator[str]:
    yield "<article>"
    level = 4 if answer.title else 3
    if answer.title:
        yield f"<h3>{escape(answer.title)}</h3>"
    if answer.context:
        yield f'<p class="context">{escape(answer.context)}</p>'
    for section in answer.sections:
        if section.warns:
            yield '<div class="caveats">'
        if section.heading:
            yield f"<h{level}>{escape(section.heading)}</h{level}>"
        yield _MARKDOWN.render(section.markdown)
        if section.warns:
            yield "</div>"
    if answer.sources:
        yield f'<h{level}>{content.SOURCES}</h{level}><ul class="sources">'
        yield from (f"<li>{_source(source)}</li>" for source in answer.sources)
        yield "</ul>"
    if answer.review:
        yield f'<p class="review">{escape(answer.review)}</p>'
    yield "</article>"


def _source(source: Source) -> str:
    facts = f" · {escape(source.facts)}" if source.facts else ""
    if not source.url.startswith("https://"):
        return escape(source.name) + facts
    url = escape(source.url)
    return f'{escape(source.name)}{facts}<br><a href="{url}" rel="noreferrer">{url}</a>'


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())
