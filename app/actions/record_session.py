"""Record what a patient did: load, judge, follow, save. The same id and body again gives the same answer, forever.

Nothing that a patient cannot help is refused: it is stored and marked. A correction or a withdrawal is another
revision. What it adds against the patient counts at once; what it takes away in their favour counts from the next local
day.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.actions.take_in_report import News, SessionNews, take_in_report
from app.domain import safety
from app.domain.errors import Conflict, NotFound, PreconditionFailed, SessionDiffers
from app.domain.evidence import Proven
from app.domain.exercise import Symptom
from app.domain.report import judge
from app.domain.session import Mark, Session
from app.store import prescriptions, revisions, sessions
from app.store.revisions import TakenPatient
from app.store.sessions import StoredSession
from app.store.transaction import Transaction


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
        return Recorded(_store(tx, patient, report, None, symptoms, now), "created")
    before = sessions.current(tx, patient_id, report.session.id)
    if before is None:
        raise NotFound("There is no such patient.")
    if before.fingerprint == sessions.fingerprint(report.session) and before.setting == report.setting:
        return Recorded(before, "same")
    _require_own_side(tx, before)
    _require_current(before, if_match)
    patient = revisions.take(tx, patient_id)
    return Recorded(_store(tx, patient, report, before, symptoms, now), "corrected")


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
    return _store(tx, patient, report, before, symptoms, now, withdraws=True)


def _require_current(before: StoredSession, if_match: Container[int] | None) -> None:
    headers = {"ETag": f'"{before.revision}"'}
    if if_match is None:
        raise SessionDiffers("A session with this id is stored with other content.", headers=headers)
    if before.revision not in if_match:
        raise PreconditionFailed("The session was changed since you read it.", headers=headers)


def _store(
    tx: Transaction,
    patient: TakenPatient,
    report: Report,
    before: StoredSession | None,
    symptoms: Mapping[str, Symptom],
    now: datetime,
    *,
    withdraws: bool = False,
) -> StoredSession:
    session = report.session
    of_patient = prescriptions.of_patient(tx, patient.id, patient.revision - 1)
    here = patient.today(now)
    plans = {one.prescription.id: (one.prescription, one.carried(here).standing) for one in of_patient}
    judged = judge(session, plans, symptoms, today=here, received_at=now)
    today = judged.known_on
    counts = not (withdraws or judged.is_quarantined)
    stops = safety.stops_from(session.id, session.symptoms, symptoms, judged.local_date, today, session_id=session.id)
    # What was proven for a prescription that was made by mistake counts for nothing any more.
    was = (
        Proven(before.local_date, tuple(one for one in before.proofs if one.prescription_id in plans))
        if before
        else None
    )
    news = News(
        today,
        () if withdraws else stops,
        SessionNews(
            session.id,
            Proven(judged.local_date, () if withdraws else judged.proofs),
            was,
            session.started_at if counts else None,
        ),
    )
    taken_in = take_in_report(tx, patient, of_patient, news, now)
    marks = [*judged.marks, *((Mark.UNKNOWN_FIELDS,) if report.unknown_fields else ())]
    stored = StoredSession(
        session=session,
        revision=before.revision + 1 if before else 1,
        is_withdrawn=withdraws,
        local_date=judged.local_date,
        known_on=today,
        received_at=now,
        sent_at=report.sent_at,
        fingerprint=sessions.fingerprint(session),
        unknown_fields=report.unknown_fields,
        marks=tuple(mark.value for mark in marks),
        setting=report.setting,
        recorded_by_kind=_kind(tx),
        recorded_by_id=_by(tx),
        outcome=taken_in.outcome(symptoms[code] for code in session.symptoms if code in symptoms),
        proofs=judged.proofs,
    )
    sessions.add(tx, patient.id, stored)
    return stored


def _require_own_side(tx: Transaction, before: StoredSession) -> None:
    if before.recorded_by_kind != _kind(tx):
        raise Conflict(f"The {before.recorded_by_kind} recorded this session, and corrects it.")


def _kind(tx: Transaction) -> str:
    return "patient" if tx.scope.is_patient else "clinician"


def _by(tx: Transaction) -> UUID:
    assert tx.scope.principal_id is not None
    return tx.scope.principal_id
