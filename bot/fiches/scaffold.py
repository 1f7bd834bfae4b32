"""A new fiche's file, ready to be filled."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

from bot.fiches.model import THEMES
from bot.fiches.prose import fold
from bot.fiches.typography import typeset

MAX_ID = 50  # characters

# Words that say nothing of the subject, as `fold` leaves them.
_EMPTY = """
a ai ait au aux avec c ca car ce ces cet cette combien comment d dans de des dois doit doivent du elle en est
et etre faire fait faut il ils j je l la le les leur leurs lui m ma mais me mes moi mon n ne nos notre nous on
ont ou par pas peut peux plus pour pourquoi puis qu quand que quel quelle quelles quels qui quoi s sa sans se
ses si son sont suis sur t te tu un une vos votre vous y bonjour maitre merci
"""
EMPTY_WORDS = frozenset(_EMPTY.split())


class DraftError(ValueError):
    """No draft can be made; the message, in French, says the mend."""


def write_draft(folder: Path, question: str, *, theme: str | None, author: str, today: date) -> Path:
    """The file of a new draft that answers `question`, in the `folder` of fiches. Raises `DraftError`."""
    if theme not in THEMES:
        unknown = "" if theme is None else f"le thème « {theme} » est inconnu\u00a0; "
        raise DraftError(f"{unknown}ajoutez « --theme » et un thème parmi {', '.join(THEMES)}.")
    id_ = slug(question)
    taken = next(folder.rglob(f"{id_}.md"), None)
    if taken is not None:
        raise DraftError(
            f"{taken.relative_to(folder)} existe déjà. Complétez cette fiche, ou précisez la question."
        )
    path = folder / theme / f"{id_}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(scaffold(question, id_=id_, theme=theme, today=today, author=author), encoding="utf-8")
    return path


def slug(question: str) -> str:
    """The id drawn from a question: its telling words, without accents, joined by hyphens.

    Raises `DraftError` when the question holds no word.
    """
    words = fold(question).encode("ascii", "ignore").decode().split()
    telling = [word for word in words if word not in EMPTY_WORDS] or words
    if not telling:
        raise DraftError("la question ne contient aucun mot : écrivez-la en toutes lettres.")
    kept = telling[0][:MAX_ID]
    for word in telling[1:]:
        if len(kept) + 1 + len(word) > MAX_ID:
            break
        kept = f"{kept}-{word}"
    return kept


def scaffold(question: str, *, id_: str, theme: str, today: date, author: str) -> str:
    """The text of a draft that answers `question`: front matter, sections, and what to write in each.

    Its comments are notes between editors, that no reader of the fiche ever sees.
    """
    titre = json.dumps(typeset(question.strip()), ensure_ascii=False)
    first = json.dumps(question.strip(), ensure_ascii=False)
    return f"""\
---
id: {id_}
titre: {titre}
theme: {theme}
statut: brouillon                # « publie » quand tout est en place
dossier: []                      # questions du dossier de faits, par exemple [donnees/A2]
redige_le: {today}
redige_par: {json.dumps(author, ensure_ascii=False)}
relu_le:                         # rempli par la personne qui relit, jamais par qui rédige
relu_par:
a_revoir_avant: {today + timedelta(days=365)}       # plus tôt si un texte est annoncé
questions:                       # douze au moins : mots-clés, oral, fautes, situations, lettres
  - {first}
contre_exemples: []              # questions proches qui relèvent d’une autre fiche
epreuves: []                     # trois au moins, en d’autres mots : - {{ style: oral, texte: "…" }}
relances: []                     # suites courtes : - {{ si: ["et sinon"], fiche: identifiant-d-une-fiche }}
precisions: []                   # une question à poser quand la réponse en dépend, avec deux options au moins
voisines: []                     # identifiants de fiches à proposer ensuite
citations: []                    # textes cités : - {{ article: CSP L1111-8, alinea: II, appui: officiel }}
---
## En bref
<!-- La réponse d’abord : Oui, Non, Cela dépend de… Soixante mots au plus, citations entre crochets. -->

## En détail
<!-- Pourquoi. Chaque paragraphe qui énonce une règle porte sa citation, par exemple [CSP L1111-8, II]. -->

## Que faire
<!-- Les démarches, une par ligne commençant par « - ». Retirez cette partie s’il n’y en a pas. -->

## Attention
<!-- Changement récent et sa date, erreur courante, point incertain. Retirez cette partie si rien à dire. -->
"""
