"""The Rasa component: intent, and ranked fiches as the `match` property of the message."""

from __future__ import annotations

import gc
import hashlib
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers import LABEL_RANKING_LENGTH
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot import settings
from bot.knowledge import open_base
from bot.nlu import understanding
from bot.nlu.importer import FicheImportError, read_sources
from bot.nlu.labels import labelled
from bot.nlu.live import LiveUnderstanding
from bot.nlu.ranker import FICHE
from bot.nlu.similarity import Weights
from bot.nlu.understanding import Understanding
from bot.nlu.vectors import french_vectors
from bot.problem import Problem

MATCH = "match"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FicheMatcher(IntentClassifier, GraphComponent):
    """Classifies the conversational intent and ranks the fiches a question may mean.

    Training examples of intent `question` carry `metadata.fiche`; those of `out_of_domain` carry
    `metadata.orientation`; `metadata.counter` marks a wording that is NOT its fiche's (`bot.nlu.labels`).
    """

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model: Understanding | None = None
        self._live: LiveUnderstanding | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Shares of the similarities in the kernel and the ridge's regularisation (`Weights`).

        `every_fiche`: training stops when a published fiche of the project has no example. `live`: fiches
        published while the model is served are learned at once.
        """
        defaults = Weights()
        return {
            **{name: getattr(defaults, name) for name in Weights.__slots__},
            "every_fiche": True,
            "live": True,
        }

    @staticmethod
    def required_packages() -> list[str]:
        """Packages checked before training."""
        return ["spacy", "sklearn"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FicheMatcher:
        """A component that is not trained yet."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> FicheMatcher:
        """The trained component."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = Understanding.load(Path(folder))
        if component._config["live"]:
            component._live = LiveUnderstanding(component._model, open_base(settings.load().database_url))
            component._live.watch()
            # What is loaded stays. To look through its half a million objects for garbage, Python would keep
            # everyone waiting for half a second now and then.
            gc.collect()
            gc.freeze()
        return component

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Hash of the understanding's own modules: Rasa's cache sees the source of this class only."""
        digest = hashlib.sha256()
        for path in sorted(Path(__file__).parent.glob("*.py")):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Learns the wordings; returns the resource that holds the model."""
        examples, counters = labelled(
            (m.get(TEXT), m.get(INTENT), (m.get("metadata") or {}).get("example") or {})
            for m in training_data.intent_examples
        )
        self._require_every_fiche({e.label for e in examples})
        self._model = Understanding(
            french_vectors(), Weights(**{k: self._config[k] for k in Weights.__slots__})
        )
        self._model.fit(examples, counters)
        with self._storage.write_to(self._resource) as folder:
            self._model.save(Path(folder))
        return self._resource

    def _require_every_fiche(self, labels: set[str]) -> None:
        # Rasa goes on with one log line when the importer is missing from config.yml or cannot be
        # imported: the fiches would be lost in silence.
        if not self._config["every_fiche"]:
            return
        published, _ = read_sources(settings.load().root)
        missing = [fiche for fiche in published if FICHE + fiche.id not in labels]
        if missing:
            raise FicheImportError(
                [
                    Problem(
                        fiche.path or Path(fiche.id),
                        0,
                        "erreur",
                        "aucune question de cette fiche n’arrive à l’entraînement",
                        "vérifiez « importers » dans config.yml",
                    )
                    for fiche in missing
                ]
            )

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent, its ranking and the `match` on each message that has a text."""
        model = self._live.current if self._live is not None else self._model
        assert model is not None, "load() or train() first"
        for message in messages:
            text = message.get(TEXT)
            if not text:
                continue
            understood = model.understand(text)
            message.set(
                INTENT, {"name": understood.intent, "confidence": understood.confidence}, add_to_output=True
            )
            best = understood.intents[:LABEL_RANKING_LENGTH]  # as long as Rasa's own classifiers give it
            ranking = [{"name": name, "confidence": c} for name, c in best]
            message.set("intent_ranking", ranking, add_to_output=True)
            message.set(MATCH, understanding.describe(understood), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing later in the pipeline learns from this component's output."""
        return training_data
