"""Give a signed-in device its pair of tokens."""

from datetime import datetime
from uuid import UUID

from app.config import Settings
from app.store import sign_ins
from app.store.keys import new_secret
from app.store.transaction import Transaction
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair of tokens and whose they are. Both begin with the clinic's short name."""

    access_token: str
    refresh_token: str
    expires_in: int
    principal_kind: str
    principal_id: UUID
    clinic: str


def issue_tokens(
    tx: Transaction,
    sign_in_id: UUID,
    *,
    patient_id: UUID | None,
    clinician_id: UUID | None,
    parent: bytes | None,
    settings: Settings,
    now: datetime,
) -> Tokens:
    """A new access token and a new refresh token for one sign-in.

    `parent` is the refresh token they were exchanged for.
    """
    access, refresh = new_secret(), new_secret()
    lifetime = settings.patient_refresh_seconds if patient_id else settings.clinician_refresh_seconds
    access_seconds = settings.access_token_seconds
    sign_ins.add_token(tx, sign_in_id, kind="access", secret=access, parent=None, now=now, seconds=access_seconds)
    sign_ins.add_token(tx, sign_in_id, kind="refresh", secret=refresh, parent=parent, now=now, seconds=lifetime)
    principal = patient_id or clinician_id
    assert principal is not None
    return Tokens(
        access_token=f"{tx.scope.clinic}.{access}",
        refresh_token=f"{tx.scope.clinic}.{refresh}",
        expires_in=access_seconds,
        principal_kind="patient" if patient_id else "clinician",
        principal_id=principal,
        clinic=tx.scope.clinic,
    )
