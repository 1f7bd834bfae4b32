"""Reading citations: the canonical form of the fiches, and what people write in a message."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache

from bot.law.codes import (
    CODES,
    DEONTOLOGIE_LAST,
    DEONTOLOGIE_NOMS,
    DEONTOLOGIE_PREFIX,
    MULTIPLICATIVES,
    OWN_KEY,
    Code,
)
from bot.law.fold import Folded, fold
from bot.law.pinpoint import PIN_HELP, is_pin, read_pin
from bot.law.reference import Citation, Reference


class CitationError(ValueError):
    """A citation that cannot be read. `message` says why and `remede` what to write, in French."""

    def __init__(self, message: str, remede: str) -> None:
        super().__init__(f"{message} — {remede}")
        self.message = message
        self.remede = remede


@dataclass(frozen=True, slots=True)
class FoundCitation:
    """A citation read in a message: `text` is what was written, at `start:end` of the message."""

    start: int
    end: int
    citation: Citation
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A bracketed citation of a fiche, `[CSP L1111-8, II]`, with its offsets and line (from 1).

    Exactly one of `citation` and `error` is set.
    """

    start: int
    end: int
    line: int
    text: str
    citation: Citation | None = None
    error: CitationError | None = None


# --- The canonical form -------------------------------------------------------------------------

_EXPECTED = "écrivez le code, le numéro, puis la place : « CSP L1111-8, II », « RGPD 28, § 3, h) »"


def parse_canonical(text: str) -> Citation:
    """The citation written as in fiches: "RGPD 28, § 3, h)" (spaces may be of any kind).

    Raises `CitationError`, in French, with the form expected.
    """
    head, *pins = (part.strip() for part in " ".join(text.split()).split(","))
    key, _, number = head.partition(" ")
    if not head:
        raise CitationError("la citation est vide", _EXPECTED)
    code = CODES.get(key)
    if code is None:
        raise CitationError(f"« {key} » n’est pas un code connu", _code_mend(key))
    if not number:
        raise CitationError(f"il manque un numéro après « {key} »", f"par exemple « {key} {code.exemple} »")
    if code.key == "LOI" and number in OWN_KEY:
        own = OWN_KEY[number]
        article = next((pin.removeprefix("art. ") for pin in pins if pin.startswith("art. ")), "")
        raise CitationError(
            f"la loi {number} a son propre code", f"écrivez « {own} {article or CODES[own].exemple} »"
        )
    if not code.forme.fullmatch(number) or not _may_be(code, number):
        raise CitationError(
            f"« {number} » n’est pas un numéro pour {key}", _number_mend(code, " ".join(text.split()))
        )
    for rank, pin in enumerate(pins):
        _check_pin(code, pin, rank)
    return Citation(Reference(key, number), tuple(pins))


def parse_citation(text: str) -> Citation:
    """The citation that `text` is: canonical, or as people write it when nothing else can be meant.

    Raises `CitationError`, in French, with the form expected.
    """
    try:
        return parse_canonical(text)
    except CitationError:
        if (citation := _whole(text)) is None:
            raise
        return citation


def _whole(text: str) -> Citation | None:
    """The one citation that takes up all of `text`, as people write it."""
    found = find_citations(text)
    if len(found) == 1 and found[0].text == text.strip():
        return found[0].citation
    return None


def _may_be(code: Code, number: str) -> bool:
    """Whether a number that is a date is one of the calendar."""
    if code.key not in ("ARRETE", "TGI", "CONSTIT") or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", number):
        return True
    return _is_calendar_date(number)


def _is_calendar_date(iso: str) -> bool:
    try:
        date.fromisoformat(iso)
    except ValueError:
        return False
    return True


def _check_pin(code: Code, pin: str, rank: int) -> None:
    if not pin:
        raise CitationError("une virgule n’est suivie de rien", "retirez-la ou complétez la citation")
    if not is_pin(pin):
        folded = fold(pin).text
        read = read_pin(folded, articles=True)
        mend = f"écrivez « {read[0]} »" if read and read[1] == len(folded) else f"formes reçues : {PIN_HELP}"
        raise CitationError(f"« {pin} » n’est pas une place dans l’article", mend)
    if pin.startswith("art. "):
        if not code.takes_article_pin:
            raise CitationError(
                f"« {pin} » ne va pas avec {code.key}",
                f"mettez l’article juste après le code : « {code.key} {code.exemple} »",
            )
        if rank:
            raise CitationError(f"« {pin} » vient trop tard", "mettez l’article en premier, sa place ensuite")


def _code_mend(key: str) -> str:
    near = difflib.get_close_matches(key.upper(), CODES, n=1, cutoff=0.6)
    known = ", ".join(CODES)
    return (
        f"vouliez-vous écrire « {near[0]} » ? Codes connus : {known}" if near else f"codes connus : {known}"
    )


def _number_mend(code: Code, text: str) -> str:
    if citation := _whole(text):
        return f"écrivez « {citation.key} »"
    return f"par exemple « {code.key} {code.exemple} »"


# --- Marks in a fiche ---------------------------------------------------------------------------

# No link ("[x](y)", "[x][y]"), no image, no escaped bracket, no blank line inside.
_BRACKET = re.compile(r"(?<![\\!\]])\[((?:[^\[\]\n\\]|\n(?!\s*\n)){1,200})\](?![(\[])")
_KEY_LIKE = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]*)[\s,.]")
_MEANT = re.compile(r"\s*(?:art(?:icles?|\.)|(?:LO|[LRDA])\.?\s?\d{3,4}-|[A-Z][A-Z0-9-]+\s+[LRDA]?\.?\s?\d)")


def find_marks(markdown: str) -> list[Mark]:
    """The citation marks of a fiche's text, in order; what was meant as one and cannot be read too."""
    marks = []
    for m in _BRACKET.finditer(markdown):
        inner = m[1]
        head = _KEY_LIKE.match(inner + " ")
        # "[ce matin]" is no citation of the CE; "[csp L1111-8]" is one of the CSP.
        known = head is not None and (
            head[1] in CODES or (head[1].upper() in CODES and any(char.isdigit() for char in inner))
        )
        if not known and not _MEANT.match(inner):
            continue
        citation, error = None, None
        try:
            citation = parse_canonical(inner)
        except CitationError as cause:
            error = _mark_error(inner, cause)
        line = markdown.count("\n", 0, m.start()) + 1
        marks.append(Mark(m.start(), m.end(), line, m[0], citation, error))
    return marks


def _mark_error(inner: str, cause: CitationError) -> CitationError:
    if ";" in inner:
        return CitationError(
            "un crochet contient plusieurs citations",
            "donnez un crochet à chacune : « [CSP L1111-8] [RGPD 28] »",
        )
    if citation := _whole(inner):
        return CitationError(cause.message, f"écrivez « [{citation.key}] »")
    return cause


# --- Citations in a message ---------------------------------------------------------------------

_I = re.IGNORECASE
_MULT = "(?:" + "|".join(sorted(MULTIPLICATIVES, key=len, reverse=True)) + ")"
_WORD = r"(?:articles?|artciles?|artilces?|artcles?|aricles?|artikles?|arts?)(?!\w)\.?\s*(?:n°\s*)?"
# "L. 1111-8", "R.*4127-73", "l 1111 - 8", "L.1111.8" (a dot only after four digits).
_LETTER_NUMBER = (
    r"(?P<letter>LO|[LRDA])(?:\s?\.)?\s?\*{0,2}\s?"
    r"(?P<ldigits>\d{1,4}(?:(?:\s?-\s?|(?<=\d{4})\.)\d{1,3}(?:-\d{1,3}){0,5})?)(?![\d/])"
)
# "28", "226-17-1", "28-3-h", "28.3.h", "28(3)(h)", "28 (3) h)".
_PLAIN_NUMBER = (
    r"(?P<digits>\d{1,4}(?:-\d{1,4}){0,6}(?!\d))"
    r"(?:(?:\.|\s?\()(?P<par>\d{1,2})(?!\d)\)?)?"
    r"(?:(?:[-.]|(?<=[-.]\d)|(?<=[-.]\d\d))(?P<point>[a-z])\)?(?![\w'])|\s?\((?P<point2>[a-z])\))?"
    r"(?![\d/])"
)
_NUMBER = re.compile(
    rf"(?:(?P<word>(?<![\w-]){_WORD})|(?<![\w.,/+°-]))(?:{_LETTER_NUMBER}|{_PLAIN_NUMBER})", _I
)
_NUMBER_HERE = re.compile(rf"(?:{_WORD})?(?:{_LETTER_NUMBER}|{_PLAIN_NUMBER})", _I)
_LIST_JOIN = re.compile(
    r"\s*(?:,\s*(?:(?:et|ou)\s+)?|;\s*|(?:et|ou|a)\s+|&\s*)(?:a\s+|de\s+)?(?:l'|les\s+|des\s+|aux?\s+)?", _I
)
_SUFFIX = re.compile(
    rf"\s?(?P<mult>{_MULT}(?!\w))?(?:\s?(?P<cap>(?-i:[A-Z]{{1,2}})))?(?![\w'.])(?=\s*(?:$|[,;)?!]|du\s|de\s|des\s))",
    _I,
)
# Bounds the work on a message that is one long list.
_LONGEST_LIST = 16
# After these a bare number is not an article ("point 7 du RGPD").
_NOT_ARTICLE = re.compile(
    r"(?:§|n°|\bal\.?|alineas?|paragraphes?|par\.|points?|pages?|parties?|chapitres?|sections?|titres?|livres?"
    r"|annexes?|considerants?|versions?|numeros?|questions?|etapes?|top|les|des|mes|ses|vos|nos)\s*$",
    _I,
)
# A number that counts something.
_UNIT = re.compile(
    r"\s?(?:€|%|°|euros?|k€|jours?|mois|ans?|annees?|semaines?|heures?|h|min(?:utes?)?|fois|pages?|patients?"
    r"|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)(?!\w)",
    _I,
)
_PIN_SEPARATOR = re.compile(r"-(?=[IVX])|\s*,?\s*\(?\s*(?:(?:au|du|de la|le|la|et son|et le|et au)\s+)?", _I)
_TO_CODE = re.compile(
    r"\s*[,)]{0,2}\s*\(?\s*(?:de\s+l'\s?|d'|l'|(?:du|de\s+la|de|des|dans\s+le|dans\s+la|au)\s+)?", _I
)
_LEFT_LINK = r"\s*[,:(]?\s*(?:(?:(?:a|dans|en)\s+)?(?:son\s+|ses\s+|l'\s?|les\s+)|aux?\s+)?$"
_BARE_LETTER = re.compile(r"\s+(?:(?P<par>[1-9])\s+)?(?P<letter>[a-z])\)?(?!\w)", _I)
_SAME = re.compile(r"(?:du\s+)?(?:(?:meme|present|susdit)\s+|dudit\s+)(?:code|reglement|texte)(?!\w)", _I)
_REGLEMENT = re.compile(
    r"(?:du|le|au)\s+reglement(?!\w)(?!\s+(?:interieur|int\b|arbitral|amiable|sanitaire|national|departemental"
    r"|disciplinaire|conventionnel|type|de\s|du\s|des\s|d'|\(ue\)|ue\s|n°|\d))",
    _I,
)
_FOREIGN = re.compile(
    r"code\s+(?:(?:de|du|des)\s+|d'|(?:general|electoral|rural|forestier|minier|monetaire|disciplinaire)(?!\w))"
    r"|(?:casf|cpi|crpa|cja|cgct|ceseda)(?!\w)"
    r"|c\.?\s*(?:com|educ|patr|def|rur|env)\.",
    _I,
)
_ETHICS_OF_OTHERS = re.compile(
    r"\s+(?:des|de\s+l'|de\s+la)\s*(?:profession\s+d')?"
    r"(?!medecin|ordre\s+des\s+medecins|profession\s+medicale|ordre\s+national\s+des\s+medecins)\w+",
    _I,
)

_MONTHS = {
    "janv": 1,
    "fevr": 2,
    "mars": 3,
    "avr": 4,
    "mai": 5,
    "juin": 6,
    "juil": 7,
    "aout": 8,
    "sept": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}
_DATE = (
    r"(?:(?P<day>\d{1,2})(?:er)?\s+(?P<month>janv|fevr|mars|avr|mai|juin|juil|aout|sept|oct|nov|dec)[a-z]*\.?\s+"
    r"(?P<year>(?:19|20)\d{2})|(?P<day2>\d{1,2})/(?P<month2>\d{1,2})/(?P<year2>(?:19|20)\d{2})"
    r"|(?P<iso>(?:19|20)\d{2}-\d{2}-\d{2}))(?!\d)"
)
_NO = r"(?:(?:n°|no\.?|num(?:ero)?\.?|n\.?)\s*)?"
_NO_REQUIRED = r"(?:n°|no\.?|num(?:ero)?\.?)\s*"
# What stands between a court's name and its number: its town, a chamber, a date.
_MEANWHILE = r"(?:[^.;:\n\[\]()]|\((?=\w+\))|(?<=\w)\)|(?<=\b\dre\sciv)\.|(?<=\w\w\w)\.){0,60}?"

_STATUTE = re.compile(
    rf"(?P<kind>loi|ordonnance|decret)(?:\s+organique)?\s+{_NO}(?P<number>\d{{2}}(?:\d{{2}})?-\d{{1,4}})(?![\d-])"
    rf"(?:\s+du\s+{_DATE})?",
    _I,
)
_ORDER = re.compile(rf"arretes?\s+du\s+{_DATE}", _I)
_EU_DECISION = re.compile(
    r"decision\s+(?:d'execution\s+)?(?:\(?ue\)?\s*)?(?:n°\s*)?(?P<number>20\d{2}/\d{1,4})(?![\d/])", _I
)
# Key of CODES → pattern; the groups `number` (with `tail`) or a date.
_DECISIONS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "CNIL",
        re.compile(
            r"(?:deliberation\s+)?(?:(?:de\s+la\s+)?cnil[\s,]*)?(?<!\w)"
            r"(?P<number>(?:SAN|MEDP?)\s?-?\s?20\d{2}-\d{3})(?!\d)(?:\s+de\s+la\s+cnil)?",
            _I,
        ),
    ),
    (
        "CNIL",
        re.compile(
            rf"(?:deliberation\s+(?:(?:de\s+la\s+)?cnil\s+)?|cnil[\s,]*(?:deliberation\s+)?){_NO}"
            r"(?P<number>20\d{2}-\d{3})(?!\d)(?:\s+de\s+la\s+cnil)?",
            _I,
        ),
    ),
    (
        "CJUE",
        re.compile(
            r"(?:(?:CJUE|cour\s+de\s+justice(?:\s+de\s+l'(?:union\s+europeenne|UE))?)[\s,]*)?(?:aff(?:aire|\.)?\s*)?"
            r"(?<![\w-])(?P<number>C-\d{1,4}/\d{2})(?!\d)",
            _I,
        ),
    ),
    (
        "TUE",
        re.compile(
            r"(?:(?:TUE|tribunal\s+de\s+l'(?:union\s+europeenne|UE))[\s,]*)?(?:aff(?:aire|\.)?\s*)?"
            r"(?<![\w-])(?P<number>T-\d{1,4}/\d{2})(?!\d)",
            _I,
        ),
    ),
    (
        "CE",
        re.compile(
            rf"(?:(?-i:CE)|conseil\s+d'etat)(?!\w)[\s,]*(?:{_DATE}[\s,]*)?(?:req(?:uete|\.)?\s*)?{_NO}"
            r"(?P<number>\d{6})(?!\d)",
            _I,
        ),
    ),
    (
        "CE",
        re.compile(
            rf"(?:(?-i:CE)|conseil\s+d'etat)(?!\w){_MEANWHILE}(?:{_DATE})?{_MEANWHILE}{_NO_REQUIRED}"
            r"(?P<number>\d{5,6})(?!\d)",
            _I,
        ),
    ),
    (
        "CAA",
        re.compile(
            rf"(?:(?:CAA|cour\s+administrative\s+d'appel)(?!\w){_MEANWHILE})?(?<!\w){_NO}"
            r"(?<!\w)(?P<number>\d{2}(?:BX|DA|LY|MA|NC|NT|PA|TL|VE)\d{5})(?!\w)",
            _I,
        ),
    ),
    (
        "CASS",
        re.compile(
            rf"(?:(?:cass\.?|cour\s+de\s+cassation)(?!\w){_MEANWHILE})?(?:pourvoi\s+)?(?<![\w-]){_NO}"
            r"(?<![\d-])(?P<number>\d{2}-\d{2}\.\d{3})(?!\d|\.\d)",
            _I,
        ),
    ),
    (
        "CA",
        re.compile(
            rf"(?:(?:(?-i:CA)|cour\s+d'appel)(?!\w){_MEANWHILE}(?:{_NO_REQUIRED}|RG\s*)+|(?<!\w)RG\s*{_NO})"
            r"(?P<number>\d{2}/\d{5})(?!\d)",
            _I,
        ),
    ),
    ("TGI", re.compile(rf"(?:TGI|tribunal\s+de\s+grande\s+instance)(?!\w){_MEANWHILE}{_DATE}", _I)),
    (
        "CONSTIT",
        re.compile(
            r"(?:(?:conseil\s+constitutionnel|cons\.\s*const\.?|decision)[\s,]*)?(?<!\w)"
            rf"{_NO}(?<![\d-])(?P<number>(?:19|20)\d{{2}}-\d{{1,4}})\s?(?P<tail>DC|QPC)(?!\w)",
            _I,
        ),
    ),
    (
        "CONSTIT",
        re.compile(rf"(?:conseil\s+constitutionnel|cons\.\s*const\.?)(?!\w){_MEANWHILE}{_DATE}", _I),
    ),
    (
        "CDN",
        re.compile(
            rf"(?:(?-i:CDN)|chambre\s+disciplinaire\s+nationale)(?!\w){_MEANWHILE}{_NO_REQUIRED}"
            r"(?P<number>\d{3,6})(?!\d)",
            _I,
        ),
    ),
    ("DOC", re.compile(r"document\s+«\s*(?P<number>[a-z0-9]+(?:-[a-z0-9]+)+)\s*»", _I)),
)
_CONSIDERANT = re.compile(
    r"considerants?\s+(?:n°\s*)?(?P<first>\d{1,3})(?P<more>(?:\s*(?:,|et|a)\s*\d{1,3}(?![\d°/]))*)(?![\d/])",
    _I,
)
_MAY_CITE = re.compile(r"\d|annexe|«", _I)  # every citation holds a number, an annex or a title
_ANNEXE = re.compile(r"annexe\s+(?:n°\s*)?(?P<first>\d{1,2}|[IVX]{1,7})(?!\w)", _I)


def find_citations(
    text: str, known: Collection[str] | None = None, default: str | None = None
) -> list[FoundCitation]:
    """The citations written anywhere in `text`, in order, none overlapping.

    `known` holds keys of the law register ("CSP L1111-8"): an L., R. or D. number written without a
    code goes to the one code that has it there. Without it, or when none has, four digits mean CSP
    and the rest is left out. `default` is the code of an "article 32" written alone (None: left out).
    """
    if not _MAY_CITE.search(text):
        return []
    return _Finder(fold(text), text, frozenset(known or ()), default).run()


@dataclass(slots=True)
class _Item:
    """An article number read, before its code is known."""

    start: int
    end: int  # after the number and its pins
    letter: str
    digits: str
    after_digits: int  # where a suffix or a pin would begin
    par: str | None = None
    point: str | None = None
    suffix: str = ""
    pins: tuple[str, ...] = ()
    after_suffix: int = 0


@dataclass(frozen=True, slots=True)
class _Target:
    """A code (or a law, by its number) found beside an article number.

    `end` is after its name when it follows the number, `start` at its name when it precedes (else 0
    and None).
    """

    code: str
    end: int
    start: int | None = None
    number: str = ""
    strong: bool = True
    ethics: bool = False


@dataclass(slots=True)
class _Finder:
    """One message being read."""

    folded: Folded
    given: str
    known: frozenset[str]
    default: str | None
    found: list[tuple[int, int, Citation]] = field(default_factory=list)

    def run(self) -> list[FoundCitation]:
        text = self.folded.text
        self._texts(text)
        self._recitals(text)
        taken = [(start, end) for start, end, _ in self.found]
        self._articles(text, taken)
        kept: list[FoundCitation] = []
        last = 0
        for start, end, citation in sorted(self.found, key=lambda f: (f[0], -f[1])):
            if start < last:
                continue
            last = end
            begin, stop = self.folded.span(start, end)
            kept.append(FoundCitation(begin, stop, citation, self.given[begin:stop]))
        return kept

    # Laws, decisions, documents: the number is that of the text.

    def _texts(self, text: str) -> None:
        for m in _STATUTE.finditer(text):
            if m.start() and text[m.start() - 1].isalnum():
                continue
            if (target := _statute(m)) and not CODES[target.code].has_articles:
                self._add_text(m.start(), m.end(), target.code, target.number)
        for pattern, key in ((_ORDER, "ARRETE"), (_EU_DECISION, "UEDEC")):
            for m in pattern.finditer(text):
                number = _iso(m) if key == "ARRETE" else m["number"]
                if number:
                    self._add_text(m.start(), m.end(), key, number)
        for key, pattern in _DECISIONS:
            for m in pattern.finditer(text):
                if m.start() and text[m.start()].isalnum() and text[m.start() - 1].isalnum():
                    continue
                if number := _decision_number(key, m):
                    self._add_text(m.start(), m.end(), key, number)

    def _add_text(self, start: int, end: int, key: str, number: str) -> None:
        code = CODES[key]
        if not code.forme.fullmatch(number) or not _may_be(code, number):
            return
        pins, end = _pins(self.folded.text, end, articles=code.takes_article_pin)
        self.found.append((start, end, Citation(Reference(key, number), pins)))

    # Recitals and annexes of the Union's texts.

    def _recitals(self, text: str) -> None:
        for m in _CONSIDERANT.finditer(text):
            numbers = re.compile(r"\d+").finditer(text, m.start("first"), m.end())
            self._add_part(text, m, [(f"cons{int(n[0])}", *n.span()) for n in numbers])
        for m in _ANNEXE.finditer(text):
            number = int(m["first"]) if m["first"].isdigit() else _from_roman(m["first"].upper())
            self._add_part(text, m, [(f"annexe{number}", *m.span())])

    def _add_part(self, text: str, m: re.Match[str], numbers: list[tuple[str, int, int]]) -> None:
        """`numbers`: canonical number and span of each; the first also takes what leads to it."""
        pins, end = _pins(text, m.end())
        target = _code_right(text, end) or _code_left(text, m.start())
        if target is None or not CODES[target.code].is_eu:
            return
        for rank, (number, begin, stop) in enumerate(numbers):
            if not CODES[target.code].forme.fullmatch(number):
                continue
            last = rank == len(numbers) - 1
            start = m.start() if target.start is None else target.start
            span = (begin if rank else start, max(end, target.end) if last else stop)
            self.found.append((*span, Citation(Reference(target.code, number), pins if last else ())))

    # Articles.

    def _articles(self, text: str, taken: list[tuple[int, int]]) -> None:
        pos = 0
        previous: str | None = None
        while m := _NUMBER.search(text, pos):
            start = m.start()
            inside = next((end for begin, end in taken if begin <= start < end), None)
            if inside is not None:
                pos = max(inside, start + 1)
                continue
            if not m["word"] and not self._may_start(text, m):
                pos = m.end("letter") if m["letter"] else m.end()
                continue
            items = _items(text, m)
            target = self._target(text, m, items, previous)
            cited = self._cite_all(items, target, word=bool(m["word"]))
            if not cited and target is not None:  # "L. 1111-8, RGPD 32": the code is the next one's
                target = None
                cited = self._cite_all(items, None, word=bool(m["word"]))
            if not cited:
                pos = m.end("letter") if m["letter"] else m.end()
                continue
            previous = cited[-1][1].reference.code
            self._keep(text, start, cited, target)
            pos = max(m.end(), self.found[-1][1])

    def _may_start(self, text: str, m: re.Match[str]) -> bool:
        """Whether a number without the word "article" may be one."""
        if m["letter"]:
            before = text[m.start() - 1] if m.start() else " "
            return (
                "-" in m["ldigits"]
                or "." in m["ldigits"]
                or bool(_code_left(text, m.start()))
                or (not before.isalnum() and _code_right(text, m.end()) is not None)
            )
        return not _NOT_ARTICLE.search(text, max(0, m.start() - 16), m.start())

    def _target(
        self, text: str, m: re.Match[str], items: list[_Item], previous: str | None
    ) -> _Target | None:
        """The code that the list of numbers belongs to; cuts from the list what is past it."""
        for rank in range(len(items)):
            item = items[rank]
            end = item.end
            if right := _code_right(text, end, word=bool(m["word"])):
                del items[rank + 1 :]
                return right
            if same := _SAME.match(text, _TO_CODE.match(text, end).end()):  # type: ignore[union-attr]
                del items[rank + 1 :]
                return _Target(previous, same.end()) if previous else None
            bare = None if item.letter else _BARE_LETTER.match(text, end)
            if bare and (right := _code_right(text, bare.end(), word=bool(m["word"]))):
                paragraph = (f"§ {bare['par']}",) if bare["par"] else ()
                item.pins = (*item.pins, *paragraph, f"{bare['letter'].lower()})")
                item.end = bare.end()
                del items[rank + 1 :]
                return right
        if left := _code_left(text, m.start()):
            if m["word"] or items[0].letter or _stands_alone(text, items[-1]):
                return left
            return None
        if m["word"] and self.default and not items[0].letter and not _UNIT.match(text, items[0].end):
            return _Target(self.default, 0)
        return None

    def _cite_all(
        self, items: list[_Item], target: _Target | None, *, word: bool
    ) -> list[tuple[_Item, Citation]]:
        return [
            (item, citation)
            for item in items
            for citation in self._cite(item, target, word=word, plural=len(items) > 1)
        ]

    def _cite(self, item: _Item, target: _Target | None, *, word: bool, plural: bool) -> Iterator[Citation]:
        if target is None:
            if item.letter and item.letter != "A" and not _foreign(self.folded.text, item.end):
                yield from self._without_code(item)
            return
        if target.number:
            number = _joined(item)
            pin = f"art. {number}"
            if is_pin(pin):
                yield Citation(Reference(target.code, target.number), (pin, *item.pins))
            return
        if target.ethics:
            number = item.digits.removeprefix(DEONTOLOGIE_PREFIX.lstrip("R"))
            if number.isdigit() and int(number) <= DEONTOLOGIE_LAST:
                yield Citation(Reference("CSP", f"{DEONTOLOGIE_PREFIX}{int(number)}"), item.pins)
            return
        code = CODES[target.code]
        if not word and not target.strong and not item.letter and "-" not in item.digits:
            return
        if code.is_eu:
            yield from _eu(self.folded.text, code, item, plural=plural)
            return
        if item.par or item.point:
            return
        yield from _national(self.folded.text, code, item)

    def _without_code(self, item: _Item) -> Iterator[Citation]:
        if "-" not in item.digits:
            return
        number = item.letter + item.digits
        holders = [code for code in _lettered_codes() if f"{code} {number}" in self.known]
        code = holders[0] if len(holders) == 1 else None
        if code is None and re.match(r"[1-6]\d{3}-", item.digits):
            code = "CSP"
        if code is not None:
            yield from _national(self.folded.text, CODES[code], item)

    def _keep(
        self, text: str, start: int, cited: list[tuple[_Item, Citation]], target: _Target | None
    ) -> None:
        lead = _leading_pins(text, start)
        taken = self.found[-1][1] if self.found else 0
        if lead is None and target is not None and target.start is not None and target.start >= taken:
            lead = target.start, ()
        begin = start
        for rank, (item, citation) in enumerate(cited):
            end = item.end
            following = cited[rank + 1][0] if rank + 1 < len(cited) else None
            if following is item:  # "33-34": each number has its own span
                end = item.start + item.digits.index("-")
            if rank == 0 and lead:
                begin = lead[0]
                citation = Citation(citation.reference, (*citation.pinpoint, *lead[1]))
            if following is None and target is not None:
                end = max(end, target.end)
            self.found.append((begin, end, citation))
            if following is not None:
                begin = end + 1 if following is item else following.start


def _items(text: str, m: re.Match[str]) -> list[_Item]:
    """The numbers of a list that begins at `m`: "33 et 34", "13, 14 et 15", each with its pins."""
    items = [_item(text, m)]
    while len(items) < _LONGEST_LIST and (join := _LIST_JOIN.match(text, items[-1].end)):
        more = _NUMBER_HERE.match(text, join.end())
        if not more or _UNIT.match(text, more.end()):
            break
        items.append(_item(text, more))
    return items


def _item(text: str, m: re.Match[str]) -> _Item:
    letter = (m["letter"] or "").upper()
    digits = re.sub(r"\s", "", m["ldigits"] or m["digits"]).replace(".", "-")
    start = m.start("letter") if letter else m.start("digits")
    item = _Item(start, m.end(), letter, digits, m.end())
    if not letter:
        item.par, item.point = m["par"], (m["point"] or m["point2"] or "").lower() or None
    item.after_suffix = m.end()
    # "226-13 CP": the capitals are the code's, not a suffix of the number.
    bare = not item.par and not item.point and _code_right(text, m.end()) is None
    if bare and (s := _SUFFIX.match(text, m.end())):
        item.suffix = (s["mult"] or "").lower() + (s["cap"] or "")
        item.after_suffix = s.end()
    item.pins, item.end = _pins(text, item.after_suffix)
    return item


def _joined(item: _Item) -> str:
    m = re.fullmatch(rf"({_MULT})?([A-Z]*)", item.suffix)
    assert m is not None, item.suffix  # _SUFFIX matched it
    return " ".join(part for part in (item.letter + item.digits, m[1], m[2]) if part)


def _pins(text: str, end: int, *, articles: bool = False) -> tuple[tuple[str, ...], int]:
    """The pins that follow offset `end`, and the offset after the last of them."""
    pins: list[str] = []
    while separator := _PIN_SEPARATOR.match(text, end):
        read = read_pin(text, separator.end(), articles=articles and not pins)
        if read is None or (separator.end() == end and text[end - 1 : end].isalnum() and text[end] != "§"):
            break
        pins.append(read[0])
        end = read[1]
    return tuple(pins), end


def _leading_pins(text: str, start: int) -> tuple[int, tuple[str, ...]] | None:
    """Pins before the article: "le II de l'article L. 1111-8", "au h) du paragraphe 3 de l'article 28"."""
    link = re.search(r"\s(?:de\s+l'|des\s+)$", text[max(0, start - 12) : start], _I)
    if link is None:
        return None
    stop = start - len(link[0])
    for length in range(min(60, stop), 0, -1):
        begin = stop - length
        if begin and (text[begin - 1].isalnum() or text[begin].isspace()):
            continue
        pins: list[str] = []
        pos = begin
        while read := read_pin(text, pos):
            pins.insert(0, read[0])
            if read[1] == stop:
                return begin, tuple(pins)
            joint = re.compile(r"\s+(?:du|de\s+la|de\s+l')\s*", _I).match(text, read[1])
            if joint is None:
                break
            pos = joint.end()
    return None


def _eu(text: str, code: Code, item: _Item, *, plural: bool) -> Iterator[Citation]:
    """ "28-3-h", "28.3 h", "28(3)(h)", "33-34" in a text of the Union."""
    article, *rest = item.digits.split("-")
    if item.letter or len(rest) > 1 or len(article) > 3:
        return
    par = item.par or (rest[0] if rest else None)
    if item.suffix:
        item.pins, item.end = _pins(text, item.after_digits)
    if (
        rest
        and not item.point
        and not item.pins
        and int(rest[0]) > int(article)
        and (plural or int(rest[0]) > 12)
    ):
        if all(code.forme.fullmatch(number) for number in (article, rest[0])):
            yield Citation(Reference(code.key, article))
            yield Citation(Reference(code.key, rest[0]))
        return
    if not code.forme.fullmatch(article) or (par and not 0 < int(par) < 100):
        return
    pins = []
    if par:
        pins.append(f"point {int(par)}" if article in code.definitions else f"§ {int(par)}")
    if item.point:
        pins.append(f"{item.point})")
    yield Citation(Reference(code.key, article), (*pins, *item.pins))


def _national(text: str, code: Code, item: _Item) -> Iterator[Citation]:
    number = item.letter + item.digits
    if item.suffix and code.forme.fullmatch(number + item.suffix):
        yield Citation(Reference(code.key, number + item.suffix), item.pins)
    elif code.has_articles and code.forme.fullmatch(number):
        if item.suffix:  # not part of the number after all: "L. 1110-4 V"
            item.pins, item.end = _pins(text, item.after_digits)
        yield Citation(Reference(code.key, number), item.pins)


def _foreign(text: str, end: int) -> bool:
    """Whether what follows is a code that is not among ours."""
    link = _TO_CODE.match(text, end)
    return link is not None and _FOREIGN.match(text, link.end()) is not None


def _stands_alone(text: str, item: _Item) -> bool:
    """Whether a number after a code is an article ("RGPD 32 ?") and not a count ("RGPD 10 questions")."""
    return bool(item.pins) or bool(
        re.compile(
            r"\)?\s*(?:$|[,.;:!?)\]»/-]|(?:et|ou|sur|pour|dit|impose|prevoit|exige|est|concerne|que|qui|c'est"
            r"|s'applique|me|mon|ma|svp|stp|merci)(?!\w))",
            _I,
        ).match(text, item.end)
    )


# --- Names of codes -----------------------------------------------------------------------------


def _spoken(name: str) -> str:
    """A pattern for a spoken name: spaces and dots as they come."""
    words = []
    for word in fold(name).text.split():
        escaped = re.escape(word.rstrip("."))
        if word == "n°":
            words.append(r"(?:n°\s*)?")
        else:
            words.append(escaped + (r"\.?\s*" if word.endswith(".") else r"\s+"))
    return "".join(words).removesuffix(r"\s+").removesuffix(r"\s*")


def _squeezed(name: str) -> str:
    return re.sub(r"[\s.]|n°", "", fold(name).text).lower()


@cache
def _names() -> tuple[re.Pattern[str], dict[str, _Target]]:
    targets: dict[str, _Target] = {}
    names: list[str] = []
    for code in CODES.values():
        for strong, spoken in ((True, code.noms), (False, code.sigles)):
            for name in spoken:
                names.append(name)
                targets[_squeezed(name)] = _Target(code.key, 0, strong=strong)
        if code.has_articles:
            names.append(code.nom)
            targets[_squeezed(code.nom)] = _Target(code.key, 0)
    for name in DEONTOLOGIE_NOMS:
        names.append(name)
        targets[_squeezed(name)] = _Target("CSP", 0, ethics=True)
    alternatives = "|".join(_spoken(name) for name in sorted(set(names), key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", _I), targets


@cache
def _left_names() -> re.Pattern[str]:
    return re.compile(_names()[0].pattern + _LEFT_LINK, _I)


@cache
def _lettered_codes() -> tuple[str, ...]:
    return tuple(
        code.key for code in CODES.values() if code.kind == "code" and code.forme.fullmatch("L111-1")
    )


def _named(text: str, m: re.Match[str], end: int) -> _Target | None:
    target = _names()[1][_squeezed(m[0])]
    if target.ethics and _ETHICS_OF_OTHERS.match(text, end):
        return None
    return replace(target, end=end)


def _code_right(text: str, end: int, *, word: bool = True) -> _Target | None:
    """The code that follows an article number ending at `end`: "du CSP", "de la loi n° 2004-575"."""
    link = _TO_CODE.match(text, end)
    if link is None or (
        link.end() == end and text[end - 1 : end].isalnum() and text[end : end + 1].isalnum()
    ):
        return None
    if m := _names()[0].match(text, link.end()):
        return _named(text, m, m.end())
    # "R. 1111-9-1, décret 2026-209" is two citations; "article 6 de la loi n° 2004-575" is one.
    if "," not in link[0] or link[0].rstrip(" '").endswith(("du", "la", "l")):
        if m := _STATUTE.match(text, link.end()):
            return _statute(m)
        if m := _ORDER.match(text, link.end()):
            number = _iso(m)
            return _Target("ARRETE", m.end(), number=number) if number else None
        if m := _EU_DECISION.match(text, link.end()):
            return _Target("UEDEC", m.end(), number=m["number"])
    start = end
    while start < len(text) and text[start] in " ,":
        start += 1
    if word and (m := _REGLEMENT.match(text, start)):
        return _Target("RGPD", m.end(), strong=False)
    return None


def _code_left(text: str, start: int) -> _Target | None:
    """The code that comes before an article: "RGPD, art. 28", "code pénal 226-13"."""
    begin = max(0, start - 110)
    pattern, _ = _names()
    window = text[begin:start]
    for m in pattern.finditer(window):
        if re.compile(_LEFT_LINK, _I).fullmatch(window, m.end()):
            target = _named(window, m, m.end())
            return replace(target, end=0, start=begin + m.start()) if target else None
    return None


def _statute(m: re.Match[str]) -> _Target | None:
    key = {"loi": "LOI", "ordonnance": "ORDONNANCE", "decret": "DECRET"}[m["kind"].lower()]
    number = m["number"]
    if key == "LOI" and number in OWN_KEY:
        return _Target(OWN_KEY[number], m.end())
    return _Target(key, m.end(), number=number) if CODES[key].forme.fullmatch(number) else None


def _decision_number(key: str, m: re.Match[str]) -> str | None:
    groups = m.groupdict()
    number = groups.get("number")
    if number is None:
        return _iso(m)
    if key == "DOC":
        return number
    number = number.upper()
    if key == "CNIL":
        number = re.sub(r"^(SAN|MEDP?)[\s-]*", r"\1-", number)
    return number + (groups.get("tail") or "").upper()


def _iso(m: re.Match[str]) -> str | None:
    """The date in the groups of `_DATE`, as ISO; None when the calendar has no such day."""
    if m["iso"]:
        return m["iso"] if _is_calendar_date(m["iso"]) else None
    day, year = m["day"] or m["day2"], m["year"] or m["year2"]
    month = _MONTHS[m["month"].lower()] if m["month"] else int(m["month2"])
    try:
        return date(int(year), month, int(day)).isoformat()
    except ValueError:
        return None


def _from_roman(roman: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in roman]
    return sum(-v if any(w > v for w in values[i + 1 :]) else v for i, v in enumerate(values))
