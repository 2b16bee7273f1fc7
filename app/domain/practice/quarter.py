"""What did a patient do in a quarter, day by day, written so short that a clinic's window is read at once?

Each count has one character a day, from the quarter's first day on: `0` to `9` are numbers, and a greater number is the
character so many places after `0`. Days after the last with any are left out. This file refuses to know whose it is.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from app.values import dataclass

NONE = ord("0")
MOST_A_DAY = 50_000
"""More of anything on one day is written as so many: far above what a person can do, below what is no character."""
QUARTER_MONTHS = 3


class PracticeQuarter(NamedTuple):
    """The days of a quarter: what was kept, kept on excused days, and begun; `practised` is 1 on a day with any."""

    start: date
    kept: str = ""
    kept_excused: str = ""
    begun: str = ""
    practised: str = ""


@dataclass(frozen=True, slots=True)
class Practice:
    """What was done from one date to another, and the last of these dates with any practice."""

    kept: int
    kept_excused: int
    begun: int
    practised_on: date | None


def quarter_of(day: date) -> date:
    """The first day of the quarter of a day: that of January, April, July or October."""
    return date(day.year, day.month - (day.month - 1) % QUARTER_MONTHS, 1)


def with_number(text: str, place: int, number: int) -> str:
    """The text with this number of the day so many days after the quarter's first."""
    one = chr(NONE + min(number, MOST_A_DAY))
    return (text[:place].ljust(place, "0") + one + text[place + 1 :]).rstrip("0")


def practice(quarters: Iterable[PracticeQuarter], first: date, last: date) -> Practice:
    """What was done from `first` to `last`, both included."""
    kept = kept_excused = begun = 0
    practised_on = None
    for one in quarters:
        start = one.start.toordinal()
        begins, ends = max(0, first.toordinal() - start), max(0, last.toordinal() - start + 1)
        kept += _sum(one.kept[begins:ends])
        # Of most patients there is nothing in these.
        kept_excused += _sum(one.kept_excused[begins:ends]) if one.kept_excused else 0
        begun += _sum(one.begun[begins:ends]) if one.begun else 0
        place = one.practised.rfind("1", begins, ends)
        if place >= 0 and (practised_on is None or one.start > practised_on):
            practised_on = one.start + timedelta(days=place)
    return Practice(kept, kept_excused, begun, practised_on)


def kept_on(quarters: Iterable[PracticeQuarter], day: date) -> int:
    """What was kept on one day."""
    start = quarter_of(day)
    place = (day - start).days
    return sum(ord(one.kept[place]) - NONE for one in quarters if one.start == start and place < len(one.kept))


def _sum(text: str) -> int:
    # Bytes are added up in C; only who did one thing eighty times on a day is read by character.
    return sum(text.encode() if text.isascii() else map(ord, text)) - NONE * len(text)
