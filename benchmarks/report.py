"""The page that `make bench-nlu` writes: from what each contender gave to Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.cases import DEVELOPMENT, DEVELOPMENT_OFF_BASE, DISTANT, EPREUVES, OFF_BASE
from benchmarks.contender import Loading, Training
from benchmarks.measures import (
    Result,
    best_threshold,
    calibration_error,
    errors,
    percent,
    quantile,
    silent_at,
)

OURS, STOCK = "ours", "stock"
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
LIMITS = (1, 2, 5, 10)
LEARNED = 0.5
"""Share of their own examples below which stock Rasa's networks are held not to have learned."""


COMPARED_ELSEWHERE = (
    "Stock Rasa did not learn so many wordings in so few epochs: [fewer.md](fewer.md) compares its errors "
    "where all learn fewer."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that a run measured of one contender; `results` in the order of the cases."""

    title: str
    training: Training
    loading: Loading
    results: tuple[Result, ...]

    def part(self, name: str) -> list[Result]:
        """The results on one set (`benchmarks.cases`)."""
        return [r for r in self.results if r.case.part == name]

    @property
    def threshold(self) -> float:
        """The one that costs least on the development questions."""
        return best_threshold(self.part(DEVELOPMENT) + self.part(DEVELOPMENT_OFF_BASE))

    @property
    def decides(self) -> bool:
        """Whether it has a decision of its own."""
        return self.results[0].answers is not None


@dataclass(frozen=True, slots=True)
class Setting:
    """What the run was made with, for the page to say. `epochs`: DIETClassifier's and ResponseSelector's.
    `reused`: the systems that were trained in an earlier run. `learned`: shares of their own examples that
    the two networks of stock Rasa had right in their last epoch; None where the log does not say.
    `left_out`: the systems that this run did not measure. `most`: wordings of a fiche or of a subject outside
    the base that were learned at most, None for all."""

    fiches: int
    wordings: int
    epochs: tuple[int, int]
    training_cores: int
    reused: tuple[str, ...] = ()
    learned: tuple[float | None, float | None] = (None, None)
    left_out: tuple[str, ...] = ()
    most: int | None = None

    @property
    def came_apart(self) -> bool:
        """Whether a network of stock Rasa did not even learn its own examples."""
        return any(share is not None and share < LEARNED for share in self.learned)


@dataclass(frozen=True, slots=True)
class Page:
    """A run: outcomes by contender's name; messages that ask two things (how many, both answered, one
    answered and nothing wrong), ours; accuracy by fold on a foreign set of intents, when one was given."""

    setting: Setting
    outcomes: dict[str, Outcome]
    doubles: tuple[int, int, int] | None
    folds: tuple[float, ...]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def share(results: Sequence[Result], test: Callable[[Result], bool]) -> str:
    """A percentage with a decimal; a dash of nothing."""
    return f"{percent(results, test):.1f}" if results else "–"


def first_and_three(results: Sequence[Result]) -> str:
    """The shares whose fiche is first, and among the first three."""
    return f"{share(results, lambda r: r.right_in(1))} / {share(results, lambda r: r.right_in(3))}"


def groups(results: Sequence[Result]) -> list[tuple[str, list[Result]]]:
    """The results by style, then all of them."""
    styles = sorted({r.case.style for r in results})
    return [*((s, [r for r in results if r.case.style == s]) for s in styles), ("all", list(results))]


def by_style(outcomes: Sequence[Outcome], part: str) -> str:
    """First and in three, by style and contender."""
    rows = [[style, str(len(found))] for style, found in groups(outcomes[0].part(part))]
    for outcome in outcomes:
        for row, (_, found) in zip(rows, groups(outcome.part(part)), strict=True):
            row.append(first_and_three(found))
    return table(("style", "n", *(o.title for o in outcomes)), rows)


def decisions(outcome: Outcome) -> list[tuple[str, float | None]]:
    """How a contender may decide: by itself (no threshold), and with the threshold of the development set."""
    chosen: list[tuple[str, float | None]] = [
        (f"{outcome.title}, threshold {outcome.threshold:.2f}", outcome.threshold)
    ]
    return [(f"{outcome.title}, its own decision", None), *chosen] if outcome.decides else chosen


def decided(outcomes: Sequence[Outcome]) -> str:
    """What is answered right, wrong or not, by contender and decision."""
    rows = []
    for outcome in outcomes:
        inside, outside = outcome.part(EPREUVES), outcome.part(OFF_BASE)
        for name, threshold in decisions(outcome):
            e = errors(inside, outside, threshold)
            rows.append((name, *(f"{x:.1f}" for x in (e.right, e.wrong, e.silent, e.off_base))))
    return table(("decision", "right %", "wrong fiche %", "no answer %", "off-base answered %"), rows)


def off_base_sources(outcomes: Sequence[Outcome]) -> str:
    """False answers by source of the off-base messages, by contender and decision."""
    columns = [(o, name, threshold) for o in outcomes for name, threshold in decisions(o)]
    rows = []
    for source in sorted({r.case.style for r in outcomes[0].part(OFF_BASE)}):
        row = [source, str(sum(r.case.style == source for r in outcomes[0].part(OFF_BASE)))]
        for outcome, _, threshold in columns:
            found = [r for r in outcome.part(OFF_BASE) if r.case.style == source]
            row.append(share(found, lambda r, t=threshold: r.answered(t) is not None))  # type: ignore[misc]
        rows.append(row)
    return table(("off-base messages answered %", "n", *(name for _, name, _ in columns)), rows)


def curve(outcomes: Sequence[Outcome]) -> str:
    """Off-base answered, wrong fiche and no answer as the threshold rises."""
    rows = []
    for threshold in THRESHOLDS:
        row = [f"{threshold:g}"]
        for outcome in outcomes:
            e = errors(outcome.part(EPREUVES), outcome.part(OFF_BASE), threshold)
            row.append(f"{e.off_base:.1f} / {e.wrong:.1f} / {e.silent:.1f}")
        rows.append(row)
    return table(("probability asked", *(o.title for o in outcomes)), rows)


def at_limits(outcomes: Sequence[Outcome]) -> str:
    """Questions without their right answer, when at most so many off-base messages are answered."""
    rows = []
    for limit in LIMITS:
        row = [f"{limit} %"]
        for outcome in outcomes:
            found = silent_at(outcome.part(EPREUVES), outcome.part(OFF_BASE), limit)
            row.append("–" if found is None else f"{found:.1f}")
        rows.append(row)
    return table(("off-base answered, at most", *(o.title for o in outcomes)), rows)


def calibration(outcome: Outcome) -> float:
    """Expected calibration error on épreuves and off-base messages."""
    asked = outcome.part(EPREUVES) + outcome.part(OFF_BASE)
    return calibration_error([(r.probability, r.right_in(1)) for r in asked])


def cost(outcomes: Sequence[Outcome]) -> str:
    """Calibration, time and memory by contender."""

    def times(outcome: Outcome) -> list[float]:
        return [r.milliseconds for r in outcome.results]

    rows: list[tuple[str, Callable[[Outcome], str]]] = [
        ("expected calibration error, épreuves and off-base", lambda o: f"{calibration(o):.3f}"),
        ("training, s", lambda o: f"{o.training.seconds:.1f}"),
        ("most memory in training, MB", lambda o: f"{o.training.peak:.0f}"),
        ("imports, s", lambda o: f"{o.loading.imports:.1f}"),
        ("model load, s", lambda o: f"{o.loading.load:.1f}"),
        ("resident memory once loaded, MB", lambda o: f"{o.loading.resident:.0f}"),
        ("resident memory after all messages, MB", lambda o: f"{o.loading.resident_after:.0f}"),
        ("one message, p50, ms", lambda o: f"{quantile(times(o), 50):.1f}"),
        ("one message, p95, ms", lambda o: f"{quantile(times(o), 95):.1f}"),
        ("messages per second", lambda o: f"{1000 * len(o.results) / sum(times(o)):.1f}"),
    ]
    return table(
        ("measure", *(o.title for o in outcomes)),
        [(name, *(show(o) for o in outcomes)) for name, show in rows],
    )


def ours_by_style(ours: Outcome, part: str) -> str:
    """What our own decision does with questions, by style."""
    rows = [
        (
            style,
            str(len(found)),
            share(found, lambda r: r.right_in(1)),
            share(found, lambda r: r.right_in(3)),
            share(found, lambda r: r.answered() == r.case.fiche),
            share(found, lambda r: r.answered() not in (None, r.case.fiche)),
            share(found, lambda r: len(r.answers or ()) > 1 and r.answered() == r.case.fiche),
            share(found, lambda r: r.answered() is None and r.case.fiche in r.offered),
        )
        for style, found in groups(ours.part(part))
    ]
    header = ("style", "n", "first %", "in three %", "answered %", "wrong answer %")
    return table((*header, "another answer beside the right one %", "right title offered %"), rows)


def ours_off_base(ours: Outcome, part: str) -> str:
    """What our own decision does with off-base messages, by source."""
    rows = [
        (
            source,
            str(len(found)),
            share(found, lambda r: r.answered() is not None),
            share(found, lambda r: r.answered() is None and bool(r.offered)),
            share(found, lambda r: r.answered() is None and not r.offered),
        )
        for source, found in groups(ours.part(part))
    ]
    return table(("off-base messages", "n", "false answer %", "titles offered %", "declined %"), rows)


def aims(page: Page) -> str:
    """Each aim, what was measured and whether it is reached."""
    ours = page.outcomes[OURS]
    inside, outside = ours.part(EPREUVES), ours.part(OFF_BASE)
    e = errors(inside, outside)
    styles = {style: found for style, found in groups(inside) if found}
    rows: list[tuple[str, str, bool]] = []

    def add(aim: str, value: float, reached: bool, unit: str = " %") -> None:
        rows.append((aim, f"{value:.1f}{unit}", reached))

    first, three = percent(inside, lambda r: r.right_in(1)), percent(inside, lambda r: r.right_in(3))
    add("right fiche first: at least 92 %", first, first >= 92)
    add("right fiche in three: at least 97 %", three, three >= 97)
    if {"lettre", "question"} <= styles.keys():
        gap = percent(styles["question"], lambda r: r.right_in(1)) - percent(
            styles["lettre"], lambda r: r.right_in(1)
        )
        add("letters, first: within 4 points of short questions", gap, gap <= 4, " points behind")
    if page.doubles:
        both = 100 * page.doubles[1] / page.doubles[0]
        add("double questions, both right: at least 80 %", both, both >= 80)
    add("false answers on off-base messages: at most 2 %", e.off_base, e.off_base <= 2)
    helped = percent(inside, lambda r: r.answered() is None and r.case.fiche not in r.offered)
    add("questions without answer: at most 6 %", e.silent, e.silent <= 6)
    add("questions without answer nor their title offered: at most 6 %", helped, helped <= 6)
    if STOCK in page.outcomes:
        rows += against_stock(ours, page.outcomes[STOCK])
    if page.folds:
        mean = sum(page.folds) / len(page.folds)
        add("public set of intents, 5-fold: at least 92 %", mean, mean >= 92)

    def verdict(aim: str, reached: bool) -> str:
        # Being better than a network that did not learn proves nothing.
        if page.setting.came_apart and aim.startswith("errors"):
            return "not comparable"
        return "yes" if reached else "no"

    return table(("aim", "measured", "reached"), [(a, m, verdict(a, ok)) for a, m, ok in rows])


def against_stock(ours: Outcome, stock: Outcome) -> list[tuple[str, str, bool]]:
    """The aims that are a ratio to stock Rasa: aim, measured, reached."""

    def wrong(outcome: Outcome, threshold: float | None) -> float:
        asked = outcome.part(EPREUVES) + outcome.part(OFF_BASE)
        return percent(asked, lambda r: r.answered(threshold) != r.case.fiche)

    def missed(outcome: Outcome) -> float:
        return percent(outcome.part(EPREUVES), lambda r: not r.right_in(1))

    def p(hundredths: int) -> Callable[[Outcome], float]:
        return lambda outcome: quantile([r.milliseconds for r in outcome.results], hundredths)

    pairs = [
        ("errors of the first candidate: at most half of stock Rasa's", missed(ours), missed(stock), 0.5),
        (
            "errors of all messages, each by its own decision: at most half",
            wrong(ours, None),
            wrong(stock, None),
            0.5,
        ),
        (
            "errors of all messages, each at its development threshold: at most half",
            wrong(ours, ours.threshold),
            wrong(stock, stock.threshold),
            0.5,
        ),
        ("training time: at most a fifth", ours.training.seconds, stock.training.seconds, 0.2),
        ("latency p50: at most half", p(50)(ours), p(50)(stock), 0.5),
        ("latency p95: at most half", p(95)(ours), p(95)(stock), 0.5),
        (
            "resident memory once loaded: at most 80 %",
            ours.loading.resident,
            stock.loading.resident,
            0.8,
        ),
    ]
    return [
        (aim, f"{mine:.1f} to {theirs:.1f}: {mine / theirs:.2f}", mine <= limit * theirs)
        for aim, mine, theirs, limit in pairs
        if theirs
    ]


def render(page: Page) -> str:
    """The whole page."""
    setting, outcomes = page.setting, list(page.outcomes.values())
    ours = page.outcomes[OURS]
    asked = len(ours.results)
    diet, selector = setting.epochs
    epochs = "its 100 epochs each"
    if setting.epochs != (100, 100):
        epochs = (
            f"**{diet} epochs of DIETClassifier and {selector} of ResponseSelector instead of 100 each**, "
            "which would take hours (`STOCK_EPOCHS=100,100`): its training time below is that of these epochs"
        )
    if None not in setting.learned:
        # A network that came apart at the end of its training is no match: the reader must see it.
        shares = [f"{100 * (share or 0):.0f} %" for share in setting.learned]
        epochs += f" (right on {shares[0]} and {shares[1]} of their own examples in the last epoch)"
    described = {
        "this project": "the pipeline of config.yml, through Rasa; its own decision is the bot's.",
        "stock Rasa": "the pipeline of `rasa init`, fiches as responses of a retrieval intent; trained with "
        f"{epochs}. A fiche's probability is DIET's of the intent times the selector's of the fiche; its own "
        "decision is FallbackClassifier's (0.3, 0.1).",
        "BM25": "one document per fiche and per other intent, softmax of the scores.",
        "logistic regression": "Rasa's LogisticRegressionClassifier with SpacyNLP (`fr_core_news_md`) and "
        "count vectors, an intent per fiche.",
    }
    measured = {outcome.title for outcome in outcomes}
    fewer = (
        f"Of each fiche and of each subject outside the base **{setting.most} wordings at most** were "
        "learned, drawn with a fixed seed: so few that stock Rasa can be trained within the hour. With all "
        "of them, see [README.md](README.md)."
    )
    earlier = f" (in an earlier run: {', '.join(setting.reused)})" if setting.reused else ""
    parts = [
        "# Understanding, on wordings nobody trained on",
        "Printed by `make bench-nlu`, which writes this page. Épreuves were written for each fiche from its "
        "title and its short answer, without a look at its examples; off-base messages have no answer in the "
        "base.",
        f"{setting.fiches} fiches; every system learns the same {setting.wordings} wordings, of fiches and "
        "of the intents around them. Our own pipeline reads the counter-examples of the fiches too, for "
        "which the others have no use.",
        *([fewer] if setting.most else []),
        "\n".join(f"- **{title}**: {text}" for title, text in described.items() if title in measured),
        *([f"Not measured in this run: {', '.join(setting.left_out)}."] if setting.left_out else []),
        "## Aims",
        aims(page),
        *([COMPARED_ELSEWHERE] if setting.came_apart and not setting.most else []),
        "## Which fiche comes first\n\nRight fiche first % / among the first three %, by style.",
        by_style(outcomes, EPREUVES),
        "## Answering or not\n\nThe threshold of each is the one that costs least on the development "
        "questions, a false answer held to cost three missing ones.",
        decided(outcomes),
        off_base_sources(outcomes),
        "Off-base messages answered % / questions answered with a wrong fiche % / questions not answered %, "
        "as the probability asked of the best fiche rises:",
        curve(outcomes),
        "Questions that do not get their right answer %, each system at the threshold where so few off-base "
        "messages are answered (read on these very messages):",
        at_limits(outcomes),
        "## Calibration, time, memory\n\n"
        f"Trained on {setting.training_cores} core(s){earlier}; each loaded in a process of its own and "
        f"asked {asked} messages, one after the other, on one core.",
        cost(outcomes),
        "## This project's decisions",
        ours_by_style(ours, EPREUVES),
        ours_off_base(ours, OFF_BASE),
        "## Distant wordings\n\nThe first épreuves of this project, written to avoid the words of "
        "the examples. They are kept apart, as a hard test of what is understood by other words; nothing is "
        "trained on them.",
        by_style(outcomes, DISTANT),
        ours_by_style(ours, DISTANT),
        "## Development questions\n\n"
        "Looked at while our method, its weights and its thresholds were chosen: flattering for us.",
        by_style(outcomes, DEVELOPMENT),
        ours_by_style(ours, DEVELOPMENT),
        ours_off_base(ours, DEVELOPMENT_OFF_BASE),
    ]
    if page.doubles:
        total, both, one = page.doubles
        parts.append(
            "## Messages that ask two things\n\n"
            f"Written like the épreuves: {total}; both answered {100 * both / total:.0f} %, one answered "
            f"and nothing wrong {100 * one / total:.0f} %."
        )
    if page.folds:
        folds = ", ".join(f"{fold:.1f}" for fold in page.folds)
        parts.append(
            "## Another set of intents\n\nRidge and ranker as shipped, on the public set given with "
            f"`INTENTS=`, 5-fold: {sum(page.folds) / len(page.folds):.1f} % ({folds})."
        )
    return "\n\n".join(parts) + "\n"
