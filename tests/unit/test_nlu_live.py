"""A fiche published while the bot runs is learned at the next look at the base, once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from knowledge_samples import REGISTER, fiche, fresh_base

from bot.knowledge.publish import publish
from bot.nlu.live import LiveUnderstanding
from bot.nlu.ridge import Example
from bot.nlu.understanding import Understanding
from bot.nlu.vectors import WordVectors


def test_a_new_publication_is_learned_once(tmp_path: Path) -> None:
    known = fiche("hds", relances=(), questions=("hébergeur certifié hds", "certificat de l'hébergeur"))
    trained = Understanding(WordVectors.of_words([], np.zeros((1, 4))))
    trained.fit([Example(text, "fiche:hds") for text in known.questions])
    base = fresh_base(f"sqlite:///{tmp_path / 'maitre.db'}")
    publish(base, [known], REGISTER)
    live = LiveUnderstanding(trained, base)

    assert not live.refresh()
    assert live.current.fiches == {"hds"}

    camera = fiche(
        "camera", relances=(), questions=("caméra en salle d'attente", "filmer la salle d'attente")
    )
    publish(base, [known, camera], REGISTER)
    assert live.refresh()
    assert live.current.fiches == {"hds", "camera"}
    found = live.current.understand("une caméra dans la salle d'attente ?").match.questions[0]
    assert found.candidates[0].fiche == "camera"
    assert not live.refresh()
