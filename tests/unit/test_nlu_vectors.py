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


def test_fewer_directions_keep_what_the_texts_say_most() -> None:
    table = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    vectors = WordVectors.of_words([("dossier", 0), ("patient", 1), ("avion", 2)], table)
    fewer = vectors.reduced(["dossier", "patient", "dossier patient"], 2)
    one, other, rare = fewer.embed(["dossier", "dossier patient", "avion"])
    assert one.shape == (2,)
    assert np.isclose(one @ other, np.sqrt(0.5), atol=1e-6)
    assert np.allclose(rare, 0, atol=1e-6)
    assert vectors.reduced(["dossier"], 3) is vectors
