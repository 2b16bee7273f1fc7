"""Questions about a clinic's staff: who they are, how they sign in, and whom they treat."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, insert, select, update
from sqlalchemy.orm import aliased

from app.domain.errors import NotFound
from app.store.guard import CLINIC
from app.store.tables.clinics import ClinicianRow
from app.store.tables.patients import CareTeamRow
from app.store.tables.signing_in import SignInRow
from app.store.transaction import Transaction
from app.values import dataclass

EDITABLE = ("display_name", "is_admin", "is_clinician", "status")
COLUMNS = (
    ClinicianRow.id,
    ClinicianRow.version,
    ClinicianRow.email,
    ClinicianRow.display_name,
    ClinicianRow.is_admin,
    ClinicianRow.is_clinician,
    ClinicianRow.status,
    ClinicianRow.first_password_until,
    ClinicianRow.created_at,
)
ALL = select(*COLUMNS).where(ClinicianRow.clinic_id == CLINIC).order_by(ClinicianRow.display_name, ClinicianRow.id)
LOCKED = (
    select(*COLUMNS).where(ClinicianRow.clinic_id == CLINIC).order_by(ClinicianRow.id).with_for_update(of=ClinicianRow)
)
BY_EMAIL = select(
    ClinicianRow.id, ClinicianRow.password_hash, ClinicianRow.status, ClinicianRow.first_password_until
).where(ClinicianRow.clinic_id == CLINIC, ClinicianRow.email == bindparam("email"))
INSERT = insert(ClinicianRow).values(clinic_id=CLINIC)
UPDATE = (
    update(ClinicianRow)
    .where(ClinicianRow.clinic_id == CLINIC, ClinicianRow.id == bindparam("of_clinician"))
    .values(version=ClinicianRow.version + 1, **{name: bindparam(f"new_{name}") for name in EDITABLE})
)
SET_FIRST_PASSWORD = (
    update(ClinicianRow)
    .where(ClinicianRow.clinic_id == CLINIC, ClinicianRow.id == bindparam("of_clinician"))
    .values(password_hash=bindparam("new_hash"), first_password_until=bindparam("good_until"))
)
CHANGE_PASSWORD = (
    update(ClinicianRow)
    .where(
        ClinicianRow.clinic_id == CLINIC,
        ClinicianRow.id == bindparam("of_clinician"),
        ClinicianRow.password_hash == bindparam("old_hash"),
    )
    .values(password_hash=bindparam("new_hash"), first_password_until=None)
)
SIGN_OUT = (
    update(SignInRow)
    .where(
        SignInRow.clinic_id == CLINIC,
        SignInRow.clinician_id == bindparam("of_clinician"),
        SignInRow.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("at"), revoked_because=bindparam("because"))
)

TEAMS = (
    select(CareTeamRow.patient_id, ClinicianRow.id, ClinicianRow.display_name)
    .join(ClinicianRow, and_(ClinicianRow.clinic_id == CLINIC, ClinicianRow.id == CareTeamRow.clinician_id))
    .where(CareTeamRow.clinic_id == CLINIC, CareTeamRow.patient_id.in_(bindparam("patient_ids", expanding=True)))
    .order_by(ClinicianRow.display_name, ClinicianRow.id)
)
LEAVE = delete(CareTeamRow).where(CareTeamRow.clinic_id == CLINIC, CareTeamRow.patient_id == bindparam("of_patient"))
JOIN = insert(CareTeamRow).values(clinic_id=CLINIC)

TREATED_BY = select(CareTeamRow.patient_id).where(
    CareTeamRow.clinic_id == CLINIC, CareTeamRow.clinician_id == bindparam("of_clinician")
)
TREATED_BY_ANYBODY = (
    select(CareTeamRow.patient_id)
    .join(ClinicianRow, and_(ClinicianRow.clinic_id == CLINIC, ClinicianRow.id == CareTeamRow.clinician_id))
    .where(CareTeamRow.clinic_id == CLINIC, ClinicianRow.status == "active", ClinicianRow.is_clinician)
)
_already = aliased(CareTeamRow)
TAKE_OVER = (
    update(CareTeamRow)
    .where(
        CareTeamRow.clinic_id == CLINIC,
        CareTeamRow.clinician_id == bindparam("of_clinician"),
        CareTeamRow.patient_id.not_in(
            select(_already.patient_id).where(
                _already.clinic_id == CLINIC, _already.clinician_id == bindparam("new_clinician")
            )
        ),
    )
    .values(clinician_id=bindparam("new_clinician"))
)
STOP_TREATING = delete(CareTeamRow).where(
    CareTeamRow.clinic_id == CLINIC, CareTeamRow.clinician_id == bindparam("of_clinician")
)


@dataclass(frozen=True, slots=True)
class Clinician:
    """A member of staff. `first_password_until`: they have not chosen a password of their own yet."""

    id: UUID
    version: int
    email: str
    display_name: str
    is_admin: bool
    is_clinician: bool
    status: str
    first_password_until: datetime | None
    created_at: datetime

    @property
    def is_active(self) -> bool:
        """May they sign in?"""
        return self.status == "active"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signing in compares. `password_hash` is None for an unknown or disabled account."""

    clinician_id: UUID | None
    password_hash: str | None
    first_password_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a care team."""

    id: UUID
    display_name: str


def all_of_clinic(tx: Transaction) -> list[Clinician]:
    """The clinic's staff by name, disabled ones too."""
    return [Clinician(**row._asdict()) for row in tx.rows(ALL)]


def get(tx: Transaction, clinician_id: UUID) -> Clinician:
    """One member of staff. Raises NotFound."""
    return _one_of(all_of_clinic(tx), clinician_id)


def locked(tx: Transaction) -> list[Clinician]:
    """The whole staff, held until the transaction ends: who is the last administrator depends on all of them."""
    return [Clinician(**row._asdict()) for row in tx.rows(LOCKED)]


def credentials(tx: Transaction, email: str) -> Credentials:
    """What belongs to an email address, folded to lower case."""
    row = tx.row(BY_EMAIL, email=email)
    if row is None or row.status != "active":
        return Credentials(None, None)
    return Credentials(row.id, row.password_hash, row.first_password_until)


def is_taken(tx: Transaction, email: str) -> bool:
    """Does somebody of the clinic have this email address already, disabled or not?"""
    return tx.row(BY_EMAIL, email=email) is not None


def add(tx: Transaction, clinician_id: UUID, values: Mapping[str, Any], now: datetime) -> None:
    """A new member of staff."""
    tx.write(INSERT, id=clinician_id, status="active", version=1, created_at=now, **values)


def replace(tx: Transaction, clinician_id: UUID, values: Mapping[str, Any]) -> None:
    """Write all of `EDITABLE`; counts one version."""
    tx.write(UPDATE, of_clinician=clinician_id, **{f"new_{name}": values[name] for name in EDITABLE})


def set_first_password(tx: Transaction, clinician_id: UUID, password_hash: str, *, good_until: datetime) -> None:
    """From now on a password that the server made opens the choice of another, until an instant."""
    tx.write(SET_FIRST_PASSWORD, of_clinician=clinician_id, new_hash=password_hash, good_until=good_until)


def change_password(tx: Transaction, clinician_id: UUID, *, old_hash: str, new_hash: str) -> bool:
    """Keep a password that the person chose, if the old one is still what it was; was it?"""
    return tx.write(CHANGE_PASSWORD, of_clinician=clinician_id, old_hash=old_hash, new_hash=new_hash) == 1


def sign_out(tx: Transaction, clinician_id: UUID, *, because: str, now: datetime) -> None:
    """End all sign-ins of a member of staff, on every device, at once."""
    tx.write(SIGN_OUT, of_clinician=clinician_id, at=now, because=because)


def care_teams_of(tx: Transaction, patient_ids: Sequence[UUID]) -> dict[UUID, list[Member]]:
    """Who treats some patients, by name."""
    found: dict[UUID, list[Member]] = {patient_id: [] for patient_id in patient_ids}
    if patient_ids:
        for row in tx.rows(TEAMS, patient_ids=list(patient_ids)):
            found[row.patient_id].append(Member(row.id, row.display_name))
    return found


def set_care_team(tx: Transaction, patient_id: UUID, clinician_ids: Collection[UUID]) -> None:
    """From now on these treat the patient, and nobody else."""
    tx.write(LEAVE, of_patient=patient_id)
    tx.write_all(JOIN, [{"patient_id": patient_id, "clinician_id": one} for one in clinician_ids])


def pass_patients(tx: Transaction, clinician_id: UUID, to: UUID | None) -> int:
    """A clinician treats nobody any more, and `to` all their patients; how many are treated by nobody now.

    For administrators.
    """
    treated = {row.patient_id for row in tx.rows(TREATED_BY, of_clinician=clinician_id)}
    if to is not None:
        tx.write(TAKE_OVER, of_clinician=clinician_id, new_clinician=to)
    tx.write(STOP_TREATING, of_clinician=clinician_id)
    return len(treated - {row.patient_id for row in tx.rows(TREATED_BY_ANYBODY)}) if treated else 0


def _one_of(staff: Sequence[Clinician], clinician_id: UUID) -> Clinician:
    found = next((one for one in staff if one.id == clinician_id), None)
    if found is None:
        raise NotFound("There is no such member of staff.")
    return found
