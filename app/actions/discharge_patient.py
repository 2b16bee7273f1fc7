"""End a patient's treatment, and take a patient back. The phone hears 410 in between and keeps what it has not sent."""

from datetime import datetime
from uuid import UUID

from app.actions.close_prescription import OVER, close_all
from app.domain.errors import PatientDischarged
from app.store import invitations, patients, prescriptions, revisions
from app.store.transaction import Transaction


def discharge_patient(tx: Transaction, patient_id: UUID, reason: str, note: str | None, now: datetime) -> None:
    """End the treatment from now on: every prescription closes, and codes that nobody used stop working.

    `completed` closes prescriptions as completed, any other reason as ended. Raises PatientDischarged, NotFound.
    """
    patient = revisions.take(tx, patient_id)
    today = patient.today(now)
    if patient.status != "active":
        raise PatientDischarged("This patient was discharged before.")
    running = [
        one for one in prescriptions.of_patient(tx, patient_id) if one.carried(today).standing.status not in OVER
    ]
    how = "completed" if reason == "completed" else "ended"
    close_all(tx, patient, running, how, note or "The patient was discharged.", today=today, now=now)
    invitations.withdraw_open(tx, patient_id, now)
    patients.add_discharge(tx, patient_id, reason=reason, note=note, on=today, now=now)
    patients.set_status(tx, patient_id, "discharged")


def take_back(tx: Transaction, patient_id: UUID, now: datetime) -> None:
    """Begin the treatment again: the phone may speak; what was prescribed stays closed."""
    patients.end_discharge(tx, patient_id, revisions.take(tx, patient_id).today(now))
    patients.set_status(tx, patient_id, "active")
