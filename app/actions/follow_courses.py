"""Follow a patient's courses after something became known, and keep where they stand and what was decided.

Every action that adds a fact ends here, inside its own transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from app.domain.adherence import Counts, counts_of
from app.domain.course import Course, follow
from app.domain.decision import Decision, DecisionState
from app.domain.due_calendar import is_excused
from app.domain.evidence import KnownDay
from app.domain.facts import Fact
from app.domain.standing import DayLabel, Standing
from app.domain.watch import Watch, watch_after
from app.store import course_facts, decisions, practice_days, practice_quarters, prescriptions, revisions
from app.store.course_facts import PatientFact, PrescriptionFact
from app.store.revisions import TakenPatient
from app.store.standings import Followed, Standings
from app.store.transaction import Transaction
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class FollowedCourses:
    """Courses by prescription, the decisions that are new, and whether what the phone shows has changed.

    `recounted` are the dates whose practice counts otherwise now; who gave the practice adds up their weeks.
    """

    courses: Mapping[UUID, Course]
    new_decisions: tuple[Decision, ...]
    routine_changed: bool
    recounted: tuple[date, ...] = ()


def earliest_closed(standings: Iterable[Standings], today: date) -> date:
    """The date up to which all these courses are closed: facts known later are needed to follow them."""
    return min((one.closed(today).through for one in standings), default=today)


def follow_courses(
    tx: Transaction,
    patient: TakenPatient,
    standings: Sequence[Standings],
    *,
    today: date,
    now: datetime,
    practice: Sequence[KnownDay] | None = None,
    has_new_facts: bool = False,
) -> FollowedCourses:
    """Follow these courses up to today and store the result.

    `practice` are the practice days known since the earliest closed date, with this transaction's changes; None loads
    them. `has_new_facts`: a stop, an order, an answer or a condition was stored in this transaction. Facts must be
    stored before.
    """
    closed = [one.closed(today) for one in standings]
    since = min([one.through for one in closed], default=today)
    is_practice_given = practice is not None
    if practice is None:
        practice = practice_days.known_since(tx, patient.id, [one.prescription.id for one in standings], since, ())
    of_all: Sequence[PatientFact] = ()
    of_one: Mapping[UUID, Sequence[PrescriptionFact]] = {}
    if has_new_facts or (patient.newest_fact_on is not None and patient.newest_fact_on > since):
        of_all, of_one = course_facts.of_patient(tx, patient.id, since)
    known_of: dict[UUID, list[KnownDay]] = {}
    for stored in practice:
        known_of.setdefault(stored.prescription_id, []).append(stored)
    courses: dict[UUID, Course] = {}
    followed = []
    relabelled: list[tuple[KnownDay, Counts]] = []
    changed = False
    for one, settled in zip(standings, closed, strict=True):
        prescription_id = one.prescription.id
        own = known_of.get(prescription_id, [])
        rest = course_facts.for_prescription(prescription_id, one.created_at, of_all, of_one)
        facts: list[Fact] = [*[stored.day for stored in own], *rest]
        course = courses[prescription_id] = follow(one.prescription, facts, until=today, since=settled)
        later = [stored.day.known_on for stored in own if stored.day.known_on > today]
        watch = _watch_after(tx, one, course, facts, own, settled.through, now)
        followed.append(Followed(one, course, min(later, default=None), watch))
        before = one.opening(today)
        changed = changed or _shows(course.standing) != _shows(before.standing)
        if _counts_by(course.standing.day) != _counts_by(before.day):
            relabelled += [
                (stored, counts_of(course.standing.day, stored.day)) for stored in own if stored.day.local_date == today
            ]
    prescriptions.save_courses(tx, patient.id, patient.revision, followed)
    practice_days.recount(tx, patient.id, relabelled)
    recounted = tuple(stored.day.local_date for stored, _ in relabelled)
    if not is_practice_given:
        practice_quarters.refresh(tx, patient.id, recounted)
    new = _keep_decisions(tx, patient.id, standings, courses, [one.through for one in closed], now)
    revisions.reached(tx, patient, today, has_new_facts=has_new_facts)
    return FollowedCourses(courses, new, changed, recounted)


def _shows(standing: Standing) -> tuple[object, ...]:
    return (
        standing.rung,
        standing.status,
        standing.is_eased,
        standing.today_closed,
        standing.next_rung,
        standing.growth,
        standing.next_growth,
        standing.offer,
        standing.away,
    )


def _watch_after(
    tx: Transaction,
    one: Standings,
    course: Course,
    facts: Sequence[Fact],
    own: Sequence[KnownDay],
    closed_on: date,
    now: datetime,
) -> Watch | None:
    """What is watched now; None where it was never made. `own` are the practice days of this prescription."""
    watch = one.watch
    if watch is None:
        return None
    before = watch.practised_on
    days = {known.day.local_date: bool(known.day.performances) for known in own if known.is_current}
    if before is not None and not days.get(before, True):
        # The last day of practice was taken back: which one is it now?
        before = practice_days.last_practised(tx, one.prescription.patient_id, one.prescription.id, before)
    practised = [day for day, is_practised in days.items() if is_practised]
    practised_on = max(practised if before is None else [before, *practised], default=None)
    return watch_after(one.prescription, course, facts, watch, practised_on, settled_on=closed_on, now=now)


def _counts_by(day: DayLabel) -> tuple[object, ...]:
    """What today's practice is counted by."""
    return day.due_slots, day.highest_rung, day.is_eased, day.asked, is_excused(day)


def _keep_decisions(
    tx: Transaction,
    patient_id: UUID,
    standings: Sequence[Standings],
    courses: Mapping[UUID, Course],
    closed: Sequence[date],
    now: datetime,
) -> tuple[Decision, ...]:
    """Store decisions that are not stored yet; one that a later report of its own day undid is marked superseded.

    `closed` are the dates up to which the courses of these standings were closed.
    """
    arisen = {decision.id: decision for course in courses.values() for decision in course.decisions}
    had_decided = any(
        one.decided_on is not None and one.decided_on > day for one, day in zip(standings, closed, strict=True)
    )
    if not arisen and not had_decided:
        return ()
    closed_on = {one.prescription.id: day for one, day in zip(standings, closed, strict=True)}
    # Where nothing was decided since the closed dates, nothing that arose now can be stored already.
    stored = {
        one.decision.id: one.decision
        for one in (decisions.since(tx, patient_id, min(closed)) if had_decided else ())
        if one.decision.decided_on > closed_on.get(one.decision.prescription_id, date.max)
    }
    new = tuple(decision for decision_id, decision in arisen.items() if decision_id not in stored)
    decisions.add(tx, patient_id, new, now)
    changed = [
        (decision_id, arisen[decision_id].state if decision_id in arisen else DecisionState.SUPERSEDED)
        for decision_id, decision in stored.items()
        if decision.state != (arisen[decision_id].state if decision_id in arisen else DecisionState.SUPERSEDED)
    ]
    decisions.change_state(tx, patient_id, changed)
    return new
