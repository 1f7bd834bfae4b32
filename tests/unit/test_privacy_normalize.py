"""Normalising what people paste: what goes, what stays, and that it stays cheap."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.privacy.normalize import MAX_CHARS, MAX_WORD, normalize

_NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("ab= \n\t\r!?.,/:⒜─🙂🙁\u0338\u0301\u0323\u200d\ufe0f\u0345\ud800\u00a0"),
    ),
    max_size=200,
)


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("e\u0301te\u0301", "été"),
        ("  deux   espaces\u00a0insécables\u202f!  ", "deux espaces insécables !"),
        ("un\r\ndeux\rtrois\u2028quatre", "un\ndeux\ntrois\nquatre"),
        ("un\n\n\n\n\ndeux", "un\n\ndeux"),
        ("nu\x00l \x07cloche\x1b[31m", "nul cloche[31m"),
        ("in\u200bvi\u00adsi\u2060ble\ufeff", "invisible"),
        ("\u202egauche\u202c droite\u2069", "gauche droite"),
        ("balise\U000e0041\U000e0042", "balise"),
        ("demi \ud83d emoji \udc00", "demi emoji"),
        ("au secours !!!!!!!!!!", "au secours !!!"),
        ("quoi ?!?!?!?!?!?!", "quoi ?!?!?!"),
        ("🙂🙁😀😃 😄 merci 🙂", "🙂🙁😀 merci 🙂"),
        ("tab\tulation", "tab ulation"),
    ],
)
def test_what_changes(raw: str, plain: str) -> None:
    assert normalize(raw) == plain


@pytest.mark.parametrize(
    "text",
    [
        "L. 1111-8, R. 4127-73 et RGPD 28, § 3, h) : qu’en dire ?",
        "Une amende de 20 000 000 d’euros, soit 4 % du chiffre d’affaires…",
        "Cœur, Çà, Œdème, « guillemets » – tiret — cadratin",
        "Première ligne.\n\nSeconde ligne.\n- liste",
        "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000049581503",
        "1000000",
    ],
)
def test_what_stays(text: str) -> None:
    assert normalize(text) == text


@settings(max_examples=300, deadline=None)
@given(_NASTY)
def test_is_idempotent_and_safe_to_store(text: str) -> None:
    plain = normalize(text)
    assert normalize(plain) == plain
    assert unicodedata.is_normalized("NFC", plain)
    plain.encode()  # no lone surrogate
    assert not [c for c in plain if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn"}]
    assert all(len(word) <= MAX_WORD for word in plain.split())


@pytest.mark.parametrize(
    "attack",
    [
        "🙂" * 16_000,
        "e" + "\u0301\u0323" * 10_000,
        "\u0323\u0301" * 10_000,
        "!?" * 10_000,
        "a" * 1_000_000,
        "a.b," * 5_000,
        "\n " * 10_000,
        "\u200b" * 1_000_000,
        "🙂 " * 10_000,
    ],
)
def test_attacks_are_cheap_and_shrunk(attack: str) -> None:
    started = time.perf_counter()
    plain = normalize(attack)
    assert time.perf_counter() - started < 1.0
    assert len(plain) <= min(len(attack), MAX_CHARS)
    assert len(plain) <= 2 * MAX_WORD
