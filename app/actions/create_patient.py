"""Make a patient of the clinic."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain import days
from app.domain.errors import FieldError, Invalid
from app.store import clinicians, clinics, patients
from app.store.keys import new_id
from app.store.transaction import Transaction


def create_patient(
    tx: Transaction, values: Mapping[str, Any], conditions: Sequence[str], care_team: Sequence[UUID], now: datetime
) -> UUID:
    """A new patient, who carries these conditions from today on. Zone and language are the clinic's unless given.

    An empty `care_team` means whoever makes the patient. Raises Invalid for who is no active clinician.
    """
    clinic = clinics.settings(tx)
    resolved = {
        **values,
        "time_zone": values["time_zone"] or clinic.time_zone,
        "language": values["language"] or clinic.language,
    }
    patient_id = new_id(now)
    today = days.today(now, days.zone_or_utc(resolved["time_zone"]), None)
    newest_fact_on = today if conditions else None
    patients.add(tx, patient_id, resolved, created_by=tx.scope.clinician_id, newest_fact_on=newest_fact_on, now=now)
    assert tx.scope.clinician_id is not None
    require_clinicians(tx, care_team)
    clinicians.set_care_team(tx, patient_id, care_team or [tx.scope.clinician_id])
    for condition in conditions:
        patients.add_caution(tx, patient_id, condition, known_on=today, note=None, now=now)
    return patient_id


def require_clinicians(tx: Transaction, care_team: Sequence[UUID]) -> None:
    """Raise Invalid unless all of them are active clinicians of the clinic."""
    treating = (
        {one.id for one in clinicians.all_of_clinic(tx) if one.is_active and one.is_clinician} if care_team else ()
    )
    wrong = tuple(
        FieldError(f"/care_team/{index}", "unknown_clinician", "This is no active clinician of the clinic.")
        for index, one in enumerate(care_team)
        if one not in treating
    )
    if wrong:
        raise Invalid(wrong[0].detail, errors=wrong)
