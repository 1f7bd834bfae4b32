"""Does a passage state a rule of law? A documented list of cues, kept tight so that an alarm means something.

A cue is a turn of phrase that only makes sense if some text says so: a duty, a prohibition, a penalty, a
right, a legal deadline. Advice (« vérifiez », « demandez », « il vaut mieux ») is not a rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.fiches.prose import sentences

_NUMBER = (
    r"(?:\d+|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douze|quinze|vingt|trente|"
    r"quarante-huit|soixante|soixante-douze)"
)
_UNIT = r"(?:heures?|h|jours?|semaines?|mois|ans?|années?)\b"


@dataclass(frozen=True, slots=True)
class Cue:
    """A turn of phrase that states a rule; `in_advice` tells whether it counts in « Que faire » too."""

    pattern: re.Pattern[str]
    in_advice: bool = True


def _cue(pattern: str, in_advice: bool = True) -> Cue:
    return Cue(re.compile(pattern, re.IGNORECASE), in_advice)


CUES: tuple[Cue, ...] = (
    # Duty
    _cue(r"\b(?:doit|doivent|devez|devra|devront|devrez)\b"),
    _cue(
        r"\b(?:est|sont|êtes|reste|restent|restez) (?:\w+ ){0,2}(?:tenue?s?|obligée?s?) (?:de\b|d'|à\b|au\b)"
    ),
    _cue(r"\bobligatoire(?:s|ment)?\b|\bincombe(?:nt)?\b"),
    _cue(r"\b(?:est|sont|êtes) soumise?s? (?:à\b|au\b|aux\b)", in_advice=False),
    # In advice, « relisez vos obligations » or « ce que le contrat exige » is no rule.
    _cue(r"\bobligations?\b|\b(?:exige|exigent|impose|imposent)\b", in_advice=False),
    _cue(r"\b(?:est|sont) (?:pas |aussi |donc )?(?:exigée?s?|imposée?s?)\b", in_advice=False),
    # Prohibition
    _cue(r"\binterdi(?:te?s?|ctions?)\b"),
    _cue(r"\bne (?:peut|peuvent|pouvez|pourra|pourront|pourrez) (?:\w+ ){0,2}(?:pas\b|que\b|qu')"),
    # Penalty
    _cue(r"\b(?:est|sont) punie?s?\b|\bpassibles?\b|\bpeu(?:t|vent) être condamnée?s?\b"),
    _cue(r"\bans? d'emprisonnement|(?:euros?|€) d'amende"),
    # Right
    _cue(r"\b(?:a|avez|ont|aura|aurez|auront) le droit\b|\bouvre(?:nt)? droit\b", in_advice=False),
    # Deadline
    _cue(rf"\bdélais? (?:\w+ )?(?:de |d'){_NUMBER} {_UNIT}"),
    _cue(r"\bdans les meilleurs délais\b", in_advice=False),
    _cue(rf"\b(?:dans les|sous) {_NUMBER} (?:premi\w+ )?{_UNIT}"),
    _cue(rf"\b{_NUMBER} {_UNIT} au plus tard\b|\bau plus tard {_NUMBER} {_UNIT}"),
)

# What looks like a rule and is none. Removed before the cues are looked for.
_NOT_RULES = re.compile(
    # Someone wonders: « vérifiez s’il doit… », « si votre éditeur doit… »
    r"\bs(?:'(?:ils?|elles?)|i\b[^,.;:]{0,60}?) "
    r"(?:doit|doivent|devez|est (?:obligatoire|interdite?|tenue?))\b"
    # No text to cite where none exists: « aucun texte n’impose », « rien n’interdit ».
    r"|\b(?:aucune? (?:texte|article|règle|loi|disposition|norme|source)|rien)\b[^.;:]{0,80}?"
    r"\bn(?:'|e )(?:y |en |l'|les? |la |vous )?\w+"
    # Courtesy and inference: « doit-il » in a quoted question, « on doit pouvoir », « cela doit suffire ».
    r"|\b(?:doit|doivent|devez)-(?:ils?|elles?|on|vous)\b",
    re.IGNORECASE,
)

# An honest doubt is not a rule: « ce point n’a pas été vérifié », « reste à vérifier ».
_DOUBT = re.compile(
    r"\b(?:pas|non|jamais)\b[^.;]{0,30}\bvérifiée?s?\b|\breste(?:nt)? à vérifier\b|\bpas (?:pu )?vérifi",
    re.IGNORECASE,
)


def rule_cue(text: str, *, advice: bool = False) -> tuple[str, int] | None:
    """The first words of `text` that state a rule and their offset, or None.

    `text` is one paragraph or list item without citation marks; `advice` tells that it comes from
    « Que faire », where only duties, prohibitions, penalties and deadlines count. Questions and avowed
    doubts state no rule.
    """
    plain = text.replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ").replace("\n", " ")
    for sentence in sentences(plain):
        if sentence.text.rstrip(" »)*_").endswith("?") or _DOUBT.search(sentence.text):
            continue
        kept = _NOT_RULES.sub(lambda found: " " * len(found.group()), sentence.text)
        found = [
            match
            for cue in CUES
            if (cue.in_advice or not advice) and (match := cue.pattern.search(kept)) is not None
        ]
        if found:
            first = min(found, key=lambda match: match.start())
            return text[
                sentence.start + first.start() : sentence.start + first.end()
            ], sentence.start + first.start()
    return None


def avows_doubt(text: str) -> bool:
    """Whether the passage says itself that the point was not verified."""
    return _DOUBT.search(text.replace("\u00a0", " ").replace("\n", " ")) is not None
