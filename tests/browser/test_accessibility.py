"""axe-core finds nothing to say, in each state of the widget; what it cannot see is in test_widget.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chat import Chat, Site
from playwright.sync_api import expect
from running_service import Service
from widget_samples import ANSWER, ARTICLE, NOT_COVERED, OFF_TOPIC, QUESTION, STEP, UNAVAILABLE, UNCLEAR

AXE = Path(__file__).parents[2] / "widget" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (rules) => {
  const found = await axe.run(document, { runOnly: { type: "tag", values: rules } });
  const told = found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 99)}`));
  return [told, found.passes.length];
}"""
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True},
    "forced colours": {"forced_colors": "active"},
}

pytestmark = pytest.mark.skipif(
    not AXE.exists(), reason="axe-core n'est pas installé (npm ci dans widget/, que fait `make browser`)"
)


def check(chat: Chat, state: str) -> None:
    """Fail on any violation; that axe looked at something is checked too."""
    if not chat.page.evaluate("typeof axe === 'object'"):
        chat.page.evaluate(f"() => {{ {AXE.read_text()} }}")
    told, passes = chat.page.evaluate(RUN, RULES)
    assert told == [], state
    assert passes > 10, state


@pytest.mark.parametrize("look", LOOKS)
def test_no_violation_in_any_state_on_a_site(visit: Callable[..., Chat], site: Site, look: str) -> None:
    chat = visit(site.url, **LOOKS[look])
    page = chat.page
    check(chat, "closed")
    chat.open()
    check(chat, "welcome")
    page.locator(".welcome summary").click()
    check(chat, "welcome unfolded")
    for text in (QUESTION, ARTICLE, OFF_TOPIC, UNCLEAR):
        chat.say(text)
        check(chat, text)
    chat.answer_with(ANSWER)
    answer = chat.say(QUESTION)
    for summary in answer.locator("summary").all():
        summary.click()
    check(chat, "answer unfolded")
    answer.get_by_role("button", name="Pas utile").click()
    expect(answer.get_by_text("Merci de votre avis.")).to_be_visible()
    check(chat, "judged")
    chat.answer_with(STEP)
    step = chat.say("diagnostic")
    check(chat, "step")
    step.get_by_role("button", name="Mon éditeur").click()
    expect(step.get_by_role("button", name="Mon éditeur (choisi)")).to_be_visible()
    check(chat, "step answered")
    for reply in (NOT_COVERED, UNAVAILABLE):
        chat.answer_with(reply)
        chat.say("a")
        check(chat, reply["kind"])
    chat.answer_with(status=413, error={"code": "too_long", "message": "Votre message est trop long."})
    chat.field.fill("trop long")
    chat.field.press("Control+Enter")
    expect(page.locator(".unsent")).to_be_visible()
    check(chat, "refused")
    chat.field.fill("é" * 4001)
    check(chat, "too long")
    chat.field.fill("Mme Durand, née le 12/03/1950")
    chat.field.press("Control+Enter")
    expect(page.get_by_role("alertdialog")).to_be_visible()
    check(chat, "patient data")
    page.get_by_role("button", name="Relire").click()
    page.context.set_offline(True)
    expect(page.get_by_role("status")).not_to_be_empty()
    check(chat, "offline")
    page.context.set_offline(False)
    page.get_by_role("button", name="Effacer la conversation").click()
    check(chat, "erase?")
    page.get_by_role("button", name="Garder", exact=True).click()
    page.unroute("**/api/messages")
    page.route("**/api/messages", lambda route: None)
    chat.field.fill("a")
    chat.field.press("Control+Enter")
    page.locator(".waiting").wait_for()
    check(chat, "waiting")


@pytest.mark.parametrize("look", LOOKS)
def test_no_violation_on_our_own_pages(visit: Callable[..., Chat], service: Service, look: str) -> None:
    chat = visit(service.url, **LOOKS[look])
    check(chat, "welcome")
    chat.field.fill(QUESTION)
    chat.field.press("Control+Enter")
    chat.replies.first.wait_for()
    check(chat, "answer")
    chat = visit(f"{service.url}accessibilite", **LOOKS[look])
    check(chat, "statement")
    assert chat.violations() == []
    expect(chat.page.get_by_role("link", name="acces@example.fr")).to_be_visible()
    expect(chat.page.get_by_role("heading", level=1)).to_have_text("Déclaration d’accessibilité")
