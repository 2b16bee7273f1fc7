"""Record what a patient did: load, judge, follow, save. The same id and body again gives the same answer, forever.

Nothing that a patient cannot help is refused: it is stored and marked. A correction or a withdrawal is another
revision. What it adds against the patient counts at once; what it takes away in their favour counts from the next local
day.
"""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

from app.actions.take_in_report import News, take_in_report
from app.domain import safety
from app.domain.decision import Stop
from app.domain.errors import Conflict, NotFound, PreconditionFailed, SessionDiffers
from app.domain.evidence import Proven, Reported
from app.domain.exercise import Symptom
from app.domain.report import Judged, judge
from app.domain.session import Mark, Session
from app.store import prescriptions, revisions, sessions
from app.store.revisions import TakenPatient
from app.store.sessions import StoredSession
from app.store.transaction import Transaction
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Report:
    """A session as it reached us: who sent it from where, and what was in it that this build does not know."""

    session: Session
    sent_at: datetime | None
    unknown_fields: Mapping[str, Any]
    setting: str = "home"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is stored now. `status`: `created`, `same`, `corrected` or `withdrawn`."""

    stored: StoredSession
    status: str


def record_session(
    tx: Transaction,
    patient_id: UUID,
    report: Report,
    symptoms: Mapping[str, Symptom],
    now: datetime,
    *,
    if_match: Container[int] | None = None,
) -> Recorded:
    """Store a session, or find that it is stored.

    `if_match` holds the revision that the sender corrects. Raises SessionDiffers when other content is stored under
    this id and no revision is named, PreconditionFailed when it is not the current one, Conflict when the other side of
    the two, clinic or phone, recorded it, NotFound for another's patient.
    """
    patient = revisions.take_for_new_session(tx, patient_id, report.session.id, now)
    if patient is not None:
        if if_match is not None:
            raise PreconditionFailed("No session with this id is stored, so there is nothing to correct.")
        return Recorded(_store(tx, patient, [report], None, symptoms, now)[0], "created")
    before = sessions.current(tx, patient_id, report.session.id)
    if before is None:
        raise NotFound("There is no such patient.")
    if before.fingerprint == sessions.fingerprint(report.session) and before.setting == report.setting:
        return Recorded(before, "same")
    _require_own_side(tx, before)
    _require_current(before, if_match)
    patient = revisions.take(tx, patient_id)
    return Recorded(_store(tx, patient, [report], before, symptoms, now)[0], "corrected")


def record_new_sessions(
    tx: Transaction, patient_id: UUID, reports: Sequence[Report], symptoms: Mapping[str, Symptom], now: datetime
) -> list[Recorded]:
    """Store sessions of which none is stored, in their order; those of one date of receipt are taken in together.

    The courses afterwards are those that single reports lead to. What a later report of the same day takes back before
    anybody could see it was never decided.
    """
    stored: list[StoredSession] = []
    while len(stored) < len(reports):
        patient = revisions.take_heard(tx, patient_id, now)
        stored += _store(tx, patient, reports[len(stored) :], None, symptoms, now)
    return [Recorded(one, "created") for one in stored]


def withdraw_session(
    tx: Transaction,
    patient_id: UUID,
    session_id: UUID,
    symptoms: Mapping[str, Symptom],
    now: datetime,
    *,
    if_match: Container[int] | None = None,
) -> StoredSession:
    """Take a session back: it stays on record and counts no more. Doing it again changes nothing.

    Raises NotFound, PreconditionFailed, and Conflict for one that the other side recorded.
    """
    before = sessions.current(tx, patient_id, session_id)
    if before is None:
        raise NotFound("There is no such session.")
    if before.is_withdrawn:
        return before
    _require_own_side(tx, before)
    if if_match is not None:
        _require_current(before, if_match)
    patient = revisions.take(tx, patient_id)
    report = Report(before.session, None, before.unknown_fields, before.setting)
    return _store(tx, patient, [report], before, symptoms, now, withdraws=True)[0]


def _require_current(before: StoredSession, if_match: Container[int] | None) -> None:
    headers = {"ETag": f'"{before.revision}"'}
    if if_match is None:
        raise SessionDiffers("A session with this id is stored with other content.", headers=headers)
    if before.revision not in if_match:
        raise PreconditionFailed("The session was changed since you read it.", headers=headers)


def _store(
    tx: Transaction,
    patient: TakenPatient,
    reports: Sequence[Report],
    before: StoredSession | None,
    symptoms: Mapping[str, Symptom],
    now: datetime,
    *,
    withdraws: bool = False,
) -> list[StoredSession]:
    """Store the reports, or the first of them: as many as became known on one local date, which a zone may move on.

    `before` is the revision that a single report corrects or takes back.
    """
    of_patient = prescriptions.of_patient(tx, patient.id, patient.revision - 1)
    here = patient.today(now)
    plans = {one.prescription.id: (one.prescription, one.opening(here).standing) for one in of_patient}
    judged = [(one, judge(one.session, plans, symptoms, today=here, received_at=now)) for one in reports]
    today = judged[0][1].known_on
    judged = list(takewhile(lambda pair: pair[1].known_on == today, judged))
    # What was proven for a prescription that was made by mistake counts for nothing any more.
    was = (
        Proven(before.local_date, tuple(one for one in before.proofs if one.prescription_id in plans))
        if before
        else None
    )
    reported = [
        Reported(one.session.id, Proven(found.local_date, () if withdraws else found.proofs), was)
        for one, found in judged
    ]
    news = News(
        today,
        () if withdraws else [stop for one, found in judged for stop in _stops(one.session, found, symptoms)],
        reported,
        {
            one.session.id: None if withdraws or found.is_quarantined else one.session.started_at
            for one, found in judged
        },
    )
    taken_in = take_in_report(tx, patient, of_patient, news, now)
    told = [[symptoms[code] for code in one.session.symptoms if code in symptoms] for one, _ in judged]
    outcomes = taken_in.outcomes(list(zip(reported, told, strict=True)))
    stored = [
        StoredSession(
            session=one.session,
            revision=before.revision + 1 if before else 1,
            is_withdrawn=withdraws,
            local_date=found.local_date,
            known_on=today,
            received_at=now,
            sent_at=one.sent_at,
            fingerprint=sessions.fingerprint(one.session),
            unknown_fields=one.unknown_fields,
            marks=tuple(mark.value for mark in (*found.marks, *_own_marks(one))),
            setting=one.setting,
            recorded_by_kind=_kind(tx),
            recorded_by_id=_by(tx),
            outcome=outcome,
            proofs=found.proofs,
        )
        for (one, found), outcome in zip(judged, outcomes, strict=True)
    ]
    sessions.add(tx, patient.id, stored)
    return stored


def _stops(session: Session, judged: Judged, symptoms: Mapping[str, Symptom]) -> tuple[Stop, ...]:
    return safety.stops_from(
        session.id, session.symptoms, symptoms, judged.local_date, judged.known_on, session_id=session.id
    )


def _own_marks(report: Report) -> tuple[Mark, ...]:
    return (Mark.UNKNOWN_FIELDS,) if report.unknown_fields else ()


def _require_own_side(tx: Transaction, before: StoredSession) -> None:
    if before.recorded_by_kind != _kind(tx):
        raise Conflict(f"The {before.recorded_by_kind} recorded this session, and corrects it.")


def _kind(tx: Transaction) -> str:
    return "patient" if tx.scope.is_patient else "clinician"


def _by(tx: Transaction) -> UUID:
    assert tx.scope.principal_id is not None
    return tx.scope.principal_id
