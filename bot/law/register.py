"""The law register, `data/lois/*.yml`: every article, text, decision or document that fiches cite.

A file holds one list::

    articles:
      - ref: CSP L1111-8
        titre: Hébergement des données de santé
        url: https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000000000000
        version_du: 2025-07-01      # or null when unknown
        etat: vigueur               # vigueur | modifie | abroge | remplace | differe | inconnu
        verifie: copie              # officiel | copie | secondaire | a_verifier
        verifie_le: 2026-11-23
        source: où le texte a été lu
        note: ce qu’il faut savoir (facultatif)
        remplace_par: CSP L1470-5   # facultatif
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bot.law.codes import CODES
from bot.law.parse import CitationError, parse_canonical
from bot.law.reference import Reference
from bot.problem import Level, Problem


class Etat(StrEnum):
    """Where a text stands in law, as far as was verified."""

    VIGUEUR = "vigueur"
    MODIFIE = "modifie"
    ABROGE = "abroge"
    REMPLACE = "remplace"
    DIFFERE = "differe"
    INCONNU = "inconnu"


class Verifie(StrEnum):
    """How the text was read, strongest first; same words as the `appui` of a fiche's citations."""

    OFFICIEL = "officiel"
    COPIE = "copie"
    SECONDAIRE = "secondaire"
    A_VERIFIER = "a_verifier"


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One reference of the register. `titre` is in our own words; `url` is "" when there is none."""

    ref: Reference
    titre: str
    url: str
    version_du: date | None
    etat: Etat
    verifie: Verifie
    verifie_le: date | None
    source: str
    note: str = ""
    remplace_par: Reference | None = None
    path: Path = Path()
    line: int = 0

    @property
    def key(self) -> str:
        """The canonical key: "CSP L1111-8"."""
        return self.ref.key


class Register:
    """Entries by canonical key, in the order of their keys."""

    def __init__(self, entries: Iterable[RegisterEntry] = ()) -> None:
        self._entries = {entry.key: entry for entry in sorted(entries, key=lambda entry: entry.ref)}

    def get(self, key: str) -> RegisterEntry | None:
        """The entry of a canonical key ("CSP L1111-8", no pin), or None."""
        return self._entries.get(key)

    def entries(self) -> list[RegisterEntry]:
        """All entries, by code then number."""
        return list(self._entries.values())

    def keys(self) -> frozenset[str]:
        """All keys: what `find_citations` takes as `known`."""
        return frozenset(self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[RegisterEntry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)


_REQUIRED = ("ref", "titre", "url", "version_du", "etat", "verifie", "verifie_le", "source")
_OPTIONAL = ("note", "remplace_par")
_LEGIFRANCE = "www.legifrance.gouv.fr"
_EUR_LEX = "eur-lex.europa.eu"

_Choice = TypeVar("_Choice", bound=StrEnum)


def load_register(folder: Path, today: date | None = None) -> tuple[Register, list[Problem]]:
    """The register of `folder` and every problem met, by file and line (French messages).

    Entries with an error are left out; those with a warning are kept. `today` (default: the
    machine's date) is what "in the future" is measured against.
    """
    today = today or date.today()
    problems: list[Problem] = []
    entries: dict[str, RegisterEntry] = {}
    if not folder.is_dir():
        message = "le dossier du registre des lois est introuvable"
        return Register(), [Problem(folder, 0, "erreur", message, "créez-le, avec un fichier .yml par code")]
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")):
        if path.suffix != ".yml":
            message = "ce fichier n’est pas lu : le registre ne lit que les fichiers .yml"
            problems.append(Problem(path, 0, "erreur", message, "renommez-le en .yml ou déplacez-le"))
            continue
        read, found = _read_file(path, today)
        problems += found
        for entry in read:
            if (first := entries.get(entry.key)) is not None:
                message = f"« {entry.key} » est déjà décrit ({first.path.name}, ligne {first.line})"
                mend = "gardez une seule des deux entrées"
                problems.append(Problem(path, entry.line, "erreur", message, mend))
            else:
                entries[entry.key] = entry
    problems += _check_successors(entries)
    return Register(entries.values()), sorted(problems, key=lambda p: (str(p.path), p.line))


def _check_successors(entries: dict[str, RegisterEntry]) -> list[Problem]:
    return [
        Problem(
            entry.path,
            entry.line,
            "avertissement",
            f"« {entry.key} » est remplacé par « {entry.remplace_par.key} », absent du registre",
            "ajoutez l’entrée du texte qui remplace",
        )
        for entry in entries.values()
        if entry.remplace_par is not None and entry.remplace_par.key not in entries
    ]


def _read_file(path: Path, today: date) -> tuple[list[RegisterEntry], list[Problem]]:
    try:
        content = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        message, mend = "le fichier n’est pas en UTF-8", "enregistrez-le en UTF-8"
        return [], [Problem(path, 0, "erreur", message, mend)]
    except DuplicateKeyError as error:
        message, mend = "un champ est écrit deux fois dans la même entrée", "n’en gardez qu’un"
        return [], [Problem(path, _mark_line(error), "erreur", message, mend)]
    except YAMLError as error:
        message = "le YAML ne se lit pas à partir d’ici"
        mend = "vérifiez l’alignement, et mettez entre guillemets un texte qui contient « : » ou « # »"
        return [], [Problem(path, _mark_line(error), "erreur", message, mend)]
    if not isinstance(content, CommentedMap) or not isinstance(content.get("articles"), CommentedSeq):
        message, mend = "il manque la liste « articles »", "commencez le fichier par « articles: »"
        return [], [Problem(path, 1, "erreur", message, mend)]
    problems = [
        Problem(path, content.lc.key(key)[0] + 1, "erreur", f"clé inconnue : « {key} »", "retirez-la")
        for key in content
        if key != "articles"
    ]
    entries = []
    articles = content["articles"]
    for index, raw in enumerate(articles):
        reader = _EntryReader(path, articles.lc.item(index)[0] + 1, raw, today)
        if (entry := reader.read()) is not None:
            entries.append(entry)
        problems += reader.problems
    return entries, problems


def _mark_line(error: YAMLError) -> int:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    return mark.line + 1 if mark is not None else 0


class _EntryReader:
    """Reads one entry and collects all that is wrong with it."""

    def __init__(self, path: Path, line: int, raw: Any, today: date) -> None:
        self.path, self.line, self.raw, self.today = path, line, raw, today
        self.problems: list[Problem] = []

    def read(self) -> RegisterEntry | None:
        """The entry, or None when it has an error."""
        if not isinstance(self.raw, CommentedMap):
            self._problem(None, "l’entrée n’est pas une suite de champs", "écrivez « - ref: CSP L1111-8 »…")
            return None
        self._fields()
        ref = self._reference("ref")
        entry = RegisterEntry(
            ref=ref or Reference("", ""),
            titre=self._text("titre", needed=True),
            url=self._text("url"),
            version_du=self._date("version_du"),
            etat=self._choice("etat", Etat, Etat.INCONNU),
            verifie=self._choice("verifie", Verifie, Verifie.A_VERIFIER),
            verifie_le=self._date("verifie_le"),
            source=self._text("source", needed=True),
            note=self._text("note"),
            remplace_par=self._reference("remplace_par") if self.raw.get("remplace_par") else None,
            path=self.path,
            line=self.line,
        )
        if ref is not None:
            self._check_article(ref)
            self._check_url(entry)
        self._check_dates(entry)
        self._check_state(entry)
        return None if any(problem.is_error for problem in self.problems) else entry

    def _problem(self, key: str | None, message: str, mend: str, level: Level = "erreur") -> None:
        line = self.line
        if key is not None and isinstance(self.raw, CommentedMap) and key in self.raw:
            line = self.raw.lc.key(key)[0] + 1
        name = self.raw.get("ref") if isinstance(self.raw, CommentedMap) else None
        about = f"{name} : " if name else ""
        self.problems.append(Problem(self.path, line, level, about + message, mend))

    def _fields(self) -> None:
        for key in self.raw:
            if key not in _REQUIRED and key not in _OPTIONAL:
                expected = ", ".join((*_REQUIRED, *_OPTIONAL))
                self._problem(key, f"champ inconnu : « {key} »", f"champs possibles : {expected}")
        for key in _REQUIRED:
            if key not in self.raw:
                self._problem(None, f"il manque le champ « {key} »", f"ajoutez « {key}: … »")

    def _reference(self, key: str) -> Reference | None:
        value = self.raw.get(key)
        if not isinstance(value, str):
            if key in self.raw:
                mend = "écrivez le code puis le numéro, « CSP L1111-8 »"
                self._problem(key, f"« {key} » n’est pas une référence", mend)
            return None
        try:
            citation = parse_canonical(value)
        except CitationError as error:
            self._problem(key, error.message, error.remede)
            return None
        if citation.pinpoint:
            mend = f"écrivez « {citation.reference.key} » : la place dans l’article se dit dans la fiche"
            self._problem(key, f"« {value} » désigne une partie d’un article", mend)
            return None
        return citation.reference

    def _text(self, key: str, *, needed: bool = False) -> str:
        value = self.raw.get(key)
        if value is None or (isinstance(value, str) and not value.strip()):
            if needed and key in self.raw:
                self._problem(key, f"« {key} » est vide", "complétez-le")
            return ""
        if not isinstance(value, str):
            self._problem(key, f"« {key} » n’est pas un texte", "mettez-le entre guillemets")
            return ""
        return " ".join(value.split())

    def _date(self, key: str) -> date | None:
        value = self.raw.get(key)
        if value is None or value == "":
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self._problem(key, f"« {key} » n’est pas une date : « {value} »", "écrivez « 2025-07-01 »")
            return None

    def _choice(self, key: str, kind: type[_Choice], otherwise: _Choice) -> _Choice:
        value = self.raw.get(key)
        try:
            return kind(value)
        except ValueError:
            if key in self.raw:
                self._problem(
                    key, f"« {key} » ne peut pas valoir « {value} »", f"choisissez : {', '.join(kind)}"
                )
            return otherwise

    def _check_article(self, ref: Reference) -> None:
        last = CODES[ref.code].last_article
        if last is not None and ref.number.isdigit() and int(ref.number) > last:
            name = CODES[ref.code].nom
            self._problem("ref", f"cet article n’existe pas : {name}, dernier article {last}", "vérifiez")

    def _check_url(self, entry: RegisterEntry) -> None:
        code = CODES[entry.ref.code]
        if not entry.url:
            if code.kind not in ("decision", "document"):
                self._problem("url", "l’adresse est vide", "donnez l’adresse du texte officiel")
            elif not entry.note:
                self._problem(
                    "url", "l’adresse est vide", "donnez-la, ou dites dans « note » pourquoi elle manque"
                )
            return
        parts = urlsplit(entry.url)
        if parts.scheme != "https" or not parts.hostname or " " in entry.url:
            self._problem("url", f"« {entry.url} » n’est pas une adresse https", "donnez l’adresse complète")
            return
        if code.is_eu and parts.hostname != _EUR_LEX:
            self._problem(
                "url", "un texte européen se lit sur EUR-Lex", f"donnez une adresse https://{_EUR_LEX}/…"
            )
        national = ("code", "loi", "decret", "ordonnance", "arrete")
        if code.kind in national and parts.hostname != _LEGIFRANCE:
            self._problem(
                "url",
                "un texte français se lit sur Légifrance",
                f"donnez une adresse https://{_LEGIFRANCE}/…",
            )

    def _check_dates(self, entry: RegisterEntry) -> None:
        if entry.verifie_le is None and entry.verifie is not Verifie.A_VERIFIER:
            mend = "dites quand le texte a été lu, ou passez « verifie » à « a_verifier »"
            self._problem("verifie_le", "le texte est dit vérifié, sans date", mend)
        if entry.verifie_le is not None and entry.verifie_le > self.today:
            self._problem(
                "verifie_le", f"« verifie_le » est dans l’avenir ({entry.verifie_le})", "corrigez la date"
            )
        if entry.version_du is not None and entry.version_du > self.today and entry.etat is not Etat.DIFFERE:
            mend = "corrigez la date, ou passez « etat » à « differe »"
            self._problem("version_du", f"« version_du » est dans l’avenir ({entry.version_du})", mend)

    def _check_state(self, entry: RegisterEntry) -> None:
        if entry.etat in (Etat.ABROGE, Etat.REMPLACE) and not entry.note:
            mend = "dites depuis quand et ce qui le remplace"
            self._problem("etat", f"l’état « {entry.etat} » demande une note", mend)
