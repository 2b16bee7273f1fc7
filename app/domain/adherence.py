"""How much of what was asked was done?

Expected are the slots that were due; done are complete performances, capped at what was due on their day, so that
Saturday cannot repair Monday. Where nothing was expected there is no ratio, and never 100 %. Days come with their
labels from `course.py`; this file refuses to know how those came about.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from app.domain.dosage import reaches
from app.domain.due_calendar import NO_SLOTS, DueCalendar, Slots, is_excused, slots
from app.domain.session import PerformanceEvidence, PracticeDay
from app.domain.standing import DayLabel, Status
from app.values import dataclass

DEFINITION = "sessions_capped_daily"
DEFINITION_VERSION = 1

ON_TRACK_PERCENT = 80
PARTIAL_PERCENT = 50
"""Bands for clinicians (product defaults)."""

DISTINCT_DAYS = 30
"""Over how many days distinct active days are counted."""

ONE_DAY = timedelta(days=1)


class Band(StrEnum):
    """How clinicians sort patients; patients are never shown a band."""

    ON_TRACK = "on_track"
    """At least 80 % of what was due was done."""
    PARTIAL = "partial"
    """At least 50 %."""
    LOW = "low"
    """Less than 50 %."""
    NO_DATA = "no_data"
    """Nothing was due, so nothing can be said."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One prescription over a window: its labelled days, and what was performed on each local date."""

    prescription_id: UUID
    labels: Sequence[DayLabel]
    performed: Mapping[date, Sequence[PerformanceEvidence]]


@dataclass(frozen=True, slots=True)
class Tally:
    """Slots counted: `open` are today's that may still be done, `partial` performances begun and not completed."""

    expected: int = 0
    done: int = 0
    partial: int = 0
    excused: int = 0
    open: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.expected + other.expected,
            self.done + other.done,
            self.partial + other.partial,
            self.excused + other.excused,
            self.open + other.open,
        )

    @property
    def ratio(self) -> float | None:
        """Done of expected, 0 to 1; None when nothing was expected."""
        return self.done / self.expected if self.expected else None

    @property
    def band(self) -> Band:
        """The band of the ratio, decided on whole numbers."""
        if not self.expected:
            return Band.NO_DATA
        if self.done * 100 >= ON_TRACK_PERCENT * self.expected:
            return Band.ON_TRACK
        return Band.PARTIAL if self.done * 100 >= PARTIAL_PERCENT * self.expected else Band.LOW


@dataclass(frozen=True, slots=True)
class AdherenceDay:
    """One local date of the patient, all prescriptions together."""

    local_date: date
    tally: Tally
    worst_pain: int | None


@dataclass(frozen=True, slots=True)
class Adherence:
    """Adherence over a window. `is_provisional`: reports of days that have ended may still be on the phone.

    `active_days` counts dates with any practice in the window, `distinct_days_in_30` those in its last 30 days.
    """

    first: date
    last: date
    total: Tally
    days: tuple[AdherenceDay, ...]
    by_prescription: tuple[tuple[UUID, Tally], ...]
    active_days: int
    distinct_days_in_30: int
    is_provisional: bool
    definition: str = DEFINITION
    definition_version: int = DEFINITION_VERSION


def is_done(label: DayLabel, performance: PerformanceEvidence) -> bool:
    """Is a performance complete at the dosage in force that day, on a rung at or below the highest one served?"""
    asked = dict(label.asked).get(performance.rung) if label.asked else None
    if asked is None or performance.reps is None:
        is_complete = performance.complete_full or (label.is_eased and performance.complete_eased)
    else:
        is_complete = reaches(performance.reps, asked)
    return is_complete and is_served(label, performance)


def is_served(label: DayLabel, performance: PerformanceEvidence) -> bool:
    """Was it done on a rung that was the patient's that day, or on an easier one?"""
    return performance.rung <= label.highest_rung


@dataclass(frozen=True, slots=True)
class Counts:
    """What the practice of one day adds: performances that were complete, others, and the worst pain.

    `kept` are those of the day's due slots that were done, `kept_excused` the same on a day whose slots are excused;
    one of them is 0. `begun` are performances that were served and not completed. A day that the prescription does not
    reach adds nothing to these three.
    """

    done: int
    partial: int
    worst_pain: int | None
    kept: int | None = None
    kept_excused: int | None = None
    begun: int | None = None


def counts_of(label: DayLabel, day: PracticeDay) -> Counts:
    """Count what was performed on one day by its label.

    A day that has none, because it lies before the prescription, is counted by what was complete: `label` is that of
    another day then, which may still change.
    """
    performed = day.performances
    if label.local_date != day.local_date:
        done = sum(performance.complete_full for performance in performed)
        return Counts(done, len(performed) - done, worst_pain(performed), 0, 0, 0)
    done = _complete(label, performed)
    tally = _tally(label, performed, done, today=date.max)
    is_open = not is_excused(label)
    return Counts(
        done,
        len(performed) - done,
        worst_pain(performed),
        kept=tally.done if is_open else 0,
        kept_excused=0 if is_open else tally.done,
        begun=tally.partial,
    )


def tally_of(label: DayLabel, performed: Sequence[PerformanceEvidence], *, today: date) -> Tally:
    """Count one prescription on one local date up to `today`.

    Slots that were closed, stopped, paused or fell on an absence are excused, unless they were done. Today's slots are
    expected once done; until the day ends the others are open.
    """
    return _tally(label, performed, _complete(label, performed), today=today)


def _complete(label: DayLabel, performed: Sequence[PerformanceEvidence]) -> int:
    return len([one for one in performed if is_done(label, one)])


def _tally(label: DayLabel, performed: Sequence[PerformanceEvidence], complete: int, *, today: date) -> Tally:
    done = min(complete, label.due_slots)
    left = label.due_slots - done
    partial = len([one for one in performed if is_served(label, one)]) - complete
    if is_excused(label):
        return Tally(expected=done, done=done, partial=partial, excused=left)
    if label.status in {Status.UPCOMING, Status.ENDED, Status.COMPLETED}:
        return Tally(partial=partial)
    if label.local_date == today:
        return Tally(expected=done, done=done, partial=partial, open=left)
    return Tally(expected=label.due_slots, done=done, partial=partial)


def adherence(
    plans: Sequence[Plan],
    *,
    first: date,
    last: date,
    today: date,
    connected_on: date | None,
    heard_on: date | None,
) -> Adherence:
    """Adherence of one patient from `first` to `last`, both included; what lies after `today` is not counted.

    `connected_on` is the date the phone was first connected: nothing is expected before it, and without one nothing
    at all. `heard_on` is the local date on which the phone was last heard.
    """
    until = min(last, today)
    by_day: dict[date, Tally] = {}
    by_prescription = []
    performed: dict[date, list[PerformanceEvidence]] = {}
    for plan in plans:
        total = Tally()
        for label in plan.labels:
            day = label.local_date
            if not first <= day <= until:
                continue
            done = plan.performed.get(day, ())
            if done:
                performed.setdefault(day, []).extend(done)
            if connected_on is not None and day >= connected_on:
                tally = tally_of(label, done, today=today)
                by_day[day] = by_day.get(day, Tally()) + tally
                total += tally
        by_prescription.append((plan.prescription_id, total))
    recent = last - timedelta(days=DISTINCT_DAYS - 1)
    return Adherence(
        first=first,
        last=last,
        total=sum((tally for _, tally in by_prescription), Tally()),
        days=tuple(
            AdherenceDay(day, by_day.get(day, Tally()), worst_pain(performed.get(day, ())))
            for day in sorted({*by_day, *performed})
        ),
        by_prescription=tuple(by_prescription),
        active_days=len(performed),
        distinct_days_in_30=sum(day >= recent for day in performed),
        is_provisional=is_provisional(min(last, today - ONE_DAY), first, heard_on),
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """What one patient did in a window, summed over practice days from the first date that counts for them.

    `kept` and `kept_excused` are sums of the counts of those names, `kept_today` the part of `kept` done today.
    """

    kept: int = 0
    kept_excused: int = 0
    begun: int = 0
    kept_today: int = 0


NOTHING_KEPT = Kept()


def tally_of_window(
    calendars: Sequence[DueCalendar],
    kept: Kept,
    *,
    first: date,
    last: date,
    today: date,
    counted: Callable[[Sequence[DueCalendar], date, date], Slots] = slots,
) -> Tally:
    """The total of `adherence` by arithmetic, without looking at days.

    `first` is not before the date on which the phone was connected; `counted` counts as `slots` does. The same
    definition; a test holds the two together.
    """
    ended = counted(calendars, first, min(last, today - ONE_DAY))
    now = counted(calendars, today, today) if first <= today <= last else NO_SLOTS
    done = kept.kept + kept.kept_excused
    # Today's slots are expected once done; so are those of excused days.
    kept_today = kept.kept_today if now.due else 0
    return Tally(
        expected=ended.due + kept.kept_excused + kept_today,
        done=done,
        partial=kept.begun,
        excused=ended.excused + now.excused - kept.kept_excused,
        open=now.due - kept_today,
    )


def worst_pain(performed: Iterable[PerformanceEvidence]) -> int | None:
    """The worst pain during or after these performances, None when it was never answered."""
    return max([pain for one in performed if (pain := one.worst_pain) is not None], default=None)


def is_provisional(last_ended: date, first: date, heard_on: date | None) -> bool:
    """Has the phone not been heard since the window's last ended day ended, so that reports may still be on it?"""
    return last_ended >= first and (heard_on is None or heard_on <= last_ended)
