"""Questions about invitations: single-use codes with which a phone becomes a patient's."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, insert, select, update

from app.store.guard import CLINIC
from app.store.keys import fold_code, secret_hash
from app.store.tables.patients import PatientRow
from app.store.tables.signing_in import InvitationRow
from app.store.transaction import Transaction
from app.values import dataclass

INSERT = insert(InvitationRow).values(clinic_id=CLINIC)
BY_CODE = (
    select(
        InvitationRow.id,
        InvitationRow.patient_id,
        InvitationRow.expires_at,
        InvitationRow.withdrawn_at,
        InvitationRow.redeemed_at,
        InvitationRow.redeemed_by_device,
        PatientRow.status,
        PatientRow.birth_year,
        PatientRow.time_zone,
    )
    .join(PatientRow, and_(PatientRow.clinic_id == CLINIC, PatientRow.id == InvitationRow.patient_id))
    .where(InvitationRow.clinic_id == CLINIC, InvitationRow.code_hash == bindparam("code_hash"))
    .with_for_update(of=InvitationRow)
)
REDEEM = (
    update(InvitationRow)
    .where(InvitationRow.clinic_id == CLINIC, InvitationRow.id == bindparam("invitation_id"))
    .values(redeemed_at=bindparam("at"), redeemed_by_device=bindparam("device_id"))
)
WITHDRAW_OPEN = (
    update(InvitationRow)
    .where(
        InvitationRow.clinic_id == CLINIC,
        InvitationRow.patient_id == bindparam("of_patient"),
        InvitationRow.redeemed_at.is_(None),
        InvitationRow.withdrawn_at.is_(None),
    )
    .values(withdrawn_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation and what is needed to judge it."""

    id: UUID
    patient_id: UUID
    expires_at: datetime
    withdrawn_at: datetime | None
    redeemed_at: datetime | None
    redeemed_by_device: str | None
    status: str
    birth_year: int | None
    time_zone: str


def add(
    tx: Transaction,
    invitation_id: UUID,
    *,
    patient_id: UUID,
    kind: str,
    code: str,
    created_by: UUID,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Keep the hash of a new code; earlier codes of the patient that nobody used stop working."""
    withdraw_open(tx, patient_id, now)
    tx.write(
        INSERT,
        id=invitation_id,
        patient_id=patient_id,
        kind=kind,
        code_hash=secret_hash(fold_code(code)),
        created_at=now,
        created_by=created_by,
        expires_at=expires_at,
    )


def withdraw_open(tx: Transaction, patient_id: UUID, now: datetime) -> None:
    """Codes of the patient that nobody used stop working."""
    tx.write(WITHDRAW_OPEN, of_patient=patient_id, at=now)


def by_code(tx: Transaction, code: str) -> Invitation | None:
    """The invitation behind a code as a person typed it, locked, or None."""
    row = tx.row(BY_CODE, code_hash=secret_hash(fold_code(code)))
    return None if row is None else Invitation(**row._asdict())


def redeem(tx: Transaction, invitation_id: UUID, *, device_id: str, now: datetime) -> None:
    """The code is used up, by this device."""
    tx.write(REDEEM, invitation_id=invitation_id, at=now, device_id=device_id)
