"""The ways to read each question of a message that asks several things."""

from __future__ import annotations

from bot.nlu.reader import read
from bot.nlu.ways import Asked, each_half, each_question

RETIRING, STOLEN = "Je pars à la retraite en juin.", "Par ailleurs, mon ordinateur a été volé hier."
LETTER = f"""Bonjour,
{RETIRING} Dois-je prévenir mes patients ?
{STOLEN} À qui dois-je le déclarer ? Et comment ?
Merci"""


def ways(asked: Asked) -> set[tuple[str, str]]:
    """The whole and the question of each way to read it."""
    return {(way.body, way.focus) for way in asked.ways}


def test_a_question_is_read_with_its_paragraph_and_alone() -> None:
    first, second, _ = each_question(read(LETTER))
    assert first.text == "Dois-je prévenir mes patients ?"
    assert ways(first) == {
        (f"{RETIRING} {STOLEN} {first.text}", first.text),
        (f"{RETIRING} {first.text}", first.text),
        (first.text, first.text),
    }
    assert ways(second) == {
        (f"{RETIRING} {STOLEN} {first.text} {second.text}", second.text),
        (f"{STOLEN} {second.text}", second.text),
    }


def test_what_names_no_subject_is_not_read_alone() -> None:
    _, _, third = each_question(read(LETTER))
    assert third.text == "Et comment ?"
    assert ways(third) == {
        (f"{RETIRING} {STOLEN} À qui dois-je le déclarer ? {third.text}", third.text),
        (f"{STOLEN} {third.text}", third.text),
    }


def test_the_second_half_of_a_sentence_is_also_read_alone() -> None:
    halves = ("mon hébergeur doit être certifié", "combien de temps garder un dossier médical")
    first, second = each_half(read("Je m'installe à Brest. " + " et ".join(halves)), halves)
    assert all("Brest" in way.body for way in first.ways)
    assert ways(second) == {
        (f"Je m'installe à Brest. {halves[0]} et {halves[1]} {halves[0]} {halves[1]}", halves[1]),
        (halves[1], halves[1]),
    }
