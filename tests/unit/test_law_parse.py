"""Citations as people write them, as fiches write them, and what is not a citation."""

from __future__ import annotations

import time

import pytest

from bot.law.parse import CitationError, find_citations, find_marks, parse_canonical, parse_citation
from bot.law.print import label, number_label, short_label
from bot.law.reference import Citation, Reference

WRITTEN = [
    # French codes, all the ways to write the number
    ("l'art. L. 1111-8 du CSP", ["CSP L1111-8"]),
    ("L1111-8", ["CSP L1111-8"]),
    ("l 1111-8", ["CSP L1111-8"]),
    ("l.1111.8", ["CSP L1111-8"]),
    ("art.l1110-4 csp", ["CSP L1110-4"]),
    ("R.4127-73", ["CSP R4127-73"]),
    ("R.* 4127-73", ["CSP R4127-73"]),
    ("r 4127-73 csp", ["CSP R4127-73"]),
    ("L. 1111 - 8 du CSP", ["CSP L1111-8"]),
    ("ARTICLE L.1111‑8 DU CODE DE LA SANTE PUBLIQUE", ["CSP L1111-8"]),
    ("l’article L. 1111–8 du code de la santé publique", ["CSP L1111-8"]),
    ("article L 161-22 du code de la secu", ["CSS L161-22"]),
    ("article 226-13 du code pénal", ["CP 226-13"]),
    ("art 226-13 cp", ["CP 226-13"]),
    ("226-13 CP", ["CP 226-13"]),
    ("code pénal 226-13", ["CP 226-13"]),
    ("artcile 226-13 code penal", ["CP 226-13"]),
    ("art. 9 du code civil", ["CC 9"]),
    ("article 9 CC", ["CC 9"]),
    ("l’art. 1231-1 C.civ", ["CC 1231-1"]),
    ("article 1240 C. civ.", ["CC 1240"]),
    ("art. L. 251-2, al. 3 à 5, C. assur.", ["CASSUR L251-2, al. 3 à 5"]),
    ("article 293 B du code général des impôts", ["CGI 293B"]),
    ("article L. 161-22-1 A du code de la sécurité sociale", ["CSS L161-22-1A"]),
    ("article 45 du code de déontologie", ["CSP R4127-45"]),
    ("l'article 4 du code de déontologie médicale", ["CSP R4127-4"]),
    ("code de déontologie, article 45", ["CSP R4127-45"]),
    # places in the article
    ("L. 1110-4, V", ["CSP L1110-4, V"]),
    ("L. 1110-4 V CSP", ["CSP L1110-4, V"]),
    ("L1111-8-II CSP", ["CSP L1111-8, II"]),
    ("le II de l'article L. 1111-8 du CSP", ["CSP L1111-8, II"]),
    ("au point h du paragraphe 3 de l'article 28 du RGPD", ["RGPD 28, § 3, h)"]),
    ("article 9, 2e alinéa, du code civil", ["CC 9, al. 2"]),
    ("article 9 al. 1er code civil", ["CC 9, al. 1"]),
    ("premier alinéa de l'article 9 du code civil", ["CC 9, al. 1"]),
    ("article L. 1111-7 dernier alinéa du CSP", ["CSP L1111-7, dernier al."]),
    ("article 1405, 1°, du code de procédure civile", ["CPC 1405, 1°"]),
    # the Union's texts
    ("28-3-h RGPD", ["RGPD 28, § 3, h)"]),
    ("article 28, paragraphe 3, point h) du RGPD", ["RGPD 28, § 3, h)"]),
    ("art 28.3 h rgpd", ["RGPD 28, § 3, h)"]),
    ("art 5.1.f du rgpd", ["RGPD 5, § 1, f)"]),
    ("article 6 1 c du RGPD", ["RGPD 6, § 1, c)"]),
    ("Article 6, paragraphe 1, sous c) du RGPD", ["RGPD 6, § 1, c)"]),
    ("art 28(3)(h) GDPR", ["RGPD 28, § 3, h)"]),
    ("art. 5 § 1 et 2 RGPD", ["RGPD 5, § 1 et 2"]),
    ("4-7 rgpd", ["RGPD 4, point 7"]),
    ("32 du RGPD", ["RGPD 32"]),
    ("RGPD 32", ["RGPD 32"]),
    ("le RGPD (art. 32)", ["RGPD 32"]),
    ("le RGPD, en son article 32", ["RGPD 32"]),
    ("article 32 du règlement", ["RGPD 32"]),
    ("article 32 du règlement (UE) n° 2016/679", ["RGPD 32"]),
    ("article 50 du règlement IA", ["AIA 50"]),
    ("AI Act, annexe III", ["AIA annexe3"]),
    ("considérants 85 et 86 du RGPD", ["RGPD cons85", "RGPD cons86"]),
    # lists
    ("articles 33 et 34 du RGPD", ["RGPD 33", "RGPD 34"]),
    ("articles 13, 14 et 15 du RGPD", ["RGPD 13", "RGPD 14", "RGPD 15"]),
    ("art. 33-34 RGPD", ["RGPD 33", "RGPD 34"]),
    ("rgpd art. 33 § 1 et art. 34 § 3", ["RGPD 33, § 1", "RGPD 34, § 3"]),
    ("articles L. 1111-7 à L. 1111-9 du CSP", ["CSP L1111-7", "CSP L1111-9"]),
    ("32 du rgpd et 226-17 du code pénal", ["RGPD 32", "CP 226-17"]),
    ("art. 226-13 C. pén. puis article 226-14 du même code", ["CP 226-13", "CP 226-14"]),
    ("R.1111-9-1, décret 2026-209", ["CSP R1111-9-1", "DECRET 2026-209"]),
    ("L. 1111-8, RGPD 32", ["CSP L1111-8", "RGPD 32"]),
    # laws, decrees, orders
    ("art 6 loi 2004-575", ["LOI 2004-575, art. 6"]),
    ("loi n° 2025-1403, art. 102", ["LOI 2025-1403, art. 102"]),
    ("l'article 102, XI, de la loi n° 2025-1403", ["LOI 2025-1403, art. 102, XI"]),
    ("la loi 2004-575 du 21 juin 2004, article 6, I, 1°", ["LOI 2004-575, art. 6, I, 1°"]),
    ("loi n°78-17 du 6 janvier 1978, article 37", ["LIL 37"]),
    ("article 32 de la loi informatique et libertés", ["LIL 32"]),
    ("article 66-1 de la loi du 31 décembre 1971", ["L71-1130 66-1"]),
    ("décret 2025-963 du 9 septembre 2025", ["DECRET 2025-963"]),
    ("arrêté du 26 avril 2024", ["ARRETE 2024-04-26"]),
    ("arrêté du 1er févr. 2022", ["ARRETE 2022-02-01"]),
    # decisions
    ("C-340/21", ["CJUE C-340/21"]),
    ("CJUE, 14 déc. 2023, aff. C-340/21", ["CJUE C-340/21"]),
    ("SAN-2020-015", ["CNIL SAN-2020-015"]),
    ("délibération CNIL n° 2020-081 du 18 juin 2020", ["CNIL 2020-081"]),
    ("CE n° 449694", ["CE 449694"]),
    ("CE, 2 déc. 2019, n° 418260", ["CE 418260"]),
    ("Conseil d’État, 2 décembre 2019, n° 418260", ["CE 418260"]),
    ("CAA Paris, 21 déc. 2018, n° 17PA00912", ["CAA 17PA00912"]),
    ("Cass. 1re civ., 29 juin 2016, n° 15-21.468", ["CASS 15-21.468"]),
    ("CA Nîmes, 15 décembre 2022, n° 21/01214", ["CA 21/01214"]),
    ("TGI Aix-en-Provence, 29 nov. 2018", ["TGI 2018-11-29"]),
    ("CDN, 27 oct. 2020, n° 14076", ["CDN 14076"]),
    ("décision n° 2018-765 DC", ["CONSTIT 2018-765DC"]),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_reads_what_people_write(text: str, expected: list[str]) -> None:
    assert [found.citation.key for found in find_citations(text)] == expected


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_reads_it_in_a_letter(text: str, expected: list[str]) -> None:
    letter = f"Bonjour Maître, je lis « {text} » dans mon contrat du 3 mars 2025 (15 000 €, 24 h). Merci."
    assert [found.citation.key for found in find_citations(letter)] == expected


NOT_CITATIONS = [
    "le 3 mars",
    "article 15 euros",
    "06 12 34 56 78",
    "06-12-34-56-78",
    "24 h",
    "article 32",
    "l’article 9 est flou",
    "article 5 du règlement intérieur",
    "article 12 du code de déontologie des infirmiers",
    "L. 4143-1 du code de la défense",
    "article 9 du code",
    "RGPD 2018",
    "RGPD 25 mai 2018",
    "le RGPD en 72h",
    "RGPD 10 questions à se poser",
    "les 3 points du RGPD",
    "le point 7 du RGPD",
    "chapitre 4 du RGPD",
    "RGPD et 3 autres",
    "l 162-5",
    "il a 1111-8 patients",
    "75012 CP",
    "code postal 75012",
    "5 CC de sérum",
    "ce 75012 me surprend",
    "loi du 5 mars 2020",
    "arrêté du 31 février 2024",
    "convention du 2 mai 2024",
    "une dose de 20 mg/kg 3 fois par jour",
    "de 9 h à 17 h, 2 rue L. 12",
    "réf. XL1111-8Z",
    "https://exemple.fr/article-L1111-8-de-la-loi",
]


@pytest.mark.parametrize("text", NOT_CITATIONS)
def test_leaves_out_what_is_not_a_citation(text: str) -> None:
    assert find_citations(text) == []


def test_a_number_without_code_goes_to_the_only_code_that_has_it() -> None:
    known = ["CSS L162-5", "CSP L1111-8", "CASSUR L251-2", "CT L1222-9", "CSS L251-2"]
    assert [f.citation.key for f in find_citations("L. 162-5", known)] == ["CSS L162-5"]
    assert [f.citation.key for f in find_citations("l'article L. 1222-9", known)] == ["CT L1222-9"]
    assert [f.citation.key for f in find_citations("L. 1110-4", known)] == ["CSP L1110-4"]
    assert find_citations("L. 251-2", known) == []
    assert find_citations("L. 643-6", known) == []


def test_default_code_applies_only_to_the_word_article() -> None:
    assert [f.citation.key for f in find_citations("article 32, § 1 ?", default="RGPD")] == ["RGPD 32, § 1"]
    assert find_citations("32 ?", default="RGPD") == []
    assert find_citations("article 15 euros", default="RGPD") == []


def test_offsets_are_those_of_the_given_text() -> None:
    text = "Cœur du sujet : l’art.\u00a0L.\u202f1111‑8 du CSP, e\u0301crit-il, et l’art. 32 RGPD."
    found = find_citations(text)
    assert [f.text for f in found] == ["art.\u00a0L.\u202f1111‑8 du CSP", "art. 32 RGPD"]
    assert [text[f.start : f.end] for f in found] == [f.text for f in found]


def test_time_grows_with_length_not_faster() -> None:
    for unit in (
        "L. 1111-8, ",
        "article 28 § 3 ",
        "1-",
        "Conseil d’État, ",
        "II de l'",
        "CA ( ",
        "9 et ",
        "1 a ",
        "9" + " " * 999,
    ):
        started = time.perf_counter()
        find_citations(unit * (8000 // len(unit)))
        assert time.perf_counter() - started < 5, unit


# --- The canonical form -------------------------------------------------------------------------


def test_canonical_form_with_pins() -> None:
    assert parse_canonical("RGPD 28, § 3, h)") == Citation(Reference("RGPD", "28"), ("§ 3", "h)"))
    assert parse_canonical("CSP\u00a0L1111-8,\u00a0II") == Citation(Reference("CSP", "L1111-8"), ("II",))
    assert parse_canonical("LOI 2025-1403, art. 102, XI").pinpoint == ("art. 102", "XI")


ERRORS = [
    ("", "vide", "CSP L1111-8"),
    ("CSPX L1111-8", "« CSPX » n’est pas un code connu", "« CSP »"),
    ("csp L1111-8x", "« csp » n’est pas un code connu", "« CSP »"),
    ("CSP", "il manque un numéro après « CSP »", "CSP L1111-8"),
    ("CSP 1111-8", "« 1111-8 » n’est pas un numéro pour CSP", "CSP L1111-8"),
    ("CSP L.1111-8", "« L.1111-8 » n’est pas un numéro pour CSP", "écrivez « CSP L1111-8 »"),
    ("CSP L1111-8, alinéa 2", "« alinéa 2 » n’est pas une place", "écrivez « al. 2 »"),
    ("CSP L1111-8, deuxièmement", "« deuxièmement » n’est pas une place", "formes reçues"),
    ("CSP L1111-8,", "une virgule n’est suivie de rien", "retirez-la"),
    ("CSP L1111-8, art. 3", "« art. 3 » ne va pas avec CSP", "juste après le code"),
    ("LOI 2025-1403, XI, art. 102", "« art. 102 » vient trop tard", "en premier"),
    ("LOI 78-17, art. 32", "a son propre code", "écrivez « LIL 32 »"),
    ("ARRETE 2024-02-31", "n’est pas un numéro pour ARRETE", "ARRETE 2024-04-26"),
    ("CE ٤٤٩٦٩٤", "n’est pas un numéro pour CE", "CE 449694"),
]


@pytest.mark.parametrize(("text", "message", "mend"), ERRORS)
def test_errors_say_what_is_wrong_and_what_to_write(text: str, message: str, mend: str) -> None:
    with pytest.raises(CitationError) as caught:
        parse_canonical(text)
    assert message in caught.value.message
    assert mend in caught.value.remede
    assert str(caught.value) == f"{caught.value.message} — {caught.value.remede}"


def test_parse_citation_takes_human_forms_only_when_they_are_all_the_text() -> None:
    assert parse_citation("article 28, § 3, h), du RGPD").key == "RGPD 28, § 3, h)"
    assert parse_citation("CSP L. 1111-8, II").key == "CSP L1111-8, II"
    for text in ("article 28", "articles 33 et 34 du RGPD", "voir l’article 28 du RGPD"):
        with pytest.raises(CitationError):
            parse_citation(text)


# --- Marks --------------------------------------------------------------------------------------


def test_marks_with_lines_and_offsets() -> None:
    text = "Oui [CSP L1111-8, II].\n\n- non [RGPD 28,\n  § 3, h)]\n- [DOC ans-faq-hds]"
    marks = find_marks(text)
    assert [(m.line, m.citation.key if m.citation else None) for m in marks] == [
        (1, "CSP L1111-8, II"),
        (3, "RGPD 28, § 3, h)"),
        (5, "DOC ans-faq-hds"),
    ]
    assert [text[m.start : m.end] for m in marks] == [m.text for m in marks]


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("[CSP L. 1111-8, II]", "écrivez « [CSP L1111-8, II] »"),
        ("[csp L1111-8]", "écrivez « [CSP L1111-8] »"),
        ("[art. 28 du RGPD]", "écrivez « [RGPD 28] »"),
        ("[CASF L123-1]", "Codes connus"),
        ("[RGPD art. 28]", "écrivez « [RGPD 28] »"),
        ("[CSP L1111-8 ; RGPD 28]", "donnez un crochet à chacune"),
        ("[CSP]", "par exemple « CSP L1111-8 »"),
    ],
)
def test_malformed_marks_come_with_the_mend(text: str, mend: str) -> None:
    (mark,) = find_marks(f"Phrase {text}.")
    assert mark.citation is None
    assert mark.error is not None
    assert mend in mark.error.remede or mend in mark.error.message


@pytest.mark.parametrize(
    "text",
    [
        "[CSP L1111-8](https://exemple.fr)",
        "![RGPD 28](image.png)",
        "[RGPD 28][note]",
        r"\[CSP L1111-8]",
        "[x] à faire",
        "[ce matin, hier]",
        "[analyse]",
        "[CSP L1111-8\n\nautre paragraphe]",
        "[1]",
    ],
)
def test_what_is_not_a_mark(text: str) -> None:
    assert find_marks(text) == []


# --- Labels -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "full", "short"),
    [
        ("CSP L1111-8, II", "article_L._1111-8, II, du code de la santé publique", "art._L._1111-8, II, CSP"),
        ("CSP R4127-73", "article_R._4127-73 du code de la santé publique", "art._R._4127-73 CSP"),
        ("RGPD 28, § 3, h)", "article_28, §_3, h), du RGPD", "art._28, §_3, h), RGPD"),
        ("RGPD cons85", "considérant_85 du RGPD", "cons._85 RGPD"),
        (
            "AIA annexe3, point 8",
            "annexe_III, point_8, du règlement européen sur l’intelligence artificielle",
            None,
        ),
        ("CP 226-13", "article_226-13 du code pénal", "art._226-13 C._pén."),
        ("CE 449694", "Conseil d’État, n°_449694", "CE, n°_449694"),
        ("CNIL SAN-2020-015", "délibération SAN-2020-015 de la CNIL", "CNIL, délib. SAN-2020-015"),
        ("CNIL 2020-081", "délibération n°_2020-081 de la CNIL", None),
        ("LOI 2025-1403, art. 102, XI", "loi n°_2025-1403, art._102, XI", None),
        ("L71-1130 66-1", "article_66-1 de la loi n°_71-1130 du 31 décembre 1971", None),
        ("ARRETE 2024-04-01", "arrêté du 1er_avril_2024", None),
        ("CAA 17PA00912", "cour administrative d’appel de Paris, n°_17PA00912", "CAA Paris, n°_17PA00912"),
        ("CONSTIT 2018-765DC", "Conseil constitutionnel, n°_2018-765_DC", None),
        ("CONSTIT 2025-12-30", "Conseil constitutionnel, 30_décembre_2025", None),
        ("CJUE C-340/21", "Cour de justice de l’Union européenne, affaire C-340/21", "CJUE, aff. C-340/21"),
        ("DOC ans-faq-hds", "document «_ans-faq-hds_»", None),
    ],
)
def test_labels(key: str, full: str, short: str | None) -> None:
    citation = parse_canonical(key)
    assert label(citation) == full.replace("_", "\u00a0")
    if short is not None:
        assert short_label(citation) == short.replace("_", "\u00a0")


def test_number_labels() -> None:
    assert number_label("LO111-3") == "LO\u00a0111-3"
    assert number_label("293B") == "293\u00a0B"
    assert number_label("3bis") == "3\u00a0bis"
