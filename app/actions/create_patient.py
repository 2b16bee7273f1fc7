"""Make a patient of the clinic."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain import days
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
    today = days.today(now, days.zone_or_utc(resolved["time_zone"]), None)
    newest_fact_on = today if conditions else None
    patients.add(tx, patient_id, resolved, created_by=tx.scope.clinician_id, newest_fact_on=newest_fact_on, now=now)
    for condition in conditions:
        patients.add_caution(tx, patient_id, condition, known_on=today, note=None, now=now)
    return patient_id
