"""Record what a patient did: load, judge, follow, save. The same id and body again gives the same answer, forever.

Nothing that a patient cannot help is refused: it is stored and marked. A correction or a withdrawal is another revision. What
it adds against the patient counts at once; what it takes away in their favour counts from the next local day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.actions.follow_courses import Followed, earliest_settled, follow_courses
from app.domain import safety
from app.domain.adherence import is_done, worst_pain
from app.domain.course import follow
from app.domain.errors import NotFound, PreconditionFailed, SessionDiffers
from app.domain.exercise import Symptom
from app.domain.progress import progress_of
from app.domain.report import Judged, judge
from app.domain.session import Mark, PerformanceEvidence, PracticeDay, Session
from app.domain.standing import DayLabel
from app.store import course_facts, practice_days, prescriptions, revisions, sessions, shapes
from app.store.practice_days import StoredDay
from app.store.prescriptions import Standings
from app.store.revisions import TakenPatient
from app.store.sessions import StoredSession
from app.store.transaction import Transaction

Evidence = Sequence[tuple[UUID, PerformanceEvidence]]


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
    if_match: int | None = None,
) -> Recorded:
    """Store a session, or find that it is stored.

    `if_match` is the revision that the sender corrects. Raises SessionDiffers when other content is stored under this id
    and no revision is named, PreconditionFailed when it is not the current one, NotFound for another's patient.
    """
    patient = revisions.take_for_new_session(tx, patient_id, report.session.id, now)
    if patient is not None:
        if if_match is not None:
            raise PreconditionFailed("No session with this id is stored, so there is nothing to correct.")
        return Recorded(_store(tx, patient, report, None, symptoms, now), "created")
    before = sessions.current(tx, patient_id, report.session.id)
    if before is None:
        raise NotFound("There is no such patient.")
    if before.fingerprint == sessions.fingerprint(report.session):
        return Recorded(before, "same")
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
    if_match: int | None = None,
) -> StoredSession:
    """Take a session back: it stays on record and counts no more. Doing it again changes nothing. Raises NotFound."""
    before = sessions.current(tx, patient_id, session_id)
    if before is None:
        raise NotFound("There is no such session.")
    if before.is_withdrawn:
        return before
    if if_match is not None:
        _require_current(before, if_match)
    patient = revisions.take(tx, patient_id)
    report = Report(before.session, None, before.unknown_fields, before.setting)
    return _store(tx, patient, report, before, symptoms, now, withdraws=True)


def _require_current(before: StoredSession, if_match: int | None) -> None:
    headers = {"ETag": f'"{before.revision}"'}
    if if_match is None:
        raise SessionDiffers("A session with this id is stored with other content.", headers=headers)
    if if_match != before.revision:
        raise PreconditionFailed("The session was changed since you read it.", headers=headers)


def _store(  # noqa: PLR0913 - private, and each is needed
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
    of_patient = prescriptions.of_patient(tx, patient.id)
    plans = {one.prescription.id: (one.prescription, one.standing) for one in of_patient}
    judged = judge(session, plans, symptoms, today=patient.today(now), received_at=now)
    today = judged.known_on
    evidence: Evidence = () if withdraws else judged.evidence
    was = judge(before.session, plans, symptoms, today=today, received_at=before.received_at) if before else None
    touched = {prescription_id for prescription_id, _ in (*evidence, *(was.evidence if was else ()))}
    stops = () if withdraws else safety.stops_from(session, symptoms, judged.local_date, today)
    affected = [one for one in of_patient if stops or one.prescription.id in touched]

    dates = {judged.local_date, *((was.local_date,) if was else ())}
    known = practice_days.known_since(tx, patient.id, earliest_settled(affected, today), dates) if affected else []
    changed = _changed_days(known, session.id, judged, evidence, was)
    course_facts.add_stops(tx, patient.id, stops, now)
    followed = follow_courses(
        tx, patient, affected, today=today, now=now, practice=_replaced(known, changed), has_new_facts=bool(stops)
    )
    practice_days.save(tx, patient.id, [_counted(tx, one, affected, followed) for one in changed], known)
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
        recorded_by_kind="patient" if tx.scope.is_patient else "clinician",
        recorded_by_id=_by(tx),
        outcome=_outcome(session, affected, followed, symptoms),
    )
    sessions.add(tx, patient.id, stored)
    return stored


def _changed_days(
    known: Sequence[StoredDay], session_id: UUID, judged: Judged, evidence: Evidence, was: Judged | None
) -> list[StoredDay]:
    """The evidence of each day that this report changes.

    Where it takes evidence away on the very date that the evidence became known, the day keeps both until tomorrow: a
    correction lowers at once and raises from the next day.
    """
    keys = {(prescription_id, judged.local_date) for prescription_id, _ in evidence}
    if was is not None:
        keys |= {(prescription_id, was.local_date) for prescription_id, _ in was.evidence}
    today = judged.known_on
    changed: list[StoredDay] = []
    for prescription_id, local_date in sorted(keys, key=str):
        rows = [one for one in known if (one.prescription_id, one.day.local_date) == (prescription_id, local_date)]
        new = tuple(one for pid, one in evidence if pid == prescription_id and local_date == judged.local_date)
        present = next((one.day.performances for one in rows if one.is_current), ())
        truth = _in_order(*(one for one in present if one.session_id != session_id), *new)
        # What is seen today: the newest row known by today, of which a row known on today itself may lose nothing.
        seen = max((one.day for one in rows if one.day.known_on <= today), key=lambda day: day.known_on, default=None)
        waits = any(one.day.known_on > today for one in rows)
        takes_away = (
            seen is not None
            and seen.known_on == today
            and any(one.session_id == session_id for one in seen.performances)
        )
        if takes_away or waits:
            both = _in_order(*(seen.performances if seen else ()), *new)
            changed.append(StoredDay(prescription_id, PracticeDay(local_date, today, both), False, 0, 0, None))
        known_on = today + timedelta(days=1) if takes_away or waits else today
        changed.append(StoredDay(prescription_id, PracticeDay(local_date, known_on, truth), True, 0, 0, None))
    return changed


def _replaced(known: Sequence[StoredDay], changed: Sequence[StoredDay]) -> list[StoredDay]:
    """What is known with the changes in place of what they replace."""
    new = {(one.prescription_id, one.day.local_date, one.day.known_on) for one in changed}
    kept = [one for one in known if (one.prescription_id, one.day.local_date, one.day.known_on) not in new]
    return [*kept, *changed]


def _in_order(*performances: PerformanceEvidence) -> tuple[PerformanceEvidence, ...]:
    """Performances by their start; equal ones once."""
    return tuple(sorted(dict.fromkeys(performances), key=lambda one: (one.started_at, one.session_id.int)))


def _counted(tx: Transaction, one: StoredDay, affected: Sequence[Standings], followed: Followed) -> StoredDay:
    """The same day with its counts for adherence, by the label that its date had."""
    label = _label(tx, one, affected, followed)
    done = sum(is_done(label, performance) for performance in one.day.performances)
    return StoredDay(
        one.prescription_id,
        one.day,
        one.is_current,
        done,
        len(one.day.performances) - done,
        worst_pain(one.day.performances),
    )


def _label(tx: Transaction, one: StoredDay, affected: Sequence[Standings], followed: Followed) -> DayLabel:
    """The label of a day; for a day that was settled long ago, the course is followed again from its beginning."""
    course = followed.courses[one.prescription_id]
    for label in course.days:
        if label.local_date == one.day.local_date:
            return label
    prescription = next(s.prescription for s in affected if s.prescription.id == one.prescription_id)
    own = [
        s.day for s in practice_days.all_of_patient(tx, prescription.patient_id) if s.prescription_id == prescription.id
    ]
    of_all, of_one = course_facts.of_patient(tx, prescription.patient_id)
    whole = follow(prescription, [*own, *of_all, *of_one.get(prescription.id, ())], until=course.standing.through)
    return next((label for label in whole.days if label.local_date == one.day.local_date), whole.days[0])


def _outcome(
    session: Session, affected: Sequence[Standings], followed: Followed, symptoms: Mapping[str, Symptom]
) -> dict[str, Any]:
    """What is answered, as codes, so that a retry in any language gets the same."""
    reported = [symptoms[code] for code in session.symptoms if code in symptoms]
    progress = [progress_of(one.prescription, followed.courses[one.prescription.id].standing) for one in affected]
    return {
        "decisions": [shapes.DECISION.dump_python(one, mode="json") for one in followed.new_decisions],
        "progress": [shapes.PROGRESS.dump_python(one, mode="json") for one in progress],
        "routine_changed": followed.routine_changed,
        "symptoms": [one.code for one in safety.worst_first(reported)],
    }


def _by(tx: Transaction) -> UUID:
    assert tx.scope.principal_id is not None
    return tx.scope.principal_id
