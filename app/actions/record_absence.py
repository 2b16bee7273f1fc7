"""A clinician writes down that a patient is away or ill, or that this is over. Days before today keep their label."""

from datetime import date, datetime
from uuid import UUID

from app.actions.follow_courses import follow_courses
from app.domain.errors import PatientDischarged, invalid
from app.store import absences, prescriptions, revisions
from app.store.absences import StoredAbsence
from app.store.keys import new_id
from app.store.transaction import Transaction

AHEAD_DAYS = 366
"""How far ahead an absence may reach (product default)."""


def record_absence(
    tx: Transaction, patient_id: UUID, first_day: date, last_day: date, reason: str, note: str | None, now: datetime
) -> StoredAbsence:
    """Excuse the days from today or the first day on. Raises Invalid, PatientDischarged, NotFound."""
    patient = revisions.take(tx, patient_id)
    today = patient.today(now)
    if patient.status != "active":
        raise PatientDischarged("This patient was discharged.")
    if last_day < first_day:
        raise invalid("/last_day", "upside_down", "It must not be before `first_day`.")
    if last_day < today:
        raise invalid("/last_day", "out_of_range", "Days before today keep their label: nothing is left to excuse.")
    if (last_day - today).days > AHEAD_DAYS:
        raise invalid("/last_day", "out_of_range", f"An absence reaches at most {AHEAD_DAYS} days ahead.")
    stored = StoredAbsence(new_id(now), first_day, last_day, reason, note, known_on=today, ended_on=None)
    absences.add(tx, patient_id, stored, now)
    follow_courses(tx, patient, prescriptions.of_patient(tx, patient_id), today=today, now=now, has_new_facts=True)
    return stored


def end_absence(tx: Transaction, patient_id: UUID, absence_id: UUID, now: datetime) -> StoredAbsence:
    """From today on it excuses nothing any more. Ending it again, or when it is over, changes nothing."""
    patient = revisions.take(tx, patient_id)
    today = patient.today(now)
    found = absences.one(tx, patient_id, absence_id)
    if found.ended_on is None and found.last_day >= today:
        absences.end(tx, patient_id, absence_id, today)
        follow_courses(tx, patient, prescriptions.of_patient(tx, patient_id), today=today, now=now, has_new_facts=True)
    return absences.one(tx, patient_id, absence_id)
