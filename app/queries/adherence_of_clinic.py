"""How much of what was asked did each patient of a clinic do in a window? Counts by arithmetic; writes nothing.

The same definition as for one patient (`adherence_of_patient`); a test holds the two together row by row.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.domain import days
from app.domain.adherence import Kept, Tally, tally_of_window
from app.domain.due_calendar import DueCalendar, Slots, slots
from app.domain.practice.quarter import kept_on, practice
from app.queries.adherence_of_patient import adherence_of_patient
from app.store import adherence, patients
from app.store.adherence import PatientOfClinic
from app.store.transaction import Transaction
from app.values import dataclass

ONE_DAY = timedelta(days=1)


class Sort(StrEnum):
    """What patients are sorted by; equals are sorted by their ids."""

    RATIO = "ratio"
    """The lowest ratio first; patients of whom nothing was expected come last."""
    NAME = "name"
    """By name."""
    LAST_PRACTISED = "last_practised"
    """Who has not practised for longest first, and before them who has not practised in the window at all."""


@dataclass(frozen=True, slots=True)
class PatientAdherence:
    """One patient's row. `last_practised_on` is the last date in the window with any practice that counts for them."""

    patient_id: UUID
    display_name: str
    search_name: str
    tally: Tally
    is_provisional: bool
    last_practised_on: date | None


@dataclass(frozen=True, slots=True)
class Window:
    """The window as it looks in one time zone: today, and the instant at which its last ended day was over."""

    first: date
    last: date
    today: date
    ended_at: datetime

    def is_provisional(self, heard_at: datetime | None) -> bool:
        """May reports of days that have ended still be on a phone that was last heard at this instant?"""
        has_ended_days = min(self.last, self.today - ONE_DAY) >= self.first
        return has_ended_days and (heard_at is None or heard_at < self.ended_at)


class Counted:
    """Slots of calendars, counted once for all patients who share them and began in the window on the same date."""

    def __init__(self) -> None:
        self._slots: dict[tuple[object, ...], Slots] = {}

    def __call__(self, calendars: Sequence[DueCalendar], first: date, last: date) -> Slots:
        """As `due_calendar.slots` counts. Calendars that read the same are one object here, kept as long as this."""
        key = (first, last, *map(id, calendars))
        found = self._slots.get(key)
        if found is None:
            found = self._slots[key] = slots(calendars, first, last)
        return found


def adherence_of_clinic(tx: Transaction, first: date, last: date, now: datetime) -> list[PatientAdherence]:
    """Every active patient's adherence from `first` to `last`, both included, in no order. Three questions."""
    calendars = adherence.calendars(tx)
    counted = Counted()
    windows: dict[tuple[str, date | None], Window] = {}
    rows = []
    for one in adherence.patients(tx, first, last):
        # Patients share few zones, and asking a zone is what costs most here.
        key = one.time_zone, one.newest_local_date
        window = windows.get(key)
        if window is None:
            window = windows[key] = _window(*key, first, last, now)
        rows.append(_row(tx, one, calendars.get(one.id, ()), window, counted))
    return rows


def in_order(rows: Sequence[PatientAdherence], sort: Sort) -> list[PatientAdherence]:
    """The rows in an order that has no equals."""
    return sorted(rows, key=lambda one: place_of(one, sort))


def place_of(one: PatientAdherence, sort: Sort) -> tuple[str, UUID]:
    """Where a row stands in an order, for going on after it."""
    return PLACES[sort](one), one.patient_id


def _ratio(one: PatientAdherence) -> str:
    return "none" if one.tally.ratio is None else f"{one.tally.ratio:.9f}"


PLACES: dict[Sort, Callable[[PatientAdherence], str]] = {
    Sort.RATIO: _ratio,
    Sort.NAME: lambda one: one.search_name,
    Sort.LAST_PRACTISED: lambda one: "" if one.last_practised_on is None else one.last_practised_on.isoformat(),
}


def _window(time_zone: str, newest: date | None, first: date, last: date, now: datetime) -> Window:
    zone = days.zone_or_utc(time_zone)
    today = days.today(now, zone, newest)
    return Window(first, last, today, days.first_instant(min(last + ONE_DAY, today), zone))


def _row(
    tx: Transaction,
    one: PatientOfClinic,
    calendars: Sequence[DueCalendar | None],
    window: Window,
    counted: Counted,
) -> PatientAdherence:
    known = [calendar for calendar in calendars if calendar is not None]
    is_by_clinic = one.logging == "clinic"
    connected_on = date.min if is_by_clinic else one.first_connected_on
    first = window.first if connected_on is None else max(window.first, connected_on)
    practised = practice(one.quarters, first, window.last)
    if len(known) < len(calendars):
        # What was stored before calendars were kept is counted the long way until it is rebuilt.
        found = adherence_of_patient(tx, patients.get(tx, one.id), window.first, window.last, window.today)
        tally, is_provisional = found.total, found.is_provisional
    else:
        is_provisional = not is_by_clinic and window.is_provisional(one.last_heard_at)
        tally = Tally()
        if connected_on is not None:
            kept_today = kept_on(one.quarters, window.today)
            kept = Kept(practised.kept, practised.kept_excused, practised.begun, kept_today)
            tally = tally_of_window(known, kept, first=first, last=window.last, today=window.today, counted=counted)
    practised_on = practised.practised_on
    return PatientAdherence(one.id, one.display_name, one.search_name, tally, is_provisional, practised_on)
