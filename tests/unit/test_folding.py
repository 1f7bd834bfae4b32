"""Text of common characters is folded at once: it must come out as character by character."""

from __future__ import annotations

import unicodedata

import pytest

from bot.law import fold as law
from bot.nlu import text as nlu


def test_words_are_folded_as_unicode_decomposes_them() -> None:
    for code, plain in nlu._PLAIN.items():
        char = chr(code)
        decomposed = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
        assert chr(plain) in (decomposed, "'", "-")
        assert nlu.fold(char) == nlu.fold(char + "ñ")[:-1] == chr(plain)


@pytest.mark.parametrize(
    "text", ["x".join(map(chr, law._PLAIN)), "L’article\u00a032 du RGPD – dès l'été", "a\tb\nc", ""]
)
def test_citations_are_folded_as_character_by_character(text: str) -> None:
    slowly = law.fold(text + "œ")
    assert law.fold(text).text == slowly.text[: len(text)]
    assert law.fold(text).origin == slowly.origin[: len(text)]


def test_a_run_of_white_space_is_one_space() -> None:
    assert law.fold("à  \n b").text == "a\nb"
