"""Similar questions count as one subject, whatever their words and typing; others stay apart."""

from __future__ import annotations

from bot.inbox.grouping import group

SUBJECTS = [
    [
        "la TVA sur mes honoraires d'expertise, comment ça marche ?",
        "dois-je facturer la TVA pour une expertise judiciaire",
        "expertise : tva ou pas tva ?",
        "TVA honoraires expertises",
    ],
    [
        "puis-je faire de la publicité sur Google",
        "ai-je le droit de payer une annonce google ads pour mon cabinet",
        "publicite google cabinet medical autorisee ?",
    ],
    [
        "mon bail professionnel peut-il être résilié avant terme",
        "comment résilier le bail de mon cabinet",
        "rupture du bail professionnel",
    ],
    ["un patient me menace, que faire"],
    ["dois-je facturer un certificat médical"],
    ["mon remplaçant étudiant peut-il signer ?"],
]


def test_subjects_are_found_again_the_most_asked_first() -> None:
    texts = [text for subject in SUBJECTS for text in subject]
    found = [[texts[position] for position in members] for members in group(texts)]
    assert found == SUBJECTS


def test_the_order_given_changes_no_group() -> None:
    texts = [text for subject in SUBJECTS for text in subject]
    back = texts[::-1]
    found = {frozenset(back[position] for position in members) for members in group(back)}
    assert found == {frozenset(subject) for subject in SUBJECTS}


def test_nothing_one_and_the_same() -> None:
    assert group([]) == []
    assert group(["une question"]) == [[0]]
    assert group(["la TVA ?", "la TVA ?", "???", "et"]) == [[0, 1], [2], [3]]
