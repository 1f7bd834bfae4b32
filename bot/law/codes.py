"""The codes, laws, regulations and courts that a fiche may cite, and how people call them.

`CODES` maps the key written in fiches ("CSP", "RGPD", "CJUE"…) to what is needed to check a number,
to read it in a message and to print it. Identifiers: LEGITEXT of Légifrance, CELEX of EUR-Lex.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "code",
    "reglement_ue",
    "directive_ue",
    "loi",
    "decret",
    "arrete",
    "ordonnance",
    "decision",
    "document",
]

# Latin multiplicatives that French law appends to a number, as printed.
MULTIPLICATIVES = (
    "bis",
    "ter",
    "quater",
    "quinquies",
    "sexies",
    "septies",
    "octies",
    "nonies",
    "decies",
    "undecies",
    "duodecies",
    "terdecies",
    "quaterdecies",
    "quindecies",
    "sexdecies",
    "septdecies",
    "octodecies",
    "novodecies",
    "vicies",
)
_MULT = "(?:" + "|".join(sorted(MULTIPLICATIVES, key=len, reverse=True)) + ")"

# Number forms, canonical: no dot after the letter, no space.
_DASHED = r"(?:-[1-9]\d{0,2}|-0(?=-)){0,6}"  # "-8-1"; the "-0-" of CSS D114-4-0-1 too
_LETTERED = rf"(?:LO|[LRDA])[1-9]\d{{0,3}}{_DASHED}[A-H]?"
_PENAL = r"[RD]?[1-9]\d{2}-[1-9]\d{0,2}(?:-[1-9]\d?){0,5}[A-H]?"
_MIXED = rf"[LRDA]?[1-9]\d{{0,3}}{_DASHED}"
_PLAIN = rf"[1-9]\d{{0,3}}{_DASHED}"
_TAX = rf"(?:[1-9]\d{{0,3}}{_DASHED}{_MULT}?[A-Z]{{0,2}})"
_STATUTE = rf"[1-9]\d{{0,2}}{_DASHED}{_MULT}?"
_EU = r"(?:[1-9]\d{0,2}|cons[1-9]\d{0,2}|annexe(?:[1-9]|[12]\d|3[0-9]))"
_JO = r"(?:\d{2}|\d{4})-[1-9]\d{0,3}"
_ISO = r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"

# Letters in a docket number of an administrative court of appeal → its seat.
APPEAL_SEATS: dict[str, str] = {
    "BX": "Bordeaux",
    "DA": "Douai",
    "LY": "Lyon",
    "MA": "Marseille",
    "NC": "Nancy",
    "NT": "Nantes",
    "PA": "Paris",
    "TL": "Toulouse",
    "VE": "Versailles",
}


@dataclass(frozen=True, slots=True)
class Code:
    """One text or court that is cited by a number.

    `forme` matches a whole canonical number and `exemple` is one; `genitif` follows the number in a
    label; `noms` are spoken names, safe anywhere; `sigles` are names short enough to mean something
    else, believed only beside the word "article" or a number with a dash.
    `definitions` are the articles whose subdivisions are points rather than paragraphs.
    """

    key: str
    kind: Kind
    nom: str
    genitif: str
    court: str
    forme: re.Pattern[str]
    exemple: str
    noms: tuple[str, ...] = ()
    sigles: tuple[str, ...] = ()
    identifiant: str | None = None
    last_article: int | None = None
    definitions: frozenset[str] = frozenset()

    @property
    def is_eu(self) -> bool:
        """Whether its articles divide into numbered paragraphs, as the Union's texts do."""
        return self.kind in ("reglement_ue", "directive_ue")

    @property
    def has_articles(self) -> bool:
        """Whether the number is that of an article (else the number is the text's or the decision's)."""
        return self.kind in ("code", "reglement_ue", "directive_ue") or self.key in ("LIL", "L71-1130")

    @property
    def takes_article_pin(self) -> bool:
        """Whether an article is given as a pin: `[LOI 2025-1403, art. 102]`."""
        return not self.has_articles and (
            self.kind in ("loi", "decret", "arrete", "ordonnance") or self.key == "UEDEC"
        )


def _code(
    key: str,
    kind: Kind,
    nom: str,
    genitif: str,
    court: str,
    forme: str,
    exemple: str,
    *,
    noms: tuple[str, ...] = (),
    sigles: tuple[str, ...] = (),
    identifiant: str | None = None,
    last_article: int | None = None,
    definitions: tuple[str, ...] = (),
) -> Code:
    return Code(
        key,
        kind,
        nom,
        genitif,
        court,
        re.compile(forme, re.ASCII),
        exemple,
        noms,
        sigles,
        identifiant,
        last_article,
        frozenset(definitions),
    )


_ALL = (
    _code(
        "CSP",
        "code",
        "code de la santé publique",
        "du code de la santé publique",
        "CSP",
        _LETTERED,
        "L1111-8",
        noms=(
            "CSP",
            "C. santé publ.",
            "C. sant. pub.",
            "code de la santé publique",
            "code de la santé public",
            "code de la santé publik",
            "code de santé publique",
            "code santé publique",
            "code la santé publique",
            "code de la santé",
        ),
        identifiant="LEGITEXT000006072665",
    ),
    _code(
        "CSS",
        "code",
        "code de la sécurité sociale",
        "du code de la sécurité sociale",
        "CSS",
        _LETTERED,
        "L161-22",
        noms=(
            "CSS",
            "C. séc. soc.",
            "code de la sécurité sociale",
            "code de sécurité sociale",
            "code sécurité sociale",
            "code de la sécu",
            "code de la sécurité social",
        ),
        identifiant="LEGITEXT000006073189",
    ),
    _code(
        "CP",
        "code",
        "code pénal",
        "du code pénal",
        "C. pén.",
        _PENAL,
        "226-17",
        noms=("code pénal", "C. pén.", "code pénale", "code penel"),
        sigles=("CP",),
        identifiant="LEGITEXT000006070719",
    ),
    _code(
        "CC",
        "code",
        "code civil",
        "du code civil",
        "C. civ.",
        _PLAIN,
        "1231-1",
        noms=("code civil", "C. civ.", "code civile"),
        sigles=("CC",),
        identifiant="LEGITEXT000006070721",
    ),
    _code(
        "CASSUR",
        "code",
        "code des assurances",
        "du code des assurances",
        "C. assur.",
        _LETTERED,
        "L251-2",
        noms=("code des assurances", "C. assur.", "C. ass.", "CASSUR", "code assurances", "code d'assurance"),
        identifiant="LEGITEXT000006073984",
    ),
    _code(
        "CPP",
        "code",
        "code de procédure pénale",
        "du code de procédure pénale",
        "CPP",
        _MIXED,
        "56-3",
        noms=("code de procédure pénale", "CPP", "C. proc. pén.", "code procédure pénale"),
        identifiant="LEGITEXT000006071154",
    ),
    _code(
        "CPC",
        "code",
        "code de procédure civile",
        "du code de procédure civile",
        "CPC",
        _MIXED,
        "1405",
        noms=("code de procédure civile", "CPC", "C. proc. civ.", "code procédure civile"),
        identifiant="LEGITEXT000006070716",
    ),
    _code(
        "CCONSO",
        "code",
        "code de la consommation",
        "du code de la consommation",
        "C. consom.",
        _LETTERED,
        "L412-13",
        noms=(
            "code de la consommation",
            "CCONSO",
            "C. consom.",
            "C. conso.",
            "code de la conso",
            "code consommation",
        ),
        identifiant="LEGITEXT000006069565",
    ),
    _code(
        "CGI",
        "code",
        "code général des impôts",
        "du code général des impôts",
        "CGI",
        _TAX,
        "293B",
        noms=("code général des impôts", "CGI", "code des impôts"),
        identifiant="LEGITEXT000006069577",
    ),
    _code(
        "CGFP",
        "code",
        "code général de la fonction publique",
        "du code général de la fonction publique",
        "CGFP",
        _LETTERED,
        "L123-7",
        noms=("code général de la fonction publique", "CGFP", "code de la fonction publique"),
        identifiant="LEGITEXT000044416551",
    ),
    _code(
        "CT",
        "code",
        "code du travail",
        "du code du travail",
        "C. trav.",
        _LETTERED,
        "L1222-9",
        noms=("code du travail", "C. trav.", "code travail"),
        sigles=("CT",),
        identifiant="LEGITEXT000006072050",
    ),
    _code(
        "RGPD",
        "reglement_ue",
        "règlement général sur la protection des données",
        "du RGPD",
        "RGPD",
        _EU,
        "28",
        noms=(
            "RGPD",
            "GDPR",
            "RGDP",
            "RPGD",
            "règlement général sur la protection des données",
            "règlement général de protection des données",
            "règlement général de la protection des données",
            "règlement sur la protection des données",
            "règlement (UE) 2016/679",
            "règlement (UE) n° 2016/679",
            "règlement UE 2016/679",
            "règlement 2016/679",
            "règlement européen",
        ),
        identifiant="32016R0679",
        last_article=99,
        definitions=("4",),
    ),
    _code(
        "AIA",
        "reglement_ue",
        "règlement européen sur l’intelligence artificielle",
        "du règlement européen sur l’intelligence artificielle",
        "AI Act",
        _EU,
        "50",
        noms=(
            "AI Act",
            "IA Act",
            "AIA",
            "RIA",
            "règlement européen sur l'intelligence artificielle",
            "règlement sur l'intelligence artificielle",
            "règlement européen sur l'IA",
            "règlement sur l'IA",
            "règlement IA",
            "règlement (UE) 2024/1689",
            "règlement UE 2024/1689",
            "règlement 2024/1689",
        ),
        identifiant="32024R1689",
        last_article=113,
        definitions=("3",),
    ),
    _code(
        "DATA",
        "reglement_ue",
        "règlement européen sur les données",
        "du règlement européen sur les données",
        "Data Act",
        _EU,
        "25",
        noms=(
            "Data Act",
            "règlement européen sur les données",
            "règlement sur les données",
            "règlement (UE) 2023/2854",
            "règlement UE 2023/2854",
            "règlement 2023/2854",
        ),
        sigles=("DATA",),
        identifiant="32023R2854",
        last_article=50,
        definitions=("2",),
    ),
    _code(
        "EEDS",
        "reglement_ue",
        "règlement relatif à l’espace européen des données de santé",
        "du règlement relatif à l’espace européen des données de santé",
        "EEDS",
        _EU,
        "105",
        noms=(
            "EEDS",
            "EHDS",
            "règlement relatif à l'espace européen des données de santé",
            "règlement sur l'espace européen des données de santé",
            "espace européen des données de santé",
            "règlement (UE) 2025/327",
            "règlement UE 2025/327",
            "règlement 2025/327",
        ),
        identifiant="32025R0327",
        last_article=105,
    ),
    _code(
        "NIS2",
        "directive_ue",
        "directive NIS 2",
        "de la directive NIS 2",
        "NIS 2",
        _EU,
        "23",
        noms=(
            "directive NIS 2",
            "NIS 2",
            "NIS2",
            "directive NIS2",
            "directive (UE) 2022/2555",
            "directive UE 2022/2555",
            "directive 2022/2555",
        ),
        identifiant="32022L2555",
        last_article=46,
        definitions=("6",),
    ),
    _code(
        "LIL",
        "loi",
        "loi n° 78-17 du 6 janvier 1978 relative à l’informatique, aux fichiers et aux libertés",
        "de la loi Informatique et Libertés",
        "loi Informatique et Libertés",
        _STATUTE,
        "37",
        noms=(
            "loi informatique et libertés",
            "loi informatique et liberté",
            "loi informatique & libertés",
            "loi informatique libertés",
            "LIL",
            "loi n° 78-17 du 6 janvier 1978",
            "loi 78-17 du 6 janvier 1978",
            "loi n° 78-17",
            "loi 78-17",
            "loi du 6 janvier 1978",
            "loi CNIL",
        ),
        identifiant="LEGITEXT000006068624",
    ),
    _code(
        "L71-1130",
        "loi",
        "loi n° 71-1130 du 31 décembre 1971 portant réforme de certaines professions judiciaires",
        "de la loi n° 71-1130 du 31 décembre 1971",
        "loi n° 71-1130",
        _STATUTE,
        "66-1",
        noms=(
            "L71-1130",
            "loi n° 71-1130 du 31 décembre 1971",
            "loi 71-1130 du 31 décembre 1971",
            "loi n° 71-1130",
            "loi 71-1130",
            "loi du 31 décembre 1971",
        ),
        identifiant="LEGITEXT000006068396",
    ),
    _code("LOI", "loi", "loi", "", "loi", _JO, "2025-1403"),
    _code("ORDONNANCE", "ordonnance", "ordonnance", "", "ord.", _JO, "2023-77"),
    _code("DECRET", "decret", "décret", "", "décr.", _JO, "2025-963"),
    _code("ARRETE", "arrete", "arrêté", "", "arr.", _ISO, "2024-04-26"),
    _code("CE", "decision", "Conseil d’État", "", "CE", r"[1-9]\d{4,5}", "449694"),
    _code(
        "CAA",
        "decision",
        "cour administrative d’appel",
        "",
        "CAA",
        rf"\d{{2}}(?:{'|'.join(APPEAL_SEATS)})\d{{5}}",
        "17PA00912",
    ),
    _code("CASS", "decision", "Cour de cassation", "", "Cass.", r"\d{2}-\d{2}\.\d{3}", "15-21.468"),
    _code("CA", "decision", "cour d’appel", "", "CA", r"\d{2}/\d{5}", "21/01214"),
    _code("TGI", "decision", "tribunal de grande instance", "", "TGI", _ISO, "2018-11-29"),
    _code(
        "CJUE",
        "decision",
        "Cour de justice de l’Union européenne",
        "",
        "CJUE",
        r"C-[1-9]\d{0,3}/\d{2}",
        "C-340/21",
    ),
    _code(
        "TUE", "decision", "Tribunal de l’Union européenne", "", "TUE", r"T-[1-9]\d{0,3}/\d{2}", "T-553/23"
    ),
    _code(
        "CONSTIT",
        "decision",
        "Conseil constitutionnel",
        "",
        "Cons. const.",
        rf"(?:{_ISO}|(?:19|20)\d{{2}}-[1-9]\d{{0,3}}(?:DC|QPC))",
        "2025-12-30",
    ),
    _code(
        "CDN",
        "decision",
        "chambre disciplinaire nationale de l’Ordre des médecins",
        "",
        "CDN",
        r"[1-9]\d{2,5}",
        "14076",
    ),
    _code("CNIL", "decision", "CNIL", "", "CNIL", r"(?:(?:SAN|MEDP?)-)?20\d{2}-\d{3}", "SAN-2020-015"),
    _code("UEDEC", "decision", "décision de l’Union", "", "déc. (UE)", r"20\d{2}/[1-9]\d{0,3}", "2023/1795"),
    _code("DOC", "document", "document", "", "doc.", r"[a-z0-9]+(?:-[a-z0-9]+)+", "ans-faq-hds"),
)

CODES: dict[str, Code] = {code.key: code for code in _ALL}

# Laws with a key of their own: written as `LOI number` they would escape the register.
OWN_KEY: dict[str, str] = {"78-17": "LIL", "71-1130": "L71-1130"}

# The code of medical ethics is CSP R4127-1 to R4127-112: "article 45 du code de déontologie".
DEONTOLOGIE_PREFIX = "R4127-"
DEONTOLOGIE_LAST = 112
DEONTOLOGIE_NOMS = (
    "code de déontologie médicale",
    "code de déontologie des médecins",
    "code de la déontologie médicale",
    "code de déontologie",
    "code déontologie",
    "code de déonto",
    "déontologie médicale",
)
