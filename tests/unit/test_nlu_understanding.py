"""The matcher on a small base: right fiche, several questions, silence, stable training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import bot.nlu.text
from bot.dialogue.match import Candidate, QuestionMatch
from bot.nlu.reader import read
from bot.nlu.ridge import EVIDENCE, Example
from bot.nlu.similarity import TERM_BLOCKS
from bot.nlu.text import each_text_once, tokens
from bot.nlu.understanding import Understanding, _halves, _surest, _surest_pair
from bot.nlu.vectors import WordVectors

WORDINGS = {
    "fiche:hds": [
        "mon hébergeur doit-il être certifié",
        "certification hds obligatoire",
        "faut-il un hébergeur agréé pour mes dossiers",
        "l'éditeur de mon logiciel doit-il avoir le certificat hds",
    ],
    "fiche:conservation": [
        "combien de temps garder les dossiers",
        "durée de conservation des dossiers médicaux",
        "quand puis-je détruire les vieux dossiers",
        "au bout de combien d'années jeter les fiches des patients",
    ],
    "fiche:cotisation": [
        "l'ordre peut-il réclamer des cotisations anciennes",
        "cotisation ordinale rétroactive",
        "prescription de la cotisation à l'ordre",
        "dois-je payer dix ans d'arriérés de cotisation",
    ],
    "orientation:travail": [
        "puis-je licencier ma secrétaire",
        "indemnités de licenciement de mon assistante",
        "préavis de ma secrétaire qui démissionne",
        "congés payés de mon employée",
    ],
    "intent:greet": ["bonjour", "bonsoir", "salut", "coucou"],
    "intent:thank": ["merci", "merci beaucoup", "je vous remercie", "parfait merci"],
}


NO_VECTORS = WordVectors.of_words([], np.zeros((1, 4)))


@pytest.fixture(scope="module")
def model() -> Understanding:
    trained = Understanding(NO_VECTORS)
    trained.fit([Example(text, label) for label, texts in WORDINGS.items() for text in texts])
    return trained


@pytest.mark.parametrize(
    ("text", "fiche"),
    [
        ("certifié hébergeur ?", "hds"),
        ("esque mon hebergeur doit etre certifier", "hds"),
        ("Bonjour, je trie ma cave. Combien de temps dois-je conserver les dossiers ? Merci", "conservation"),
        ("cotisations réclamées par l'Ordre pour le passé", "cotisation"),
    ],
)
def test_the_right_fiche_comes_first(model: Understanding, text: str, fiche: str) -> None:
    understood = model.understand(text)
    assert understood.intent == "question"
    assert understood.match.questions[0].candidates[0].fiche == fiche


def test_conversation_is_no_question(model: Understanding) -> None:
    assert model.understand("bonjour").intent == "greet"
    assert model.understand("merci bien").intent == "thank"


def test_a_subject_outside_is_recognised(model: Understanding) -> None:
    understood = model.understand("comment licencier ma secrétaire")
    assert understood.intent == "out_of_domain"
    assert understood.match.questions[0].orientation == "travail"
    assert understood.match.questions[0].candidates[0].probability < 0.5


def test_two_sure_questions_are_answered_apart(model: Understanding) -> None:
    text = "Mon hébergeur doit-il être certifié hds ? Et combien de temps garder les dossiers médicaux ?"
    questions = model.understand(text).match.questions
    assert [q.candidates[0].fiche for q in questions] == ["hds", "conservation"]


def test_questions_after_a_context_are_answered_apart(model: Understanding) -> None:
    text = (
        "Mon hébergeur n'a pas de certificat hds, son certificat a expiré, et mon éditeur en change. "
        "L'éditeur de mon logiciel doit-il être certifié hds ? Combien de temps garder les dossiers ?"
    )
    questions = model.understand(text).match.questions
    assert [q.candidates[0].fiche for q in questions] == ["hds", "conservation"]


def matched(*candidates: tuple[str, float]) -> QuestionMatch:
    return QuestionMatch("?", tuple(Candidate(fiche, p) for fiche, p in candidates))


def test_of_the_readings_of_a_question_the_surest_counts() -> None:
    in_context, alone, unknown = matched(("f", 0.4), ("g", 0.3)), matched(("f", 0.8)), matched()
    assert _surest([[in_context, alone], [unknown]]) == [alone, unknown]
    assert _surest([[unknown, in_context]]) == [in_context]


def test_a_question_that_leads_where_another_does_is_read_another_way_if_that_is_sure() -> None:
    first, leaning = matched(("f", 0.99)), matched(("f", 0.9))
    sure, unsure = matched(("g", 0.8)), matched(("g", 0.5))
    assert _surest([[first], [leaning, sure]]) == [first, sure]
    assert _surest([[first], [leaning, unsure]]) == [first, leaning]


def test_of_the_cuts_of_a_sentence_the_surest_counts_if_both_halves_are_sure() -> None:
    first, second = matched(("f", 0.7)), matched(("g", 0.9))
    surer, same, unsure = matched(("f", 0.8)), matched(("f", 0.95)), matched(("g", 0.5))
    assert _surest_pair([[first], [second], [surer], [same, second]]) == (surer, second)
    assert _surest_pair([[first], [same], [first], [unsure]]) == ()


def test_a_letter_is_not_cut(model: Understanding) -> None:
    joined = "dire si mon hébergeur doit être certifié hds ainsi que le temps de garder les dossiers médicaux"
    assert len(_halves(read(joined))) == 2
    assert _halves(read(joined + " au cabinet" * 30)) == []


def test_nothing_of_a_message_is_remembered(model: Understanding) -> None:
    model.understand("combien de temps garder les dossiers")
    with each_text_once():
        assert tokens("garder") == ("garder",)
    assert bot.nlu.text._read.get() is None


def test_probabilities_are_probabilities(model: Understanding) -> None:
    for text in ("", "?", "hébergeur", "x" * 500, "14:32", "🙂"):
        for question in model.understand(text).match.questions:
            assert all(0.0 <= c.probability <= 1.0 for c in question.candidates)
            assert 0.0 <= question.coverage <= 1.0


def test_a_saved_model_understands_alike(model: Understanding, tmp_path: Path) -> None:
    model.save(tmp_path)
    again = Understanding.load(tmp_path)
    for text in ("certifié hébergeur ?", "bonjour", "quand jeter les dossiers"):
        assert again.understand(text) == model.understand(text)


def test_order_of_examples_does_not_matter(tmp_path: Path) -> None:
    examples = [Example(text, label) for label, texts in WORDINGS.items() for text in texts]
    first, second = Understanding(NO_VECTORS), Understanding(NO_VECTORS)
    first.fit(examples)
    second.fit(list(reversed(examples)))
    for name, model in (("first", first), ("second", second)):
        (tmp_path / name).mkdir()
        model.save(tmp_path / name)
    for file in ("understanding.json", "ridge.json", "alpha.npz"):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()


def test_a_counter_example_pushes_its_fiche_down() -> None:
    examples = [Example(text, label) for label, texts in WORDINGS.items() for text in texts]
    plain, countered = Understanding(NO_VECTORS), Understanding(NO_VECTORS)
    plain.fit(examples)
    text = "mon archiveur papier doit-il être certifié"
    countered.fit(examples, [Example(text, "fiche:hds")])

    assert countered.signals(text)["hds"].score < plain.signals(text)["hds"].score


def test_training_without_fiche_is_refused() -> None:
    with pytest.raises(ValueError, match="No published fiche"):
        Understanding(NO_VECTORS).fit([Example("bonjour", "intent:greet")])


def test_a_fiche_learned_live_is_found_and_the_others_still_are(model: Understanding) -> None:
    wordings = ["puis-je filmer ma salle d'attente", "caméra de surveillance au cabinet", "zeppelin"]
    wider = model.with_fiche("camera", wordings)
    assert wider.fiches == model.fiches | {"camera"}
    first = wider.understand("une caméra dans la salle d'attente, est-ce permis ?").match.questions[0]
    assert first.candidates[0].fiche == "camera"
    assert wider.understand("un zeppelin ?").match.questions[0].candidates[0].fiche == "camera"
    for text, fiche in (("certifié hébergeur ?", "hds"), ("quand jeter les dossiers", "conservation")):
        assert wider.understand(text).match.questions[0].candidates[0].fiche == fiche
    assert "camera" not in model.fiches


def test_a_known_fiche_is_not_learned_twice(model: Understanding) -> None:
    with pytest.raises(ValueError, match="known already"):
        model.with_fiche("hds", ["certificat"])


def test_each_signal_can_be_seen(model: Understanding) -> None:
    signals = model.signals("combien de temps garder les dossiers")
    assert signals.keys() == model.fiches
    known, other = signals["conservation"], signals["hds"]
    assert known.score > other.score
    assert (len(known.nearest), len(known.together)) == (EVIDENCE, TERM_BLOCKS)
    assert known.nearest[0] == pytest.approx(sum(known.nearest[1:]), abs=1e-5)
    assert all(0 <= share <= 1 for share in known.together)
    assert known.together[0] > other.together[0]
