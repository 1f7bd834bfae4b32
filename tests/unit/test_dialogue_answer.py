"""Replies built from fiches and from the register."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from bot.dialogue import answer as build
from bot.fiches.model import Appui, Epreuve, Fiche, FicheCitation, Option, Precision, Statut, Style
from bot.knowledge import Article, FicheTitle, PublishedFiche
from bot.law.parse import parse_canonical

FICHE = Fiche(
    id="hds",
    titre="Mon hébergeur doit-il être certifié\u00a0?",
    theme="hebergement",
    statut=Statut.PUBLIE,
    dossier=("donnees/A2",),
    redige_le=date(2026, 11, 24),
    redige_par="Rédaction",
    a_revoir_avant=date(2027, 5, 24),
    questions=("mon hébergeur doit-il être certifié",),
    epreuves=(Epreuve("agrément hébergeur", Style.MOTS_CLES),),
    citations=(
        FicheCitation(parse_canonical("CSP L1111-8, II"), Appui.COPIE),
        FicheCitation(parse_canonical("DOC ans-faq-hds"), Appui.OFFICIEL),
    ),
    en_bref="Oui [CSP L1111-8, II] [DOC ans-faq-hds].",
    en_detail="Voyez la liste, et un [lien](https://exemple.fr).",
    voisines=("autre", "retiree"),
)
ARTICLES = {
    "CSP L1111-8": Article(
        key="CSP L1111-8",
        code="CSP",
        number="L1111-8",
        titre="Hébergement des données de santé",
        url="https://www.legifrance.gouv.fr/x",
        version_du=date(2025, 7, 1),
        etat="vigueur",
        verifie="copie",
        verifie_le=date(2026, 11, 23),
        source="copie",
        note="",
        remplace_par=None,
    ),
    "DOC ans-faq-hds": Article(
        key="DOC ans-faq-hds",
        code="DOC",
        number="ans-faq-hds",
        titre="ANS, questions fréquentes sur l’hébergement",
        url="https://esante.gouv.fr",
        version_du=None,
        etat="vigueur",
        verifie="officiel",
        verifie_le=date(2026, 11, 23),
        source="site",
        note="",
        remplace_par=None,
    ),
}
PUBLISHED = PublishedFiche(FICHE, 3, datetime(2026, 11, 24, tzinfo=UTC))


def test_an_answer_names_its_fiche_version_and_citations() -> None:
    reply = build.answer(PUBLISHED, ARTICLES, {"autre": "Autre fiche"}, 0.9)
    assert (reply.kind, reply.fiche, reply.version, reply.confidence) == ("answer", "hds", 3, 0.9)
    first, second = reply.citations
    assert first.id == "CSP L1111-8"
    assert first.pinpoint == "II"
    assert first.version_since == "2025-07-01"
    assert first.label.replace("\u00a0", " ") == "article L. 1111-8, II, du code de la santé publique"
    assert second.label == "ANS, questions fréquentes sur l’hébergement"
    assert "version du 01/07/2025" in reply.text
    assert "à contrôler sur le site officiel" in reply.text


def test_marks_become_readable_and_neighbours_share_brackets() -> None:
    summary = build.answer(PUBLISHED, ARTICLES, {}).summary
    assert summary is not None
    assert summary.replace("\u00a0", " ") == (
        "Oui (art. L. 1111-8, II, CSP ; ANS, questions fréquentes sur l’hébergement)."
    )
    assert "[lien](https://exemple.fr)" in build.answer(PUBLISHED, ARTICLES, {}).text


def test_what_the_answer_depends_on_is_told_case_by_case() -> None:
    options = (
        Option("Chez un prestataire", ("cloud",), "Il doit être certifié [CSP L1111-8, II]."),
        Option("Au cabinet", ("serveur",), "Pas de certificat."),
    )
    fiche = replace(FICHE, precisions=(Precision("Où sont vos dossiers\u00a0?", options),))
    details = build.answer(replace(PUBLISHED, fiche=fiche), ARTICLES, {}).details
    assert details is not None
    assert "**Où sont vos dossiers\u00a0?**" in details
    assert "- *Chez un prestataire*\u00a0: Il doit être certifié (art." in details


def test_only_published_neighbours_are_offered() -> None:
    reply = build.answer(PUBLISHED, ARTICLES, {"autre": "Autre fiche"})
    assert [r.fiche for r in reply.related] == ["autre"]
    assert reply.buttons[0].payload == '/show_fiche{"fiche": "autre"}'


def test_what_no_lawyer_signed_says_so() -> None:
    unsigned = build.answer(PUBLISHED, ARTICLES, {})
    assert unsigned.review is not None
    assert unsigned.review.status == "non_relu"
    assert "pas encore relue par un juriste" in unsigned.text
    signed = replace(FICHE, relu_par="Une juriste", relu_le=date(2026, 12, 1))
    reply = build.answer(replace(PUBLISHED, fiche=signed), ARTICLES, {})
    assert reply.review is not None
    assert (reply.review.status, reply.review.on, reply.review.by) == ("relu", "2026-12-01", "Une juriste")
    assert "Relue le 01/12/2026 par Une juriste" in reply.text


def test_an_article_is_described_never_quoted() -> None:
    citing = [FicheTitle(f"f{i}", f"Titre {i}") for i in range(8)]
    reply = build.law(parse_canonical("CSP L1111-8, II"), ARTICLES["CSP L1111-8"], citing)
    assert reply.kind == "law"
    assert "https://www.legifrance.gouv.fr/x" in reply.text
    assert len(reply.related) == 5
    assert "et 3 autres" in reply.text


def test_an_unknown_article_is_not_cited_from_memory() -> None:
    reply = build.law(parse_canonical("CC 1240"), None, [])
    assert "Je n’ai rien sur l’article" in reply.text
    assert reply.citations[0].url == ""


def test_unavailable_gives_no_law() -> None:
    reply = build.unavailable()
    assert reply.kind == "unavailable"
    assert not reply.citations
    assert "art." not in reply.text
