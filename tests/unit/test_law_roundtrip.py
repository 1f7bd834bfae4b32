"""Every citation that can be written comes back from its canonical form and from its label."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.law.codes import APPEAL_SEATS, CODES, MULTIPLICATIVES, OWN_KEY, Code
from bot.law.fold import fold
from bot.law.parse import find_citations, find_marks, parse_canonical, parse_citation
from bot.law.pinpoint import is_pin
from bot.law.print import canonical, label, pin_label, short_label, to_roman
from bot.law.reference import Citation, Reference

# --- Generated citations ------------------------------------------------------------------------

small = st.integers(1, 99).map(str)
mult = st.sampled_from(["", "", "", *(f" {m}" for m in MULTIPLICATIVES)])
roman = st.builds(lambda n, m: to_roman(n) + m, st.integers(1, 89), mult)
paragraph = st.builds(str.__add__, small, mult)
degree = st.builds(lambda n, m: f"{n}°{m}", small, mult)
letters = st.sampled_from([*"abcdefghijklmnopqrstuvwxyz", *"ABCDEFGH", "ii", "iii", "iv", "vi", "vii"])
letter = st.builds(lambda x, m: f"{x}{m})", letters, mult)
join = st.sampled_from([" et ", " à "])


def _maybe_range(item: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return item | st.builds(lambda a, j, b: a + j + b, item, join, item)


dashes = st.lists(st.integers(1, 120), max_size=3).map(lambda ns: "".join(f"-{n}" for n in ns))
article_number = st.builds(
    lambda head, n, tail, end: f"{head}{n}{tail}{end}",
    st.sampled_from(["", "", "L", "R", "D", "A", "LO"]),
    st.integers(1, 9999),
    dashes,
    st.sampled_from(["", "", " A", " bis", " ter B"]),
)
article_pin = _maybe_range(article_number).map("art. {}".format) | st.just("art. unique")
pin = st.one_of(
    _maybe_range(roman),
    _maybe_range(paragraph).map("§ {}".format),
    _maybe_range(small).map("al. {}".format),
    st.sampled_from(["dernier al.", "avant-dernier al."]),
    _maybe_range(degree),
    small.map("point {}".format),
    st.builds(lambda a, j, b: f"points {a}{j}{b}", small, join, small),
    _maybe_range(letter),
)
pins = st.lists(pin, max_size=4).map(tuple)


def _number(code: Code) -> st.SearchStrategy[str]:
    """Canonical numbers of `code`, from its own pattern, kept to those a calendar can hold."""
    if code.key == "DOC":
        word = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)
        return st.lists(word, min_size=2, max_size=5).map("-".join)
    numbers = st.from_regex(code.forme, fullmatch=True).filter(str.isascii)
    if code.key in ("ARRETE", "TGI"):
        return st.dates(min_value=_day(1950), max_value=_day(2090)).map(lambda d: d.isoformat())
    if code.key == "CONSTIT":
        dates = st.dates(min_value=_day(1950), max_value=_day(2090)).map(lambda d: d.isoformat())
        return dates | numbers.filter(lambda n: n[-1] == "C")
    if code.key == "LOI":
        return numbers.filter(lambda n: n not in OWN_KEY)
    return numbers


def _day(year: int):  # type: ignore[no-untyped-def]
    from datetime import date

    return date(year, 1, 1)


@st.composite
def citations(draw: st.DrawFn, key: str | None = None) -> Citation:
    code = CODES[key or draw(st.sampled_from(sorted(CODES)))]
    number = draw(_number(code))
    place = draw(pins)
    if code.takes_article_pin and draw(st.booleans()):
        place = (draw(article_pin), *place)
    return Citation(Reference(code.key, number), place)


# --- Properties ---------------------------------------------------------------------------------


@given(pin | article_pin)
def test_every_generated_pin_is_canonical(text: str) -> None:
    assert is_pin(text)


@pytest.mark.parametrize("key", sorted(CODES))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_canonical_form_comes_back(key: str, data: st.DataObject) -> None:
    citation = data.draw(citations(key))
    assert parse_canonical(canonical(citation)) == citation
    assert parse_citation(canonical(citation)) == citation


@pytest.mark.parametrize("key", sorted(CODES))
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_label_is_read_back_as_the_same_citation(key: str, data: st.DataObject) -> None:
    citation = data.draw(citations(key))
    text = label(citation)
    found = find_citations(text)
    assert [f.citation for f in found] == [citation], text
    assert found[0].text == text


@settings(max_examples=200, deadline=None)
@given(
    citations(),
    st.sampled_from(["", "Bonjour Maître, ", "Selon l’", "Que dit l'", "(", "mon confrère cite « "]),
    st.sampled_from(
        ["", ".", " ?", " », et je suis perdu.", ", merci", ")", " : 3 ans, 45 000 €", "\nBien à vous"]
    ),
)
def test_label_is_found_inside_a_sentence(citation: Citation, before: str, after: str) -> None:
    text = before + label(citation) + after
    found = find_citations(text)
    assert [f.citation for f in found] == [citation], text
    assert text[found[0].start : found[0].end] == found[0].text


@settings(max_examples=200, deadline=None)
@given(citations())
def test_label_is_read_in_capitals_plain_ascii_and_odd_dashes(citation: Citation) -> None:
    if citation.reference.code == "DOC":
        return  # a slug is not speech
    text = label(citation)
    odd = text.replace("-", "\u2011").replace("\u00a0", "\u202f")
    assert [f.citation for f in find_citations(odd)] == [citation], odd
    assert [f.citation for f in find_citations(fold(text).text)] == [citation], fold(text).text


@settings(max_examples=200, deadline=None)
@given(st.lists(citations(), min_size=1, max_size=4), st.sampled_from([" ", " : voir ", "\n\n- "]))
def test_marks_come_back_with_their_place(cited: list[Citation], between: str) -> None:
    text = "Texte." + "".join(f"{between}[{c.key}]" for c in cited)
    marks = find_marks(text)
    assert [m.citation for m in marks] == cited
    for mark in marks:
        assert text[mark.start : mark.end] == mark.text
        assert mark.line == text[: mark.start].count("\n") + 1


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
@example("article " * 50)
@example("[CSP L1111-8, II" * 20)
@example("L. 1111-8" * 30)
def test_any_text_is_read_without_a_crash(text: str) -> None:
    last = 0
    for found in find_citations(text):
        assert last <= found.start < found.end <= len(text)
        assert text[found.start : found.end] == found.text
        assert parse_canonical(found.citation.key) == found.citation
        last = found.end
    for mark in find_marks(text):
        assert (mark.citation is None) != (mark.error is None)


_WORDS = st.sampled_from(
    [
        *"article articles art. L. R. D l' 28 34 226-13 1111-8 4127-73 § 3 II h) a)".split(),
        *"du de la RGPD CSP CP , ; ( ) et à 3° alinéa dernier considérant annexe III".split(),
        *"code pénal civil loi n° 2025-1403 78-17".split(),
        *"CE 449694 15-21.468 C-340/21 arrêté du 26 avril 2024 décret même règlement décision".split(),
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.lists(_WORDS, max_size=25).map(" ".join), st.sampled_from([None, "RGPD", "CC"]))
def test_legal_word_salad_gives_only_valid_citations(text: str, default: str | None) -> None:
    last = 0
    for found in find_citations(text, known=["CSP L1111-8"], default=default):
        assert last <= found.start < found.end <= len(text)
        assert parse_canonical(found.citation.key) == found.citation
        last = found.end


@given(citations())
def test_labels_never_break_between_a_sign_and_its_number(citation: Citation) -> None:
    for text in (label(citation), short_label(citation)):
        assert not re.search(r"(?:\b[LRDA]\.|§|n°|\bal\.|\bart\.|article|point) ", text), text
    for place in citation.pinpoint:
        assert " " not in pin_label(place)


@given(citations())
def test_short_label_is_shorter_and_keeps_the_pins(citation: Citation) -> None:
    short = short_label(citation)
    assert len(short) <= len(label(citation))
    for place in citation.pinpoint:
        assert pin_label(place) in short


def test_seats_of_the_appeal_courts_are_printed() -> None:
    for letters_, seat in APPEAL_SEATS.items():
        number = f"17{letters_}00912"
        assert (
            label(Citation(Reference("CAA", number)))
            == f"cour administrative d’appel de {seat}, n°\u00a0{number}"
        )
