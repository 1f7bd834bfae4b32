"""Telegram over real HTTP: the real front, a strict stand-in for the Bot API, one for Rasa."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import closing
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from fake_telegram import BOT, FakeTelegram, Refused, length, read_html, serving
from front_samples import CITATION, SECRET, FakeRasa, answer, custom
from hypothesis import given, settings
from hypothesis import strategies as st
from knowledge_samples import fresh_base
from telegram_samples import QUICK, config_for, running_telegram

from bot.front.channels import telegram_html, words
from bot.front.channels.assembly import assemble
from bot.front.channels.dispatcher import Limits
from bot.front.channels.store import open_store
from bot.front.channels.telegram import SECRET_HEADER, TelegramChannel
from bot.front.channels.telegram_config import TelegramConfig, telegram_config
from bot.front.config import FrontConfig
from bot.front.conversation import RasaConversation
from bot.knowledge.migrate import downgrade, upgrade
from bot.settings import SettingsError

GROUP = -100777
WHOLE = answer(
    "**Titre**\n\nRésumé.\n\nDétails.",
    title="Mon hébergeur doit-il être certifié ?",
    fiche="hds",
    version=3,
    summary="Oui, s’il est un tiers (art. L. 1111-8, II, CSP).",
    details="Le contrat doit *aussi* le dire.",
    steps="1. Demandez le certificat.\n2. Vérifiez sa date.",
    caveats="Rien de tel pour <votre> propre serveur & vos copies.",
    review={"status": "non_relu"},
    buttons=[{"title": "Et si mon hébergeur n’est pas certifié, que risque le cabinet ?", "payload": "/b"}],
    feedback=[{"title": "Utile", "payload": "/oui"}, {"title": "Pas utile", "payload": "/non"}],
)


@pytest.fixture
def base(sqlite_url: str) -> str:
    fresh_base(sqlite_url).close()
    return sqlite_url


@pytest.fixture
def telegram() -> FakeTelegram:
    return FakeTelegram()


async def greeted(telegram: FakeTelegram, chat: int = 42) -> None:
    """Past the first contact, so that a test counts what it is about."""
    await telegram.deliver(telegram.message("/start", chat))
    await telegram.until(1)
    telegram.sent.clear()


async def test_a_question_gets_a_short_answer_and_the_rest_on_demand(
    telegram: FakeTelegram, base: str
) -> None:
    rasa = FakeRasa(items=custom(WHOLE))
    async with running_telegram(telegram, rasa, base):
        assert await telegram.deliver(telegram.message("mon hébergeur doit-il être certifié HDS ?")) == 200
        await telegram.until(2)
        welcome, short = telegram.sent
        assert "N’écrivez aucune donnée de patient" in welcome.text
        assert "/effacer" in welcome.text
        assert short.text.startswith("Mon hébergeur doit-il être certifié ?\n\nOui, s’il est un tiers")
        assert short.bold[0] == "Mon hébergeur doit-il être certifié ?"
        assert short.links == [CITATION["url"]]
        assert "Fiche pas encore relue par un juriste" in short.text
        assert "certificat" not in short.text
        assert "2. Et si mon hébergeur n’est pas certifié, que risque le cabinet ?" in short.text
        assert [len(row) for row in short.rows] == [1, 1, 2]
        assert short.labels[0] == "En détail"
        assert short.labels[1].startswith("2. Et si mon hébergeur")
        assert short.labels[2:] == ["Utile", "Pas utile"]

        await telegram.deliver(telegram.press(short.token("En détail")))
        await telegram.until(3)
        details = telegram.sent[2].text
        assert "Le contrat doit aussi le dire." in details
        assert "1. Demandez le certificat.\n2. Vérifiez sa date." in details
        assert "<votre> propre serveur & vos copies" in details
        assert "Oui, s’il est un tiers" not in details

        await telegram.deliver(telegram.press(short.token("Pas utile")))
        await telegram.deliver(telegram.message("2"))
        await telegram.until(5)
    assert rasa.messages == ["mon hébergeur doit-il être certifié HDS ?", "/non", "/b"]
    assert {body["metadata"]["channel"] for body in rasa.asked} == {"telegram"}
    assert len({body["metadata"]["subject"] for body in rasa.asked}) == 1
    assert "42" not in {body["metadata"]["subject"] for body in rasa.asked}
    assert telegram.known_queries == set()
    assert telegram.complaints == []
    assert {name for name, _ in telegram.calls} >= {"setMyCommands", "sendChatAction"}


async def test_context_progress_and_documents_are_shown(telegram: FakeTelegram, base: str) -> None:
    rasa = FakeRasa(
        items=custom(
            {
                "kind": "question",
                "text": "Qui héberge vos données ?\n\n- Un tiers\n- Mon cabinet",
                "context": "Je comprends : et pour l’*hébergement* ?",
                "progress": {"title": "Ma situation", "step": 2, "of": 5},
                "buttons": [
                    {"title": "Un tiers", "payload": "/a"},
                    {"title": "Mon cabinet", "payload": "/b"},
                ],
                "documents": [{"title": "La lettre", "href": "/lettre?a=1&b=2", "media_type": "text/html"}],
            }
        )
    )
    async with running_telegram(telegram, rasa, base):
        await greeted(telegram)
        await telegram.deliver(telegram.message("ma situation"))
        await telegram.until(1)
        await telegram.deliver(telegram.message("mon cabinet"))
        await telegram.until(2)
    (asked, _) = telegram.sent
    lines = asked.text.split("\n\n")
    assert lines[0] == "Je comprends : et pour l’*hébergement* ?"
    assert lines[1] == "Ma situation · Étape 2 sur 5"
    assert lines[2] == "Qui héberge vos données ?"
    assert asked.links == ["https://maitre.example.fr/lettre?a=1&b=2"]
    assert asked.labels == ["Un tiers", "Mon cabinet"]
    assert rasa.messages == ["ma situation", "/b"]
    assert telegram.complaints == []


async def test_who_does_not_show_the_secret_is_not_heard(telegram: FakeTelegram, base: str) -> None:
    rasa = FakeRasa()
    async with running_telegram(telegram, rasa, base):
        forged = telegram.message("mon hébergeur ?")
        secret = telegram.webhook["secret"]
        for shown in ("", "s" * 63, "S" * 64, f"{secret}x", "é" * 64, TOKEN_LIKE):
            assert await telegram.deliver(forged, **{SECRET_HEADER: shown}) == 403
        assert await telegram.deliver(forged, Authorization=f"Bearer {secret}") == 403
        assert await telegram.deliver(b"x" * 300_000) == 413
        for unreadable in (b"", b"[]", b"{", b'{"update_id": "a"}', b"[" * 100_000, b'{"a": "\xff"}'):
            assert await telegram.deliver(unreadable) == 200
    assert rasa.asked == []
    assert telegram.sent == []


TOKEN_LIKE = "123456789:AAfake-token-of-the-tests_0123456789"


async def test_the_front_goes_on_with_what_it_had_when_it_stopped(telegram: FakeTelegram, base: str) -> None:
    gate = asyncio.Event()
    rasa = FakeRasa()

    async def hold(_: object) -> web.StreamResponse:
        await gate.wait()
        return web.json_response(custom(answer()))

    rasa.respond = hold
    update = telegram.message("mon hébergeur ?")
    async with running_telegram(telegram, rasa, base, Limits(stop_grace=0.05)):
        assert await telegram.deliver(update) == 200
        async with asyncio.timeout(10):
            while not rasa.asked:
                await asyncio.sleep(0.01)
    assert telegram.sent == []
    rasa.respond = None
    gate.set()
    async with running_telegram(telegram, rasa, base):
        await telegram.until(2)
        assert await telegram.deliver(update) == 200
        await telegram.deliver(telegram.message("/aide"))
        await telegram.until(3)
    assert "Vous pouvez" in telegram.sent[2].text


async def test_a_replay_is_not_answered_and_a_flood_is_told_once(telegram: FakeTelegram, base: str) -> None:
    gate = asyncio.Event()
    rasa = FakeRasa()

    async def hold(_: object) -> web.StreamResponse:
        await gate.wait()
        return web.json_response(custom(answer()))

    rasa.respond = hold
    async with running_telegram(telegram, rasa, base):
        await greeted(telegram)
        update = telegram.message("mon hébergeur ?")
        assert {await telegram.deliver(update) for _ in range(20)} == {200}
        async with asyncio.timeout(10):
            while not rasa.asked:
                await asyncio.sleep(0.01)
        flood = [telegram.message(f"question {number}") for number in range(60)]
        assert {await telegram.deliver(one) for one in flood} == {200}
        await telegram.deliver(telegram.message("ma question", 43))
        gate.set()
        await telegram.until(8)
        await telegram.deliver(telegram.message("/aide"))
        await telegram.until(9)
    mine = [sent.text for sent in telegram.sent if sent.chat == 42]
    assert len(mine) == 7
    assert mine[5] == words.FLOODED
    assert sum(sent.chat == 43 for sent in telegram.sent) == 2
    assert len(rasa.asked) == 6


async def test_retry_after_is_obeyed_and_nothing_lost(telegram: FakeTelegram, base: str) -> None:
    rasa = FakeRasa()
    async with running_telegram(telegram, rasa, base):
        await greeted(telegram)
        telegram.failures["sendMessage"] = [
            Refused(429, "Too Many Requests: retry after 1", retry_after=1),
            Refused(502, "Bad Gateway"),
        ]
        await telegram.deliver(telegram.message("mon hébergeur ?"))
        await telegram.until(1)
    assert telegram.sent[0].text.startswith("Oui (art. L. 1111-8")
    assert telegram.complaints == []
    assert len(rasa.asked) == 1


async def test_a_bot_that_is_blocked_writes_no_more_and_forgets(telegram: FakeTelegram, base: str) -> None:
    rasa = FakeRasa()
    async with running_telegram(telegram, rasa, base):
        await greeted(telegram)
        telegram.blocked.add(42)
        await telegram.deliver(telegram.message("mon hébergeur ?"))
        await telegram.until_called("sendMessage", 2)
        telegram.blocked.clear()
        await telegram.deliver(telegram.message("me revoici"))
        await telegram.until(2)
    assert "automatique" in telegram.sent[0].text


async def test_a_group_that_moved_is_answered_where_it_went(telegram: FakeTelegram, base: str) -> None:
    telegram.moved[GROUP] = GROUP - 1
    async with running_telegram(telegram, FakeRasa(), base):
        await telegram.deliver(said(telegram, "@BonjourMaitreBot mon hébergeur ?"))
        await telegram.until(2)
    assert {sent.chat for sent in telegram.sent} == {GROUP - 1}


async def test_an_edited_message_is_answered_as_edited(telegram: FakeTelegram, base: str) -> None:
    gate = asyncio.Event()
    rasa = FakeRasa()

    async def hold(_: object) -> web.StreamResponse:
        await gate.wait()
        return web.json_response(custom(answer()))

    rasa.respond = hold
    async with running_telegram(telegram, rasa, base):
        await greeted(telegram)
        first, second = telegram.message("une question ?"), telegram.message("mon hbergeur ?")
        await telegram.deliver(first)
        await telegram.deliver(second)
        await telegram.deliver(telegram.edit(second, "mon hébergeur ?"))
        gate.set()
        await telegram.until(2)
        later = telegram.edit(first, "une autre question ?")
        await telegram.deliver(later)
        await telegram.deliver(later)
        await telegram.until(3)
    assert rasa.messages == ["une question ?", "mon hébergeur ?", "une autre question ?"]


@pytest.mark.parametrize(
    "media",
    [
        {"voice": {"file_id": "a", "duration": 3}},
        {"photo": [{"file_id": "a"}], "caption": "Est-ce légal ?"},
        {"document": {"file_id": "a"}},
        {"sticker": {"file_id": "a"}},
    ],
)
async def test_what_is_not_text_is_refused_kindly(
    telegram: FakeTelegram, base: str, media: dict[str, object]
) -> None:
    rasa = FakeRasa()
    async with running_telegram(telegram, rasa, base):
        await greeted(telegram)
        await telegram.deliver(telegram.message(None, **media))
        await telegram.deliver(telegram.message(None, pinned_message={"message_id": 1}))
        await telegram.deliver(telegram.message("/aide"))
        await telegram.until(2)
    assert telegram.sent[0].text == words.UNREADABLE
    assert telegram.sent[1].text.startswith("Vous pouvez")
    assert rasa.asked == []


async def test_an_album_is_refused_once(telegram: FakeTelegram, base: str) -> None:
    async with running_telegram(telegram, FakeRasa(), base):
        await greeted(telegram)
        for _ in range(5):
            await telegram.deliver(telegram.message(None, photo=[{}], media_group_id="77"))
        await telegram.deliver(telegram.message("/aide"))
        await telegram.until(2)
    assert telegram.sent[0].text == words.UNREADABLE


def said(telegram: FakeTelegram, text: str, author: int = 42, **more: object) -> dict[str, object]:
    """In a group, with the entities that Telegram finds in the text."""
    entities = []
    for mark, kind in (("@BonjourMaitreBot", "mention"), ("/aide@BonjourMaitreBot", "bot_command")):
        if (place := text.find(mark)) >= 0:
            entities.append({"type": kind, "offset": length(text[:place]), "length": len(mark)})
    if "/aide" in text:
        entities = entities[1:]
    return telegram.message(text, GROUP, author=author, entities=entities, **more)


async def test_in_a_group_only_those_who_speak_to_it_are_answered(telegram: FakeTelegram, base: str) -> None:
    rasa = FakeRasa(items=custom(answer(buttons=[{"title": "Oui", "payload": "/oui"}])))
    async with running_telegram(telegram, rasa, base):
        for overheard in (
            said(telegram, "mon hébergeur doit-il être certifié ?"),
            telegram.message(
                "@AutreBot mon hébergeur ?",
                GROUP,
                entities=[{"type": "mention", "offset": 0, "length": 9}],
            ),
            telegram.message("BonjourMaitreBot", GROUP),
            telegram.message(None, GROUP, photo=[{}]),
            telegram.message("@BonjourMaitreBot oui", GROUP, **{"from": BOT}),
            {"update_id": 5, "channel_post": {"message_id": 1, "chat": {"id": -5, "type": "channel"}}},
        ):
            assert await telegram.deliver(overheard) == 200
        await telegram.deliver(said(telegram, "😀 @BonjourMaitreBot, mon hébergeur ?"))
        await telegram.until(2)
        await telegram.deliver(
            telegram.message("et sinon ?", GROUP, reply_to_message={"message_id": 1, "from": BOT})
        )
        await telegram.until(3)
        await telegram.deliver(said(telegram, "/aide@BonjourMaitreBot", author=43))
        await telegram.until(5)
        token = telegram.sent[2].token("Oui")
        await telegram.deliver(telegram.press(token, GROUP, author=43))
        await telegram.until(6)
        await telegram.deliver(telegram.press(token, GROUP, author=42))
        await telegram.until(7)
    assert rasa.messages == ["😀 , mon hébergeur ?", "et sinon ?", "/oui"]
    assert telegram.sent[5].text.startswith("Ce choix n’est plus disponible")
    assert all("reply_parameters" in sent.parameters for sent in telegram.sent[:5])
    assert telegram.complaints == []


async def test_a_topic_is_answered_in_it(telegram: FakeTelegram, base: str) -> None:
    async with running_telegram(telegram, FakeRasa(), base):
        asked = said(
            telegram, "@BonjourMaitreBot mon hébergeur ?", message_thread_id=9, is_topic_message=True
        )
        await telegram.deliver(asked)
        await telegram.until(2)
    assert {sent.parameters["message_thread_id"] for sent in telegram.sent} == {9}


async def test_personal_data_is_masked_and_said(
    telegram: FakeTelegram, base: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rasa = FakeRasa()
    async with running_telegram(telegram, rasa, base):
        await greeted(telegram)
        await telegram.deliver(telegram.message("Mme Zanzibar (06 12 34 56 78) veut son dossier"))
        await telegram.until(2)
    assert "masqué" in telegram.sent[0].text
    assert "nom, téléphone" in telegram.sent[0].text
    assert "Zanzibar" not in json.dumps(rasa.asked)
    for private in ("Zanzibar", "veut son dossier", "AAfake-token"):
        assert private not in caplog.text
    kept = Path(base.removeprefix("sqlite:///")).read_bytes()
    wal = Path(base.removeprefix("sqlite:///") + "-wal")
    assert b"Zanzibar" not in kept + (wal.read_bytes() if wal.exists() else b"")


async def test_erasing_forgets_buttons_and_greets_again(telegram: FakeTelegram, base: str) -> None:
    rasa = FakeRasa(items=custom(answer(buttons=[{"title": "Oui", "payload": "/oui"}])))
    async with running_telegram(telegram, rasa, base):
        await greeted(telegram)
        await telegram.deliver(telegram.message("mon hébergeur ?"))
        await telegram.until(1)
        rasa.items = custom({"kind": "notice", "text": "C’est fait.", "erased": True})
        await telegram.deliver(telegram.message("/effacer"))
        await telegram.until(3)
        await telegram.deliver(telegram.press(telegram.sent[0].token("Oui")))
        await telegram.until(5)
    assert rasa.messages == ["mon hébergeur ?", "/erase_data"]
    assert [sent.text for sent in telegram.sent[1:3]] == ["C’est fait.", words.ERASED_HERE_ONLY]
    assert "automatique" in telegram.sent[3].text
    assert telegram.sent[4].text.startswith("Ce choix n’est plus disponible")


async def test_commands_of_rasa_are_only_text(telegram: FakeTelegram, base: str) -> None:
    rasa = FakeRasa()
    async with running_telegram(telegram, rasa, base):
        await greeted(telegram)
        for text in ("/restart", '/show_fiche{"fiche": "a"}', "/effacertout"):
            await telegram.deliver(telegram.message(text))
        await telegram.until(3)
    assert rasa.messages == ["restart", 'show_fiche{"fiche": "a"}', "effacertout"]


async def test_without_its_base_telegram_is_told_to_come_again(telegram: FakeTelegram, base: str) -> None:
    with closing(fresh_base(base)) as opened:
        async with running_telegram(telegram, FakeRasa(), base):
            downgrade(opened, "0002")
            update = telegram.message("mon hébergeur ?")
            assert await telegram.deliver(update) == 503
            upgrade(opened)
            assert await telegram.deliver(update) == 200
            await telegram.until(2)


async def test_long_polling_answers_and_forgets_nothing_over_a_restart(
    telegram: FakeTelegram, base: str
) -> None:
    rasa = FakeRasa()
    telegram.webhook = {"url": "https://ancien.example.fr", "secret": "x"}
    backend = web.Application()
    backend.router.add_post("/webhooks/rest/webhook", rasa.webhook)
    async with serving(telegram) as api, TestServer(backend) as behind:
        url = str(behind.make_url("/"))
        config = FrontConfig(secret=SECRET, rasa_url=url)

        async def run(count: int) -> None:
            channel = TelegramChannel(config_for(api), webhook=False)
            conversation = RasaConversation(url, 5)
            with closing(open_store(base, "telegram")) as store:
                running = asyncio.create_task(assemble(channel, config, conversation, store, QUICK).run())
                await telegram.until(count)
                running.cancel()
                await asyncio.wait({running})
            await channel.close()
            await conversation.close()

        telegram.queue({"update_id": 1})
        telegram.queue(telegram.message("mon hébergeur ?"))
        first = telegram.updates[-1]
        await run(2)
        telegram.updates.insert(0, first)
        telegram.queue(telegram.message("et sinon ?"))
        await run(3)
    assert rasa.messages == ["mon hébergeur ?", "et sinon ?"]
    assert telegram.complaints == []


async def test_an_unknown_token_is_said(telegram: FakeTelegram) -> None:
    async with serving(telegram) as api:
        config = TelegramConfig(token="1:" + "a" * 30, api=api, secret="s")
        channel = TelegramChannel(config, webhook=False)

        async def accept(_: object) -> None: ...

        with pytest.raises(SettingsError, match="MAITRE_TELEGRAM_TOKEN"):
            await channel.receive(accept)
        await channel.close()


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({}, "MAITRE_TELEGRAM_TOKEN"),
        ({"MAITRE_TELEGRAM_TOKEN": "bonjour"}, "MAITRE_TELEGRAM_TOKEN"),
        ({"MAITRE_TELEGRAM_TOKEN": TOKEN_LIKE, "MAITRE_PUBLIC_URL": "http://a.fr"}, "MAITRE_PUBLIC_URL"),
        ({"MAITRE_TELEGRAM_TOKEN": TOKEN_LIKE, "MAITRE_TELEGRAM_API": "http://a.fr"}, "MAITRE_TELEGRAM_API"),
    ],
)
def test_settings_that_cannot_be_used_are_named(env: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as raised:
        telegram_config(SECRET, env)
    assert "AAfake" not in str(raised.value)


def test_secrets_do_not_show() -> None:
    config = telegram_config(SECRET, {"MAITRE_TELEGRAM_TOKEN": TOKEN_LIKE})
    assert not config.has_webhook
    assert "AAfake" not in repr(config)
    assert config.secret not in repr(config)


# --- HTML ---

_WORDS = st.text(
    st.one_of(
        st.sampled_from("abcé àœ’« »<>&\"'*_`[]()#!|~-.…😀👩‍⚕️"),
        st.characters(blacklist_categories=("Cs", "Cc")),
    ),
    max_size=60,
)
_PARAGRAPHS = st.one_of(
    _WORDS,
    _WORDS.map(lambda t: f"**{t}** et _{t}_, puis [lien]( https://a.fr/?x=1&y=2 )"),
    _WORDS.map(lambda t: f'- {t}\n- [{t}](https://www.legifrance.gouv.fr/a?b=1&c="2")\n  - {t}'),
    _WORDS.map(lambda t: f"3. {t}\n4. {t}"),
    _WORDS.map(lambda t: f"## {t}"),
    _WORDS.map(lambda t: f"```\n{t}\n```"),
    st.integers(1, 1500).map(lambda n: "Une phrase, assez longue. 😀 " * (n // 10) + "mot" * n),
    st.integers(1, 90).map(lambda n: "**gras** _italique_ " * n),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_PARAGRAPHS, max_size=8))
def test_any_markdown_makes_messages_that_telegram_takes(paragraphs: list[str]) -> None:
    for message in telegram_html.messages("\n\n".join(paragraphs)):
        text, formats = read_html(message)
        assert 0 < length(text) <= 4096
        assert len(formats) <= 100


def test_long_answers_are_cut_between_paragraphs_and_lose_nothing() -> None:
    paragraphs = [f"Paragraphe {number}. " + "Une phrase entière. " * 60 for number in range(12)]
    pages = [read_html(page)[0] for page in telegram_html.messages("\n\n".join(paragraphs))]
    assert len(pages) == 4
    assert all(page.startswith("Paragraphe") for page in pages)
    assert "\n\n".join(pages).split() == " ".join(paragraphs).split()


def test_a_paragraph_too_long_is_cut_between_sentences_within_its_formats() -> None:
    sentence = "Le médecin 😀 garde le dossier. "
    pages = telegram_html.messages(f"**{(sentence * 300).strip()}**")
    assert len(pages) > 1
    for page in pages:
        text, formats = read_html(page)
        assert text.endswith("dossier.")
        assert formats == [("b", text)]
