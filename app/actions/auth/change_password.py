"""A member of staff chooses a password, once the old one has been compared."""

from datetime import datetime

from app.actions.auth.issue_tokens import Tokens, issue_tokens
from app.actions.auth.sign_in import is_good, note_failed_sign_in
from app.config import Settings
from app.domain.errors import SignInFailed
from app.store import clinicians, sign_ins
from app.store.clinicians import Credentials
from app.store.database import Refused
from app.store.sign_ins import Device
from app.store.transaction import Transaction


def change_password(
    tx: Transaction,
    *,
    kept: Credentials,
    email: str,
    password_fits: bool,
    new_hash: str,
    device: Device,
    settings: Settings,
    now: datetime,
) -> Tokens | Refused:
    """Keep the new password, end every sign-in that the old one opened, and open one; a failure is counted."""
    if not is_good(kept, password_fits=password_fits, now=now):
        return note_failed_sign_in(tx, email, settings, now)
    assert kept.clinician_id is not None
    assert kept.password_hash is not None
    if not clinicians.change_password(tx, kept.clinician_id, old_hash=kept.password_hash, new_hash=new_hash):
        raise SignInFailed("The password was changed at this moment; sign in with the new one.")
    clinicians.sign_out(tx, kept.clinician_id, because="password_changed", now=now)
    sign_in_id = sign_ins.open_sign_in(tx, patient_id=None, clinician_id=kept.clinician_id, device=device, now=now)
    return issue_tokens(
        tx, sign_in_id, patient_id=None, clinician_id=kept.clinician_id, parent=None, settings=settings, now=now
    )
