"""A fiche's file that every check accepts, and ways to spoil it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

TODAY = date(2026, 11, 24)

VALID = """\
---
id: {id}
titre: Faut-il un certificat pour {id}\u00a0?
theme: hebergement
statut: publie
dossier: [donnees/A2]
redige_le: 2026-11-24
redige_par: Rédaction
relu_le:
relu_par:
a_revoir_avant: 2027-05-24
questions:
  - première question sur {id}
  - deuxième question sur {id}
  - troisième question sur {id}
  - quatrième question sur {id}
  - cinquième question sur {id}
  - sixième question sur {id}
  - septième question sur {id}
  - huitième question sur {id}
  - neuvième question sur {id}
  - dixième question sur {id}
  - onzième question sur {id}
  - douzième question sur {id}
contre_exemples:
  - une voisine de {id}
epreuves:
  - {{ style: mots-cles, texte: "épreuve un {id}" }}
  - {{ style: oral, texte: "épreuve deux {id}" }}
  - style: lettre
    texte: >-
      Bonjour Maître, ceci est l'épreuve
      trois de {id}.
citations:
  - {{ article: CSP L1111-8, alinea: II, appui: copie }}
  - {{ article: RGPD 28, alinea: "§ 3, h)", appui: officiel }}
---
## En bref
Oui, le prestataire doit être certifié [CSP L1111-8, II].

## En détail
Le contrat prévoit les audits [RGPD 28, § 3, h)].

Un second paragraphe explique pourquoi.

## Que faire
- Demandez le certificat.
"""


class Laws:
    """A law register that knows every key, `states` telling which are not in force."""

    def __init__(self, absent: tuple[str, ...] = (), **states: str) -> None:
        self._absent = absent
        self._states = {key.replace("_", " ", 1).replace("_", "-"): state for key, state in states.items()}

    def get(self, key: str, /) -> LawEntry | None:
        return None if key in self._absent else LawEntry(self._states.get(key, "vigueur"))


class LawEntry:
    """An entry of the register, as far as the checks read it."""

    def __init__(self, etat: str) -> None:
        self._etat = etat

    @property
    def etat(self) -> str:
        return self._etat


def valid(id_: str = "exemple") -> str:
    """The text of a fiche without defect."""
    return VALID.format(id=id_)


def spoil(text: str, *changes: tuple[str, str]) -> str:
    """`text` with each `(old, new)` change made; each `old` must stand there exactly once."""
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def line_of(text: str, fragment: str) -> int:
    """The line, from 1, where `fragment` first stands in `text`."""
    return text[: text.index(fragment)].count("\n") + 1


def write(folder: Path, id_: str, text: str, theme: str = "hebergement") -> Path:
    """Writes a fiche where it belongs below `folder`."""
    path = folder / theme / f"{id_}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
