"""Where does a patient stand on one prescription at the end of a local date, and what must be remembered to go on?

A `Standing` is all that the past means for the future of a course: stored after one day, it lets the next day be
followed without asking for old facts again. Everything in it is a plain value. Mostly nothing waits for the next date:
no climb, no order, no offer, no new version. Then the patient is shown what they were shown before, and the course need
not be followed to say so. This file refuses to know how a standing came about.
"""

from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from app.domain import schedule
from app.domain.decision import ActorKind, Order, Stop
from app.domain.prescription import Prescription
from app.domain.progression import DayEvidence
from app.domain.rules import growth
from app.domain.rules.profiles import profile_of
from app.values import dataclass


class Status(StrEnum):
    """What the patient is asked to do with a prescription on a day."""

    UPCOMING = "upcoming"
    """It has not begun."""
    ACTIVE = "active"
    """To be done at full dosage."""
    EASED = "eased"
    """To be done at half the repetitions."""
    HELD = "held"
    """To be done, without moving on."""
    PAUSED = "paused"
    """Not to be done until the clinician resumes it."""
    STOPPED = "stopped"
    """Not to be done: a symptom or a clinician stopped it, and only a clinician resumes it."""
    ENDED = "ended"
    """Its last day has passed."""
    COMPLETED = "completed"
    """Its goal was reached, as a clinician said."""


class Progress(StrEnum):
    """What stands between the patient and the next rung."""

    RUN = "run"
    """Pain-free days are being counted."""
    OFFER_WAITING = "offer_waiting"
    """The next rung is earned and offered."""
    GROW_TOMORROW = "grow_tomorrow"
    """More of the same exercise is asked for from the next day on."""
    ADVANCE_TOMORROW = "advance_tomorrow"
    """The next rung begins on the next day."""
    DISCOMFORT = "discomfort"
    """The last practised day was not free of pain, so the count begins again."""
    PAIN_UNKNOWN = "pain_unknown"
    """The question about pain was left open, so the count begins again."""
    INCOMPLETE = "incomplete"
    """The last practised day did not reach the dosage, so it does not count."""
    MISSED_DAY = "missed_day"
    """A scheduled day was missed, so the count begins again."""
    EASED = "eased"
    """Half the repetitions until a practised day without soreness; counting begins after that."""
    TOP_RUNG = "top_rung"
    """This is the highest rung that was prescribed."""
    NEEDS_CLEARANCE = "needs_clearance"
    """A condition of the patient must be cleared by a clinician first."""
    AS_NEEDED = "as_needed"
    """To be done as needed: it never moves on by itself."""
    HELD = "held"
    """A clinician keeps the patient on this rung."""
    PAUSED = "paused"
    """A clinician paused the exercise."""
    STOPPED = "stopped"
    """The exercise is stopped until a clinician resumes it."""
    NOT_STARTED = "not_started"
    """The prescription has not begun."""
    ENDED = "ended"
    """The prescription has ended."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An open offer of the next rung. `asks` is PATIENT or CLINICIAN: who may say yes or no."""

    decision_id: UUID
    from_rung: int
    to_rung: int
    offered_on: date
    asks: ActorKind


@dataclass(frozen=True, slots=True)
class PastOffer:
    """An offer that is gone; a late yes to it is a yes to a newer open offer of the same rung."""

    decision_id: UUID
    to_rung: int


@dataclass(frozen=True, slots=True)
class Climb:
    """An advance and the run that earned it, so that it can be taken back if that run falls apart later.

    The run's days lie from `first_day` to `last_day`; `since` is the date from which days counted. It leads to another
    rung, or on the same rung from one growth of the dosage to the next.
    """

    decision_id: UUID
    from_rung: int
    to_rung: int
    effective_on: date
    first_day: date
    last_day: date
    since: date
    needed_days: int
    from_growth: int = 0
    to_growth: int = 0

    @property
    def is_growth(self) -> bool:
        """Does it stay on the rung?"""
        return self.from_rung == self.to_rung


@dataclass(frozen=True, slots=True)
class DayLabel:
    """One local date of a prescription, as the patient met it. Once the date has passed, its label never changes.

    `rung` is the one in force at the end of the day, `highest_rung` the highest that was in force during it.
    `is_eased`: half the repetitions were enough at any time of the day. `is_closed`: what was not done by then is
    excused, as it is on an absence. `due_slots` count for adherence, `offered_slots` may be shown; both are 0 on a day
    that is not scheduled. `growth` is how often the rung's dosage has grown, `asked` pairs of a rung and the fewest
    repetitions of a side that its grown dosage asked for at any time of the day, all sets together; it is empty where
    the rule lets nothing grow.
    """

    local_date: date
    version: int
    rung: int
    highest_rung: int
    status: Status
    is_eased: bool
    is_closed: bool
    due_slots: int
    offered_slots: int
    is_absent: bool = False
    growth: int = 0
    asked: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the course stands at the end of `through`, as far as facts of that date were known.

    Read `rung`, `status`, `is_eased`, `today_closed`, `open_stops`, `offer`, `progress`, `counted_days`, `needed_days`
    and `failures` (pairs of rung and count). `growth` is how often the dosage of the rung has grown. `next_rung`,
    `next_growth` and `next_is_eased` are what the next local day begins with if nothing else becomes known. `away` are
    the absences that still matter, as pairs of first and last date. The other fields after `day` are what the fold
    needs to go on.
    """

    through: date
    rung: int
    status: Status
    is_eased: bool
    today_closed: bool
    next_rung: int
    next_is_eased: bool
    open_stops: tuple[UUID, ...]
    offer: Offer | None
    progress: Progress
    counted_days: int
    needed_days: int
    failures: tuple[tuple[int, int], ...]
    day: DayLabel

    run_since: date
    is_paused: bool
    is_held: bool
    is_caution_held: bool
    is_block_told: bool
    restore_on: date | None
    climb: Climb | None
    earned: Climb | None
    past_offers: tuple[PastOffer, ...]
    waiting_orders: tuple[Order, ...]
    stops_elsewhere: tuple[Stop, ...]
    uncleared: tuple[str, ...]
    recent: tuple[DayEvidence, ...]
    away: tuple[tuple[date, date], ...] = ()
    growth: int = 0
    next_growth: int = 0

    def is_away(self, day: date) -> bool:
        """Is the patient away or ill on a day, as far as it is known?"""
        return any(begins <= day <= ends for begins, ends in self.away)


RUNNING = frozenset({Status.ACTIVE, Status.EASED, Status.HELD, Status.PAUSED, Status.STOPPED})


class Opening(NamedTuple):
    """The label of a date on which nothing is known yet, and a standing that shows the patient what holds on it.

    What counts days in the standing (`progress`, `counted_days`, `recent`, ...) may be that of an earlier date.
    """

    standing: Standing
    day: DayLabel


def opening_at_rest(prescription: Prescription, standing: Standing, today: date) -> Opening | None:
    """With what a date after a standing begins when nothing waits in between; None when something does.

    It is what following the course without any fact leads to: a test holds the two together.
    """
    if not is_at_rest(prescription, standing, today):
        return None
    version = prescription.version_on(today)
    is_due = schedule.is_due(version, today)
    asked: tuple[tuple[int, int], ...] = ()
    if profile_of(version.rule).reps_step is not None:
        dosage = growth.in_force(version, standing.rung, standing.growth, is_eased=standing.is_eased)
        asked = ((standing.rung, growth.asks(dosage)),)
    label = DayLabel(
        local_date=today,
        version=version.version,
        rung=standing.rung,
        highest_rung=standing.rung,
        status=standing.status,
        is_eased=standing.is_eased,
        is_closed=False,
        due_slots=version.due_per_day if is_due else 0,
        offered_slots=version.offered_per_day if is_due else 0,
        growth=standing.growth,
        asked=asked,
    )
    return Opening(standing, label)


def is_at_rest(prescription: Prescription, standing: Standing, today: date) -> bool:
    """Does nothing wait in this standing that would show the patient something else by a later date?"""
    if (
        standing.climb
        or standing.offer
        or standing.restore_on
        or standing.waiting_orders
        or standing.away
        or standing.today_closed
        or standing.status not in RUNNING
    ):
        return False
    for version in prescription.versions:
        if standing.through < version.effective_on <= today:
            return False
    ends_on = prescription.version_on(today).ends_on
    return ends_on is None or today <= ends_on
