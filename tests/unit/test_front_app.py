"""The HTTP front, on real sockets, before a stand-in for Rasa."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging

import aiohttp
import pytest
from aiohttp import web
from front_samples import FakeRasa, answer, custom, hold, running_front

from bot.front.conversation import RasaConversation
from bot.front.readiness import PROBE_SENDER
from bot.knowledge import KnowledgeUnavailable

UNAVAILABLE_WORDS = "Je ne peux pas consulter ma base de fiches"


async def test_a_question_is_answered_and_a_session_issued() -> None:
    rasa = FakeRasa(items=custom(answer("Oui."), answer("Et non.")))
    async with running_front(rasa) as front:
        status, body = await front.send({"text": "Mon hébergeur\u00a0?"})
        assert status == 200
        assert [reply["text"] for reply in body["replies"]] == ["Oui.", "Et non."]
        assert body["replies"][0]["citations"][0]["id"] == "CSP L1111-8"
        status, again = await front.send({"text": "Et sinon ?", "session": body["session"]})
        assert status == 200
        assert "session" not in again
    assert rasa.messages == ["Mon hébergeur ?", "Et sinon ?"]
    assert len(set(rasa.senders)) == 1


async def test_a_session_may_be_opened_first_and_sent_as_a_bearer() -> None:
    rasa = FakeRasa()
    async with running_front(rasa) as front:
        token = await front.open()
        assert (await front.send({"text": "a", "session": token}))[0] == 200
        assert (await front.send({"text": "b"}, Authorization=f"Bearer {token}"))[0] == 200
        assert (await front.send({"text": "c"}))[0] == 200
    assert rasa.senders[0] == rasa.senders[1] != rasa.senders[2]
    assert token not in rasa.senders


async def test_a_message_tells_its_subject_and_channel() -> None:
    rasa = FakeRasa()
    async with running_front(rasa) as front:
        token = await front.open()
        await front.send({"text": "a", "session": token})
        await front.send({"text": "b", "session": token})
        await front.send({"text": "c"})
    origins = [body["metadata"] for body in rasa.asked]
    assert origins[0] == origins[1] != origins[2]
    assert {origin["channel"] for origin in origins} == {"widget"}
    for origin, sender in zip(origins, rasa.senders, strict=True):
        assert sender.startswith(f"{origin['subject']}-")


async def test_a_session_is_erased_to_its_last_trace() -> None:
    erased = {"kind": "notice", "text": "C’est fait.", "erased": True}
    payload = '/show_fiche{"fiche": "a"}'
    rasa = FakeRasa(items=custom(answer(buttons=[{"title": "Oui", "payload": payload}])))
    async with running_front(rasa) as front:
        _, body = await front.send({"text": "Mon hébergeur ?"})
        token, button = body["session"], body["replies"][0]["buttons"][0]["payload"]
        rasa.items = custom(erased)
        assert await front.erase(token) == (204, {})
        assert rasa.messages[-1] == "/erase_data"
        assert rasa.asked[-1]["metadata"] == rasa.asked[0]["metadata"]
        status, refused = await front.send({"button": button, "session": token})
        assert (status, refused["error"]["code"]) == (400, "unknown_button")
        rasa.items = custom(answer())
        assert (await front.send({"text": "Bonjour", "session": token}))[0] == 200
    assert rasa.senders[-1] != rasa.senders[0]


async def test_an_erasure_in_the_chat_has_the_front_forget_too() -> None:
    rasa = FakeRasa(items=custom(answer(buttons=[{"title": "Oui", "payload": "/a"}])))
    async with running_front(rasa) as front:
        _, body = await front.send({"text": "Mon hébergeur ?"})
        rasa.items = custom({"kind": "notice", "text": "C’est fait.", "erased": True})
        _, said = await front.send({"text": "supprimez mes données", "session": body["session"]})
        assert said["replies"][0]["erased"] is True
        button = body["replies"][0]["buttons"][0]["payload"]
        status, _ = await front.send({"button": button, "session": body["session"]})
        assert status == 400


async def test_an_erasure_that_fails_says_so() -> None:
    rasa = FakeRasa(items=custom({"kind": "unavailable", "text": "Rien."}))
    async with running_front(rasa) as front:
        status, body = await front.erase(await front.open())
        assert (status, body["error"]["code"]) == (503, "not_erased")
        for token in (None, "forged"):
            status, body = await front.erase(token)
            assert status == 401


class _Addresses:
    """Keeps addresses as the inbox does; or fails as it does."""

    def __init__(self, error: Exception | None = None) -> None:
        self.kept: list[tuple[str, str]] = []
        self.error = error

    def leave_address(self, subject: str, address: str) -> str | None:
        if self.error is not None:
            raise self.error
        self.kept.append((subject, address))
        return "BM-7K3F-92QD"


ASKS_ADDRESS = {"kind": "question", "text": "À quelle adresse ?", "expects": "email"}


async def test_the_address_asked_for_is_kept_apart_and_never_reaches_rasa(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    rasa = FakeRasa(items=custom(ASKS_ADDRESS))
    addresses = _Addresses()
    async with running_front(rasa, addresses=addresses) as front:
        _, body = await front.send({"text": "avant : anne@exemple.fr"})
        rasa.items = custom(answer())
        token = body["session"]
        await front.send({"text": "pourquoi faire ?", "session": token})
        await front.send({"text": "D’accord, c’est Anne.Martin@Exemple.fr !", "session": token})
        await front.send({"text": "plus tard : paul@exemple.fr et jean@exemple.fr", "session": token})
        await front.send({"text": "et encore zoe@exemple.fr", "session": token})
        other = await front.open()
        await front.send({"text": "luc@exemple.fr", "session": other})
    assert addresses.kept == [(rasa.asked[0]["metadata"]["subject"], "Anne.Martin@exemple.fr")]
    assert rasa.messages == [
        "avant : [courriel]",
        "pourquoi faire ?",
        "/leave_address",
        "plus tard : [courriel] et [courriel]",
        "et encore [courriel]",
        "[courriel]",
    ]
    assert "@" not in json.dumps(rasa.asked)
    assert "@" not in caplog.text.lower().replace("<at>", "")


async def test_a_long_message_is_about_something_else_than_the_address_asked_for() -> None:
    rasa = FakeRasa(items=custom(ASKS_ADDRESS))
    addresses = _Addresses()
    async with running_front(rasa, addresses=addresses) as front:
        _, body = await front.send({"text": "transmettez"})
        letter = (
            "mon ancien associé m’écrit depuis jean@exemple.fr et réclame la moitié des dossiers, "
            "que dois-je lui répondre ?"
        )
        await front.send({"text": letter, "session": body["session"]})
    assert addresses.kept == []
    assert rasa.messages[1] == letter.replace("jean@exemple.fr", "[courriel]")


async def test_an_address_that_cannot_be_kept_is_not_shown_either(caplog: pytest.LogCaptureFixture) -> None:
    rasa = FakeRasa(items=custom(ASKS_ADDRESS))
    broken = _Addresses(KnowledgeUnavailable("La base des fiches est inutilisable"))
    async with running_front(rasa, addresses=broken) as front:
        _, body = await front.send({"text": "transmettez"})
        status, _ = await front.send({"text": "anne@exemple.fr", "session": body["session"]})
        assert status == 200
    assert rasa.messages[1] == "/leave_address"
    assert "anne@" not in caplog.text


async def test_an_expired_or_forged_session_is_refused_in_french() -> None:
    rasa = FakeRasa()
    async with running_front(rasa, session_lifetime=-1) as front:
        status, body = await front.send({"text": "a", "session": await front.open()})
        assert (status, body["error"]["code"]) == (401, "session_expired")
        assert "Ouvrez-en une nouvelle" in body["error"]["message"]
        status, body = await front.send({"text": "a", "session": "default"})
        assert (status, body["error"]["code"]) == (401, "session_invalid")
    assert rasa.asked == []


async def test_only_ours_reaches_rasa_as_a_command() -> None:
    payload = '/repondre{"option": 1}'
    rasa = FakeRasa(items=custom(answer(buttons=[{"title": "Oui", "payload": payload}])))
    async with running_front(rasa) as front:
        _, body = await front.send({"text": payload})
        token = body["replies"][0]["buttons"][0]["payload"]
        assert "repondre" not in token
        status, _ = await front.send({"button": token, "session": body["session"]})
        assert status == 200
        assert rasa.messages == ['repondre{"option": 1}', payload]
        for session in ({}, {"session": await front.open()}):
            status, refused = await front.send({"button": token, **session})
            assert (status, refused["error"]["code"]) == (400, "unknown_button")
        status, refused = await front.send({"button": payload, "session": body["session"]})
        assert (status, refused["error"]["code"]) == (400, "unknown_button")
    assert len(rasa.asked) == 2


async def _plain(status: int, text: str) -> web.StreamResponse:
    return web.Response(status=status, text=text, content_type="application/json")


async def _cut(request: dict[str, object]) -> web.StreamResponse:
    raise web.HTTPInternalServerError(text="Traceback")


@pytest.mark.parametrize(
    "items",
    [
        [],
        {},
        None,
        ["texte"],
        [{"recipient_id": "x"}],
        [{"recipient_id": "x", "text": "  "}],
        [{"custom": {"kind": "inconnu", "text": "x"}}],
        [{"custom": {"kind": "answer"}}],
        [{"custom": "Oui"}],
    ],
)
async def test_what_rasa_says_wrong_is_unavailable(items: object) -> None:
    async with running_front(FakeRasa(items=items)) as front:
        status, body = await front.send({"text": "Bonjour"})
    assert status == 200
    assert [reply["kind"] for reply in body["replies"]] == ["unavailable"]
    assert UNAVAILABLE_WORDS in body["replies"][0]["text"]
    assert "citations" not in body["replies"][0]


@pytest.mark.parametrize(
    "respond",
    [
        lambda body: _plain(500, "Traceback"),
        lambda body: _plain(404, "[]"),
        lambda body: _plain(200, "<html>"),
        lambda body: _plain(200, "[" * 100_000),
        lambda body: _plain(200, json.dumps([{"text": "x" * 2_000_000}])),
        lambda body: hold(5),
        _cut,
    ],
    ids=["500", "404", "html", "deep", "huge", "slow", "error"],
)
async def test_when_rasa_fails_the_service_is_unavailable(respond: object) -> None:
    async with running_front(FakeRasa(respond=respond), rasa_timeout=0.3) as front:  # type: ignore[arg-type]
        status, body = await front.send({"text": "Bonjour"})
    assert (status, body["replies"][0]["kind"]) == (200, "unavailable")


async def test_when_rasa_is_away_the_service_is_unavailable(unused_tcp_port: int) -> None:
    away = RasaConversation(f"http://127.0.0.1:{unused_tcp_port}", timeout=2)
    replies = await away.ask("s", "Bonjour")
    await away.close()
    assert [reply.kind for reply in replies] == ["unavailable"]


async def test_a_conversation_that_fell_silent_is_left_for_a_new_one() -> None:
    rasa = FakeRasa()
    async with running_front(rasa) as front:
        token = await front.open()
        for items in (custom(answer()), [], custom(answer()), custom(answer())):
            rasa.items = items
            await front.send({"text": "Bonjour", "session": token})
    assert rasa.senders[0] == rasa.senders[1] != rasa.senders[2] == rasa.senders[3]


async def test_plain_texts_count_only_when_alone() -> None:
    async with running_front(FakeRasa(items=[{"text": "Bonjour !"}, {"text": "Suite"}])) as front:
        _, body = await front.send({"text": "Bonjour"})
    assert [(reply["kind"], reply["text"]) for reply in body["replies"]] == [
        ("notice", "Bonjour !"),
        ("notice", "Suite"),
    ]


async def test_one_unreadable_reply_does_not_hide_the_other() -> None:
    async with running_front(FakeRasa(items=custom(answer("Oui."), {"kind": "answer"}))) as front:
        _, body = await front.send({"text": "Bonjour"})
    assert [reply["kind"] for reply in body["replies"]] == ["answer", "unavailable"]


async def test_messages_of_one_session_wait_their_turn_and_not_those_of_others() -> None:
    running = most = 0

    async def slow(body: dict[str, object]) -> web.StreamResponse:
        nonlocal running, most
        running += 1
        most = max(most, running)
        response = await hold(0.2)
        running -= 1
        return response

    rasa = FakeRasa(respond=slow)
    async with running_front(rasa) as front:
        token = await front.open()
        sent = [asyncio.create_task(front.send({"text": f"n{n}", "session": token})) for n in range(6)]
        outcomes = await asyncio.gather(*sent)
        assert most == 1
        assert sorted(status for status, _ in outcomes) == [200, 200, 200, 200, 429, 429]
        assert {body["error"]["code"] for status, body in outcomes if status == 429} == {"busy"}
        await asyncio.gather(front.send({"text": "a", "session": token}), front.send({"text": "b"}))
        assert most == 2


async def test_rate_limits_say_when_to_come_back() -> None:
    async with running_front(FakeRasa(), session_rate=2, address_rate=6) as front:
        token = await front.open()
        message = {"text": "a", "session": token}
        assert [(await front.send(message))[0] for _ in range(3)] == [200, 200, 429]
        async with front.post("/api/messages", json=message) as response:
            assert response.status == 429
            assert 1 <= int(response.headers["Retry-After"]) <= 30
            assert "patienter" in (await response.json())["error"]["message"]
        assert (await front.send({"text": "autre session"}))[0] == 200
        assert (await front.send({"text": "même adresse"}))[0] == 429
        async with front.post("/api/sessions") as response:
            assert response.status == 429


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"x" * 1_000_000, 413, "too_large"),
        (b"[" * 10_000, 400, "malformed"),
        (b'{"text": "a", "sender": "victime"}', 400, "malformed"),
        (json.dumps({"text": "\x00\ud800 "}).encode(), 400, "empty"),
        (json.dumps({"text": "/" * 50}).encode(), 400, "empty"),
        (json.dumps({"text": "mot " * 1_001}).encode(), 413, "too_long"),
    ],
    ids=["1 MB", "deep", "sender", "nothing", "slashes", "long"],
)
async def test_hostile_bodies_never_reach_rasa(body: bytes, status: int, code: str) -> None:
    rasa = FakeRasa()
    async with running_front(rasa) as front:
        got, answered = await front.send(body)
        assert (got, answered["error"]["code"]) == (status, code)
    assert rasa.asked == []


async def test_hostile_texts_reach_rasa_tamed() -> None:
    rasa = FakeRasa()
    emoji = json.dumps({"text": "🙂" * 4_000 + " bonjour"}, ensure_ascii=False).encode()
    async with running_front(rasa) as front:
        for body in (
            emoji[:16_000].rsplit("🙂".encode(), 1)[0] + b'"}',
            b'{"text": "\\ud800\\u0000/restart"}',
        ):
            assert (await front.send(body))[0] == 200
        assert (await front.send({"text": "／restart Mme Durand"}))[0] == 200
    assert rasa.messages == ["🙂🙂🙂", "restart", "restart Mme [nom]"]


async def test_a_body_without_a_declared_length_is_bounded_too() -> None:
    async def endless() -> object:
        for _ in range(1_000):
            yield b" " * 1_000

    rasa = FakeRasa()
    async with running_front(rasa) as front:
        headers = {"Content-Type": "application/json"}
        try:
            async with front.post("/api/messages", data=endless(), headers=headers) as response:
                assert response.status == 413
        except aiohttp.ClientOSError:
            pass  # the front closed while we were still sending: as good a refusal
    assert rasa.asked == []


async def test_a_body_that_does_not_come_is_given_up() -> None:
    async with running_front(FakeRasa(), body_timeout=0.2) as front:
        reader, writer = await asyncio.open_connection(front.host, front.port)
        writer.write(
            b"POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b'Content-Length: 100\r\n\r\n{"text"'
        )
        status_line = await asyncio.wait_for(reader.readline(), 5)
        writer.close()
    assert b" 408 " in status_line


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_only_plain_json_is_read(headers: dict[str, str]) -> None:
    async with running_front(FakeRasa()) as front:
        body = gzip.compress(b'{"text": "a"}')
        async with front.post("/api/messages", data=body, headers=headers) as response:
            assert response.status == 415
            assert (await response.json())["error"]["code"] == "unsupported_media_type"


async def test_unknown_addresses_and_methods_answer_in_json() -> None:
    async with running_front(FakeRasa()) as front:
        for method, path, status in (
            ("GET", "/webhooks/rest/webhook", 404),
            ("GET", "/static/../app.py", 404),
            ("GET", "/static/%2e%2e/app.py", 404),
            ("GET", "/static/", 404),
            ("GET", "/api/messages", 405),
            ("PUT", "/", 405),
        ):
            async with front.request(method, path) as response:
                assert response.status == status, path
                assert set((await response.json())["error"]) == {"code", "message"}


async def test_every_answer_carries_the_security_headers() -> None:
    async with running_front(FakeRasa()) as front:
        for path in ("/", "/healthz", "/readyz", "/nulle-part", "/static/site.css", "/api/messages"):
            async with front.get(path) as response:
                policy = response.headers["Content-Security-Policy"]
                assert policy.startswith("default-src 'none'")
                assert "unsafe" not in policy
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert response.headers["Referrer-Policy"] == "no-referrer"
                assert "Python" not in response.headers["Server"]
                expected = "no-cache" if path in ("/", "/static/site.css") else "no-store"
                assert response.headers["Cache-Control"] == expected


async def test_an_error_of_ours_shows_nothing_and_logs_no_text(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(text: str) -> None:
        raise RuntimeError(f"trouvé : {text}")

    monkeypatch.setattr("bot.front.reception.clean", broken)
    with caplog.at_level(logging.DEBUG):
        async with running_front(FakeRasa()) as front:
            status, body = await front.send({"text": "Zanzibar"})
    assert (status, body["error"]["code"]) == (500, "internal")
    assert "Zanzibar" not in json.dumps(body) + caplog.text
    assert "RuntimeError in /api/messages" in caplog.text
    assert "reception.py" in caplog.text


async def test_no_log_holds_what_was_written_nor_the_session(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        rasa = FakeRasa(items=custom(answer("Réponse Zanzibar"), {"kind": "Zanzibar", "text": 3}))
        async with running_front(rasa) as front:
            token = await front.open()
            await front.send({"text": "Question Zanzibar", "session": token})
            await front.send({"text": "Zanzibar " * 800, "session": token})
            await front.send({"button": "Zanzibar", "session": token})
            await front.send({"text": "a", "session": "Zanzibar"})
            await front.send(b'{"Zanzibar": 1}')
            await front.get("/Zanzibar?q=Zanzibar")
            await front.get("/static/Zanzibar")
            await front.request("ZANZIBAR", "/")
    assert "Zanzibar" not in caplog.text
    assert "ZANZIBAR" not in caplog.text
    assert token not in caplog.text
    assert "method=POST path=/api/messages status=200" in caplog.text
    assert "method=GET path=/static/{name} status=404" in caplog.text
    assert "error in the HTTP layer (BadHttpMethod)" in caplog.text


async def test_alive_even_when_rasa_is_mute_but_not_ready() -> None:
    rasa = FakeRasa(items=[])
    async with running_front(rasa) as front:
        assert (await front.get("/healthz")).status == 200
        async with front.get("/readyz") as response:
            assert response.status == 503
            assert "unavailable" in (await response.json())["reason"]


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (answer(), 200),
        (answer(citations=[]), 503),
        ({"kind": "not_covered", "text": "x"}, 503),
        ({"kind": "choices", "text": "x"}, 503),
    ],
)
async def test_ready_means_an_answer_with_citations(reply: dict[str, object], status: int) -> None:
    rasa = FakeRasa(items=custom(reply))
    async with running_front(rasa, probe_question="HDS ?") as front:
        assert (await front.get("/readyz")).status == status
        assert (await front.get("/readyz")).status == status
    assert rasa.messages == ["HDS ?"]  # the second answer came from the cache
    assert rasa.senders[0].startswith(PROBE_SENDER)
