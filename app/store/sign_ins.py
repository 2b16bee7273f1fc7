"""Questions about sign-ins and tokens: whose token is this, and what follows when one is exchanged or comes back."""

from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, select

from app.domain.errors import DeviceRevoked, PatientClosed, TokenExpired, Unauthorized
from app.store.keys import secret_hash
from app.store.scope import Caller, Role, Scope
from app.store.tables.clinics import ClinicianRow, ClinicSettingsRow
from app.store.tables.patients import PatientRow
from app.store.tables.signing_in import SignInRow, TokenRow

CLINIC = bindparam("clinic_id")

SCOPE = (
    select(
        TokenRow.expires_at,
        SignInRow.id.label("sign_in_id"),
        SignInRow.revoked_at,
        SignInRow.patient_id,
        SignInRow.clinician_id,
        ClinicSettingsRow.revision.label("clinic_revision"),
        ClinicSettingsRow.language.label("clinic_language"),
        ClinicSettingsRow.time_zone.label("clinic_time_zone"),
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
    .where(TokenRow.clinic_id == CLINIC, TokenRow.hash == bindparam("hash"), TokenRow.kind == "access")
)


def scope_of_token(connection: Connection, clinic_id: UUID, caller: Caller) -> Scope:
    """The scope that an access token opens.

    Raises Unauthorized for an unknown token, TokenExpired, DeviceRevoked, and PatientClosed for a patient who was discharged.
    """
    row = connection.execute(
        SCOPE, {"clinic_id": clinic_id, "hash": secret_hash(caller.token_secret)}
    ).first()
    if row is None:
        raise Unauthorized("This access token is not known.")
    if row.revoked_at is not None:
        raise DeviceRevoked("This device was signed out.")
    if row.expires_at <= caller.now:
        raise TokenExpired("The access token has expired; exchange the refresh token for a new one.")
    if row.patient_id is not None:
        if row.status != "active":
            raise PatientClosed("The clinic has closed this patient's account.")
        return Scope(
            clinic_id,
            caller.clinic_short_name or "",
            frozenset({Role.PATIENT}),
            clinic_revision=row.clinic_revision,
            sign_in_id=row.sign_in_id,
            patient_id=row.patient_id,
            patient_revision=row.revision,
            time_zone=row.time_zone,
            language=row.language,
            newest_local_date=row.newest_local_date,
        )
    if row.clinician_status != "active":
        raise DeviceRevoked("This account was disabled.")
    roles = [role for role, held in ((Role.CLINIC_ADMIN, row.is_admin), (Role.CLINICIAN, row.is_clinician)) if held]
    return Scope(
        clinic_id,
        caller.clinic_short_name or "",
        frozenset(roles),
        clinic_revision=row.clinic_revision,
        sign_in_id=row.sign_in_id,
        clinician_id=row.clinician_id,
        time_zone=row.clinic_time_zone,
        language=row.clinic_language,
    )
