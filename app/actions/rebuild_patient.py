"""Make everything that is derived about a patient again from the facts, and say what differed.

Derived are the practice days, their sums by quarter, where courses stand, and the rule's own decisions. Decisions are
only compared: they were told to people, so none is rewritten.
"""

from datetime import date
from uuid import UUID

from app.actions.replay_decisions import CourseAnew, compare, courses_anew, known_days
from app.domain.adherence import Counts, counts_of
from app.domain.evidence import KnownDay
from app.domain.watch import Watch, watch_after
from app.store import practice_days, practice_quarters, prescriptions, revisions
from app.store.standings import Followed
from app.store.transaction import Transaction
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Differences:
    """How many rows of each kind were not as the facts say."""

    practice_days: int = 0
    practice_quarters: int = 0
    standings: int = 0
    decisions: int = 0

    def __add__(self, other: "Differences") -> "Differences":
        return Differences(
            self.practice_days + other.practice_days,
            self.practice_quarters + other.practice_quarters,
            self.standings + other.standings,
            self.decisions + other.decisions,
        )

    def __bool__(self) -> bool:
        return bool(self.practice_days or self.practice_quarters or self.standings or self.decisions)


def rebuild_patient(tx: Transaction, patient_id: UUID, *, writes: bool) -> Differences:
    """Derive again and compare; with `writes`, put right what differs."""
    revision = revisions.take(tx, patient_id).revision if writes else 0
    all_known = known_days(tx, patient_id)
    courses = courses_anew(tx, patient_id, all_known)
    ids = {one.standings.prescription.id for one in courses}
    known = [one for one in all_known if one.prescription_id in ids]
    watches = {one.standings.prescription.id: _watch(one, known) for one in courses}
    days = [(each, _counts(each, courses)) for each in known]
    stored = practice_days.all_with_counts(tx, patient_id)
    differing = sum(a != b for a, b in zip(_in_order(days), _in_order(stored), strict=False))
    differing += abs(len(days) - len(stored))
    followed = [
        Followed(one.standings, one.course, one.standings.wakes_on, watches[one.standings.prescription.id])
        for one in courses
    ]
    standings = sum(
        (one.course.settled or one.before.settled, one.course.standing, one.watch)
        != (one.before.settled, one.before.standing, one.before.watch)
        for one in followed
    )
    if writes and differing:
        practice_days.forget(tx, patient_id)
        practice_days.save(tx, patient_id, days, ())
    # Compared with the days as they are stored now: they are right by here, or counted above.
    quarters = practice_quarters.refresh_all(tx, patient_id) if writes else practice_quarters.differing(tx, patient_id)
    if writes and standings:
        prescriptions.save_courses(tx, patient_id, revision, followed)
    decisions = len(compare(tx, patient_id, courses).differing)
    return Differences(differing, len(quarters), standings, decisions)


def _watch(one: CourseAnew, known: list[KnownDay]) -> Watch:
    prescription = one.standings.prescription
    days = [each.day for each in known if each.prescription_id == prescription.id and each.is_current]
    practised_on = max((day.local_date for day in days if day.performances), default=None)
    return watch_after(
        prescription, one.course, one.facts, one.standings.watch, practised_on, settled_on=date.min, now=None
    )


def _counts(one: KnownDay, courses: list[CourseAnew]) -> Counts:
    course = next(each.course for each in courses if each.standings.prescription.id == one.prescription_id)
    label = next((label for label in course.days if label.local_date == one.day.local_date), course.days[0])
    return counts_of(label, one.day)


def _in_order(days: list[tuple[KnownDay, Counts]]) -> list[tuple[KnownDay, Counts]]:
    return sorted(days, key=lambda pair: (pair[0].prescription_id.int, pair[0].day.local_date, pair[0].day.known_on))
