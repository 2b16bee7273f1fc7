"""Make everything that is derived about a patient again from the facts, and say what differed.

Derived are the practice days, where courses stand, and the rule's own decisions. Decisions are only compared: they were
told to people, so none is rewritten.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.domain.adherence import Counts, counts_of
from app.domain.course import Course, follow
from app.domain.decision import ActorKind, Decision, DecisionState
from app.domain.evidence import KnownDay, Proven, changed_days, with_changes
from app.domain.session import PracticeDay
from app.domain.watch import Watch, watch_after
from app.store import course_facts, decisions, practice_days, prescriptions, revisions, sessions
from app.store.prescriptions import Followed, Standings
from app.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Differences:
    """How many rows of each kind were not as the facts say."""

    practice_days: int
    standings: int
    decisions: int

    def __add__(self, other: "Differences") -> "Differences":
        return Differences(
            self.practice_days + other.practice_days,
            self.standings + other.standings,
            self.decisions + other.decisions,
        )

    def __bool__(self) -> bool:
        return bool(self.practice_days or self.standings or self.decisions)


def rebuild_patient(tx: Transaction, patient_id: UUID, *, writes: bool) -> Differences:
    """Derive again and compare; with `writes`, put right what differs."""
    revision = revisions.take(tx, patient_id).revision if writes else 0
    found = prescriptions.of_patient(tx, patient_id)
    ids = {one.prescription.id for one in found}
    known = [one for one in known_days(tx, patient_id) if one.prescription_id in ids]
    of_all, of_one = course_facts.of_patient(tx, patient_id)
    courses: list[tuple[Standings, Course]] = []
    watches: dict[UUID, Watch] = {}
    for one in found:
        own = [each.day for each in known if each.prescription_id == one.prescription.id]
        facts = course_facts.for_prescription(one.prescription.id, one.created_at, of_all, of_one)
        course = follow(one.prescription, [*own, *facts], until=one.standing.through)
        courses.append((one, course))
        practised_on = max((day.local_date for day in _current(known, one) if day.performances), default=None)
        watches[one.prescription.id] = watch_after(
            one.prescription, course, [*own, *facts], one.watch, practised_on, settled_on=date.min, now=None
        )
    days = [(each, _counts(each, courses)) for each in known]
    stored = practice_days.all_with_counts(tx, patient_id)
    differing = sum(a != b for a, b in zip(_in_order(days), _in_order(stored), strict=False))
    differing += abs(len(days) - len(stored))
    standings = sum(
        (course.settled or one.settled, course.standing, watches[one.prescription.id])
        != (one.settled, one.standing, one.watch)
        for one, course in courses
    )
    if writes and differing:
        practice_days.forget(tx, patient_id)
        practice_days.save(tx, patient_id, days, ())
    if writes and standings:
        followed = [Followed(one, course, one.wakes_on, watches[one.prescription.id]) for one, course in courses]
        prescriptions.save_courses(tx, patient_id, revision, followed)
    return Differences(differing, standings, _differing_decisions(tx, patient_id, courses))


def known_days(tx: Transaction, patient_id: UUID) -> list[KnownDay]:
    """The practice days that all revisions of all sessions make, in the order in which they became known."""
    known: list[KnownDay] = []
    before: dict[UUID, Proven] = {}
    for stored in sessions.all_revisions(tx, patient_id):
        session_id = stored.session.id
        changed = changed_days(known, session_id, stored.proven, before.get(session_id), today=stored.known_on)
        known = with_changes(known, changed)
        before[session_id] = stored.proven
    return known


def _current(known: list[KnownDay], one: Standings) -> list[PracticeDay]:
    return [each.day for each in known if each.prescription_id == one.prescription.id and each.is_current]


def _counts(one: KnownDay, courses: list[tuple[Standings, Course]]) -> Counts:
    course = next(course for standings, course in courses if standings.prescription.id == one.prescription_id)
    label = next((label for label in course.days if label.local_date == one.day.local_date), course.days[0])
    return counts_of(label, one.day)


def _in_order(days: list[tuple[KnownDay, Counts]]) -> list[tuple[KnownDay, Counts]]:
    return sorted(days, key=lambda pair: (pair[0].prescription_id.int, pair[0].day.local_date, pair[0].day.known_on))


def _differing_decisions(tx: Transaction, patient_id: UUID, courses: list[tuple[Standings, Course]]) -> int:
    """The rule's decisions that the facts do not lead to, and those they lead to that are not stored."""
    derived = {decision.id: decision for _, course in courses for decision in course.decisions}
    kept = {one.decision.id: one.decision for one in decisions.all_of_patient(tx, patient_id)}
    undone = {DecisionState.SUPERSEDED}
    extra = [d for d in kept.values() if d.by.kind is ActorKind.RULE and d.id not in derived and d.state not in undone]
    missing = [d for d in derived.values() if d.id not in kept or _verdict(kept[d.id]) != _verdict(d)]
    return len(extra) + len(missing)


def _verdict(decision: Decision) -> tuple[object, ...]:
    """What a decision says and what became of it.

    The rest is kept as it was told: later reports of the same day add sessions to a reason, or block what was applied.
    """
    told = (decision.kind, decision.from_rung, decision.to_rung, decision.decided_on, decision.state)
    return told if decision.state is DecisionState.BLOCKED else (*told, decision.effective_on, decision.reason.code)
