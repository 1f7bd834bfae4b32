"""Fiches and articles for the tests of the published base."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from bot.fiches.model import Appui, Epreuve, Fiche, FicheCitation, Relance, Statut, Style
from bot.knowledge import KnowledgeBase, open_base
from bot.knowledge.migrate import upgrade
from bot.law.reference import Citation, Reference
from bot.law.register import Etat, Register, RegisterEntry, Verifie

HEBERGEMENT = Reference("CSP", "L1111-8")
SOUS_TRAITANT = Reference("RGPD", "28")


def entry(reference: Reference, **changes: Any) -> RegisterEntry:
    """An entry of the law register, altered by `changes`."""
    sample = RegisterEntry(
        ref=reference,
        titre=f"Titre de {reference.key}",
        url=f"https://exemple.test/{reference.number}",
        version_du=date(2025, 7, 1),
        etat=Etat.VIGUEUR,
        verifie=Verifie.OFFICIEL,
        verifie_le=date(2026, 11, 23),
        source="lecture de la page officielle",
    )
    return replace(sample, **changes)


REGISTER = Register([entry(HEBERGEMENT), entry(SOUS_TRAITANT, version_du=None, verifie=Verifie.COPIE)])


def cites(reference: Reference, *pinpoint: str, appui: Appui = Appui.COPIE) -> FicheCitation:
    """A citation as a fiche declares it."""
    return FicheCitation(Citation(reference, pinpoint), appui)


def fiche(fiche_id: str, **changes: Any) -> Fiche:
    """A published fiche, altered by `changes`."""
    sample = Fiche(
        id=fiche_id,
        titre=f"Titre de {fiche_id}\u00a0?",
        theme="hebergement",
        statut=Statut.PUBLIE,
        dossier=("donnees/A2",),
        redige_le=date(2026, 11, 24),
        redige_par="Rédaction",
        a_revoir_avant=date(2027, 5, 24),
        questions=("mon hébergeur doit-il être certifié",),
        epreuves=(Epreuve("leur faut-il un agrément", Style.ORAL),),
        citations=(cites(HEBERGEMENT, "II"),),
        en_bref="Oui. [CSP L1111-8, II]",
        en_detail="Toute personne qui héberge… [CSP L1111-8, II]",
        relances=(Relance(("et sinon",), "autre"),),
    )
    return replace(sample, **changes)


def fresh_base(url: str) -> KnowledgeBase:
    """A base at `url` whose tables are up to date and empty."""
    base = open_base(url)
    upgrade(base)
    return base
