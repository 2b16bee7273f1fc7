"""Questions about the practice of all patients of a clinic at once: what was due and what was kept in a window.

Each is one statement for the whole clinic, and reads by an index the weeks of the window, not what was before it. Each
stands here twice: for all patients, and for those whom one clinician treats.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, func, or_, select

from app.domain.due_calendar import DueCalendar
from app.store.guard import CLINIC, TREATED
from app.store.practice_weeks import WEEK_DAYS, week_of
from app.store.shapes import DUE_CALENDAR
from app.store.tables.patients import PatientRow
from app.store.tables.practice import PracticeWeekRow
from app.store.tables.prescriptions import PrescriptionRow
from app.store.transaction import Transaction

ACTIVE = (PatientRow.clinic_id == CLINIC, PatientRow.status == "active")
# From patients to their weeks, so that each patient's part of the key is read once and needs no sorting.
OF_PATIENT = and_(PracticeWeekRow.clinic_id == CLINIC, PracticeWeekRow.patient_id == PatientRow.id)
PATIENTS = (
    select(
        PatientRow.id,
        PatientRow.display_name,
        PatientRow.search_name,
        PatientRow.time_zone,
        PatientRow.logging,
        PatientRow.newest_local_date,
        PatientRow.first_connected_on,
        PatientRow.last_heard_at,
        func.coalesce(func.sum(PracticeWeekRow.kept), 0),
        func.coalesce(func.sum(PracticeWeekRow.kept_excused), 0),
        func.coalesce(func.sum(PracticeWeekRow.begun), 0),
        func.max(PracticeWeekRow.practised_on),
    )
    .outerjoin(
        PracticeWeekRow,
        and_(
            OF_PATIENT,
            PracticeWeekRow.week_start >= bindparam("first_week"),
            PracticeWeekRow.week_start < bindparam("end_week"),
            or_(PatientRow.first_connected_on.is_(None), PracticeWeekRow.week_start >= PatientRow.first_connected_on),
        ),
    )
    .where(*ACTIVE)
    .group_by(PatientRow.clinic_id, PatientRow.id)
)
# The outer join keeps databases from beginning with the weeks of everybody.
EDGES = (
    select(PatientRow.id, PatientRow.first_connected_on, PracticeWeekRow.week_start, PracticeWeekRow.days)
    .outerjoin(
        PracticeWeekRow,
        and_(
            OF_PATIENT,
            PracticeWeekRow.week_start >= bindparam("begin_week"),
            PracticeWeekRow.week_start <= bindparam("last"),
            or_(
                PracticeWeekRow.week_start.in_(bindparam("weeks", expanding=True)),
                and_(
                    PracticeWeekRow.week_start < PatientRow.first_connected_on,
                    PracticeWeekRow.week_end >= PatientRow.first_connected_on,
                ),
            ),
        ),
    )
    .where(*ACTIVE)
)
CALENDARS = select(PrescriptionRow.patient_id, PrescriptionRow.due_calendar).where(
    PrescriptionRow.clinic_id == CLINIC, PrescriptionRow.is_void.is_(False)
)
PATIENTS_TREATED = PATIENTS.where(PatientRow.id.in_(TREATED))
EDGES_OF_TREATED = EDGES.where(PatientRow.id.in_(TREATED))
CALENDARS_OF_TREATED = CALENDARS.where(PrescriptionRow.patient_id.in_(TREATED))

ONE_DAY = timedelta(days=1)
FARTHEST_WEST = timedelta(hours=12)
"""No zone's date is earlier than the date so many hours ago in UTC."""


@dataclass(frozen=True, slots=True)
class PatientOfClinic:
    """A patient in a list of all, with sums over their practice days in a window.

    `search_name` is the name as it is sorted. The sums begin on the date on which the phone was connected, and leave
    out days that were never counted. `last_practised_on` is the last of these dates with any practice. `kept_on` has
    the part of `kept` that was done on single dates, those that may still be today somewhere among them.
    """

    id: UUID
    display_name: str
    search_name: str
    time_zone: str
    logging: str
    newest_local_date: date | None
    first_connected_on: date | None
    last_heard_at: datetime | None
    kept: int
    kept_excused: int
    begun: int
    last_practised_on: date | None
    kept_on: Mapping[date, int]


def patients(tx: Transaction, first: date, last: date, now: datetime) -> list[PatientOfClinic]:
    """The active patients, in no order, with what they did from `first` to `last`, both included.

    Whole weeks are summed by the database. The weeks at both ends, those in which today may lie, and the one in which a
    phone was first connected are read by day.
    """
    first_week = week_of(first + timedelta(days=WEEK_DAYS - 1))
    # From the earliest date that may still be today somewhere, days are told one by one.
    end_week = max(first_week, week_of(min(last + ONE_DAY, (now - FARTHEST_WEST).date())))
    weeks = {week_of(first), *_weeks(end_week, last)} - set(_weeks(first_week, end_week - ONE_DAY))
    edges: dict[UUID, _Edge] = {}
    # Weeks of many patients read the same, so each text is read once.
    known: dict[tuple[date | None, date, str], _Edge] = {}
    read: Sequence[Any] = tx.listed(EDGES, EDGES_OF_TREATED, weeks=sorted(weeks), begin_week=week_of(first), last=last)
    for patient_id, connected_on, week_start, text in read:
        if text is None:
            continue
        key = connected_on, week_start, text
        edge = known.get(key)
        if edge is None:
            begin = first if connected_on is None else max(first, connected_on)
            edge = known[key] = _edge(week_start, json.loads(text), begin, last)
        before = edges.get(patient_id)
        edges[patient_id] = edge if before is None else before.and_then(edge)
    rows: Sequence[Any] = tx.listed(PATIENTS, PATIENTS_TREATED, first_week=first_week, end_week=end_week)
    return [_patient(row, edges.get(row[0], NO_EDGE)) for row in rows]


def _weeks(first: date, last: date) -> Iterator[date]:
    """The weeks in which these dates lie; none when `last` is before `first`."""
    week = week_of(first)
    while week <= last:
        yield week
        week += timedelta(days=WEEK_DAYS)


class _Edge(NamedTuple):
    """What a patient did on single days of a window."""

    kept: int
    kept_excused: int
    begun: int
    practised_on: date | None
    kept_on: Mapping[date, int]

    def and_then(self, other: "_Edge") -> "_Edge":
        """These days and those of another week."""
        dates = [on for on in (self.practised_on, other.practised_on) if on is not None]
        return _Edge(
            self.kept + other.kept,
            self.kept_excused + other.kept_excused,
            self.begun + other.begun,
            max(dates, default=None),
            {**self.kept_on, **other.kept_on},
        )


NO_EDGE = _Edge(0, 0, 0, None, {})


def _edge(week: date, days: Sequence[Sequence[int]], first: date, last: date) -> _Edge:
    """Those days of a week that lie in a window."""
    dates = [week + timedelta(days=number) for number in range(WEEK_DAYS)]
    found = {on: numbers for on, numbers in zip(dates, days, strict=True) if first <= on <= last and numbers[-1]}
    kept, kept_excused, begun = (sum(numbers[place] for numbers in found.values()) for place in range(3))
    kept_on = {on: numbers[0] for on, numbers in found.items()}
    return _Edge(kept, kept_excused, begun, max(found, default=None), kept_on)


def _patient(row: Sequence[Any], edge: _Edge) -> PatientOfClinic:
    practised_on = [on for on in (row[11], edge.practised_on) if on is not None]
    sums: Sequence[Any] = (row[8] + edge.kept, row[9] + edge.kept_excused, row[10] + edge.begun)
    whole: Sequence[Any] = (*row[:8], *sums, max(practised_on, default=None), edge.kept_on)
    return PatientOfClinic(*whole)


def calendars(tx: Transaction) -> dict[UUID, list[DueCalendar | None]]:
    """The due calendars by patient; None for one that was never made."""
    found: dict[UUID, list[DueCalendar | None]] = {}
    # Who began on one day with one plan has one calendar, so each text is read once.
    read: dict[str | None, DueCalendar | None] = {None: None}
    rows: Sequence[Any] = tx.listed(CALENDARS, CALENDARS_OF_TREATED)
    for patient_id, text in rows:
        if text not in read:
            read[text] = DUE_CALENDAR.validate_json(text)
        found.setdefault(patient_id, []).append(read[text])
    return found
