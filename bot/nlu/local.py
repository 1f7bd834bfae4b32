"""The whole bot in one process: Rasa's agent with the custom actions called directly, no server."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from bot.dialogue.answer import notice, unavailable
from bot.dialogue.reply import Reply
from bot.front.guard import clean
from bot.front.refusals import Refusal
from bot.nlu.training import model_path, quietly
from bot.settings import Settings


class AssistantError(RuntimeError):
    """The bot cannot be loaded; the message, in French, says what to run."""


class Assistant:
    """Answers messages; each `sender` is a conversation of its own."""

    def __init__(self, agent: Any) -> None:
        self._agent = agent

    @classmethod
    def load(cls, settings: Settings) -> Assistant:
        """The trained bot. Raises `AssistantError` when there is no model."""
        path = model_path(settings)
        if not path.exists():
            raise AssistantError(f"aucun modèle dans {settings.models.name}/. Lancez « maitre train ».")
        with quietly():
            from rasa.core.agent import Agent
            from rasa.utils.endpoints import EndpointConfig
            from rasa_sdk.executor import ActionExecutor

        executor = ActionExecutor()
        executor.register_package("actions")

        class DirectEndpoint(EndpointConfig):
            """Rasa's action endpoint, answered by the executor in this process instead of over HTTP."""

            async def request(self, *args: Any, **kwargs: Any) -> Any:
                return await executor.run(kwargs["json"])

        endpoint = DirectEndpoint("http://local", enable_selective_domain=True)
        return cls(Agent.load(str(path), action_endpoint=endpoint))

    async def ask(self, sender: str, text: str, at: datetime | None = None) -> list[Reply]:
        """Replies to one message, guarded as the front guards it; never empty. `at`: when it is held to be
        said, for dates to be read and computed from (now, if not given)."""
        try:
            masked = clean(text)
        except Refusal as refusal:
            return [notice(refusal.message)]
        return await self._handle(masked.text, sender, at)

    async def press(self, sender: str, payload: str, at: datetime | None = None) -> list[Reply]:
        """Replies to a button of an earlier Reply; never empty. `at`: as in `ask`."""
        return await self._handle(payload, sender, at)

    async def _handle(self, text: str, sender: str, at: datetime | None) -> list[Reply]:
        from rasa.core.channels.channel import UserMessage

        metadata = {"at": at.isoformat()} if at else None
        messages = await self._agent.handle_message(UserMessage(text, sender_id=sender, metadata=metadata))
        replies = [msgspec.convert(m["custom"], Reply) for m in messages or () if "custom" in m]
        return replies or [unavailable()]
