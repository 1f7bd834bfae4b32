"""The transcript as Markdown, for files that are read as text."""

from __future__ import annotations

from collections.abc import Iterator

from bot.transcript import content
from bot.transcript.content import Answer, Source, Transcript


def to_markdown(transcript: Transcript) -> str:
    """The document as CommonMark."""
    return "\n\n".join(_blocks(transcript)) + "\n"


def _blocks(transcript: Transcript) -> Iterator[str]:
    yield f"# {transcript.title}"
    yield f"{content.SERVICE}  \n{transcript.made}"
    yield f"> {content.NOTICE}\n>\n> {content.MASKED}"
    if transcript.incomplete:
        yield f"*{content.INCOMPLETE}*"
    if not transcript.entries:
        yield content.EMPTY
    for entry in transcript.entries:
        yield f"## {content.ASKED}\u00a0{entry.number} · {entry.when}"
        asked = entry.asked.replace("<", "\\<")
        yield "\n".join(f"> {line}".rstrip() for line in asked.splitlines())
        for answer in entry.answers:
            yield from _answer(answer)


def _answer(answer: Answer) -> Iterator[str]:
    if answer.title:
        yield f"### {answer.title}"
    if answer.context:
        yield f"*{answer.context}*"
    for section in answer.sections:
        if section.heading:
            yield f"**{section.heading}**"
        yield section.markdown
    if answer.sources:
        yield f"**{content.SOURCES}**"
        yield "\n".join(f"- {_source(source)}" for source in answer.sources)
    if answer.review:
        yield f"*{answer.review}*"


def _source(source: Source) -> str:
    facts = f" · {source.facts}" if source.facts else ""
    return f"{source.name}{facts}" + (f"  \n  <{source.url}>" if source.url else "")
