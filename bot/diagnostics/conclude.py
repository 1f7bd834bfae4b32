"""The conclusion of a walk: the statements that hold, their dates put in, ready to be said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.diagnostics.dates import Moment, say
from bot.diagnostics.model import Diagnostic, Etape
from bot.diagnostics.paths import concluding, holds
from bot.diagnostics.walk import State, Stop, moments, trail
from bot.fiches.model import FicheCitation
from bot.fiches.typography import typeset
from bot.law.parse import find_marks

PLACE = re.compile(r"\{([a-z0-9-]+)\}")
"""Where a date is put into a text: « {limite} »."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Sections in Markdown, with citation marks as in a fiche; `steps` is a numbered list.

    `stops` are the answers given; `citations` those of the diagnosis that the sections use.
    """

    stops: tuple[Stop, ...]
    summary: str
    details: str
    steps: str
    caveats: str
    fiches: tuple[str, ...]
    citations: tuple[FicheCitation, ...]


def conclude(diagnostic: Diagnostic, state: State, now: datetime) -> Conclusion:
    """The conclusion of a walk that is at its end, at the moment `now`."""
    stops = trail(diagnostic, state, now)
    outcomes = {stop.question.id: stop.outcome for stop in stops}
    known = moments(diagnostic, state, now)
    held = concluding(diagnostic, outcomes)
    steps = [etape for constat in held for etape in constat.etapes if holds(etape.si, outcomes)]
    summary = _section((constat.en_bref for constat in held), known)
    details = _section((constat.en_detail for constat in held), known)
    listed = "\n".join(f"{rank}. {_step(etape, known, now)}" for rank, etape in enumerate(steps, start=1))
    caveats = _section((constat.attention for constat in held), known, separator="\n")
    used = {mark.citation for text in (summary, details, listed, caveats) for mark in find_marks(text)}
    return Conclusion(
        stops=tuple(stops),
        summary=summary,
        details=details,
        steps=listed,
        caveats=caveats,
        fiches=tuple(dict.fromkeys(fiche for constat in held for fiche in constat.fiches)),
        citations=tuple(declared for declared in diagnostic.citations if declared.citation in used),
    )


def is_late(deadline: Moment, now: datetime) -> bool:
    """Whether `deadline` has passed; a day without an hour is over at its end."""
    return deadline.when < now if deadline.has_hour else deadline.when.date() < now.date()


def _section(texts: Iterable[str], known: Mapping[str, Moment], separator: str = "\n\n") -> str:
    return separator.join(typeset(_dated(text, known)) for text in texts if text)


def _dated(text: str, known: Mapping[str, Moment]) -> str:
    return PLACE.sub(lambda found: say(known[found[1]]), text)


def _step(etape: Etape, known: Mapping[str, Moment], now: datetime) -> str:
    opens = known.get(etape.a_partir_de or "")
    deadline = known.get(etape.au_plus_tard or "")
    if deadline is not None and is_late(deadline, now):
        text = f"**Délai dépassé ({say(deadline)}) :** {etape.en_retard or etape.faire}"
    elif deadline is not None and opens is not None:
        begins = f"du {say(opens)}" if opens.when > now else "dès maintenant et jusqu'"
        until = f" au {say(deadline)}" if opens.when > now else f"au {say(deadline)}"
        text = f"**{begins[0].upper()}{begins[1:]}{until} :** {etape.faire}"
    elif deadline is not None:
        text = f"**Au plus tard {say(deadline)} :** {etape.faire}"
    elif opens is not None:
        begins = f"À partir du {say(opens)}" if opens.when > now else "Dès maintenant"
        text = f"**{begins} :** {etape.faire}"
    else:
        text = etape.faire
    return typeset(_dated(text, known))
