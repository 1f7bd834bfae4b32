"""The pure parts of `make bench-serve`: mix, percentiles, ratios, closed loop, stock Rasa's files."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from itertools import islice

import pytest

from benchmarks import stock
from benchmarks.examples import Wording
from benchmarks.load import MIX, Answer, Exchange, Pool, Summary, closed_loop, percentile, ratio, summarise
from benchmarks.serve import Hops, Turns, aims


def test_the_mix_is_drawn_alike_at_every_run_and_differs_by_sender() -> None:
    pool = Pool.of()
    first = list(islice(pool.draw(3), 50))
    assert first == list(islice(pool.draw(3), 50))
    assert first != list(islice(pool.draw(4), 50))
    assert first != list(islice(pool.draw(3, seed=0), 50))


def test_the_mix_has_the_shares_it_says() -> None:
    assert sum(share for share, _ in MIX.values()) == pytest.approx(1.0)
    pool = Pool.of()
    kinds = {text: kind for kind, texts in pool.texts.items() for text in texts}
    drawn = Counter(kinds[text] for text in islice(pool.draw(0), 4000))
    for kind, (share, _) in MIX.items():
        assert drawn[kind] / 4000 == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([5.0], 0.99, 5.0), ([4, 1, 3, 2], 0.5, 2), ([4, 1, 3, 2], 0.51, 3), (range(1, 101), 0.95, 95)],
)
def test_percentile_is_the_nearest_rank(values: list[float], share: float, expected: float) -> None:
    assert percentile(list(values), share) == expected


def test_percentile_of_nothing_is_no_number() -> None:
    assert math.isnan(percentile([], 0.5))


def test_ratio() -> None:
    assert ratio(30, 10) == "3.00"
    assert ratio(1, 0) == "–"
    assert ratio(math.nan, 2) == "–"


def test_summary_counts_failures_apart_from_answers() -> None:
    exchanges = [
        Exchange(1.0, 0.010, Answer(from_base=True)),
        Exchange(2.0, 0.020, Answer(empty=True)),
        Exchange(3.0, 0.060, Answer(error="HTTP 500")),
    ]
    found = summarise(exchanges, seconds=2.0, cpu_seconds={"front": 0.06, "Rasa": 0.24}, outside_seconds=0.5)
    assert (found.messages, found.errors, found.empty) == (3, 1, 1)
    assert found.per_second == 1.5
    assert found.cpu == pytest.approx(100)
    assert found.cpu_by_process == {"front": pytest.approx(20), "Rasa": pytest.approx(80)}
    assert (found.p50, found.p99) == (pytest.approx(20), pytest.approx(60))
    assert found.from_base == 0.5
    assert found.outside == 0.25


class _Echo:
    """Counts what it is told; takes a hundredth of a second to answer."""

    def __init__(self) -> None:
        self.said = 0
        self.begun = 0
        self.busy = False

    async def begin(self) -> None:
        self.begun += 1

    async def say(self, text: str) -> Answer:
        assert not self.busy, "a sender waits for its answer"
        self.busy = True
        await asyncio.sleep(0.01)
        self.busy = False
        self.said += 1
        return Answer()


async def test_each_sender_waits_for_its_answer_and_begins_anew_after_ten_messages() -> None:
    chats = [_Echo(), _Echo()]
    done = await closed_loop(chats, Pool.of(), seconds=0.3)
    assert 0 < len(done) <= sum(chat.said for chat in chats)
    for chat in chats:
        assert chat.begun in (chat.said // 10, chat.said // 10 + 1)
        assert chat.said > 10


def test_the_parts_of_a_message_add_up_to_the_whole() -> None:
    hops = Hops(front=50, rest=46, agent=40, nlu=12, action=20)
    assert sum(ms for _, ms in hops.parts()) == pytest.approx(50)
    assert dict(hops.parts())["front"] == 4


def test_the_stock_project_answers_every_intent_and_keeps_rasas_pipeline() -> None:
    files = stock.project(
        [Wording("bonjour", "greet"), Wording("certifié HDS ?", "question", "hds")], epochs=2
    )
    names = [part["name"] for part in files["config.yml"]["pipeline"]]
    assert {"DIETClassifier", "ResponseSelector", "FallbackClassifier"} <= set(names)
    epochs = [p["epochs"] for p in files["config.yml"]["pipeline"] if "epochs" in p]
    assert epochs == [2, 2]
    policies = [part["name"] for part in files["config.yml"]["policies"]]
    assert policies == ["MemoizationPolicy", "RulePolicy", "UnexpecTEDIntentPolicy", "TEDPolicy"]
    answered = {
        rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in files["data/rules.yml"]["rules"]
    }
    assert answered == {
        "question": "action_fiche",
        "greet": "utter_greet",
        "nlu_fallback": "utter_nlu_fallback",
    }
    assert "utter_question/hds" in files["data/nlu.yml"]["responses"]


def test_the_page_says_which_aims_are_reached() -> None:
    def measured(count: int, seconds: float) -> Summary:
        return summarise([Exchange(0.0, seconds, Answer()) for _ in range(count)], 1.0, {})

    stock_rasa = measured(10, 0.2)
    assert [row[1:] for row in aims(measured(30, 0.1), stock_rasa)] == [("3.00", "yes"), ("0.50", "yes")]
    assert [row[1:] for row in aims(measured(29, 0.3), stock_rasa)] == [("2.90", "no"), ("1.50", "no")]


def test_the_turns_of_a_system_count_together() -> None:
    turns = Turns(seconds=4.0, exchanges=[Exchange(0.0, 0.1, Answer())] * 8, outside=2.0)
    turns.cpu.update({"Rasa": 0.2})
    turns.cpu.update({"Rasa": 0.2, "front": 0.08})
    found = turns.summary()
    assert (found.messages, found.per_second, found.outside) == (8, 2.0, 0.5)
    assert found.cpu_by_process == {"Rasa": pytest.approx(50.0), "front": pytest.approx(10.0)}
