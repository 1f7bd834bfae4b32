"""Comparing our register with a file of article versions (JSON lines, gzipped or not).

A line is one version of an article: `code` (a key of ours), `num`, `etat`, `debut`, `fin` (ISO dates
or null), and, when known, `sorti_entre`, `change_entre` (two dates), `alerte`, `instantane`, `alinea`
(the line is then a paragraph, not an article). Such a file serves to reject: a number unknown in a
complete code, a version that ended, a text replaced. It never proves that an article is in force.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.law.register import Etat, RegisterEntry

# Codes of which the file holds every article: a number it lacks does not exist (at its date).
COMPLETE = frozenset({"CSS", "CC", "CP", "LIL", "L71-1130", "RGPD"})


class Outcome(StrEnum):
    """What the comparison says of one of our entries."""

    OK = "ok"
    UNKNOWN = "inconnu"
    REPEALED = "abroge"
    ENDED = "termine"
    REPLACED = "remplace"
    CHANGED = "modifie"
    DOUBTFUL = "a_verifier"
    ABSENT = "hors_registre"


_GRAVE = frozenset({Outcome.UNKNOWN, Outcome.REPEALED, Outcome.ENDED})
# States of ours that already say what the file says.
_SAYS_SO = frozenset({Etat.ABROGE, Etat.REMPLACE, Etat.MODIFIE})


class RegisterFileError(ValueError):
    """The file to compare with cannot be read; the message is French and names the line."""


@dataclass(frozen=True, slots=True)
class ArticleVersion:
    """One line of the file. `instantane` is the first date in its description of the data: the text's."""

    code: str
    number: str
    etat: str
    debut: date | None
    fin: date | None
    gone: date | None
    changed: date | None
    alerte: str
    instantane: date | None


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome for one entry; `blocking` when nothing in our entry says the same."""

    entry: RegisterEntry
    outcome: Outcome
    detail: str
    blocking: bool


Versions = Mapping[tuple[str, str], list[ArticleVersion]]


def read_versions(path: Path) -> Versions:
    """The article versions of `path`, by (code, number without spaces).

    Raises `RegisterFileError` when the file or one of its lines cannot be read. Lines without number
    and lines that hold a paragraph only are skipped.
    """
    versions: dict[tuple[str, str], list[ArticleVersion]] = defaultdict(list)
    try:
        with path.open("rb") as probe:
            zipped = probe.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rt", encoding="utf-8") if zipped else path.open(encoding="utf-8") as lines:
            for count, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                version = _version(path, count, line)
                if version is not None:
                    versions[version.code, version.number].append(version)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise RegisterFileError(f"{path} : le fichier ne se lit pas ({error})") from error
    if not versions:
        raise RegisterFileError(f"{path} : le fichier ne décrit aucun article")
    return versions


def _version(path: Path, count: int, line: str) -> ArticleVersion | None:
    try:
        raw: dict[str, Any] = json.loads(line)
        code, number = raw["code"], raw.get("num")
        if number is None or raw.get("alinea"):
            return None
        return ArticleVersion(
            code=code,
            number=re.sub(r"\s", "", number),
            etat=raw.get("etat") or "",
            debut=_date(raw.get("debut")),
            fin=_date(raw.get("fin")),
            gone=_last_date(raw.get("sorti_entre")),
            changed=_last_date(raw.get("change_entre")),
            alerte=raw.get("alerte") or "",
            instantane=_first_date(raw.get("instantane") or ""),
        )
    except (json.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise RegisterFileError(f"{path}:{count} : la ligne ne décrit pas un article ({error})") from error


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _first_date(text: str) -> date | None:
    m = re.search(r"\d{4}-\d{2}-\d{2}", text)
    return date.fromisoformat(m[0]) if m else None


def _last_date(values: list[str] | None) -> date | None:
    return max((date.fromisoformat(value) for value in values), default=None) if values else None


def compare(entries: Iterable[RegisterEntry], versions: Versions, today: date) -> list[Finding]:
    """One `Finding` per entry that is an article, in the order given.

    Laws cited as a whole, decrees, decisions and documents are not in such files and get `ABSENT`.
    """
    described: dict[str, date | None] = {}
    for (code, _), lines in versions.items():
        dates = [line.instantane for line in lines if line.instantane]
        described[code] = max([*dates, *filter(None, [described.get(code)])], default=None)
    return [_judge(entry, versions, described, today) for entry in entries]


def _judge(
    entry: RegisterEntry, versions: Versions, described: Mapping[str, date | None], today: date
) -> Finding:
    code, number = entry.ref.code, entry.ref.number
    lines = versions.get((code, number), [])
    if not lines:
        return _missing(entry, described)
    outcome, detail = _state(entry, lines, today)
    return Finding(entry, outcome, detail, outcome in _GRAVE and entry.etat not in _SAYS_SO)


def _missing(entry: RegisterEntry, described: Mapping[str, date | None]) -> Finding:
    code, number = entry.ref.code, entry.ref.number
    if code not in described:
        return Finding(entry, Outcome.ABSENT, f"le fichier ne contient pas {code}", False)
    if code not in COMPLETE:
        return Finding(entry, Outcome.ABSENT, f"{code} y est incomplet : rien à en conclure", False)
    if not number[0].isdigit() and not re.match(r"(?:LO|[LRDA])\d", number):
        return Finding(entry, Outcome.ABSENT, "le fichier ne contient que des articles", False)
    seen = described[code]
    dated = f" au {seen.isoformat()}" if seen else ""
    detail = f"aucun article de ce numéro{dated}"
    if seen and entry.version_du and entry.version_du > seen:
        detail += ", mais le nôtre est plus récent"
        return Finding(entry, Outcome.DOUBTFUL, detail, False)
    return Finding(entry, Outcome.UNKNOWN, detail, entry.etat not in _SAYS_SO | {Etat.DIFFERE})


def _state(entry: RegisterEntry, lines: list[ArticleVersion], today: date) -> tuple[Outcome, str]:
    ours = entry.version_du
    present = [line for line in lines if line.gone is None and "SORTI" not in line.etat]
    if not present:
        last = max((line.gone for line in lines if line.gone), default=None)
        if last and ours and ours >= last:
            return Outcome.DOUBTFUL, f"sorti du code avant le {last}, mais notre version est plus récente"
        return Outcome.REPEALED, f"sorti du code{f' avant le {last}' if last else ''}"
    running = [line for line in present if line.fin is None or line.fin > today]
    if not running:
        end = max(line.fin for line in present if line.fin)
        if ours and ours >= end:
            return Outcome.OK, f"leur version a pris fin le {end}, la nôtre est plus récente"
        return Outcome.ENDED, f"version terminée le {end}"
    current = [line for line in running if line.debut is None or line.debut <= today] or running
    line = max(current, key=lambda line: line.debut or date.min)
    if "ABSENT" in line.etat:
        return Outcome.DOUBTFUL, line.alerte or "absent des données : abrogé ou déplacé, à confirmer"
    if line.alerte and not (ours and line.changed and ours >= line.changed):
        return Outcome.REPLACED, line.alerte
    if line.debut and ours and line.debut > ours:
        return Outcome.CHANGED, f"leur version est du {line.debut}, la nôtre du {ours}"
    if len({(other.debut, other.etat) for other in current}) < len(current):
        return Outcome.DOUBTFUL, "deux versions publiées, à départager"
    if "ABROGE" in line.etat:
        when = f" au {line.fin}" if line.fin else ""
        return Outcome.DOUBTFUL, f"abrogation prévue{when}"
    return Outcome.OK, ""
