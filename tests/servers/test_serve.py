"""`maitre serve` as a host runs it: real processes, real model, real base, spoken to over HTTP."""

from __future__ import annotations

import json
import signal
import sqlite3
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from running_service import START_WITHIN, STOP_WITHIN, Service, start
from sqlalchemy.engine import make_url

QUESTION = "L'hébergeur de mes dossiers patients doit-il être certifié HDS ?"


@pytest.fixture(scope="module")
def service(
    trained_model: Path, published_base: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """One service for the module, ready when given; its stop is checked at the end."""
    running = start(tmp_path_factory.mktemp("var"), published_base)
    try:
        running.wait_until("/healthz", 200, 60)
        first = running.say(QUESTION)  # while Rasa starts the front already answers, and gives no law
        assert [reply["kind"] for reply in first["replies"]] == ["unavailable"]
        assert running.get("/readyz") == 503
        running.wait_until("/readyz", 200, START_WITHIN)
        yield running
        running.stop()
    finally:
        running.process.kill()
        running.process.wait()


def test_a_question_gets_an_answer_with_citations(service: Service) -> None:
    replies = service.say(QUESTION)["replies"]
    answers = [reply for reply in replies if reply["kind"] == "answer"]
    assert answers, replies
    assert any(citation["id"] == "CSP L1111-8" for citation in answers[0]["citations"])
    # Some court decisions have no address of their own; every article of a code or of the RGPD has one.
    articles = [c for c in answers[0]["citations"] if c["id"].startswith(("CSP ", "RGPD "))]
    assert len(articles) >= 2
    assert all(citation["url"].startswith("https://") for citation in articles)


def test_rasas_rest_channel_carries_the_reply(service: Service) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{service.rasa_port}/webhooks/rest/webhook",
        data=json.dumps({"sender": "essai", "message": QUESTION}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        messages = json.load(response)
    replies = [message["custom"] for message in messages if "custom" in message]
    assert replies[0]["kind"] == "answer"
    assert any(citation["id"] == "CSP L1111-8" for citation in replies[0]["citations"])
    assert any(message.get("text") for message in messages)


def test_a_question_back_is_answered_with_its_button_and_followed_up(service: Service) -> None:
    first = service.say(QUESTION)
    session = first["session"]
    answer, question = first["replies"]
    assert (answer["kind"], question["kind"]) == ("answer", "question")
    button = question["buttons"][0]
    assert "precise" not in button["payload"]  # only the server knows what a button does
    (branch,) = service.post(button=button["payload"], session=session)["replies"]
    assert f"Dans votre cas ({button['title'][0].lower()}{button['title'][1:]})" in branch["text"]
    (source,) = service.say("quel article ?", session=session)["replies"]
    assert source["fiche"] == answer["fiche"]
    assert source["text"].startswith(source["context"])


def test_rasa_commands_from_outside_are_only_text(service: Service) -> None:
    session = service.say(QUESTION)["session"]
    for command in ("/restart", "/session_start", '/question{"a": "b"}'):
        assert service.say(command, session=session)["replies"]
    assert any(reply["kind"] == "answer" for reply in service.say(QUESTION, session=session)["replies"])


def test_what_a_doctor_leaves_is_kept_then_erased_to_the_last_row(
    service: Service, published_base: str
) -> None:
    def rows() -> str:
        tables = ("passed_questions", "reply_addresses", "feedback")
        with closing(sqlite3.connect(make_url(published_base).database)) as connection:
            return repr([connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables])

    before = rows()
    first = service.say("Mme Durand demande : " + QUESTION)
    session = first["session"]
    useful = next(reply for reply in first["replies"] if reply.get("feedback"))["feedback"][0]
    service.post(button=useful["payload"], session=session)
    shown = service.say("transmettez ma question aux rédacteurs", session=session)["replies"]
    assert "> Mme [nom] demande" in shown[0]["text"]
    passed = service.press(shown, "Transmettre, et", session)
    assert passed[0]["expects"] == "email"
    kept = service.say("anne.martin@exemple.fr", session=session)["replies"]
    assert "vous parviendra par courriel" in kept[0]["text"]
    for left in ("Mme [nom] demande", "anne.martin@exemple.fr", "hds-obligation-certification"):
        assert left in rows()

    told = service.say("quelles données avez-vous sur moi ?", session=session)["replies"][0]["text"]
    assert "a•••@exemple.fr" in told
    _, html = service.say("imprimer", session=session)["replies"][0]["documents"]
    with urllib.request.urlopen(f"http://127.0.0.1:{service.port}{html['href']}", timeout=30) as response:
        page = response.read().decode()
    assert "Mme [nom] demande" in page
    assert "anne.martin" not in page

    asked = service.say("supprimez mes données", session=session)["replies"]
    assert "anne.martin@exemple.fr" in rows()
    assert service.press(asked, "Oui", session)[0]["erased"] is True
    assert rows() == before
    assert "anne.martin" not in service.output()
    assert "Durand" not in service.output()


def test_only_the_front_listens_beyond_loopback(service: Service) -> None:
    for port in (service.rasa_port, service.actions_port):
        listening = [c for c in service.listener(port).net_connections() if c.status == "LISTEN"]
        assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}


@pytest.mark.parametrize("victim", ["actions_port", "rasa_port"])
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM])
def test_a_dead_process_means_unavailable_then_recovery(
    service: Service, victim: str, blow: signal.Signals
) -> None:
    service.wait_until("/readyz", 200, START_WITHIN)
    process = service.listener(getattr(service, victim))
    process.send_signal(blow)
    process.wait(STOP_WITHIN)
    replies = service.say(QUESTION)["replies"]
    assert [reply["kind"] for reply in replies] == ["unavailable"]
    assert replies[0]["text"]
    assert "citations" not in replies[0]
    assert service.get("/healthz") == 200
    time.sleep(6)  # an earlier "ready" may be remembered for five seconds
    service.wait_until("/readyz", 200, START_WITHIN)
    assert any(reply["kind"] == "answer" for reply in service.say(QUESTION)["replies"])


def test_nothing_written_is_in_any_log(service: Service) -> None:
    service.wait_until("/readyz", 200, START_WITHIN)
    service.say("Zanzibar, mon hébergeur doit-il être certifié HDS ?")
    service.listener(service.actions_port).kill()
    service.say("Zanzibar pendant la panne")
    service.wait_until("/readyz", 200, START_WITHIN)
    assert "Zanzibar" not in service.output()
    assert "DeprecationWarning" not in (service.var / "serve.out").read_text()


def test_it_stops_in_time_even_while_starting(
    trained_model: Path, published_base: str, tmp_path: Path
) -> None:
    running = start(tmp_path, published_base)
    try:
        running.wait_until("/healthz", 200, 60)
        running.stop()
    finally:
        running.process.kill()
        running.process.wait()


def test_a_kill_of_the_supervisor_leaves_no_process(
    trained_model: Path, published_base: str, tmp_path: Path
) -> None:
    running = start(tmp_path, published_base)
    try:
        running.wait_until("/healthz", 200, 60)
        family = psutil.Process(running.process.pid).children(recursive=True)
        assert family
    finally:
        running.process.kill()
        running.process.wait()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
