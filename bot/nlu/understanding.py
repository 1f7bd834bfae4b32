"""Message → conversational intent or questions with ranked fiches. No Rasa here.

Classes of the kernel model: `fiche:<id>`, `orientation:<id>` (subjects outside the base) and
`intent:<name>` (greeting, thanks, look-up of an article…).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bot.dialogue.match import Candidate, Match, QuestionMatch
from bot.nlu.ranker import FICHE, INTENT, ORIENTATION, Ranker, all_of, best, shares_of, train
from bot.nlu.reader import Reading, Role, cuts
from bot.nlu.ridge import Example, LocalRidge, Scores, read_or_whole
from bot.nlu.similarity import Weights
from bot.nlu.text import content_stems, each_text_once, stems_of, subject_stems, tokens
from bot.nlu.vectors import WordVectors
from bot.nlu.ways import Asked, each_half, each_question

QUESTION = "question"
OUT_OF_DOMAIN = "out_of_domain"
FILE = "understanding.json"
CANDIDATES = 5
# Directions of the word vectors that are kept, since all would take a third of a message's time; and the
# wordings, at most, that say which.
DIMENSIONS = 100
LEARNED_FROM = 20_000
# The questions of a message are treated apart when one is sure by itself and another likely.
SURE = 0.75
LIKELY = 0.5
# Words beyond which a message is a question (or none), never small talk or a request to the bot itself.
LONGEST_TALK = 30
# A sentence is cut in two questions when both are then as sure as this; so many cuts are tried.
SURE_APART = 0.6
MOST_CUTS = 8
# Words beyond which no sentence is cut: a letter tells its questions apart by itself.
LONGEST_CUT = 60


@dataclass(frozen=True, slots=True)
class Understood:
    """`intent` with its `confidence` (0..1), the `match` of its questions, and the best intents ranked."""

    intent: str
    confidence: float
    match: Match
    intents: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for a fiche: its `score`; how near its `nearest` wordings are, by the whole kernel then by
    each block; and its share of what the wordings of all classes say `together`, by each block of terms."""

    score: float
    nearest: tuple[float, ...]
    together: tuple[float, ...]


class Saved(msgspec.Struct, frozen=True):
    """What is stored of a trained model beside its ridge."""

    vocabulary: list[str]
    ranker: Ranker
    said: dict[str, str]


class Understanding:
    """The trained reader of messages."""

    def __init__(self, vectors: WordVectors, weights: Weights | None = None) -> None:
        self._vectors = vectors
        self._weights = weights or Weights()
        self._ranker: Ranker | None = None

    def fit(self, examples: Sequence[Example], counter_examples: Sequence[Example] = ()) -> None:
        """Learns from wordings labelled with their class. Raises ValueError when no fiche is among them."""
        if not any(e.label.startswith(FICHE) for e in examples):
            raise ValueError("No published fiche to learn from: the training data holds no `fiche` wording.")
        # Sorted, so that a model does not depend on the order of files.
        self.examples = sorted(set(examples), key=lambda e: (e.label, e.text))
        counters = sorted(set(counter_examples), key=lambda e: (e.label, e.text))
        sample = self.examples[:: 1 + len(self.examples) // LEARNED_FROM]
        self._vectors = self._vectors.reduced([e.text for e in sample], DIMENSIONS)
        self._ridge = LocalRidge(self._weights, self._vectors)
        self.leave_one_out = self._ridge.fit(self.examples, counters)
        # "non" is too common a word to be compared by: what is said word for word is known as such.
        self._said = {
            " ".join(tokens(e.text)): e.label.removeprefix(INTENT)
            for e in self.examples
            if e.label.startswith(INTENT)
        }
        self._vocabulary = {
            s for e in self.examples if e.label.startswith(FICHE) for s in content_stems(e.text)
        }
        self._ranker = train(
            [left.scores for left in self.leave_one_out],
            [self.examples[left.index].label for left in self.leave_one_out],
        )

    def save(self, folder: Path) -> None:
        """Writes the trained model into `folder`."""
        assert self._ranker is not None, "fit() first"
        self._ridge.save(folder)
        saved = Saved(sorted(self._vocabulary), self._ranker, self._said)
        (folder / FILE).write_bytes(msgspec.json.encode(saved))

    @classmethod
    def load(cls, folder: Path) -> Understanding:
        """The model that `save` wrote."""
        saved = msgspec.json.decode((folder / FILE).read_bytes(), type=Saved)
        ridge = LocalRidge.load(folder)
        model = cls(ridge.vectors)
        model._ridge = ridge
        model._vocabulary = set(saved.vocabulary)
        model._ranker = saved.ranker
        model._said = saved.said
        return model

    @property
    def fiches(self) -> frozenset[str]:
        """Identifiers of the fiches it can find."""
        return frozenset(label.removeprefix(FICHE) for label in self._ridge.labels if label.startswith(FICHE))

    def with_fiche(self, fiche: str, wordings: Sequence[str]) -> Understanding:
        """A copy that finds one more fiche, learned from its `wordings` in a moment; the calibration stays.
        Raises ValueError when the fiche is known already or has no wording."""
        wider = Understanding(self._vectors, self._weights)
        wider._ridge = self._ridge.with_class(FICHE + fiche, wordings)
        wider._ranker = self._ranker
        wider._said = self._said
        wider._vocabulary = self._vocabulary.union(*(content_stems(wording) for wording in wordings))
        return wider

    def understand(self, text: str) -> Understood:
        """Reads one message (any length, already normalised)."""
        with each_text_once():
            return self._understand(text)

    def _understand(self, text: str) -> Understood:
        reading = read_or_whole(text)
        several = len(reading.questions) > 1
        apart = each_question(reading) if several else _halves(reading)
        whole, *scores = self._ridge.scores([reading, *_ways(apart)])
        matches = self._matches(apart, scores)
        # A letter that mentions "cette conversation" or "faire suivre" is still a letter.
        intents = self._intents(text, whole) if len(text.split()) <= LONGEST_TALK else []
        _, best_fiche = best(whole, FICHE)
        _, best_orientation = best(whole, ORIENTATION)
        joint = self._question(reading, whole)
        questions = _split(joint, _surest(matches)) if several else _surest_pair(matches) or (joint,)
        if several and len(questions) < 2 and (halves := _halves(reading)):
            matches = self._matches(halves, self._ridge.scores(_ways(halves)))
            questions = _surest_pair(matches) or questions
        ranked = sorted(
            [*intents, (QUESTION, best_fiche), (OUT_OF_DOMAIN, best_orientation)],
            key=lambda pair: (-pair[1], pair[0]),
        )
        confidences = _shares([value for _, value in ranked])
        ranked_intents = tuple((name, c) for (name, _), c in zip(ranked, confidences, strict=True))
        return Understood(ranked_intents[0][0], ranked_intents[0][1], Match(questions), ranked_intents)

    def _intents(self, text: str, scores: Scores) -> list[tuple[str, float]]:
        """The conversational intents and their scores."""
        said = self._said.get(" ".join(tokens(text)))
        return [(name, 2.0 if name == said else value) for name, value in all_of(scores, INTENT)]

    def without_itself(self, fiche: str) -> list[tuple[str, str, float]]:
        """Each training wording of `fiche`, with the fiche that comes first when it was not learned, and its
        probability. Only on a model trained in this process."""
        assert self._ranker is not None, "fit() first"
        found = []
        for left in self.leave_one_out:
            example = self.examples[left.index]
            if example.label == FICHE + fiche:
                first, probability = self._ranker.rank(left.scores)[0]
                found.append((example.text, first, probability))
        return found

    def signals(self, text: str) -> dict[str, Signals]:
        """What speaks for each fiche in `text` as a whole."""
        scores = self._ridge.scores([read_or_whole(text)])[0]
        shares = shares_of(scores)
        return {
            label.removeprefix(FICHE): Signals(
                float(scores.values[i]),
                tuple(map(float, scores.evidence[:, i])),
                tuple(map(float, shares[:, i])),
            )
            for i, label in enumerate(scores.labels)
            if label.startswith(FICHE)
        }

    def _question(self, reading: Reading, scores: Scores) -> QuestionMatch:
        assert self._ranker is not None
        ranked = self._ranker.rank(scores)[:CANDIDATES]
        orientation, orientation_score = best(scores, ORIENTATION)
        stems = stems_of(reading.focus_words)
        known = sum(stem in self._vocabulary for stem in stems)
        return QuestionMatch(
            text=reading.focus,
            candidates=tuple(Candidate(fiche, round(p, 4)) for fiche, p in ranked),
            orientation=orientation or None,
            orientation_score=round(orientation_score, 4),
            coverage=round(known / len(stems), 4) if stems else 0.0,
            words=len(subject_stems(reading.words)),
        )

    def _matches(self, asked: Sequence[Asked], scores: Sequence[Scores]) -> list[list[QuestionMatch]]:
        """The matches of each question, one for each way to read it. `scores`: of all ways in turn."""
        rest = iter(scores)
        return [
            [msgspec.structs.replace(self._question(way, next(rest)), text=one.text) for way in one.ways]
            for one in asked
        ]


def _ways(apart: Iterable[Asked]) -> list[Reading]:
    return [way for one in apart for way in one.ways]


def _halves(reading: Reading) -> list[Asked]:
    """The halves of each sentence of `reading` that may join two questions without the form of two, in turn;
    none in a long message."""
    if len(reading.body.split()) > LONGEST_CUT:
        return []
    said = [s.text for s in reading.sentences if s.role is Role.CONTEXT]
    asked = reading.questions or (said if len(said) == 1 else ())
    pairs = [pair for question in asked for pair in cuts(question)][:MOST_CUTS]
    return [half for pair in pairs for half in each_half(reading, pair)]


def _surest_pair(halves: Sequence[Sequence[QuestionMatch]]) -> tuple[QuestionMatch, ...]:
    """The two questions that a cut makes, when both are sure and lead to different fiches; else none.
    `halves`: the matches of each half, one for each way to read it, two by two."""
    surest: tuple[QuestionMatch, ...] = ()
    least = SURE_APART
    for first, second in zip(halves[::2], halves[1::2], strict=True):
        for two in product(first, second):
            surely = min(map(_probability, two))
            if _fiche(two[0]) != _fiche(two[1]) and surely >= least:
                surest, least = two, surely
    return surest


def _split(joint: QuestionMatch, apart: Sequence[QuestionMatch]) -> tuple[QuestionMatch, ...]:
    """The questions `apart`, when one is sure, another likely, and they lead to different fiches; else the
    message, `joint`."""
    distinct: dict[str, QuestionMatch] = {}
    for match in apart:
        if _probability(match) >= LIKELY:
            first = match.candidates[0].fiche
            if first not in distinct or _probability(distinct[first]) < SURE:
                distinct[first] = match
    if len(distinct) < 2 or max(map(_probability, distinct.values())) < SURE:
        return (joint,)
    return tuple(distinct.values())


def _probability(match: QuestionMatch) -> float:
    return match.candidates[0].probability if match.candidates else 0.0


def _surest(apart: Sequence[Sequence[QuestionMatch]]) -> list[QuestionMatch]:
    """Of the matches of each question, one for each way to read it, the surest; but where that leads where a
    surer question leads already, another that is sure too."""
    found = [max(matches, key=_probability) for matches in apart]
    for i in sorted(range(len(found)), key=lambda i: -_probability(found[i])):
        others = {
            _fiche(match)
            for j, match in enumerate(found)
            if j != i and _probability(match) >= _probability(found[i])
        }
        if _fiche(found[i]) in others:
            new = [m for m in apart[i] if _probability(m) >= SURE and _fiche(m) not in others]
            found[i] = max(new, key=_probability, default=found[i])
    return found


def _fiche(match: QuestionMatch) -> str | None:
    return match.candidates[0].fiche if match.candidates else None


def _shares(values: Sequence[float]) -> list[float]:
    """Scores → positive shares of 1, in the same order (soft maximum)."""
    if not values:
        return []
    exponents = np.exp(8.0 * (np.array(values) - max(values)))
    return [round(float(x), 4) for x in exponents / exponents.sum()]


def describe(understood: Understood) -> dict[str, Any]:
    """`understood.match` as plain JSON types, for a Rasa message."""
    described: dict[str, Any] = msgspec.to_builtins(understood.match)
    return described
