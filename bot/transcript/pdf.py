"""The transcript as PDF, with its language, its title, an outline and links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import files

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.transcript import content
from bot.transcript.content import Answer, Section, Source, Transcript

_MARKDOWN = MarkdownIt("commonmark", {"html": False})

_FAMILY = "Source Serif Pro"
_STYLES = {"": "Regular", "I": "It", "B": "Semibold", "BI": "SemiboldIt"}
_MARGIN = 24.0  # millimetres
_BOTTOM = 22.0
_INDENT = 5.0
_LEADING = 1.42
_TEXT, _SMALL = 10.5, 9.0  # points
_POINT = 25.4 / 72

_INK, _SOFT, _ACCENT, _WARN = (26, 35, 43), (82, 93, 103), (18, 69, 92), (133, 71, 8)
_RULE, _TINT = (219, 215, 203), (233, 240, 242)


def to_pdf(transcript: Transcript, made_at: datetime) -> bytes:
    """The document; `made_at` (aware) is its creation date, so that the same content gives the same bytes."""
    pdf = _Document(transcript.title, transcript.made)
    pdf.set_creation_date(made_at)
    pdf.add_page()
    pdf.opening(transcript)
    for entry in transcript.entries:
        pdf.question(entry.number, entry.when, entry.asked)
        for position, answer in enumerate(entry.answers):
            if position:
                pdf.rule()
            pdf.answer(answer)
    return bytes(pdf.output())


class _Document(FPDF):
    """Pages with the title and the date above, the notice and the number below."""

    def __init__(self, title: str, made: str) -> None:
        super().__init__(format="A4", unit="mm")
        self._running = f"{title} · {made}"
        self.set_title(title)
        self.set_lang("fr-FR")
        self.set_author("Bonjour Maître")
        self.set_subject(content.SERVICE)
        self.set_creator("Bonjour Maître")
        self.set_margins(_MARGIN, _MARGIN)
        self.c_margin = 0  # text, lines and boxes share one edge
        self.set_auto_page_break(True, _BOTTOM)
        fonts = files("font_source_serif_pro") / "files"
        for style, name in _STYLES.items():
            self.add_font(_FAMILY, style, str(fonts / f"SourceSerifPro-{name}.ttf"))
        self._ink("", _TEXT, _INK)

    # --- What stands on every page -----------------------------------------------------------------------

    def header(self) -> None:
        """The title and date, from the second page on."""
        if self.page_no() == 1:
            return
        self._ink("", 8, _SOFT)
        self.set_xy(_MARGIN, 12)
        self.cell(0, 5, self._running, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_draw_color(*_RULE)
        self.line(_MARGIN, 18, self.w - _MARGIN, 18)
        self.set_y(_MARGIN)

    def footer(self) -> None:
        """That it is information only, and the page."""
        self.set_xy(_MARGIN, -15)
        self._ink("", 8, _SOFT)
        self.cell(
            0, 5, "Information juridique générale donnée par un assistant automatique, pas une consultation."
        )
        self.set_x(_MARGIN)
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="R")

    # --- The parts of the document -----------------------------------------------------------------------

    def opening(self, transcript: Transcript) -> None:
        """Title, service, date, notice."""
        self.start_section(transcript.title)
        self._ink("B", 21, _INK)
        self.multi_cell(0, 9, transcript.title, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)
        for line in (content.SERVICE, transcript.made):
            self._ink("", _TEXT, _SOFT)
            self.multi_cell(0, 5.4, line, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(3)
        self.set_draw_color(*_RULE)
        for offset in (0.0, 0.9):
            self.line(_MARGIN, self.y + offset, self.w - _MARGIN, self.y + offset)
        self.ln(6)
        self.set_fill_color(*_TINT)
        self._ink("", 9.5, _INK)
        notice = f"{content.NOTICE}\n{content.MASKED}"
        self.multi_cell(0, 4.8, notice, align="L", fill=True, padding=4, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if transcript.incomplete or not transcript.entries:
            self.ln(3)
            text = content.EMPTY if not transcript.entries else content.INCOMPLETE
            self._paragraph([(text, "I", None)])

    def question(self, number: int, when: str, asked: str) -> None:
        """The heading of an exchange and the question, beside a line."""
        self._keep_together(34)
        if self.y > _MARGIN + 1:
            self.ln(7)
        self.start_section(f"{content.ASKED} {number}", level=1)
        self._ink("B", 9.5, _ACCENT)
        self.set_char_spacing(0.4)
        self.cell(text=f"{content.ASKED.upper()}\u00a0{number}", h=5)
        self.set_char_spacing(0)
        self._ink("", 9.5, _SOFT)
        self.cell(text=f"\u00a0 {when}", h=5, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1.5)
        with self._bar(_ACCENT):
            for line in asked.splitlines():
                self._paragraph([(line, "I", None)], after=0.8)
        self.ln(3)

    def answer(self, answer: Answer) -> None:
        """One Reply: title, sections, sources, review."""
        if answer.title:
            self._keep_together(24)
            self.start_section(answer.title, level=2)
            self._ink("B", 13.5, _INK)
            self.multi_cell(0, 6.2, answer.title, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            self.ln(1.5)
        if answer.context:
            self._paragraph([(answer.context, "I", None)], color=_SOFT)
        for section in answer.sections:
            self._section(section)
        if answer.sources:
            self._heading(content.SOURCES)
            for source in answer.sources:
                self._source(source)
        if answer.review:
            self.ln(1.5)
            self._paragraph([(answer.review, "I", None)], size=_SMALL, color=_SOFT)

    def rule(self) -> None:
        """A line between two answers to one message."""
        self.ln(4)
        self.set_draw_color(*_RULE)
        self.line(_MARGIN, self.y, self.w - _MARGIN, self.y)
        self.ln(5)

    # --- Pieces ------------------------------------------------------------------------------------------

    def _section(self, section: Section) -> None:
        if not section.warns:
            if section.heading:
                self._heading(section.heading)
            self._markdown(section.markdown)
            return
        self.ln(2)
        with self._bar(_WARN):
            if section.heading:
                self._heading(section.heading, color=_WARN, before=0.0)
            self._markdown(section.markdown)
        self.ln(1.5)

    def _heading(self, text: str, color: tuple[int, int, int] = _INK, before: float = 2.5) -> None:
        self._keep_together(16)
        self.ln(before)
        self._ink("B", _TEXT, color)
        self.cell(text=text, h=5.5, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(0.8)

    def _source(self, source: Source) -> None:
        facts = f" · {source.facts}" if source.facts else ""
        runs = [(source.name, "B", None), (facts, "", None)]
        self._keep_together(14)
        self._paragraph(runs, size=_SMALL, bullet="–", after=0)
        if source.url:
            self._paragraph([(source.url, "", source.url)], size=_SMALL, indent=_INDENT, after=1.2)
        else:
            self.ln(1.2)

    def _markdown(self, markdown: str) -> None:
        """Paragraphs, lists (nested too), quotations, bold, italics and links."""
        lists: list[int | None] = []  # of each open list, the next number; None for bullets
        quoted = 0
        bullet = ""
        for token in _MARKDOWN.parse(markdown):
            if token.type in ("bullet_list_open", "ordered_list_open"):
                lists.append(int(token.attrs.get("start", 1)) if token.type[0] == "o" else None)
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                lists.pop()
                if not lists:
                    self.ln(0.8)
            elif token.type == "list_item_open":
                number = lists[-1]
                bullet = "–" if number is None else f"{number}."
                lists[-1] = None if number is None else number + 1
            elif token.type in ("blockquote_open", "blockquote_close"):
                quoted += 1 if token.type == "blockquote_open" else -1
            elif token.type == "inline":
                depth = max(len(lists) - 1, 0) + quoted
                within = 1 if lists and not bullet else 0
                self._paragraph(
                    list(_runs(token)),
                    bullet=bullet,
                    indent=_INDENT * (depth + within),
                    after=1.0 if lists else 2.0,
                )
                bullet = ""

    def _paragraph(
        self,
        runs: Sequence[tuple[str, str, str | None]],
        *,
        size: float = _TEXT,
        color: tuple[int, int, int] = _INK,
        bullet: str = "",
        indent: float = 0.0,
        after: float = 2.0,
    ) -> None:
        """Text in `runs` (text, style, address), hanging from its bullet."""
        height = size * _POINT * _LEADING
        left = self.l_margin
        self._ink("", size, color)
        self._keep_together(2 * height)
        if bullet:
            self.set_x(left + indent)
            self.cell(w=_INDENT, h=height, text=bullet)
            indent += _INDENT
        self.set_left_margin(left + indent)
        self.set_x(left + indent)
        for text, style, address in runs:
            self._ink(style, size, _ACCENT if address else color)
            self.write(height, text, address or "")
        self.set_left_margin(left)
        self.ln(height + after)

    @contextmanager
    def _bar(self, color: tuple[int, int, int]) -> Iterator[None]:
        """Indents what is written and draws a bar beside it, over page breaks."""
        page, top = self.page, self.y
        self.set_left_margin(_MARGIN + _INDENT)
        self.set_x(_MARGIN + _INDENT)
        yield
        end_page, bottom = self.page, self.y - 1.5
        self.set_left_margin(_MARGIN)
        for number in range(page, end_page + 1):
            self.page = number
            self.set_draw_color(*color)
            self.set_line_width(0.7)
            self.line(
                _MARGIN + 1,
                top if number == page else _MARGIN,
                _MARGIN + 1,
                bottom if number == end_page else self.h - _BOTTOM,
            )
        self.page = end_page
        self.set_line_width(0.2)
        self.set_x(_MARGIN)

    def _keep_together(self, height: float) -> None:
        """Go to the next page when less than `height` is left on this one."""
        if self.y + height > self.h - _BOTTOM:
            self.add_page()

    def _ink(self, style: str, size: float, color: tuple[int, int, int]) -> None:
        self.set_font(_FAMILY, style, size)
        self.set_text_color(*color)


def _runs(token: Token) -> Iterator[tuple[str, str, str | None]]:
    """The text of an inline token, with its style ("", "B", "I", "BI") and address."""
    bold = italic = 0
    address: str | None = None
    for child in token.children or ():
        if child.type in ("strong_open", "strong_close"):
            bold += 1 if child.type == "strong_open" else -1
        elif child.type in ("em_open", "em_close"):
            italic += 1 if child.type == "em_open" else -1
        elif child.type == "link_open":
            address = str(child.attrs["href"])
        elif child.type == "link_close":
            address = None
        elif child.type in ("softbreak", "hardbreak"):
            yield (" " if child.type == "softbreak" else "\n"), "", None
        elif child.content:
            yield child.content, ("B" if bold else "") + ("I" if italic else ""), address
