"""`GET /api/transcript`: the documents of a session, behind links that only serve for a while."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from aiohttp import web
from msgspec.structs import replace

from bot.dialogue.reply import Reply
from bot.front import refusals
from bot.front.reception import Reception
from bot.front.refusals import Refusal
from bot.front.sessions import SessionTokens
from bot.transcript.content import Transcript, content
from bot.transcript.html import POLICY, to_html
from bot.transcript.pdf import to_pdf

PATH = "/api/transcript"
LIFETIME = 15 * 60  # seconds


class Transcripts:
    """Signs the links of a Reply's documents, and serves what they lead to."""

    def __init__(self, reception: Reception, secret: bytes, lifetime: float = LIFETIME) -> None:
        self._reception = reception
        self._tokens = SessionTokens(secret, lifetime, purpose="transcript")

    def sign(self, session: str, reply: Reply) -> Reply:
        """`reply` whose links to a transcript open that of `session`."""
        if not reply.documents:
            return reply
        token = self._tokens.sign(session)
        return replace(
            reply,
            documents=tuple(
                replace(document, href=f"{document.href}&token={token}")
                if document.href.startswith(f"{PATH}?")
                else document
                for document in reply.documents
            ),
        )

    async def get(self, request: web.Request) -> web.Response:
        """The document that the query names: `token`, and `format` html or pdf."""
        try:
            session = self._tokens.read(request.query.get("token", ""))
        except Refusal:
            raise refusals.link_invalid() from None
        made_at = datetime.now(UTC)
        transcript = content(self._reception.conversation(session), made_at)
        name = f"transcription-{made_at:%Y-%m-%d}"
        if request.query.get("format") == "pdf":
            # Half a second of work, for a long conversation: not on the event loop.
            return _pdf(await asyncio.to_thread(to_pdf, transcript, made_at), name)
        return _html(transcript, name)


def _pdf(body: bytes, name: str) -> web.Response:
    disposition = f'attachment; filename="{name}.pdf"'
    return web.Response(
        body=body, content_type="application/pdf", headers={"Content-Disposition": disposition}
    )


def _html(transcript: Transcript, name: str) -> web.Response:
    return web.Response(
        text=to_html(transcript),
        content_type="text/html",
        headers={
            "Content-Disposition": f'inline; filename="{name}.html"',
            "Content-Security-Policy": POLICY,
        },
    )
