"""The prose of the fiches: typography, length of sentences, acronyms said in full at first use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.fiches.model import Fiche
from bot.fiches.nodes import Place
from bot.fiches.passages import Findings, Report, passages
from bot.fiches.prose import blocks, fold, sentences, without_marks, word_count
from bot.fiches.typography import slips
from bot.problem import Problem

MAX_SENTENCE = 40  # words, citation marks not counted

# Acronym (as a pattern) → what says it in full, one wording at least; compared without case or accents.
# Left out, being in any doctor's daily speech: CNIL, CPAM, Urssaf, SAMU, CHU, IRM, SMS, PDF, TVA, CDD, CDI.
JARGON: dict[str, tuple[str, ...]] = {
    "AIPD": ("analyse d’impact",),
    "ALD": ("affection de longue durée", "affections de longue durée"),
    "ANS": ("Agence du numérique en santé",),
    "ANSM": ("Agence nationale de sécurité du médicament",),
    "ANSSI": ("Agence nationale de la sécurité des systèmes d’information",),
    "APL": ("accessibilité potentielle localisée",),
    "ARS": ("agence régionale de santé", "agences régionales de santé"),
    "ASV": ("allocations supplémentaires de vieillesse", "vieillesse"),
    "BNC": ("bénéfices non commerciaux", "bénéfice non commercial"),
    "CARMF": ("Caisse autonome de retraite des médecins",),
    "CCA": ("chef de clinique", "cheffe de clinique", "chefs de clinique"),
    "CCAM": ("classification commune des actes médicaux",),
    "CCI": ("conciliation et d’indemnisation",),
    "CCP": ("clauses contractuelles",),
    "CDOM": ("conseil départemental", "conseils départementaux"),
    "CERT": ("réponse aux", "centre gouvernemental", "équipe de réponse", "centre de réponse"),
    "CET": ("contribution économique territoriale", "compte épargne-temps"),
    "CFE": ("cotisation foncière des entreprises",),
    "CJUE": ("Cour de justice de l’Union européenne",),
    "CME": ("commission médicale d’établissement",),
    "CNG": ("Centre national de gestion",),
    "CNOM": ("Conseil national de l’Ordre",),
    "COFRAC": ("Comité français d’accréditation",),
    "CPP": ("code de procédure pénale",),
    "CPS": ("carte de professionnel de santé", "carte professionnelle"),
    "CPTS": (
        "communauté professionnelle territoriale de santé",
        "communautés professionnelles territoriales",
    ),
    "CSP": ("code de la santé publique",),
    "CSS": ("code de la sécurité sociale",),
    "DMP": ("dossier médical partagé",),
    "DPC": ("développement professionnel continu",),
    "DPO": (
        "délégué à la protection des données",
        "déléguée à la protection des données",
        "protection des données",
    ),
    "EDR": ("détection et réponse", "détection et de réponse", "détecte et", "détecter et"),
    "EEDS": ("espace européen des données de santé",),
    "EHPAD": ("hébergement pour personnes âgées",),
    "ESPIC": ("établissement de santé privé d’intérêt collectif", "établissements de santé privés"),
    "GHT": ("groupement hospitalier de territoire",),
    "HDS": (
        "hébergeur de données de santé",
        "hébergeurs de données de santé",
        "hébergement de données de santé",
    ),
    "INS": ("identité nationale de santé",),
    "MFA": ("authentification",),
    r"MSSanté|MSS": (
        "messagerie sécurisée de santé",
        "messageries sécurisées de santé",
        "messagerie de santé",
    ),
    "MSP": ("maison de santé", "maisons de santé"),
    r"NIS[ \u00a0\u202f]?2": ("cybersécurité", "sécurité des réseaux"),
    "ONIAM": ("Office national d’indemnisation des accidents médicaux",),
    "OPTAM": ("option pratique tarifaire maîtrisée",),
    "PDSA": ("permanence des soins",),
    "PH": ("praticien hospitalier", "praticienne hospitalière", "praticiens hospitaliers"),
    "PSC": ("Pro Santé Connect",),
    "RCP": (
        "responsabilité civile professionnelle",
        "réunion de concertation pluridisciplinaire",
        "résumé des caractéristiques du produit",
    ),
    "RGPD": ("règlement général sur la protection des données",),
    "RPPS": ("répertoire partagé des professionnels",),
    "RPVA": ("réseau privé virtuel des avocats",),
    "SAS": ("service d’accès aux soins", "société par actions simplifiée"),
    "SCM": ("société civile de moyens", "sociétés civiles de moyens"),
    "SCP": ("société civile professionnelle", "sociétés civiles professionnelles"),
    r"SEL|SELARL|SELAS": ("société d’exercice libéral", "exercice libéral"),
    "SISA": ("société interprofessionnelle de soins ambulatoires", "sociétés interprofessionnelles de soins"),
    "SNDS": ("Système national des données de santé",),
}
_JARGON = {re.compile(rf"\b(?:{acronym})\b"): full for acronym, full in JARGON.items()}

_HTML = re.compile(r"</?[A-Za-z][^<>\n]*>")


def lint_fiches(fiches: Iterable[Fiche]) -> list[Problem]:
    """The findings on the prose of `fiches` (read from files), sorted by file and line.

    They are errors in a published fiche and warnings in another.
    """
    problems = [problem for fiche in fiches for problem in lint_fiche(fiche)]
    return sorted(problems, key=lambda problem: (str(problem.path), problem.line))


def lint_fiche(fiche: Fiche) -> list[Problem]:
    """The findings on the prose of one fiche."""
    found = Findings(fiche)
    for place, name, text in _texts(fiche):
        _lint_typography(found, place, name, text)
    for passage in passages(fiche):
        lint_sentences(found, passage.place, passage.name, passage.text)
    _lint_jargon(found)
    return found.problems


def _texts(fiche: Fiche) -> Iterator[tuple[Place, str, str]]:
    """What the doctor reads. The wordings to learn imitate real typing and are left as they are."""
    yield ("titre",), "titre", fiche.titre
    for rank, precision in enumerate(fiche.precisions):
        yield ("precisions", rank, "question"), "précision", precision.question
        for number, option in enumerate(precision.options):
            yield ("precisions", rank, "options", number, "titre"), "option", option.titre
    for passage in passages(fiche):
        yield passage.place, passage.name, passage.text


def _lint_typography(found: Findings, place: Place, name: str, text: str) -> None:
    by_row: dict[tuple[int, str, bool], list[str]] = {}
    for slip in slips(text):
        row = text.count("\n", 0, slip.start)
        by_row.setdefault((row, slip.name, slip.is_mendable), []).append(_around(text, slip.start))
    for (row, slip_name, is_mendable), excerpts in by_row.items():
        times = f" ({len(excerpts)} fois)" if len(excerpts) > 1 else ""
        mend = "lancez « maitre fiche fix-typo » sur ce fichier" if is_mendable else "corrigez à la main"
        found.quality(place, f"{name} : {slip_name}{times}, vers « {excerpts[0]} »", mend, row=row)
    for tag in _HTML.finditer(text):
        found.quality(
            place,
            f"{name} : balise HTML {tag.group()}",
            "écrivez en Markdown simple : **gras**, listes « - »",
            row=text.count("\n", 0, tag.start()),
        )


def _around(text: str, start: int) -> str:
    line = text[text.rfind("\n", 0, start) + 1 :].split("\n", 1)[0]
    column = start - text.rfind("\n", 0, start) - 1
    return line[max(0, column - 15) : column + 15].strip()


def lint_sentences(found: Report, place: Place, name: str, text: str) -> None:
    """The sentences of `text` that are too long; `name` says to the editor where it stands."""
    for block in blocks(text):
        plain = without_marks(block.text)
        for sentence in sentences(plain):
            words = word_count(sentence.text)
            if words > MAX_SENTENCE:
                start = " ".join(sentence.text.split()[:6])
                found.quality(
                    place,
                    f"{name} : phrase de {words} mots, « {start}… »",
                    f"coupez-la : {MAX_SENTENCE} mots au plus, citations non comptées",
                    row=block.line + plain.count("\n", 0, sentence.start),
                )


def _lint_jargon(found: Findings) -> None:
    """Each acronym is said in full in the sentence of the body where it first stands."""
    wanted = dict(_JARGON)
    for passage in passages(found.fiche):
        if passage.place[0] == "precisions":
            continue  # the doctor reads them after the question, not as part of the text
        for block in blocks(passage.text):
            plain = without_marks(block.text)
            for sentence in sentences(plain):
                folded = fold(sentence.text)
                for acronym in list(wanted):
                    if (use := acronym.search(sentence.text)) is None:
                        continue
                    full = wanted.pop(acronym)
                    if not any(fold(words) in folded for words in full):
                        found.quality(
                            passage.place,
                            f"{passage.name} : « {use.group()} » n’est pas développé à son premier emploi",
                            f"écrivez par exemple « {full[0]} ({use.group()}) »",
                            row=block.line + plain.count("\n", 0, sentence.start + use.start()),
                        )
