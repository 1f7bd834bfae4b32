"""The Rasa component that finds articles of law in a message, however written, as entities `article`."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.law.parse import find_citations

ARTICLE = "article"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ArticleExtractor(EntityExtractorMixin, GraphComponent):
    """Adds one entity per citation; its value is the canonical form with pinpoint ("RGPD 28, § 3, h)")."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No option."""
        return {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ArticleExtractor:
        """The component; it learns nothing."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entities to each message."""
        for message in messages:
            text = message.get(TEXT) or ""
            entities = [
                {
                    "entity": ARTICLE,
                    "start": found.start,
                    "end": found.end,
                    "value": found.citation.key,
                    "confidence_entity": 1.0,
                }
                for found in find_citations(text)
            ]
            entities = self.add_extractor_name(entities)
            message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)
        return messages
