"""Telegram end to end: `maitre serve --channels telegram`, real Rasa, the strict stand-in for the Bot API."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fake_telegram import TOKEN, FakeTelegram, Refused, serving
from running_service import START_WITHIN, start

LETTER = (
    "Bonjour Maître, notre logiciel garde toutes les données médicales dans le cloud de l'éditeur, avec une "
    "sauvegarde quotidienne, et notre ordinateur a une protection payante. Devons-nous souscrire en plus un "
    "système anti-cyberattaque ? Mme Zanzibar, ma secrétaire, le pense. Merci."
)
QUESTION = "L'hébergeur de mes dossiers patients doit-il être certifié HDS ?"


async def test_a_letter_is_answered_through_the_webhook_and_survives_a_kill(
    trained_model: Path, published_base: str, tmp_path: Path
) -> None:
    telegram = FakeTelegram()
    async with serving(telegram) as api:
        service = start(
            tmp_path,
            published_base,
            "--channels",
            "telegram",
            MAITRE_TELEGRAM_TOKEN=TOKEN,
            MAITRE_TELEGRAM_API=api.rstrip("/"),
            MAITRE_PUBLIC_URL="https://maitre.example.fr",
        )
        telegram.front = service.url.rstrip("/")
        try:
            await asyncio.to_thread(service.wait_until, "/readyz", 200, START_WITHIN)
            assert await telegram.deliver(telegram.message(LETTER)) == 200
            await telegram.until(3)
            welcome, warning, short = telegram.sent
            assert "automatique" in welcome.text
            assert "masqué" in warning.text
            assert short.bold[0].startswith("Dois-je souscrire en plus un système contre les cyberattaques")
            assert any(link.startswith("https://") for link in short.links)
            assert short.labels[0] == "En détail"

            await telegram.deliver(telegram.press(short.token("En détail")))
            await telegram.until(5)  # too long for one message
            details = [message.text for message in telegram.sent[3:]]
            assert telegram.sent[3].bold[0] == short.bold[0]
            assert details[0] != short.text

            # Killed once the answer is known and before it is sent.
            telegram.failures["sendMessage"] = [Refused(502, "Bad Gateway")] * 10_000
            before = len(telegram.calls)
            update = telegram.message(QUESTION)
            assert await telegram.deliver(update) == 200
            async with asyncio.timeout(60):
                while not any(name == "sendMessage" for name, _ in telegram.calls[before:]):
                    await asyncio.sleep(0.05)
            await asyncio.to_thread(service.kill)
            telegram.failures["sendMessage"].clear()
            service.start_again()
            await telegram.until(7)  # the answer, and the question that makes it precise
            answer, precision = telegram.sent[5:]
            assert any("L1111-8" in link or "legifrance" in link for link in answer.links)
            assert "préciser" in precision.text

            await asyncio.to_thread(service.wait_until, "/readyz", 200, START_WITHIN)
            assert await telegram.deliver(update) == 200
            await telegram.deliver(telegram.press(short.token("En détail")))
            await telegram.until(9)
            assert [message.text for message in telegram.sent[7:]] == details
            await telegram.deliver(telegram.message("/effacer"))
            await telegram.until(10)
            assert "effacé" in telegram.sent[9].text
            assert [message.text for message in telegram.sent].count(answer.text) == 1
            assert telegram.complaints == []
            output = service.output()
            for private in ("Zanzibar", "cyberattaque", "hébergeur de mes", TOKEN):
                assert private not in output
            await asyncio.to_thread(service.stop)
        finally:
            service.process.kill()
            service.process.wait()
