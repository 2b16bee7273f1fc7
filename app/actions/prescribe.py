"""Prescribe a ladder, and change what was prescribed: each change is another version, which never changes again."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.actions.close_prescription import OVER
from app.actions.follow_courses import follow_courses
from app.content.library import Library
from app.domain.course import follow
from app.domain.decision import CarriedCondition
from app.domain.errors import (
    ContentWithheld,
    FieldError,
    LadderAlreadyPrescribed,
    NeedsClearance,
    PatientDischarged,
    PreconditionFailed,
    invalid,
)
from app.domain.prescribing import Defaults, Wish, begins_too_early, moves, renewed, resolve
from app.domain.prescription import AdvanceMode, Prescription, Rung, Version
from app.domain.watch import watch_after
from app.store import clinics, course_facts, decisions, prescriptions, revisions
from app.store.keys import new_id
from app.store.revisions import TakenPatient
from app.store.standings import Standings
from app.store.transaction import Transaction
from app.values import dataclass

FIRST_POSITION = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish and how it was sent: `request` is kept as it came, `position` is its place in the routine (None: last)."""

    wish: Wish
    request: Mapping[str, Any]
    position: int | None
    reason: str | None


def prescribe(tx: Transaction, patient_id: UUID, asked: Asked, library: Library, now: datetime) -> UUID:
    """Prescribe a ladder; the id of the new prescription.

    Raises Invalid, LadderAlreadyPrescribed, NeedsClearance, ContentWithheld, and NotFound for a patient or ladder that
    is not there.
    """
    patient = revisions.take(tx, patient_id)
    today = patient.today(now)
    _require_in_treatment(patient)
    effective_on = min(today, asked.wish.starts_on)
    version = version_of(asked.wish, library, defaults_of(tx), number=1, effective_on=effective_on)
    require_offered(library, version.ladder_id)
    if begins_too_early(asked.wish.starts_on, today):
        raise invalid("/starts_on", "out_of_range", "A plan can begin at most 90 days back.")
    others = prescriptions.of_patient(tx, patient_id)
    for other in others:
        _require_other_ladder(other, version.ladder_id, today)
    of_all, of_one = course_facts.of_patient(tx, patient_id)
    conditions = [fact for fact in of_all if isinstance(fact, CarriedCondition)]
    _require_clearance(version.rung_at(version.start_rung), conditions)
    assert tx.scope.clinician_id is not None
    last = max((other.prescription.position for other in others), default=FIRST_POSITION - 1)
    prescription = Prescription(new_id(now), patient_id, version.ladder_id, asked.position or last + 1, (version,))
    facts = course_facts.for_prescription(prescription.id, now, of_all, of_one)
    course = follow(prescription, facts, until=today)
    watch = watch_after(prescription, course, facts, None, None, settled_on=date.min, now=None)
    prescriptions.add(tx, prescription, course, watch, created_by=tx.scope.clinician_id, now=now)
    prescriptions.add_version(
        tx, prescription, request=asked.request, reason=asked.reason, created_by=tx.scope.clinician_id, now=now
    )
    decisions.add(tx, patient_id, course.decisions, now)
    revisions.reached(tx, patient, today)
    return prescription.id


def change_prescription(
    tx: Transaction,
    patient_id: UUID,
    prescription_id: UUID,
    asked: Asked,
    library: Library,
    now: datetime,
    *,
    if_version: int,
) -> None:
    """Make another version, in force from today. Raises PreconditionFailed, Invalid, NeedsClearance, NotFound,
    PatientDischarged, and for one that had ended or moves to another ladder LadderAlreadyPrescribed, ContentWithheld.
    """
    patient = revisions.take(tx, patient_id)
    today = patient.today(now)
    before = prescriptions.one(tx, patient_id, prescription_id)
    latest = before.prescription.latest
    if latest.version != if_version:
        raise PreconditionFailed("The prescription was changed since you read it.")
    _require_in_treatment(patient)
    wish = asked.wish
    if wish.starts_on != latest.starts_on and begins_too_early(wish.starts_on, today):
        raise invalid("/starts_on", "out_of_range", "A plan can begin at most 90 days back.")
    asked_for = version_of(wish, library, defaults_of(tx), number=latest.version + 1, effective_on=today)
    version = renewed(latest, asked_for)
    begins_anew = version.closed_as is None and before.carried(today).standing.status in OVER
    if begins_anew or version.ladder_id != latest.ladder_id:
        require_offered(library, version.ladder_id)
        for other in prescriptions.of_patient(tx, patient_id):
            if other.prescription.id != prescription_id:
                _require_other_ladder(other, version.ladder_id, today)
    if moves(latest, version):
        facts, _ = course_facts.of_patient(tx, patient_id)
        conditions = [fact for fact in facts if isinstance(fact, CarriedCondition)]
        _require_clearance(version.rung_at(version.start_rung), conditions)
    old = before.prescription
    changed = Prescription(
        old.id, patient_id, version.ladder_id, asked.position or old.position, (*old.versions, version)
    )
    assert tx.scope.clinician_id is not None
    prescriptions.add_version(
        tx, changed, request=asked.request, reason=asked.reason, created_by=tx.scope.clinician_id, now=now
    )
    follow_courses(tx, patient, [replace(before, prescription=changed)], today=today, now=now)


def defaults_of(tx: Transaction) -> Defaults:
    """What the clinic has settled for its prescriptions."""
    kept = clinics.settings(tx).defaults
    return Defaults(AdvanceMode(kept.get("advance", AdvanceMode.ASK_PATIENT)), kept.get("pain_free_days"))


def version_of(wish: Wish, library: Library, defaults: Defaults, *, number: int, effective_on: date) -> Version:
    """The version that a wish becomes with this library. Raises Invalid, also for a ladder that is not there."""
    ladder = library.ladders.get(wish.ladder_id)
    if ladder is None:
        raise invalid("/ladder_id", "not_allowed", f"Known ladders: {', '.join(library.ladders)}.")
    exercises = [library.exercises[exercise_id] for exercise_id in ladder.exercise_ids]
    return resolve(wish, ladder, exercises, defaults, version=number, effective_on=effective_on)


def require_offered(library: Library, ladder_id: str) -> None:
    """Let only a ladder pass that the clinic prescribes. Raises ContentWithheld, which names what is withheld."""
    withheld = library.withheld_from(ladder_id)
    if withheld:
        named = " and ".join(f"the {kind} {content_id}" for kind, content_id in withheld)
        how = "retired" if withheld[0] in library.retired else "hidden"
        detail = f"The clinic has {how} {named}."
        raise ContentWithheld(detail, errors=(FieldError("/ladder_id", "withheld", detail),))


def _require_in_treatment(patient: TakenPatient) -> None:
    if patient.status != "active":
        raise PatientDischarged("This patient was discharged.")


def _require_other_ladder(other: Standings, ladder_id: str, today: date) -> None:
    if other.prescription.ladder_id == ladder_id and other.carried(today).standing.status not in OVER:
        raise LadderAlreadyPrescribed(f"Prescription {other.prescription.id} of this ladder is running.")


def _require_clearance(rung: Rung, conditions: Iterable[CarriedCondition]) -> None:
    against = sorted({one.condition for one in conditions if one.cleared_on is None} & set(rung.avoid_conditions))
    if against:
        raise NeedsClearance(f"Exercise {rung.exercise_id} is to be avoided with: {', '.join(against)}.")
