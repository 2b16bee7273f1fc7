"""Questions about the practice of all patients of a clinic at once: what was due and what was kept in a window.

Each is one statement for the whole clinic, and reads by an index the quarters of the window, not what was before it.
Each stands here twice: for all patients, and for those whom one clinician treats.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from app.domain.due_calendar import DueCalendar
from app.domain.practice.quarter import PracticeQuarter, quarter_of
from app.store.guard import CLINIC, TREATED
from app.store.shapes import DUE_CALENDAR
from app.store.tables.patients import PatientRow
from app.store.tables.practice import PracticeQuarterRow
from app.store.tables.prescriptions import PrescriptionRow
from app.store.transaction import Transaction
from app.values import dataclass

ACTIVE = (PatientRow.clinic_id == CLINIC, PatientRow.status == "active")
PATIENTS = select(
    PatientRow.id,
    PatientRow.display_name,
    PatientRow.search_name,
    PatientRow.time_zone,
    PatientRow.logging,
    PatientRow.newest_local_date,
    PatientRow.first_connected_on,
    PatientRow.last_heard_at,
).where(*ACTIVE)
# Not joined to the patients: the quarters of a window lie side by side, and are read as they lie.
QUARTERS = select(
    PracticeQuarterRow.patient_id,
    PracticeQuarterRow.quarter_start,
    PracticeQuarterRow.kept,
    PracticeQuarterRow.kept_excused,
    PracticeQuarterRow.begun,
    PracticeQuarterRow.practised,
).where(
    PracticeQuarterRow.clinic_id == CLINIC,
    PracticeQuarterRow.quarter_start >= bindparam("first_quarter"),
    PracticeQuarterRow.quarter_start <= bindparam("last"),
)
CALENDARS = select(PrescriptionRow.patient_id, PrescriptionRow.due_calendar).where(
    PrescriptionRow.clinic_id == CLINIC, PrescriptionRow.is_void.is_(False)
)
PATIENTS_TREATED = PATIENTS.where(PatientRow.id.in_(TREATED))
QUARTERS_OF_TREATED = QUARTERS.where(PracticeQuarterRow.patient_id.in_(TREATED))
CALENDARS_OF_TREATED = CALENDARS.where(PrescriptionRow.patient_id.in_(TREATED))


@dataclass(frozen=True, slots=True)
class PatientOfClinic:
    """A patient in a list of all, and the quarters of their practice that a window touches.

    `search_name` is the name as it is sorted.
    """

    id: UUID
    display_name: str
    search_name: str
    time_zone: str
    logging: str
    newest_local_date: date | None
    first_connected_on: date | None
    last_heard_at: datetime | None
    quarters: Sequence[PracticeQuarter]


def patients(tx: Transaction, first: date, last: date) -> list[PatientOfClinic]:
    """The active patients, in no order, with the quarters in which they did something from `first` to `last`."""
    found: dict[UUID, list[PracticeQuarter]] = {}
    quarters: Sequence[Any] = tx.listed(QUARTERS, QUARTERS_OF_TREATED, first_quarter=quarter_of(first), last=last)
    for patient_id, *quarter in quarters:
        found.setdefault(patient_id, []).append(PracticeQuarter(*quarter))
    rows: Sequence[Any] = tx.listed(PATIENTS, PATIENTS_TREATED)
    return [_patient((*row, found.get(row[0], ()))) for row in rows]


def _patient(values: Sequence[Any]) -> PatientOfClinic:
    return PatientOfClinic(*values)


def calendars(tx: Transaction) -> dict[UUID, list[DueCalendar | None]]:
    """The due calendars by patient; None for one that was never made."""
    found: dict[UUID, list[DueCalendar | None]] = {}
    # Who began on one day with one plan has one calendar, so each text is read once.
    read: dict[str | None, DueCalendar | None] = {None: None}
    rows: Sequence[Any] = tx.listed(CALENDARS, CALENDARS_OF_TREATED)
    for patient_id, text in rows:
        if text not in read:
            read[text] = DUE_CALENDAR.read(text)
        found.setdefault(patient_id, []).append(read[text])
    return found
