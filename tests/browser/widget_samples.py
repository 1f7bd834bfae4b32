"""Replies in every shape, for what the real server does not say on demand, and for what it must never say."""

from __future__ import annotations

from typing import Any

LETTER = """Bonjour Maître,

Nous sommes un cabinet de quatre généralistes à Rennes. Notre logiciel garde toutes les données médicales
dans le cloud de l'éditeur, avec une sauvegarde quotidienne, et notre ordinateur a une protection payante.

Devons-nous souscrire en plus un système anti-cyberattaque ?

Merci d'avance, bien confraternellement."""
QUESTION = "L'hébergeur de mes dossiers patients doit-il être certifié HDS ?"
OFF_TOPIC = "quel antibiotique pour une angine ?"
ARTICLE = "que dit l'article L. 1111-8 du code de la santé publique ?"
UNCLEAR = "certification"

CITATION = {
    "id": "CSP L1111-8",
    "label": "article\u00a0L.\u00a01111-8, II, du code de la santé publique",
    "pinpoint": "II",
    "url": "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000049577902",
    "version_since": "2025-07-01",
    "status": "modifie",
    "support": "copie",
}

ANSWER: dict[str, Any] = {
    "kind": "answer",
    "text": "**Titre**\n\nOui (art. L. 1111-8, II, CSP).\n\n**Sources**\n\n- [article](https://example.fr/a)",
    "context": "À propos de l’hébergement\u00a0:",
    "title": "L’hébergeur doit-il être certifié\u00a0?",
    "summary": "Oui, **dès lors** qu’un tiers *héberge* (art. L. 1111-8, II, CSP).",
    "details": "Premier.\n\n- un\n- deux\n\n1. Un\n2. Deux",
    "steps": "- Demandez le certificat.",
    "caveats": "Le certificat est celui de l’hébergeur.",
    "citations": [CITATION, *({**CITATION, "url": "", "status": "vigueur"} for _ in range(5))],
    "related": [{"fiche": "a", "title": "Et sinon\u00a0?"}],
    "buttons": [{"title": "Et sinon\u00a0?", "payload": "t1"}, {"title": "Autre chose", "payload": "t2"}],
    "feedback": [{"title": "Utile", "payload": "u"}, {"title": "Pas utile", "payload": "p"}],
    "documents": [
        {"title": "La conversation (PDF)", "href": "documents/x.pdf", "media_type": "application/pdf"}
    ],
    "review": {"status": "relu", "on": "2026-11-20", "by": "Me Exemple"},
}

STEP: dict[str, Any] = {
    "kind": "question",
    "text": "Qui héberge vos dossiers\u00a0?",
    "progress": {"title": "Suis-je en règle\u00a0?", "step": 2, "of": 6},
    "buttons": [{"title": "Mon éditeur", "payload": "a"}, {"title": "Moi-même", "payload": "b"}],
}

NOT_COVERED: dict[str, Any] = {"kind": "not_covered", "text": "Je n’ai pas de fiche qui réponde."}
UNAVAILABLE: dict[str, Any] = {"kind": "unavailable", "text": "Ma base est inaccessible."}

MARKUP = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script><b>gras</b>'
_BAD_LINK = (
    '[clic](javascript:window.hacked=1) [clic](data:text/html,x) **[clic](https://example.fr/" onclick="x)**'
)

HOSTILE: list[dict[str, Any]] = [
    {
        "kind": "answer",
        "text": MARKUP + _BAD_LINK,
        "context": MARKUP,
        "title": MARKUP,
        "summary": MARKUP + "\n\n" + _BAD_LINK + "\n\n- " + MARKUP,
        "details": MARKUP,
        "steps": MARKUP,
        "caveats": MARKUP,
        "citations": [
            {**CITATION, "label": MARKUP, "url": url} for url in ("javascript:window.hacked=1", "//x", "")
        ],
        "related": [{"fiche": MARKUP, "title": MARKUP}],
        "buttons": [{"title": MARKUP, "payload": MARKUP}],
        "feedback": [{"title": MARKUP, "payload": MARKUP}],
        "documents": [
            {"title": "ailleurs", "href": "https://example.fr/x.pdf"},
            {"title": "ailleurs", "href": "//example.fr/x.pdf"},
            {"title": "script", "href": "javascript:window.hacked=1"},
            {"title": MARKUP, "href": "documents/x.pdf"},
        ],
        "review": {"status": MARKUP, "on": MARKUP, "by": MARKUP},
        "progress": {"title": MARKUP, "step": 1e9, "of": 1e9},
    },
    {"kind": "constructor", "text": "x"},
    {"kind": "__proto__", "text": "x", "__proto__": {"text": "y"}},
    {
        "kind": 3,
        "text": "mauvais types",
        "citations": "x",
        "buttons": {"a": 1},
        "related": [None, 3],
        "review": [],
    },
    {"kind": "answer", "text": {"a": 1}},
    {"kind": "notice", "text": "a" * 200_000},
    {"kind": "notice", "text": "**" * 20_000 + "_" * 20_000 + "[" * 20_000},
    {"kind": "notice", "text": "\u202egauche à droite\u202c \u0000 \ud83d"},
]
