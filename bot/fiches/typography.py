"""French typography: what is mended without asking, and what the linter says of it.

The rules are those in use on French websites: a non-breaking space before : ; ! ? % € and inside « », the
typographic apostrophe, accents on capitals. A narrow non-breaking space (U+202F) already there is kept.
Citation marks, inline code, addresses, HTML entities and Markdown's own signs are never touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

NBSP = "\u00a0"
NNBSP = "\u202f"

# What is never touched. A link's text is prose, its target is not.
_PROTECTED = re.compile(
    r"`[^`\n]*`"
    r"|<!--.*?-->"
    r"|\[[A-Z][A-Z0-9-]*[ \u00a0][^\[\]\n]*\](?!\()"
    r"|\]\([^()\s]*\)"
    r"|\b(?:https?://|mailto:|www\.)[^\s<>«»\u00a0]*[^\s<>«».,;:!?)\u00a0]"
    r"|[\w.+-]+@[\w-]+\.[\w.-]+\w"
    r"|&#?\w+;"
    r"|[\ue000\ue001]",
    re.DOTALL,
)
# Markdown's signs at the start of a line: « - », « 1. », « > », « ## ».
_LINE_SIGN = re.compile(r"^[ \t]*(?:(?:[-*+]|\d+[.)]|>|#{1,6})(?:[ \t]+|$))+", re.MULTILINE)
# They stand in for protected characters, one for one, so that offsets do not move.
_HELD, _SIGN = "\ue000", "\ue001"

_SPACE = r"[ \t\u00a0\u202f\u2009]*"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it finds, what it puts there, and its name for an editor."""

    name: str
    pattern: re.Pattern[str]
    replace: Callable[[re.Match[str]], str]


@dataclass(frozen=True, slots=True)
class Slip:
    """A place where a text breaks a rule: its offset, and whether `typeset` mends it."""

    name: str
    start: int
    is_mendable: bool


def _space(found: str) -> str:
    return found if found in (NBSP, NNBSP) else NBSP


def _before(match: re.Match[str]) -> str:
    return f"{_space(match[1])}{match[2]}"


def _after(match: re.Match[str]) -> str:
    return f"{match[1]}{_space(match[2])}"


def _rule(name: str, pattern: str, replace: Callable[[re.Match[str]], str], flags: int = 0) -> Rule:
    return Rule(name, re.compile(pattern, flags), replace)


# Words often typed without the accent of their capital. « A » is treated apart: it is also a letter.
_ACCENTED = """
Ça Échange Échanges Échéance Échéances École Écoles Économie Écrire Écrit Écrits Écrivez Éditeur Éditeurs
Éditrice Également Égalité Électronique Élément Éléments Élection Élections Émettez Énoncé Épreuve Équipe
Équipes Équipement Équipements Établir Établissement Établissements Établissez Étape Étapes État États Étant
Étendue Éteignez Étranger Étrangers Étrangère Être Êtes Étude Études Étudiant Étudiants Évaluation Évaluer
Évaluez Événement Événements Éventuel Éventuelle Éventuellement Évidemment Éviter Évitez
"""
_CAPITALS = {word.translate(str.maketrans("ÉÊÇ", "EEC")): word for word in _ACCENTED.split()}
_LATIN = "contrario|fortiori|minima|maxima|posteriori|priori"

# What may follow a sign of punctuation that a space must precede (else it is part of a time, a path…).
_THEN = r"(?=[\s»)\]*_,.…\"\ue000]|$)"
# What comes before it and calls for no space: an opening, another sign, a Markdown sign.
_NOT_AFTER = r"(?<=[^\s!?:;(\[{/«\ue001])"

# Inside a pair: neither a blank line nor the start of a list item, and no end of line beside the quotes.
_INNER = r"(?:[^\"\n\ue001]|\n(?!\s*\n))"
_QUOTES = _rule(
    "guillemets droits au lieu de « »",
    rf"\"(?!\s*\n)({_INNER}*?[^\"\s\ue001]{_INNER}*?)(?<!\n)\"",
    lambda match: f"«{NBSP}{match[1].strip()}{NBSP}»",
)

RULES: tuple[Rule, ...] = (
    _rule("points de suspension à remplacer par « … »", r"(?<!\.)\.{3,}", lambda match: "…"),
    _rule("apostrophe droite au lieu de « ’ »", r"(?<=[^\W_])'", lambda match: "’"),
    _QUOTES,
    _rule("espace insécable manquante après «", rf"(«)({_SPACE})(?=\S)", _after),
    _rule("espace insécable manquante avant »", rf"(?<=[^\s«\ue001])({_SPACE})(»)", _before),
    _rule("espace insécable manquante avant ; : ! ?", rf"{_NOT_AFTER}({_SPACE})(;|:|[!?]+){_THEN}", _before),
    _rule("espace insécable manquante avant % ou €", rf"(?<=\d)({_SPACE})(%|[kM]?€)", _before),
    _rule(
        "espaces insécables manquantes dans l’heure",
        rf"(?<=\d)({_SPACE})h({_SPACE})(\d\d)(?!\d)",
        lambda match: f"{_space(match[1])}h{_space(match[2])}{match[3]}",
    ),
    _rule("espace insécable manquante avant h", rf"(?<=\d)({_SPACE})(h)(?![\w)’])", _before),
    _rule("espace insécable manquante après n° ou §", rf"((?<!\w)[nN]°s?|§)({_SPACE})(?=[^\W_])", _after),
    _rule("espace insécable manquante dans un numéro d’article", rf"\b([LRD]\.)({_SPACE})(?=\d)", _after),
    _rule(
        "espace insécable manquante dans un nombre",
        r"(?<![\w.,/-])(\d{1,3})((?:[ \t]\d{3})+)(?![\w])",
        lambda match: match[1] + re.sub(r"[ \t]", NBSP, match[2]),
    ),
    _rule(
        "majuscule sans accent",
        rf"\b({'|'.join(_CAPITALS)})\b(?![’'-]?\w)",
        lambda match: _CAPITALS[match[1]],
    ),
    _rule(
        "majuscule sans accent",
        rf"(^|[\ue001\n]|[.!?…:]{_SPACE}[ \n]|«{_SPACE})A(?= (?!(?:{_LATIN})\b)[a-zà-ÿ])",
        lambda match: f"{match[1]}À",
    ),
)

# What no rule can mend alone: nobody knows what was meant.
_LEFTOVERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("apostrophe droite au lieu de « ’ »", re.compile(r"(?<![^\W_])'")),
    ("guillemet droit isolé", re.compile(r"\"")),
)


def _mask(text: str) -> str:
    """`text` with each protected character replaced by a stand-in, at the same offset."""
    held = _PROTECTED.sub(lambda match: _HELD * len(match[0]), text)
    return _LINE_SIGN.sub(lambda match: _SIGN * len(match[0]), held)


def _unmask(masked: str, text: str, mask: str) -> str:
    """Puts back, in order, what the stand-ins stood for: no rule adds, drops or moves one."""
    originals = iter([char for char, stand_in in zip(text, mask, strict=True) if stand_in in (_HELD, _SIGN)])
    return "".join(next(originals) if char in (_HELD, _SIGN) else char for char in masked)


def typeset(text: str) -> str:
    """`text` (Markdown prose) with its typography mended. Idempotent; words are never changed."""
    mask = masked = _mask(text)
    for rule in RULES:
        # Again until nothing changes: quotes within quotes are paired from the inside out.
        while (mended := rule.pattern.sub(rule.replace, masked)) != masked:
            masked = mended
    return _unmask(masked, text, mask)


def slips(text: str) -> Iterator[Slip]:
    """Where `text` breaks a rule, in order. Silent on what `typeset` returns, save what it cannot mend."""
    masked = _mask(text)
    found = [
        Slip(rule.name, match.start(), True)
        for rule in RULES
        for match in rule.pattern.finditer(masked)
        if rule.replace(match) != match[0]
    ]
    paired = [match.span() for match in _QUOTES.pattern.finditer(masked)]
    found += [
        Slip(name, match.start(), False)
        for name, pattern in _LEFTOVERS
        for match in pattern.finditer(masked)
        if not any(start <= match.start() < end for start, end in paired)
    ]
    yield from sorted(found, key=lambda slip: slip.start)
