"""Make a phone a patient's, with the code that the clinic gave out."""

from datetime import datetime, timedelta

from app.actions.auth.issue_tokens import Tokens, issue_tokens
from app.actions.auth.sign_in import require_attempt_left
from app.config import Settings
from app.domain import days
from app.domain.errors import CodeInvalid
from app.store import attempts, invitations, sign_ins
from app.store.database import Refused
from app.store.invitations import Invitation
from app.store.sign_ins import Device
from app.store.transaction import Transaction

LOST_REPLY = timedelta(minutes=10)
"""For this long the same device may redeem its code again: its first reply may have been lost."""


def redeem_invitation(
    tx: Transaction, *, code: str, birth_year: int | None, device: Device, settings: Settings, now: datetime
) -> Tokens | Refused:
    """Use up the code and open a sign-in for its patient. Raises TooManyAttempts, CodeInvalid."""
    # All codes of a clinic share one count of failures for a device: guessing goes from code to code.
    subject = f"code {device.id}"
    require_attempt_left(tx, subject, settings, now)
    found = invitations.by_code(tx, code)
    if found is None or not _is_good(found, birth_year, device, now):
        attempts.note_failure(tx, subject, window_seconds=settings.attempts_window_seconds, now=now)
        return Refused(CodeInvalid("This code is unknown, used or too old."))
    if found.redeemed_at is None:
        invitations.redeem(tx, found.id, device_id=device.id or "", now=now)
    sign_in_id = sign_ins.open_sign_in(tx, patient_id=found.patient_id, clinician_id=None, device=device, now=now)
    sign_ins.note_connected(tx, found.patient_id, days.today(now, days.zone_or_utc(found.time_zone), None))
    return issue_tokens(
        tx, sign_in_id, patient_id=found.patient_id, clinician_id=None, parent=None, settings=settings, now=now
    )


def _is_good(found: Invitation, birth_year: int | None, device: Device, now: datetime) -> bool:
    if found.status != "active" or found.withdrawn_at is not None:
        return False
    if birth_year is not None and found.birth_year is not None and birth_year != found.birth_year:
        return False
    if found.redeemed_at is not None:
        return found.redeemed_by_device == device.id and now - found.redeemed_at <= LOST_REPLY
    return now < found.expires_at
