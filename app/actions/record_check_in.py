"""Record what a patient told in the morning: load, judge, follow, save. The same date and body again changes nothing.

As with sessions nothing that a patient cannot help is refused, a correction or a withdrawal is another revision, and
what it takes away in the patient's favour counts from the next local day.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

from app.actions.take_in_report import News, take_in_report
from app.domain import check_in as rule
from app.domain import safety
from app.domain.check_in import CheckIn
from app.domain.decision import Stop
from app.domain.errors import CheckInDiffers, NotFound, PreconditionFailed
from app.domain.exercise import Symptom
from app.domain.progress import Outcome
from app.domain.session import Mark
from app.store import check_ins, prescriptions, revisions
from app.store.check_ins import StoredCheckIn
from app.store.revisions import TakenPatient
from app.store.transaction import Transaction
from app.values import dataclass


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
    [stored] = _store(tx, patient, [report], before, symptoms, now)
    return RecordedCheckIn(stored, "corrected" if before else "created")


def record_new_check_ins(
    tx: Transaction, patient_id: UUID, reports: Sequence[CheckInReport], symptoms: Mapping[str, Symptom], now: datetime
) -> list[RecordedCheckIn]:
    """Store check-ins of different dates of which none is stored; those of one date of receipt are taken in together.

    The last of them tells what was decided.
    """
    stored: list[StoredCheckIn] = []
    while len(stored) < len(reports):
        patient = revisions.take_heard(tx, patient_id, now)
        stored += _store(tx, patient, reports[len(stored) :], None, symptoms, now)
    return [RecordedCheckIn(one, "created") for one in stored]


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
    return _store(tx, patient, [report], before, symptoms, now, withdraws=True)[0]


def _require_current(before: StoredCheckIn, if_match: Container[int] | None) -> None:
    headers = {"ETag": f'"{before.revision}"'}
    if if_match is None:
        raise CheckInDiffers("A check-in of this date is stored with other content.", headers=headers)
    if before.revision not in if_match:
        raise PreconditionFailed("The check-in was changed since you read it.", headers=headers)


def _store(
    tx: Transaction,
    patient: TakenPatient,
    reports: Sequence[CheckInReport],
    before: StoredCheckIn | None,
    symptoms: Mapping[str, Symptom],
    now: datetime,
    *,
    withdraws: bool = False,
) -> list[StoredCheckIn]:
    """Store the check-ins, or the first of them: as many as became known on one local date.

    `before` is the revision that a single one corrects or takes back.
    """
    of_patient = prescriptions.of_patient(tx, patient.id, patient.revision - 1)
    here = patient.today(now)
    judged = [(one, rule.judge(one.check_in, symptoms, today=here, received_at=now)) for one in reports]
    today = judged[0][1].known_on
    judged = list(takewhile(lambda pair: pair[1].known_on == today, judged))
    stored = [
        StoredCheckIn(
            check_in=one.check_in,
            revision=before.revision + 1 if before else 1,
            is_current=True,
            is_withdrawn=withdraws,
            known_on=today,
            received_at=now,
            sent_at=one.sent_at,
            fingerprint=check_ins.fingerprint(one.check_in),
            unknown_fields=one.unknown_fields,
            marks=tuple(mark.value for mark in (*found.marks, *((Mark.UNKNOWN_FIELDS,) if one.unknown_fields else ()))),
            outcome=Outcome(),
        )
        for one, found in judged
    ]
    stops = [] if withdraws else [stop for one in stored for stop in _stops(patient.id, one, symptoms)]
    taken_in = take_in_report(tx, patient, of_patient, News(today, stops, check_ins=[one.told for one in stored]), now)
    answered = [
        replace(
            one,
            outcome=taken_in.outcome(
                [symptoms[code] for code in one.check_in.symptoms if code in symptoms],
                tells_decisions=one is stored[-1],
            ),
        )
        for one in stored
    ]
    check_ins.add(tx, patient.id, answered)
    revisions.checked_in(tx, patient, max(one.check_in.local_date for one in answered))
    return answered


def _stops(patient_id: UUID, stored: StoredCheckIn, symptoms: Mapping[str, Symptom]) -> tuple[Stop, ...]:
    told = stored.check_in
    report_id = rule.report_id(patient_id, told.local_date)
    return safety.stops_from(report_id, told.symptoms, symptoms, min(told.local_date, stored.known_on), stored.known_on)
