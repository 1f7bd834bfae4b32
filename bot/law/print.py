"""Citations in the words a reader expects: "article L. 1111-8, II, du code de la santé publique"."""

from __future__ import annotations

import re
from datetime import date

from bot.law.codes import APPEAL_SEATS, CODES, MULTIPLICATIVES, Code
from bot.law.reference import Citation

NBSP = "\u00a0"
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_NUMBER = re.compile(rf"(LO|[LRDA])?(\d[\d-]*?)({'|'.join(MULTIPLICATIVES)})?([A-Z]+)?")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def canonical(citation: Citation) -> str:
    """The form written in fiches, without brackets: "RGPD 28, § 3, h)"."""
    return citation.key


def label(citation: Citation) -> str:
    """The citation in full, in French, with non-breaking spaces: "article 28, § 3, h), du RGPD"."""
    code, number = CODES[citation.reference.code], citation.reference.number
    pins = "".join(f", {pin_label(pin)}" for pin in citation.pinpoint)
    if code.has_articles:
        close = "," if pins else ""
        return f"{_article_words(number)}{pins}{close} {_genitive(code)}"
    return _text(code, number) + pins


def short_label(citation: Citation) -> str:
    """The citation for a narrow place: "art. L. 1111-8, II, CSP", "CE, n° 449694"."""
    code, number = CODES[citation.reference.code], citation.reference.number
    pins = "".join(f", {pin_label(pin)}" for pin in citation.pinpoint)
    if code.has_articles:
        close = "," if pins else ""
        return f"{_article_words(number, short=True)}{pins}{close} {code.court.replace(' ', NBSP)}"
    return _text(code, number, short=True) + pins


def number_label(number: str) -> str:
    """An article's number as printed: "L1111-8" → "L. 1111-8", "293B" → "293 B"."""
    m = _NUMBER.fullmatch(number)
    if m is None:
        return number
    letter, digits, multiplicative, suffix = m.groups()
    # Organic-law articles take no dot: "LO 111-3".
    head = {None: "", "LO": f"LO{NBSP}"}.get(letter, f"{letter}.{NBSP}")
    return head + NBSP.join(part for part in (digits, multiplicative, suffix) if part)


def pin_label(pin: str) -> str:
    """A canonical pin as printed: the same with spaces that do not break."""
    return pin.replace(" ", NBSP)


def date_label(day: date) -> str:
    """A date in French: "1er janvier 2027"."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}{NBSP}{MONTHS[day.month - 1]}{NBSP}{day.year}"


def _genitive(code: Code) -> str:
    return code.genitif.replace("n° ", f"n°{NBSP}").replace("NIS 2", f"NIS{NBSP}2")


def _article_words(number: str, *, short: bool = False) -> str:
    if number.startswith("cons"):
        return f"{'cons.' if short else 'considérant'}{NBSP}{number.removeprefix('cons')}"
    if number.startswith("annexe"):
        return f"annexe{NBSP}{to_roman(int(number.removeprefix('annexe')))}"
    return f"{'art.' if short else 'article'}{NBSP}{number_label(number)}"


def _text(code: Code, number: str, *, short: bool = False) -> str:
    """A law, a decree, a decision or a document named as a whole."""
    name = code.court if short else code.nom
    dated = date_label(date.fromisoformat(number)) if _ISO.fullmatch(number) else None
    match code.key:
        case "LOI" | "ORDONNANCE" | "DECRET":
            return f"{name} n°{NBSP}{number}"
        case "ARRETE":
            return f"{name} du {dated}"
        case "CNIL":
            numbered = number if number[0].isalpha() else f"n°{NBSP}{number}"
            return f"CNIL, délib. {numbered}" if short else f"délibération {numbered} de la CNIL"
        case "UEDEC":
            return f"{name} {number}" if short else f"décision (UE) {number}"
        case "CJUE" | "TUE":
            return f"{name}, {'aff.' if short else 'affaire'} {number}"
        case "CAA":
            seat = APPEAL_SEATS[re.sub(r"[^A-Z]", "", number)]
            return f"{name} {seat if short else f'de {seat}'}, n°{NBSP}{number}"
        case "DOC":
            return f"document «{NBSP}{number}{NBSP}»"
        case "CONSTIT" if dated is None:
            digits = number.rstrip("DCQP")
            return f"{name}, n°{NBSP}{digits}{NBSP}{number.removeprefix(digits)}"
        case _:
            return f"{name}, {dated}" if dated else f"{name}, n°{NBSP}{number}"


def to_roman(number: int) -> str:
    """A number from 1 to 89 in roman numerals."""
    out = ""
    for value, letters in ((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        count, number = divmod(number, value)
        out += letters * count
    return out
