"""Change a member of staff: name, roles, whether they may sign in, and a new first password.

Two things never happen: a clinic without an administrator, and a patient whom nobody treats.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from app.actions.add_clinician import FIRST_PASSWORD_FOR
from app.domain.errors import LastAdmin, NotFound, PatientsLeftAlone, invalid
from app.store import clinicians
from app.store.clinicians import Clinician
from app.store.transaction import Transaction
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class StaffChange:
    """`values` are those of `clinicians.EDITABLE` that change; `patients_pass_to` treats whom this one treated.

    `first_password_hash` is given when the person gets a new first password.
    """

    values: Mapping[str, Any]
    patients_pass_to: UUID | None
    first_password_hash: str | None


def update_clinician(
    tx: Transaction, clinician_id: UUID, change: StaffChange, *, require: Callable[[Clinician], None], now: datetime
) -> None:
    """Write the change. Who is disabled or gets a first password is signed out everywhere, at once.

    `require` raises unless the caller has seen the person as stored. Raises NotFound, LastAdmin, PatientsLeftAlone,
    Invalid.
    """
    staff = {one.id: one for one in clinicians.locked(tx)}
    before = staff.get(clinician_id)
    if before is None:
        raise NotFound("There is no such member of staff.")
    require(before)
    new = {name: change.values.get(name, getattr(before, name)) for name in clinicians.EDITABLE}
    is_active = new["status"] == "active"
    others = [one for one in staff.values() if one.id != clinician_id and one.is_active]
    if not (is_active and new["is_admin"]) and not any(one.is_admin for one in others):
        raise LastAdmin("Make somebody else an administrator first.")
    if any(new[name] != getattr(before, name) for name in clinicians.EDITABLE) or change.first_password_hash:
        clinicians.replace(tx, clinician_id, new)
    if change.patients_pass_to is not None and not any(
        one.id == change.patients_pass_to and one.is_clinician for one in others
    ):
        raise invalid("/patients_pass_to", "unknown_clinician", "This is no other active clinician of the clinic.")
    if not (is_active and new["is_clinician"]) or change.patients_pass_to is not None:
        left = clinicians.pass_patients(tx, clinician_id, change.patients_pass_to)
        if left:
            raise PatientsLeftAlone(f"{left} patients would have nobody: name a clinician in `patients_pass_to`.")
    if change.first_password_hash is not None:
        until = now + FIRST_PASSWORD_FOR
        clinicians.set_first_password(tx, clinician_id, change.first_password_hash, good_until=until)
    if not is_active or change.first_password_hash is not None:
        because = "new_first_password" if is_active else "disabled"
        clinicians.sign_out(tx, clinician_id, because=because, now=now)
