"""End a prescription at once: its goal was reached, it is no longer wanted, or it was made by mistake."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from app.actions.follow_courses import follow_courses
from app.domain.errors import Conflict, PreconditionFailed
from app.domain.standing import Status
from app.store import practice_days, practice_quarters, prescriptions, revisions
from app.store.revisions import TakenPatient
from app.store.standings import Standings
from app.store.transaction import Transaction

OVER = frozenset({Status.ENDED, Status.COMPLETED})
"""A prescription of these statuses asks nothing of the patient any more."""


def close_prescription(
    tx: Transaction, patient_id: UUID, prescription_id: UUID, how: str, reason: str, now: datetime, *, if_version: int
) -> None:
    """Close as `completed`, `ended` or `void`, by one more version.

    What was due today and not done is excused. A void one counts for nothing and is never followed again; what was
    reported stays on record. Raises NotFound, PreconditionFailed, Conflict.
    """
    patient = revisions.take(tx, patient_id)
    today = patient.today(now)
    one = prescriptions.one(tx, patient_id, prescription_id)
    if one.prescription.latest.version != if_version:
        raise PreconditionFailed("The prescription was changed since you read it.")
    if how != "void" and one.carried(today).standing.status in OVER:
        raise Conflict("The prescription has ended already.")
    close_all(tx, patient, [one], "ended" if how == "void" else how, reason, today=today, now=now)
    if how == "void":
        practice_days.forget(tx, patient_id, prescription_id)
        practice_quarters.refresh_all(tx, patient_id)
        prescriptions.make_void(tx, patient_id, prescription_id)


def close_all(
    tx: Transaction,
    patient: TakenPatient,
    found: Sequence[Standings],
    how: str,
    reason: str,
    *,
    today: date,
    now: datetime,
) -> None:
    """Close these as `completed` or `ended`."""
    assert tx.scope.clinician_id is not None
    closed = []
    for one in found:
        old = one.prescription
        number = old.latest.version + 1
        version = replace(
            old.version_on(today), version=number, effective_on=today, ends_on=today, closed_as=how, restarts_run=False
        )
        renewed = replace(old, versions=(*old.versions, version))
        request = {**prescriptions.version_log(tx, patient.id, old.id)[-1].request, "ends_on": today.isoformat()}
        prescriptions.add_version(
            tx, renewed, request=request, reason=reason, created_by=tx.scope.clinician_id, now=now
        )
        closed.append(replace(one, prescription=renewed))
    follow_courses(tx, patient, closed, today=today, now=now)
