"""Make somebody a member of the clinic's staff, with a first password that they must replace."""

from datetime import datetime, timedelta
from uuid import UUID

from app.domain.errors import EmailTaken
from app.store import clinicians
from app.store.keys import new_id
from app.store.transaction import Transaction

FIRST_PASSWORD_FOR = timedelta(days=7)
"""How long a first password opens the choice of another one (product default)."""


def add_clinician(
    tx: Transaction, *, email: str, display_name: str, roles: tuple[str, ...], password_hash: str, now: datetime
) -> UUID:
    """The id of the new member of staff. Raises EmailTaken."""
    if clinicians.is_taken(tx, email):
        raise EmailTaken("Somebody of this clinic has this email address already, perhaps with a disabled account.")
    clinician_id = new_id(now)
    person = {"email": email, "display_name": display_name, "password_hash": password_hash}
    until = {"first_password_until": now + FIRST_PASSWORD_FOR}
    clinicians.add(tx, clinician_id, {**person, **roles_as_kept(roles), **until}, now)
    return clinician_id


def roles_as_kept(roles: tuple[str, ...]) -> dict[str, bool]:
    """Roles of the contract as the store keeps them."""
    return {"is_admin": "clinic_admin" in roles, "is_clinician": "clinician" in roles}
