"""Stock Rasa on the same wordings: the project of `rasa init`, its pipeline and policies, one custom action.

Pipeline and policies are those that Rasa 3.6 itself gives a project without any (its `default_config.yml`);
the epochs alone are lowered, which a running model does not feel. Fiches are the responses of the retrieval
intent `question`; `action_fiche` reads the chosen one in the knowledge base. Every other intent is answered
with a fixed sentence.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import rasa
from ruamel.yaml import YAML

from benchmarks.examples import Wording, rasa_training_data
from bot.nlu.understanding import QUESTION

DEFAULT_CONFIG = Path(rasa.__file__).parent / "engine" / "recipes" / "config_files" / "default_config.yml"
FALLBACK = "nlu_fallback"

ACTION = '''"""Answers with the text of the fiche that the response selector chose."""

import json
import os
import sqlite3

from rasa_sdk import Action

BASE = sqlite3.connect(f"file:{os.environ['FICHES']}?mode=ro", uri=True, check_same_thread=False)


class ActionFiche(Action):
    def name(self):
        return "action_fiche"

    def run(self, dispatcher, tracker, domain):
        chosen = tracker.latest_message["response_selector"]["default"]["response"]["intent_response_key"]
        row = BASE.execute(
            "SELECT v.content FROM fiches f JOIN fiche_versions v"
            " ON v.fiche_id = f.id AND v.version = f.current_version WHERE f.id = ? AND f.statut = 'publie'",
            (chosen.partition("/")[2],),
        ).fetchone()
        fiche = json.loads(row[0])
        parts = [fiche.get(name) for name in ("titre", "en_bref", "en_detail", "que_faire", "attention")]
        dispatcher.utter_message(text="\\n\\n".join(part for part in parts if part))
        return []
'''


def canned(intent: str) -> str:
    """The fixed sentence of an intent."""
    return f"Réponse toute faite : {intent}."


def project(examples: Sequence[Wording], epochs: int) -> dict[str, dict[str, Any]]:
    """The files of a stock project that learns `examples`, by path, as plain types."""
    config = YAML(typ="safe").load(DEFAULT_CONFIG.read_text(encoding="utf-8"))
    for part in [*config["pipeline"], *config["policies"]]:
        if "epochs" in part:
            part["epochs"] = epochs
    config |= {"language": "fr", "assistant_id": "stock"}
    data = rasa_training_data(examples, separator="/")
    others = sorted({example.intent for example in examples if example.fiche is None})
    actions = {QUESTION: "action_fiche"} | {intent: f"utter_{intent}" for intent in [*others, FALLBACK]}
    responses = {f"utter_{intent}": [{"text": canned(intent)}] for intent in [*others, FALLBACK]}

    def steps(*intents: str) -> list[dict[str, str]]:
        return [step for i in intents for step in ({"intent": i}, {"action": actions[i]})]

    return {
        "config.yml": config,
        "domain.yml": {
            "version": "3.1",
            "intents": [QUESTION, *others],
            "responses": responses,
            "actions": ["action_fiche"],
            "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
        },
        "data/nlu.yml": data,
        "data/rules.yml": {
            "version": "3.1",
            "rules": [{"rule": f"answer {intent}", "steps": steps(intent)} for intent in actions],
        },
        # What TED learns from.
        "data/stories.yml": {
            "version": "3.1",
            "stories": [
                {"story": f"a question, then {intent}", "steps": steps("greet", QUESTION, intent)}
                for intent in others
            ],
        },
        "endpoints.yml": {},
        "credentials.yml": {"rest": None},
    }


def write(folder: Path, files: Mapping[str, dict[str, Any]]) -> None:
    """Writes the project into `folder`."""
    (folder / "actions").mkdir(parents=True, exist_ok=True)
    (folder / "data").mkdir(exist_ok=True)
    (folder / "actions" / "__init__.py").write_text(ACTION, encoding="utf-8")
    yaml = YAML()
    for path, content in files.items():
        with (folder / path).open("w", encoding="utf-8") as stream:
            yaml.dump(content, stream)


def train(folder: Path) -> Path:
    """Trains the project in `folder`, unless it holds a model; returns the archive. Raises on failure."""
    model = folder / "models" / "stock.tar.gz"
    if not model.exists():
        subprocess.run(
            [sys.executable, "-m", "rasa", "train", "--fixed-model-name", "stock", "--quiet"],
            cwd=folder,
            env={**os.environ, "RASA_TELEMETRY_ENABLED": "false"},
            stdout=sys.stderr,
            check=True,
        )
    return model
