"""Our method on another set: cross-validated accuracy over intents that have nothing to do with fiches."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bot.nlu.ranker import FICHE, train
from bot.nlu.ridge import Example, LocalRidge, read_or_whole
from bot.nlu.similarity import Weights
from bot.nlu.vectors import french_vectors

FOLDS = 5


def examples(path: Path) -> list[Example]:
    """The wordings of `path` (JSON lines `{"text": …, "intent": …}`), each intent labelled as a fiche; those
    of intents with fewer than `FOLDS` wordings are left out. Raises SystemExit when none is left."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    sizes = Counter(line["intent"] for line in lines)
    kept = [line for line in lines if sizes[line["intent"]] >= FOLDS]
    if not kept:
        raise SystemExit(f"{path}: no intent has {FOLDS} wordings")
    return [Example(line["text"], FICHE + line["intent"]) for line in kept]


def fold_accuracies(found: list[Example]) -> Iterator[float]:
    """Percentage of first candidates that are right in each of the `FOLDS` stratified folds (seed 0): ridge
    and ranker as shipped, trained on the rest."""
    from sklearn.model_selection import StratifiedKFold

    folds = StratifiedKFold(n_splits=FOLDS, shuffle=True, random_state=0)
    for learned, asked in folds.split(found, [e.label for e in found]):
        known = sorted({found[i] for i in learned}, key=lambda e: (e.label, e.text))
        ridge = LocalRidge(Weights(), french_vectors())
        left_out = ridge.fit(known)
        ranker = train([left.scores for left in left_out], [known[left.index].label for left in left_out])
        test = [found[i] for i in asked]
        ranked = [ranker.rank(scores) for scores in ridge.scores([read_or_whole(e.text) for e in test])]
        right = [FICHE + r[0][0] == e.label for r, e in zip(ranked, test, strict=True)]
        yield 100 * sum(right) / len(right)
