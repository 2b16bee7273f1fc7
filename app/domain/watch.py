"""What of a course does the clinic watch, and from when on has the patient missed too many days?

Kept with the prescription: its due calendar, the last date with practice, and what needs a look.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from app.domain import schedule
from app.domain.concerns import Concern, concerns_after
from app.domain.course import Course, follow
from app.domain.decision import Stop
from app.domain.due_calendar import DueCalendar, calendar_of
from app.domain.facts import Fact
from app.domain.prescription import Prescription
from app.domain.session import PracticeDay
from app.values import dataclass

ONE_DAY = timedelta(days=1)

MISSED_DAYS = 3
"""So many due days in a row without practice bring a patient onto the worklist (product default)."""

LONGEST_SEARCH_DAYS = 3 * 366


@dataclass(frozen=True, slots=True)
class Watch:
    """`practised_on` is the last local date with any practice of this prescription, None when there was none."""

    due_calendar: DueCalendar
    practised_on: date | None
    concerns: tuple[Concern, ...]

    @property
    def missed_on(self) -> date | None:
        """The date from which so many due days were missed if nothing is practised until then; None when never."""
        begins = min(one.starts_on for one in self.due_calendar.stretches)
        day = begins - ONE_DAY if self.practised_on is None else self.practised_on
        missed = 0
        for _ in range(LONGEST_SEARCH_DAYS):
            day += ONE_DAY
            missed += is_asked(self.due_calendar, day)
            if missed == MISSED_DAYS:
                return day + ONE_DAY
            if is_over(self.due_calendar, day):
                return None
        return None


def watch_after(
    prescription: Prescription,
    course: Course,
    facts: Sequence[Fact],
    before: Watch | None,
    practised_on: date | None,
    *,
    settled_on: date,
    now: datetime | None,
) -> Watch:
    """What is watched after a course was followed on from `settled_on`, or from its beginning (`date.min`).

    `before` is what was watched until now. What was stored and counts from a later date on belongs to the calendar
    already, because nothing is written on that date.
    """
    today = course.standing.through
    wakes_on = max([fact.known_on for fact in facts if isinstance(fact, PracticeDay)], default=today)
    ahead = follow(prescription, facts, until=wakes_on, since=course.standing).days if wakes_on > today else ()
    earlier = before.due_calendar if before is not None and settled_on > date.min else None
    stops = [fact for fact in facts if isinstance(fact, Stop)]
    return Watch(
        due_calendar=calendar_of(prescription, [*course.days, *ahead], earlier, course.standing.away),
        practised_on=practised_on,
        concerns=concerns_after(
            prescription, course, stops, before.concerns if before else (), settled_on=settled_on, now=now
        ),
    )


def is_over(calendar: DueCalendar, day: date) -> bool:
    """Does this calendar ask for nothing from this date on, as far as is known?"""
    newest = calendar.stretches[-1]
    has_ended = newest.ends_on is not None and newest.ends_on <= day and newest.first <= day
    return has_ended or None in [ends for begins, ends in calendar.excused if begins <= day]


def is_asked(calendar: DueCalendar, day: date) -> bool:
    """Is anything due on this date that is not excused?"""
    for begins, ends in calendar.excused:
        if begins <= day and (ends is None or day <= ends):
            return False
    for one in calendar.stretches:
        if one.first <= day and (one.last is None or day <= one.last) and schedule.is_due(one, day):
            return True
    return False


def missed_between(calendars: Sequence[DueCalendar], first: date, last: date) -> int:
    """How many dates from `first` to `last` had anything due, in any of these calendars."""
    days = range((last - first).days + 1)
    return sum(any(is_asked(one, first + timedelta(days=n)) for one in calendars) for n in days)
