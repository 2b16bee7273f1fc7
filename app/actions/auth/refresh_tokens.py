"""Exchange a refresh token, so that a lost reply costs nothing and a stolen token ends the family.

An old refresh token works until its successor is first used; after that its use revokes the family.
"""

from datetime import datetime

from app.actions.auth.issue_tokens import Tokens, issue_tokens
from app.config import Settings
from app.domain.errors import DeviceRevoked, PatientClosed, TokenExpired, Unauthorized
from app.store import sign_ins
from app.store.database import Refused
from app.store.transaction import Transaction


def refresh_tokens(tx: Transaction, secret: str, settings: Settings, now: datetime) -> Tokens | Refused:
    """A new pair for an old refresh token. Raises Unauthorized, TokenExpired, DeviceRevoked, PatientClosed."""
    found = sign_ins.refresh_token(tx, secret)
    if found is None:
        raise Unauthorized("This refresh token is not known.")
    if found.is_revoked:
        raise DeviceRevoked("This device was signed out.")
    if found.is_superseded:
        sign_ins.revoke(tx, found.sign_in_id, because="old_refresh_token_came_back", now=now)
        return Refused(DeviceRevoked("An old refresh token came back, so this device was signed out."))
    if found.expires_at <= now:
        raise TokenExpired("The refresh token has expired; sign in or reconnect.")
    if not found.is_owner_active:
        raise (
            PatientClosed("This account is closed.") if found.patient_id else DeviceRevoked("This account is disabled.")
        )
    if found.parent is not None:
        sign_ins.supersede_others(tx, found, now)
    return issue_tokens(
        tx,
        found.sign_in_id,
        patient_id=found.patient_id,
        clinician_id=found.clinician_id,
        parent=found.hash,
        settings=settings,
        now=now,
    )
