"""The generated bases of `make bench-growth`, and its page."""

from __future__ import annotations

import pytest

from benchmarks.generator import HELD_OUT, LEARNED, generate
from benchmarks.growth import Answering, Size, Training, page

SUBJECTS = (
    "hébergeur certifié",
    "sauvegarde externe",
    "caméra filmant",
    "astreinte dominicale",
    "cotisation majorée",
    "expertise judiciaire",
    "vaccination scolaire",
    "télésurveillance cardiaque",
)
FRAMES = (
    "faut-il un {} ?",
    "{} : que dit la loi",
    "mon cabinet sans {}",
    "quel délai pour {}",
    "le patient refuse {}",
)
SOURCES = [
    [
        frame.format(f"{subject} {more}")
        for frame in FRAMES
        for more in ("agréé", "lointain", "collectif", "payant")
    ]
    for subject in SUBJECTS
]


def test_fiches_are_the_same_for_a_seed_and_are_no_copies() -> None:
    made = list(generate(SOURCES, 40, seed=3, common_share=0.15))
    assert made == list(generate(SOURCES, 40, seed=3, common_share=0.15))
    assert made != list(generate(SOURCES, 40, seed=4, common_share=0.15))
    assert len({fiche.id for fiche in made}) == 40
    real = {text for fiche in SOURCES for text in fiche}
    everything = [text for fiche in made for text in (*fiche.learned, *fiche.held_out)]
    assert not real.intersection(everything)
    assert len(set(everything)) > 0.99 * len(everything)
    for fiche in made:
        assert len(fiche.learned) == LEARNED
        assert len(fiche.held_out) <= HELD_OUT
        assert not set(fiche.learned).intersection(fiche.held_out)
    assert sum(len(fiche.held_out) for fiche in made) > 40


def test_a_source_without_enough_wordings_makes_nothing() -> None:
    with pytest.raises(ValueError, match="enough wordings"):
        next(generate([["faut-il un hébergeur ?"]], 1))


def test_the_page_says_what_is_not_reached() -> None:
    def size(fiches: int, seconds: float, milliseconds: float) -> Size:
        training = Training(12 * fiches, fiches, seconds, 9.0, 4.0, 500.0, 20.0)
        return Size(fiches, training, Answering(0.2, 40.0, 150.0, (milliseconds,) * 10, 9))

    written = page([size(100, 8.0, 2.0), size(10000, 310.0, 5.0)], cores=2)
    assert "| latency, p50 | 2.5 times | 3 times | reached |" in written
    assert "| training | 310 s | 300 s | NOT reached |" in written
    assert "| right fiche first, held-out wordings, % | 90.0 | 90.0 |" in written
