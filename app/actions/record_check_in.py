"""Record what a patient told in the morning: load, judge, follow, save. The same date and body again changes nothing.

As with sessions nothing that a patient cannot help is refused, a correction or a withdrawal is another revision, and
what it takes away in the patient's favour counts from the next local day.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.actions.take_in_report import News, take_in_report
from app.domain import check_in as rule
from app.domain import safety
from app.domain.check_in import CheckIn
from app.domain.errors import CheckInDiffers, NotFound, PreconditionFailed
from app.domain.exercise import Symptom
from app.domain.session import Mark
from app.store import check_ins, prescriptions, revisions
from app.store.check_ins import StoredCheckIn
from app.store.revisions import TakenPatient
from app.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class CheckInReport:
    """A check-in as it reached us, with what was in it that this build does not know."""

    check_in: CheckIn
    sent_at: datetime | None
    unknown_fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RecordedCheckIn:
    """What is stored now. `status`: `created`, `same` or `corrected`."""

    stored: StoredCheckIn
    status: str


def record_check_in(
    tx: Transaction,
    patient_id: UUID,
    report: CheckInReport,
    symptoms: Mapping[str, Symptom],
    now: datetime,
    *,
    if_match: Container[int] | None = None,
) -> RecordedCheckIn:
    """Store a check-in, or find that it is stored.

    `if_match` holds the revision that the sender corrects. Raises CheckInDiffers when other content is stored for this
    date and no revision is named, PreconditionFailed when it is not the current one.
    """
    local_date, meaning = report.check_in.local_date, check_ins.fingerprint(report.check_in)
    before = check_ins.current(tx, patient_id, local_date)
    if before is not None:
        # What is refused or known already is answered before the patient's revision counts another change.
        if before.fingerprint == meaning:
            return RecordedCheckIn(before, "same")
        _require_current(before, if_match)
    elif if_match is not None:
        raise PreconditionFailed("No check-in of this date is stored, so there is nothing to correct.")
    patient = revisions.take_heard(tx, patient_id, now)
    before = check_ins.current(tx, patient_id, local_date)
    if before is not None and before.fingerprint == meaning:
        return RecordedCheckIn(before, "same")
    if before is not None:
        _require_current(before, if_match)
    return RecordedCheckIn(_store(tx, patient, report, before, symptoms, now), "corrected" if before else "created")


def withdraw_check_in(
    tx: Transaction,
    patient_id: UUID,
    local_date: date,
    symptoms: Mapping[str, Symptom],
    now: datetime,
    *,
    if_match: Container[int] | None = None,
) -> StoredCheckIn:
    """Take a check-in back: it stays on record and tells nothing more. Doing it again changes nothing.

    Raises NotFound, PreconditionFailed.
    """
    patient = revisions.take(tx, patient_id)
    before = check_ins.current(tx, patient_id, local_date)
    if before is None:
        raise NotFound("There is no such check-in.")
    if before.is_withdrawn:
        return before
    if if_match is not None:
        _require_current(before, if_match)
    report = CheckInReport(before.check_in, None, before.unknown_fields)
    return _store(tx, patient, report, before, symptoms, now, withdraws=True)


def _require_current(before: StoredCheckIn, if_match: Container[int] | None) -> None:
    headers = {"ETag": f'"{before.revision}"'}
    if if_match is None:
        raise CheckInDiffers("A check-in of this date is stored with other content.", headers=headers)
    if before.revision not in if_match:
        raise PreconditionFailed("The check-in was changed since you read it.", headers=headers)


def _store(
    tx: Transaction,
    patient: TakenPatient,
    report: CheckInReport,
    before: StoredCheckIn | None,
    symptoms: Mapping[str, Symptom],
    now: datetime,
    *,
    withdraws: bool = False,
) -> StoredCheckIn:
    told = report.check_in
    judged = rule.judge(told, symptoms, today=patient.today(now), received_at=now)
    marks = [*judged.marks, *((Mark.UNKNOWN_FIELDS,) if report.unknown_fields else ())]
    stored = StoredCheckIn(
        check_in=told,
        revision=before.revision + 1 if before else 1,
        is_current=True,
        is_withdrawn=withdraws,
        known_on=judged.known_on,
        received_at=now,
        sent_at=report.sent_at,
        fingerprint=check_ins.fingerprint(told),
        unknown_fields=report.unknown_fields,
        marks=tuple(mark.value for mark in marks),
        outcome={},
    )
    happened_on = min(told.local_date, judged.known_on)
    report_id = rule.report_id(patient.id, told.local_date)
    stops = () if withdraws else safety.stops_from(report_id, told.symptoms, symptoms, happened_on, judged.known_on)
    news = News(judged.known_on, stops, check_in=stored.told)
    taken_in = take_in_report(tx, patient, prescriptions.of_patient(tx, patient.id, patient.revision - 1), news, now)
    outcome = taken_in.outcome(symptoms[code] for code in told.symptoms if code in symptoms)
    stored = replace(stored, outcome=outcome)
    check_ins.add(tx, patient.id, stored)
    revisions.checked_in(tx, patient, told.local_date)
    return stored
