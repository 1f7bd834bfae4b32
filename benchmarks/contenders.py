"""The systems that are compared, behind one protocol: train, load, rank.

Three are trained and served by Rasa itself, through the same doors as in production; BM25 needs no Rasa.
Libraries are imported by `prepare` and not before, so that a process counts only what its system needs.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).resolve().parents[1]
EPOCHS = "BENCH_STOCK_EPOCHS"
"""Environment variable: the epochs of DIETClassifier and of ResponseSelector, "100,100" for `rasa init`'s."""

PROJECT = "BENCH_PROJECT"
"""Environment variable: the project whose wordings are learned, else this one."""

MODEL = "model"


@dataclass(frozen=True, slots=True)
class Ranked:
    """Fiches, best first, each with the probability that it answers the message.

    `answers`: the fiches it would answer by its own decision, `offered`: those whose title it would offer;
    None for a system that has no decision of its own.
    """

    candidates: tuple[tuple[str, float], ...]
    answers: tuple[str, ...] | None = None
    offered: tuple[str, ...] = ()


def epochs_asked() -> tuple[int, int]:
    """The epochs of stock Rasa's DIETClassifier and ResponseSelector, from `EPOCHS`."""
    diet, selector = os.environ.get(EPOCHS, "100,100").split(",")
    return int(diet), int(selector)


def project() -> Path:
    """The project whose wordings are learned, from `PROJECT`."""
    return Path(os.environ.get(PROJECT, ROOT))


class Contender(Protocol):
    """A system that finds the fiche of a message. `title` names it in the tables."""

    title: str

    def prepare(self) -> None:
        """Imports what it needs."""

    def train(self, folder: Path) -> None:
        """Learns from the project's examples, and writes its model into `folder`."""

    def load(self, folder: Path) -> None:
        """Makes itself ready to rank with what `train` wrote."""

    def rank(self, text: str) -> Ranked:
        """The fiches for one message."""


class _Rasa:
    """What the contenders that Rasa runs have in common."""

    def prepare(self) -> None:
        """Imports Rasa, and logs as little as a server does: without that, every message would be logged."""
        importlib.import_module("rasa.core.agent")
        import structlog

        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))

    def _train(self, config: Path, data: Path, domain: Path, folder: Path) -> None:
        from rasa.model_training import train_nlu

        if not train_nlu(str(config), str(data), str(folder), fixed_model_name=MODEL, domain=str(domain)):
            raise SystemExit("Rasa gave no model.")

    def load(self, folder: Path) -> None:
        """Loads the model as a server does."""
        from rasa.core.agent import Agent

        self._agent = Agent.load(str(folder / f"{MODEL}.tar.gz"))
        if not self._agent.is_ready():
            raise SystemExit("Rasa loaded no model.")
        self._loop = asyncio.new_event_loop()

    def _parse(self, text: str) -> dict[str, Any]:
        parsed: dict[str, Any] = self._loop.run_until_complete(self._agent.parse_message(text))
        return parsed


class Ours(_Rasa):
    """This project: config.yml as it stands, and the dialogue's decision with the shipped thresholds."""

    title = "this project"

    def train(self, folder: Path) -> None:
        """Trains the pipeline of config.yml on the project's data."""
        root = project()
        self._train(root / "config.yml", root / "data", root / "domain.yml", folder)

    def load(self, folder: Path) -> None:
        """Loads the model, and the genres of the orientations, which the decision asks for."""
        from bot.nlu.importer import read_sources

        super().load(folder)
        self._genres = {o.id: o.genre for o in read_sources(ROOT)[1]}

    def rank(self, text: str) -> Ranked:
        """The fiches of the first question; the answers of every question."""
        import msgspec

        from bot.dialogue.decision import Outcome, decide_all
        from bot.dialogue.match import Match
        from bot.nlu.matcher import MATCH

        match = msgspec.convert(self._parse(text)[MATCH], Match)
        decisions = decide_all(match, self._genres)
        return Ranked(
            tuple((c.fiche, c.probability) for c in match.questions[0].candidates),
            tuple(d.fiches[0] for d in decisions if d.outcome is Outcome.ANSWER),
            decisions[0].fiches if decisions[0].outcome is Outcome.CHOICES else (),
        )


class _Configured(_Rasa):
    """A pipeline of Rasa's own components, trained on the project's examples in Rasa's own format.

    `separator` stands between `question` and the fiche in a label (`benchmarks.examples`).
    """

    separator: str

    def pipeline(self) -> list[dict[str, Any]]:
        """The components, as in config.yml."""
        raise NotImplementedError

    def train(self, folder: Path) -> None:
        """Writes a Rasa project into `folder` and trains it."""
        from ruamel.yaml import YAML

        from benchmarks.examples import rasa_training_data, wordings

        yaml = YAML(typ="safe")
        yaml.default_flow_style, yaml.allow_unicode = False, True
        examples = wordings(project())
        data: dict[str, Any] = rasa_training_data(examples, self.separator)
        config = {
            "recipe": "default.v1",
            "language": "fr",
            "assistant_id": "benchmark",
            "pipeline": self.pipeline(),
        }
        # A retrieval intent is declared by its first half.
        domain = {
            "version": "3.1",
            "intents": sorted({e.label(self.separator).partition("/")[0] for e in examples}),
            "responses": data.pop("responses", {}),
        }
        for name, content in (("config", config), ("domain", domain), ("nlu", data)):
            with (folder / f"{name}.yml").open("w", encoding="utf-8") as file:
                yaml.dump(content, file)
        self._train(folder / "config.yml", folder / "nlu.yml", folder / "domain.yml", folder)


class Stock(_Configured):
    """The pipeline that `rasa init` gives, with the fiches as a retrieval intent (Rasa's way for an FAQ)."""

    title = "stock Rasa"
    separator = "/"

    def pipeline(self) -> list[dict[str, Any]]:
        """What Rasa gives a project that has no pipeline; the epochs alone can be lowered, by `EPOCHS`."""
        from ruamel.yaml import YAML

        from benchmarks.stock import DEFAULT_CONFIG

        given = YAML(typ="safe").load(DEFAULT_CONFIG.read_text(encoding="utf-8"))["pipeline"]
        epochs = dict(zip(("DIETClassifier", "ResponseSelector"), epochs_asked(), strict=True))
        return [part | {"epochs": epochs[part["name"]]} if part["name"] in epochs else part for part in given]

    def rank(self, text: str) -> Ranked:
        """See `read_stock`."""
        return read_stock(self._parse(text))


def read_stock(parsed: Mapping[str, Any]) -> Ranked:
    """What stock Rasa makes of a message, from the outcome of its parsing.

    A fiche is right when the intent is `question` and the selector picks it: its probability is the product
    of both. The bot answers with the selector's first whenever the intent that stands after
    FallbackClassifier is `question`, however unsure the selector is: Rasa has no threshold for that.
    """
    # FallbackClassifier puts itself first in the ranking, and leaves the rest as DIET said.
    question = next((i["confidence"] for i in parsed["intent_ranking"] if i["name"] == "question"), 0.0)
    selected = parsed["response_selector"]["default"]["ranking"]
    candidates = tuple(
        (str(s["intent_response_key"]).partition("/")[2], question * s["confidence"]) for s in selected
    )
    answers = candidates[:1] if parsed["intent"]["name"] == "question" else ()
    return Ranked(candidates, tuple(fiche for fiche, _ in answers))


class Logistic(_Configured):
    """Rasa's LogisticRegressionClassifier on spaCy's vectors and count vectors, an intent per fiche."""

    title = "logistic regression"
    # With "/" Rasa would report the first half only.
    separator = "__"

    def pipeline(self) -> list[dict[str, Any]]:
        """Every component with its defaults, but for the characters, as in the stock pipeline."""
        return [
            {"name": "SpacyNLP", "model": "fr_core_news_md"},
            {"name": "SpacyTokenizer"},
            {"name": "SpacyFeaturizer"},
            {"name": "CountVectorsFeaturizer"},
            {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
            {"name": "LogisticRegressionClassifier"},
        ]

    def rank(self, text: str) -> Ranked:
        """The fiches among the ten best intents, with the classifier's probability of each."""
        return read_logistic(self._parse(text))


def read_logistic(parsed: Mapping[str, Any]) -> Ranked:
    """The fiches among the intents of a parsed message."""
    start = f"question{Logistic.separator}"
    return Ranked(
        tuple(
            (str(i["name"]).removeprefix(start), float(i["confidence"]))
            for i in parsed["intent_ranking"]
            if str(i["name"]).startswith(start)
        )
    )


class PlainBM25:
    """BM25, one document per fiche and per other intent: all its wordings, end to end.

    A softmax of the scores is the probability. Documents (rather than one per wording) and the softmax
    (rather than shares of the best scores) were chosen on the development questions.
    """

    title = "BM25"

    def prepare(self) -> None:
        """Imports the index."""
        importlib.import_module("benchmarks.bm25")

    def train(self, folder: Path) -> None:
        """Indexes the project's examples."""
        from benchmarks.bm25 import BM25
        from benchmarks.examples import wordings

        texts: dict[str, list[str]] = {}
        for example in wordings(project()):
            texts.setdefault(example.label("/"), []).append(example.text)
        BM25.fit([" ".join(found) for found in texts.values()]).save(folder)
        (folder / "labels.json").write_text(json.dumps(list(texts)), encoding="utf-8")

    def load(self, folder: Path) -> None:
        """Reads the index."""
        from benchmarks.bm25 import BM25

        self._index = BM25.load(folder)
        self._labels: list[str] = json.loads((folder / "labels.json").read_text(encoding="utf-8"))

    def rank(self, text: str) -> Ranked:
        """The ten best fiches."""
        import numpy as np

        scores = self._index.scores(text)
        shares = np.exp(scores - scores.max())
        pairs = zip(self._labels, shares / shares.sum(), strict=True)
        fiches = [(label.partition("/")[2], float(p)) for label, p in pairs if "/" in label]
        return Ranked(tuple(sorted(fiches, key=lambda pair: (-pair[1], pair[0]))[:10]))


CONTENDERS: dict[str, Callable[[], Contender]] = {
    "ours": Ours,
    "stock": Stock,
    "bm25": PlainBM25,
    "logistic": Logistic,
}
