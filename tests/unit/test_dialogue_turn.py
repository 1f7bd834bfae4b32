"""Turns of a conversation over a published base: follow-ups, precisions, doubt, small talk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from knowledge_samples import HEBERGEMENT, REGISTER, SOUS_TRAITANT, cites, fiche, fresh_base

from bot.dialogue import texts
from bot.dialogue.context import Context
from bot.dialogue.match import Candidate, Match, QuestionMatch
from bot.dialogue.turn import FOLLOW_UPS, TALK, Dialogue, Message, Turn
from bot.fiches.model import Option, Precision, Relance
from bot.knowledge import publish

QUI = Precision(
    "Qui garde les données\u00a0?",
    (
        Option("Un prestataire", ("cloud", "prestataire"), "Il lui faut un certificat [CSP L1111-8, II]."),
        Option("Le cabinet", ("au cabinet", "moi-même"), "Pas de certificat."),
    ),
)
OU = Precision(
    "Dans quel pays\u00a0?",
    (Option("En France", ("france",), "Rien de plus."), Option("Ailleurs", ("états-unis",), "Un contrat.")),
)
AGE = Precision(
    "De quand datent-elles\u00a0?",
    (Option("Moins de cinq ans", (), "Huit jours."), Option("Plus de cinq ans", (), "Deux mois.")),
)
FICHES = [
    fiche(
        "certificat",
        titre="Mon hébergeur doit-il être certifié\u00a0?",
        en_bref="Oui, en principe. [CSP L1111-8, II]",
        en_detail="Il doit le renouveler tous les trois ans [CSP L1111-8, II].\n\nLe motif est la sécurité.",
        que_faire="- Demandez le certificat.",
        citations=(cites(HEBERGEMENT, "II"), cites(SOUS_TRAITANT)),
        precisions=(QUI,),
        relances=(Relance(("et s’il ne l’est pas", "et sans certificat"), "absence"),),
        voisines=("absence", "contrat"),
    ),
    fiche("absence", titre="Que risque-t-on sans hébergeur certifié\u00a0?", precisions=(), relances=()),
    fiche(
        "contrat",
        titre="Que doit contenir le contrat avec l’éditeur\u00a0?",
        questions=("quelles clauses dans le contrat de l’éditeur", "contrat de sous-traitance, contenu"),
        relances=(),
    ),
    fiche("deux", titre="Où sont mes données\u00a0?", precisions=(QUI, OU), relances=()),
    fiche("dossier", titre="Quel délai pour un dossier\u00a0?", precisions=(AGE,), relances=()),
]
LAST = Context(fiche="certificat", said="mon hébergeur doit-il être certifié ?")
NOBODY = Context()


@pytest.fixture(scope="module")
def dialogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dialogue]:
    with closing(fresh_base(f"sqlite:///{tmp_path_factory.mktemp('base') / 'maitre.db'}")) as base:
        publish(base, FICHES, REGISTER)
        yield Dialogue(base, {})


def say(
    dialogue: Dialogue,
    text: str,
    intent: str = "question",
    context: Context = NOBODY,
    *,
    in_form: bool = False,
    **found: float,
) -> Turn:
    candidates = tuple(Candidate(f, p) for f, p in sorted(found.items(), key=lambda x: -x[1]))
    question = QuestionMatch(text, candidates, coverage=1.0, words=4)
    return dialogue.answer(Message(text, intent, Match((question,)), in_form), context)


def kinds(turn: Turn) -> list[str]:
    return [reply.kind for reply in turn.replies]


def after(turn: Turn, said: str = "") -> Context:
    """The context that `turn` leaves to the next message."""
    case = (turn.case.fiche, turn.case.coded) if turn.case else None
    return Context(turn.fiche, case, turn.choices, turn.doubt, said)


# --- Precisions -------------------------------------------------------------------------------------


def test_the_answer_comes_first_then_the_question_that_refines_it(dialogue: Dialogue) -> None:
    turn = say(dialogue, "faut-il un certificat ?", certificat=0.9)
    assert kinds(turn) == ["answer", "question"]
    answer, question = turn.replies
    assert answer.citations
    assert [b.title for b in question.buttons] == ["Un prestataire", "Le cabinet", texts.DONT_KNOW]
    assert question.buttons[0].payload == '/precise{"fiche": "certificat", "choix": "0"}'
    assert "1. Un prestataire" in question.text


def test_what_the_message_tells_is_not_asked(dialogue: Dialogue) -> None:
    turn = say(dialogue, "mes dossiers sont dans le cloud, faut-il un certificat ?", certificat=0.9)
    assert kinds(turn) == ["answer"]
    summary = turn.replies[0].summary or ""
    assert summary.startswith("Oui, en principe"), "the answer first"
    assert (
        "**Dans votre cas, tel que je le lis (un prestataire)**\u00a0: Il lui faut un certificat" in summary
    )
    asked_again = turn.replies[0].buttons[-1]
    assert asked_again.title == texts.NOT_MY_CASE
    assert kinds(dialogue.precise("certificat", "?")) == ["question"]


@pytest.mark.parametrize("said", ["le cabinet", "2", "la deuxième", "je garde tout moi-même"])
def test_a_reply_in_words_gives_the_branch_that_fits(dialogue: Dialogue, said: str) -> None:
    asked = say(dialogue, "faut-il un certificat ?", certificat=0.9)
    turn = say(dialogue, said, "out_of_domain", after(asked))
    assert kinds(turn) == ["answer"]
    assert "Dans votre cas (le cabinet)" in turn.replies[0].text
    assert "Oui, en principe" in turn.replies[0].text
    assert turn.case is None


def test_a_reply_by_button_cites_what_it_says(dialogue: Dialogue) -> None:
    (reply,) = dialogue.precise("certificat", "0").replies
    assert "Dans votre cas (un prestataire)" in reply.text
    assert [c.id for c in reply.citations] == ["CSP L1111-8"]


def test_a_follow_up_that_shares_a_word_with_an_option_is_no_reply(dialogue: Dialogue) -> None:
    asked = say(dialogue, "quel délai ?", dossier=0.9)
    assert "Dans votre cas" not in say(dialogue, "plus simplement", "simplify", after(asked)).replies[0].text
    assert (
        "Dans votre cas (plus de cinq ans)"
        in say(dialogue, "plus de cinq ans", "simplify", after(asked)).replies[0].text
    )


def test_not_knowing_gives_every_case(dialogue: Dialogue) -> None:
    asked = say(dialogue, "faut-il un certificat ?", certificat=0.9)
    (reply,) = say(dialogue, "je ne sais pas", "dont_know", after(asked)).replies
    assert "*Un prestataire*" in reply.text
    assert "*Le cabinet*" in reply.text


def test_a_reply_that_names_no_case_gives_every_case_once(dialogue: Dialogue) -> None:
    asked = say(dialogue, "faut-il un certificat ?", certificat=0.9)
    turn = say(dialogue, "le mois prochain", "question", after(asked), contrat=0.1)
    assert kinds(turn) == ["answer"]
    assert texts.PRECISION_UNREAD in turn.replies[0].text
    assert turn.case is None


def test_two_questions_in_a_row_at_most(dialogue: Dialogue) -> None:
    first = say(dialogue, "où sont mes données ?", deux=0.9)
    assert kinds(first) == ["answer", "question"]
    second = say(dialogue, "un prestataire", "question", after(first))
    assert kinds(second) == ["answer", "question"]
    assert "Dans quel pays" in second.replies[1].text
    third = say(dialogue, "en france", "question", after(second))
    assert kinds(third) == ["answer"]
    assert third.replies[0].text.count("Dans votre cas") == 2


def test_only_what_is_unknown_is_asked(dialogue: Dialogue) -> None:
    turn = say(dialogue, "mes données sont aux États-Unis", deux=0.9)
    assert "Qui garde les données" in turn.replies[1].text
    assert turn.case is not None
    assert turn.case.coded == "?,1"
    assert kinds(say(dialogue, "au cabinet", "question", after(turn))) == ["answer"]


def test_a_new_question_is_not_taken_for_a_reply(dialogue: Dialogue) -> None:
    asked = say(dialogue, "faut-il un certificat ?", certificat=0.9)
    turn = say(dialogue, "Que contient le contrat avec mon prestataire ?", context=after(asked), contrat=0.9)
    assert [r.fiche for r in turn.replies] == ["contrat"]
    assert turn.replies[0].context is None


def test_a_case_named_in_another_question_is_no_reply(dialogue: Dialogue) -> None:
    asked = say(dialogue, "faut-il un certificat ?", certificat=0.9)
    turn = say(dialogue, "prestataire contrat clauses", context=after(asked), contrat=0.9)
    assert [r.fiche for r in turn.replies] == ["contrat"]


def test_a_yes_that_fits_no_case_alone_asks_which(dialogue: Dialogue) -> None:
    asked = say(dialogue, "faut-il un certificat ?", certificat=0.9)
    turn = say(dialogue, "oui", "affirm", after(asked))
    assert kinds(turn) == ["question"]
    assert turn.replies[0].text.startswith(texts.PRECISION_WHICH)


def test_a_question_not_understood_is_explained(dialogue: Dialogue) -> None:
    asked = say(dialogue, "faut-il un certificat ?", certificat=0.9)
    turn = say(dialogue, "je ne comprends pas", "dont_understand", after(asked))
    assert kinds(turn) == ["answer", "question"]
    assert texts.PRECISION_EXPLAINED in turn.replies[1].text
    assert turn.case == asked.case


def test_courtesies_leave_the_question_waiting(dialogue: Dialogue) -> None:
    asked = say(dialogue, "faut-il un certificat ?", certificat=0.9)
    turn = say(dialogue, "merci", "thank", after(asked))
    assert [r.text for r in turn.replies] == [texts.THANKS]
    assert turn.waits


def test_in_a_form_an_answer_asks_nothing(dialogue: Dialogue) -> None:
    assert kinds(say(dialogue, "faut-il un certificat ?", in_form=True, certificat=0.9)) == ["answer"]


def test_a_button_of_an_older_version_of_the_fiche_shows_it_anew(dialogue: Dialogue) -> None:
    assert kinds(dialogue.precise("certificat", "0,1")) == ["answer", "question"]
    assert kinds(dialogue.precise("retiree", "0")) == ["not_covered"]


def test_a_fiche_chosen_reads_the_words_said_before(dialogue: Dialogue) -> None:
    turn = dialogue.show("certificat", Message("", "show_fiche"), Context(said="certificat cloud"))
    assert kinds(turn) == ["answer"]
    assert "tel que je le lis (un prestataire)" in turn.replies[0].text


# --- Follow-ups -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("intent", "shown"),
    [
        ("simplify", "Oui, en principe."),
        ("dont_understand", "Oui, en principe."),
        ("elaborate", "Qui garde les données"),
        ("ask_reason", "Le motif est la sécurité."),
        ("ask_source", "article 28 du RGPD"),
        ("ask_steps", "Demandez le certificat."),
        ("ask_certainty", "Aucun juriste n’a encore relu cette fiche"),
        ("ask_duration", "trois ans"),
        ("repeat", "Le motif est la sécurité."),
    ],
)
def test_a_part_of_the_last_answer(dialogue: Dialogue, intent: str, shown: str) -> None:
    turn = say(dialogue, "suite", intent, LAST)
    reply = turn.replies[0]
    assert shown in reply.text.replace("\u00a0", " ")
    assert (reply.kind, reply.fiche, turn.fiche) == ("answer", "certificat", "certificat")
    assert reply.citations
    if intent != "repeat":
        assert reply.context == "À propos de\u00a0: Mon hébergeur doit-il être certifié\u00a0?"
        assert reply.text.startswith(reply.context)


@pytest.mark.parametrize("intent", ["ask_amount", "ask_risk"])
def test_what_the_fiche_does_not_say_is_said_so(dialogue: Dialogue, intent: str) -> None:
    (reply,) = say(dialogue, "combien ?", intent, LAST).replies
    assert reply.kind == "not_covered"
    assert texts.SILENT_ON[intent] in reply.text
    assert [b.payload for b in reply.buttons] == [
        '/show_fiche{"fiche": "absence"}',
        '/show_fiche{"fiche": "contrat"}',
        "/other_subject",
        "/hand_off",
    ]


@pytest.mark.parametrize(
    "text",
    ["et s’il ne l’est pas ?", "Et s'il n'est pas certifié ?", "ET SANS CERTIFICAT", "sans certificat"],
)
def test_a_declared_relance_and_what_is_like_it(dialogue: Dialogue, text: str) -> None:
    (reply,) = say(dialogue, text, "elliptic", LAST).replies
    assert reply.fiche == "absence"
    assert reply.context == "À propos de\u00a0: Mon hébergeur doit-il être certifié\u00a0?"


def test_a_case_of_the_fiche_is_recognised(dialogue: Dialogue) -> None:
    (reply,) = say(dialogue, "et si je le fais moi-même ?", "elliptic", LAST).replies
    assert (reply.kind, reply.fiche) == ("answer", "certificat")
    assert "Dans votre cas (le cabinet)" in reply.text


def test_a_case_named_beside_something_else_is_not_enough(dialogue: Dialogue) -> None:
    (reply,) = say(dialogue, "et mon prestataire, puis-je le payer moins ?", "elliptic", LAST).replies
    assert reply.kind == "not_covered"


def test_a_neighbour_is_answered_when_it_is_sure_and_offered_when_it_may(dialogue: Dialogue) -> None:
    sure = say(dialogue, "et les clauses du contrat de l’éditeur ?", "elliptic", LAST)
    assert [(r.kind, r.fiche) for r in sure.replies] == [("answer", "contrat")]
    assert sure.replies[0].context
    likely = say(dialogue, "et le contrat ?", "elliptic", LAST)
    assert kinds(likely) == ["choices"]
    assert likely.choices == ("contrat",)
    assert texts.NEIGHBOUR_LIKELY in likely.replies[0].text


def test_what_was_said_before_settles_a_doubt(dialogue: Dialogue) -> None:
    turn = say(dialogue, "clauses du contrat de l’éditeur", context=LAST, contrat=0.5, absence=0.4)
    assert [(r.kind, r.fiche) for r in turn.replies] == [("answer", "contrat")]
    assert turn.replies[0].context
    assert kinds(say(dialogue, "clauses du contrat de l’éditeur", contrat=0.5, absence=0.4)) == ["choices"]


def test_the_same_question_again_gets_the_essential(dialogue: Dialogue) -> None:
    turn = say(dialogue, "et ce certificat est-il vraiment obligatoire ?", "elliptic", LAST, certificat=0.9)
    assert [r.summary for r in turn.replies] == ["Oui, en principe. (art.\u00a0L.\u00a01111-8, II, CSP)"]


def test_something_else_is_never_answered_from_the_last_fiche(dialogue: Dialogue) -> None:
    turn = say(dialogue, "et pour mon chien ?", "elliptic", LAST, certificat=0.9)
    assert kinds(turn) == ["not_covered"]
    assert texts.SILENT in turn.replies[0].text


def test_a_full_question_changes_the_subject(dialogue: Dialogue) -> None:
    turn = say(dialogue, "quelles clauses dans le contrat ?", context=LAST, contrat=0.95)
    assert [(r.fiche, r.context) for r in turn.replies] == [("contrat", None)]
    # Even when it looks like a follow-up.
    turn = say(dialogue, "quels articles dans le contrat ?", "ask_source", LAST, contrat=0.95)
    assert [r.fiche for r in turn.replies] == ["contrat"]


def test_the_neighbours_are_offered_and_chosen_in_words(dialogue: Dialogue) -> None:
    offered = say(dialogue, "et sinon ?", "ask_other", LAST)
    assert offered.choices == ("absence", "contrat")
    turn = say(dialogue, "la deuxième", "choose", after(offered))
    assert [r.fiche for r in turn.replies] == ["contrat"]


def test_neighbours_offered_are_no_doubt(dialogue: Dialogue) -> None:
    silent = say(dialogue, "combien ça coûte ?", "ask_amount", LAST)
    assert [r.fiche for r in say(dialogue, "2", "choose", after(silent)).replies] == ["contrat"]
    doubt = say(dialogue, "certificat contrat", context=after(silent), certificat=0.4, contrat=0.3)
    assert kinds(doubt) == ["choices"]


@pytest.mark.parametrize("intent", sorted(FOLLOW_UPS))
def test_without_context_a_follow_up_asks_for_the_question(dialogue: Dialogue, intent: str) -> None:
    turn = say(dialogue, "et ça", intent)
    assert kinds(turn) == ["notice"]
    assert turn.replies[0].text in (texts.NO_CONTEXT, texts.REPHRASE)


def test_without_context_a_sure_question_is_answered_whatever_it_looks_like(dialogue: Dialogue) -> None:
    assert say(dialogue, "durée du contrat", "ask_duration", contrat=0.9).fiche == "contrat"


def test_a_withdrawn_fiche_is_no_context(dialogue: Dialogue) -> None:
    assert kinds(say(dialogue, "la source ?", "ask_source", Context(fiche="retiree"))) == ["notice"]


# --- Doubt ------------------------------------------------------------------------------------------


def test_doubt_offers_titles_and_something_else(dialogue: Dialogue) -> None:
    turn = say(dialogue, "certificat contrat", certificat=0.4, contrat=0.3)
    (reply,) = turn.replies
    assert reply.kind == "choices"
    assert [b.title for b in reply.buttons][-1] == texts.OTHER
    assert turn.choices == ("certificat", "contrat")
    assert not reply.citations


def test_twice_in_doubt_leads_to_people(dialogue: Dialogue) -> None:
    first = say(dialogue, "certificat contrat", certificat=0.4)
    other = say(dialogue, "", "other_subject", after(first))
    assert [r.text for r in other.replies] == [texts.REPHRASE]
    second = say(dialogue, "contrat certificat", context=after(other), contrat=0.4)
    assert [(r.kind, r.text) for r in second.replies] == [("not_covered", texts.HAND_OFF)]
    assert second.choices == ()


def test_yes_chooses_the_one_title_offered(dialogue: Dialogue) -> None:
    first = say(dialogue, "certificat cloud", certificat=0.4)
    turn = say(dialogue, "oui", "affirm", after(first, "certificat cloud"))
    assert [r.fiche for r in turn.replies] == ["certificat"]
    assert "tel que je le lis (un prestataire)" in turn.replies[0].text


@pytest.mark.parametrize(
    ("text", "intent"),
    [("non", "deny"), ("aucune des deux", "deny"), ("Autre chose", "ask_other"), ("", "other_subject")],
)
def test_none_of_the_titles_asks_for_other_words(dialogue: Dialogue, text: str, intent: str) -> None:
    first = say(dialogue, "certificat contrat", certificat=0.4, contrat=0.3)
    assert [r.text for r in say(dialogue, text, intent, after(first)).replies] == [texts.REPHRASE]


def test_a_sure_question_ends_the_doubt(dialogue: Dialogue) -> None:
    first = say(dialogue, "certificat contrat", certificat=0.4, contrat=0.3)
    turn = say(dialogue, "que doit contenir le contrat ?", context=after(first), contrat=0.9)
    assert [r.fiche for r in turn.replies] == ["contrat"]


# --- Small talk and several questions ---------------------------------------------------------------


@pytest.mark.parametrize("intent", sorted(TALK))
def test_small_talk_is_answered_without_law(dialogue: Dialogue, intent: str) -> None:
    turn = say(dialogue, "…", intent, LAST)
    assert [(r.kind, r.text, r.citations) for r in turn.replies] == [("notice", TALK[intent], ())]
    assert not turn.forget


def test_a_new_element_is_no_small_talk(dialogue: Dialogue) -> None:
    assert kinds(say(dialogue, "et s’il ne répond pas ?", "complain", LAST)) == ["not_covered"]
    assert kinds(say(dialogue, "et non", "deny", LAST)) == ["notice"]
    assert kinds(say(dialogue, "d’accord alors", "affirm", LAST)) == ["notice"]


def test_a_long_message_is_a_question_whatever_it_sounds_like(dialogue: Dialogue) -> None:
    text = "Je ne sais pas quel certificat exiger de mon hébergeur de dossiers médicaux"
    assert say(dialogue, text, "dont_know", certificat=0.9).fiche == "certificat"


def test_letting_go_forgets_the_case(dialogue: Dialogue) -> None:
    turn = say(dialogue, "laissez tomber", "stop", LAST)
    assert turn.forget
    assert [r.text for r in turn.replies] == [texts.STOPPED]


def test_two_questions_get_two_answers_and_no_question_back(dialogue: Dialogue) -> None:
    asked = tuple(
        QuestionMatch(id_, (Candidate(id_, 0.9),), coverage=1.0, words=4) for id_ in ("certificat", "contrat")
    )
    turn = dialogue.answer(Message("certificat ? contrat ?", "question", Match(asked)), NOBODY)
    assert [r.fiche for r in turn.replies] == ["certificat", "contrat"]
    assert turn.fiche == "contrat"
    assert turn.case is None


def test_a_message_without_question_is_out_of_domain(dialogue: Dialogue) -> None:
    assert kinds(dialogue.answer(Message("…", "question"), NOBODY)) == ["out_of_domain"]
