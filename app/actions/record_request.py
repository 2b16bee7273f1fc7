"""Record what a patient asks for: some of it acts at once, the rest waits for somebody at the clinic.

Nothing that a patient cannot help is refused: a kind that only a newer app knows is kept and waits, too. The same id
and body again gives the same answer.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.actions.follow_courses import FollowedCourses, follow_courses
from app.domain import request as rule
from app.domain import step_down
from app.domain.decision import Actor, ActorKind, DecisionKind, Order
from app.domain.errors import NotFound, RequestDiffers
from app.domain.progress import Outcome, progress_of
from app.domain.request import Judged, Request, RequestKind
from app.domain.session import Mark
from app.domain.standing import Status
from app.store import check_ins, course_facts, decisions, prescriptions, requests, revisions, sessions
from app.store.requests import StoredRequest
from app.store.revisions import TakenPatient
from app.store.standings import Standings
from app.store.transaction import Transaction
from app.values import dataclass

DONE, WAITING = "done", "waiting"
TO_BE_DONE = {Status.ACTIVE, Status.EASED, Status.HELD}


@dataclass(frozen=True, slots=True)
class RequestReport:
    """A request as it reached us, with what was in it that this build does not know."""

    request: Request
    sent_at: datetime | None
    unknown_fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of a request: whether it waits, which sentence says so, and what followed."""

    state: str
    text: str
    marks: tuple[Mark, ...] = ()
    affected: Sequence[Standings] = ()
    followed: FollowedCourses | None = None


def record_request(
    tx: Transaction, patient_id: UUID, report: RequestReport, now: datetime
) -> tuple[StoredRequest, bool]:
    """Store a request, or find that it is stored; is it new?

    Raises RequestDiffers when other content is stored under this id.
    """
    meaning = requests.fingerprint(report.request)
    stored = requests.one(tx, patient_id, report.request.id)
    if stored is None:
        patient = revisions.take_heard(tx, patient_id, now)
        # Somebody who sent the same at the same time may have been first.
        stored = requests.one(tx, patient_id, report.request.id)
        if stored is None:
            return _store(tx, patient, report, meaning, now), True
    if stored.fingerprint != meaning:
        raise RequestDiffers("A request with this id is stored with other content.")
    return stored, False


def answer_request(
    tx: Transaction, patient_id: UUID, request_id: UUID, text: str | None, now: datetime
) -> StoredRequest:
    """Close a patient's request, with words for the patient or without. Raises NotFound."""
    revisions.take(tx, patient_id)
    if requests.one(tx, patient_id, request_id) is None:
        raise NotFound("There is no such request.")
    requests.answer(tx, patient_id, request_id, text, tx.scope.clinician_id, now)
    answered = requests.one(tx, patient_id, request_id)
    assert answered is not None
    return answered


def _store(
    tx: Transaction, patient: TakenPatient, report: RequestReport, meaning: bytes, now: datetime
) -> StoredRequest:
    judged = rule.judge(report.request, today=patient.today(now), received_at=now)
    done = _do(tx, patient, report.request, judged, now)
    marks = [*judged.marks, *done.marks, *((Mark.UNKNOWN_FIELDS,) if report.unknown_fields else ())]
    stored = StoredRequest(
        request=report.request,
        patient_id=patient.id,
        state=done.state,
        known_on=judged.known_on,
        received_at=now,
        sent_at=report.sent_at,
        fingerprint=meaning,
        unknown_fields=report.unknown_fields,
        marks=tuple(mark.value for mark in marks),
        outcome=_outcome(done),
    )
    requests.add(tx, stored)
    if done.followed is None:
        revisions.reached(tx, patient, judged.known_on)
    return stored


def _do(tx: Transaction, patient: TakenPatient, request: Request, judged: Judged, now: datetime) -> _Done:
    match request.kind:
        case RequestKind.STEP_DOWN:
            return _step_down(tx, patient, request, judged, now)
        case RequestKind.ACKNOWLEDGE:
            is_there = request.decision_id is not None and decisions.acknowledge(
                tx, patient.id, request.decision_id, now
            )
            return _Done(DONE, RequestKind.ACKNOWLEDGE, () if is_there else (Mark.UNKNOWN_SUBJECT,))
        case kind if kind in rule.KINDS:
            return _Done(WAITING, kind, _odd_subjects(tx, patient, request))
        case _:
            return _Done(WAITING, "unknown", _odd_subjects(tx, patient, request))


def _odd_subjects(tx: Transaction, patient: TakenPatient, request: Request) -> tuple[Mark, ...]:
    """What is odd about what a request is about: it names something that is not there."""
    odd = []
    if request.prescription_id is not None:
        known = {one.prescription.id for one in prescriptions.of_patient(tx, patient.id)}
        if request.prescription_id not in known:
            odd.append(Mark.UNKNOWN_PRESCRIPTION)
    named = (
        request.session_id is not None and sessions.current(tx, patient.id, request.session_id) is None,
        request.check_in_date is not None and check_ins.current(tx, patient.id, request.check_in_date) is None,
    )
    return (*odd, *((Mark.UNKNOWN_SUBJECT,) if any(named) else ()))


def _step_down(tx: Transaction, patient: TakenPatient, request: Request, judged: Judged, now: datetime) -> _Done:
    """The easier exercise at once; without one prescription that is meant, somebody at the clinic looks at it."""
    meant = _meant(prescriptions.of_patient(tx, patient.id), request, judged.known_on)
    if meant is None:
        return _Done(WAITING, "unknown", (Mark.UNKNOWN_PRESCRIPTION,))
    order = Order(
        id=rule.order_id(patient.id, request.id),
        kind=DecisionKind.STEP_BACK,
        to_rung=None if request.rung is None else request.rung - 1,
        effective_on=judged.known_on,
        known_on=judged.known_on,
        recorded_at=judged.made_at,
        by=Actor(ActorKind.PATIENT, patient.id),
    )
    course_facts.add_order(tx, patient.id, meant.prescription.id, order)
    followed = follow_courses(tx, patient, [meant], today=judged.known_on, now=now, has_new_facts=True)
    status = followed.courses[meant.prescription.id].standing.status
    decision = next((one for one in followed.new_decisions if step_down.is_about(one, order)), None)
    if decision is None or status not in TO_BE_DONE:
        return _Done(WAITING, "unknown", (), (meant,), followed)
    if decision.kind is DecisionKind.EASE:
        return _Done(WAITING, "step_down_lowest", (), (meant,), followed)
    return _Done(DONE, RequestKind.STEP_DOWN, (), (meant,), followed)


def _meant(of_patient: Sequence[Standings], request: Request, today: date) -> Standings | None:
    """The prescription that a request means: the one it names, or the only one there is to do."""
    if request.prescription_id is not None:
        return next((one for one in of_patient if one.prescription.id == request.prescription_id), None)
    to_do = [one for one in of_patient if one.carried(today).standing.status in TO_BE_DONE]
    return to_do[0] if len(to_do) == 1 else None


def _outcome(done: _Done) -> Outcome:
    followed = done.followed
    courses = followed.courses if followed else {}
    return Outcome(
        decisions=followed.new_decisions if followed else (),
        progress=tuple(progress_of(one.prescription, courses[one.prescription.id].standing) for one in done.affected),
        routine_changed=bool(followed and followed.routine_changed),
        text=str(done.text),
    )
