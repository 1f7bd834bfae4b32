"""An event is answered once, in order, whatever breaks: killed at each step, on both databases."""

from __future__ import annotations

import asyncio

import pytest
from channel_samples import PaperChannel, ScriptedConversation, event, press, running
from front_samples import SECRET
from knowledge_samples import fresh_base
from sqlalchemy import create_engine, text

from bot.dialogue.reply import Button, Reply
from bot.front.channels import words
from bot.front.channels.base import Gone, NotStored, Retry
from bot.front.channels.dispatcher import Limits
from bot.front.unavailable import UNAVAILABLE
from bot.knowledge.migrate import downgrade, upgrade


@pytest.fixture
def base(database_url: str) -> str:
    fresh_base(database_url).close()
    return database_url


def rows(url: str) -> str:
    """All that the channels keep, as one text."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            tables = ("channel_events", "channel_memories")
            return repr([connection.execute(text(f"SELECT * FROM {t}")).fetchall() for t in tables])
    finally:
        engine.dispose()


def pending(url: str) -> int:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            count = "SELECT count(*) FROM channel_events WHERE finished_at IS NULL"
            return int(connection.execute(text(count)).scalar())
    finally:
        engine.dispose()


async def settled(url: str) -> None:
    async with asyncio.timeout(10):
        while pending(url):
            await asyncio.sleep(0.01)


async def test_a_redelivered_event_is_answered_once_even_after_a_restart(base: str) -> None:
    channel, conversation = PaperChannel(), ScriptedConversation()
    async with running(base, channel, conversation) as dispatcher:
        await dispatcher.accept(event("1"))
        await dispatcher.accept(event("1"))
        await channel.until(2)
        await settled(base)
        await dispatcher.accept(event("1"))
    async with running(base, channel, conversation) as dispatcher:
        await dispatcher.accept(event("1"))
        await dispatcher.accept(event("2"))
        await channel.until(3)
        await settled(base)
    assert channel.texts == [words.WELCOME, "Réponse.", "Réponse."]
    assert conversation.messages == ["Une question ?", "Une question ?"]


async def test_killed_before_the_answer_is_known_the_event_is_asked_anew(base: str) -> None:
    channel, conversation = PaperChannel(), ScriptedConversation(gate=asyncio.Event())
    async with running(base, channel, conversation) as dispatcher:
        await dispatcher.accept(event("1", "Première ?"))
        await dispatcher.accept(event("2", "Seconde ?"))
        async with asyncio.timeout(10):
            while not conversation.asked:
                await asyncio.sleep(0.005)
    assert channel.sent == []
    conversation.gate = None
    async with running(base, channel, conversation):
        await channel.until(3)
        await settled(base)
    assert channel.texts == [words.WELCOME, "Réponse.", "Réponse."]
    assert conversation.messages == ["Première ?", "Première ?", "Seconde ?"]


async def test_killed_between_two_messages_the_rest_is_sent_under_the_same_keys(base: str) -> None:
    replies = [Reply(kind="notice", text=letter) for letter in "abc"]
    channel, conversation = PaperChannel(), ScriptedConversation(replies=replies)
    async with running(base, channel, conversation) as dispatcher:
        await dispatcher.accept(event("0", "/start"))
        await channel.until(1)
        channel.sent.clear()
        channel.failures = [Retry(0.0), Retry(60.0)]
        await dispatcher.accept(event("1"))
        async with asyncio.timeout(10):
            while channel.failures:
                await asyncio.sleep(0.005)
        assert channel.texts == []
    async with running(base, channel, conversation):
        await channel.until(3)
        await settled(base)
    assert channel.texts == ["a", "b", "c"]
    assert len({key for _, _, key in channel.sent}) == 3
    assert conversation.messages == ["Une question ?"]


async def test_a_message_tried_again_keeps_its_key(base: str) -> None:
    keys: list[str] = []

    class Faltering(PaperChannel):
        async def send(self, address: str, message: str, key: str) -> None:
            keys.append(key)
            await super().send(address, message, key)

    channel = Faltering(failures=[Retry(), Retry(0.01)])
    async with running(base, channel, ScriptedConversation()) as dispatcher:
        await dispatcher.accept(event("1"))
        await channel.until(2)
    assert len(keys) == 4
    assert keys[0] == keys[1] == keys[2] != keys[3]


async def test_each_conversation_has_its_order_and_none_waits_for_another(base: str) -> None:
    gate = asyncio.Event()

    class Slow(ScriptedConversation):
        async def ask(self, sender: str, text: str, origin: object = None) -> list[Reply]:
            if text == "lente":
                await gate.wait()
            return [Reply(kind="notice", text=text)]

    channel = PaperChannel()
    async with running(base, channel, Slow()) as dispatcher:
        await dispatcher.accept(event("0", "lente"))
        for number in range(1, 4):
            await dispatcher.accept(event(f"a{number}", f"anne {number}"))
            await dispatcher.accept(event(f"p{number}", f"paul {number}", of="paul"))
        await channel.until(4)
        assert channel.texts == [words.WELCOME, "paul 1", "paul 2", "paul 3"]
        gate.set()
        await channel.until(9)
    assert channel.texts[4:] == [words.WELCOME, "lente", "anne 1", "anne 2", "anne 3"]


async def test_nothing_personal_stays_once_answered(base: str) -> None:
    channel = PaperChannel()
    conversation = ScriptedConversation(gate=asyncio.Event())
    async with running(base, channel, conversation) as dispatcher:
        await dispatcher.accept(event("1", "Mme Durand peut-elle avoir son dossier ?", of="chat-4321"))
        assert "Durand" not in rows(base)
        assert "[nom]" in rows(base)
        conversation.gate.set()
        await channel.until(3)
        await settled(base)
    kept = rows(base)
    for private in ("Durand", "[nom]", "dossier", "4321", "Réponse"):
        assert private not in kept
    assert channel.texts[1].startswith("J’ai masqué dans votre message")
    assert "Durand" not in repr(conversation.asked)


async def test_a_blocked_chat_is_left_and_forgotten(base: str) -> None:
    channel = PaperChannel()
    async with running(base, channel, ScriptedConversation()) as dispatcher:
        await dispatcher.accept(event("1"))
        await channel.until(2)
        channel.failures = [Gone()]
        await dispatcher.accept(event("2"))
        await settled(base)
        await dispatcher.accept(event("3"))
        await channel.until(4)
    assert channel.texts == [words.WELCOME, "Réponse."] * 2


async def test_a_flood_is_told_once_and_does_not_grow(base: str) -> None:
    channel, conversation = PaperChannel(), ScriptedConversation(gate=asyncio.Event())
    async with running(base, channel, conversation, Limits(waiting=3, stop_grace=0.2)) as dispatcher:
        for number in range(50):
            await dispatcher.accept(event(str(number)))
        assert pending(base) == 4
        conversation.gate.set()
        await channel.until(5)
        await settled(base)
        await dispatcher.accept(event("later"))
        await channel.until(6)
    assert channel.texts == [words.WELCOME, *["Réponse."] * 3, words.FLOODED, "Réponse."]


async def test_who_writes_fast_waits_instead_of_being_refused(base: str) -> None:
    channel, conversation = PaperChannel(), ScriptedConversation()
    async with running(base, channel, conversation, rate=60) as dispatcher:
        for number in range(60):
            await dispatcher.accept(event(str(number)))
            await settled(base)
        await dispatcher.accept(event("over"))
        await channel.until(62)
    assert set(channel.texts[1:]) == {"Réponse."}


async def test_the_service_away_is_asked_again_before_saying_so(base: str) -> None:
    channel = PaperChannel()
    conversation = ScriptedConversation(failures=[[UNAVAILABLE], [UNAVAILABLE]])
    async with running(base, channel, conversation, asked_again=(0.01, 0.01)) as dispatcher:
        await dispatcher.accept(event("1"))
        await channel.until(2)
        conversation.failures = [[UNAVAILABLE]] * 3
        await dispatcher.accept(event("2"))
        await channel.until(3)
    assert channel.texts == [words.WELCOME, "Réponse.", UNAVAILABLE.text]


async def test_an_event_that_breaks_us_is_given_up_and_said(
    base: str, caplog: pytest.LogCaptureFixture
) -> None:
    channel = PaperChannel()
    conversation = ScriptedConversation(failures=[RuntimeError("secret médical")] * 3)
    async with running(base, channel, conversation) as dispatcher:
        await dispatcher.accept(event("1"))
        await dispatcher.accept(event("2"))
        await channel.until(3)
        await settled(base)
    assert channel.texts == [words.FAILED, words.WELCOME, "Réponse."]
    assert "RuntimeError" in caplog.text
    assert "secret médical" not in caplog.text


async def test_without_its_base_a_channel_takes_nothing_and_recovers(base: str) -> None:
    channel = PaperChannel()
    with_base = fresh_base(base)
    async with running(base, channel, ScriptedConversation()) as dispatcher:
        downgrade(with_base, "0002")
        with pytest.raises(NotStored):
            await dispatcher.accept(event("1"))
        upgrade(with_base)
        await dispatcher.accept(event("1"))
        await channel.until(2)
    with_base.close()


async def test_a_base_lost_while_answering_costs_no_answer_and_doubles_none(base: str) -> None:
    channel, conversation = PaperChannel(), ScriptedConversation(gate=asyncio.Event())
    with_base = fresh_base(base)
    async with running(base, channel, conversation) as dispatcher:
        await dispatcher.accept(event("1"))
        async with asyncio.timeout(10):
            while not conversation.asked:
                await asyncio.sleep(0.005)
        engine = create_engine(base)
        with engine.begin() as connection:
            connection.execute(text("UPDATE knowledge_schema SET version_num = '0001'"))
        conversation.gate.set()
        await asyncio.sleep(0.1)
        assert channel.sent == []
        with engine.begin() as connection:
            connection.execute(text("UPDATE knowledge_schema SET version_num = '0003'"))
        engine.dispose()
        await channel.until(2)
        await settled(base)
    with_base.close()
    assert channel.texts == [words.WELCOME, "Réponse."]
    assert len(conversation.asked) == 1


async def test_a_message_taken_back_while_it_waits_is_not_answered(base: str) -> None:
    channel, conversation = PaperChannel(), ScriptedConversation(gate=asyncio.Event())
    async with running(base, channel, conversation) as dispatcher:
        await dispatcher.accept(event("1", "une"))
        await dispatcher.accept(event("2", "deux"))
        assert await dispatcher.withdraw("2")
        assert not await dispatcher.withdraw("2")
        conversation.gate.set()
        await channel.until(2)
        await settled(base)
    assert conversation.messages == ["une"]


async def test_buttons_and_the_conversation_survive_a_restart(base: str) -> None:
    buttons = (Button(title="Oui", payload="/oui"), Button(title="Non, jamais", payload="/non"))
    channel = PaperChannel()
    conversation = ScriptedConversation(replies=[Reply(kind="question", text="Alors ?", buttons=buttons)])

    class Showing(PaperChannel):
        tokens: tuple[str, ...] = ()

        def present(self, replies: list[Reply]) -> list[str]:  # type: ignore[override]
            Showing.tokens = tuple(b.payload for r in replies for b in r.buttons) or Showing.tokens
            return super().present(replies)

    channel = Showing()
    async with running(base, channel, conversation) as dispatcher:
        await dispatcher.accept(event("1"))
        await channel.until(2)
        await settled(base)
    assert all(len(token) == 16 for token in Showing.tokens)
    conversation.replies = [Reply(kind="notice", text="Bien.")]
    async with running(base, channel, conversation) as dispatcher:
        await dispatcher.accept(event("2", "2"))
        await channel.until(3)
        await dispatcher.accept(press("3", Showing.tokens[0]))
        await channel.until(4)
        await dispatcher.accept(press("4", Showing.tokens[0], of="paul"))
        await channel.until(6)
    assert conversation.messages == ["Une question ?", "/non", "/oui"]
    assert len({sender for sender, _ in conversation.asked}) == 1
    assert channel.texts[-1].startswith("Ce choix n’est plus disponible.")
    assert SECRET.decode() not in repr(channel.sent)
