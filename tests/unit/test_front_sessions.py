"""Tokens, conversations, buttons, rate limits: everything with a clock of its own."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import pytest

from bot.dialogue.reply import Button, Reply
from bot.front.limits import MemoryRateLimiter, client_key
from bot.front.refusals import Refusal
from bot.front.sessions import SessionStore, SessionTokens

SECRET = b"s" * 32


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def _code(tokens: SessionTokens, token: str) -> str:
    with pytest.raises(Refusal) as caught:
        tokens.read(token)
    assert caught.value.status == 401
    return caught.value.code


def test_a_token_holds_its_session_and_expires() -> None:
    clock = Clock()
    tokens = SessionTokens(SECRET, 12 * 3600, clock)
    token, session = tokens.issue()
    clock.now += 12 * 3600
    assert tokens.read(token) == session
    clock.now += 1
    assert _code(tokens, token) == "session_expired"


def test_two_sessions_differ() -> None:
    tokens = SessionTokens(SECRET, 60)
    assert tokens.issue()[1] != tokens.issue()[1]


def test_forged_tokens_are_refused() -> None:
    tokens = SessionTokens(SECRET, 60)
    token, _ = tokens.issue()
    raw = bytearray(base64.urlsafe_b64decode(token))
    for position in (0, 20, len(raw) - 1):  # identifier, date, signature
        forged = bytearray(raw)
        forged[position] ^= 1
        assert _code(tokens, base64.urlsafe_b64encode(forged).decode()) == "session_invalid"
    other, _ = SessionTokens(b"t" * 32, 60).issue()
    for bad in ("", "é", "x", "A" * 72, token[:-4], token + token, token + "\n", " " + token, other):
        assert _code(tokens, bad) == "session_invalid"


def _store(clock: Clock, **more: int) -> SessionStore:
    return SessionStore(SECRET, max_messages=60, max_idle=600, clock=clock, **more)


def test_a_conversation_ends_after_sixty_messages_or_ten_idle_minutes() -> None:
    clock = Clock()
    store = _store(clock)
    first = {store.sender("a") for _ in range(60)}
    assert len(first) == 1
    second = store.sender("a")
    assert second not in first
    clock.now += 600
    assert store.sender("a") == second
    clock.now += 601
    assert store.sender("a") not in {*first, second}


def test_senders_begin_with_the_subject_which_does_not_tell_the_session() -> None:
    clock = Clock()
    store = _store(clock)
    subject = store.subject("a")
    assert subject not in {"a", store.subject("b")}
    assert len(subject) == 32
    assert set(subject) <= set("0123456789abcdef")
    first = store.sender("a")
    clock.now += 3600
    assert store.sender("a") != first
    assert {first[:33], store.sender("a")[:33]} == {f"{subject}-"}
    assert _store(Clock()).subject("a") == subject


def test_a_forgotten_session_begins_anew() -> None:
    store = _store(Clock())
    first = store.sender("a")
    offered = Reply(kind="notice", text="?", buttons=(Button(title="x", payload="/x"),))
    shown = store.hide_payloads("a", offered)
    store.forget("a")
    store.forget("never seen")
    with pytest.raises(Refusal):
        store.button("a", shown.buttons[0].payload)
    assert store.sender("a").partition("-")[0] == first.partition("-")[0]


def test_sessions_in_memory_are_bounded_and_the_oldest_goes_first() -> None:
    store = _store(Clock(), capacity=3)
    first = store.state("a")
    for session in "bcad":
        store.state(session)
    assert len(store) == 3
    assert store.state("a") is first


async def test_a_session_being_answered_is_not_forgotten() -> None:
    store = _store(Clock(), capacity=1)
    state = store.state("a")
    async with state.lock:
        store.state("b")
        assert store.state("a") is state


def test_buttons_belong_to_their_session_and_are_bounded() -> None:
    store = _store(Clock(), max_buttons=3)
    payloads = [f'/repondre{{"option": {n}}}' for n in range(4)]
    reply = Reply(kind="question", text="?", buttons=tuple(Button(title=p, payload=p) for p in payloads))
    shown = store.hide_payloads("a", reply)
    assert [button.title for button in shown.buttons] == payloads
    tokens = [button.payload for button in shown.buttons]
    assert not set(tokens) & set(payloads)
    assert [store.button("a", token).payload for token in tokens[1:]] == payloads[1:]
    assert store.button("a", tokens[3]).payload == payloads[3]  # a choice may be made again
    for session, token in (("a", tokens[0]), ("b", tokens[3]), ("a", payloads[3])):
        with pytest.raises(Refusal) as caught:
            store.button(session, token)
        assert (caught.value.status, caught.value.code) == (400, "unknown_button")


def test_a_rate_is_a_burst_then_a_steady_flow() -> None:
    clock = Clock()
    limiter = MemoryRateLimiter(20, clock=clock)
    assert [limiter.wait("a") for _ in range(20)] == [0.0] * 20
    assert limiter.wait("a") == pytest.approx(3.0)
    assert limiter.wait("b") == 0.0
    clock.now += 3.0
    assert limiter.wait("a") == 0.0
    assert limiter.wait("a") > 0


def test_rates_are_bounded_in_memory() -> None:
    limiter = MemoryRateLimiter(1, capacity=2, clock=Clock())
    assert limiter.wait("a") == 0.0
    assert limiter.wait("a") > 0
    limiter.wait("b")
    limiter.wait("c")
    assert limiter.wait("a") == 0.0


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "key"),
    [
        ("192.0.2.1", "198.51.100.7", 0, "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", 1, "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2", 2, "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7", 2, "198.51.100.7"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("10.0.0.1", "n’importe quoi", 1, "unknown"),
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "", 0, "192.0.2.1"),
        ("fe80::1%eth0", "", 0, "fe80::/64"),
        (None, "", 0, "unknown"),
    ],
)
def test_what_identifies_a_client(remote: str | None, forwarded: str, proxies: int, key: str) -> None:
    assert client_key(remote, forwarded, proxies) == key
