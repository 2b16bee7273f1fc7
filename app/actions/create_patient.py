"""Make a patient of the clinic."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.store import clinics, patients
from app.store.keys import new_id
from app.store.transaction import Transaction


def create_patient(tx: Transaction, values: Mapping[str, Any], conditions: Sequence[str], now: datetime) -> UUID:
    """A new patient, who carries these conditions from today on. Zone and language are the clinic's unless given."""
    clinic = clinics.settings(tx)
    resolved = {
        **values,
        "time_zone": values["time_zone"] or clinic.time_zone,
        "language": values["language"] or clinic.language,
    }
    patient_id = new_id(now)
    patients.add(tx, patient_id, resolved, created_by=tx.scope.clinician_id, now=now)
    today = patients.get(tx, patient_id).today(now)
    for condition in conditions:
        patients.add_caution(tx, patient_id, condition, known_on=today, note=None, now=now)
    return patient_id
