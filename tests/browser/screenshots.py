"""The pictures of `docs/images`, taken by `make screenshots`: real service, real answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from chat import Chat, Site
from playwright.sync_api import expect
from running_service import Service
from widget_samples import QUESTION

IMAGES = Path(__file__).parents[2] / "docs" / "images"
DESKTOP = {"width": 1280, "height": 860}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}

Visit = Callable[..., Chat]


def take(chat: Chat, name: str) -> None:
    """Save what is in view, once still."""
    chat.page.wait_for_timeout(600)
    chat.page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")


def send(chat: Chat, text: str) -> None:
    """Write and send, by the button: on a phone, Enter ends a line."""
    count = chat.replies.count()
    chat.field.fill(text)
    chat.page.get_by_role("button", name="Envoyer").click()
    expect(chat.replies.nth(count)).to_be_visible(timeout=60_000)


def test_welcome(visit: Visit, service: Service) -> None:
    take(visit(service.url, viewport=DESKTOP), "accueil")


def test_answer(visit: Visit, service: Service) -> None:
    chat = visit(service.url, viewport=DESKTOP)
    send(chat, QUESTION)
    chat.page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    take(chat, "reponse")


def test_on_a_site(visit: Visit, site: Site) -> None:
    chat = visit(site.url, viewport={"width": 1180, "height": 780})
    chat.open()
    send(chat, QUESTION)
    take(chat, "site")


def test_phone(visit: Visit, site: Site) -> None:
    for name, scheme in (("telephone", "light"), ("telephone-sombre", "dark")):
        chat = visit(site.url, color_scheme=scheme, **PHONE)
        chat.open()
        send(chat, QUESTION)
        take(chat, name)


def test_forced_colours(visit: Visit, service: Service) -> None:
    chat = visit(service.url, viewport=DESKTOP, forced_colors="active", color_scheme="dark")
    send(chat, QUESTION)
    take(chat, "couleurs-imposees")


def test_diagnosis(visit: Visit, service: Service) -> None:
    chat = visit(service.url, viewport=DESKTOP)
    send(chat, "Suis-je en règle ?")
    for choice in (1, 0):
        count = chat.replies.count()
        chat.replies.last.locator("button.choice").nth(choice).click()
        expect(chat.replies.nth(count)).to_be_visible(timeout=60_000)
    take(chat, "diagnostic")
