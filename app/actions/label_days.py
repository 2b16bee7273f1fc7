"""Which label did the date of a practice day have, so that its practice can be counted?"""

from collections.abc import Sequence
from uuid import UUID

from app.actions.follow_courses import FollowedCourses
from app.domain.course import follow
from app.domain.evidence import KnownDay
from app.domain.facts import Fact
from app.domain.standing import DayLabel
from app.store import course_facts, practice_days
from app.store.standings import Standings
from app.store.transaction import Transaction


class DayLabels:
    """The labels of the days of some courses that were just followed.

    A date that was settled before is looked up by following its course from the beginning, which only late reports
    need.
    """

    def __init__(
        self, tx: Transaction, patient_id: UUID, standings: Sequence[Standings], followed: FollowedCourses
    ) -> None:
        self._tx = tx
        self._patient_id = patient_id
        self._standings = {one.prescription.id: one for one in standings}
        # The last day that was followed before, and then what was followed now, which may be that day once more.
        self._labels = {
            one.prescription.id: {
                one.standing.through: one.standing.day,
                **{label.local_date: label for label in followed.courses[one.prescription.id].days},
            }
            for one in standings
        }
        self._followed = followed
        self._practice: Sequence[KnownDay] | None = None

    def of(self, one: KnownDay) -> DayLabel:
        """The label of a practice day."""
        labels, local_date = self._labels[one.prescription_id], one.day.local_date
        known = labels.get(local_date) or self._standings[one.prescription_id].labels.get(local_date)
        if known is not None:
            return known
        self._follow_whole(one.prescription_id)
        # A day before the prescription began has the label of its first day: nothing was due on either.
        return labels.get(local_date) or labels[min(labels)]

    def _follow_whole(self, prescription_id: UUID) -> None:
        standings = self._standings[prescription_id]
        if self._practice is None:
            self._practice = practice_days.all_of_patient(self._tx, self._patient_id)
        own: list[Fact] = [known.day for known in self._practice if known.prescription_id == prescription_id]
        facts = course_facts.of_prescription(self._tx, standings.prescription, standings.created_at)
        today = self._followed.courses[prescription_id].standing.through
        course = follow(standings.prescription, [*own, *facts], until=today)
        standings.labels.keep(course, standings.closed(today).through)
        self._labels[prescription_id].update((label.local_date, label) for label in course.days)
