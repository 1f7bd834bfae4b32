"""The Rasa component: intent, and ranked fiches as the `match` property of the message."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import understanding
from bot.nlu.calibration import FICHE, ORIENTATION
from bot.nlu.calibration import INTENT as INTENT_PREFIX
from bot.nlu.matching import Example, Weights
from bot.nlu.understanding import OUT_OF_DOMAIN, QUESTION, Understanding
from bot.nlu.vectors import embed

MATCH = "match"
FILE = "understanding.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FicheMatcher(IntentClassifier, GraphComponent):
    """Classifies the conversational intent and ranks the fiches a question may mean.

    Training examples of intent `question` carry `metadata.fiche`; those of `out_of_domain` carry
    `metadata.orientation`; `metadata.counter` marks a wording that is NOT its fiche's.
    """

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model: Understanding | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Shares of the similarities in the kernel and the ridge's regularisation (`Weights`)."""
        defaults = Weights()
        return {name: getattr(defaults, name) for name in Weights.__slots__}

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
            component._model = Understanding.load((Path(folder) / FILE).read_bytes(), embed)
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
        examples: list[Example] = []
        counters: list[Example] = []
        for message in training_data.intent_examples:
            metadata = (message.get("metadata") or {}).get("example") or {}
            intent, text = message.get(INTENT), message.get(TEXT)
            if intent == QUESTION and "fiche" in metadata:
                label = FICHE + metadata["fiche"]
            elif intent == OUT_OF_DOMAIN:
                label = ORIENTATION + metadata.get("orientation", "divers")
            else:
                label = INTENT_PREFIX + intent
            (counters if metadata.get("counter") else examples).append(Example(text, label))
        self._model = Understanding(embed, Weights(**{k: self._config[k] for k in Weights.__slots__}))
        self._model.fit(examples, counters)
        with self._storage.write_to(self._resource) as folder:
            (Path(folder) / FILE).write_bytes(self._model.save())
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent, its ranking and the `match` on each message that has a text."""
        assert self._model is not None, "load() or train() first"
        for message in messages:
            text = message.get(TEXT)
            if not text:
                continue
            understood = self._model.understand(text)
            message.set(
                INTENT, {"name": understood.intent, "confidence": understood.confidence}, add_to_output=True
            )
            ranking = [{"name": name, "confidence": c} for name, c in understood.intents]
            message.set("intent_ranking", ranking, add_to_output=True)
            message.set(MATCH, understanding.describe(understood), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing later in the pipeline learns from this component's output."""
        return training_data
