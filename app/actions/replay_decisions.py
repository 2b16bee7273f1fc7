"""Do a patient's stored decisions follow from the facts? Everything is followed anew and compared; nothing is written.

`rebuild_patient` asks the same, so that there is one answer to what counts as a difference.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from app.domain.check_in import Told, beside_of, dates_changed, with_revision
from app.domain.course import Course, follow
from app.domain.decision import ActorKind, Decision, DecisionState
from app.domain.evidence import KnownDay, Proven, Reported, changed_days, with_changes
from app.domain.facts import Fact
from app.store import check_ins, course_facts, decisions, prescriptions, sessions
from app.store.check_ins import StoredCheckIn
from app.store.sessions import StoredSession
from app.store.standings import Standings
from app.store.transaction import Transaction
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class CourseAnew:
    """A prescription as it is stored, the facts about it, and the course that they make."""

    standings: Standings
    facts: tuple[Fact, ...]
    course: Course


@dataclass(frozen=True, slots=True)
class Differing:
    """A decision that is stored otherwise than the facts say; either side is None where there is no such decision."""

    decision_id: UUID
    prescription_id: UUID
    decided_on: date
    stored: Decision | None
    derived: Decision | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many decisions the facts make, and those that are stored otherwise, oldest first."""

    count: int
    differing: tuple[Differing, ...]


def replay_decisions(tx: Transaction, patient_id: UUID) -> Replayed:
    """Derive every decision of a patient again and compare it with what is stored."""
    return compare(tx, patient_id, courses_anew(tx, patient_id, known_days(tx, patient_id)))


def courses_anew(tx: Transaction, patient_id: UUID, known: Iterable[KnownDay]) -> list[CourseAnew]:
    """The patient's courses, followed from their beginning up to where they stand."""
    of_all, of_one = course_facts.of_patient(tx, patient_id)
    days = list(known)
    found = []
    for one in prescriptions.of_patient(tx, patient_id):
        own = [each.day for each in days if each.prescription_id == one.prescription.id]
        rest = course_facts.for_prescription(one.prescription.id, one.created_at, of_all, of_one)
        facts: tuple[Fact, ...] = (*own, *rest)
        found.append(CourseAnew(one, facts, follow(one.prescription, facts, until=one.standing.through)))
    return found


def known_days(tx: Transaction, patient_id: UUID) -> list[KnownDay]:
    """The practice days that all revisions of all reports make, in the order in which they became known."""
    known: list[KnownDay] = []
    before: dict[UUID, Proven] = {}
    began: dict[UUID, tuple[date, datetime | None]] = {}
    told: list[Told] = []
    for stored in _as_received(sessions.all_revisions(tx, patient_id), check_ins.all_revisions(tx, patient_id)):
        reports = []
        if isinstance(stored, StoredSession):
            session_id = stored.session.id
            reports = [Reported(session_id, stored.proven, before.get(session_id))]
            reported_on = reports[0].dates
            before[session_id] = stored.proven
            began[session_id] = (stored.local_date, stored.counts_from)
        else:
            told = with_revision(told, stored.told)
            reported_on = {stored.told.local_date}
        dates = dates_changed(reported_on, told)
        beside = beside_of(dates, told, began.values(), today=stored.known_on)
        known = with_changes(known, changed_days(known, reports, today=stored.known_on, beside=beside))
    return known


def _as_received(
    of_sessions: list[StoredSession], of_check_ins: list[StoredCheckIn]
) -> list[StoredSession | StoredCheckIn]:
    """All revisions in the order in which they came. Sorting is stable: of one instant, sessions come first."""
    return sorted([*of_sessions, *of_check_ins], key=lambda one: (one.known_on, one.received_at))


def compare(tx: Transaction, patient_id: UUID, courses: Iterable[CourseAnew]) -> Replayed:
    """The rule's decisions that the facts do not lead to, and those they lead to that are not stored as such."""
    followed = list(courses)
    ids = {one.standings.prescription.id for one in followed}
    derived = {decision.id: decision for one in followed for decision in one.course.decisions}
    # What was prescribed by mistake counts for nothing any more; what it decided stays on record.
    stored = {
        one.decision.id: one.decision
        for one in decisions.all_of_patient(tx, patient_id)
        if one.decision.prescription_id in ids
    }
    wrong = [one for one in derived.values() if one.id not in stored or _verdict(stored[one.id]) != _verdict(one)]
    wrong += [
        one
        for one in stored.values()
        if one.by.kind is ActorKind.RULE and one.id not in derived and one.state is not DecisionState.SUPERSEDED
    ]
    differing = [_differing(one, stored, derived) for one in wrong]
    return Replayed(len(derived), tuple(sorted(differing, key=lambda one: (one.decided_on, one.decision_id))))


def _differing(one: Decision, stored: Mapping[UUID, Decision], derived: Mapping[UUID, Decision]) -> Differing:
    return Differing(one.id, one.prescription_id, one.decided_on, stored.get(one.id), derived.get(one.id))


def _verdict(decision: Decision) -> tuple[object, ...]:
    """What a decision says and what became of it.

    The rest is kept as it was told: later reports of the same day add sessions to a reason, or block what was applied.
    What was blocked moved nobody, from wherever it would have. What the same day has superseded says nothing any more:
    what a patient asked for may have been answered differently.
    """
    if decision.state is DecisionState.SUPERSEDED:
        return (decision.decided_on, decision.state)
    if decision.state is DecisionState.BLOCKED:
        return (decision.kind, decision.decided_on, decision.state)
    rungs = (decision.from_rung, decision.to_rung)
    return (decision.kind, rungs, decision.decided_on, decision.state, decision.effective_on, decision.reason.code)
