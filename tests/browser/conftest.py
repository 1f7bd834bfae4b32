"""A real `maitre serve`, a real Chromium, and pages that hold the widget."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chat import Chat, Site
from playwright.sync_api import Browser, sync_playwright
from running_service import START_WITHIN, Service, start

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; skips where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("Chromium n'est pas installé (apt-get install chromium)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def site(browser: Browser) -> Iterator[Site]:
    """A site of another origin. Depends on the browser, so that nothing starts where there is none."""
    running = Site()
    yield running
    running.close()


@pytest.fixture(scope="session")
def service(
    site: Site, trained_model: Path, published_base: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """One service for all browser tests, which lists the site's origin."""
    running = start(
        tmp_path_factory.mktemp("var"),
        published_base,
        MAITRE_ORIGINS=site.url,
        MAITRE_CONTACT="acces@example.fr",
        MAITRE_RATE_SESSION="1000",
        MAITRE_RATE_ADDRESS="1000",
    )
    try:
        running.wait_until("/readyz", 200, START_WITHIN)
        site.front = running.url
        yield running
        running.stop()
    finally:
        running.process.kill()
        running.process.wait()


OpenChat = Callable[..., Chat]


@pytest.fixture
def visit(browser: Browser, service: Service) -> Iterator[OpenChat]:
    """Visit an address in a browser that knows nothing yet; `options` are those of its context."""
    contexts = []

    def visit(address: str, **options: Any) -> Chat:
        context = browser.new_context(
            **{"locale": "fr-FR", "viewport": {"width": 1100, "height": 800}, **options}
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        chat = Chat(context.new_page())
        chat.page.goto(address)
        return chat

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def hosted(visit: OpenChat, site: Site) -> Chat:
    """The widget on another site, still closed."""
    return visit(site.url)


@pytest.fixture
def full_page(visit: OpenChat, service: Service) -> Chat:
    """The service's own page."""
    return visit(service.url)
