"""Where do a patient's courses stand, as it is kept: the end of the last closed day, and now.

Texts are read when they are asked for. What was worked out of them stays beside them for as long as they do.
"""

from datetime import date, datetime, timedelta
from typing import Any

from app.domain.course import Course, follow
from app.domain.prescription import Prescription, Version
from app.domain.standing import DayLabel, Opening, Standing, opening_at_rest
from app.domain.watch import Watch
from app.store import shapes
from app.store.shapes import STANDING, watch_of
from app.values import dataclass, field

LABELS_DAYS = 62
"""How far back labels of days are remembered: an offline phone seldom comes later, and older days are followed anew."""


class Labels:
    """The labels of the last closed days of a course, once somebody asked. They never change."""

    __slots__ = ("_by_date",)

    def __init__(self) -> None:
        self._by_date: dict[date, DayLabel] = {}

    def get(self, local_date: date) -> DayLabel | None:
        """The label of a date, None when it is not remembered."""
        return self._by_date.get(local_date)

    def keep(self, course: Course, closed_through: date) -> None:
        """Remember those of a course followed from its beginning, as far as no fact can change them any more."""
        since = closed_through - timedelta(days=LABELS_DAYS)
        self._by_date = {one.local_date: one for one in course.days if since < one.local_date <= closed_through}


class Kept:
    """A standing as it is stored, read only when it is asked for, and the course on the day that was last asked for."""

    __slots__ = ("_course", "_opening", "_standing", "text")

    def __init__(self, text: str, standing: Standing | None = None) -> None:
        self.text = text
        self._standing = standing
        self._course: tuple[Version, Course] | None = None
        self._opening: tuple[Version, Opening] | None = None

    @property
    def standing(self) -> Standing:
        """The standing itself."""
        if self._standing is None:
            self._standing = STANDING.read(self.text)
        return self._standing

    def carried(self, prescription: Prescription, today: date) -> Course:
        """The course as it stands today when nothing became known: asked for by the routine, then by the report."""
        standing, known = self.standing, self._course
        until = max(today, standing.through)
        if known is not None and known[0] is prescription.latest and known[1].standing.through == until:
            return known[1]
        course = follow(prescription, (), until=until, since=standing)
        self._course = (prescription.latest, course)
        return course

    def opening(self, prescription: Prescription, today: date) -> Opening:
        """With what today begins, or the last day already followed: asked for to judge a report, then to follow it."""
        standing, known = self.standing, self._opening
        until = max(today, standing.through)
        if known is not None and known[0] is prescription.latest and known[1].day.local_date == until:
            return known[1]
        opening = opening_at_rest(prescription, standing, until) if until > standing.through else None
        if opening is None:
            course = self.carried(prescription, today)
            opening = Opening(course.standing, course.standing.day)
        self._opening = (prescription.latest, opening)
        return opening


class KeptWatch:
    """What is watched of a course as its columns keep it, read only when it is asked for: for a routine it never is.

    None only where it was never made: for what was stored before revision 0002.
    """

    __slots__ = ("_calendar", "_concerns", "_practised_on", "_watch")

    def __init__(
        self,
        calendar: str | None = None,
        practised_on: date | None = None,
        concerns: str | None = None,
        *,
        watch: Watch | None = None,
    ) -> None:
        self._calendar = calendar
        self._practised_on = practised_on
        self._concerns = concerns
        self._watch = watch

    @property
    def watch(self) -> Watch | None:
        """What is watched."""
        if self._watch is None:
            self._watch = watch_of(self._calendar, self._practised_on, self._concerns)
        return self._watch

    def followed_by(self, watch: Watch | None) -> "KeptWatch":
        """What is watched from now on, with its texts: the calendar's is taken over, because it seldom changes."""
        if watch is None:
            return KeptWatch()
        before = self.watch
        is_same = before is not None and before.due_calendar == watch.due_calendar
        calendar = self._calendar if is_same else shapes.text(watch.due_calendar)
        concerns = shapes.text(watch.concerns) if watch.concerns else None
        return KeptWatch(calendar, watch.practised_on, concerns, watch=watch)

    def columns(self) -> dict[str, Any]:
        """The columns that keep it."""
        watch = self.watch
        return {
            "due_calendar": self._calendar,
            "concerns": self._concerns,
            "practised_on": self._practised_on,
            "missed_on": None if watch is None else watch.missed_on,
        }


@dataclass(frozen=True, slots=True)
class Standings:
    """A prescription and where its course stands: `settled` at the end of the last closed day, `standing` now."""

    prescription: Prescription
    kept_settled: Kept
    kept_standing: Kept
    created_at: datetime
    wakes_on: date | None = None
    decided_on: date | None = None
    kept_watch: KeptWatch = field(default_factory=KeptWatch)
    labels: Labels = field(default_factory=Labels, compare=False, repr=False)

    @property
    def settled(self) -> Standing:
        """Where the course stood at the end of the day before `standing`."""
        return self.kept_settled.standing

    @property
    def standing(self) -> Standing:
        """Where the course stands."""
        return self.kept_standing.standing

    @property
    def watch(self) -> Watch | None:
        """What the clinic watches of the course."""
        return self.kept_watch.watch

    def carried(self, today: date) -> Course:
        """The course as it stands today without any new fact: only time has passed."""
        return self.kept_standing.carried(self.prescription, today)

    def opening(self, today: date) -> Opening:
        """With what today begins, as far as a report can change it: the same as `carried`, without its counts."""
        return self.kept_standing.opening(self.prescription, today)

    def closed(self, today: date) -> Standing:
        """The latest standing of a date that has passed: what became known since is all that is needed to go on."""
        standing = self.kept_standing.standing
        return standing if standing.through < today else self.kept_settled.standing


@dataclass(frozen=True, slots=True)
class Followed:
    """A course that was followed on from `before`, and what else is to be remembered of it."""

    before: Standings
    course: Course
    wakes_on: date | None
    watch: Watch | None

    def after(self) -> Standings:
        """The prescription with its course followed on."""
        before, course = self.before, self.course
        if course.settled is None or course.settled is before.settled:
            settled = before.kept_settled
        else:
            settled = before.kept_standing if course.settled is before.standing else kept_as(course.settled)
        return Standings(
            before.prescription,
            settled,
            kept_as(course.standing),
            before.created_at,
            self.wakes_on,
            max([one.decided_on for one in course.decisions], default=before.decided_on),
            before.kept_watch.followed_by(self.watch),
            before.labels,
        )


def kept_as(standing: Standing) -> Kept:
    """A standing with its text."""
    return Kept(shapes.text(standing), standing)
