"""Sign a member of staff in, once the password has been compared."""

from datetime import datetime

from app.actions.auth.issue_tokens import Tokens, issue_tokens
from app.config import Settings
from app.domain.errors import SignInFailed, TooManyAttempts
from app.store import attempts, sign_ins
from app.store.clinicians import Credentials
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


def is_good(kept: Credentials, *, password_fits: bool, now: datetime) -> bool:
    """Does the password open anything? A first password does for some days only."""
    is_too_old = kept.first_password_until is not None and kept.first_password_until <= now
    return password_fits and kept.clinician_id is not None and not is_too_old


def note_failed_sign_in(tx: Transaction, email: str, settings: Settings, now: datetime) -> Refused:
    """Count a failure, which is committed although it is refused."""
    attempts.note_failure(tx, f"password {email}", window_seconds=settings.attempts_window_seconds, now=now)
    return Refused(SignInFailed("Clinic, email and password do not belong together."))


def sign_in(
    tx: Transaction,
    *,
    kept: Credentials,
    email: str,
    password_fits: bool,
    device: Device,
    settings: Settings,
    now: datetime,
) -> Tokens | Refused | None:
    """Open a sign-in, or count the failure; None when the person must choose a password of their own first."""
    if not is_good(kept, password_fits=password_fits, now=now):
        return note_failed_sign_in(tx, email, settings, now)
    if kept.first_password_until is not None:
        return None
    sign_in_id = sign_ins.open_sign_in(tx, patient_id=None, clinician_id=kept.clinician_id, device=device, now=now)
    return issue_tokens(
        tx, sign_in_id, patient_id=None, clinician_id=kept.clinician_id, parent=None, settings=settings, now=now
    )
