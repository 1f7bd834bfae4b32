"""A conversation for the tests of its transcript."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.dialogue import transcript as offered
from bot.dialogue.reply import Button, Reply, ReplyCitation, Review
from bot.transcript.model import Conversation, Exchange

AT = datetime(2026, 7, 1, 21, 59, tzinfo=UTC)  # a minute before midnight, in Paris a minute to 2 July
URL = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000049577902"
ANSWER = Reply(
    kind="answer",
    text="Oui. …",
    fiche="hds-obligation",
    version=3,
    title="L’hébergeur de mes dossiers doit-il être certifié\u00a0?",
    summary="**Oui** dès lors qu’un tiers héberge (art. L. 1111-8, II, CSP).",
    details="Premier point.\n\n- *Conventionné*\u00a0: cas un\n- cas deux\n    1. puis\n    2. enfin",
    steps="- Demandez le certificat.",
    caveats="Vérifiez le [périmètre](https://esante.gouv.fr/hds).",
    citations=(
        ReplyCitation(
            id="CSP L1111-8",
            label="article L. 1111-8, II, du code de la santé publique",
            pinpoint="II",
            url=URL,
            version_since="2025-07-01",
            status="modifie",
            support="copie",
        ),
        ReplyCitation(
            id="CA 21/01214",
            label="cour d’appel, n° 21/01214",
            pinpoint="",
            url="",
            version_since=None,
            status="vigueur",
            support="officiel",
        ),
    ),
    buttons=(Button(title="Une voisine", payload="/show_fiche"),),
    review=Review(status="non_relu"),
)
SIGNED = Reply(
    kind="answer",
    text="Non.",
    fiche="rgpd",
    version=1,
    review=Review(status="relu", on="2026-11-20", by="Me Martin"),
)
PRECISION = Reply(
    kind="question",
    text="Êtes-vous conventionné\u00a0?\n\n1. Oui",
    buttons=(Button(title="Oui", payload="/a"), Button(title="Je ne sais pas", payload="/b")),
)
CONVERSATION = Conversation(
    (
        Exchange(AT, "Mon hébergeur <certifié>\u00a0?\nMme [nom] demande.", (ANSWER, PRECISION)),
        Exchange(AT + timedelta(minutes=1), "Oui", (SIGNED,)),
        Exchange(AT + timedelta(minutes=2), "imprimer", (offered.offer(),)),
    )
)
