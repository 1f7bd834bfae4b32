"""The place in an article: "II", "§ 3", "al. 2", "4°", "point 7", "a)", "art. 102".

Two grammars: `is_pin` accepts only the canonical form that fiches hold, `read_pin` reads what people
write ("2e alinéa", "paragraphe 3", "point h)") and gives the canonical form.
"""

from __future__ import annotations

import re

from bot.law.codes import MULTIPLICATIVES

_MULT = "(?:" + "|".join(sorted(MULTIPLICATIVES, key=len, reverse=True)) + ")"
# 1 to 89: no French article goes further, and C, D, M would be read in ordinary words.
_ROMAN = r"(?=[IVXL])(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_SMALL = r"[1-9]\d?"
# Capitals stop at H: "I)" would be the roman I at the end of a parenthesis.
_LETTER = r"(?:[a-z]|[A-H]|ii|iii|iv|vi|vii|viii|ix)"
_ARTICLE = rf"(?:(?:LO|[LRDA])?[1-9]\d{{0,3}}(?:-\d{{1,3}})*(?: {_MULT})?(?: [A-H])?)"
_JOIN = "(?: (?:et|à) "

_CANONICAL = re.compile(
    "|".join(
        (
            rf"{_ROMAN}(?: {_MULT})?{_JOIN}{_ROMAN}(?: {_MULT})?)?",
            rf"§ {_SMALL}(?: {_MULT})?{_JOIN}{_SMALL}(?: {_MULT})?)?",
            rf"al\. {_SMALL}{_JOIN}{_SMALL})?",
            r"(?:avant-)?dernier al\.",
            rf"{_SMALL}°(?: {_MULT})?{_JOIN}{_SMALL}°(?: {_MULT})?)?",
            rf"point {_SMALL}",
            rf"points {_SMALL} (?:et|à) {_SMALL}",
            rf"{_LETTER}(?: {_MULT})?\){_JOIN}{_LETTER}(?: {_MULT})?\))?",
            rf"art\. {_ARTICLE}{_JOIN}{_ARTICLE})?",
            r"art\. unique",
        )
    ),
    re.ASCII,
)

PIN_HELP = "I, II bis, § 3, al. 2, dernier al., 4°, point 7, a), art. 102, a) à d), 1° à 6°, § 4 et 5"


def is_pin(text: str) -> bool:
    """Whether `text` is one pin in canonical form."""
    return _CANONICAL.fullmatch(text) is not None


_RANK = {
    "premier": "1",
    "premiere": "1",
    "deuxieme": "2",
    "second": "2",
    "troisieme": "3",
    "quatrieme": "4",
    "cinquieme": "5",
    "sixieme": "6",
    "septieme": "7",
    "huitieme": "8",
    "neuvieme": "9",
    "dixieme": "10",
}

_I = re.IGNORECASE
_TO = r"\s?(?P<to>\bet\b|&|\ba\b|-)\s?"
_NO_MORE = r"(?![\w°%]|[.,]\d)"
_ENDS = r"(?![\w'])"
_AL = r"al(?:ineas?|\.|(?!\w))"

# Each reads folded text (no accents); group names: a and b the ends of a range, ma and mb their "bis".
_PAR = re.compile(
    rf"(?:§{{1,2}}|paragraphes?(?!\w)|paragr\.?|parag\.?|par\.)\s*(?P<a>{_SMALL})(?!\d)(?:\s(?P<ma>{_MULT})(?!\w))?"
    rf"(?:{_TO}(?:§\s?)?(?P<b>{_SMALL})(?:\s(?P<mb>{_MULT}))?{_NO_MORE})?",
    _I,
)
_ALINEA = re.compile(
    rf"{_AL}\s*(?P<a>{_SMALL})(?!\d)(?:er|e|eme)?(?!\w)(?:{_TO}(?P<b>{_SMALL})(?:e|eme)?{_NO_MORE})?", _I
)
_RANKED = re.compile(
    rf"(?:(?P<a>{_SMALL})\s?(?:er|ere|e|eme|nd|nde)|(?P<word>{'|'.join(_RANK)}|avant-dernier|dernier))\s+{_AL}",
    _I,
)
_DEGREE = re.compile(
    rf"(?P<a>{_SMALL})°(?:\s?(?P<ma>{_MULT})(?!\w))?(?:{_TO}(?P<b>{_SMALL})°(?:\s?(?P<mb>{_MULT})(?!\w))?)?(?!\w)",
    _I,
)
_POINT = re.compile(
    rf"(?:points?|pts?\.?)\s+(?P<a>{_SMALL})(?![\d°])(?:{_TO}(?P<b>{_SMALL}){_NO_MORE})?(?!\w)", _I
)
_LETTERED = re.compile(
    rf"(?:(?:points?|lettres?|let\.|sous)\s+)?\(?(?P<a>{_LETTER})(?:\s(?P<ma>{_MULT}))?\)"
    rf"(?:{_TO}\(?(?P<b>{_LETTER})(?:\s(?P<mb>{_MULT}))?\))?"
)
_NAMED_LETTER = re.compile(rf"(?:points?|lettres?|let\.|sous)\s+(?P<a>[a-z]){_ENDS}", _I)
_ROMAN_UPPER = re.compile(
    rf"(?P<a>{_ROMAN})(?:\s(?P<ma>{_MULT}))?{_ENDS}(?!\.\s?\d|\s?-\s?\d)"
    rf"(?:\s?(?P<to>\bet\b|&|\ba\b|-)\s?(?P<b>{_ROMAN})(?:\s(?P<mb>{_MULT}))?{_ENDS}(?!\.\s?\d))?"
)
# A lone "i", "v" or "x" in lower case is too often something else.
_ROMAN_LOWER = re.compile(r"(?P<a>ii|iii|iv|vi|vii|viii|ix)(?![\w')])")
_ARTICLE_PIN = re.compile(
    r"(?:articles?|arts?\b\.?)\s*"
    r"(?:(?P<unique>unique)(?!\w)"
    rf"|(?P<a>(?:(?:LO|[LRDA])[\s.]{{0,2}})?[1-9]\d{{0,3}}(?:-\d{{1,3}})*(?:\s?{_MULT}(?!\w))?(?:\s(?-i:[A-H])(?![\w']))?)(?!\d)"
    rf"(?:\s(?P<to>et|a)\s(?P<b>(?:(?:LO|[LRDA])[\s.]{{0,2}})?[1-9]\d{{0,3}}(?:-\d{{1,3}})*(?:\s?{_MULT}(?!\w))?"
    r"(?:\s(?-i:[A-H])(?![\w']))?)(?![\w°%]))?)",
    _I,
)


def read_pin(text: str, start: int = 0, *, articles: bool = False) -> tuple[str, int] | None:
    """The pin that folded `text` holds at `start`, in canonical form, and the offset after it.

    `articles` reads "art. 102" too: it is a pin after a law or a decree, a citation elsewhere.
    """
    if articles and (m := _ARTICLE_PIN.match(text, start)):
        return _article_pin(m), m.end()
    for pattern, form in (
        (_PAR, "§ {}"),
        (_RANKED, ""),
        (_ALINEA, "al. {}"),
        (_DEGREE, "{}°"),
        (_POINT, "point {}"),
        (_LETTERED, "{})"),
        (_NAMED_LETTER, "{})"),
        (_ROMAN_UPPER, "{}"),
        (_ROMAN_LOWER, "{}"),
    ):
        if not (m := pattern.match(text, start)) or m.end() == start:
            continue
        if pattern is _RANKED:
            return _ranked(m), m.end()
        return _range(m, form), m.end()
    return None


def _ranked(m: re.Match[str]) -> str:
    word = (m["word"] or "").lower()
    return f"{word} al." if word.endswith("dernier") else f"al. {_RANK.get(word) or m['a']}"


def _range(m: re.Match[str], form: str) -> str:
    groups = m.groupdict()
    first, last = groups["a"], groups.get("b")
    bis = _suffix(groups.get("ma"))
    if form == "{}":
        first = first.upper()
    elif form == "{})" and m.re is _NAMED_LETTER:
        first = first.lower()
    if form == "{}°":
        head = f"{first}°{bis}"
    elif form == "{})":
        head = f"{first}{bis})"
    else:
        head = form.format(first) + bis
    if last is None:
        return head
    join = "et" if groups["to"].lower() in ("et", "&") else "à"
    bis = _suffix(groups.get("mb"))
    tail = {"{}°": f"{last}°{bis}", "{})": f"{last}{bis})"}.get(form, f"{last}{bis}")
    if form.startswith("point"):
        head = "points" + head.removeprefix("point")
    return f"{head} {join} {tail}"


def _suffix(multiplicative: str | None) -> str:
    return f" {multiplicative.lower()}" if multiplicative else ""


def _article_pin(m: re.Match[str]) -> str:
    if m["unique"]:
        return "art. unique"
    pin = f"art. {_article(m['a'])}"
    if m["b"]:
        pin += f" {'et' if m['to'].lower() == 'et' else 'à'} {_article(m['b'])}"
    return pin


_PARTS = re.compile(rf"((?:LO|[LRDA])?)[\s.]*([\d-]+)(?:\s?({_MULT}))?(?:\s([A-H]))?", _I)


def _article(text: str) -> str:
    m = _PARTS.fullmatch(text)
    assert m is not None, text  # _ARTICLE_PIN matched it
    letter, digits, mult, suffix = m.groups()
    return letter.upper() + digits + _suffix(mult) + (f" {suffix}" if suffix else "")
