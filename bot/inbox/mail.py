"""The editors' reply to a passed question, by e-mail."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

from bot.fiches.typography import typeset
from bot.inbox.address import find_address
from bot.inbox.inbox import PassedQuestion
from bot.settings import SettingsError

TIMEOUT = 20.0  # seconds
_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}

_NOTICE = (
    "Cette réponse est une information juridique générale, donnée d'après votre seule question et le droit "
    "connu de nous à ce jour. Ce n'est pas une consultation : pour une décision qui vous engage, ou si un "
    "délai court, adressez-vous à un avocat, à votre assureur de responsabilité civile professionnelle ou "
    "au conseil départemental de l'Ordre."
)
_ADDRESS = (
    "Votre adresse n'a servi qu'à cet envoi ; nous l'effaçons de notre base dès que ce message est parti. Ne "
    "nous écrivez aucune donnée de patient."
)


class MailError(RuntimeError):
    """The message could not be sent; the text, in French and without password, says why."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """`scheme`: smtp (clear, for a local relay), smtp+starttls or smtps."""

    scheme: str
    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def load_mail(env: Mapping[str, str] | None = None) -> MailSettings:
    """From MAITRE_SMTP_URL (`smtp+starttls://user:password@host:587`) and MAITRE_MAIL_FROM.

    Raises `SettingsError`, which names the variable and never repeats the password.
    """
    env = os.environ if env is None else env
    try:
        url = urlsplit(env.get("MAITRE_SMTP_URL", ""))
        port = url.port
    except ValueError:
        url, port = urlsplit(""), None
    if url.scheme not in _PORTS or not url.hostname:
        raise SettingsError(
            "MAITRE_SMTP_URL\u00a0: donnez l’adresse du serveur d’envoi, par exemple "
            "smtp+starttls://utilisateur:motdepasse@smtp.exemple.fr:587, smtps://… ou smtp://127.0.0.1:25."
        )
    sender = env.get("MAITRE_MAIL_FROM", "")
    if find_address(parseaddr(sender)[1]) is None:
        raise SettingsError(
            "MAITRE_MAIL_FROM\u00a0: donnez l’adresse d’expédition, par exemple "
            "«\u00a0Bonjour Maître <redaction@exemple.fr>\u00a0»."
        )
    return MailSettings(
        scheme=url.scheme,
        host=url.hostname,
        port=port or _PORTS[url.scheme],
        sender=sender,
        user=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
    )


def compose(question: PassedQuestion, answer: str, *, sender: str, to: str) -> EmailMessage:
    """The reply `answer` to `question`, as plain text, with the notice that it is no consultation."""
    name, address = parseaddr(sender)
    message = EmailMessage()
    message["From"] = Address(name or "Bonjour Maître", addr_spec=address)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = f"Réponse à votre question {question.reference}"
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
    message["Content-Language"] = "fr"
    quoted = "\n".join(f"> {line}" for line in question.text.splitlines())
    asked = f"Vous avez transmis cette question à Bonjour Maître le {question.passed_at:%d/%m/%Y} :"
    message.set_content(
        "\n\n".join(
            (
                "Bonjour,",
                typeset(asked),
                quoted,
                typeset("Voici leur réponse."),
                typeset(answer.strip()),
                typeset("Bien à vous,\nLes rédacteurs de Bonjour Maître"),
                "-- \n" + typeset(_NOTICE),
                typeset(_ADDRESS),
            )
        )
        + "\n",
        cte="quoted-printable",
    )
    return message


def send(message: EmailMessage, settings: MailSettings) -> None:
    """Hand `message` to the server. Raises `MailError`."""
    context = ssl.create_default_context()
    try:
        if settings.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=TIMEOUT, context=context
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT)
        with server:
            if settings.scheme == "smtp+starttls":
                server.starttls(context=context)
            if settings.user is not None:
                server.login(settings.user, settings.password or "")
            server.send_message(message)
    except (smtplib.SMTPException, OSError) as error:
        # Without the server's words, which may repeat the address.
        raise MailError(
            f"le serveur d’envoi {settings.host}:{settings.port} n’a pas pris le message "
            f"({type(error).__name__}). Rien n’est marqué comme répondu\u00a0; vérifiez MAITRE_SMTP_URL, "
            "puis recommencez."
        ) from None
