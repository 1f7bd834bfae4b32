"""Bases of any size, made from the real one by a seeded generator.

A generated fiche takes the wordings of a real one and says them of a subject of its own: each content word
that fewer than one real wording in a hundred uses is replaced, the same way throughout the fiche, by a term
drawn for that fiche and stem. What most fiches share ("médecin", "patient", "faut-il") stays, and so do the
frames of the sentences. Terms are pseudo-words of three or four syllables, drawn from a common stock of such
a size that a term belongs to six fiches or so, as a rare stem of the real base does (6.6 on average): no term
tells a fiche by itself, they do together. No two fiches are copies, and no wording is kept as it was.

Each fiche has `LEARNED` wordings and up to `HELD_OUT` more, never learned, half of whose terms at least the
learned ones say too: without, little would tell which of the fiches made from the same real one is meant.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.nlu.text import STOP_WORDS, fold, stem

LEARNED = 12
HELD_OUT = 2
COMMON = 0.01  # share of the wordings
TERMS = 20  # in the stock, for each fiche: it draws some 115
_SHORTEST = 4  # letters: shorter words are grammar
_WORD = re.compile(r"[^\W\d_]+")
_ONSETS = "b c d f g j l m n p r s t v z br cr dr fl gl pl pr tr ch".split()
_VOWELS = "a e i o u ai ou on in".split()


@dataclass(frozen=True, slots=True)
class Generated:
    """A fiche that was made: the wordings it is learned from, and those to try it with."""

    id: str
    learned: tuple[str, ...]
    held_out: tuple[str, ...]


def generate(
    sources: Sequence[Sequence[str]], count: int, seed: int = 0, common_share: float = COMMON
) -> Iterator[Generated]:
    """`count` fiches made from the wordings of real ones, `sources`; the same for the same seed. A stem
    that more than `common_share` of the wordings hold stays as it is.

    A fiche of `sources` with too few wordings that hold a word to replace is left out; raises ValueError when
    none is left.
    """
    chance = random.Random(seed)
    used = Counter(key for fiche in sources for text in fiche for key in set(_stems(text)))
    total = sum(map(len, sources))
    common = {key for key, times in used.items() if times > total * common_share}
    models = [[text for text in fiche if any(key not in common for key in _stems(text))] for fiche in sources]
    models = [fiche for fiche in models if len(fiche) >= LEARNED + HELD_OUT]
    if not models:
        raise ValueError("no fiche has enough wordings to make others from")
    stock = [_term(chance) for _ in range(TERMS * count)]
    for i in range(count):
        model = models[i % len(models)]
        wordings = chance.sample(model, min(len(model), 3 * LEARNED))
        terms = {
            key: chance.choice(stock)
            for key in sorted({k for text in wordings for k in _stems(text)} - common)
        }
        learned = wordings[:LEARNED]
        said = {key for text in learned for key in _stems(text)} - common
        tries = [text for text in wordings[LEARNED:] if _half_said(set(_stems(text)) - common, said)]
        yield Generated(
            f"generee-{i:05d}",
            tuple(_said(text, terms) for text in learned),
            tuple(_said(text, terms) for text in tries[:HELD_OUT]),
        )


def _term(chance: random.Random) -> str:
    syllables = chance.choice((3, 3, 4))
    return "".join(chance.choice(_ONSETS) + chance.choice(_VOWELS) for _ in range(syllables))


def _key(word: str) -> str | None:
    """The stem of a word that may be replaced."""
    folded = fold(word)
    return None if len(folded) < _SHORTEST or folded in STOP_WORDS else stem(folded)


def _stems(text: str) -> list[str]:
    return [key for word in _WORD.findall(text) if (key := _key(word)) is not None]


def _half_said(keys: set[str], said: set[str]) -> bool:
    return 2 * len(keys & said) >= len(keys)


def _said(text: str, terms: dict[str, str]) -> str:
    return _WORD.sub(lambda found: terms.get(_key(found[0]) or "", found[0]), text)
