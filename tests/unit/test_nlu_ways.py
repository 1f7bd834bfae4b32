"""The ways to read each question of a message that asks several things."""

from __future__ import annotations

from bot.nlu.reader import read
from bot.nlu.ways import Asked, each_half, each_question

LETTER = """Bonjour,
Je pars à la retraite en juin. Dois-je prévenir mes patients ?
Par ailleurs, mon ordinateur a été volé hier. À qui dois-je le déclarer ? Et comment ?
Merci"""


def ways(asked: Asked) -> set[tuple[str, str]]:
    """The whole and the question of each way to read it."""
    return {(way.body, way.focus) for way in asked.ways}


def test_a_question_is_read_with_its_paragraph_and_alone() -> None:
    first, second, third = each_question(read(LETTER))
    retiring, stolen = "Je pars à la retraite en juin.", "Par ailleurs, mon ordinateur a été volé hier."
    assert first.text == "Dois-je prévenir mes patients ?"
    assert ways(first) == {
        (f"{retiring} {stolen} {first.text}", first.text),
        (f"{retiring} {first.text}", first.text),
        (first.text, first.text),
    }
    together = f"{second.text} {third.text}"
    assert ways(second) == {
        (f"{retiring} {stolen} {first.text} {second.text}", second.text),
        (f"{stolen} {second.text}", second.text),
        (f"{stolen} {together}", together),
    }


def test_what_names_no_subject_is_not_read_alone() -> None:
    _, _, third = each_question(read(LETTER))
    assert third.text == "Et comment ?"
    assert all(way.body != third.text for way in third.ways)


def test_a_question_cut_from_a_sentence_is_also_read_in_it() -> None:
    sentence = "Faut-il un registre des traitements et dois-je nommer un délégué à la protection ?"
    first, second = each_question(read(sentence))
    assert (first.text, second.text) == (
        "Faut-il un registre des traitements",
        "et dois-je nommer un délégué à la protection ?",
    )
    assert sentence in {focus for _, focus in ways(second)}


def test_the_second_half_of_a_sentence_is_also_read_alone() -> None:
    halves = ("mon hébergeur doit être certifié", "combien de temps garder un dossier médical")
    first, second = each_half(read("Je m'installe à Brest. " + " et ".join(halves)), halves)
    assert all("Brest" in way.body for way in first.ways)
    assert ways(second) == {
        (f"Je m'installe à Brest. {halves[0]} et {halves[1]} {halves[0]} {halves[1]}", halves[1]),
        (halves[1], halves[1]),
    }
