"""Questions about a clinic's settings."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from app.store.guard import CLINIC
from app.store.tables.clinics import ClinicSettingsRow
from app.store.transaction import Transaction
from app.values import dataclass

SETTINGS = select(
    ClinicSettingsRow.revision,
    ClinicSettingsRow.name,
    ClinicSettingsRow.time_zone,
    ClinicSettingsRow.language,
    ClinicSettingsRow.phone,
    ClinicSettingsRow.email,
    ClinicSettingsRow.hours,
    ClinicSettingsRow.emergency_number,
    ClinicSettingsRow.defaults,
    ClinicSettingsRow.who_sees_patients,
).where(ClinicSettingsRow.clinic_id == CLINIC)
EDITABLE = (
    *("name", "time_zone", "language", "phone", "email", "hours", "emergency_number", "defaults"),
    "who_sees_patients",
)
REPLACE = (
    update(ClinicSettingsRow)
    .where(ClinicSettingsRow.clinic_id == CLINIC, ClinicSettingsRow.revision == bindparam("expected_revision"))
    .values(revision=ClinicSettingsRow.revision + 1, **{name: bindparam(f"new_{name}") for name in EDITABLE})
)
INSERT_SETTINGS = insert(ClinicSettingsRow).values(clinic_id=CLINIC)


@dataclass(frozen=True, slots=True)
class Clinic:
    """A clinic's settings.

    `defaults` holds `advance` and `pain_free_days`; contact fields are None until they are set. `who_sees_patients` is
    `everyone`, or `care_team`: then a clinician sees the patients whom they treat, and no others.
    """

    revision: int
    name: str
    time_zone: str
    language: str
    phone: str | None
    email: str | None
    hours: str | None
    emergency_number: str | None
    defaults: Mapping[str, Any]
    who_sees_patients: str

    @property
    def is_complete(self) -> bool:
        """May patients be invited? A phone must be able to show a contact and an emergency number."""
        return bool(self.emergency_number and (self.phone or self.email))


def settings(tx: Transaction) -> Clinic:
    """The clinic's settings."""
    row = tx.rows(SETTINGS)[0]
    return Clinic(**row._asdict())


def replace_settings(tx: Transaction, expected_revision: int, values: Mapping[str, Any]) -> bool:
    """Replace all of `EDITABLE` if the settings are still at this revision; were they?"""
    new = {f"new_{name}": values[name] for name in EDITABLE}
    return tx.write(REPLACE, expected_revision=expected_revision, **new) == 1


def add_settings(tx: Transaction, values: Mapping[str, Any], now: datetime) -> None:
    """The settings of a new clinic."""
    tx.write(INSERT_SETTINGS, revision=1, created_at=now, **values)
