"""What must be true of the fiches together: identities, wordings, links, citations, dates.

A published fiche is held to every rule. In a draft, a suspended or an archived fiche what is not right yet
is a warning, except where it would confuse the others (identity, place, wordings in common).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from bot.fiches.model import Appui, Fiche, FicheCitation, Statut
from bot.fiches.nodes import Place
from bot.fiches.passages import Findings, Passage, Report, passages
from bot.fiches.prose import blocks, fold, without_marks, word_count
from bot.fiches.rules import avows_doubt, rule_cue
from bot.law.parse import find_marks
from bot.law.reference import Citation, Reference
from bot.problem import Problem

MIN_QUESTIONS = 12
MIN_EPREUVES = 3
MAX_EN_BREF = 60  # words, citation marks not counted

# What tells the doctor that the cited text is of the past. « remplaçant » is a doctor, not a replaced text.
_SAYS_OLD = re.compile(
    r"abrog|remplacée?s?\b|ancien(?:ne)?s?\b|anciennement|n[’']est plus|n[’']existe plus|supprimée?s?\b",
    re.IGNORECASE,
)


class Entry(Protocol):
    """What the checks read of an entry of the law register."""

    @property
    def etat(self) -> str: ...


class Register(Protocol):
    """What the checks ask of the law register."""

    def get(self, key: str, /) -> Entry | None: ...


class Reviewed(Protocol):
    """What the checks read of a file's dates and signatures."""

    @property
    def redige_le(self) -> date: ...
    @property
    def redige_par(self) -> str: ...
    @property
    def a_revoir_avant(self) -> date: ...
    @property
    def relu_le(self) -> date | None: ...
    @property
    def relu_par(self) -> str | None: ...


def check_fiches(fiches: Sequence[Fiche], register: Register, today: date) -> list[Problem]:
    """The findings on the whole set, sorted by file and line.

    `fiches` are all those of the folder, read from files; `register` answers for the cited articles; `today`
    is the day against which review dates are read.
    """
    findings = [Findings(fiche) for fiche in fiches]
    _check_ids(findings)
    _check_wordings(findings)
    by_id = {fiche.id: fiche for fiche in fiches}
    for found in findings:
        _check_amounts(found)
        _check_links(found, by_id)
        check_review(found, found.fiche, today)
        check_citations(found, found.fiche.citations, list(passages(found.fiche)), register)
        if not any(_citations(found.fiche.en_bref)):
            found.add(
                ("en_bref",),
                "« En bref » ne porte aucune citation",
                "placez-y celle du texte qui fonde la réponse, s’il y en a un",
                level="avertissement",
            )
    problems = [problem for found in findings for problem in found.problems]
    return sorted(problems, key=lambda problem: (str(problem.path), problem.line))


def _check_ids(findings: Sequence[Findings]) -> None:
    first: dict[str, Path] = {}
    for found in findings:
        fiche = found.fiche
        if fiche.id in first:
            found.add(
                ("id",),
                f"l’identifiant « {fiche.id} » est déjà celui de {first[fiche.id]}",
                "donnez-en un autre à cette fiche et renommez son fichier",
            )
        first.setdefault(fiche.id, found.path)
        if found.path.stem != fiche.id:
            found.add(
                ("id",),
                f"l’identifiant « {fiche.id} » n’est pas le nom du fichier « {found.path.name} »",
                f"renommez le fichier « {fiche.id}.md », ou corrigez l’identifiant",
            )
        if found.path.parent.name != fiche.theme:
            found.add(
                ("theme",),
                f"le thème « {fiche.theme} » n’est pas le dossier du fichier (« {found.path.parent.name} »)",
                f"déplacez le fichier dans « {fiche.theme} », ou corrigez le thème",
            )


def _check_wordings(findings: Sequence[Findings]) -> None:
    """A wording leads to one fiche only, and a test wording is never seen in training."""
    questions: dict[str, tuple[Findings, int]] = {}
    for found in findings:
        for rank, question in enumerate(found.fiche.questions):
            form = fold(question)
            if form not in questions:
                questions[form] = (found, rank)
                continue
            other, _ = questions[form]
            found.add(
                ("questions", rank),
                f"la question « {_short(question)} » figure déjà {_whose(other, found)}",
                "gardez-la à un seul endroit, ou changez-en les mots (casse et accents ne comptent pas)",
            )
    learned: dict[str, tuple[Findings, str]] = {}
    for found in findings:
        fiche = found.fiche
        for what, wordings in (
            ("une question", fiche.questions),
            ("un contre-exemple", fiche.contre_exemples),
            ("le titre", (fiche.titre,)),
            ("une relance", [text for relance in fiche.relances for text in relance.si]),
        ):
            for wording in wordings:
                learned.setdefault(fold(wording), (found, what))
        own = {fold(question) for question in fiche.questions}
        for rank, contre in enumerate(fiche.contre_exemples):
            if fold(contre) in own:
                found.add(
                    ("contre_exemples", rank),
                    f"le contre-exemple « {_short(contre)} » est aussi une question de la fiche",
                    "retirez l’un des deux",
                )
    tried: dict[str, Findings] = {}
    for found in findings:
        for rank, epreuve in enumerate(found.fiche.epreuves):
            form = fold(epreuve.texte)
            if form in learned:
                other, what = learned[form]
                found.add(
                    ("epreuves", rank),
                    f"l’épreuve « {_short(epreuve.texte)} » est aussi {what} {_whose(other, found)}",
                    "changez-en les mots : une épreuve ne doit rien avoir appris",
                )
            if form in tried:
                found.add(
                    ("epreuves", rank),
                    f"l’épreuve « {_short(epreuve.texte)} » figure déjà {_whose(tried[form], found)}",
                    "changez-en les mots",
                )
            tried.setdefault(form, found)


def _check_amounts(found: Findings) -> None:
    fiche = found.fiche
    if len(fiche.questions) < MIN_QUESTIONS:
        found.quality(
            ("questions",),
            f"{len(fiche.questions)} questions seulement",
            f"donnez-en au moins {MIN_QUESTIONS}, de styles différents",
        )
    if len(fiche.epreuves) < MIN_EPREUVES:
        found.quality(
            ("epreuves",),
            f"{len(fiche.epreuves)} épreuves seulement",
            f"donnez-en au moins {MIN_EPREUVES}, en d’autres mots que les questions",
        )
    for rank, precision in enumerate(fiche.precisions):
        if len(precision.options) < 2:
            found.quality(
                ("precisions", rank),
                f"la précision « {_short(precision.question)} » n’a pas deux options",
                "donnez au moins deux options, ou retirez la précision",
            )
    words = word_count(without_marks(fiche.en_bref))
    if words > MAX_EN_BREF:
        found.quality(
            ("en_bref",),
            f"« En bref » compte {words} mots",
            f"ramenez-le à {MAX_EN_BREF} mots (sans les citations) et déplacez le reste dans « En détail »",
        )


def _check_links(found: Findings, by_id: Mapping[str, Fiche]) -> None:
    fiche = found.fiche
    links: list[tuple[Place, str, str]] = [
        (("relances", rank, "fiche"), "la relance", relance.fiche)
        for rank, relance in enumerate(fiche.relances)
    ]
    links += [(("voisines", rank), "la voisine", voisine) for rank, voisine in enumerate(fiche.voisines)]
    for place, what, target in links:
        if target == fiche.id:
            found.quality(
                place, f"{what} mène à la fiche elle-même", "retirez-la ou désignez une autre fiche"
            )
        elif target not in by_id:
            found.quality(
                place,
                f"{what} mène à « {target} », qui n’existe pas",
                "corrigez l’identifiant ou écrivez cette fiche",
            )
        elif not by_id[target].is_published:
            found.quality(
                place,
                f"{what} mène à « {target} », qui n’est pas publiée ({by_id[target].statut})",
                "désignez une fiche publiée, ou publiez celle-là",
            )


def check_review(found: Report, fiche: Reviewed, today: date) -> None:
    """Dates and signatures that contradict each other, or a review that is overdue on `today`."""
    if found.statut is Statut.PUBLIE and fiche.a_revoir_avant < today:
        found.add(
            ("a_revoir_avant",),
            f"le texte était à revoir avant le {fiche.a_revoir_avant}",
            "vérifiez ses sources puis repoussez la date, ou suspendez-la",
            level="avertissement",
        )
    if fiche.a_revoir_avant <= fiche.redige_le:
        found.add(
            ("a_revoir_avant",),
            f"« a_revoir_avant » ({fiche.a_revoir_avant}) ne suit pas « redige_le » ({fiche.redige_le})",
            "corrigez l’une des deux dates",
        )
    if fiche.redige_le > today:
        found.add(("redige_le",), f"« redige_le » ({fiche.redige_le}) est dans l’avenir", "corrigez la date")
    if (fiche.relu_le is None) != (fiche.relu_par is None):
        present, absent = ("relu_par", "relu_le") if fiche.relu_le is None else ("relu_le", "relu_par")
        found.add(
            (present,),
            f"« {present} » est rempli sans « {absent} »",
            "remplissez les deux, ou laissez les deux vides",
        )
    if fiche.relu_par is not None and fold(fiche.relu_par) == fold(fiche.redige_par):
        found.add(
            ("relu_par",),
            f"le texte est relu par qui l’a rédigé (« {fiche.relu_par} »)",
            "faites-la relire par une autre personne, ou videz « relu_le » et « relu_par »",
        )
    if fiche.relu_le is not None and fiche.relu_le < fiche.redige_le:
        found.add(
            ("relu_le",),
            f"« relu_le » ({fiche.relu_le}) précède « redige_le » ({fiche.redige_le})",
            "corrigez la date, ou faites relire la nouvelle rédaction",
        )
    if fiche.relu_le is not None and fiche.relu_le > today:
        found.add(("relu_le",), f"« relu_le » ({fiche.relu_le}) est dans l’avenir", "corrigez la date")


def check_citations(
    found: Report, citations: Sequence[FicheCitation], texts: Sequence[Passage], register: Register
) -> None:
    """What is declared is in the register and used; what is used is declared; rules rest on verified texts.

    `citations` are those the file declares under its key of that name, `texts` all that the doctor may read.
    """
    support: dict[Citation, Appui] = {}
    sought: set[Reference] = set()
    for rank, declared in enumerate(citations):
        if declared.citation in support:
            found.quality(
                ("citations", rank),
                f"« {declared.citation.key} » est déclarée deux fois",
                "gardez une seule ligne",
            )
        reference = declared.citation.reference
        if reference not in sought and register.get(reference.key) is None:
            found.quality(
                ("citations", rank),
                f"« {reference.key} » est absent du registre des textes",
                "ajoutez-le dans data/lois, ou corrigez son numéro",
            )
        support.setdefault(declared.citation, declared.appui)
        sought.add(reference)
    if not support:
        found.quality(("citations",), "aucun texte n’est cité", "déclarez au moins une citation")
    elif set(support.values()) == {Appui.A_VERIFIER}:
        found.quality(
            ("citations",),
            "tout repose sur des textes à vérifier",
            "vérifiez-en un au moins, ou gardez ce fichier en brouillon",
        )
    used: set[Citation] = set()
    for passage in texts:
        used |= _check_marks(found, passage, support)
        _check_rules(found, passage, support, register)
    for rank, declared in enumerate(citations):
        if declared.citation not in used:
            found.quality(
                ("citations", rank),
                f"« {declared.citation.key} » est déclarée mais ne figure pas dans le texte",
                f"placez [{declared.citation.key}] après la phrase qui en vient, ou retirez cette ligne",
            )


def _check_marks(found: Report, passage: Passage, support: Mapping[Citation, Appui]) -> set[Citation]:
    """Reports the marks that are malformed or undeclared; returns the citations used."""
    used: set[Citation] = set()
    for glued in re.finditer(r"\]\[", passage.text):
        found.quality(
            passage.place,
            f"{passage.name} : deux crochets collés « ][ » ne se lisent pas comme des citations",
            "séparez-les par une espace",
            row=passage.text.count("\n", 0, glued.start()),
        )
    for mark in find_marks(passage.text):
        row = mark.line - 1
        if mark.citation is None:
            reason, mend = (mark.error.message, mark.error.remede) if mark.error else ("", "")
            found.quality(passage.place, f"citation mal formée {mark.text} : {reason}", mend, row=row)
            continue
        used.add(mark.citation)
        if mark.citation in support:
            continue
        same = [other.key for other in support if other.reference == mark.citation.reference]
        near = f", où figure déjà « {' », « '.join(same)} »" if same else ""
        mend = f"ajoutez-la dans « citations »{near}, ou corrigez le texte"
        found.quality(
            passage.place, f"[{mark.citation.key}] n’est pas déclarée dans « citations »", mend, row=row
        )
    return used


def _check_rules(
    found: Report, passage: Passage, support: Mapping[Citation, Appui], register: Register
) -> None:
    """A block that states a rule rests on a verified citation, and says when a cited text is of the past."""
    parts = blocks(passage.text)
    cited = [list(_citations(part.text)) for part in parts]
    for rank, part in enumerate(parts):
        covering = [citation for index in (rank, *part.leads) for citation in cited[index]]
        # « Le contrat prévoit : » is covered by its items when each of them carries its own citation.
        items = [index for index, other in enumerate(parts) if other.leads[-1:] == (rank,)]
        if not covering and items and all(cited[index] for index in items):
            covering = [citation for index in items for citation in cited[index]]
        plain = without_marks(part.text)
        cue = rule_cue(plain, advice=passage.is_advice)
        if cue is not None and not covering:
            words, offset = cue
            found.quality(
                passage.place,
                f"{passage.name} : une règle est énoncée (« {words} ») sans citation",
                "ajoutez la citation du texte dans ce paragraphe, ou reformulez si ce n’est pas une règle",
                row=part.line + plain.count("\n", 0, offset),
            )
        elif cue is not None and not avows_doubt(plain) and _is_unverified(covering, support):
            found.quality(
                passage.place,
                f"{passage.name} : une règle (« {cue[0]} ») ne repose que sur des textes à vérifier",
                "vérifiez le texte, ou dites que ce point n’a pas été vérifié",
                row=part.line,
            )
        told = " ".join(parts[index].text for index in (rank, *part.leads))
        for citation in dict.fromkeys(cited[rank]):
            entry = register.get(citation.reference.key)
            if entry is not None and entry.etat in {"abroge", "remplace"} and not _SAYS_OLD.search(told):
                state = "abrogé" if entry.etat == "abroge" else "remplacé"
                found.quality(
                    passage.place,
                    f"{passage.name} : [{citation.key}] est {state} et le paragraphe ne le dit pas",
                    f"citez le texte en vigueur, ou écrivez dans ce paragraphe qu’il est {state}",
                    row=part.line,
                )


def _is_unverified(citations: Sequence[Citation], support: Mapping[Citation, Appui]) -> bool:
    """Whether each of `citations` is declared as not verified yet."""
    return all(support.get(citation) is Appui.A_VERIFIER for citation in citations)


def _citations(markdown: str) -> Iterator[Citation]:
    return (mark.citation for mark in find_marks(markdown) if mark.citation is not None)


def _short(text: str, limit: int = 60) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1].rstrip()}…"


def _whose(other: Findings, found: Findings) -> str:
    return "dans cette fiche" if other is found else f"dans « {other.fiche.id} »"
