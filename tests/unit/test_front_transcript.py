"""The transcript as the front gives it: what this session said, masked, behind a link for a while."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import msgspec
import pytest
from front_samples import SECRET, FakeRasa, Front, answer, custom, running_front
from pypdf import PdfReader

from bot.dialogue.reply import Reply
from bot.dialogue.transcript import offer
from bot.front.memory import Memory
from bot.front.sessions import SessionTokens
from bot.transcript.model import Exchange

OFFER = msgspec.to_builtins(offer())


async def links(front: Front, rasa: FakeRasa, session: str) -> dict[str, str]:
    """The links that the chat gives to the transcript, by media type."""
    rasa.items = custom(OFFER)
    _, body = await front.send({"text": "imprimer", "session": session})
    (reply,) = body["replies"]
    return {document["media_type"]: document["href"] for document in reply["documents"]}


async def test_the_session_gets_its_own_words_masked_and_no_one_elses() -> None:
    rasa = FakeRasa(
        items=custom(
            answer("Oui (art. L. 1111-8, II, CSP).", buttons=[{"title": "Et sinon", "payload": "/a"}])
        )
    )
    async with running_front(rasa) as front:
        _, body = await front.send({"text": "Mme Durand, 06 12 34 56 78\u00a0: certifié ?"})
        mine = body["session"]
        await front.send({"button": body["replies"][0]["buttons"][0]["payload"], "session": mine})
        await front.send({"text": "la question d’un autre"})
        given = await links(front, rasa, mine)
        async with front.get(given["text/html"]) as response:
            assert response.status == 200
            assert response.headers["Cache-Control"] == "no-store"
            assert "style-src 'sha256-" in response.headers["Content-Security-Policy"]
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            page = await response.text()
        async with front.get(given["application/pdf"]) as response:
            assert response.content_type == "application/pdf"
            assert response.headers["Content-Disposition"].startswith("attachment")
            pdf = "".join(p.extract_text() for p in PdfReader(io.BytesIO(await response.read())).pages)
    for text in (page, pdf):
        assert "Mme [nom], [téléphone]" in text
        assert "Et sinon" in text
        assert "art. L. 1111-8, II, CSP" in text
        assert "Durand" not in text
        assert "un autre" not in text
        assert "imprimer" not in text


async def test_a_link_serves_one_session_for_a_while_and_nothing_else() -> None:
    rasa = FakeRasa()
    async with running_front(rasa) as front:
        token = await front.open()
        given = await links(front, rasa, token)
        past = SessionTokens(SECRET, 900, lambda: 0.0, purpose="transcript").sign("ab" * 16)
        for bad in ("", token, past, given["text/html"].rpartition("=")[2][:-4] + "AAAA"):
            async with front.get("/api/transcript", params={"format": "html", "token": bad}) as response:
                assert response.status == 401
                assert (await response.json())["error"]["code"] == "link_invalid"
        link = given["text/html"].rpartition("=")[2]
        status, refused = await front.send({"text": "a", "session": link})
        assert (status, refused["error"]["code"]) == (401, "session_invalid")


async def test_erasure_empties_the_transcript() -> None:
    rasa = FakeRasa()
    async with running_front(rasa) as front:
        _, body = await front.send({"text": "Mon hébergeur\u00a0?"})
        session = body["session"]
        given = await links(front, rasa, session)
        rasa.items = custom({"kind": "notice", "text": "C’est fait.", "erased": True})
        assert (await front.erase(session))[0] == 204
        async with front.get(given["text/html"]) as response:
            page = await response.text()
        assert "Mon hébergeur" not in page
        assert "aucune question" in page


async def test_other_documents_keep_their_addresses() -> None:
    document = {"title": "Modèle", "href": "/modeles/registre.pdf", "media_type": "application/pdf"}
    rasa = FakeRasa(items=custom(answer(documents=[document])))
    async with running_front(rasa) as front:
        _, body = await front.send({"text": "un modèle ?"})
    assert body["replies"][0]["documents"] == [document]


def exchange(asked: str) -> Exchange:
    return Exchange(datetime(2026, 11, 28, tzinfo=UTC), asked, (Reply(kind="notice", text="x" * 100),))


def test_memory_is_bounded_by_session_by_size_and_by_time() -> None:
    now = 0.0
    memory = Memory(max_exchanges=3, max_bytes=3000, max_idle=60, clock=lambda: now)
    for number in range(5):
        memory.add("a", exchange(str(number)))
    kept = memory.conversation("a")
    assert ([e.asked for e in kept.exchanges], kept.incomplete) == (["2", "3", "4"], True)
    for number in range(20):
        memory.add(f"s{number}", exchange("x"))
    assert memory.conversation("a").exchanges == ()
    assert memory.conversation("s19").exchanges == (exchange("x"),)
    assert memory._bytes <= 3000
    now = 61.0
    assert memory.conversation("s19").exchanges == ()
    memory.add("z", exchange("y"))
    assert list(memory._sessions) == ["z"]
    memory.forget("z")
    assert memory._bytes == 0
    memory.forget("z")


@pytest.mark.parametrize("purpose", ["session", "transcript"])
def test_a_token_opens_what_it_was_made_for_alone(purpose: str) -> None:
    other = {"session": "transcript", "transcript": "session"}[purpose]
    token = SessionTokens(SECRET, 60, purpose=purpose).sign("0f" * 16)
    assert SessionTokens(SECRET, 60, purpose=purpose).read(token) == "0f" * 16
    with pytest.raises(Exception, match="session_invalid"):
        SessionTokens(SECRET, 60, purpose=other).read(token)
