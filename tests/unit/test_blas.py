"""The kernels of OpenBLAS on processors that it does not know."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.blas import VARIABLE, choose, kernels


@pytest.mark.parametrize(
    ("cpuinfo", "named"),
    [
        ("processor\t: 0\nflags\t\t: fpu sse2 fma avx avx2\nflags\t: fpu\n", "Haswell"),
        ("processor\t: 0\nflags\t\t: fpu sse2 avx\n", None),
        ("processor\t: 0\nFeatures\t: fp asimd\n", None),
        ("", None),
    ],
)
def test_kernels_are_named_only_for_a_processor_that_has_their_instructions(
    cpuinfo: str, named: str | None
) -> None:
    assert kernels(cpuinfo) == named


def test_a_choice_already_made_stays() -> None:
    environment = {VARIABLE: "Zen"}
    choose(environment)
    assert environment == {VARIABLE: "Zen"}


@pytest.mark.parametrize("named", ["Prescott", ""])
def test_training_survives_the_oldest_kernels(named: str) -> None:
    """`rasa train` imports NumPy before anything of ours can name the kernels."""
    code = """
import numpy as np
from bot.nlu.ridge import Example, LocalRidge
from bot.nlu.similarity import Weights
from bot.nlu.vectors import WordVectors
words = [a + b for a in "bdfglmnprt" for b in "aeiou"]
texts = sorted({f"{x} {y}" for x in words for y in words[::2]})
examples = [Example(text, f"fiche:{i // 350}") for i, text in enumerate(texts)]
vectors = WordVectors.of_words([(w, i) for i, w in enumerate(words)], np.eye(len(words)))
print(len(LocalRidge(Weights(), vectors).fit(examples)))
"""
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    environment.pop(VARIABLE, None)
    if named:
        environment[VARIABLE] = named
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.split() == ["1250"]
