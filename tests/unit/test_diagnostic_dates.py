"""Dates as doctors write them, read on a fixed day: Saturday 28 November 2026 at 10:00 in Paris."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.diagnostics.dates import PARIS, Moment, next_quarter, read_date, read_stored, say, shift
from bot.diagnostics.model import Ecart, Sens

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=PARIS)


def _said(moment: Moment | None) -> str | None:
    return None if moment is None else say(moment).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hier soir", "vendredi 27/11/2026 à 18 h"),
        ("hier", "vendredi 27/11/2026"),
        ("Je l’ai découvert hier vers 18 h", "vendredi 27/11/2026 à 18 h"),
        ("avant-hier à 14h30", "jeudi 26/11/2026 à 14 h 30"),
        ("vendredi 18h", "vendredi 27/11/2026 à 18 h"),
        ("vendredi matin", "vendredi 27/11/2026 à 6 h"),
        ("lundi dernier", "lundi 23/11/2026"),
        ("ce matin", "samedi 28/11/2026 à 6 h"),
        ("cette nuit", "samedi 28/11/2026 à 0 h"),
        ("aujourd'hui à 9h", "samedi 28/11/2026 à 9 h"),
        ("23h", "vendredi 27/11/2026 à 23 h"),
        ("il y a 3 heures", "samedi 28/11/2026 à 7 h"),
        ("il y a une heure", "samedi 28/11/2026 à 9 h"),
        ("depuis 48h", "jeudi 26/11/2026 à 10 h"),
        ("il y a deux jours", "jeudi 26/11/2026"),
        ("il y a une semaine", "samedi 21/11/2026"),
        ("le 3 mars", "mardi 03/03/2026"),
        ("le 27/11/2026 à 18 h", "vendredi 27/11/2026 à 18 h"),
        ("27/11 18h", "vendredi 27/11/2026 à 18 h"),
        ("31.10.26", "samedi 31/10/2026"),
        ("à l’instant", "samedi 28/11/2026 à 10 h"),
        ("la semaine dernière", None),
        ("je ne sais plus", None),
        ("le 30 février 2026", None),
        ("32/12/2026", None),
        ("", None),
    ],
)
def test_what_has_happened_is_dated_with_its_hour(text: str, expected: str | None) -> None:
    assert _said(read_date(text, NOW, Sens.PASSE, hour=True)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fin juin", "mercredi 30/06/2027"),
        ("fin novembre", "lundi 30/11/2026"),
        ("mi-janvier", "vendredi 15/01/2027"),
        ("début 2027", "vendredi 01/01/2027"),
        ("juin 2027", "mardi 01/06/2027"),
        ("dans 6 mois", "vendredi 28/05/2027"),
        ("dans six mois", "vendredi 28/05/2027"),
        ("dans un an", "dimanche 28/11/2027"),
        ("le 1er janvier 2027", "vendredi 01/01/2027"),
        ("31 décembre", "jeudi 31/12/2026"),
        ("le 3 mars", "mercredi 03/03/2027"),
        ("2027-06-30", "mercredi 30/06/2027"),
        ("le 30 septembre 2026", "mercredi 30/09/2026"),
        ("samedi prochain", "samedi 05/12/2026"),
        ("2027", None),
        ("l'été prochain", None),
    ],
)
def test_what_is_to_come_is_a_day(text: str, expected: str | None) -> None:
    assert _said(read_date(text, NOW, Sens.AVENIR)) == expected


def test_an_hour_alone_is_that_of_the_day_in_question() -> None:
    day = datetime(2026, 11, 25).date()
    assert _said(read_date("plutôt 20h", NOW, Sens.PASSE, hour=True, day=day)) == "mercredi 25/11/2026 à 20 h"


def test_seventy_two_hours_are_hours_across_a_change_of_time() -> None:
    # On 25 October 2026 clocks in Paris went from 3:00 back to 2:00.
    before = datetime(2026, 10, 24, 18, 0, tzinfo=PARIS)
    after = shift(before, Ecart(heures=72))
    assert (after - before.astimezone(ZoneInfo("UTC"))).total_seconds() == 72 * 3600
    assert after.hour == 17


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ((2027, 6, 30), -6, (2026, 12, 30)),
        ((2027, 8, 31), -6, (2027, 2, 28)),
        ((2026, 12, 31), 12, (2027, 12, 31)),
    ],
)
def test_months_are_counted_on_the_calendar(
    day: tuple[int, int, int], months: int, expected: tuple[int, int, int]
) -> None:
    moved = shift(datetime(*day, tzinfo=PARIS), Ecart(mois=months))
    assert (moved.year, moved.month, moved.day) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ((2026, 12, 31), (2027, 1, 1)),
        ((2027, 1, 1), (2027, 4, 1)),
        ((2027, 6, 30), (2027, 7, 1)),
        ((2027, 10, 1), (2028, 1, 1)),
    ],
)
def test_a_quarter_begins_after_the_day(day: tuple[int, int, int], expected: tuple[int, int, int]) -> None:
    first = next_quarter(datetime(*day, tzinfo=PARIS))
    assert (first.year, first.month, first.day) == expected


@pytest.mark.parametrize("text", ["hier à 18h", "hier", "il y a 3 heures"])
def test_what_is_stored_is_read_back(text: str) -> None:
    moment = read_date(text, NOW, Sens.PASSE, hour=True)
    assert moment is not None
    assert read_stored(moment.stored) == moment


@pytest.mark.parametrize("value", ["", "demain", "2026-11-28T10:00", "2026-13-01", "inconnu"])
def test_what_was_not_stored_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        read_stored(value)
