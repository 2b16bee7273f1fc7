"""Give a patient a single-use code with which their phone connects."""

from datetime import datetime, timedelta
from uuid import UUID

from app.domain.errors import ClinicIncomplete, PatientDischarged
from app.store import clinics, invitations, patients
from app.store.keys import new_code, new_id
from app.store.transaction import Transaction
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """A code that was just made; only its hash is kept."""

    id: UUID
    clinic: str
    code: str
    expires_at: datetime


def invite_patient(
    tx: Transaction, patient_id: UUID, kind: str, *, good_for_seconds: int, now: datetime
) -> NewInvitation:
    """A new code; earlier ones of this patient that nobody used stop working.

    Raises NotFound, ClinicIncomplete, PatientDischarged.
    """
    patient = patients.locked(tx, patient_id)
    if not clinics.settings(tx).is_complete:
        raise ClinicIncomplete("Set the clinic's phone or email and its emergency number before inviting patients.")
    if patient.status != "active":
        raise PatientDischarged("Take the patient back before inviting them.")
    made = NewInvitation(
        id=new_id(now), clinic=tx.scope.clinic, code=new_code(), expires_at=now + timedelta(seconds=good_for_seconds)
    )
    created_by = tx.scope.clinician_id
    assert created_by is not None
    invitations.add(
        tx,
        made.id,
        patient_id=patient_id,
        kind=kind,
        code=made.code,
        created_by=created_by,
        now=now,
        expires_at=made.expires_at,
    )
    return made
