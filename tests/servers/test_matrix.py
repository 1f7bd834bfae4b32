"""The Matrix channel as a host runs it: the real Synapse, the real service, encrypted rooms."""

from __future__ import annotations

import asyncio
import re
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import running_service
from matrix_people import Bot, Doctor, answers
from mautrix.types import EventType
from synapse import Synapse, start_synapse

LETTER = (
    "Bonjour Maître, notre logiciel garde toutes les données médicales dans le cloud de l'éditeur, avec une "
    "sauvegarde quotidienne, et notre ordinateur a une protection payante. Devons-nous souscrire en plus un "
    "système anti-cyberattaque ? Merci."
)
QUESTION = "L'hébergeur de mes dossiers patients doit-il être certifié HDS ?"


@pytest.fixture(scope="module")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    """A homeserver for the module."""
    server = start_synapse(tmp_path_factory.mktemp("synapse"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def service(
    synapse: Synapse, trained_model: Path, published_base: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[running_service.Service]:
    """A ready `maitre serve` for the module."""
    running = running_service.start(tmp_path_factory.mktemp("var"), published_base)
    try:
        running.wait_until("/readyz", 200, running_service.START_WITHIN)
        yield running
        running.stop()
    finally:
        running.process.kill()
        running.process.wait()


@pytest.fixture(scope="module")
def bot(service: running_service.Service, synapse: Synapse) -> Iterator[Bot]:
    """The channel of that service, started for the first time; the account's password is given only then."""
    running = Bot(
        synapse.register("bonjour-maitre", "pass-of-the-bot"),
        {
            **service.environment,
            "MAITRE_MATRIX_HOMESERVER": synapse.url,
            "MAITRE_MATRIX_USER": "@bonjour-maitre:maitre.test",
        },
        service.var,
    )
    running.start(MAITRE_MATRIX_PASSWORD="pass-of-the-bot")
    yield running
    running.kill()


@pytest.fixture
async def doctor(
    request: pytest.FixtureRequest, synapse: Synapse, bot: Bot, tmp_path: Path
) -> AsyncIterator[Doctor]:
    """A new doctor."""
    opened = await Doctor.open(synapse, request.node.name.replace("_", "-"), tmp_path)
    yield opened
    await opened.close()


async def test_a_letter_its_details_a_choice_and_a_follow_up(doctor: Doctor, bot: Bot) -> None:
    room = await doctor.invite(bot.user)
    welcome = await doctor.hears(room, "assistant automatique")
    assert welcome["msgtype"] == "m.notice"
    assert "N’écrivez aucune donnée de patient" in welcome["body"]
    assert "/effacer" in welcome["body"]

    said = await doctor.hears_answer_to(room, await doctor.write(room, LETTER))
    answer = said[0]
    assert "Que faire" not in answer["body"]
    assert "<strong>Sources</strong>" in answer["formatted_body"]
    assert '<a href="https://' in answer["formatted_body"]
    assert "**" not in answer["body"]
    assert len(doctor.heard[room]) == 2  # the welcome, once, and the answer

    said = await doctor.hears_answer_to(room, await doctor.write(room, "détails"))
    assert "Attention" in said[0]["body"]

    # The choices stay after their details were shown.
    titles = dict(re.findall(r"^(\d)\. (.+?) *$", answer["body"], re.MULTILINE))
    assert titles["1"] == "En détail"
    last = max(number for number, title in titles.items() if title.endswith("?"))
    said = await doctor.hears_answer_to(room, await doctor.write(room, last))
    assert titles[last] in said[0]["body"]

    title = re.findall(r"^\d\. (.+?\?) *$", said[0]["body"], re.MULTILINE)[-1]
    said = await doctor.hears_answer_to(room, await doctor.write(room, title.lower()))
    assert title in said[0]["body"]


async def test_killed_in_mid_conversation_it_loses_nothing_and_repeats_nothing(
    doctor: Doctor, bot: Bot
) -> None:
    room = await doctor.invite(bot.user)
    await doctor.hears(room, "assistant automatique")
    asked = [await doctor.write(room, QUESTION)]
    await doctor.hears_answer_to(room, asked[0])

    asked.append(await doctor.write(room, LETTER))
    bot.kill()  # while it reads, asks or answers
    asked.append(await doctor.write(room, "2"))  # a choice among those of an answer, while it is away
    bot.start()
    for event in asked[1:]:
        await doctor.hears_answer_to(room, event)

    asked.append(await doctor.write(room, "2"))
    await doctor.hears_answer_to(room, asked[-1])
    assert bot.stop() == 0
    bot.start()
    asked.append(await doctor.write(room, "détails"))
    said = await doctor.hears_answer_to(room, asked[-1])
    assert "Attention" in said[0]["body"]
    await asyncio.sleep(2)
    assert [event for event in map(answers, doctor.heard[room]) if event] == asked


async def test_a_diagnosis_goes_on_after_a_kill(doctor: Doctor, bot: Bot) -> None:
    room = await doctor.invite(bot.user)
    asked = [await doctor.write(room, "suis-je en règle ?")]
    first = await doctor.hears(room, "Étape 1")
    assert "incident" in first["body"]
    assert first["body"].count("2. Non") == 1
    asked.append(await doctor.write(room, "2"))
    await doctor.hears(room, "Étape 2")
    asked.append(await doctor.write(room, "1"))
    bot.kill()
    bot.start()
    await doctor.hears(room, "Étape 3")
    await asyncio.sleep(2)
    assert [event for event in map(answers, doctor.heard[room]) if event] == asked
    assert [sum(f"Étape {step} " in said["body"] for said in doctor.heard[room]) for step in (2, 3, 4)] == [
        1,
        1,
        0,
    ]


async def test_edits_are_answered_anew_and_removals_erase(doctor: Doctor, bot: Bot) -> None:
    room = await doctor.invite(bot.user)
    await doctor.hears(room, "assistant automatique")
    first = await doctor.write(room, "merci")
    await doctor.hears_answer_to(room, first)
    edit = await doctor.write(room, QUESTION, instead_of=first)
    said = await doctor.hears_answer_to(room, edit)
    assert "1111-8" in said[0]["body"]

    await doctor.client.redact(room, edit)
    await doctor.hears(room, "Les messages restent visibles")
    # Nothing of before is left to choose from: it begins anew.
    said = await doctor.hears_answer_to(room, await doctor.write(room, "2"))
    assert "assistant automatique" in said[0]["body"]
    assert not any("Comment vérifier" in one["body"] for one in said)


async def test_patient_data_commands_and_what_is_not_text(doctor: Doctor, bot: Bot) -> None:
    room = await doctor.invite(bot.user)
    await doctor.hears(room, "assistant automatique")
    event = await doctor.write(room, f"{QUESTION} C'est pour Mme Zanzibar, 06 12 34 56 78.")
    said = await doctor.hears_answer_to(room, event)
    assert "masqué" in said[0]["body"]
    assert "téléphone" in said[0]["body"]
    await doctor.hears(room, "1111-8")
    assert "Zanzibar" not in "".join(heard["body"] for heard in doctor.heard[room])

    said = await doctor.hears_answer_to(room, await doctor.write(room, "/aide"))
    assert "poser une question" in said[0]["body"]
    await doctor.write(room, "!effacer")
    await doctor.hears(room, "Les messages restent visibles")

    photo = {"msgtype": "m.image", "body": "photo.jpg", "url": "mxc://maitre.test/photo"}
    event = str(await doctor.client.send_message_event(room, EventType.ROOM_MESSAGE, photo))
    await doctor.hears_answer_to(room, event)
    await doctor.hears(room, "messages écrits")


async def test_it_answers_only_rooms_of_two_and_invitations_from_the_list(
    doctor: Doctor, bot: Bot, synapse: Synapse, tmp_path: Path
) -> None:
    colleague = await Doctor.open(synapse, "colleague", tmp_path)
    try:
        room = await doctor.invite(bot.user)
        await doctor.hears(room, "assistant automatique")
        await doctor.client.invite_user(room, colleague.client.mxid)
        await colleague.client.join_room_by_id(room)
        await doctor.hears(room, "qu’en conversation directe")
        await doctor.until_left(room, bot.user)
    finally:
        await colleague.close()
    bot.stop()
    bot.start(MAITRE_MATRIX_SERVERS="ordre.test")
    room = await doctor.propose(bot.user)
    await doctor.until_left(room, bot.user)
    bot.stop()
    bot.start()


async def test_its_device_is_signed_its_keys_are_private_and_its_logs_silent(
    doctor: Doctor, bot: Bot, service: running_service.Service
) -> None:
    room = await doctor.invite(bot.user)
    await doctor.hears(room, "assistant automatique")
    said = await doctor.hears_answer_to(room, await doctor.write(room, f"Tombouctou, {QUESTION}"))
    assert said[0]["trust"].name == "CROSS_SIGNED_TOFU"
    folder = service.var / "matrix"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    kept = b"".join(path.read_bytes() for path in folder.glob("store.db*"))
    assert b"Tombouctou" not in kept
    logs = (bot.var / "channel.out").read_text() + service.output()
    assert "Tombouctou" not in logs
    assert room not in logs
    assert doctor.client.mxid not in logs


async def test_fifty_rooms_at_once(doctor: Doctor, bot: Bot) -> None:
    locked = await doctor.invite(bot.user)
    await doctor.write_without_key(locked)
    rooms = await asyncio.gather(*(doctor.invite(bot.user) for _ in range(50)))
    events = await asyncio.gather(*(doctor.write(room, QUESTION) for room in rooms))
    for room, event in zip(rooms, events, strict=True):
        said = await doctor.hears_answer_to(room, event)
        assert "1111-8" in said[0]["body"]
    await asyncio.sleep(2)
    for room, event in zip(rooms, events, strict=True):
        heard = doctor.heard[room]
        assert [answered for answered in map(answers, heard) if answered] == [event]
        assert len({said["body"] for said in heard}) == len(heard)
    # What no key opens held up nobody, and its author is told.
    await doctor.hears(locked, "la clé qui permet de déchiffrer")
