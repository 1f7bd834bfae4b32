"""Reads a message as a reader's letter: greeting, context, question(s), thanks.

The question decides which fiche answers; the context helps; greeting and thanks say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, pairwise

from bot.nlu.text import fold, stem, subject_stems, tokens


class Role(StrEnum):
    """What a sentence does in a letter."""

    GREETING = "greeting"
    CONTEXT = "context"
    QUESTION = "question"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a message (greeting words already cut off its start) and its role."""

    text: str
    role: Role


@dataclass(frozen=True, slots=True)
class Reading:
    """A message read. `body` is all that is not courtesy; `questions` are the sentences that ask."""

    sentences: tuple[Sentence, ...]

    @property
    def questions(self) -> tuple[str, ...]:
        """The sentences that ask something, in order."""
        return tuple(s.text for s in self.sentences if s.role is Role.QUESTION)

    @property
    def body(self) -> str:
        """Context and questions, without courtesies."""
        return " ".join(s.text for s in self.sentences if s.role in (Role.CONTEXT, Role.QUESTION))

    @property
    def focus(self) -> str:
        """What decides: the questions when there are any, else the whole body."""
        return " ".join(self.questions) or self.body

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the body (`bot.nlu.text.tokens`), sentence by sentence."""
        return _words(s.text for s in self.sentences if s.role in (Role.CONTEXT, Role.QUESTION))

    @property
    def focus_words(self) -> tuple[str, ...]:
        """The words of what decides."""
        return _words(self.questions) or self.words


def _words(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(chain.from_iterable(map(tokens, texts)))


# Abbreviations whose full stop ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:\b(?:art|al|dr|drs|pr|m|mm|mme|mlle|n|no|l|r|d|etc|cf|ex|p|chap|env|tel|st|ste|c|civ|pen|assur|ord)|\d)$",
    re.IGNORECASE,
)
_BREAK = re.compile(r"([.!?…]+[\s»\")]*|\n+|;\s+)")

_SALUTATION = re.compile(
    r"""^[\s,!.]*(?:
        (?:bonjour|bonsoir|salut|hello|coucou|bjr|slt|rebonjour)(?:\s+a\s+(?:tous|vous|toutes))?
        |(?:cher|chere)s?\s+(?:maitre|confrere|consoeur|monsieur|madame|docteur)
    )
    (?:[\s,]+(?:cher|chere)?\s*(?:maitre|confreres?|consoeurs?|monsieur|madame|docteur|le\s+juriste|messieurs|mesdames))*
    (?=[\s,;:!.\n-]|$)[\s,;:!.-]*""",
    re.VERBOSE,
)
_SALUTATION_TITLE = re.compile(r"^[\s]*(?:maitre|cher maitre|chere maitre|monsieur|madame)\s*[,!:\n]+\s*")

_ASKS_BY_THANKS = re.compile(
    r"merci\s+(?:d'avance\s+)?(?:de\s+(?:me|nous|bien)|pour\s+(?:me|nous)\s+dire)"
    r"|merci\s+de\s+(?:preciser|confirmer|indiquer|dire|repondre\s+a)"
)
_THANKS = re.compile(
    r"^\W*(?:(?:un\s+)?(?:grand\s+|tres\s+)?merci\b|mille\s+mercis|je\s+vous\s+remercie|nous\s+vous\s+remercions|"
    r"avec\s+(?:tous\s+)?(?:mes|nos)\s+remerciements|par\s+avance\s+merci|"
    r"(?:bien|tres)?\s*(?:cordialement|confraternellement|a\s+vous|sincerement|respectueusement)|"
    r"sinceres\s+salutations|salutations|bien\s+cordialement|dans\s+l'attente|en\s+vous\s+remerciant|"
    r"veuillez\s+(?:agreer|recevoir)|recevez|je\s+vous\s+prie\s+d|bonne\s+journee|bonne\s+soiree|a\s+bientot|"
    r"d'avance\s+merci|cdlt|cdt)"
)
_ASKS = re.compile(
    r"\?|"
    r"\b(?:je\s+(?:voudrais|souhaite(?:rais)?|desire(?:rais)?|veux|cherche\s+a|me\s+demande)"
    r"|j'aimerais|nous\s+(?:voudrions|souhaitons|souhaiterions|aimerions|nous\s+demandons)|on\s+(?:voudrait|aimerait|se\s+demande))"
    r"(?:\s+\w+){0,2}\s*(?:savoir|comprendre|connaitre|demander|si\b|verifier|etre\s+(?:sur|certaine?|fixee?)|avoir\s+votre\s+avis|que)"
    r"|\bje\s+me\s+(?:demande|pose)|ma\s+question|notre\s+question|(?:j'ignore|je\s+ne\s+(?:sais|vois|comprends)\s+pas|\bsavoir)\s+(?:si|s'|quoi|comment|ce|a\s+qui|qui|quel|combien|quand|ou)"
    r"|\b(?:me|nous)\s+demande(?:nt)?\s+(?:[^\s,.]+\s+){0,3}?(?:si\b|s')"
    r"|\b(?:a\s+qui|comment|combien(?:\s+(?:de\s+(?:temps|mois|jours)|d'an(?:nee)?s))?|(?:de|a|en|faire|fais|fait|risque|dois|c'est)\s+quoi)[\s.!…]*$"
    r"|\b(?:pouvez|pourriez|sauriez)[\s-]vous|\bdites[\s-]moi|\bindiquez[\s-]moi|\beclairez[\s-]|\beclairer"
    r"|\bmerci\s+(?:de|d'avance\s+de)\s+(?:me|nous|bien|preciser|confirmer|indiquer|dire)"
    r"|^[\W\d]*(?:est[\s-]ce|esque|eske|dois[\s-]je|doit[\s-]on|devons[\s-]nous|puis[\s-]je|peut[\s-]on|pouvons[\s-]nous"
    r"|faut[\s-]il|suis[\s-]je|sommes[\s-]nous|ai[\s-]je|avons[\s-]nous|y\s+a[\s-]t|qu'est|que\s+(?:dois|faire|risque|dit)"
    r"|quel(?:le)?s?\b|comment\b|combien\b|pourquoi\b|qui\b|quand\b|ou\s+(?:puis|dois|trouver)|a\s+qui|de\s+quoi|c'est\s+quoi)"
)


_ANNOUNCES = re.compile(r"\b(?:savoir|demander?|questions?|points?|choses?|sujets?|interrogations?)\b")
"""What announces a list of questions, where it ends with a colon."""

_ITEM = re.compile(
    r"^\s*(?:[-–—•*]\s*|\d{1,2}\s?[.)°]\s*|[a-d]\)\s*)?"
    r"(?:d['’](?:une|autre)\s+part\s*[,:]?\s*|(?:premi|deuxi|secon|troisi)[èe]?\w*ment\s*[,:]?\s*)?",
    re.IGNORECASE,
)
"""How an item of a list begins."""

_INTERROGATIVE = (
    r"(?:est[\s-]ce|est[\s-]il|sont[\s-]ils|dois[\s-]je|doit[\s-](?:on|il|elle)|devons[\s-]nous|puis[\s-]je|peut[\s-](?:on|il|elle)"
    r"|pouvons[\s-]nous|faut[\s-]il|suis[\s-]je|sommes[\s-]nous|ai[\s-]je|avons[\s-]nous|y\s+a[\s-]t|qu'est|que\s+(?:dois|faire|risque)"
    r"|(?:a|de|dans|pour|sous|avec)\s+quel(?:le)?s?\b|quel(?:le)?s?\b|comment\b|combien\b|pourquoi\b|a\s+qui\b|qui\b|quand\b|si\s+\w+"
    r"|(?:[^\s,?:]+\s+){1,5}\w+-(?:t-)?(?:il|elle|on|je|nous|ils|elles)\b)"
)
_JOINED = re.compile(
    rf"(?:[,;]?\s+(?:et|puis|ou\s+bien|et\s+(?:aussi|puis|par\s+ailleurs|enfin))\s+(?={_INTERROGATIVE}))|(?:^|\s)(?=[1-4]\s?[)°.]\s+\w)"
)
_JOINT = re.compile(
    r";\s+|[,;:]?\s+(?:et|puis|ainsi\s+que|sinon|par\s+ailleurs|d'autre\s+part|de\s+plus|en\s+outre|enfin|aussi)"
    r"(?:\s+(?:aussi|puis|sinon|enfin|par\s+ailleurs|d'autre\s+part|en\s+plus|egalement))?[,:]?\s+"
)
_MARKS = " ,;:"
_SHORTEST_PIECE = 4  # words
_SHORTEST_QUESTION = 3  # words
_FEWEST_SUBJECTS = 1
_NO_SUBJECT = frozenset(
    stem(word)
    for word in (
        "quel quelle quels quelles comment combien pourquoi quand quoi moment temps delai duree maximum "
        "minimum forme condition maniere prix dois doit devons puis peut pouvons faut faire vrai suffit il "
        "elle alors aussi enfin si ne pas"
    ).split()
)
"""Stems that ask without telling of what."""


def split_sentences(text: str) -> list[str]:
    """Cuts `text` at ends of sentence and line breaks, not after abbreviations and initials."""
    sentences: list[str] = []
    start = 0
    for match in _BREAK.finditer(text):
        before = text[start : match.start()]
        mark = match.group(1)
        if mark.strip() == "." and re.fullmatch(r"\s*\d{1,2}", before):  # "1. Puis-je…": an item
            continue
        if mark.strip() == "." and (_ABBREVIATION.search(before) and not mark.endswith("\n")):
            rest = text[match.end() : match.end() + 1]
            # "art. 32", "L. 1111-8": the full stop belongs to the word; "n° 4. Ensuite" does not.
            if not (before[-1:].isdigit() and (rest.isupper() or not rest)):
                continue
        sentence = text[start : match.end()].strip(" \t\n;")
        if re.search(r"\w", sentence):
            sentences.append(sentence)
        start = match.end()
    tail = text[start:].strip()
    if re.search(r"\w", tail):
        sentences.append(tail)
    return sentences


def split_questions(sentence: str) -> list[str]:
    """The questions joined in one sentence ("faut-il X, et puis-je Y ?"), or the sentence alone.

    Cut before a numbered item or an "et" that begins a question of its own. A piece of fewer than three words
    or that names no subject ("à quel moment", "et combien d'années"), is no question.
    """
    folded = fold(sentence)
    if len(folded) != len(sentence):  # a ligature was spelled out: offsets differ, keep the sentence whole
        return [sentence]
    cuts = [m.start() for m in _JOINED.finditer(folded)]
    pieces = [sentence[a:b].strip(" ,;") for a, b in pairwise([0, *cuts, len(sentence)])]
    if any(_is_fragment(piece) for piece in pieces if piece):
        return [sentence]
    return [piece for piece in pieces if piece]


def cuts(sentence: str) -> list[tuple[str, str]]:
    """The ways to cut `sentence` in two at what may join two questions ("et", "par ailleurs", a semicolon…).

    A comma alone is none: it joins the parts of one question far more often.
    Their form is not looked at: whether they are two questions is for what they match to say.
    """
    folded = fold(sentence)
    if len(folded) != len(sentence):  # as in split_questions
        return []
    found = []
    for joint in _JOINT.finditer(folded):
        pieces = sentence[: joint.start()].strip(" ,;:"), sentence[joint.end() :].strip(" ,;:")
        if all(
            len(re.findall(r"\w+", piece)) >= _SHORTEST_PIECE and not _is_fragment(piece) for piece in pieces
        ):
            found.append(pieces)
    return found


def subjects(piece: str) -> int:
    """How many words of `piece` say what it is about: none in "à quel moment ?", "et combien d'années ?"."""
    return sum(s not in _NO_SUBJECT for s in subject_stems(tokens(piece)))


def _is_fragment(piece: str) -> bool:
    return len(re.findall(r"\w+", piece)) < _SHORTEST_QUESTION or subjects(piece) < _FEWEST_SUBJECTS


def _cut_salutation(sentence: str) -> tuple[str, bool]:
    """`sentence` without the greeting it begins with, and whether there was one."""
    folded = fold(sentence)
    if len(folded) != len(sentence):  # a ligature was spelled out: offsets differ, keep the sentence whole
        return sentence, bool(_SALUTATION.match(folded))
    match = _SALUTATION.match(folded) or _SALUTATION_TITLE.match(folded)
    if match and match.end() > 0:
        return sentence[match.end() :].strip(), True
    return sentence, False


def read(text: str) -> Reading:
    """Reads `text` (a whole message) into sentences with roles. Never raises; "" gives no sentence."""
    sentences: list[Sentence] = []
    listing = False
    for raw in split_sentences(text):
        rest, greeted = _cut_salutation(raw)
        if greeted:
            sentences.append(Sentence(raw[: len(raw) - len(rest)].strip(), Role.GREETING))
        if not re.search(r"\w", rest):
            continue
        marked, rest = rest, _ITEM.sub("", rest, count=1)
        folded = fold(rest)
        if _THANKS.match(folded) and not _ASKS_BY_THANKS.search(folded) and "?" not in rest:
            role = Role.THANKS
        elif rest.endswith(":") and "?" not in rest and _ANNOUNCES.search(folded):
            # It asks nothing, the items that follow do.
            role, listing = Role.CONTEXT, True
        elif (listing and rest != marked) or _ASKS.search(folded):
            sentences += [Sentence(piece, Role.QUESTION) for piece in split_questions(rest)]
            continue
        else:
            role = Role.CONTEXT
        sentences.append(Sentence(rest, role))
    return Reading(tuple(sentences))
