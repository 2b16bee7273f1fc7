"""Sign a member of staff in, once the password has been compared."""

from datetime import datetime
from uuid import UUID

from app.actions.issue_tokens import Tokens, issue_tokens
from app.config import Settings
from app.domain.errors import SignInFailed, TooManyAttempts
from app.store import attempts, sign_ins
from app.store.database import Refused
from app.store.sign_ins import Device
from app.store.transaction import Transaction


def require_attempt_left(tx: Transaction, subject: str, settings: Settings, now: datetime) -> None:
    """Raise TooManyAttempts, with the seconds to wait, when this subject has failed too often lately."""
    wait = attempts.wait_seconds(
        tx, subject, allowed=settings.attempts_allowed, window_seconds=settings.attempts_window_seconds, now=now
    )
    if wait:
        raise TooManyAttempts("Too many failed attempts; wait before the next.", headers={"Retry-After": str(wait)})


def sign_in(
    tx: Transaction,
    *,
    clinician_id: UUID | None,
    email: str,
    password_fits: bool,
    device: Device,
    settings: Settings,
    now: datetime,
) -> Tokens | Refused:
    """Open a sign-in, or count the failure; a failure is committed although it is refused."""
    if not password_fits or clinician_id is None:
        attempts.note_failure(tx, f"password {email}", window_seconds=settings.attempts_window_seconds, now=now)
        return Refused(SignInFailed("Clinic, email and password do not belong together."))
    sign_in_id = sign_ins.open_sign_in(tx, patient_id=None, clinician_id=clinician_id, device=device, now=now)
    return issue_tokens(
        tx, sign_in_id, patient_id=None, clinician_id=clinician_id, parent=None, settings=settings, now=now
    )
