"""The walk: replies, hints, back, corrections, dates; over every path of the real diagnoses."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.diagnostics import walk
from bot.diagnostics.conclude import PLACE, conclude
from bot.diagnostics.dates import PARIS, shift
from bot.diagnostics.model import Diagnostic, Question, Tranche
from bot.diagnostics.parse import load_sources
from bot.diagnostics.paths import concluding, paths
from bot.diagnostics.walk import Act, State, current, hear, start, trail
from bot.law.parse import find_marks

FOLDER = Path(__file__).parents[2] / "data" / "diagnostics"
NOW = datetime(2026, 11, 28, 10, 0, tzinfo=PARIS)
KNOWN = {s.diagnostic.id: s.diagnostic for s in load_sources(FOLDER) if s.diagnostic is not None}
EN_REGLE, INCIDENT = KNOWN["suis-je-en-regle"], KNOWN["incident"]


def _walk(diagnostic: Diagnostic, *messages: str, opening: str = "") -> walk.Heard:
    heard = start(diagnostic, opening, NOW)
    for message in messages:
        heard = hear(diagnostic, heard.state, message, NOW)
    return heard


def _asked(diagnostic: Diagnostic, heard: walk.Heard) -> str | None:
    question = current(diagnostic, heard.state, NOW)
    return question.id if question else None


def test_the_four_diagnoses_are_there() -> None:
    assert sorted(KNOWN) == ["incident", "remplacement", "retraite", "suis-je-en-regle"]


def test_answers_lead_to_the_conclusion() -> None:
    heard = _walk(EN_REGLE, "non", "dans le cloud de mon éditeur", "il n'est pas certifié", "non", "aucune")
    assert _asked(EN_REGLE, heard) is None
    assert dict(heard.state.answers) == {
        "incident": "non",
        "hebergement": "prestataire",
        "certificat": "non",
        "contrat": "non",
        "mesures": "peu",
    }


@pytest.mark.parametrize(
    "reply", ["2", "la deuxième", "option 2", "Non", "NON.", "non merci", "aucun incident"]
)
def test_an_option_may_be_said_in_several_ways(reply: str) -> None:
    assert _asked(EN_REGLE, _walk(EN_REGLE, reply)) == "hebergement"


def test_what_the_opening_message_says_is_not_asked() -> None:
    heard = start(
        EN_REGLE, "Suis-je en règle ? Mes dossiers sont dans le cloud de mon éditeur, non certifié.", NOW
    )
    heard = hear(EN_REGLE, heard.state, "non", NOW)
    assert _asked(EN_REGLE, heard) == "contrat"


def test_a_word_of_another_subject_answers_nothing() -> None:
    heard = start(EN_REGLE, "Dois-je souscrire un système anti-cyberattaque ?", NOW)
    assert _asked(EN_REGLE, heard) == "incident"


@pytest.mark.parametrize(
    "text",
    ["stop", "Stop !", "laissez tomber", "annuler", "j'abandonne", "on arrête là", "non merci, j'arrête"],
)
def test_one_may_leave(text: str) -> None:
    assert _walk(EN_REGLE, "non", text).act is Act.LEFT


@pytest.mark.parametrize("text", ["stop au tabac", "mon éditeur a annulé le contrat", "rien n'est arrêté"])
def test_words_of_leaving_in_a_sentence_do_not_leave(text: str) -> None:
    assert _walk(EN_REGLE, "non", text).act is not Act.LEFT


@pytest.mark.parametrize("text", ["retour", "Précédent", "question précédente", "revenir en arrière"])
def test_one_may_go_back(text: str) -> None:
    heard = _walk(EN_REGLE, "non", "au cabinet", text)
    assert (heard.act, _asked(EN_REGLE, heard)) == (Act.BACK, "hebergement")


def test_there_is_nothing_before_the_first_question() -> None:
    heard = _walk(EN_REGLE, "retour")
    assert (heard.act, _asked(EN_REGLE, heard)) == (Act.AT_START, "incident")


def test_an_earlier_answer_may_be_corrected_and_the_rest_is_kept() -> None:
    heard = _walk(EN_REGLE, "non", "chez mon éditeur", "oui", "oui", "finalement il n'est pas certifié")
    assert heard.act is Act.CORRECTED
    assert dict(heard.state.answers)["certificat"] == "non"
    assert dict(heard.state.answers)["contrat"] == "oui"
    assert _asked(EN_REGLE, heard) == "mesures"


def test_a_correction_that_changes_the_way_forgets_what_no_longer_applies() -> None:
    heard = _walk(EN_REGLE, "non", "chez mon éditeur", "oui", "en fait tout reste au cabinet")
    assert heard.act is Act.CORRECTED
    assert dict(heard.state.answers) == {"incident": "non", "hebergement": "cabinet"}
    assert _asked(EN_REGLE, heard) == "mesures"


def test_what_is_not_understood_is_counted_until_something_is() -> None:
    heard = _walk(EN_REGLE, "gloubi", "boulga")
    assert (heard.act, heard.state.misses) == (Act.NOT_UNDERSTOOD, 2)
    assert hear(EN_REGLE, heard.state, "non", NOW).state.misses == 0


def test_a_date_is_confirmed_before_it_counts() -> None:
    opening = "nous avons été piratés"
    heard = _walk(INCIDENT, "mon éditeur", "non", "cabinet", "hier soir", opening=opening)
    assert (heard.act, heard.state.pending) == (Act.TO_CONFIRM, "2026-11-27T18:00+01:00")
    assert _asked(INCIDENT, heard) == "decouverte"
    again = hear(INCIDENT, heard.state, "non, plutôt 20h", NOW)
    assert again.state.pending == "2026-11-27T20:00+01:00"
    refused = hear(INCIDENT, heard.state, "non", NOW)
    assert (refused.state.pending, _asked(INCIDENT, refused)) == (None, "decouverte")
    agreed = hear(INCIDENT, again.state, "oui", NOW)
    assert _asked(INCIDENT, agreed) == "risque"


def test_what_has_happened_cannot_lie_in_the_future() -> None:
    heard = _walk(INCIDENT, "cabinet", "non", "cabinet", "demain", opening="nous avons été piratés")
    assert (heard.act, heard.state.pending) == (Act.IN_FUTURE, None)


def test_a_date_of_the_opening_message_is_still_confirmed() -> None:
    opening = "on a perdu une clé USB avant-hier à 14h"
    heard = start(INCIDENT, opening, NOW)
    assert (_asked(INCIDENT, heard), heard.state.pending) == ("decouverte", "2026-11-26T14:00+01:00")


def test_the_state_never_holds_what_was_written() -> None:
    opening = "Mon patient Untel a été touché, nous avons été piratés"
    heard = _walk(INCIDENT, "le serveur de l'éditeur de Mme Untel", "assurance cyber", opening=opening)
    assert "Untel" not in repr(heard.state)


def test_progress_counts_the_longest_way_left() -> None:
    assert walk.progress(EN_REGLE, start(EN_REGLE, "", NOW).state, NOW) == (1, 5)
    assert walk.progress(EN_REGLE, _walk(EN_REGLE, "non", "au cabinet").state, NOW) == (3, 3)


def test_a_state_of_another_time_is_walked_as_far_as_it_makes_sense() -> None:
    forged = State("suis-je-en-regle", (("incident", "non"), ("hebergement", "nulle part"), ("x", "y")))
    assert [stop.question.id for stop in trail(EN_REGLE, forged, NOW)] == ["incident"]


def _date_in(question: Question, tranche: Tranche) -> str:
    """A date that falls into `tranche`."""
    bounded = [t for t in question.tranches if t.avant is not None]
    if tranche.avant is not None:
        when = shift(NOW, tranche.avant) - timedelta(days=2)
    else:
        when = shift(NOW, bounded[-1].avant or tranche.avant) + timedelta(hours=40)  # type: ignore[arg-type]
    return when.isoformat(timespec="minutes")


@pytest.mark.parametrize("diagnostic", KNOWN.values(), ids=lambda d: d.id)
def test_every_path_is_walked_to_a_conclusion_that_cites(diagnostic: Diagnostic) -> None:
    walked = 0
    for outcomes in paths(diagnostic):
        answers = []
        for question_id, outcome in outcomes.items():
            question = diagnostic.question(question_id)
            assert question is not None
            tranche = next((t for t in question.tranches if t.id == outcome), None)
            answers.append((question_id, _date_in(question, tranche) if tranche else outcome))
        state = State(diagnostic.id, tuple(answers))
        assert current(diagnostic, state, NOW) is None
        assert {s.question.id: s.outcome for s in trail(diagnostic, state, NOW)} == outcomes
        concluded = conclude(diagnostic, state, NOW)
        assert any(mark.citation for mark in find_marks(concluded.summary)), outcomes
        assert concluded.citations
        assert concluded.steps.startswith("1. ")
        whole = "\n".join((concluded.summary, concluded.details, concluded.steps, concluded.caveats))
        assert not PLACE.search(whole)
        assert {m.citation for m in find_marks(whole)} == {c.citation for c in concluded.citations}
        assert concluding(diagnostic, outcomes)
        walked += 1
    assert walked == len({tuple(o.items()) for o in paths(diagnostic)})


def _concluded(diagnostic: Diagnostic, **answers: str) -> tuple[str, str, str]:
    state = State(diagnostic.id, tuple((k.replace("_", "-"), v) for k, v in answers.items()))
    assert current(diagnostic, state, NOW) is None
    concluded = conclude(diagnostic, state, NOW)
    plain = (concluded.summary, concluded.steps, concluded.caveats)
    return tuple(text.replace("\u00a0", " ") for text in plain)  # type: ignore[return-value]


def test_an_incident_in_time_has_its_72_hours() -> None:
    summary, steps, _ = _concluded(
        INCIDENT,
        nature="attaque",
        systeme="cabinet",
        assurance="oui",
        structure="cabinet",
        decouverte="2026-11-27T18:00+01:00",
        risque="eleve",
    )
    assert "lundi 30/11/2026 à 18 h" in summary
    assert steps.count("**Au plus tard lundi 30/11/2026 à 18 h :**") == 2  # the CNIL and the complaint
    assert steps.index("Débranchez") < steps.index("notifiez la CNIL") < steps.index("Prévenez les patients")


def test_an_incident_found_too_late_says_what_to_do() -> None:
    summary, steps, _ = _concluded(
        INCIDENT,
        nature="attaque",
        systeme="prestataire",
        assurance="oui",
        structure="centre",
        decouverte="2026-11-20T09:00+01:00",
        risque="inconnu",
    )
    assert "Les 72 heures sont passées (lundi 23/11/2026 à 9 h)" in summary
    assert "Délai dépassé (lundi 23/11/2026 à 9 h)" in steps
    assert "motifs du retard" in steps


def test_an_unreadable_device_is_not_notified_but_traced() -> None:
    summary, steps, _ = _concluded(INCIDENT, nature="vol", decouverte="2026-11-27", risque="faible")
    assert "La notification n’est souvent pas due" in summary
    assert "RGPD 33, § 5" in steps
    assert "Au plus tard" not in steps


def test_a_retirement_has_its_calendar() -> None:
    summary, steps, _ = _concluded(
        KNOWN["retraite"],
        exercice="conventionne",
        dispense="non",
        cadre="seul",
        successeur="non",
        depart="2027-06-30",
        apres="aucun",
    )
    assert "au plus tard le mercredi 30/12/2026" in summary
    assert "commence le jeudi 01/07/2027" in summary
    assert "Au plus tard mercredi 30/12/2026 :** Informez l’ARS" in steps
    assert "Du lundi 01/02/2027 au mercredi 30/06/2027 :** Demandez la pension" in steps
    assert "Au plus tard dimanche 29/08/2027 :** Déclarez la cessation" in steps


def test_a_retirement_too_close_says_that_the_notice_is_late() -> None:
    summary, steps, _ = _concluded(
        KNOWN["retraite"],
        exercice="conventionne",
        dispense="non",
        cadre="seul",
        successeur="oui",
        depart="2026-12-31",
        apres="cumul",
    )
    assert "elle tombait le mardi 30/06/2026" in summary
    assert "Délai dépassé (mardi 30/06/2026)" in steps
    assert "Dès maintenant et jusqu’au jeudi 31/12/2026" in steps
    assert "1er janvier 2027" in summary


def test_who_is_exempt_has_no_notice() -> None:
    summary, steps, _ = _concluded(
        KNOWN["retraite"],
        exercice="conventionne",
        dispense="oui",
        cadre="seul",
        successeur="oui",
        depart="2027-06-30",
        apres="aucun",
    )
    assert "dispensé du préavis" in summary
    assert "Informez l’ARS" not in steps


def test_a_replacement_by_a_student_is_authorised_first() -> None:
    summary, steps, _ = _concluded(
        KNOWN["remplacement"], qui="etudiant", debut="2027-01-04", duree="longue", motif="conge"
    )
    assert "il faut une autorisation" in summary
    assert "le dimanche 04/04/2027" in steps
    assert "Au plus tard dimanche 03/01/2027 :** Informez le conseil" in steps


def test_working_elsewhere_in_private_practice_is_no() -> None:
    summary, *_ = _concluded(
        KNOWN["remplacement"],
        qui="inscrit",
        debut="2027-01-04",
        duree="courte",
        motif="ailleurs",
        ou="liberal",
    )
    assert "Exercer en libéral ailleurs pendant ce temps : non" in summary


def test_what_is_missing_is_told_item_by_item() -> None:
    summary, steps, _ = _concluded(
        EN_REGLE, incident="non", hebergement="prestataire", certificat="non", contrat="non", mesures="peu"
    )
    for missing in ("Certificat : il manque", "Contrat : il manque", "Mesures du cabinet : à compléter"):
        assert missing in summary
    assert "sans couper l’accès" in steps
