"""What is imagined of one local date: practice, a morning, and what is said.

This file refuses to know what follows; `simulation.py` plays it.
"""

from datetime import date
from enum import StrEnum
from uuid import UUID

from app.domain.exercise import Side
from app.domain.session import StoppedEarly
from app.values import dataclass

MOST_SESSIONS = 12
"""How many sessions an hour apart a day holds."""


class Act(StrEnum):
    """What a patient or a clinician says on a given day."""

    ACCEPT = "accept"
    """The patient says yes to the offer that is open; without one it changes nothing."""
    DECLINE = "decline"
    """The patient says no to the offer that is open; without one it changes nothing."""
    STEP_DOWN = "step_down"
    """The patient asks for the easier exercise."""
    ADVANCE = "advance"
    """A clinician orders a higher rung, from the next day."""
    STEP_BACK = "step_back"
    """A clinician orders a lower rung, at once."""
    HOLD = "hold"
    """A clinician keeps the patient on this rung."""
    PAUSE = "pause"
    """A clinician pauses the exercise."""
    STOP = "stop"
    """A clinician stops the exercise; the act's id is that of the stop."""
    RESUME = "resume"
    """A clinician lets it go on and clears the stops that are named."""


@dataclass(frozen=True, slots=True)
class GivenSession:
    """One time of doing the exercise. `rung` None is the one in force then, `reps` None all that was asked for then.

    `known_on` and `withdrawn_on` are local dates, none before the session's own.
    """

    rung: int | None
    reps: tuple[tuple[Side, int], ...] | None
    pain_before: int | None
    pain_during: int | None
    pain_after: int | None
    stopped_early: StoppedEarly | None
    symptoms: tuple[str, ...]
    known_on: date
    withdrawn_on: date | None
    effort: int | None = None


@dataclass(frozen=True, slots=True)
class GivenMorning:
    """A check-in, answered before anything was practised."""

    pain_now: int | None
    symptoms: tuple[str, ...]
    known_on: date


@dataclass(frozen=True, slots=True)
class GivenAct:
    """Something said before or after the day's practice. `clears` names stops for a resume."""

    kind: Act
    to_rung: int | None
    clears: tuple[UUID, ...]
    is_after_practice: bool


@dataclass(frozen=True, slots=True)
class GivenDay:
    """A local date as it is imagined."""

    local_date: date
    sessions: tuple[GivenSession, ...] = ()
    morning: GivenMorning | None = None
    acts: tuple[GivenAct, ...] = ()
