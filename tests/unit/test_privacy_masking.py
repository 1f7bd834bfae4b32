"""Masking personal data: what must go, what must stay. All persons and numbers are invented."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.privacy.masking import TOKENS, mask

NIR = TOKENS["nir"]
TEL = TOKENS["téléphone"]
NOM = TOKENS["nom"]
ADR = TOKENS["adresse"]
NEE = TOKENS["naissance"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        # Social security numbers: spaced, compact, Corsican, without key, key of another grouping.
        ("Son numéro est 1 56 03 75 123 456 78.", f"Son numéro est {NIR}."),
        ("NIR 156037512345678", f"NIR {NIR}"),
        ("256032A12345678 et 2 56 03 2B 123 456", f"{NIR} et {NIR}"),
        ("le 1.56.03.75.123.456", f"le {NIR}"),
        ("999999999999999", NIR),
        ("1560 3751 2345 607", NIR),
        # Phones.
        ("06 12 34 56 78, 0612345678", f"{TEL}, {TEL}"),
        ("+33 6 12 34 56 78 ou 0033612345678", f"{TEL} ou {TEL}"),
        ("+33 (0)6 12 34 56 78", TEL),
        ("01.42.34.56.78 / 01-42-34-56-78", f"{TEL} / {TEL}"),
        ("+262 692 12 34 56", TEL),
        # Mail, bank, professional and hospital numbers.
        ("écrivez à j.dupont+cab@exemple.org.", "écrivez à [courriel]."),
        ("FR76 3000 6000 0112 3456 7890 189", "[IBAN]"),
        ("compte DE89370400440532013000 à", "compte [IBAN] à"),
        ("RPPS 10003456789", "RPPS [n° RPPS]"),
        ("RPPS : 10 003 456 789", "RPPS : [n° RPPS]"),
        ("mon 10003456789", "mon [n° RPPS]"),
        ("IPP 12345678", "IPP [n° de dossier patient]"),
        ("IPP n° A12345", "IPP n° [n° de dossier patient]"),
        # Births.
        ("né le 12/03/1956", f"né le {NEE}"),
        ("née le 12 mars 1956 à Lyon", f"née le {NEE} à Lyon"),
        ("né(e) le : 1er mars 1956", f"né(e) le : {NEE}"),
        ("né à Lyon le 12.03.56", f"né à Lyon le {NEE}"),
        ("DDN : 1956-03-12", f"DDN : {NEE}"),
        ("date de naissance 12 03 1956", f"date de naissance {NEE}"),
        # Addresses.
        ("au 12 rue de la Paix, 75002 Paris depuis", f"au {ADR} depuis"),
        ("12 bis avenue du Général de Gaulle 69003 Lyon", ADR),
        ("3 rue des lilas à nantes", f"{ADR} à nantes"),
        ("75011 Paris", ADR),
        ("97400 Saint-Denis", ADR),
        ("75679 PARIS CEDEX 14", ADR),
        # Names after a civility, in all the ways people type them.
        ("Mme Durand réclame", f"Mme {NOM} réclame"),
        ("M. Jean Dupont est décédé", f"M. {NOM} est décédé"),
        ("mme durand enceinte de 3 mois", f"mme {NOM} enceinte de 3 mois"),
        ("mr jean dupont veut", f"mr {NOM} veut"),
        ("Madame Durand, née Lefèvre", f"Madame {NOM}, née Lefèvre"),
        ("M. et Mme Dupont", f"M. et Mme {NOM}"),
        ("M. Dupont. Il a", f"M. {NOM}. Il a"),
        ("Mme D. demande", f"Mme {NOM} demande"),
        ("Mme d’Almeida et M. O'Brien", f"Mme {NOM} et M. {NOM}"),
        ("Mlle Le Goff", f"Mlle {NOM}"),
        ("Mme de La Tour part", f"Mme {NOM} part"),
        # Doctors are third persons too.
        ("Dr Martin", f"Dr {NOM}"),
        ("le Dr. Martin refuse", f"le Dr. {NOM} refuse"),
        ("le docteur Anne-Marie Durand m’a dit", f"le docteur {NOM} m’a dit"),
        ("docteur dupont refuse", f"docteur {NOM} refuse"),
        ("Bonjour Docteur Martin, je", f"Bonjour Docteur {NOM}, je"),
        ("le Pr Dupont", f"le Pr {NOM}"),
        # After other words, in full, in signatures.
        ("patient Dupont", f"patient {NOM}"),
        ("le patient DUPONT refuse", f"le patient {NOM} refuse"),
        ("ma patiente Marie Durand vient", f"ma patiente {NOM} vient"),
        ("mon confrère Paul Petit part", f"mon confrère {NOM} part"),
        ("je m’appelle sophie martin et", f"je m’appelle {NOM} et"),
        ("nom : Dupont prénom : Jean", f"nom : {NOM} prénom : {NOM}"),
        ("hier Jean Dupont a dit", f"hier {NOM} a dit"),
        ("DUPONT Jean", NOM),
        ("Merci.\nCordialement,\nA. Kouassi", f"Merci.\nCordialement,\n{NOM}"),
    ],
)
def test_personal_data_goes(text: str, masked: str) -> None:
    assert mask(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        # The law and its numbers.
        "L. 1111-8, R.4127-73, article 226-13, n° 449694, C-340/21, 2016/679, loi n° 2025-1403",
        "Cass. 1re civ., 15-21.468 ; CE 449694 ; CAA 17PA00912 ; SAN-2020-015 ; 2020-081",
        "RGPD 28, § 3, h) ; décret 2025-963 ; art. R6152-517 ; directive 2022/2555",
        "LEGIARTI000006912862 et JORFTEXT000053226384",
        "dossier n° 14076 de la chambre disciplinaire nationale",
        "le patient L. 1111-4 CSP ; droits du patient Article L1111-4",
        "le patient Code de la santé publique",
        # Dates, delays, amounts, quantities.
        "le 3 mars 2026, 72 h, 16 mai 2026 et 01.02.2026 12 h",
        "un médecin né en 1962 peut partir à 64 ans",
        "150 000 euros, 35000 Euros, 10000 Médecins, 20 000 000 d’euros",
        "SIRET 12345678901234",
        "12 places de parking, 12 cours de droit, de 2015 à 2026",
        # Civilities that name nobody.
        "M. le Président du conseil de l’Ordre",
        "Mme la secrétaire et Mme qui est venue",
        "Madame, Monsieur,",
        "Bonjour Maître, notre cabinet",
        "Bonjour Maître Notre cabinet",
        "Bonjour Docteur Je voudrais",
        "le docteur refuse, un docteur en médecine, mon dr refuse",
        "Docteur junior en stage, Professeur des universités, pr les patients",
        "Mme X et M. Y",
        "contrat sous traitant dr liberal, dr generaliste, mme presidente",
        "Bonjour Docteur J’ai une question, Madame L’Ordre m’écrit",
        "Monsieur Le Président, Madame La Ministre",
        "1560 3751 2345 600",
        # Capital letters that are not names.
        "un patient ALD ou un patient VIH, mon associé SELARL",
        "Doctolib est-il certifié HDS ? Microsoft Azure Paris",
        "Merci Maître",
        "Cordialement,\nUn médecin inquiet",
        "mon hébergeur OVH, mon éditeur Maiia",
    ],
)
def test_the_rest_stays(text: str) -> None:
    masked = mask(text)
    assert masked.text == text
    assert masked.kinds == frozenset()


def test_kinds_are_told() -> None:
    masked = mask("Mme Durand, née le 12/03/1956, 06 12 34 56 78")
    assert masked.kinds == {"nom", "naissance", "téléphone"}


_PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "Mme",
                "M.",
                "Dr",
                "patient",
                "Durand",
                "jean",
                "Jean",
                "DUPONT",
                "de",
                "la",
                "née le",
                "12/03/1956",
            ),
            *(
                "06 12 34 56 78",
                "1 56 03 75 123 456 78",
                "12 rue de la Paix",
                "75011",
                "Paris",
                "L. 1111-8",
                "A.",
            ),
            *(
                "a@b.fr",
                "10003456789",
                "IPP",
                "1234",
                "FR76",
                "3000 6000",
                ",",
                "\n",
                "Cordialement",
                "nom :",
                "[nom]",
            ),
        ]
    ),
    max_size=12,
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(_PIECES.map(" ".join), _PIECES.map("".join), st.text(max_size=120)))
def test_is_idempotent(text: str) -> None:
    once = mask(text)
    assert mask(once.text).text == once.text
    assert bool(once.kinds) == (once.text != text)


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "1",
        "0 ",
        "Mme ",
        "Jean ",
        "1 56 ",
        "a@",
        "a.",
        "12 rue de ",
        "né le ",
        "Jean-",
        "é'",
        "de la ",
        "De-La-",
        "dédé ",
    ],
)
def test_is_quick_on_the_longest_message(piece: str) -> None:
    started = time.perf_counter()
    for opening in ("", "75011 Paris ", "12 rue ", "Mme ", "Cordialement, "):
        mask(opening + (piece * 4_000)[:4_000])
    assert time.perf_counter() - started < 2.0


def test_the_cases_shared_with_the_widget() -> None:
    """Those that the widget points out before sending (widget/test/personal.test.ts reads them too)."""
    cases = json.loads((Path(__file__).parents[1] / "data" / "donnees_patient.json").read_text())
    assert len(cases) > 40
    for case in cases:
        assert mask(case["text"]).text == case["masked"]
