"""Elliptical follow-ups: which neighbour of the last fiche a few words lead to."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.fiches.model import Fiche, Option
from bot.nlu.text import STOP_WORDS, fold, stem, tokens

LONGEST = 14
"""Words of the longest message that is read as a follow-up."""
LONGEST_WORDING = 160
"""Characters of the longest wording that a few words are compared with: letters say too many things."""

SAME = 0.8
"""Likeness to a declared relance from which a message is that relance."""
SURE, LEAD, SUBJECT = 0.6, 0.15, 2
"""Likeness to a neighbour, lead over the next and stems of the message from which it is answered: right 96
times in 100 on the 768 declared relances of the base, the relances themselves left out. One word alone
("et mon associé ?") fits too many wordings."""
LIKELY = 0.35
"""Likeness from which a neighbour's title is offered."""

_ELLIPTIC = re.compile(
    r"(?:(?:ok|d'accord|bien|bon|merci|oui|non|ah|euh|hum)\b[\s,.!]*)*"
    r"(?:et|mais|meme|ou (?:alors|bien)|sinon|alors|du coup|dans ce cas|si|s'ils?|pour|quid|qu'en est-il"
    r"|(?:c'est )?(?:pareil|idem))\b"
)
_FILLERS = STOP_WORDS | frozenset(
    (
        "ah alors aussi avais avait avec bien cas comment coup dedans dois doit donc elles etais etait "
        "etions exerce faire fais faisons fait faut ferais font fut hein ici il ils jamais la mais meme "
        "ne non ok oui peut peux plus puis quand quel quelle quelles quels quoi sera serais serait seront "
        "si sinon soit tout travaille va vais veut veux vont voudrait "
    ).split()
)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near (0..1) the words of a message are to those of a fiche."""

    fiche: str
    value: float


def is_elliptic(text: str) -> bool:
    """Whether `text` leans on what was said before: a few words that begin with "et", "mais", "si"…"""
    return _ELLIPTIC.match(fold(text).strip(" \u00a0«\"'")) is not None and len(tokens(text)) <= LONGEST


def adds(text: str) -> bool:
    """Whether `text` adds a subject to what was said before, whatever else it sounds like: "et s'il ne répond
    pas" is no complaint, "et non" is only a refusal."""
    return is_elliptic(text) and tokens(text)[0] in ("et", "mais", "meme") and bool(subject_words(text))


def declared(fiche: Fiche, text: str) -> Likeness | None:
    """The fiche that the relance of `fiche` nearest to `text` leads to; None when none is near enough.

    A wording that is the whole message counts 1. So does one that adds the same words to the title: after
    "doit-il être certifié ?", "s'il n'est pas certifié" is "s'il ne l'est pas".
    """
    if len(tokens(text)) > LONGEST:
        return None
    said, title = tokens(text), _stems(fiche.titre)
    for relance in fiche.relances:
        if any(tokens(wording) == said for wording in relance.si):
            return Likeness(relance.fiche, 1.0)
    added = _stems(text) - title
    for relance in fiche.relances:
        if added and is_elliptic(text) and any(_stems(wording) - title == added for wording in relance.si):
            return Likeness(relance.fiche, 1.0)
    wordings = {
        target: tuple(w for r in fiche.relances if r.fiche == target for w in r.si)
        for target in dict.fromkeys(r.fiche for r in fiche.relances)
    }
    ranked = nearest(text, wordings)
    return ranked[0] if ranked and ranked[0].value >= SAME else None


def unsaid(text: str, fiche: Fiche, options: Iterable[Option]) -> set[str]:
    """Stems of `text` that carry a subject which neither the title of `fiche` nor `options` name."""
    named = [fiche.titre, *(wording for o in options for wording in (o.titre, *o.mots))]
    return _stems(text).difference(*map(_stems, named))


def neighbours(fiche: Fiche) -> tuple[str, ...]:
    """Fiches that a follow-up of `fiche` may be about: those of its relances, then its voisines."""
    found = dict.fromkeys([*fiche.voisines, *(r.fiche for r in fiche.relances)])
    found.pop(fiche.id, None)
    return tuple(found)


def wordings(fiche: Fiche) -> tuple[str, ...]:
    """What `fiche` is asked by, letters left out."""
    return tuple(w for w in (fiche.titre, *fiche.questions) if len(w) <= LONGEST_WORDING)


def nearest(text: str, known: Mapping[str, Sequence[str]]) -> list[Likeness]:
    """Fiches whose `known` wordings are like `text`, nearest first.

    Cosine of stems and of groups of four letters, each weighted by its inverse document frequency among
    `known` (Spärck Jones 1972): what all of them say tells nothing.
    """
    said = _features(text)
    counts: Counter[str] = Counter()
    total = 1
    for sayings in known.values():
        for wording in sayings:
            counts.update(_features(wording))
            total += 1

    def norm(features: frozenset[str]) -> float:
        return sum(math.log((total + 1) / (counts[f] + 0.5)) for f in features)

    length = norm(said)
    if length <= 0:
        return []
    found = []
    for fiche, sayings in known.items():
        best = max(
            (
                norm(shared) / math.sqrt(length * norm(features))
                for wording in sayings
                if (shared := said & (features := _features(wording)))
            ),
            default=0.0,
        )
        found.append(Likeness(fiche, best))
    return sorted(found, key=lambda x: (-x.value, x.fiche))


def is_sure(text: str, ranked: Sequence[Likeness]) -> bool:
    """Whether the first of `ranked` (what `nearest` found for `text`) may be answered from."""
    if not ranked or ranked[0].value < SURE or len(_stems(text) - {"pas"}) < SUBJECT:
        return False
    return len(ranked) == 1 or ranked[0].value - ranked[1].value >= LEAD


def subject_words(text: str) -> list[str]:
    """The words of `text` that carry a subject, in order."""
    return [word for word in tokens(text) if word not in _FILLERS and len(word) > 1]


def _stems(text: str) -> set[str]:
    return set(map(stem, subject_words(text)))


@lru_cache(maxsize=16384)
def _features(text: str) -> frozenset[str]:
    words = [word for word in subject_words(text) if word != "pas"]  # it tells cases apart, but is no subject
    letters = (f"_{word}_" for word in words)
    groups = (word[i : i + 4] for word in letters for i in range(max(1, len(word) - 3)))
    return frozenset([*(f"={stem(word)}" for word in words), *groups])
