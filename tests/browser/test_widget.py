"""The widget as doctors meet it: real server, real browser, a strict policy."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from chat import WIDGET, Chat, Site
from playwright.sync_api import Locator, Route, expect
from running_service import START_WITHIN, Service
from widget_samples import (
    ANSWER,
    ARTICLE,
    HOSTILE,
    LETTER,
    MARKUP,
    NOT_COVERED,
    OFF_TOPIC,
    QUESTION,
    STEP,
    UNAVAILABLE,
    UNCLEAR,
)

OpenChat = Callable[..., Chat]

PHONE: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
LEAST_TARGET = 44  # CSS pixels
MOST_BYTES = 15_000

# What is focused, through the shadow root.
FOCUSED = """() => {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return node ? `${node.localName} ${node.textContent || node.getAttribute("aria-label") || ""}`.trim() : "";
}"""


def focused(chat: Chat) -> str:
    name: str = chat.page.evaluate(FOCUSED)
    return name


def tab_to(chat: Chat, name: str, key: str = "Tab") -> None:
    """Press Tab until the control whose text begins with `name` has the focus."""
    for _ in range(60):
        chat.page.keyboard.press(key)
        if focused(chat).partition(" ")[2].startswith(name):
            return
    raise AssertionError(f"no way to {name!r} by keyboard; last {focused(chat)!r}")


def sent(chat: Chat) -> list[dict[str, Any]]:
    """The bodies of the messages sent."""
    return [
        json.loads(request.post_data or "{}")
        for request in chat.requests
        if request.method == "POST" and request.url.endswith("/api/messages")
    ]


def titled(chat: Chat, title: str) -> Locator:
    """The answer under that title. Another reply may follow it: a precision is asked."""
    return chat.replies.filter(has=chat.page.locator("h3", has_text=title)).last


# --- The doctor's question -----------------------------------------------------------------------------


def test_a_letter_gets_a_cited_answer(hosted: Chat, site: Site, service: Service) -> None:
    hosted.open()
    answer = hosted.say(LETTER)
    expect(answer).to_have_attribute("data-kind", "answer")
    expect(answer.locator("h3")).to_contain_text("cyberattaque")
    expect(answer.locator(".summary")).to_be_visible()
    links = answer.locator(".citations a")
    assert links.count() >= 2
    for link in links.all():
        assert (link.get_attribute("href") or "").startswith("https://")
        assert link.get_attribute("rel") == "noopener noreferrer"
    expect(answer.locator(".citations")).to_contain_text("art.\u00a0")
    expect(answer.locator(".citations")).to_contain_text("version du ")
    expect(answer.locator(".review")).to_contain_text("juriste")
    details = answer.locator("details").first
    assert details.get_attribute("open") is None
    details.locator("summary").click()
    expect(details.locator("p").first).to_be_visible()
    # A related fiche is one press away.
    title = answer.locator(".related .choice").first
    name = title.inner_text()
    title.click()
    expect(titled(hosted, name)).to_be_visible(timeout=30_000)
    assert hosted.page.locator(".you").nth(1).inner_text().endswith(name)
    assert "button" in sent(hosted)[1]
    # Only the site and the service were asked for anything, and nothing was refused by the policy.
    assert {request.url.split("/")[2] for request in hosted.requests} == {
        site.url.removeprefix("http://"),
        service.url.split("/")[2],
    }
    assert hosted.violations() == []
    assert hosted.complaints == []


def test_every_kind_of_reply_of_the_server_is_shown(full_page: Chat) -> None:
    for text, kind in (
        (ARTICLE, "law"),
        (OFF_TOPIC, "out_of_domain"),
        (UNCLEAR, "choices"),
        ("bonjour", "notice"),
    ):
        expect(full_page.say(text)).to_have_attribute("data-kind", kind)
    choices = full_page.replies.and_(full_page.page.locator("[data-kind=choices]")).first
    # Each choice stands once, where the text lists it.
    assert choices.locator("li").count() == choices.locator("li button.choice").count() > 0
    choice = choices.locator("button.choice").first
    name = choice.inner_text()
    choice.click()
    expect(titled(full_page, name)).to_be_visible(timeout=30_000)
    assert full_page.violations() == []
    assert full_page.complaints == []


def test_each_example_of_the_welcome_has_an_answer(full_page: Chat) -> None:
    examples = full_page.page.locator(".welcome .choice").all_inner_texts()
    assert len(examples) >= 3
    full_page.page.locator(".welcome .choice").first.click()
    expect(full_page.replies.first).to_have_attribute("data-kind", "answer", timeout=30_000)
    for text in examples[1:]:
        expect(full_page.say(text)).to_have_attribute("data-kind", "answer")


def test_the_welcome_warns_before_the_first_message(hosted: Chat) -> None:
    hosted.open()
    welcome = hosted.page.locator(".welcome")
    for words in ("assistant automatique", "pas une consultation", "aucune donnée de patient"):
        expect(welcome).to_contain_text(words)
    kept = welcome.get_by_text("Ce qui est gardé")
    expect(welcome.get_by_text("Effacer la conversation")).to_be_hidden()
    kept.click()
    expect(welcome.get_by_text("Effacer la conversation")).to_be_visible()
    hosted.say("bonjour")
    expect(welcome).to_be_hidden()


def test_the_whole_reply_is_rendered(hosted: Chat) -> None:
    hosted.open()
    hosted.answer_with(ANSWER)
    answer = hosted.say(QUESTION)
    expect(answer.locator(".context")).to_have_text("À propos de l’hébergement\u00a0:")
    expect(answer.locator(".citations > ol > li")).to_have_count(4)
    expect(answer.locator(".citations details li")).to_have_count(2)
    expect(answer.locator(".citations li").first).to_have_text(
        "art.\u00a0L.\u00a01111-8, II, du code de la santé publique (nouvel onglet)"
        " · version du 01/07/2025 · modifié depuis · lu dans une copie, à contrôler"
    )
    expect(answer.locator(".review")).to_contain_text("Relu le 20/11/2026 par Me Exemple")
    expect(answer.locator(".related .choice")).to_have_text("Et sinon\u00a0?")
    expect(answer.locator(".choices .choice").first).to_have_text("Autre chose")
    expect(answer.locator(".documents a")).to_have_attribute("href", f"{hosted_front(hosted)}documents/x.pdf")
    assert answer.locator(".summary strong").inner_text() == "dès lors"
    # Judging shows no new words of the doctor's; what the bot then asks comes as an ordinary reply.
    hosted.answer_with(
        {"kind": "question", "text": "Qu’est-ce qui manque\u00a0?", "buttons": STEP["buttons"]}
    )
    answer.get_by_role("button", name="Pas utile").click()
    expect(answer.get_by_text("Merci de votre avis.")).to_be_visible()
    expect(answer.get_by_role("button", name="Utile", exact=True)).to_have_attribute("aria-disabled", "true")
    expect(hosted.replies.nth(1)).to_contain_text("Qu’est-ce qui manque")
    expect(hosted.page.locator(".you")).to_have_count(1)
    assert sent(hosted)[-1]["button"] == "p"


def hosted_front(chat: Chat) -> str:
    """The service's address as the widget on another site knows it."""
    source = chat.page.locator("script[type=module]").get_attribute("src") or ""
    return source.removesuffix("widget.js")


def test_the_steps_of_a_diagnosis_show_where_one_stands(hosted: Chat) -> None:
    hosted.open()
    hosted.answer_with(STEP)
    step = hosted.say("suis-je en règle ?")
    expect(step.locator(".kicker")).to_contain_text("Suis-je en règle\u00a0?")
    expect(step.locator(".progress")).to_have_text("Question 2 sur 6 au plus")
    assert step.locator(".dots .done").count() == 2
    hosted.answer_with({**STEP, "progress": {"title": "Suis-je en règle\u00a0?", "step": 3, "of": 6}})
    step.get_by_role("button", name="Mon éditeur").click()
    expect(hosted.replies.nth(1)).to_be_visible()
    expect(step.locator(".chosen")).to_have_text("Mon éditeur (choisi)")
    # Another answer to an earlier step corrects it.
    step.get_by_role("button", name="Moi-même").click()
    expect(hosted.replies.nth(2)).to_be_visible()
    expect(step.locator(".chosen")).to_have_text("Moi-même (choisi)")
    assert [body.get("button") for body in sent(hosted)] == [None, "a", "b"]
    hosted.page.reload()
    expect(hosted.page.locator(".chosen")).to_have_text("Moi-même (choisi)")


@pytest.mark.parametrize("address", ["site", "page"])
def test_a_diagnosis_to_its_end(visit: OpenChat, site: Site, service: Service, address: str) -> None:
    chat = visit(site.url if address == "site" else service.url)
    if address == "site":
        chat.open()
    reply = chat.say("suis-je en règle ?")
    steps = 0
    while reply.get_attribute("data-kind") == "question":
        steps += 1
        assert steps < 40, "a diagnosis without an end"
        expect(reply.locator(".kicker")).to_contain_text("Suis-je en règle\u00a0?")
        expect(reply.locator(".progress")).to_have_text(re.compile(rf"Question {steps} sur \d+ au plus"))
        count = chat.replies.count()
        # No incident at the first question, which would end it at once; then the first choice each time.
        reply.locator("button.choice").nth(1 if steps == 1 else 0).click()
        reply = chat.replies.nth(count)
        reply.wait_for(timeout=30_000)
    assert steps > 2
    expect(reply).to_have_attribute("data-kind", "answer")
    expect(reply.locator(".summary")).to_be_visible()
    assert reply.locator(".citations a").count() >= 1
    assert chat.page.locator(".chosen").count() == steps
    assert chat.violations() == []
    assert chat.complaints == []


# --- Keyboard, phone, zoom -----------------------------------------------------------------------------


def test_all_of_it_by_keyboard(hosted: Chat) -> None:
    page = hosted.page
    tab_to(hosted, "§Une question")
    page.keyboard.press("Enter")
    assert focused(hosted).startswith("textarea")
    page.keyboard.type("Mon hébergeur")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("doit-il être certifié HDS ?")
    page.keyboard.press("Enter")
    hosted.replies.first.wait_for()
    assert sent(hosted)[0]["text"] == "Mon hébergeur\ndoit-il être certifié HDS ?"
    assert focused(hosted).startswith("textarea")  # the focus stays in the field
    expect(hosted.field).to_have_value("")
    tab_to(hosted, "En détail", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(hosted.replies.first.locator("details").first).to_have_attribute("open", "")
    related = hosted.replies.first.locator(".related .choice").first.inner_text()
    tab_to(hosted, related)
    page.keyboard.press("Space")
    expect(titled(hosted, related)).to_be_visible(timeout=30_000)
    assert focused(hosted).startswith("button")  # where it was, so that the next Tab goes on from there
    tab_to(hosted, "Effacer la conversation", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Effacer toute la conversation")).to_be_visible()
    page.keyboard.press("Escape")
    expect(hosted.panel).to_be_visible()  # Escape closed the question alone
    assert "Effacer la conversation" in focused(hosted)
    page.keyboard.press("Escape")
    expect(hosted.panel).to_be_hidden()
    assert "Une question de droit" in focused(hosted)
    expect(hosted.launcher).to_have_attribute("aria-expanded", "false")
    for _ in range(4):  # closed, the panel is out of the tab order
        page.keyboard.press("Tab")
        assert not focused(hosted).startswith("textarea")


def test_a_phone_has_all_of_it_within_320_pixels(visit: OpenChat, site: Site) -> None:
    chat = visit(site.url, **PHONE)
    box = chat.launcher.bounding_box()
    assert box and min(box["width"], box["height"]) >= LEAST_TARGET
    chat.launcher.tap()
    chat.answer_with(ANSWER, STEP, NOT_COVERED, UNAVAILABLE)
    chat.field.fill("Mon hébergeur\nou moi ?")
    chat.page.get_by_role("button", name="Envoyer").tap()
    chat.replies.nth(3).wait_for()
    for summary in chat.page.locator("article summary").all():
        summary.tap()
    wide = chat.page.evaluate(
        """() => [...document.querySelector("bonjour-maitre").shadowRoot.querySelectorAll(".scroll, .bot *")]
          .filter((node) => node.getBoundingClientRect().right > innerWidth + 0.5)
          .map((node) => node.outerHTML.slice(0, 80))"""
    )
    assert wide == []
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= 320
    small = chat.page.evaluate(
        """(least) => [...document.querySelector("bonjour-maitre").shadowRoot.querySelectorAll("*")]
          .filter((node) => ["BUTTON", "SUMMARY", "TEXTAREA"].includes(node.nodeName))
          .filter((node) => node.checkVisibility())
          .map((node) => [node.textContent, node.getBoundingClientRect()])
          .filter(([, box]) => box.height < least - 0.1 || box.width < least - 0.1)
          .map(([text, box]) => `${text} ${box.width}x${box.height}`)""",
        LEAST_TARGET,
    )
    assert small == []
    # The page behind is out of reach while the panel covers it.
    assert chat.page.evaluate(
        "document.querySelector('bonjour-maitre').shadowRoot.querySelector('.panel:modal') !== null"
    )
    chat.page.get_by_role("button", name="Fermer").tap()
    expect(chat.panel).to_be_hidden()


@pytest.mark.parametrize("path", ["hosted", "full page"])
def test_at_400_percent_everything_can_be_reached(
    visit: OpenChat, site: Site, service: Service, path: str
) -> None:
    """1280 by 1024 pixels at 400 % leave 320 by 256 (WCAG 1.4.10)."""
    chat = visit(site.url if path == "hosted" else service.url, viewport={"width": 320, "height": 256})
    if path == "hosted":
        chat.open()
    chat.answer_with(ANSWER)
    answer = chat.say(QUESTION)
    for part in (
        answer.locator(".summary"),
        answer.locator("summary").first,
        answer.locator(".related"),
        chat.field,
    ):
        part.scroll_into_view_if_needed()
        expect(part).to_be_in_viewport()
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_animations_stop_for_who_asks(visit: OpenChat, site: Site) -> None:
    for motion, expected in (("reduce", "none"), ("no-preference", "breathe")):
        chat = visit(site.url, reduced_motion=motion)
        chat.open()
        chat.page.route("**/api/messages", lambda route: None)
        chat.field.fill("a")
        chat.field.press("Enter")
        dot = chat.page.locator(".waiting .dots span").first
        dot.wait_for()
        assert dot.evaluate("node => getComputedStyle(node).animationName") == expected


def test_answers_come_into_the_one_live_log(hosted: Chat) -> None:
    hosted.open()
    hosted.say("bonjour")
    live = hosted.page.locator("bonjour-maitre").locator(
        "[aria-live], [role=log], [role=status], [role=alert]"
    )
    assert [node.get_attribute("role") for node in live.all()] == ["log", "status"]
    expect(hosted.log.locator("article")).to_have_count(1)
    expect(hosted.page.locator("[role=status]")).to_have_text("")
    assert hosted.page.locator("bonjour-maitre > *, bonjour-maitre .root").first.get_attribute("lang") == "fr"


# --- Patient data --------------------------------------------------------------------------------------


def test_patient_data_is_pointed_out_before_anything_leaves(hosted: Chat) -> None:
    hosted.open()
    text = "Mme Durand, née le 12/03/1950, veut son dossier. Tél. 06 12 34 56 78"
    hosted.field.fill(text)
    hosted.field.press("Enter")
    warning = hosted.page.get_by_role("alertdialog", name="Données de patient")
    expect(warning).to_contain_text("un nom\u00a0: Mme Durand")
    expect(warning).to_contain_text("une date de naissance")
    expect(warning).to_contain_text("un numéro de téléphone")
    assert sent(hosted) == []
    assert "Masquer et envoyer" in focused(hosted)
    hosted.page.keyboard.press("Escape")
    expect(warning).to_be_hidden()
    expect(hosted.panel).to_be_visible()
    assert focused(hosted).startswith("textarea")
    expect(hosted.field).to_have_value(text)
    hosted.field.press("Enter")
    hosted.page.get_by_role("button", name="Masquer et envoyer").click()
    hosted.replies.first.wait_for()
    masked = "Mme [nom], née le [date de naissance], veut son dossier. Tél. [téléphone]"
    assert sent(hosted)[0]["text"] == masked
    expect(hosted.page.locator(".you p")).to_have_text(masked)


def test_what_was_sent_as_it_was_is_kept_masked(hosted: Chat) -> None:
    hosted.open()
    hosted.field.fill("Le Dr Benali veut son dossier")
    hosted.field.press("Enter")
    hosted.page.get_by_role("button", name="Envoyer tel quel").click()
    hosted.replies.first.wait_for()
    assert sent(hosted)[0]["text"] == "Le Dr Benali veut son dossier"
    kept = hosted.page.evaluate("JSON.stringify(sessionStorage)")
    assert "Benali" not in kept
    assert "[nom]" in kept


def test_an_address_that_the_bot_asked_for_is_sent_and_not_shown(hosted: Chat) -> None:
    hosted.open()
    hosted.answer_with({"kind": "question", "text": "À quelle adresse\u00a0?", "expects": "email"})
    hosted.say("transmettez ma question")
    hosted.answer_with({"kind": "notice", "text": "C’est noté."})
    hosted.say("docteur@example.fr")
    assert sent(hosted)[1]["text"] == "docteur@example.fr"
    expect(hosted.page.locator(".you p").nth(1)).to_have_text("[courriel]")
    assert "docteur@" not in hosted.page.evaluate("JSON.stringify(sessionStorage)")
    # Unasked, an address is pointed out like the rest.
    hosted.field.fill("docteur@example.fr")
    hosted.field.press("Enter")
    expect(hosted.page.get_by_role("alertdialog")).to_contain_text("une adresse électronique")


# --- History, erasure ----------------------------------------------------------------------------------


def test_nothing_is_kept_before_a_word_is_said(hosted: Chat) -> None:
    hosted.open()
    assert hosted.page.evaluate("[sessionStorage.length, localStorage.length, document.cookie]") == [0, 0, ""]
    hosted.say("bonjour")
    assert hosted.page.evaluate("[sessionStorage.length, localStorage.length, document.cookie]") == [1, 0, ""]
    assert hosted.page.context.cookies() == []


def test_a_reload_loses_nothing(hosted: Chat) -> None:
    hosted.open()
    answer = hosted.say(QUESTION)
    title = answer.locator("h3").inner_text()
    hosted.page.reload()
    expect(hosted.panel).to_be_visible()
    expect(hosted.page.locator(".you p")).to_have_text(QUESTION)
    expect(hosted.replies.first.locator("h3")).to_have_text(title)
    assert focused(hosted).startswith("body")  # the page keeps the focus
    related = hosted.replies.first.locator(".related .choice").first
    name = related.inner_text()
    related.click()  # the server still knows the session's buttons
    expect(titled(hosted, name)).to_be_visible(timeout=30_000)
    assert sent(hosted)[1]["session"]


def test_a_storage_written_by_others_breaks_nothing(visit: OpenChat, site: Site, service: Service) -> None:
    chat = visit(site.url)
    for kept in ("{", "3", "null", '{"entries": [null, 3, {"text": 3, "replies": [{"text": "<b>x</b>"}]}]}'):
        chat.page.evaluate(
            "([key, kept]) => sessionStorage.setItem(key, kept)", [f"bonjour-maitre:{service.url}", kept]
        )
        chat.page.reload()
        chat.open()
        expect(chat.field).to_be_visible()
    expect(chat.replies).to_have_text("Bonjour Maître\u00a0:<b>x</b>")
    assert chat.complaints == []


def test_erasing_erases_here_and_on_the_server(hosted: Chat, service: Service) -> None:
    hosted.open()
    hosted.say(QUESTION)
    token = (
        sent(hosted)
        and json.loads(hosted.page.evaluate("sessionStorage[Object.keys(sessionStorage)[0]]"))["token"]
    )
    hosted.page.get_by_role("button", name="Effacer la conversation").click()
    with hosted.page.expect_response(lambda response: response.request.method == "DELETE") as erasing:
        hosted.page.get_by_role("button", name="Effacer", exact=True).click()
    assert erasing.value.status == 204
    assert erasing.value.request.headers["authorization"] == f"Bearer {token}"
    expect(hosted.page.get_by_role("status")).to_contain_text("effacée, ici et sur le serveur")
    expect(hosted.log).to_be_empty()
    expect(hosted.page.locator(".welcome")).to_be_visible()
    assert hosted.page.evaluate("sessionStorage.length") == 0
    hosted.say("bonjour")
    assert "session" not in sent(hosted)[-1]
    hosted.page.reload()
    expect(hosted.replies).to_have_count(1)


def test_an_answer_on_its_way_is_erased_with_the_rest(hosted: Chat) -> None:
    """Even the first: its session is known only once it came."""
    hosted.open()
    held: list[Route] = []
    hosted.page.route("**/api/messages", lambda route: held.append(route))
    hosted.field.fill("bonjour")
    hosted.field.press("Enter")
    hosted.page.locator(".waiting").wait_for()
    hosted.page.get_by_role("button", name="Effacer la conversation").click()
    hosted.page.get_by_role("button", name="Effacer", exact=True).click()
    expect(hosted.page.get_by_role("status")).to_be_empty()
    with hosted.page.expect_response(lambda response: response.request.method == "DELETE") as erasing:
        held[0].continue_()
    assert erasing.value.status == 204
    expect(hosted.page.get_by_role("status")).to_contain_text("effacée, ici et sur le serveur")
    expect(hosted.log).to_be_empty()
    assert hosted.page.evaluate("sessionStorage.length") == 0


def test_what_the_server_could_not_erase_is_not_said_erased(hosted: Chat) -> None:
    hosted.open()
    hosted.say("bonjour")
    hosted.page.route("**/api/sessions", lambda route: route.abort())
    hosted.page.get_by_role("button", name="Effacer la conversation").click()
    hosted.page.get_by_role("button", name="Effacer", exact=True).click()
    expect(hosted.page.get_by_role("status")).to_contain_text("n’est pas effacée")
    expect(hosted.replies).to_have_count(1)
    assert hosted.page.evaluate("sessionStorage.length") == 1


def test_an_erasure_asked_in_words_clears_the_history_here(hosted: Chat) -> None:
    hosted.open()
    hosted.say("bonjour")
    hosted.answer_with({"kind": "notice", "text": "Tout est effacé.", "erased": True})
    hosted.field.fill("effacez mes données")
    hosted.field.press("Enter")
    expect(hosted.replies).to_contain_text("Tout est effacé.")
    expect(hosted.replies).to_have_count(1)
    assert hosted.page.evaluate("sessionStorage.length") == 0


# --- What goes wrong -----------------------------------------------------------------------------------


def test_offline_the_text_is_kept_until_the_network_is_back(hosted: Chat) -> None:
    hosted.open()
    hosted.page.context.set_offline(True)
    expect(hosted.page.get_by_role("status")).to_contain_text("hors connexion")
    hosted.field.fill("bonjour")
    hosted.field.press("Enter")
    unsent = hosted.page.locator(".unsent")
    expect(unsent).to_contain_text("Non envoyé.")
    hosted.page.context.set_offline(False)
    expect(hosted.page.get_by_role("status")).to_be_empty()
    unsent.get_by_role("button", name="Réessayer").click()
    expect(hosted.replies).to_have_count(1)
    expect(hosted.page.locator(".you")).to_have_count(1)


def test_a_refusal_is_said_and_the_text_given_back(hosted: Chat) -> None:
    hosted.open()
    hosted.answer_with(status=413, error={"code": "too_long", "message": "Votre message est trop long."})
    hosted.field.fill("un texte refusé")
    hosted.field.press("Enter")
    unsent = hosted.page.locator(".unsent")
    expect(unsent).to_contain_text("Votre message est trop long.")
    expect(unsent.get_by_role("button", name="Réessayer")).to_have_count(0)
    unsent.get_by_role("button", name="Modifier").click()
    expect(hosted.field).to_have_value("un texte refusé")
    expect(hosted.page.locator(".you")).to_have_count(0)


def test_an_unreadable_answer_loses_nothing(hosted: Chat) -> None:
    hosted.open()
    for body in ("<html>", "[]", "3", "null", '{"replies": []}', '{"replies": 3}', ""):
        for status in (200, 502):
            hosted.answer_with_text(body, status)
            hosted.field.fill("ma question")
            hosted.field.press("Enter")
            unsent = hosted.page.locator(".unsent")
            expect(unsent).to_contain_text("illisible")
            unsent.get_by_role("button", name="Modifier").click()
            expect(hosted.field).to_have_value("ma question")


def test_a_long_letter_is_welcome_and_counted(hosted: Chat) -> None:
    hosted.open()
    empty = hosted.field.bounding_box()
    hosted.field.fill("Bonjour Maître,\n" * 8)
    grown = hosted.field.bounding_box()
    assert empty and grown and grown["height"] > 2 * empty["height"]
    counter = hosted.page.locator(".counter")
    expect(counter).to_be_empty()
    hosted.field.fill("é" * 3800)
    expect(counter).to_have_text("Encore 200 caractères")
    hosted.field.fill("😀" * 4003)
    expect(counter).to_have_text("3 caractères de trop\u00a0: raccourcissez avant d’envoyer")
    expect(hosted.field).to_have_attribute("aria-invalid", "true")
    hosted.field.press("Enter")
    assert sent(hosted) == []


def test_a_paste_from_a_word_processor_is_clean(hosted: Chat) -> None:
    hosted.open()
    hosted.field.focus()
    hosted.page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text/plain", "Bonjour,\\r\\n\\r\\n\\r\\n\\r\\n\\uf0b7\\tun\\u00ad point");
          data.setData("text/html", "<b style='color:red'>Bonjour</b>");
          const field = document.querySelector("bonjour-maitre").shadowRoot.querySelector("textarea");
          field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, cancelable: true }));
        }"""
    )
    expect(hosted.field).to_have_value("Bonjour,\n\n- un point")


def test_hostile_replies_are_only_text(hosted: Chat) -> None:
    hosted.page.on("dialog", lambda dialog: dialog.dismiss())
    hosted.open()
    hosted.answer_with(*HOSTILE)
    hosted.field.fill("a")
    hosted.field.press("Enter")
    hosted.replies.first.wait_for()
    shadow = hosted.page.locator("bonjour-maitre")
    for name in ("img", "script", "iframe", "b"):
        assert shadow.locator(name).count() == 0
    assert MARKUP in hosted.replies.first.inner_text().replace("\n", "")
    for link in shadow.locator(".log a").all():
        href = link.get_attribute("href") or ""
        assert href.startswith(("https://", hosted_front(hosted)))
    assert hosted.page.locator(".documents a").count() == 1 + 1  # both stay on the service's own origin
    hosted.page.reload()
    hosted.replies.first.wait_for()
    assert hosted.page.evaluate("window.hacked") is None
    assert hosted.violations() == []
    assert hosted.complaints == []


def test_hostile_texts_are_only_text(hosted: Chat) -> None:
    hosted.open()
    for text in (
        MARKUP,
        "javascript:window.hacked=1",
        "/restart",
        '/intent{"a": 1}',
        "\u202eabc\u0000\u200b [x](https://x)",
    ):
        hosted.say(text)
    assert hosted.page.locator("bonjour-maitre").locator("img, script, .you a").count() == 0
    expect(hosted.page.locator(".you p").first).to_have_text(MARKUP)
    assert hosted.page.evaluate("window.hacked") is None
    assert hosted.violations() == []
    assert hosted.complaints == []


# --- Tools ---------------------------------------------------------------------------------------------


def test_an_answer_can_be_copied(visit: OpenChat, site: Site) -> None:
    chat = visit(site.url, permissions=["clipboard-read", "clipboard-write"])
    chat.open()
    chat.answer_with(ANSWER)
    chat.say(QUESTION).get_by_role("button", name="Copier").click()
    expect(chat.page.get_by_role("status")).to_have_text("Réponse copiée.")
    copied = chat.page.evaluate("navigator.clipboard.readText()")
    assert (
        copied
        == "Titre\n\nOui (art. L. 1111-8, II, CSP).\n\nSources\n\n- article\u00a0: https://example.fr/a"
    )


def test_the_conversation_alone_is_printed(visit: OpenChat, site: Site, service: Service) -> None:
    for address in (f"{site.url}/chez-nous", service.url):
        chat = visit(address)
        chat.page.add_init_script(
            """window.print = () => {
              top.printed = [document.title, document.body.innerText, document.adoptedStyleSheets.length];
            }"""
        )
        chat.page.reload()
        if chat.launcher.count():
            chat.open()
        chat.say(QUESTION)
        chat.page.get_by_role("button", name="Imprimer la conversation").click()
        chat.page.wait_for_function("window.printed")
        title, text, sheets = chat.page.evaluate("window.printed")
        assert title == "Bonjour Maître"
        assert QUESTION in text
        assert "Conversation du " in text
        assert "Quatre conditions doivent être réunies" in text  # unfolded
        assert "Médecins d’ici" not in text
        assert "Copier" not in text
        assert sheets == 1
        assert chat.violations() == []


# --- A site's settings ---------------------------------------------------------------------------------


def test_a_site_chooses_words_side_and_colour(visit: OpenChat, site: Site) -> None:
    chat = visit(
        f"{site.url}/?open heading='Droit' position='left' accent='%2300695c' "
        'strings=\'{"send":"Poser"}\''
    )
    expect(chat.panel).to_be_visible()
    assert focused(chat).startswith("body")  # opened on load, the page keeps the focus
    expect(chat.page.get_by_role("dialog", name="Droit")).to_be_visible()
    expect(chat.page.get_by_role("button", name="Poser")).to_be_visible()
    box = chat.panel.bounding_box()
    assert box and box["x"] < 100
    send = chat.page.locator(".send")
    assert send.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(0, 105, 92)"
    assert chat.complaints == []


def test_a_colour_that_cannot_be_read_is_moved(visit: OpenChat, site: Site) -> None:
    chat = visit(f"{site.url}/?accent='%23ffd700'")
    shown = chat.launcher.evaluate("node => getComputedStyle(node).backgroundColor")
    assert shown != "rgb(255, 215, 0)"
    assert len(chat.complaints) == 1
    assert "4.5 needed" in chat.complaints[0]
    chat = visit(f"{site.url}/?accent='rouge' strings='non'")
    expect(chat.launcher).to_be_visible()
    assert len(chat.complaints) == 2


def test_the_widget_follows_the_scheme(visit: OpenChat, site: Site) -> None:
    background = "node => getComputedStyle(node).backgroundColor"
    seen = {}
    for system in ("light", "dark"):
        for attribute in ("", "scheme='light'", "scheme='dark'"):
            chat = visit(f"{site.url}/?{attribute}", color_scheme=system)
            chat.open()
            seen[system, attribute] = chat.page.locator(".composer").evaluate(background)
    light, dark = seen["light", ""], seen["dark", ""]
    assert light != dark
    assert seen["dark", "scheme='light'"] == light
    assert seen["light", "scheme='dark'"] == dark


def test_a_site_that_is_not_listed_is_refused(visit: OpenChat, site: Site) -> None:
    chat = visit(site.stranger)
    chat.open()
    chat.field.fill("bonjour")
    chat.field.press("Enter")
    expect(chat.page.locator(".unsent")).to_contain_text("Le service ne répond pas")
    assert any("CORS" in complaint for complaint in chat.complaints)


def test_the_strictest_policy_of_all_is_enough(visit: OpenChat, site: Site) -> None:
    """`script-src 'self'` and nothing else: the widget served by the site, the API elsewhere."""
    chat = visit(f"{site.url}/chez-nous")
    chat.open()
    expect(chat.say(QUESTION)).to_have_attribute("data-kind", "answer")
    assert chat.violations() == []
    assert chat.complaints == []


def test_the_widget_weighs_little(full_page: Chat, service: Service) -> None:
    response = full_page.page.request.get(f"{service.url}widget.js", headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert int(response.headers["content-length"]) <= MOST_BYTES
    assert "innerHTML" not in WIDGET.read_text()


# --- Last, for it takes the service down ---------------------------------------------------------------


def test_a_service_killed_and_back_loses_no_text(hosted: Chat, service: Service) -> None:
    hosted.open()
    hosted.say(QUESTION)
    service.kill()
    hosted.field.fill(ARTICLE)
    hosted.field.press("Enter")
    unsent = hosted.page.locator(".unsent")
    expect(unsent).to_contain_text("Le service ne répond pas")
    expect(unsent.locator("p").first).to_have_text(ARTICLE)
    service.start_again()
    service.wait_until("/healthz", 200, 60)
    unsent.get_by_role("button", name="Réessayer").click()
    # The front is back before Rasa is: it says so, gives no law, and offers to ask again.
    waiting = hosted.page.locator("[data-kind=unavailable]")
    expect(waiting).to_be_visible(timeout=30_000)
    service.wait_until("/readyz", 200, START_WITHIN)
    waiting.get_by_role("button", name="Réessayer").click()
    expect(hosted.replies.last).to_have_attribute("data-kind", "law", timeout=30_000)
