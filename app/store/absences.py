"""Questions about the days on which patients are away or ill."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from app.domain.decision import Absence
from app.domain.errors import NotFound
from app.store.guard import CLINIC
from app.store.tables.patients import AbsenceRow
from app.store.transaction import Transaction
from app.values import dataclass

OF_PATIENT = (
    select(
        AbsenceRow.id,
        AbsenceRow.first_day,
        AbsenceRow.last_day,
        AbsenceRow.reason,
        AbsenceRow.note,
        AbsenceRow.known_on,
        AbsenceRow.ended_on,
    )
    .where(AbsenceRow.clinic_id == CLINIC, AbsenceRow.patient_id == bindparam("patient_id"))
    .order_by(AbsenceRow.first_day.desc(), AbsenceRow.id.desc())
)
INSERT = insert(AbsenceRow).values(clinic_id=CLINIC)
END = (
    update(AbsenceRow)
    .where(
        AbsenceRow.clinic_id == CLINIC,
        AbsenceRow.patient_id == bindparam("of_patient"),
        AbsenceRow.id == bindparam("absence_id"),
        AbsenceRow.ended_on.is_(None),
    )
    .values(ended_on=bindparam("on"), ended_by=bindparam("by"))
)


@dataclass(frozen=True, slots=True)
class StoredAbsence:
    """An absence as a clinician wrote it down, and the local date from which it excuses nothing any more."""

    id: UUID
    first_day: date
    last_day: date
    reason: str
    note: str | None
    known_on: date
    ended_on: date | None


def of_patient(tx: Transaction, patient_id: UUID) -> list[StoredAbsence]:
    """All absences of a patient, the latest first, ended ones too."""
    rows = tx.rows(OF_PATIENT, patient_id=patient_id)
    return [StoredAbsence(**row._asdict()) for row in rows]


def one(tx: Transaction, patient_id: UUID, absence_id: UUID) -> StoredAbsence:
    """One absence of the patient. Raises NotFound."""
    found = next((each for each in of_patient(tx, patient_id) if each.id == absence_id), None)
    if found is None:
        raise NotFound("There is no such absence.")
    return found


def known(tx: Transaction, patient_id: UUID) -> list[Absence]:
    """The same as courses see them."""
    return [Absence(each.first_day, each.last_day, each.known_on, each.ended_on) for each in of_patient(tx, patient_id)]


def add(tx: Transaction, patient_id: UUID, stored: StoredAbsence, now: datetime) -> None:
    """Keep an absence."""
    tx.write(
        INSERT,
        patient_id=patient_id,
        id=stored.id,
        first_day=stored.first_day,
        last_day=stored.last_day,
        reason=stored.reason,
        note=stored.note,
        known_on=stored.known_on,
        recorded_at=now,
        recorded_by=tx.scope.clinician_id,
    )


def end(tx: Transaction, patient_id: UUID, absence_id: UUID, on: date) -> None:
    """From a local date on it excuses nothing any more. Ending it again changes nothing."""
    tx.write(END, of_patient=patient_id, absence_id=absence_id, on=on, by=tx.scope.clinician_id)
