"""How many slots were due in any window, without looking at its days?

A `DueCalendar` is all that a course says about due days: which plan held when, and on which days nothing was asked of
the patient. It is kept with the prescription and stays true while time passes, so a clinic's adherence is arithmetic.
This file refuses to know what was practised.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from app.domain import schedule
from app.domain.prescription import Prescription
from app.domain.schedule import Stretch
from app.domain.standing import DayLabel, Status
from app.values import dataclass

ONE_DAY = timedelta(days=1)
EXCUSING = frozenset({Status.STOPPED, Status.PAUSED})

Interval = tuple[date, date | None]
"""First and last local date, both included; None has no end yet."""


@dataclass(frozen=True, slots=True)
class DueCalendar:
    """Plans by date, oldest first, and the intervals on which the patient was told not to exercise, oldest first."""

    stretches: tuple[Stretch, ...]
    excused: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Slots:
    """Slots of a window: those that were asked for, and those that fell on excused days."""

    due: int
    excused: int


NO_SLOTS = Slots(0, 0)


def is_excused(label: DayLabel) -> bool:
    """Is what was not done on this day excused?

    It is on an absence, on a day that was closed, and where the exercise was stopped or paused at the day's end.
    """
    return label.is_absent or label.is_closed or label.status in EXCUSING


def calendar_of(
    prescription: Prescription,
    labels: Sequence[DayLabel],
    before: DueCalendar | None,
    away: Iterable[tuple[date, date]] = (),
) -> DueCalendar:
    """The calendar after these labels, oldest first. `before` is the one that held until their first date.

    Without one the labels must begin where the course begins. `away` are absences, of which those to come are added.
    """
    begins = labels[0].local_date
    excused = [] if before is None else _until(before.excused, begins - ONE_DAY)
    for label in labels:
        if is_excused(label):
            _add(excused, label.local_date, label.local_date)
    tomorrow = labels[-1].local_date + ONE_DAY
    if labels[-1].status in EXCUSING:
        # Only a person ends it, so it goes on until somebody does.
        excused[-1] = (excused[-1][0], None)
    else:
        for first, last in sorted(away):
            if last >= tomorrow:
                _add(excused, max(first, tomorrow), last)
    # A version never changes, so an only one has the stretch that it had before.
    stretches = before.stretches if before and len(prescription.versions) == 1 else _stretches(prescription)
    return DueCalendar(stretches, tuple(excused))


def _add(intervals: list[Interval], first: date, last: date) -> None:
    """One more interval, as part of the last one where it follows that directly."""
    if intervals and intervals[-1][1] == first - ONE_DAY:
        intervals[-1] = (intervals[-1][0], last)
    else:
        intervals.append((first, last))


def slots(calendars: Iterable[DueCalendar], first: date, last: date) -> Slots:
    """The slots from `first` to `last`, both included, of all these calendars."""
    due = excused = 0
    if first > last:
        return NO_SLOTS
    for calendar in calendars:
        due += _due(calendar, first, last)
        for begins, ends in _merged(calendar.excused, first, last):
            excused += _due(calendar, begins, ends)
    return Slots(due - excused, excused)


def _stretches(prescription: Prescription) -> tuple[Stretch, ...]:
    found = schedule.stretches(prescription, date.min, date.max)
    return tuple(
        Stretch(
            first=begins,
            last=None if ends == date.max else ends,
            starts_on=version.starts_on,
            ends_on=version.ends_on,
            weekdays=None if version.weekdays is None else tuple(sorted(version.weekdays)),
            every_n_days=version.every_n_days,
            due_per_day=version.due_per_day,
            as_needed=version.as_needed,
        )
        for version, begins, ends in found
    )


def _until(intervals: Iterable[Interval], last: date) -> list[Interval]:
    """What of these intervals lies up to a date."""
    return [(begins, last if ends is None else min(ends, last)) for begins, ends in intervals if begins <= last]


def _merged(intervals: Sequence[Interval], first: date, last: date) -> list[tuple[date, date]]:
    """What of these intervals lies in a window, oldest first, each date once."""
    found: list[tuple[date, date]] = []
    for begins, ends in sorted((max(begins, first), min(ends or last, last)) for begins, ends in intervals):
        if begins > ends:
            continue
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def _due(calendar: DueCalendar, first: date, last: date) -> int:
    due = 0
    for one in calendar.stretches:
        begins = max(one.first, first)
        ends = last if one.last is None else min(one.last, last)
        if begins <= ends:
            due += schedule.due_days(one, begins, ends) * one.due_per_day
    return due
