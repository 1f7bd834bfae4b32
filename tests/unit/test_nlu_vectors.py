"""The compact table of word vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bot.nlu.vectors import WordVectors, words

TABLE = np.array([[3.0, 0.0], [0.0, 2.0]])
VECTORS = WordVectors.of_words([("dossier", 0), ("hébergeur", 1)], TABLE)


def test_words_keep_their_accents_and_lose_their_elisions() -> None:
    assert words("L'Hébergeur d’un DOSSIER, 2026") == ["l", "hébergeur", "d", "un", "dossier"]


def test_a_text_is_the_mean_of_its_known_words() -> None:
    found = VECTORS.embed(["dossier", "le dossier de l'hébergeur", "inconnu", ""])
    assert np.allclose(found, [[1, 0], [np.sqrt(0.5), np.sqrt(0.5)], [0, 0], [0, 0]])


def test_saved_vectors_are_the_same(tmp_path: Path) -> None:
    VECTORS.save(tmp_path)
    again = WordVectors.load(tmp_path)
    texts = ["dossier hébergeur", "dossier"]
    assert np.allclose(again.embed(texts), VECTORS.embed(texts), atol=1e-3)
