"""Normal form of French text for matching: case, accents, apostrophes, abbreviations, stems.

Everything here is pure and works on `str`; spaCy only gives vectors (see `bot.nlu.vectors`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from bot.law.parse import find_citations

_ENDINGS = re.compile(r"(?:issements?|ements?|ations?|ateurs?|atrices?|euses?|eurs?|es|s|x)$")
_WORD = re.compile(r"[a-z0-9_]+")
_NUMBER = re.compile(r"\d+(?:h\d*|er|e|eme)?|h")

# Abbreviations and pet names of the trade, after accents are gone. One word → its full form.
ABBREVIATIONS: dict[str, str] = {
    "dr": "docteur",
    "drs": "docteurs",
    "pr": "professeur",
    "rempla": "remplacement",
    "remplas": "remplacements",
    "remplac": "remplacement",
    "rplt": "remplacant",
    "cdom": "conseil departemental ordre",
    "cnom": "conseil national ordre",
    "cdo": "conseil departemental ordre",
    "odm": "ordre medecins",
    "msp": "maison de sante",
    "dpo": "delegue protection donnees",
    "aipd": "analyse impact",
    "pia": "analyse impact",
    "gdpr": "rgpd",
    "ordi": "ordinateur",
    "ordis": "ordinateurs",
    "pc": "ordinateur",
    "tel": "telephone",
    "mail": "courriel",
    "mails": "courriels",
    "email": "courriel",
    "emails": "courriels",
    "sms": "sms message",
    "secr": "secretaire",
    "asso": "association",
    "collab": "collaborateur",
    "rcp": "rcp responsabilite civile assurance",
    "rcpro": "rcp responsabilite civile assurance",
    "cca": "chef de clinique assistant",
    "cer": "cumul emploi retraite",
    "dossmed": "dossier medical",
    "ccam": "ccam",
    "ij": "indemnites journalieres",
    "at": "arret travail",
    "aat": "arret travail",
    "certif": "certificat",
    "certifs": "certificats",
    "infos": "informations",
    "conv": "convention",
    "teleconsult": "teleconsultation",
    "teleconsults": "teleconsultations",
    "tlc": "teleconsultation",
    "pds": "permanence des soins",
    "pdsa": "permanence des soins",
    "hosto": "hopital",
    "chu": "chu hopital",
    "ph": "praticien hospitalier",
    "jai": "j ai",
    "ke": "que",
    "koi": "quoi",
    "pck": "parce que",
    "bcp": "beaucoup",
    "tt": "tout",
    "ds": "dans",
    "ss": "sous",
    "esque": "est ce que",
    "eske": "est ce que",
    "esk": "est ce que",
    "svp": "",
    "stp": "",
    "slt": "bonjour",
    "bjr": "bonjour",
    "cdlt": "cordialement",
    "cdt": "cordialement",
}

# Words that carry no subject. Negations, modals and question words stay: they tell questions apart.
STOP_WORDS = frozenset(
    (
        "a ai au aux avec ce ces cet cette d da de des du elle en es est et etre eu il ils j je l "
        "la le les leur leurs lui m ma me mes moi mon n nos notre nous on ont ou par pour qu que "
        "qui s sa se ses si son sont suis sur t ta te tes toi ton tu un une vos votre vous y c ca "
        "cela ceci etes sommes avez avons bonjour maitre merci "
    ).split()
)

# What tells a moment, a duration or a number, and by itself no subject.
_TIME_WORDS = frozenset(
    (
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre lundi mardi "
        "mercredi jeudi vendredi samedi dimanche hier aujourd hui demain matin soir midi minuit apres heure "
        "heures minute minutes jour jours semaine semaines mois trimestre trimestres semestre an ans annee "
        "annees debut fin mi prochain prochaine dernier derniere depuis dans vers environ er premier un deux "
        "trois quatre cinq six sept huit neuf dix onze douze quinze vingt trente"
    ).split()
)


_PLAIN = str.maketrans("àâäçéèêëîïôöùûü`’‘´‐‑‒–—", "aaaceeeeiioouuu''''-----")
"""What French text is full of; the rest takes the longer way."""


def fold(text: str) -> str:
    """Lower-case `text` without accents; typographic apostrophes and dashes become plain ones."""
    text = text.lower().translate(_PLAIN)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("æ", "ae"))
    return "".join(c for c in text if not unicodedata.combining(c)).translate(_PLAIN)


def _citation_token(key: str) -> str:
    return "art_" + re.sub(r"[^a-z0-9]+", "_", fold(key)).strip("_")


def replace_citations(text: str) -> str:
    """`text` with each citation, however written, replaced by one token of its canonical reference."""
    out: list[str] = []
    end = 0
    for found in find_citations(text):
        out.append(text[end : found.start])
        out.append(f" {_citation_token(found.citation.reference.key)} ")
        end = found.end
    out.append(text[end:])
    return "".join(out)


_read: ContextVar[dict[str, tuple[str, ...]] | None] = ContextVar("tokens of the texts read", default=None)


@contextmanager
def each_text_once() -> Iterator[None]:
    """Within, `tokens` reads each text once: a message and its sentences are looked at from many sides. What
    was read is forgotten on leaving."""
    outer = _read.set({})
    try:
        yield
    finally:
        _read.reset(outer)


def tokens(text: str) -> tuple[str, ...]:
    """Words of `text` in normal form (folded, abbreviations expanded), stop words included."""
    read = _read.get()
    if read is None:
        return _tokens(text)
    if text not in read:
        read[text] = _tokens(text)
    return read[text]


def _tokens(text: str) -> tuple[str, ...]:
    words: list[str] = []
    for word in _WORD.findall(fold(replace_citations(text))):
        expansion = ABBREVIATIONS.get(word)
        words.extend(expansion.split() if expansion is not None else [word])
    return tuple(words)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A light French stem: common endings off, six letters at most kept of the rest.

    Source of the method: truncation stemming; letters beyond the sixth rarely tell French subjects apart.
    """
    if word.startswith("art_") or any(c.isdigit() for c in word):
        return word
    if len(word) > 4:
        word = _ENDINGS.sub("", word) or word
    return word[:6]


def stems_of(words: Sequence[str]) -> list[str]:
    """Stems of the `words` (of `tokens`) that carry a subject, in order."""
    return [stem(word) for word in words if word not in STOP_WORDS]


def content_stems(text: str) -> list[str]:
    """Stems of the words of `text` that carry a subject, in order."""
    return stems_of(tokens(text))


def subject_stems(words: Sequence[str]) -> list[str]:
    """`stems_of` without dates, durations and numbers: "le 30 septembre 2027" has no subject."""
    return stems_of([w for w in words if w not in _TIME_WORDS and not _NUMBER.fullmatch(w)])
