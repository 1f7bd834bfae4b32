"""The widget on a page, and a site of another origin that embeds it."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from playwright.sync_api import Locator, Page, Request

HERE = Path(__file__).parent
WIDGET = HERE.parents[1] / "bot" / "front" / "static" / "widget.js"
CORS = {"Access-Control-Allow-Origin": "*"}
VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
});
"""


class Site:
    """A site that embeds the widget under the strictest policy that lets it work.

    Two addresses lead to it: `url`, which the service lists, and `stranger`, which it does not. The
    query holds the attributes of the element.
    """

    def __init__(self) -> None:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site._answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.front = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url, self.stranger = f"http://127.0.0.1:{self.port}", f"http://localhost:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        path, _, query = request.path.partition("?")
        # `/chez-nous` serves the widget from the site itself: then the policy names the API alone.
        own = path == "/chez-nous"
        source = "/widget.js" if own else f"{self.front}widget.js"
        attributes = unquote(query) + (f' api="{self.front}"' if own else "")
        body, media = {
            "/widget.js": (WIDGET.read_bytes(), "text/javascript"),
            "/site.css": ((HERE / "site.css").read_bytes(), "text/css"),
        }.get(
            path,
            (
                (HERE / "site.html").read_text().format(source=source, attributes=attributes).encode(),
                "text/html",
            ),
        )
        script = "'self'" if own else f"'self' {self.front}"
        policy = (
            f"default-src 'none'; script-src {script}; style-src 'self'; connect-src 'self' {self.front}; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        )
        request.send_response(200)
        request.send_header("Content-Type", f"{media}; charset=utf-8")
        request.send_header("Content-Security-Policy", policy)
        request.end_headers()
        request.wfile.write(body)


@dataclass
class Chat:
    """The widget on a page, and what the browser said about it."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.add_init_script(VIOLATIONS)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.page.on("request", lambda request: self.requests.append(request))

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    @property
    def launcher(self) -> Locator:
        return self.page.get_by_role("button", name="Une question de droit ?", exact=True)

    @property
    def field(self) -> Locator:
        return self.page.get_by_role("textbox", name="Votre question")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def replies(self) -> Locator:
        return self.page.locator("article.bot")

    @property
    def panel(self) -> Locator:
        return self.page.locator("bonjour-maitre .panel")

    def open(self) -> None:
        self.launcher.click()
        self.field.wait_for()

    def say(self, text: str) -> Locator:
        """Write and send; the first new reply. With Control, since Enter alone ends a line on a phone."""
        count = self.replies.count()
        self.field.fill(text)
        self.field.press("Control+Enter")
        reply = self.replies.nth(count)
        reply.wait_for(timeout=30_000)
        return reply

    def answer_with(self, *replies: dict[str, Any], status: int = 200, **body: Any) -> None:
        """Have the next messages answered by these replies, for what the real server does not say."""
        answered = body or {"replies": list(replies), "session": "s"}
        self.answer_with_text(json.dumps(answered), status)

    def answer_with_text(self, body: str, status: int = 200) -> None:
        """Have the next messages answered by `body`, JSON or not."""
        self.page.unroute("**/api/messages")
        self.page.route(
            "**/api/messages", lambda route: route.fulfill(status=status, body=body, headers=CORS)
        )

    def violations(self) -> list[str]:
        """What the content security policy and Trusted Types refused."""
        refused: list[str] = self.page.evaluate("window.violations")
        return refused
