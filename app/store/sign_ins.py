"""Questions about sign-ins and tokens: whose token is this, and what follows when one is exchanged or comes back."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Date, and_, bindparam, delete, func, insert, or_, select, update

from app.domain.errors import DeviceRevoked, Forbidden, PatientClosed, RungError, TokenExpired, Unauthorized
from app.store.guard import CLINIC, CLINIC_BIND
from app.store.keys import new_id, secret_hash
from app.store.scope import Caller, Role, Scope
from app.store.tables.clinics import ClinicianRow, ClinicSettingsRow
from app.store.tables.patients import PatientRow
from app.store.tables.signing_in import SignInRow, TokenRow
from app.store.transaction import Transaction
from app.store.wording import Speaker
from app.values import dataclass

SCOPES = (
    select(
        TokenRow.hash,
        TokenRow.expires_at,
        SignInRow.id.label("sign_in_id"),
        SignInRow.revoked_at,
        SignInRow.patient_id,
        SignInRow.clinician_id,
        ClinicSettingsRow.revision.label("clinic_revision"),
        ClinicSettingsRow.language.label("clinic_language"),
        ClinicSettingsRow.time_zone.label("clinic_time_zone"),
        ClinicSettingsRow.who_sees_patients,
        ClinicSettingsRow.content_revision,
        PatientRow.revision,
        PatientRow.status,
        PatientRow.time_zone,
        PatientRow.language,
        PatientRow.newest_local_date,
        ClinicianRow.status.label("clinician_status"),
        ClinicianRow.is_admin,
        ClinicianRow.is_clinician,
    )
    .join(SignInRow, and_(SignInRow.clinic_id == CLINIC, SignInRow.id == TokenRow.sign_in_id))
    .join(ClinicSettingsRow, ClinicSettingsRow.clinic_id == CLINIC)
    .outerjoin(PatientRow, and_(PatientRow.clinic_id == CLINIC, PatientRow.id == SignInRow.patient_id))
    .outerjoin(ClinicianRow, and_(ClinicianRow.clinic_id == CLINIC, ClinicianRow.id == SignInRow.clinician_id))
    .where(
        TokenRow.clinic_id == CLINIC,
        TokenRow.hash.in_(bindparam("hashes", expanding=True)),
        TokenRow.kind == "access",
    )
)


def scopes_of_tokens(
    connection: Connection, speaker: Speaker, clinic_id: UUID, callers: Sequence[Caller]
) -> list[Scope | RungError]:
    """The scope that each caller's access token opens, in their order, or why it opens none.

    That is Unauthorized for an unknown token, TokenExpired, DeviceRevoked, PatientClosed for a patient who was
    discharged, and Forbidden for a role that may not ask this.
    """
    hashes = [secret_hash(one.token_secret) for one in callers]
    asked = {"hashes": list(dict.fromkeys(hashes)), CLINIC_BIND: clinic_id}
    found = {bytes(row.hash): row for row in speaker.rows(connection, SCOPES, asked)}
    scopes: list[Scope | RungError] = []
    for caller, key in zip(callers, hashes, strict=True):
        try:
            scopes.append(_scope(clinic_id, caller, found.get(key)))
        except RungError as error:
            scopes.append(error)
    return scopes


def scope_of_token(connection: Connection, speaker: Speaker, clinic_id: UUID, caller: Caller) -> Scope:
    """The scope that one access token opens. Raises what `scopes_of_tokens` gives."""
    [scope] = scopes_of_tokens(connection, speaker, clinic_id, [caller])
    if isinstance(scope, RungError):
        raise scope
    return scope


def _scope(clinic_id: UUID, caller: Caller, row: Any) -> Scope:  # noqa: ANN401 - a row of SCOPES, or None
    if row is None:
        raise Unauthorized("This access token is not known.")
    if row.revoked_at is not None:
        raise DeviceRevoked("This device was signed out.")
    if row.expires_at <= caller.now:
        raise TokenExpired("The access token has expired; exchange the refresh token for a new one.")
    scope = _scope_of_patient(clinic_id, caller, row) if row.patient_id else _scope_of_clinician(clinic_id, caller, row)
    if not scope.roles & caller.allowed:
        raise Forbidden("This operation is for another role.")
    return scope


def _scope_of_patient(clinic_id: UUID, caller: Caller, row: Any) -> Scope:  # noqa: ANN401 - ditto
    if row.status != "active":
        raise PatientClosed("The clinic has closed this patient's account.")
    return Scope(
        clinic_id,
        caller.clinic_short_name or "",
        frozenset({Role.PATIENT}),
        clinic_revision=row.clinic_revision,
        content_revision=row.content_revision,
        sign_in_id=row.sign_in_id,
        patient_id=row.patient_id,
        patient_revision=row.revision,
        time_zone=row.time_zone,
        language=row.language,
        newest_local_date=row.newest_local_date,
    )


def _scope_of_clinician(clinic_id: UUID, caller: Caller, row: Any) -> Scope:  # noqa: ANN401 - ditto
    if row.clinician_status != "active":
        raise DeviceRevoked("This account was disabled.")
    roles = [role for role, held in ((Role.CLINIC_ADMIN, row.is_admin), (Role.CLINICIAN, row.is_clinician)) if held]
    return Scope(
        clinic_id,
        caller.clinic_short_name or "",
        frozenset(roles),
        clinic_revision=row.clinic_revision,
        content_revision=row.content_revision,
        sign_in_id=row.sign_in_id,
        clinician_id=row.clinician_id,
        sees_care_team_only=row.who_sees_patients == "care_team",
        time_zone=row.clinic_time_zone,
        language=row.clinic_language,
    )


INSERT_SIGN_IN = insert(SignInRow).values(clinic_id=CLINIC)
INSERT_TOKEN = insert(TokenRow).values(clinic_id=CLINIC)
REFRESH_TOKEN = (
    select(
        TokenRow.hash,
        TokenRow.parent,
        TokenRow.expires_at,
        TokenRow.superseded_at,
        SignInRow.id.label("sign_in_id"),
        SignInRow.revoked_at,
        SignInRow.patient_id,
        SignInRow.clinician_id,
        PatientRow.status.label("patient_status"),
        ClinicianRow.status.label("clinician_status"),
    )
    .join(SignInRow, and_(SignInRow.clinic_id == CLINIC, SignInRow.id == TokenRow.sign_in_id))
    .outerjoin(PatientRow, and_(PatientRow.clinic_id == CLINIC, PatientRow.id == SignInRow.patient_id))
    .outerjoin(ClinicianRow, and_(ClinicianRow.clinic_id == CLINIC, ClinicianRow.id == SignInRow.clinician_id))
    .where(TokenRow.clinic_id == CLINIC, TokenRow.hash == bindparam("hash"), TokenRow.kind == "refresh")
    .with_for_update(of=TokenRow)
)
SUPERSEDE = (
    update(TokenRow)
    .where(
        TokenRow.clinic_id == CLINIC,
        TokenRow.sign_in_id == bindparam("of_sign_in"),
        TokenRow.kind == "refresh",
        TokenRow.superseded_at.is_(None),
        TokenRow.hash != bindparam("except_hash"),
        # Its own successors stay: none of them was used, so each may be the one whose reply arrived.
        or_(TokenRow.parent.is_(None), TokenRow.parent != bindparam("except_hash")),
    )
    .values(superseded_at=bindparam("at"))
)
FORGET_EXPIRED = delete(TokenRow).where(
    TokenRow.clinic_id == CLINIC, TokenRow.sign_in_id == bindparam("of_sign_in"), TokenRow.expires_at < bindparam("at")
)
REVOKE = (
    update(SignInRow)
    .where(SignInRow.clinic_id == CLINIC, SignInRow.id == bindparam("sign_in_id"), SignInRow.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"), revoked_because=bindparam("because"))
)
REVOKE_OF_PATIENT = REVOKE.where(SignInRow.patient_id == bindparam("of_patient"))
REVOKE_OTHERS_OF_DEVICE = (
    update(SignInRow)
    .where(
        SignInRow.clinic_id == CLINIC,
        SignInRow.patient_id == bindparam("of_patient"),
        SignInRow.device_id == bindparam("on_device"),
        SignInRow.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("at"), revoked_because="signed_in_again")
)
OPEN = (
    select(
        SignInRow.id,
        SignInRow.device_id,
        SignInRow.device_name,
        SignInRow.platform,
        SignInRow.app_version,
        SignInRow.created_at,
    )
    .where(SignInRow.clinic_id == CLINIC, SignInRow.revoked_at.is_(None))
    .order_by(SignInRow.created_at.desc(), SignInRow.id.desc())
    .limit(200)
)
DEVICES_OF_PATIENT = OPEN.where(SignInRow.patient_id == bindparam("patient_id"))
DEVICES_OF_CLINICIAN = OPEN.where(SignInRow.clinician_id == bindparam("clinician_id"))
CONNECTED = (
    update(PatientRow)
    .where(PatientRow.clinic_id == CLINIC, PatientRow.id == bindparam("of_patient"))
    .values(first_connected_on=func.coalesce(PatientRow.first_connected_on, bindparam("on", type_=Date())))
)


@dataclass(frozen=True, slots=True)
class Device:
    """What a phone says about itself; `id` is made by the phone."""

    id: str | None
    name: str | None
    platform: str | None
    app_version: str | None


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token as it is kept, and whether its owner may still use it."""

    hash: bytes
    parent: bytes | None
    sign_in_id: UUID
    patient_id: UUID | None
    clinician_id: UUID | None
    expires_at: datetime
    is_superseded: bool
    is_revoked: bool
    is_owner_active: bool


@dataclass(frozen=True, slots=True)
class SignedInDevice:
    """A device that is signed in."""

    sign_in_id: UUID
    device: Device
    since: datetime


def open_sign_in(
    tx: Transaction, *, patient_id: UUID | None, clinician_id: UUID | None, device: Device, now: datetime
) -> UUID:
    """Begin a family of tokens for one principal on one device."""
    sign_in_id = new_id(now)
    if patient_id is not None and device.id is not None:
        tx.write(REVOKE_OTHERS_OF_DEVICE, of_patient=patient_id, on_device=device.id, at=now)
    tx.write(
        INSERT_SIGN_IN,
        id=sign_in_id,
        principal_kind="patient" if patient_id else "clinician",
        patient_id=patient_id,
        clinician_id=clinician_id,
        device_id=device.id,
        device_name=device.name,
        platform=device.platform,
        app_version=device.app_version,
        created_at=now,
    )
    return sign_in_id


def note_connected(tx: Transaction, patient_id: UUID, on: date) -> None:
    """Remember the local date on which a patient's phone was first connected."""
    tx.write(CONNECTED, of_patient=patient_id, on=on)


def add_token(
    tx: Transaction, sign_in_id: UUID, *, kind: str, secret: str, parent: bytes | None, now: datetime, seconds: int
) -> None:
    """Keep the hash of a new token."""
    tx.write(
        INSERT_TOKEN,
        hash=secret_hash(secret),
        sign_in_id=sign_in_id,
        kind=kind,
        parent=parent,
        issued_at=now,
        expires_at=now + timedelta(seconds=seconds),
    )


def refresh_token(tx: Transaction, secret: str) -> RefreshToken | None:
    """The refresh token with this secret, locked, or None."""
    row = tx.row(REFRESH_TOKEN, hash=secret_hash(secret))
    if row is None:
        return None
    return RefreshToken(
        hash=row.hash,
        parent=row.parent,
        sign_in_id=row.sign_in_id,
        patient_id=row.patient_id,
        clinician_id=row.clinician_id,
        expires_at=row.expires_at,
        is_superseded=row.superseded_at is not None,
        is_revoked=row.revoked_at is not None,
        is_owner_active=(row.patient_status if row.patient_id else row.clinician_status) == "active",
    )


def supersede_others(tx: Transaction, token: RefreshToken, now: datetime) -> None:
    """A successor was used: its predecessor and its siblings work no longer, and what has expired is forgotten."""
    tx.write(SUPERSEDE, of_sign_in=token.sign_in_id, except_hash=token.hash, at=now)
    tx.write(FORGET_EXPIRED, of_sign_in=token.sign_in_id, at=now)


def revoke(tx: Transaction, sign_in_id: UUID, *, because: str, now: datetime) -> None:
    """End a family of tokens. Doing it again changes nothing."""
    tx.write(REVOKE, sign_in_id=sign_in_id, at=now, because=because)


def devices(tx: Transaction) -> list[SignedInDevice]:
    """The devices on which the caller is signed in, newest first."""
    if tx.scope.patient_id is not None:
        return devices_of_patient(tx, tx.scope.patient_id)
    return _devices(tx.rows(DEVICES_OF_CLINICIAN, clinician_id=tx.scope.clinician_id))


def devices_of_patient(tx: Transaction, patient_id: UUID) -> list[SignedInDevice]:
    """The devices that speak for a patient, newest first."""
    return _devices(tx.rows(DEVICES_OF_PATIENT, patient_id=patient_id))


def revoke_of_patient(tx: Transaction, patient_id: UUID, sign_in_id: UUID, *, because: str, now: datetime) -> bool:
    """End a family of tokens of this patient; was there one that had not ended?"""
    return tx.write(REVOKE_OF_PATIENT, of_patient=patient_id, sign_in_id=sign_in_id, at=now, because=because) == 1


def _devices(rows: Sequence[Any]) -> list[SignedInDevice]:
    return [
        SignedInDevice(r.id, Device(r.device_id, r.device_name, r.platform, r.app_version), r.created_at) for r in rows
    ]
