"""The guard: bodies of every bad shape, and texts that try to command Rasa."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.front.guard import MAX_BODY, MAX_TEXT, clean, defuse, read_body
from bot.front.refusals import Refusal


def _refused(body: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read_body(body)
    return caught.value


def test_a_good_body() -> None:
    incoming = read_body('{"text": "Bonjour Maître", "session": "abc"}'.encode())
    assert (incoming.text, incoming.session, incoming.button) == ("Bonjour Maître", "abc", None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"bonjour",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"text": 12}',
        b'{"text": ["a"]}',
        b'{"text": null}',
        b'{"text": "a", "button": "b"}',
        b'{"text": "a", "sender": "victime"}',
        b'{"text": "a", "metadata": {}}',
        b'{"text": "a", "session": 3}',
        b"[" * 8_000,
        b'{"text":' * 2_000,
    ],
)
def test_a_bad_body_is_malformed(body: bytes) -> None:
    refusal = _refused(body)
    assert (refusal.status, refusal.code) == (400, "malformed")


def test_the_size_of_the_body() -> None:
    def body(size: int) -> bytes:
        return b'{"text": "' + b"a" * (size - 12) + b'"}'

    assert len(body(MAX_BODY)) == MAX_BODY
    assert read_body(body(MAX_BODY)).text
    assert _refused(body(MAX_BODY + 1)).code == "too_large"


def test_the_length_of_the_text() -> None:
    sentence = "mot " * (MAX_TEXT // 4 - 1) + "mot"  # one less than the limit
    assert len(clean(sentence + "s").text) == MAX_TEXT
    with pytest.raises(Refusal) as caught:
        clean(sentence + " encore")
    assert (caught.value.status, caught.value.code) == (413, "too_long")
    assert "4\u00a0006" in caught.value.message
    assert "4\u00a0000" in caught.value.message


@pytest.mark.parametrize(
    "text", ["", "  \n ", "\u200b\u200d", "\x00", "/", " / / ", "\ud800", "EXTERNAL:", "/EXTERNAL: /"]
)
def test_nothing_to_read(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        clean(text)
    assert caught.value.code == "empty"


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("/restart", "restart"),
        ("  /session_start", "session_start"),
        ('/repondre{"option": 1}', 'repondre{"option": 1}'),
        ("////restart", "restart"),
        ("/ / restart", "restart"),
        ("\u200b/restart", "restart"),
        ("\u00a0/restart", "restart"),
        ("／restart", "restart"),
        ("⁄restart ∕ /", "restart ∕ /"),
        ("\\/restart", "restart"),
        ("EXTERNAL: salut", "salut"),
        ("external:/EXTERNAL: /restart", "restart"),
        ("et/ou 12/03", "et/ou 12/03"),
        ("Le contrat external: oui", "Le contrat external: oui"),
    ],
)
def test_commands_become_text(text: str, harmless: str) -> None:
    assert clean(text).text == harmless


@given(st.text(st.sampled_from("/／ \n\\EXTERNAL:aé"), max_size=40))
def test_nothing_ever_starts_a_command(text: str) -> None:
    left = defuse(text)
    assert not left.startswith(("/", "／", "EXTERNAL:", " ", "\n"))
    assert defuse(left) == left


def test_personal_data_is_masked_after_normalising() -> None:
    # A zero-width space inside the number must not hide it from the masking.
    assert clean("06 12\u200b 34 56 78 et Mme\u00a0Durand").text == "[téléphone] et Mme [nom]"


def test_half_an_emoji_is_forgiven() -> None:
    incoming = read_body(json.dumps({"text": "ok \ud83d"}).encode())
    assert clean(incoming.text or "").text == "ok"
