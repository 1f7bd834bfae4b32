"""The transcript says the same in its three formats: questions, answers, sources, dates, state of review."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from markdown_it import MarkdownIt
from msgspec import structs
from pypdf import PdfReader
from transcript_samples import AT, CONVERSATION, URL
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.commands.transcript import Dialogue, hold
from bot.dialogue.reply import Button, Reply
from bot.transcript import content as said
from bot.transcript.content import content
from bot.transcript.html import STYLE, to_html
from bot.transcript.markdown import to_markdown
from bot.transcript.model import Conversation, Exchange, read_conversation
from bot.transcript.pdf import to_pdf

TRANSCRIPT = content(CONVERSATION, AT + timedelta(minutes=3))
FORMATS = ["html", "pdf", "markdown"]


class _Text(HTMLParser):
    """The text of a page, and the addresses it links to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.links: list[str] = []
        self.feed(page.replace(STYLE, ""))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if tag == "a" and name == "href"]

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def written(form: str, conversation: Conversation = CONVERSATION) -> str:
    """The text of the document, white space aside."""
    transcript = content(conversation, AT + timedelta(minutes=3))
    if form == "pdf":
        reader = PdfReader(io.BytesIO(to_pdf(transcript, AT)))
        text = "\n".join(page.extract_text() for page in reader.pages)
    elif form == "html":
        text = " ".join(_Text(to_html(transcript)).parts)
    else:
        page = MarkdownIt("commonmark").render(to_markdown(transcript))
        text = " ".join(_Text(page).parts)
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("form", FORMATS)
def test_everything_said_is_there_in_order(form: str) -> None:
    text = written(form)
    expected = [
        "Transcription d’une conversation",
        "2 juillet 2026, 0 h 02 (heure de Paris)",
        "assistant automatique",
        "pas une consultation",
        "1",
        "23 h 59",
        "Mon hébergeur <certifié> ?",
        "Mme [nom] demande.",
        "L’hébergeur de mes dossiers doit-il être certifié ?",
        "dès lors qu’un tiers héberge (art. L. 1111-8, II, CSP).",
        "En détail",
        "cas deux",
        "enfin",
        "Que faire",
        "Demandez le certificat.",
        "Attention",
        "périmètre",
        "Textes cités",
        "Article L. 1111-8, II, du code de la santé publique",
        "version du 01/07/2025 · modifié depuis · texte lu dans une copie, à contrôler sur le site officiel",
        URL,
        "Cour d’appel, n° 21/01214",
        "Fiche pas encore relue par un juriste (fiche « hds-obligation », version 3).",
        "Êtes-vous conventionné ?",
        "Je ne sais pas",
        "0 h 00",
        "Fiche relue le 20/11/2026 par Me Martin (fiche « rgpd », version 1).",
    ]
    position = 0
    for part in expected:
        found = text.find(part, position)
        assert found >= 0, f"{part!r} is missing after {text[max(0, position - 80) : position + 80]!r}"
        position = found
    assert "imprimer" not in text  # the request for the transcript is not part of it
    assert "Une voisine" not in text


def test_the_page_is_whole_accessible_and_safe() -> None:
    page = to_html(TRANSCRIPT)
    assert page.startswith('<!doctype html>\n<html lang="fr">')
    assert "<title>Transcription d’une conversation – Bonjour Maître</title>" in page
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert "<certifié>" not in page
    assert set(_Text(page).links) == {URL, "https://esante.gouv.fr/hds"}
    assert "<script" not in page
    assert "src=" not in page


def test_the_pdf_has_language_title_outline_and_links() -> None:
    made = to_pdf(TRANSCRIPT, AT)
    reader = PdfReader(io.BytesIO(made))
    assert reader.root_object["/Lang"] == "fr-FR"
    assert reader.metadata is not None
    assert reader.metadata.title == "Transcription d’une conversation"
    (top, exchanges) = reader.outline
    assert top.title == "Transcription d’une conversation"
    names = [getattr(entry, "title", [sub.title for sub in entry]) for entry in exchanges]
    assert names == ["Message 1", ["L’hébergeur de mes dossiers doit-il être certifié\u00a0?"], "Message 2"]
    links = {
        str(annotation.get_object()["/A"]["/URI"])
        for page in reader.pages
        for annotation in page.get("/Annots", [])
    }
    assert links == {URL, "https://esante.gouv.fr/hds"}
    assert to_pdf(TRANSCRIPT, AT) == made  # the same content gives the same bytes


def test_the_pdf_spells_french_and_breaks_long_documents() -> None:
    letters = "ÀÂÇÉÈÊËÎÏÔŒÙÛÜŸ àâæçéèêëîïôœùûüÿ « » “ ” ’ – — … · § € ° № \u00a0\u202f½"
    long = Reply(
        kind="notice", text="\n\n".join(f"{number}. {letters} " + "mot " * 60 for number in range(90))
    )
    text = written("pdf", Conversation((Exchange(AT, letters, (long,)),)))
    for letter in letters.replace("№", ""):
        assert letter in text or letter.isspace(), letter
    assert text.count("œùûüÿ") == 91


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_missing_is_said(form: str) -> None:
    assert said.EMPTY.replace("\u00a0", " ") in written(form, Conversation(()))
    cut = Conversation(CONVERSATION.exchanges, incomplete=True)
    assert said.INCOMPLETE in written(form, cut)
    assert said.INCOMPLETE not in written(form)


def test_sources_that_a_text_names_are_not_listed_twice() -> None:
    named = f"**Sources**\n\n- [article L. 1111-8]({URL})\n- cour d’appel, n° 21/01214"
    reply = structs.replace(CONVERSATION.exchanges[0].replies[0], summary=None, text=named)
    for form in FORMATS:
        text = written(form, Conversation((Exchange(AT, "la source ?", (reply,)),)))
        assert said.SOURCES not in text
        assert text.count("21/01214") == 1


@pytest.mark.parametrize("form", FORMATS)
def test_markup_in_a_question_stays_text(form: str) -> None:
    nasty = Conversation(
        (Exchange(AT, "<script>alert(1)</script> & <b>gras</b>", (Reply(kind="notice", text="<i>x</i>"),)),)
    )
    text = written(form, nasty)
    assert "<script>alert(1)</script> & <b>gras</b>" in text
    if form != "markdown":  # a fiche's own Markdown is as its editor wrote it
        assert "<i>x</i>" in text


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["transcript", *map(str, arguments)])


def test_the_command_writes_each_format_of_a_recorded_conversation(tmp_path: Path) -> None:
    recorded = tmp_path / "conversation.json"
    recorded.write_bytes(msgspec.json.encode(CONVERSATION))
    html, pdf, markdown, again = (tmp_path / f"t.{end}" for end in ("html", "pdf", "md", "json"))
    done = run(recorded, "--html", html, "--pdf", pdf, "--markdown", markdown, "--json", again)
    assert done.exit_code == 0, done.stderr
    at = CONVERSATION.exchanges[-1].at
    transcript = content(CONVERSATION, at)
    assert html.read_text(encoding="utf-8") == to_html(transcript)
    assert pdf.read_bytes() == to_pdf(transcript, at)
    assert markdown.read_text(encoding="utf-8") == to_markdown(transcript)
    assert read_conversation(again) == CONVERSATION
    assert run(recorded).stdout == to_markdown(transcript)


def test_a_file_that_holds_no_conversation_is_named(tmp_path: Path) -> None:
    path = tmp_path / "conversation.json"
    for text in ("[]", '{"title": "x", "at": "hier", "turns": []}', '{"turns": ["x"]}'):
        path.write_text(text, encoding="utf-8")
        refused = run(path)
        assert refused.exit_code == 1
        assert "conversation.json" in refused.stderr
    assert run(tmp_path / "absente.json").exit_code == 1


class _Assistant:
    """Answers each message with a choice."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.moments: list[datetime] = []

    async def ask(self, sender: str, text: str, at: datetime) -> list[Reply]:
        self.heard.append(text)
        self.moments.append(at)
        button = Button(title="Je suis conventionné", payload='/precise{"choix": "0"}')
        return [Reply(kind="question", text="Et vous\u00a0?", buttons=(button,))]

    async def press(self, sender: str, payload: str, at: datetime) -> list[Reply]:
        self.heard.append(payload)
        self.moments.append(at)
        return [Reply(kind="notice", text="Noté.")]


async def test_a_dialogue_is_held_turn_by_turn_buttons_by_their_titles() -> None:
    assistant = _Assistant()
    turns = ["Bonjour", "Je suis conventionné", "Je suis conventionné"]
    held = await hold(Dialogue("Un exemple", AT, turns), assistant)  # type: ignore[arg-type]
    assert assistant.heard == ["Bonjour", '/precise{"choix": "0"}', "Je suis conventionné"]
    assert held.title == "Un exemple"
    assert [exchange.asked for exchange in held.exchanges] == turns
    assert held.exchanges[1].at - held.exchanges[0].at == timedelta(minutes=1)
    assert assistant.moments == [exchange.at for exchange in held.exchanges]
