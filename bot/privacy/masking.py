"""Personal data out of what doctors write, before anything is stored or logged.

Rules, not a model: each is plain to read and tested both ways, for what must go and for what must stay
(citations of the law, deadlines, amounts). They lean towards masking, since a name too many costs a
worse match and a name too few a breach of medical secrecy; they cannot promise to find every name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.privacy.lexicon import ACRONYMS, FIRST_NAMES, NOT_A_NAME, fold

Kind = Literal["nom", "téléphone", "nir", "naissance", "courriel", "adresse", "iban", "rpps", "dossier"]

TOKENS: dict[Kind, str] = {
    "nom": "[nom]",
    "téléphone": "[téléphone]",
    "nir": "[n° de sécurité sociale]",
    "naissance": "[date de naissance]",
    "courriel": "[courriel]",
    "adresse": "[adresse]",
    "iban": "[IBAN]",
    "rpps": "[n° RPPS]",
    "dossier": "[n° de dossier patient]",
}
"""What stands in the text for each kind of data."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without the personal data that was found, and the kinds found."""

    text: str
    kinds: frozenset[Kind]


def mask(text: str) -> Masked:
    """`text` with the personal data that can be recognised replaced by `TOKENS`. Idempotent."""
    kinds: set[Kind] = set()
    while True:  # a token may bring two pieces together; each round leaves fewer letters to mask
        before = text
        for kind, replace in _RULES:
            changed = replace(text)
            if changed != text:
                kinds.add(kind)
                text = changed
        if text == before:
            return Masked(text, frozenset(kinds))


# --- Numbers -------------------------------------------------------------------------------------------

_GAP = r"[ \u00a0\u202f]"
_SEP = r"[ \u00a0\u202f.\-]?"
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24}\b")

# Sex, year, month (or the codes given when it is unknown), department (Corsica: 2A, 2B), town, order.
_NIR_CORE = (
    rf"[1-478]{_SEP}\d\d{_SEP}(?:0[1-9]|1[0-2]|[2-9]\d){_SEP}(?:\d\d|2[ABab]){_SEP}\d{{3}}{_SEP}\d{{3}}"
)
_NIR = re.compile(rf"(?<![\w]){_NIR_CORE}(?:{_SEP}\d\d)?(?!\w|{_SEP}\d)")
_FIFTEEN = re.compile(r"(?<!\w)\d{15}(?!\w)")
_FIFTEEN_SPACED = re.compile(rf"(?<!\w)[1-478](?:{_SEP}[\dABab]){{14}}(?!\w)")
_INS_C = re.compile(r"(?<!\w)\d{22}(?!\w)")

_IBAN = re.compile(
    rf"(?<!\w)[A-Za-z]{{2}}\d\d(?:{_GAP}?[A-Za-z0-9]{{4}}){{2,7}}(?:{_GAP}?[A-Za-z0-9]{{1,4}})?(?!\w)"
)

_FOREIGN = r"(?:\+|00)(?:33|262|590|594|596|508|681|687|689)"
_PHONE = re.compile(
    rf"(?<![\w.,/+-])(?:{_FOREIGN}{_SEP}(?:\(0\){_SEP})?[1-9]?|0[1-9])"
    rf"(?:(?:{_GAP}?\d\d){{4}}|(?:\.\d\d){{4}}|(?:-\d\d){{4}}|(?:/\d\d){{4}}|(?:{_GAP}?\d{{4}}){{2}})(?![\w]|[-/.]\d)"
)
_RPPS = re.compile(r"(?<![\w.,/-])\d{11}(?!\w|[-/.,]\d)")
_RPPS_NAMED = re.compile(rf"(?i:\b(?:RPPS|ADELI)\b[ :=n°]{{0,6}})(\d(?:{_GAP}?\d){{8,10}})(?!\w)")
_IPP = re.compile(
    r"\b(?i:IPP|NIP|IEP|(?:n°|numéro|no) (?:de )?(?:dossier )?patient)\b(?i:[ :=]|n°|est){0,4} ?"
    r"((?=[A-Za-z-]{0,8}\d)[A-Za-z0-9][A-Za-z0-9-]{3,19})(?!\w)"
)


def _nir_key_is_right(text: str) -> bool:
    """Whether the last two digits are 97 minus the rest modulo 97 (Corsica: 2A counts as 19, 2B as 18)."""
    compact = re.sub(_SEP[:-1], "", text).upper()
    number = compact[:13].replace("2A", "19").replace("2B", "18")
    return number.isdigit() and compact[13:].isdigit() and 97 - int(number) % 97 == int(compact[13:])


def _iban_is_right(text: str) -> bool:
    """ISO 13616: the letters as numbers, country and key last, modulo 97, give 1."""
    compact = re.sub(_GAP, "", text).upper()
    digits = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4])
    return int(digits) % 97 == 1 or (compact.startswith("FR") and len(compact) == 27)


def _mask_nir(text: str) -> str:
    token = TOKENS["nir"]
    text = _INS_C.sub(token, text)
    text = _NIR.sub(token, _FIFTEEN.sub(token, text))
    return _FIFTEEN_SPACED.sub(
        lambda found: token if _nir_key_is_right(found.group()) else found.group(), text
    )


def _mask_iban(text: str) -> str:
    return _IBAN.sub(lambda found: TOKENS["iban"] if _iban_is_right(found.group()) else found.group(), text)


def _mask_group(pattern: re.Pattern[str], kind: Kind) -> Callable[[str], str]:
    """A rule that masks the first group of `pattern` and keeps what stands around it."""

    def replace(found: re.Match[str]) -> str:
        start, end = found.start(1) - found.start(), found.end(1) - found.start()
        return found.group()[:start] + TOKENS[kind] + found.group()[end:]

    return lambda text: pattern.sub(replace, text)


def _mask_rpps(text: str) -> str:
    return _RPPS.sub(TOKENS["rpps"], _mask_group(_RPPS_NAMED, "rpps")(text))


# --- Dates of birth ------------------------------------------------------------------------------------

_MONTH = (
    r"(?:janv(?:ier|\.)?|f[ée]v(?:rier|r?\.)?|mars|avr(?:il|\.)|mai|juin|juil(?:let|\.)?|ao[uû]t|"
    r"sept(?:embre|\.)?|oct(?:obre|\.)?|nov(?:embre|\.)?|d[ée]c(?:embre|\.)?)"
)
_DATE = (
    r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.\- ]\d{1,2}[/.\- ](?:\d{4}|\d\d)|\d{8}"
    rf"|\d{{1,2}}(?:er)?[ \u00a0]{_MONTH}(?:[ \u00a0]\d{{4}})?)(?!\w)"
)
_BIRTH = re.compile(
    r"(?i:(?<![\w])(?:n[ée](?:e|\(e\)|\.e|·e)?|date de naissance|naiss\.|ddn|d\.d\.n\.))"
    r"(?:[ \u00a0:=,]|\b(?:le|du|est|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b"
    r"|\b(?:à|a|en) [\w'’-]{1,30}(?: [\w'’-]{1,30})?(?= le )){1,8}"
    rf"((?i:{_DATE}))"
)

# --- Addresses -----------------------------------------------------------------------------------------

_UP = "A-ZÀ-ÖØ-ÞŒŸ"
_STREET_SURE = (
    r"(?i:rue|avenue|av\.|boulevard|bd|bld|chemin|impasse|allée|allées|quai|square|ruelle|faubourg)"
)
_STREET_MAYBE = (
    r"(?i:place|pl\.|cours|route|rte|passage|villa|résidence|lotissement|voie|sentier|hameau|lieu-dit|cité)"
)
_LINK = r"(?i:de la|de l['’]|du|des|de|d['’]|la|le|les|l['’]|aux?|à|et|en|sur|sous|lès|lez)"
_CAPITAL = rf"[{_UP}][\w'’.-]*"
_MORE = rf"(?:[ \u00a0](?:{_LINK}[ \u00a0]?){{0,2}}(?:{_CAPITAL}|\d{{1,4}}(?:er)?(?!\w)))"
_STREET = re.compile(
    rf"(?<![\w.,/-])\d{{1,4}}(?:[ \u00a0]?(?i:bis|ter|quater|[a-d]))?,?[ \u00a0]"
    rf"(?:{_STREET_SURE}[ \u00a0](?:{_LINK}[ \u00a0]?){{0,2}}[\w'’.-]{{2,40}}"
    rf"|{_STREET_MAYBE}[ \u00a0](?:{_LINK}[ \u00a0]?){{0,2}}{_CAPITAL}){_MORE}{{0,6}}"
)
_POSTCODE = r"(?:0[1-9]|[1-8]\d|9[0-578])\d{3}"
_CITIES = (
    r"(?i:paris|marseille|lyon|toulouse|nice|nantes|montpellier|strasbourg|bordeaux|lille|rennes|reims|toulon|"
    r"grenoble|dijon|angers|nîmes|brest|tours|limoges|amiens|metz|rouen|nancy|caen|orléans)\b"
)
_TOWN = re.compile(
    rf"(?<![\w.,/°-])(?:(?i:F-))?{_POSTCODE}[ \u00a0,]{{1,2}}"
    rf"(?P<town>{_CITIES}|(?:(?i:le|la|les) |(?i:l['’]))?[{_UP}][\w'’-]*)"
    r"(?:[ -](?!(?i:cedex))(?:(?i:sur|sous|en|de|du|des|la|le|les|lès|et|d['’]|l['’])[ -]?)*"
    rf"[{_UP}][\w'’-]*){{0,3}}"
    r"(?:[ ](?i:cedex)(?: \d{1,2})?)?"
)
_CITY_AFTER_STREET = re.compile(
    rf"(\[adresse\](?:[,\s]{{1,3}}(?:à )?\[adresse\])+|\[adresse\][,\s]{{1,3}}{_POSTCODE} [\w'’-]{{2,40}})"
)
_UNITS = frozenset(
    {"euro", "euros", "eur", "patients", "patientes", "médecins", "habitants", "francs", "praticiens"}
)


def _mask_address(text: str) -> str:
    token = TOKENS["adresse"]

    def town(found: re.Match[str]) -> str:
        return found.group() if found.group("town").lower() in _UNITS else token

    return _CITY_AFTER_STREET.sub(token, _TOWN.sub(town, _STREET.sub(token, text)))


# --- Names ---------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*\.?")
_ELIDED = re.compile(r"(\w{1,2})['’](\w.*)")
_BLANK = re.compile(r"[ \u00a0\u202f]+")
_PARTICLES = frozenset(
    (
        "de",
        "du",
        "des",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "el",
        "al",
        "ben",
        "bin",
        "da",
        "dos",
        "di",
        "del",
    )
)
_LONGEST_NAME = 6  # words, particles included

# After these a lower-case word that is not in NOT_A_NAME is a name too: people type "mme durand".
_CIVILITY = re.compile(
    r"(?<![\w.])(?:(?i:Mme|Mlle|Mmes|Mlles|Mr|Mrs|Dr|Dre|Drs)\b\.?|(?i:M|MM)\.|(?:M|Pr)\b\.?"
    r"|(?i:Monsieur|Madame|Mademoiselle|Docteure?|Docteurs|Docteresse)\b|Professeure?\b)(?=[ \u00a0\u202f])"
)
# After these only words with a capital are.
_PERSON = re.compile(
    r"(?<!\w)(?i:patiente?|cliente?|confrère|cons(?:œ|oe)ur|associée?|collègue|secrétaire|remplaçante?|infirmi(?:er|ère)"
    r"|époux|épouse|mari|femme|fils|fille|mère|père|frère|sœur|soeur|ami|amie|nommée?|prénommée?|dénommée?|soussignée?"
    r"|enfant|bébé|tuteur|tutrice|stagiaire|interne|externe)(?=[ \u00a0\u202f])"
)
_CALLED = re.compile(
    r"(?<!\w)(?i:(?:s|m)['’]appel(?:le|ait)|(?:nom|prénom)s?(?: de (?:famille|naissance|jeune fille))?"
    r"(?: du patient| de la patiente)? ?:)(?=[ \u00a0\u202f])"
)
_CLOSING = re.compile(
    r"(?i:cordialement|salutations|bien à vous|respectueusement|dévouée?|d['’]avance|merci)[ ]?[,.!]?\s{0,4}"
    rf"((?:{_CAPITAL}[ \u00a0]?){{2,4}})\s*$"
)


def _is_name_word(word: str) -> bool:
    bare = word.rstrip(".")
    if len(bare) == 1:
        return word[0].isupper() and word.endswith(".")  # an initial; « Mme X » is anonymous already
    if elided := _ELIDED.match(bare):
        head, rest = elided.groups()
        # « d’Ormesson », « D’Almeida », « O’Brien », but not « J’ai », « L’Ordre ».
        return head in "dDO" and rest[0].isupper() and fold(rest) not in NOT_A_NAME
    if not bare[0].isupper():
        return False
    return fold(bare) in FIRST_NAMES or (fold(bare) not in NOT_A_NAME and bare not in ACRONYMS)


def _name_end(text: str, start: int, *, lower_case: bool) -> int | None:
    """Where the name that begins at `start` (on a space) ends; None when no name begins there."""
    end: int | None = None
    position = start
    only_lower = False
    for index in range(_LONGEST_NAME):
        gap = _BLANK.match(text, position)
        word = gap and _WORD.match(text, gap.end())
        if not gap or not word:
            break
        value = word.group()
        after = text[word.end() : word.end() + 2].lstrip()
        if len(value.rstrip(".")) == 1 and (after[:1].isdigit() or value == "L"):
            break  # "L. 1111-8": an article, not an initial
        if value.lower() in _PARTICLES:
            if index == 0 and value in {"la", "le", "des", "du"}:
                break  # « Mme la secrétaire »
            lower_case = False  # « mme de garde »
            position = word.end()
            continue
        if text[word.end() : word.end() + 1].isdigit():
            break
        if _is_name_word(value):
            only_lower = False
        elif (
            lower_case
            and value[0].islower()
            and fold(value.rstrip(".")) not in NOT_A_NAME
            and len(value.rstrip(".")) > 1
            and not _ELIDED.match(value)
            and (end is None or only_lower)
        ):
            # One lower-case word is taken for the name, a second one only after a first name.
            if only_lower:
                end = word.end() - value.endswith(".")
                break
            if fold(value) not in FIRST_NAMES:
                return word.end() - value.endswith(".")
            only_lower = True
        else:
            break
        initial = len(value.rstrip(".")) == 1
        end = position = word.end() - (value.endswith(".") and not initial)
        if value.endswith(".") and not initial:
            break  # the end of the sentence
    return end


def _mask_after(text: str, trigger: re.Pattern[str], *, lower_case: bool, acronyms: bool) -> str:
    """Mask the name that follows each `trigger`; `acronyms` says whether a lone short capital word counts."""
    kept: list[str] = []
    position = 0
    for found in trigger.finditer(text):
        if found.end() < position:
            continue
        end = _name_end(text, found.end(), lower_case=lower_case)
        if end is None:
            continue
        name = text[found.end() : end].strip()
        if not acronyms and name.isupper() and len(name) <= 4:
            continue  # "patient ALD"
        kept += (text[position : found.end()], " ", TOKENS["nom"])
        position = end
    return "".join((*kept, text[position:]))


_FIRST_THEN_LAST = re.compile(rf"(?<![\w'’-])([{_UP}][\w-]*)(?=[ \u00a0])")


def _mask_full_names(text: str) -> str:
    """Mask « Jean Dupont » and « DUPONT Jean » wherever they stand, knowing common first names."""
    kept: list[str] = []
    position = 0
    for found in _FIRST_THEN_LAST.finditer(text):
        if found.start() < position:
            continue
        end = _name_end(text, found.end(), lower_case=False)
        if end is None:
            continue
        word = found.group(1)
        following = text[found.end() : end].split()
        is_first = fold(word.partition("-")[0]) in FIRST_NAMES
        is_last = word.isupper() and len(word) > 2 and word not in ACRONYMS and fold(word) not in NOT_A_NAME
        if is_first or (is_last and fold(following[0]) in FIRST_NAMES):
            kept += (text[position : found.start()], TOKENS["nom"])
            position = end
    return "".join((*kept, text[position:]))


def _mask_signature(text: str) -> str:
    def signature(found: re.Match[str]) -> str:
        if not all(_is_name_word(word) for word in found.group(1).split()):
            return found.group()
        return found.group()[: found.start(1) - found.start()] + TOKENS["nom"]

    return _CLOSING.sub(signature, text)


def _mask_names(text: str) -> str:
    text = _mask_after(text, _CIVILITY, lower_case=True, acronyms=True)
    text = _mask_after(text, _CALLED, lower_case=True, acronyms=True)
    text = _mask_after(text, _PERSON, lower_case=False, acronyms=False)
    return _mask_signature(_mask_full_names(text))


_RULES: tuple[tuple[Kind, Callable[[str], str]], ...] = (
    ("courriel", lambda text: _EMAIL.sub(TOKENS["courriel"], text)),
    ("iban", _mask_iban),
    ("nir", _mask_nir),
    ("téléphone", lambda text: _PHONE.sub(TOKENS["téléphone"], text)),
    ("rpps", _mask_rpps),
    ("dossier", _mask_group(_IPP, "dossier")),
    ("naissance", _mask_group(_BIRTH, "naissance")),
    ("adresse", _mask_address),
    ("nom", _mask_names),
)
