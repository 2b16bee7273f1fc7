"""Change what the clinic knows of a patient."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.actions.create_patient import require_clinicians
from app.actions.discharge_patient import take_back
from app.actions.follow_courses import follow_courses
from app.domain.errors import Conflict
from app.store import clinicians, patients, prescriptions, revisions
from app.store.patients import Caution, Patient
from app.store.transaction import Transaction
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class CautionChange:
    """`action` is `add`, `clear` (it no longer speaks against exercise) or `remove` (it was recorded by mistake)."""

    condition: str
    action: str
    note: str | None


def update_patient(
    tx: Transaction,
    patient_id: UUID,
    values: Mapping[str, Any],
    changes: Sequence[CautionChange],
    care_team: Sequence[UUID] | None,
    *,
    takes_back: bool = False,
    require: Callable[[Patient], None],
    now: datetime,
) -> None:
    """Write the given values, cautions and care team. What is different now counts a version and a revision.

    `takes_back`: a discharged patient is treated again.

    `require` raises unless the caller has seen the patient as stored. Raises NotFound, Conflict, Invalid.
    """
    before = patients.locked(tx, patient_id)
    require(before)
    if takes_back and before.status == "discharged":
        take_back(tx, patient_id, now)
    _change_cautions(tx, before, changes, now)
    new = {name: values.get(name, getattr(before, name)) for name in patients.EDITABLE}
    team_changed = care_team is not None and _change_care_team(tx, patient_id, care_team)
    if changes or team_changed or any(new[name] != getattr(before, name) for name in patients.EDITABLE):
        patients.replace(tx, patient_id, new)
    if changes or new["time_zone"] != before.time_zone:
        # Conditions move courses; a new zone must never take them back to an earlier date.
        taken = revisions.take(tx, patient_id)
        standings = prescriptions.of_patient(tx, patient_id)
        follow_courses(tx, taken, standings, today=before.today(now), now=now, has_new_facts=bool(changes))


def _change_care_team(tx: Transaction, patient_id: UUID, care_team: Sequence[UUID]) -> bool:
    """Write who treats the patient from now on; was it somebody else before?"""
    if {one.id for one in clinicians.care_teams_of(tx, [patient_id])[patient_id]} == set(care_team):
        return False
    require_clinicians(tx, care_team)
    clinicians.set_care_team(tx, patient_id, care_team)
    return True


def _change_cautions(tx: Transaction, patient: Patient, changes: Sequence[CautionChange], now: datetime) -> None:
    if not changes:
        return
    today = patient.today(now)
    carried = {one.condition: one for one in patients.cautions_of(tx, [patient.id])[patient.id] if not one.cleared_on}
    for change in changes:
        found = carried.get(change.condition)
        if change.action == "add":
            if found is not None:
                raise Conflict(f"The patient carries {change.condition} already.")
            patients.add_caution(tx, patient.id, change.condition, known_on=today, note=change.note, now=now)
        else:
            if found is None:
                raise Conflict(f"The patient does not carry {change.condition}.")
            how = "cleared" if change.action == "clear" else "removed"
            patients.end_caution(tx, patient.id, found.id, how=how, on=today, note=_both(found, change.note))


def _both(caution: Caution, note: str | None) -> str | None:
    """The note from when it was recorded and the one from now: neither is lost."""
    return "\n".join(part for part in (caution.note, note) if part) or None
