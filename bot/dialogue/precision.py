"""What an answer depends on: read in the message, or asked, and answered with a button or in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.fiches.model import Option, Precision
from bot.nlu.text import STOP_WORDS, fold, stem, tokens

OPEN = "?"
"""The choice of a précision that was neither read nor asked."""
UNKNOWN = "x"
"""The choice of a doctor who does not know."""

LONGEST_REPLY = 12
"""Words beyond which a message is read for the words of the options only: it tells more than a reply."""

_BREAK = re.compile(r"[.!?;:,\n]+")
_NEGATIONS = frozenset("pas non ni sans jamais aucun aucune".split())
_ANSWERS = frozenset("oui non rien".split())
"""Words that name an option only when the question was asked."""
_NEGATION_REACH = 3  # words before
_NOT_KNOWN = re.compile(
    r"(je )?(ne )?(le )?(sais|sait|connais|vois) (vraiment |absolument )?pas( trop| du tout)?\b"
    r"|(je )?n'en sais rien|(je )?l'ignore|(je n'ai )?aucune idee|pas (la moindre )?idee|peu importe"
    r"|(je ne suis )?pas sure?\b|(aucun|ni l'un ni l'autre|autre)$|les? deux$|ca depend$|jsp$|chais pas"
)
_ORDINALS = {
    "premier": 0,
    "premiere": 0,
    "deuxieme": 1,
    "second": 1,
    "seconde": 1,
    "troisieme": 2,
    "quatrieme": 3,
    "cinquieme": 4,
}
_PLACE = re.compile(
    r"(?:la |le |l'|plutot |c'est |option |choix |reponse |numero |n° ?)*([1-9]|[a-e]\)|\w+)"
    r"(?: option| choix| cas)?"
)
_EMPTY = STOP_WORDS | frozenset("oui non ne pas plutot donc alors c est un une ou chez en".split())


@dataclass(frozen=True, slots=True)
class Case:
    """The doctor's case in a fiche: one choice per précision, `OPEN`, `UNKNOWN` or the option's index."""

    fiche: str
    choices: tuple[str, ...]

    @property
    def next(self) -> int | None:
        """The précision to ask: the first that is open."""
        return self.choices.index(OPEN) if OPEN in self.choices else None

    @property
    def coded(self) -> str:
        """The choices as a button carries them: "0,?"."""
        return ",".join(self.choices)

    def chosen(self, precisions: Sequence[Precision]) -> tuple[tuple[Precision, Option], ...]:
        """Each précision with its option, where one was chosen."""
        return tuple(
            (precision, precision.options[int(choice)])
            for precision, choice in zip(precisions, self.choices, strict=True)
            if choice.isdigit()
        )

    def choose(self, index: int, choice: str) -> Case:
        """This case once `choice` is made for the précision `index`."""
        return replace(self, choices=(*self.choices[:index], choice, *self.choices[index + 1 :]))


def decode(fiche: str, coded: str, precisions: Sequence[Precision]) -> Case | None:
    """The case that `Case.coded` told; None when it does not fit `precisions` (the fiche has changed)."""
    choices = tuple(coded.split(",")) if coded else ()
    fits = len(choices) == len(precisions) and all(
        choice in (OPEN, UNKNOWN) or (choice.isascii() and choice.isdigit() and int(choice) < len(p.options))
        for choice, p in zip(choices, precisions, strict=True)
    )
    return Case(fiche, choices) if fits else None


def read_case(fiche: str, precisions: Sequence[Precision], text: str) -> Case:
    """The case as far as `text` tells it."""
    found = (read(precision, text) for precision in precisions)
    return Case(fiche, tuple(OPEN if option is None else str(option) for option in found))


def read(precision: Precision, text: str) -> int | None:
    """The option whose words stand in `text`, by index; None when none or several are named.

    Words are compared by stems. Words that a negation precedes do not count, nor those inside the longer
    words of another option ("société" in "société de moyens").
    """
    spans = [(o, span) for o, option in enumerate(precision.options) for span in _spans(option, text)]
    named = {
        option
        for option, span in spans
        if not any(other != option and _inside(span, larger) for other, larger in spans)
    }
    return named.pop() if len(named) == 1 else None


def reply(precision: Precision, text: str, share: float = 0.5) -> str | None:
    """The choice that `text`, said when `precision` was asked, makes; None when it makes none.

    `share`: least share of its stems that the title of an option must have for it to be that option.
    """
    words = tokens(text)
    for option, declared in enumerate(precision.options):
        if any(words == tokens(wording) for wording in (declared.titre, *declared.mots)):
            return str(option)
    found = read(precision, text)
    if found is not None:
        return str(found)
    said = " ".join(re.sub(r"[^\w'?)°]+", " ", fold(text)).split())
    if len(words) > LONGEST_REPLY or "?" in said:
        return None
    if (place := _place(said)) is not None and place < len(precision.options):
        return str(place)
    if _NOT_KNOWN.match(said):
        return next((str(o) for o, declared in enumerate(precision.options) if is_unknown(declared)), UNKNOWN)
    named = [(o, fold(option.titre)) for o, option in enumerate(precision.options)]
    if words and words[0] in ("oui", "non"):
        agreeing = [(o, title) for o, title in named if re.match(rf"{words[0]}\b", title)]
        if len(agreeing) == 1:
            return str(agreeing[0][0])
        named = agreeing or named
    return _nearest(words, named, share)


def is_unknown(option: Option) -> bool:
    """Whether `option` is itself "Je ne sais pas": no other way out is then needed."""
    return _NOT_KNOWN.match(fold(option.titre)) is not None


def _nearest(words: Sequence[str], titles: Sequence[tuple[int, str]], share: float) -> str | None:
    """The option whose title alone shares most stems with `words`, at least `share` of theirs."""
    said = {stem(word) for word in words if word not in _EMPTY}
    if not said:
        return None
    shared = sorted(
        ((len(said & {stem(w) for w in tokens(title) if w not in _EMPTY}), o) for o, title in titles),
        reverse=True,
    )
    best = shared[0][0] if shared else 0
    if best == 0 or best < share * len(said) or (len(shared) > 1 and shared[1][0] == best):
        return None
    return str(shared[0][1])


def _place(said: str) -> int | None:
    match = _PLACE.fullmatch(said)
    if match is None:
        return None
    named = match.group(1)
    if named.isdigit():
        return int(named) - 1
    if named.endswith(")"):
        return ord(named[0]) - ord("a")
    return _ORDINALS.get(named)


_Span = tuple[int, int, int]  # piece of the text, first word, last word + 1


def _spans(option: Option, text: str) -> Iterator[_Span]:
    wanted = [tuple(map(stem, words)) for mot in option.mots if not _ANSWERS.issuperset(words := tokens(mot))]
    for piece, part in enumerate(_BREAK.split(text)):
        words = tokens(part)
        stems = tuple(map(stem, words))
        for mot in wanted:
            for start in range(len(stems) - len(mot) + 1 if mot else 0):
                negated = _NEGATIONS.intersection(words[max(0, start - _NEGATION_REACH) : start])
                if stems[start : start + len(mot)] == mot and not negated:
                    yield piece, start, start + len(mot)


def _inside(span: _Span, larger: _Span) -> bool:
    return (
        span[0] == larger[0]
        and larger[1] <= span[1]
        and span[2] <= larger[2]
        and span[2] - span[1] < larger[2] - larger[1]
    )
