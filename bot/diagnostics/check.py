"""What must be true of a diagnosis: its tree, its conclusions on every path, its wordings, its citations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice

from bot.diagnostics.conclude import PLACE
from bot.diagnostics.model import AUJOURDHUI, FIN, INCONNU, Condition, Diagnostic, Etape, Question
from bot.diagnostics.parse import Source
from bot.diagnostics.paths import concluding, holds, known_dates, paths
from bot.fiches.check import Register, check_citations, check_review
from bot.fiches.lint import lint_sentences
from bot.fiches.model import Appui, Fiche
from bot.fiches.nodes import Place, listed
from bot.fiches.passages import Passage, Report
from bot.fiches.prose import fold
from bot.law.parse import find_marks
from bot.problem import Problem

MIN_DEMANDES = 8
MIN_EPREUVES = 3
MAX_PATHS = 20_000


def check_sources(
    sources: Sequence[Source], fiches: Sequence[Fiche], register: Register, today: date
) -> list[Problem]:
    """All that can be said against the diagnoses read, sorted by file and line.

    `fiches` are those of the base, published or not; `register` answers for the cited articles.
    """
    problems = [problem for source in sources for problem in source.problems]
    asked = {fold(text): f"la fiche « {fiche.id} »" for fiche in fiches for text in fiche.questions}
    published = {fiche.id for fiche in fiches if fiche.is_published}
    for source in sources:
        diagnostic = source.diagnostic
        if diagnostic is None or diagnostic.path is None:
            continue
        found = Report(diagnostic.path, diagnostic.statut, source.lines)
        _check_wordings(found, diagnostic, asked)
        _check_fiches(found, diagnostic, published)
        if _check_tree(found, diagnostic):
            _check_paths(
                found,
                diagnostic,
                {c.citation for c in diagnostic.citations if c.appui is not Appui.A_VERIFIER},
            )
        check_review(found, diagnostic, today)
        texts = list(_passages(diagnostic))
        check_citations(found, diagnostic.citations, texts, register)
        for passage in texts:
            lint_sentences(found, passage.place, passage.name, passage.text)
        problems += found.problems
    return sorted(problems, key=lambda problem: (str(problem.path), problem.line))


def check_trees(sources: Sequence[Source]) -> list[Problem]:
    """What keeps diagnoses from being walked at all, whatever their law: unreadable files, broken trees."""
    problems = [problem for source in sources for problem in source.problems]
    for source in sources:
        diagnostic = source.diagnostic
        if diagnostic is not None and diagnostic.path is not None:
            found = Report(diagnostic.path, diagnostic.statut, source.lines)
            _check_tree(found, diagnostic)
            problems += found.problems
    return problems


def _check_wordings(found: Report, diagnostic: Diagnostic, asked: dict[str, str]) -> None:
    """A wording starts one thing only; `asked` gathers them over all the files."""
    if len(diagnostic.demandes) < MIN_DEMANDES:
        found.quality(
            ("demandes",),
            f"{len(diagnostic.demandes)} demandes seulement",
            f"donnez-en au moins {MIN_DEMANDES}, de styles différents",
        )
    if len(diagnostic.epreuves) < MIN_EPREUVES:
        found.quality(
            ("epreuves",),
            f"{len(diagnostic.epreuves)} épreuves seulement",
            f"donnez-en au moins {MIN_EPREUVES}, en d’autres mots que les demandes",
        )
    for rank, text in enumerate(diagnostic.demandes):
        if fold(text) in asked:
            found.add(
                ("demandes", rank),
                f"« {text} » figure déjà dans {asked[fold(text)]}",
                "gardez-la à un seul endroit",
            )
        asked.setdefault(fold(text), f"le diagnostic « {diagnostic.id} »")
    for rank, epreuve in enumerate(diagnostic.epreuves):
        if fold(epreuve.texte) in asked:
            found.add(
                ("epreuves", rank),
                f"l’épreuve « {epreuve.texte} » figure déjà dans {asked[fold(epreuve.texte)]}",
                "changez-en les mots : une épreuve ne doit rien avoir appris",
            )


def _check_fiches(found: Report, diagnostic: Diagnostic, published: set[str]) -> None:
    named: list[tuple[Place, str]] = [(("fiches", rank), id_) for rank, id_ in enumerate(diagnostic.fiches)]
    for constat in diagnostic.constats:
        named += [
            (("conclusion", constat.id, "fiches", rank), id_) for rank, id_ in enumerate(constat.fiches)
        ]
    for place, id_ in named:
        if id_ not in published:
            found.quality(
                place,
                f"la fiche « {id_} » n’existe pas, ou n’est pas publiée",
                "désignez une fiche publiée",
            )


def _check_tree(found: Report, diagnostic: Diagnostic) -> bool:
    """Whether the tree is sound enough for its paths to be followed."""
    before = len(found.problems)
    known = {question.id for question in diagnostic.questions}
    for question in diagnostic.questions:
        place: Place = ("questions", question.id)
        _check_question(found, question)
        for outcome, suite in question.outcomes.items():
            if suite != FIN and suite not in known:
                found.add(
                    place,
                    f"question « {question.id} » : la réponse « {outcome} » mène à « {suite or 'rien'} »",
                    f"donnez à « suite » le nom d’une question, ou « {FIN} »",
                )
    if not diagnostic.questions:
        found.add(("questions",), "aucune question", "écrivez-en une")
    for constat in diagnostic.constats:
        where: Place = ("conclusion", constat.id, "si")
        _check_condition(found, diagnostic, constat.si, where)
        for rank, etape in enumerate(constat.etapes):
            _check_condition(found, diagnostic, etape.si, ("conclusion", constat.id, "etapes", rank, "si"))
    _check_dates(found, diagnostic)
    if len(found.problems) > before:
        return False
    if cycle := _cycle(diagnostic):
        found.add(
            ("questions", cycle[-1]),
            f"les questions tournent en rond : {' → '.join(cycle)}",
            "faites mener l’une d’elles plus loin",
        )
        return False
    reached = {question for outcomes in islice(paths(diagnostic), MAX_PATHS) for question in outcomes}
    for question in diagnostic.questions:
        if question.id not in reached:
            found.add(
                ("questions", question.id),
                f"aucun chemin ne mène à la question « {question.id} »",
                "faites-y mener une réponse, ou retirez-la",
            )
    if next(islice(paths(diagnostic), MAX_PATHS, None), None) is not None:
        found.add(
            ("questions",), f"plus de {MAX_PATHS} chemins", "réduisez le nombre de questions ou de réponses"
        )
        return False
    return True


def _check_question(found: Report, question: Question) -> None:
    place: Place = ("questions", question.id)
    if question.is_date:
        if any(option.id != INCONNU for option in question.options):
            found.add(
                (*place, "options"),
                f"question « {question.id} » : une date n’a pour option que « {INCONNU} »",
                "retirez les autres, ou retirez « tranches »",
            )
        *bounded, last = question.tranches
        if last.avant is not None or any(tranche.avant is None for tranche in bounded):
            found.add(
                (*place, "tranches"),
                f"question « {question.id} » : toutes les tranches sauf la dernière ont « avant »",
                "ajoutez « avant » où il manque, ou retirez celui de la dernière",
            )
    elif len(question.options) < 2:
        found.add(place, f"question « {question.id} » : il faut deux options", "ajoutez-en une")
    if len(question.outcomes) < len(question.options) + len(question.tranches):
        found.add(place, f"question « {question.id} » : une tranche a le nom d’une option", "changez-le")
    words: dict[str, str] = {}
    for option in question.options:
        for text in (*option.mots, *option.reponses):
            other = words.setdefault(fold(text), option.id)
            if other != option.id:
                found.add(
                    (*place, "options", option.id),
                    f"« {text} » désigne à la fois « {other} » et « {option.id} »",
                    "gardez-le pour une seule option",
                )


def _check_condition(found: Report, diagnostic: Diagnostic, condition: Condition, place: Place) -> None:
    for question_id, wanted in condition.items():
        question = diagnostic.question(question_id)
        if question is None:
            found.add(
                (*place, question_id),
                f"« si » nomme la question « {question_id} », qui n’existe pas",
                f"questions : {listed(q.id for q in diagnostic.questions)}",
            )
            continue
        for unknown in sorted(wanted - set(question.outcomes)):
            found.add(
                (*place, question_id),
                f"la question « {question_id} » n’a pas de réponse « {unknown} »",
                f"réponses : {listed(question.outcomes)}",
            )


def _cycle(diagnostic: Diagnostic) -> list[str]:
    """The questions of one cycle, in order, the first repeated at the end; empty when there is none."""
    done: set[str] = set()

    def visit(question_id: str, way: list[str]) -> list[str]:
        if question_id in way:
            return [*way[way.index(question_id) :], question_id]
        question = diagnostic.question(question_id)
        if question is None or question_id in done:
            return []
        for suite in question.outcomes.values():
            if cycle := visit(suite, [*way, question_id]):
                return cycle
        done.add(question_id)
        return []

    return next((cycle for q in diagnostic.questions if (cycle := visit(q.id, []))), [])


def _check_dates(found: Report, diagnostic: Diagnostic) -> None:
    known = {question.id for question in diagnostic.questions if question.is_date}
    for calcul in diagnostic.calculs:
        for base in calcul.de:
            if base not in known and base != AUJOURDHUI:
                found.add(
                    ("calculs", calcul.id),
                    f"le calcul « {calcul.id} » part de « {base} », inconnu à cet endroit",
                    f"partez d’une question de date, d’un calcul écrit plus haut ou de « {AUJOURDHUI} »",
                )
        known.add(calcul.id)
    for place, etape in _etapes(diagnostic):
        for key in ("a_partir_de", "au_plus_tard"):
            name = getattr(etape, key)
            if name is not None and name not in known:
                found.add(
                    (*place, key),
                    f"« {key} » nomme la date « {name} », qui n’existe pas",
                    f"dates : {listed(sorted(known))}",
                )
        if (etape.au_plus_tard is None) == bool(etape.en_retard):
            found.quality(
                place,
                "« au_plus_tard » et « en_retard » vont ensemble",
                "dites que faire quand le délai est passé, ou retirez « en_retard »",
            )


def _check_paths(found: Report, diagnostic: Diagnostic, verified: set[object]) -> None:
    """Each path ends in a conclusion that cites a verified text; each statement serves; dates are known."""
    idle = {constat.id for constat in diagnostic.constats}
    idle_steps = {place for place, _ in _etapes(diagnostic)}
    said: set[tuple[Place, str]] = set()

    def once(place: Place, message: str, remede: str) -> None:
        if (place, message) not in said:
            said.add((place, message))
            found.quality(place, message, remede)

    for outcomes in paths(diagnostic):
        held = concluding(diagnostic, outcomes)
        way = _way(outcomes)
        idle -= {constat.id for constat in held}
        briefs = [constat.en_bref for constat in held if constat.en_bref]
        if not briefs:
            once(
                ("conclusion",),
                f"le chemin {way} n’a pas de conclusion",
                "ajoutez un « en_bref » qui s’y applique",
            )
        elif not any(mark.citation in verified for text in briefs for mark in find_marks(text)):
            once(
                ("conclusion", held[0].id),
                f"la conclusion du chemin {way} ne cite aucun texte vérifié",
                "citez-en un dans un « en_bref » de ce chemin",
            )
        dated = known_dates(diagnostic, outcomes)
        for constat in held:
            base: Place = ("conclusion", constat.id)
            texts = [constat.en_bref, constat.en_detail, constat.attention]
            for rank, etape in enumerate(constat.etapes):
                if holds(etape.si, outcomes):
                    idle_steps.discard((*base, "etapes", rank))
                    texts += [etape.faire, etape.en_retard]
            for name in {name for text in texts for name in PLACE.findall(text)} - dated:
                once(
                    base,
                    f"« {{{name}}} » n’est pas une date connue quand « {constat.id} » s’applique",
                    "corrigez le nom, ou limitez ce texte par « si »",
                )
    for constat_id in sorted(idle):
        found.quality(
            ("conclusion", constat_id),
            f"« {constat_id} » ne s’applique à aucun chemin",
            "corrigez « si », ou retirez-le",
        )
    for place in sorted(idle_steps, key=str):
        if place[1] not in idle:
            found.quality(place, "cette étape ne s’applique à aucun chemin", "corrigez « si », ou retirez-la")


def _etapes(diagnostic: Diagnostic) -> Iterator[tuple[Place, Etape]]:
    for constat in diagnostic.constats:
        for rank, etape in enumerate(constat.etapes):
            yield ("conclusion", constat.id, "etapes", rank), etape


def _passages(diagnostic: Diagnostic) -> Iterator[Passage]:
    """What the doctor reads in the conclusions, with its place in the file."""
    for constat in diagnostic.constats:
        for key in ("en_bref", "en_detail", "attention"):
            if text := getattr(constat, key):
                yield Passage(("conclusion", constat.id, key), f"{constat.id}, {key}", text)
    for place, etape in _etapes(diagnostic):
        for key in ("faire", "en_retard"):
            if text := getattr(etape, key):
                yield Passage((*place, key), f"{place[1]}, étape", text, is_advice=True)


def _way(outcomes: Mapping[str, str]) -> str:
    return "« " + " → ".join(f"{question} : {outcome}" for question, outcome in outcomes.items()) + " »"
