"""Turns fiches, orientations and diagnoses into Rasa training data, at training time.

A fiche's wording stands in its file and nowhere else: examples of the intent `question` (with the fiche's
id as metadata), the intent, action and rule that answer it, and stories of its follow-ups are made here.
Rasa drops a broken importer with one log line; what would be lost silently raises here instead, and
`bot.nlu.training` checks the counts before and after training.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot import settings
from bot.diagnostics.model import Diagnostic
from bot.fiches.model import Fiche
from bot.fiches.orientations import FILE as ORIENTATIONS_FILE
from bot.fiches.orientations import Orientation, load_orientations
from bot.fiches.parse import load_fiches
from bot.nlu import diagnostics as diagnosing
from bot.nlu.understanding import OUT_OF_DOMAIN, QUESTION
from bot.problem import Problem

ANSWER = "action_answer"


class FicheImportError(RuntimeError):
    """Fiches or orientations that cannot be read; the message lists file, line and mend of each."""

    def __init__(self, problems: list[Problem]) -> None:
        lines = "\n".join(str(problem) for problem in problems)
        super().__init__(
            f"Entraînement arrêté : des fiches seraient perdues.\n{lines}\n"
            "Corrigez ces fichiers, puis lancez « maitre fiche check »."
        )


def read_sources(root: Path) -> tuple[list[Fiche], list[Orientation]]:
    """Published fiches and orientations of the project at `root`. Raises `FicheImportError` on any error."""
    folder = root / "data"
    fiches, problems = load_fiches(folder / "fiches")
    orientations, more = load_orientations(folder / ORIENTATIONS_FILE)
    errors = [p for p in [*problems, *more] if p.level == "erreur"]
    if errors:
        raise FicheImportError(errors)
    published = [fiche for fiche in fiches if fiche.is_published]
    if not published:
        raise FicheImportError(
            [Problem(folder / "fiches", 1, "erreur", "aucune fiche publiée", "Publiez-en.")]
        )
    return published, orientations


def require_diagnostics(root: Path) -> list[Diagnostic]:
    """Published diagnoses of the project at `root`. Raises `FicheImportError` on any error in their files."""
    diagnostics, problems = diagnosing.read_diagnostics(root)
    if errors := [problem for problem in problems if problem.is_error]:
        raise FicheImportError(errors)
    return diagnostics


def _message(text: str, intent: str, **metadata: Any) -> Message:
    return Message.build(text=text, intent=intent, example_metadata=metadata)


def nlu_examples(fiches: list[Fiche], orientations: list[Orientation]) -> list[Message]:
    """Training examples, in a stable order: titles and wordings, counter-examples, orientations."""
    messages: list[Message] = []
    for fiche in fiches:
        messages += [_message(text, QUESTION, fiche=fiche.id) for text in (fiche.titre, *fiche.questions)]
        messages += [_message(text, QUESTION, fiche=fiche.id, counter=True) for text in fiche.contre_exemples]
    for orientation in orientations:
        messages += [
            _message(text, OUT_OF_DOMAIN, orientation=orientation.id) for text in orientation.exemples
        ]
    return messages


STORIES = f"""
version: "3.1"
rules:
- rule: a question is answered from the base
  steps:
  - intent: {QUESTION}
  - action: {ANSWER}
- rule: a subject outside the base is declined with an orientation
  steps:
  - intent: {OUT_OF_DOMAIN}
  - action: {ANSWER}
"""


class FicheImporter(TrainingDataImporter):
    """Rasa's door to the fiches; listed in config.yml beside `RasaFileImporter`."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        **kwargs: Any,
    ) -> None:
        if kwargs:
            raise FicheImportError(
                [
                    Problem(
                        Path(config_file or "config.yml"),
                        1,
                        "erreur",
                        f"option inconnue : {', '.join(kwargs)}",
                        "Retirez-la.",
                    )
                ]
            )
        root = Path(config_file).resolve().parent if config_file else settings.load().root
        self.fiches, self.orientations = read_sources(root)
        self.diagnostics = require_diagnostics(root)
        # The project's own rules, to be repeated within a diagnosis.
        self._files = RasaFileImporter(config_file, domain_path, training_data_paths)

    def get_config(self) -> dict[str, Any]:
        """Nothing: config.yml says it all."""
        return {}

    def get_config_file_for_auto_config(self) -> str | None:
        """Nothing: config.yml says it all."""
        return None

    def get_domain(self) -> Domain:
        """The intents and the action that fiches need, and the parts of the diagnoses."""
        fiches = Domain.from_dict({"intents": [QUESTION, OUT_OF_DOMAIN], "actions": [ANSWER]})
        return fiches.merge(Domain.from_dict(diagnosing.domain_parts(self.diagnostics)))

    def get_nlu_data(self, language: str | None = "fr") -> TrainingData:
        """Examples of every published fiche, orientation and diagnosis."""
        return TrainingData(
            nlu_examples(self.fiches, self.orientations) + diagnosing.examples(self.diagnostics)
        )

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """Rules that answer a question, and those of the diagnoses."""
        steps = YAMLStoryReader().read_from_string(STORIES)
        project = self._files.get_stories().story_steps
        walked = diagnosing.rules(self.diagnostics, [*steps, *project])
        return StoryGraph(steps + YAMLStoryReader().read_from_string(walked))

    def get_conversation_tests(self) -> StoryGraph:
        """Conversation tests are files under tests/conversations."""
        return StoryGraph([])
