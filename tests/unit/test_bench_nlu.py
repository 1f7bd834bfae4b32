"""The pure parts of `make bench-nlu`: what is counted, BM25, what contenders say and how it is read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import cases, contender, contenders, report
from benchmarks.bm25 import BM25, words
from benchmarks.cases import DEVELOPMENT, DEVELOPMENT_OFF_BASE, EPREUVES, OFF_BASE, Case
from benchmarks.contender import Loading, Prediction, Training, read_predictions, write_predictions
from benchmarks.contenders import PROJECT, Ranked, read_logistic, read_stock
from benchmarks.examples import Wording, rasa_training_data
from benchmarks.intents import examples
from benchmarks.measures import (
    Result,
    best_threshold,
    calibration_error,
    errors,
    percent,
    quantile,
    silent_at,
)
from benchmarks.nlu import _trained, both_answered, environment, learned


def result(
    fiche: str | None,
    *ranked: tuple[str, float],
    answers: tuple[str, ...] | None = None,
    part: str = EPREUVES,
    style: str = "question",
    offered: tuple[str, ...] = (),
) -> Result:
    return Result(Case("texte", fiche, style, part), ranked, answers, offered, 2.0)


INSIDE = [
    result("a", ("a", 0.9), ("b", 0.05)),
    result("a", ("b", 0.6), ("a", 0.3)),
    result("b", ("b", 0.4)),
    result("c"),
]
OUTSIDE = [result(None, ("a", 0.7)), result(None, ("b", 0.2)), result(None), result(None, ("c", 0.1))]


def test_calibration_error_weighs_the_gap_of_each_bin() -> None:
    # One bin (0.8 to 0.9) is right half the time, another (0 to 0.1) as said.
    pairs = [(0.8, True), (0.8, False), (0.0, False), (0.0, False)]
    assert calibration_error(pairs) == pytest.approx(0.5 * 0.3)
    assert calibration_error([(1.0, True), (1.0, True)]) == 0.0
    assert calibration_error([(1.0, False)]) == 1.0
    with pytest.raises(ValueError, match="nothing"):
        calibration_error([])


def test_answers_follow_the_threshold_and_the_order() -> None:
    assert [r.answered(0.5) for r in INSIDE] == ["a", "b", None, None]
    assert [r.right_in(1) for r in INSIDE] == [True, False, True, False]
    assert [r.right_in(2) for r in INSIDE] == [True, True, True, False]


def test_of_several_answers_the_right_one_counts() -> None:
    both = result("a", ("b", 0.9), answers=("b", "a"))
    assert both.answered() == "a"
    assert result("c", ("b", 0.9), answers=("b", "a")).answered() == "b"
    assert result("a", ("a", 0.9), answers=()).answered() is None


def test_errors_at_a_threshold_add_up() -> None:
    found = errors(INSIDE, OUTSIDE, 0.5)
    assert (found.right, found.wrong, found.silent, found.off_base) == (25, 25, 50, 25)
    all_answered = errors(INSIDE, OUTSIDE, 0.0)
    assert (all_answered.right, all_answered.wrong, all_answered.silent) == (50, 25, 25)
    assert all_answered.off_base == 75


def test_errors_of_the_own_decision() -> None:
    inside = [result("a", ("a", 0.2), answers=("a",)), result("a", ("a", 0.9), answers=())]
    found = errors(inside, [result(None, ("a", 0.9), answers=())])
    assert (found.right, found.silent, found.off_base) == (50, 50, 0)


def test_the_best_threshold_lets_a_false_answer_cost_three_missing_ones() -> None:
    questions = [result("a", ("a", p)) for p in (0.3, 0.5, 0.7, 0.9)]
    # Answering the one at 0.3 would answer the off-base message at 0.35 too.
    assert best_threshold([*questions, result(None, ("a", 0.35))]) == 0.5
    # Below 0.6 two false answers would cost more than the two questions that are lost.
    assert best_threshold([*questions, result(None, ("a", 0.6)), result("b", ("a", 0.6))]) == 0.7


def test_silence_at_a_limit_of_false_answers() -> None:
    # Above 0.7 no off-base message is answered: only the question at 0.9 is.
    assert silent_at(INSIDE, OUTSIDE, 0) == 75
    # Above 0.2 one in four is: the question at 0.4 is answered too, and that at 0.6 wrongly.
    assert silent_at(INSIDE, OUTSIDE, 25) == 50
    assert silent_at(INSIDE, [result(None, ("a", 1.0))], 0) is None


def test_percentages_and_quantiles() -> None:
    assert percent([1, 2, 3, 4], lambda x: x > 3) == 25
    with pytest.raises(ValueError, match="nothing"):
        percent([], bool)
    assert quantile(range(1, 100), 50) == 50
    assert quantile(range(1, 100), 95) == 95


def test_bm25_words_and_rare_words_count_more() -> None:
    assert words("L’hébergeur HDS, 2026 ?") == ["l", "hébergeur", "hds", "2026"]
    index = BM25.fit(["le dossier du patient", "le contrat du médecin", "le dossier du médecin"])
    scores = index.scores("contrat médecin")
    assert list(np.argsort(-scores)) == [1, 2, 0]
    assert scores[0] == 0
    assert not index.scores("rien de connu ici").any()


def test_bm25_follows_its_formula() -> None:
    index = BM25.fit(["a a b", "b", "c d e f"], k1=1.5, b=0.75)
    # N = 3, one document holds "a"; its length 3 over the mean 8/3; said twice.
    idf = np.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    norm = 1.5 * (1 - 0.75 + 0.75 * 3 / (8 / 3))
    assert index.scores("a")[0] == pytest.approx(idf * 2 * 2.5 / (2 + norm))
    assert index.scores("a a")[0] == pytest.approx(2 * index.scores("a")[0])


def test_bm25_holds_back_long_documents_and_repetition() -> None:
    index = BM25.fit(["x", "x y z t u v", "w w w w"])
    scores = index.scores("x")
    assert scores[0] > scores[1] > 0
    once, often = BM25.fit(["w a", "b c"]), BM25.fit(["w w w w w w w w", "b c"])
    assert often.scores("w")[0] < 3 * once.scores("w")[0]


def test_bm25_saved_and_loaded_scores_alike(tmp_path: Path) -> None:
    index = BM25.fit(["un dossier médical", "une garde de nuit"])
    index.save(tmp_path)
    np.testing.assert_allclose(BM25.load(tmp_path).scores("garde médical"), index.scores("garde médical"))
    with pytest.raises(ValueError, match="no word"):
        BM25.fit(["?", "!"])


def stock_parse(intent: str, question: float) -> dict[str, object]:
    ranking = [{"name": "question", "confidence": question}, {"name": "greet", "confidence": 0.1}]
    if intent == "nlu_fallback":
        ranking.insert(0, {"name": "nlu_fallback", "confidence": 0.3})
    return {
        "intent": {"name": intent, "confidence": 0.5},
        "intent_ranking": ranking,
        "response_selector": {
            "all_retrieval_intents": ["question"],
            "default": {
                "ranking": [
                    {"confidence": 0.6, "intent_response_key": "question/hds"},
                    {"confidence": 0.2, "intent_response_key": "question/fuite"},
                ]
            },
        },
    }


def test_stock_probability_is_the_intents_times_the_selectors() -> None:
    ranked = read_stock(stock_parse("question", 0.5))
    assert ranked.candidates == (("hds", 0.3), ("fuite", 0.1))
    assert ranked.answers == ("hds",)


@pytest.mark.parametrize("intent", ["nlu_fallback", "greet"])
def test_stock_is_silent_when_another_intent_stands(intent: str) -> None:
    ranked = read_stock(stock_parse(intent, 0.25))
    assert ranked.answers == ()
    assert ranked.candidates[0] == ("hds", pytest.approx(0.15))


def test_stock_without_the_intent_among_the_best_gives_nothing_a_chance() -> None:
    parsed = stock_parse("greet", 0.2)
    parsed["intent_ranking"] = [{"name": "greet", "confidence": 0.9}]
    assert {p for _, p in read_stock(parsed).candidates} == {0.0}


def test_logistic_keeps_the_fiches_among_the_intents() -> None:
    names = [("out_of_domain", 0.5), ("question__hds", 0.3), ("question__fuite", 0.1)]
    parsed = {"intent_ranking": [{"name": name, "confidence": c} for name, c in names]}
    assert read_logistic(parsed) == Ranked((("hds", 0.3), ("fuite", 0.1)))


def test_training_data_as_retrieval_intent_and_as_intents() -> None:
    found = [
        Wording("mon hébergeur\ndoit-il", "question", "hds"),
        Wording("bonjour", "greet"),
        Wording("hds ?", "question", "hds"),
    ]
    stock = rasa_training_data(found, "/")
    assert stock["nlu"] == [
        {"intent": "question/hds", "examples": "- mon hébergeur doit-il\n- hds ?\n"},
        {"intent": "greet", "examples": "- bonjour\n"},
    ]
    assert list(stock["responses"]) == ["utter_question/hds"]  # type: ignore[call-overload]
    apart = rasa_training_data(found, "__")
    assert "responses" not in apart
    assert apart["nlu"][0]["intent"] == "question__hds"  # type: ignore[index]


PREDICTIONS = [
    Prediction((("hds", 0.75),), ("hds",), (), 3.5),
    Prediction((), None, ("fuite",), 1.0),
]


def test_predictions_are_read_as_they_were_written(tmp_path: Path) -> None:
    texts = ["un", "deux"]
    loading = Loading(1.0, 0.5, 100.0, 120.0, contender.digest(texts))
    path = tmp_path / "predictions.jsonl"
    write_predictions(path, loading, PREDICTIONS)
    assert read_predictions(path, texts) == (loading, PREDICTIONS)
    assert [p.name for p in tmp_path.iterdir()] == ["predictions.jsonl"]


@pytest.mark.parametrize("texts", [["un", "autre"], ["un"], ["un", "deux", "trois"]])
def test_predictions_of_other_messages_are_refused(tmp_path: Path, texts: list[str]) -> None:
    path = tmp_path / "predictions.jsonl"
    write_predictions(path, Loading(1, 1, 1, 1, contender.digest(["un", "deux"])), PREDICTIONS)
    with pytest.raises(ValueError, match="other messages"):
        read_predictions(path, texts)


def test_an_empty_or_cut_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "predictions.jsonl"
    path.write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match="empty"):
        read_predictions(path, [])
    path.write_text('{"imports": 1', encoding="utf-8")
    with pytest.raises(ValueError, match="truncated"):
        read_predictions(path, [])


def test_bm25_contender_ranks_fiches_against_the_other_intents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [
        Wording("mon hébergeur est-il certifié", "question", "hds"),
        Wording("garder les dossiers combien de temps", "question", "conservation"),
        Wording("licencier ma secrétaire", "out_of_domain"),
    ]
    monkeypatch.setattr("benchmarks.examples.wordings", lambda root: known)
    trained = contenders.PlainBM25()
    trained.train(tmp_path)
    loaded = contenders.PlainBM25()
    loaded.load(tmp_path)
    ranked = loaded.rank("hébergeur certifié")
    assert [fiche for fiche, _ in ranked.candidates] == ["hds", "conservation"]
    assert ranked.candidates[0][1] > 0.5
    assert loaded.rank("licencier la secrétaire").candidates[0][1] < 0.2
    assert sum(p for _, p in loaded.rank("inconnu").candidates) == pytest.approx(2 / 3)


def test_cases_come_from_the_files_and_an_unknown_fiche_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "DATA", tmp_path)
    question = json.dumps({"text": "et mon hébergeur ?", "fiche": "hds", "style": "oral"})
    for name in ("developpement", "eloignees"):
        (tmp_path / f"{name}.jsonl").write_text(question, encoding="utf-8")
    (tmp_path / "hors_base_developpement.jsonl").write_text('{"text": "ailleurs"}', encoding="utf-8")
    path = tmp_path / "lointain.jsonl"
    path.write_text('{"text": "quel temps fait-il ?"}\n\n', encoding="utf-8")
    found = cases.all_cases([], [path])
    assert found == [
        Case("quel temps fait-il ?", None, "lointain", OFF_BASE),
        Case("ailleurs", None, "hors_base_developpement", DEVELOPMENT_OFF_BASE),
    ]
    path.write_text("{", encoding="utf-8")
    with pytest.raises(SystemExit, match="lointain"):
        cases.all_cases([], [path])


def test_stock_rasa_keeps_its_pipeline_but_for_the_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(contenders.EPOCHS, "5,20")
    parts = {part["name"]: part for part in contenders.Stock().pipeline()}
    assert parts["DIETClassifier"] == {
        "name": "DIETClassifier",
        "epochs": 5,
        "constrain_similarities": True,
    }
    assert parts["ResponseSelector"]["epochs"] == 20
    assert parts["FallbackClassifier"]["threshold"] == 0.3


def test_intents_with_too_few_wordings_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "intents.jsonl"
    lines = [{"text": f"bonjour {i}", "intent": "greet"} for i in range(5)]
    lines.append({"text": "seul", "intent": "rare"})
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    assert {e.label for e in examples(path)} == {"fiche:greet"}
    path.write_text(json.dumps(lines[-1]), encoding="utf-8")
    with pytest.raises(SystemExit, match="no intent"):
        examples(path)


def test_double_questions_are_counted() -> None:
    def answered(*fiches: str) -> Prediction:
        return Prediction((), fiches, (), 1.0)

    pairs = [("a", "b")] * 4
    given = [answered("a", "b"), answered("b"), answered("a", "c"), answered()]
    assert both_answered(pairs, given) == (4, 1, 1)


def test_a_contender_writes_in_its_own_folder_only(tmp_path: Path) -> None:
    made = environment(tmp_path / "project", tmp_path, 1, (5, 20))
    assert made[PROJECT] == made["MAITRE_ROOT"] == str(tmp_path / "project")
    assert made["OMP_NUM_THREADS"] == made["TF_INTRA_OP_PARALLELISM_THREADS"] == "1"
    assert made[contenders.EPOCHS] == "5,20"
    for name in ("MAITRE_VAR", "MAITRE_DATABASE_URL", "RASA_CACHE_DIRECTORY"):
        assert str(tmp_path) in made[name]


def outcome(title: str, decides: bool, seconds: float) -> report.Outcome:
    def made(fiche: str | None, p: float, part: str, style: str) -> Result:
        answers = (("a",) if p >= 0.75 else ()) if decides else None
        return result(fiche, ("a", p), ("b", 0.1), answers=answers, part=part, style=style)

    results = (
        made("a", 0.9, EPREUVES, "question"),
        made("b", 0.8, EPREUVES, "lettre"),
        made("a", 0.4, EPREUVES, "lettre"),
        made(None, 0.5, OFF_BASE, "hors_base"),
        made("a", 0.95, DEVELOPMENT, "question"),
        made(None, 0.45, DEVELOPMENT_OFF_BASE, "hors_base_developpement"),
    )
    return report.Outcome(title, Training(seconds, 900.0), Loading(5, 1, 500, 600, ""), results)


def page(epochs: tuple[int, int]) -> str:
    outcomes = {"ours": outcome("this project", True, 30.0), "stock": outcome("stock Rasa", True, 3000.0)}
    outcomes["bm25"] = outcome("BM25", False, 1.0)
    return report.render(report.Page(report.Setting(2, 12, epochs, 2), outcomes, (10, 8, 1), (90.0, 94.0)))


def test_the_page_says_what_was_measured() -> None:
    text = page((100, 100))
    assert "| lettre | 2 | 50.0 / 100.0 | 50.0 / 100.0 | 50.0 / 100.0 |" in text
    assert "| this project, its own decision | 33.3 | 33.3 | 33.3 | 0.0 |" in text
    assert "| BM25, threshold 0.95 |" in text
    assert "BM25, its own decision" not in text
    assert "| training time: at most a fifth | 30.0 to 3000.0: 0.01 | yes |" in text
    assert "| public set of intents, 5-fold: at least 92 % | 92.0 % | yes |" in text
    assert "| messages per second | 500.0 | 500.0 | 500.0 |" in text
    assert "its 100 epochs each" in text


def test_the_page_says_when_stock_rasa_had_fewer_epochs() -> None:
    assert "**5 epochs of DIETClassifier and 20 of ResponseSelector instead of 100 each**" in page((5, 20))


def test_a_kept_training_serves_again_with_the_same_epochs_only(tmp_path: Path) -> None:
    for name, epochs in (("stock", "5,20"), ("bm25", None)):
        (tmp_path / name).mkdir()
        written = json.dumps({"seconds": 3.0, "peak": 100.0, "epochs": epochs})
        (tmp_path / name / contender.TRAINING).write_text(written, encoding="utf-8")
    assert _trained("stock", tmp_path, (5, 20)) == Training(3.0, 100.0, "5,20")
    assert _trained("stock", tmp_path, (100, 100)) is None
    assert _trained("bm25", tmp_path, (100, 100)) == Training(3.0, 100.0)
    assert _trained("ours", tmp_path, (5, 20)) is None


def test_the_last_accuracies_are_read_in_the_log_of_training() -> None:
    log = "Epochs: 1/2, t_loss=3.4, i_acc=0.86]\rEpochs: 2/2, t_loss=3, i_acc=0.97]\n1/1, r_acc=0.137]"
    assert learned(log) == (0.97, 0.137)
    assert learned("nothing") == (None, None)


@pytest.mark.parametrize(("share", "verdict"), [(0.137, "not comparable"), (0.9, "yes")])
def test_nothing_is_won_over_a_network_that_did_not_learn(share: float, verdict: str) -> None:
    good = [result("a", ("a", 0.9), answers=("a",)), result(None, ("a", 0.1), part=OFF_BASE, answers=())]
    good += [result("a", ("a", 0.9), answers=("a",), part=DEVELOPMENT)]
    bad = [result("a", ("b", 0.9), answers=("b",)), *good[1:]]
    measured = {
        name: report.Outcome(name, Training(1, 1), Loading(1, 1, 1, 1, ""), tuple(found))
        for name, found in (("ours", good), ("stock", bad))
    }
    setting = report.Setting(1, 1, (5, 20), 1, learned=(0.99, share))
    text = report.aims(report.Page(setting, measured, None, ()))
    first = next(line for line in text.splitlines() if "errors of the first candidate" in line)
    assert first.endswith(f"| {verdict} |")
    rendered = report.render(report.Page(setting, measured | {"bm25": measured["ours"]}, None, ()))
    assert ("fewer.md" in rendered) == (verdict != "yes")
