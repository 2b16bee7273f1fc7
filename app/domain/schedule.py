"""On which days is an exercise due?

Either on named weekdays or every so many days from the start. Counting days over a window is arithmetic, not a walk
through the days. An `as_needed` prescription is never due. This file refuses to know what was practised.
"""

from datetime import date, timedelta

from app.domain.prescription import Prescription, Version
from app.values import dataclass

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """When something is due, as one version says it, for the dates on which that version is in force.

    `last` is None for the newest version. The other fields are those of `Version`; `weekdays` are in order.
    """

    first: date
    last: date | None
    starts_on: date
    ends_on: date | None
    weekdays: tuple[int, ...] | None
    every_n_days: int | None
    due_per_day: int
    as_needed: bool


def is_running(version: Version, day: date) -> bool:
    """Does the day lie from the version's first to its last day, both included?"""
    return version.starts_on <= day and (version.ends_on is None or day <= version.ends_on)


def is_due(version: Version | Stretch, day: date) -> bool:
    """Is the exercise due on this local date, if this version holds on it?"""
    if version.as_needed or day < version.starts_on or (version.ends_on is not None and day > version.ends_on):
        return False
    if version.weekdays is not None:
        return day.weekday() in version.weekdays
    return (day - version.starts_on).days % (version.every_n_days or 1) == 0


def due_days(version: Version | Stretch, first: date, last: date) -> int:
    """How many days are due from `first` to `last`, both included, if this version holds on all of them."""
    first = max(first, version.starts_on)
    last = last if version.ends_on is None else min(last, version.ends_on)
    if version.as_needed or first > last:
        return 0
    if version.weekdays is None:
        step = version.every_n_days or 1
        before = (first - version.starts_on).days
        return (last - version.starts_on).days // step - (before - 1) // step
    weeks, rest = divmod((last - first).days + 1, 7)
    begun = sum((first.weekday() + ahead) % 7 in version.weekdays for ahead in range(rest))
    return weeks * len(version.weekdays) + begun


def stretches(prescription: Prescription, first: date, last: date) -> list[tuple[Version, date, date]]:
    """The versions in force from `first` to `last`, each with its first and last day in that window, oldest first."""
    found = []
    for index, version in enumerate(prescription.versions):
        begins = first if index == 0 else max(first, version.effective_on)
        # A newer version takes over on its own day, even from one that was planned for later.
        newer = [later.effective_on - ONE_DAY for later in prescription.versions[index + 1 :]]
        ends = min([last, *newer])
        if begins <= ends:
            found.append((version, begins, ends))
    return sorted(found, key=lambda stretch: stretch[1])


def due_days_of(prescription: Prescription, first: date, last: date) -> int:
    """How many days are due from `first` to `last`, each by the version in force on it."""
    return sum(due_days(version, begins, ends) for version, begins, ends in stretches(prescription, first, last))


def previous_due(version: Version, day: date) -> date | None:
    """The last due day before `day`, None when there is none."""
    if version.as_needed or (version.weekdays is not None and not version.weekdays):
        return None
    last = day - ONE_DAY if version.ends_on is None else min(day - ONE_DAY, version.ends_on)
    if version.weekdays is None:
        last -= timedelta(days=(last - version.starts_on).days % (version.every_n_days or 1))
    else:
        while last.weekday() not in version.weekdays:
            last -= ONE_DAY
    return last if last >= version.starts_on else None


def calendar_span(version: Version, due: int) -> int:
    """How many calendar days in a row always hold at least this many due days while the version runs."""
    if version.weekdays is None:
        return due * (version.every_n_days or 1)
    return -(-due // max(1, len(version.weekdays))) * 7
