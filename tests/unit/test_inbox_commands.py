"""`maitre questions` and `maitre stats`: on a real base, and through a real SMTP server of this machine."""

from __future__ import annotations

import csv
import io
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from knowledge_samples import fresh_base
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.fiches.model import THEMES
from bot.inbox.inbox import Inbox, PassedQuestion, Reason, State, open_inbox
from bot.inbox.mail import load_mail
from bot.inbox.origin import Origin
from bot.settings import SettingsError

ANNE = Origin("a" * 32, "widget")
TVA = "la TVA sur mes honoraires d'expertise, comment ça marche ?"
TVA_TOO = "TVA honoraires expertises"
BAIL = "comment résilier le bail de mon cabinet"
SENDER = "Bonjour Maître <redaction@exemple.fr>"


@dataclass
class Mailbox:
    """Receives what the server takes."""

    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refusal: str = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refusal:
            return self.refusal
        parsed = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        self.messages.append(parsed)
        self.recipients += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    monkeypatch.setenv("MAITRE_SMTP_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("MAITRE_MAIL_FROM", SENDER)
    yield box
    server.stop()


@pytest.fixture
def inbox(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    fresh_base(sqlite_url).close()
    monkeypatch.setenv("MAITRE_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("MAITRE_ROOT", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    with closing(open_inbox(sqlite_url)) as opened:
        yield opened


def ask(inbox: Inbox, text: str, address: str | None = None) -> PassedQuestion:
    """A question passed on, with an address for the reply if one is given."""
    origin = Origin(f"{text:x<32.32}", "widget")
    question = inbox.pass_question(origin, text, consent="c1", wants_reply=address is not None)
    if address:
        inbox.leave_address(origin.subject, address)
    return question


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(app, [*arguments], input=given)


def done(*arguments: str, given: str | None = None) -> str:
    result = run(*arguments, given=given)
    assert result.exit_code == 0, result.stderr or result.exception
    return result.stdout


def refused(*arguments: str, given: str | None = None) -> str:
    result = run(*arguments, given=given)
    assert result.exit_code == 1, result.stdout
    return result.stderr


def test_questions_are_listed_by_subject_and_shown(inbox: Inbox) -> None:
    assert "Aucune question en attente" in done("questions", "list")
    bail, tva, too = ask(inbox, BAIL), ask(inbox, TVA), ask(inbox, TVA_TOO, "anne@exemple.fr")
    listed = done("questions", "list")
    assert listed.index(tva.reference) < listed.index(too.reference) < listed.index(bail.reference)
    assert "par courriel" in listed
    assert "anne@" not in listed
    shown = done("questions", "show", tva.reference.lower())
    assert TVA in shown
    assert f"Semblable\u00a0: {too.reference}" in shown
    assert bail.reference not in shown
    assert "Aucune demande" in refused("questions", "show", "BM-2222-2222")


def test_an_answer_is_sent_in_good_french_and_the_address_erased(
    inbox: Inbox, mailbox: Mailbox, tmp_path: Path
) -> None:
    question = ask(inbox, "Mme Durand veut son dossier\net moi je n'en veux pas", "anne@exemple.fr")
    text = tmp_path / "reponse.txt"
    text.write_text("Oui : la communication est due.\n\nVoyez l'article L. 1111-7 du CSP.", encoding="utf-8")
    out = done("questions", "answer", question.reference, "--file", str(text), "--yes")
    assert "adresse effacée" in out
    (message,) = mailbox.messages
    assert mailbox.recipients == ["anne@exemple.fr"]
    assert message["From"] == SENDER
    assert message["Subject"] == f"Réponse à votre question {question.reference}"
    assert message["Message-ID"].endswith("@exemple.fr>")
    body = message.get_content().replace("\r\n", "\n")
    assert "> Mme [nom] veut son dossier\n> et moi je n'en veux pas" in body
    assert "Oui\u00a0: la communication est due.\n\nVoyez l’article L.\u00a01111-7 du CSP." in body
    assert "Ce n’est pas une consultation" in body
    assert "nous l’effaçons de notre base" in body
    ended = inbox.question(question.reference)
    assert ended is not None
    assert (ended.state, ended.has_address) == (State.ANSWERED, False)
    assert ended.answer is not None
    assert "communication est due" in ended.answer
    assert "déjà répondue" in refused("questions", "answer", question.reference, "--file", str(text))


def test_the_message_is_shown_before_it_leaves(inbox: Inbox, mailbox: Mailbox, tmp_path: Path) -> None:
    question = ask(inbox, TVA, "anne@exemple.fr")
    text = tmp_path / "reponse.txt"
    text.write_text("Cela dépend.", encoding="utf-8")
    result = run("questions", "answer", question.reference, "--file", str(text), given="n\n")
    assert result.exit_code == 1
    assert "Cela dépend." in result.stdout
    assert mailbox.messages == []
    done("questions", "answer", question.reference, "--file", str(text), given="o\ny\n")
    assert len(mailbox.messages) == 1


def test_a_withdrawal_while_the_message_is_read_over_stops_it(
    inbox: Inbox, mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = ask(inbox, TVA, "anne@exemple.fr")
    text = tmp_path / "reponse.txt"
    text.write_text("Cela dépend.", encoding="utf-8")

    def withdraw(*_: object, **__: object) -> bool:
        return inbox.withdraw(question.reference)

    monkeypatch.setattr("typer.confirm", withdraw)
    assert "rien ne part" in refused("questions", "answer", question.reference, "--file", str(text))
    assert mailbox.messages == []


def test_what_is_not_sent_is_not_marked(
    inbox: Inbox, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = ask(inbox, TVA, "anne@exemple.fr")
    arguments = ("questions", "answer", question.reference, "--file", "-", "--yes")
    assert "réponse est vide" in refused(*arguments, given="  \n")
    mailbox.refusal = "550 anne@exemple.fr is unknown here"
    said = refused(*arguments, given="Non.")
    assert "n’a pas pris le message" in said
    assert "anne@" not in said
    monkeypatch.setenv("MAITRE_SMTP_URL", "smtp://127.0.0.1:1")
    assert "ConnectionRefusedError" in refused(*arguments, given="Non.")
    monkeypatch.delenv("MAITRE_SMTP_URL")
    assert "MAITRE_SMTP_URL" in refused(*arguments, given="Non.")
    kept = inbox.question(question.reference)
    assert kept is not None
    assert (kept.state, kept.has_address) == (State.NEW, True)


def test_without_an_address_the_answer_is_kept(inbox: Inbox, mailbox: Mailbox) -> None:
    question = ask(inbox, TVA)
    assert "rien ne part" in done("questions", "answer", question.reference, "--file", "-", given="Non.")
    assert mailbox.messages == []


def test_a_draft_fiche_is_opened_from_a_question(inbox: Inbox, tmp_path: Path) -> None:
    question = ask(inbox, BAIL)
    arguments = ("questions", "answer", question.reference, "--file", "-", "--fiche")
    assert "thème" in refused(*arguments, given="Non.")
    assert list(tmp_path.rglob("*.md")) == []
    done(*arguments, "--theme", next(iter(THEMES)), given="Non.")
    (draft,) = tmp_path.rglob("*.md")
    assert f'  - "{BAIL}"' in draft.read_text(encoding="utf-8")
    noted = inbox.question(question.reference)
    assert noted is not None
    assert (noted.state, noted.fiche) == (State.ANSWERED, draft.stem)


def test_a_question_is_closed(inbox: Inbox) -> None:
    question = ask(inbox, TVA, "anne@exemple.fr")
    done("questions", "close", question.reference, "--reason", "hors sujet, dit Mme Durand")
    closed = inbox.question(question.reference)
    assert closed is not None
    assert (closed.state, closed.has_address, closed.answer) == (
        State.CLOSED,
        False,
        "hors sujet, dit Mme [nom]",
    )
    assert question.reference not in done("questions", "list")
    assert question.reference in done("questions", "list", "--all")


def test_the_export_holds_no_address_nor_subject(inbox: Inbox, tmp_path: Path) -> None:
    ask(inbox, TVA, "anne@exemple.fr")
    ask(inbox, "=1+1 ; une formule\net deux lignes")
    lines = [json.loads(line) for line in done("questions", "export").splitlines()]
    assert {line["text"] for line in lines} == {TVA, "=1+1 ; une formule\net deux lignes"}
    assert set(lines[0]) == {
        *("reference", "channel", "text", "state", "passed_at"),
        *("consent", "wants_reply", "ended_at", "answer", "fiche"),
    }
    assert "exemple.fr" not in json.dumps(lines)
    output = tmp_path / "questions.csv"
    done("questions", "export", "--format", "csv", "--output", str(output))
    read = list(csv.DictReader(io.StringIO(output.read_text("utf-8-sig"), newline=""), delimiter=";"))
    assert {row["text"] for row in read} == {TVA, "'=1+1 ; une formule\net deux lignes"}
    assert "jsonl ou csv" in refused("questions", "export", "--format", "xml")


def test_stats_count_by_fiche_and_what_is_asked_in_vain(inbox: Inbox) -> None:
    assert "Aucun avis" in done("stats")
    inbox.rate(ANNE, "hds-certificat", 1, useful=False, reason=Reason.INCOMPLETE)
    inbox.rate(Origin("b" * 32, "matrix"), "hds-certificat", 1, useful=True)
    for text in (TVA, TVA_TOO, BAIL):
        ask(inbox, text)
    said = done("stats")
    assert "hds-certificat" in said
    assert "Elle est incomplète (1)" in said
    assert "Questions transmises\u00a0: 3 (3 en attente, 0 répondue, 0 close)." in said
    assert f"2\u00a0× {TVA}" in said


def test_purge_says_what_it_did(inbox: Inbox) -> None:
    ask(inbox, TVA)
    assert "Questions effacées\u00a0: 0." in done("questions", "purge")


def test_mail_settings_say_what_is_wrong_without_the_password() -> None:
    given = {"MAITRE_SMTP_URL": "smtp+starttls://moi%40x:p%3Aq@smtp.exemple.fr", "MAITRE_MAIL_FROM": SENDER}
    found = load_mail(given)
    assert (found.host, found.port, found.user, found.password) == ("smtp.exemple.fr", 587, "moi@x", "p:q")
    assert "p:q" not in repr(found)
    for url in ("", "http://x", "smtp://", "smtps://u:secret@h:port"):
        with pytest.raises(SettingsError, match="MAITRE_SMTP_URL") as caught:
            load_mail({**given, "MAITRE_SMTP_URL": url})
        assert "secret" not in str(caught.value)
    with pytest.raises(SettingsError, match="MAITRE_MAIL_FROM"):
        load_mail({**given, "MAITRE_MAIL_FROM": "Bonjour Maître"})
