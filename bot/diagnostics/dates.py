"""Dates as doctors write them in French, read by dateparser with a fixed present moment.

The library reads "le 3 mars", "il y a deux jours", "vendredi"; here stands what it does not: an hour beside
the day ("18h"), the parts of a day ("hier soir"), of a month ("fin juin"), and a day lost in a sentence.
Where a range was said, its beginning is taken: no deadline computed from what happened in it is too late.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import dateparser
from dateutil.relativedelta import relativedelta

from bot.diagnostics.model import Ecart, Sens

PARIS = ZoneInfo("Europe/Paris")

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier|janv|fevrier|fevr|mars|avril|avr|mai|juin|juillet|juil|aout|septembre|sept|octobre|oct"
    "|novembre|nov|decembre|dec"
)
_WEEKDAYS = "|".join(DAYS)
_SMALL = "un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|quinze|dix-huit|vingt|trente"
_UNIT = r"(?:minutes?|heures?|h|jours?|semaines?|mois|ans?|annees?)"

_TIME = re.compile(r"\b(?:a|vers|des)?\s*([01]?\d|2[0-3])\s*(?:h(?:eures?)?|:)\s*([0-5]\d)?(?!\w)")
_AGO = re.compile(rf"\b(?:il y a|depuis)\s+(?:environ\s+|a peu pres\s+)?(\d+|{_SMALL})\s*({_UNIT})\b")
_AHEAD = re.compile(rf"\b(?:dans|d'ici)\s+(?:environ\s+|a peu pres\s+)?(\d+|{_SMALL})\s*({_UNIT})\b")
_NOW = re.compile(r"\b(?:maintenant|a l'instant|tout de suite|tout juste|en ce moment)\b")
_RELATIVE = re.compile(r"\b(?:avant-hier|avant hier|hier|aujourd'hui|apres-demain|apres demain|demain)\b")
_TODAY = re.compile(r"\b(?:ce matin|ce midi|cet apres[- ]midi|ce soir|cette nuit|la nuit derniere)\b")
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_NUMERIC = re.compile(r"\b(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d{2}))?\b")
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:er)?\s+({_MONTHS})\b\.?(?:\s+(\d{{4}}))?")
_PART_OF_MONTH = re.compile(
    rf"\b(debut|mi|fin|courant)[\s-]+(?:du mois d[e']\s*|de\s+|d')?({_MONTHS})\b\.?(?:\s+(\d{{4}}))?"
)
_PART_OF_YEAR = re.compile(r"\b(debut|fin)\s+(?:de\s+|de l'annee\s+)?(\d{4})\b")
_MONTH_YEAR = re.compile(rf"\b({_MONTHS})\s+(\d{{4}})\b")
_WEEKDAY = re.compile(rf"\b({_WEEKDAYS})\b(?:\s+(dernier|passe|prochain))?")

_TOWARDS = {"dernier": Sens.PASSE, "passe": Sens.PASSE, "prochain": Sens.AVENIR}

# Where each part of the day begins. "Cette nuit", said in the day, is the one that ended this morning.
_PARTS = {"matin": 6, "matinee": 6, "midi": 12, "apres-midi": 12, "apres midi": 12, "soir": 18, "soiree": 18}
_PART = re.compile(r"\b(" + "|".join(_PARTS) + r"|minuit|nuit)\b")
_NUMBERS = dict(
    zip(_SMALL.split("|"), (1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 18, 20, 30), strict=True)
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date understood. `when` is aware, in Paris; `has_hour` tells whether the hour was said or deduced."""

    when: datetime
    has_hour: bool

    @property
    def stored(self) -> str:
        """ISO form: a day alone when no hour is known. `read_stored` reads it back."""
        return self.when.isoformat(timespec="minutes") if self.has_hour else self.when.date().isoformat()


def read_stored(value: str) -> Moment:
    """The moment that `Moment.stored` wrote. Raises ValueError on anything else."""
    if len(value) == 10:
        return Moment(datetime.combine(date.fromisoformat(value), time(), PARIS), False)
    when = datetime.fromisoformat(value)
    if when.tzinfo is None:
        raise ValueError(f"no time zone in {value!r}")
    return Moment(when.astimezone(PARIS), True)


def read_date(
    text: str, now: datetime, sens: Sens, *, hour: bool = False, day: date | None = None
) -> Moment | None:
    """The date said somewhere in `text`, or None when none is precise enough.

    `now` is aware; `sens` settles what is said without a year or a week; `hour` tells whether the hour counts
    (without it, hours and parts of the day are ignored); `day` is the one meant by an hour said alone.
    """
    now = now.astimezone(PARIS)
    said = _plain(text)
    instant = _instant(said, now)
    if instant is not None:
        return instant if hour else Moment(_midnight(instant.when.date()), False)
    clock, rest = _clock(said) if hour else (None, _TIME.sub(" ", said))
    day = _day(rest, now, sens) or (day if clock is not None else None)
    if day is None and clock is not None:
        # "à 18h" alone is today's or, if that is still to come, yesterday's.
        today = _at(now.date(), clock)
        day = now.date() - timedelta(days=int(sens is Sens.PASSE and today > now))
    if day is None:
        return None
    if clock is None:
        return Moment(_midnight(day), False)
    return Moment(_at(day, clock), True)


def shift(when: datetime, ecart: Ecart) -> datetime:
    """`when` moved by `ecart`: months and days on the calendar, hours as elapsed time."""
    moved: datetime = when.astimezone(PARIS) + relativedelta(months=ecart.mois, days=ecart.jours)
    if not ecart.heures:
        return moved
    # Across a change to or from summer time, 72 hours are not three days on the clock.
    return (moved.astimezone(ZoneInfo("UTC")) + timedelta(hours=ecart.heures)).astimezone(PARIS)


def next_quarter(when: datetime) -> datetime:
    """Midnight of the first day of the civil quarter that follows the one of `when`."""
    month = 3 * ((when.month - 1) // 3) + 4
    return _midnight(date(when.year + (month > 12), (month - 1) % 12 + 1, 1))


def say(moment: Moment) -> str:
    """« vendredi 27/11/2026 à 18 h »; without the hour when it is not known."""
    when = moment.when
    day = f"{DAYS[when.weekday()]} {when:%d/%m/%Y}"
    if not moment.has_hour:
        return day
    minutes = f"\u00a0{when:%M}" if when.minute else ""
    return f"{day} à {when.hour}\u00a0h{minutes}"


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.lower().replace("\u2019", "'"))
    text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(re.sub(r"[\u2010-\u2015]", "-", text).split())


def _instant(said: str, now: datetime) -> Moment | None:
    """ "Il y a trois heures", "à l'instant": the hour comes with the day."""
    if _NOW.search(said):
        return Moment(now.replace(second=0, microsecond=0), True)
    for pattern, word in ((_AGO, "il y a"), (_AHEAD, "dans")):
        found = pattern.search(said)
        if found and re.match(r"h|minute", found[2]):
            unit = "heures" if found[2].startswith("h") else "minutes"
            number = _NUMBERS.get(found[1], found[1])
            when = _parse(f"{word} {number} {unit}", now, Sens.PASSE)
            return Moment(when.replace(second=0, microsecond=0), True) if when else None
    return None


def _clock(said: str) -> tuple[time | None, str]:
    """The hour said, and the text without it."""
    if found := _TIME.search(said):
        return time(int(found[1]), int(found[2] or 0)), said[: found.start()] + " " + said[found.end() :]
    if found := _PART.search(said):
        return time(_PARTS.get(found[1], 0)), said
    return None, said


def _day(said: str, now: datetime, sens: Sens) -> date | None:
    today = now.date()
    for pattern, word in ((_AGO, "il y a"), (_AHEAD, "dans")):
        if found := pattern.search(said):
            number, unit = _NUMBERS.get(found[1], found[1]), found[2].replace("annee", "an")
            when = _parse(f"{word} {number} {unit}", now, sens)
            return when.date() if when else None
    if found := _ISO.search(said):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _PART_OF_MONTH.search(said):
        return _part_of_month(found[1], found[2], found[3], now, sens)
    if found := _PART_OF_YEAR.search(said):
        return date(int(found[2]), 1, 1) if found[1] == "debut" else date(int(found[2]), 12, 31)
    if found := _NUMERIC.search(said):
        year = f"/20{found[3]}" if len(found[3] or "") == 2 else f"/{found[3]}" if found[3] else ""
        when = _parse(f"{found[1]}/{found[2]}{year}", now, sens)
        return when.date() if when else None
    if found := _DAY_MONTH.search(said):
        when = _parse(f"{found[1]} {found[2]} {found[3] or ''}".strip(), now, sens)
        return when.date() if when else None
    if found := _MONTH_YEAR.search(said):
        when = _parse(f"1 {found[1]} {found[2]}", now, sens)
        return when.date() if when else None
    if _TODAY.search(said):
        return today
    if found := _RELATIVE.search(said):
        spelled = found[0].replace("avant hier", "avant-hier").replace("apres", "après")
        when = _parse(spelled.replace("après demain", "après-demain"), now, sens)
        return when.date() if when else None
    if found := _WEEKDAY.search(said):
        towards = _TOWARDS.get(found[2], sens)
        days = (today.weekday() - DAYS.index(found[1])) % 7
        if towards is Sens.PASSE:
            return today - timedelta(days=days or (7 if found[2] else 0))
        return today + timedelta(days=-days % 7 or 7)
    return None


def _part_of_month(part: str, month: str, year: str | None, now: datetime, sens: Sens) -> date | None:
    first = _parse(f"1 {month} {year or ''}".strip(), now, sens)
    if first is None:
        return None
    if part == "fin":
        last: datetime = first + relativedelta(day=31)
        # "Fin juin", said in June of what is to come, is this June's: its first day has passed, not its end.
        if not year and sens is Sens.AVENIR and last - relativedelta(years=1) >= now:
            last -= relativedelta(years=1)
        return last.date()
    return first.date() + timedelta(days=14 if part == "mi" else 0)


def _parse(said: str, now: datetime, sens: Sens) -> datetime | None:
    """What dateparser reads in `said`, in Paris."""
    read = dateparser.parse(
        said,
        languages=["fr"],
        settings={
            "RELATIVE_BASE": now.replace(tzinfo=None),
            "DATE_ORDER": "DMY",
            "PREFER_DATES_FROM": "past" if sens is Sens.PASSE else "future",
        },
    )
    return None if read is None else read.replace(tzinfo=PARIS)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), PARIS)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, PARIS)
