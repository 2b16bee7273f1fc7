"""Questions about the practice of all patients of a clinic at once: what was due and what was kept in a window.

Each is one statement for the whole clinic, and reads by an index what lies in the window, not what was before it. Each
stands here twice: for all patients, and for those whom one clinician treats.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, func, or_, select

from app.domain.due_calendar import DueCalendar
from app.store.guard import CLINIC, TREATED
from app.store.shapes import DUE_CALENDAR
from app.store.tables.patients import PatientRow
from app.store.tables.practice import PracticeDayRow
from app.store.tables.prescriptions import PrescriptionRow
from app.store.transaction import Transaction

ACTIVE = (PatientRow.clinic_id == CLINIC, PatientRow.status == "active")
# From patients to their days, so that each patient's part of the index is read once and needs no sorting. A day of
# which everything was withdrawn adds nothing.
PRACTISED = and_(
    PracticeDayRow.clinic_id == CLINIC,
    PracticeDayRow.patient_id == PatientRow.id,
    PracticeDayRow.is_current,
    PracticeDayRow.done + PracticeDayRow.partial > 0,
    or_(PatientRow.first_connected_on.is_(None), PracticeDayRow.local_date >= PatientRow.first_connected_on),
    PracticeDayRow.local_date >= bindparam("first"),
    PracticeDayRow.local_date <= bindparam("last"),
)
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
        func.coalesce(func.sum(PracticeDayRow.kept), 0),
        func.coalesce(func.sum(PracticeDayRow.kept_excused), 0),
        func.coalesce(func.sum(PracticeDayRow.begun), 0),
        func.max(PracticeDayRow.local_date),
    )
    .outerjoin(PracticeDayRow, PRACTISED)
    .where(*ACTIVE)
    .group_by(PatientRow.clinic_id, PatientRow.id)
)
KEPT_ON = (
    select(PatientRow.id, PracticeDayRow.local_date, func.sum(PracticeDayRow.kept))
    .join(PracticeDayRow, PRACTISED)
    .where(*ACTIVE, PracticeDayRow.kept > 0)
    .group_by(PatientRow.id, PracticeDayRow.local_date)
)
CALENDARS = select(PrescriptionRow.patient_id, PrescriptionRow.due_calendar).where(
    PrescriptionRow.clinic_id == CLINIC, PrescriptionRow.is_void.is_(False)
)
PATIENTS_TREATED = PATIENTS.where(PatientRow.id.in_(TREATED))
KEPT_ON_BY_TREATED = KEPT_ON.where(PatientRow.id.in_(TREATED))
CALENDARS_OF_TREATED = CALENDARS.where(PrescriptionRow.patient_id.in_(TREATED))

FARTHEST_WEST = timedelta(hours=12)
"""No zone's date is earlier than the date so many hours ago in UTC."""


@dataclass(frozen=True, slots=True)
class PatientOfClinic:
    """A patient in a list of all, with sums over their practice days in a window.

    `search_name` is the name as it is sorted. The sums begin on the date on which the phone was connected, and leave
    out days that were never counted. `last_practised_on` is the last of these dates with any practice.
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


def patients(tx: Transaction, first: date, last: date) -> list[PatientOfClinic]:
    """The active patients, in no order, with what they did from `first` to `last`."""
    rows: Sequence[Any] = tx.listed(PATIENTS, PATIENTS_TREATED, first=first, last=last)
    return [PatientOfClinic(*row) for row in rows]


def calendars(tx: Transaction) -> dict[UUID, list[DueCalendar | None]]:
    """The due calendars by patient; None for one that was never made."""
    found: dict[UUID, list[DueCalendar | None]] = {}
    rows: Sequence[Any] = tx.listed(CALENDARS, CALENDARS_OF_TREATED)
    for patient_id, text in rows:
        found.setdefault(patient_id, []).append(None if text is None else DUE_CALENDAR.validate_json(text))
    return found


def kept_lately(tx: Transaction, last: date, now: datetime) -> dict[tuple[UUID, date], int]:
    """The due slots kept on each date that may still be today somewhere, up to `last`."""
    first = (now - FARTHEST_WEST).date()
    rows: Sequence[Any] = tx.listed(KEPT_ON, KEPT_ON_BY_TREATED, first=first, last=last) if first <= last else ()
    return {(patient_id, on): in_time for patient_id, on, in_time in rows}
