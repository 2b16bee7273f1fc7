"""What can move a course besides practice, and what the course then says: stops, orders, answers and decisions.

A stop, an order and an answer are facts: stored once, never changed. A decision is what followed. It carries codes,
parameters and the facts used; sentences are rendered on reading, for the reader and in the reader's language.
"""

from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from app.values import dataclass


class DecisionKind(StrEnum):
    """What a decision does to the course."""

    ADVANCE = "advance"
    """One rung up, to the harder exercise."""
    STEP_BACK = "step_back"
    """One rung down, to the easier exercise."""
    EASE = "ease"
    """Half the repetitions on the same rung."""
    GROW = "grow"
    """More of the same exercise, on the same rung."""
    RESTORE = "restore"
    """Back to the full repetitions."""
    HOLD = "hold"
    """Stay on this rung until the clinician says otherwise."""
    PAUSE = "pause"
    """Not to be done until the clinician resumes it."""
    STOP = "stop"
    """Not to be done: a symptom or the clinician stopped it, and only a clinician resumes it."""
    RESUME = "resume"
    """To be done again; the stops that it names are cleared."""


class DecisionState(StrEnum):
    """How far a decision came."""

    OFFERED = "offered"
    """It waits for a yes or no."""
    ACCEPTED = "accepted"
    """An offer to which the answer was yes; `superseded_by` names the step itself, which is a decision of its own."""
    APPLIED = "applied"
    """It holds from `effective_on`."""
    DECLINED = "declined"
    """An offer to which the answer was no, and that answer."""
    SUPERSEDED = "superseded"
    """It was taken back, by a later report of its day or by a later decision, which `superseded_by` then names."""
    BLOCKED = "blocked"
    """It was earned but does not happen, for example because a condition must be cleared first."""


class ActorKind(StrEnum):
    """Who decided."""

    RULE = "rule"
    """The rule of the prescription."""
    PATIENT = "patient"
    """The patient."""
    CLINICIAN = "clinician"
    """A clinician."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who decided, and which person it was when it was one."""

    kind: ActorKind
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """A symptom was reported that stops exercise. Immutable: correcting or withdrawing the report never removes it.

    `symptom_class` is `emergency` (every prescription of the patient) or `stop` (every prescription that has one of
    `regions`). `local_date` is the day it happened, `known_on` the day it was first received.
    """

    id: UUID
    symptom: str
    symptom_class: str
    regions: tuple[str, ...]
    local_date: date
    known_on: date
    session_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A clinician's word about one prescription, or a patient's wish for the easier exercise (`step_down.py`).

    `kind` is advance, step_back, hold, pause, stop or resume.  `effective_on` was fixed when it was given: up from
    the next day, down, pause and stop at once. `to_rung` is the rung to be on from then (None: the current one).
    `clears` names the stops that a resume clears. `audience` is `patient` or `clinic`: who may read `text`. A
    `stop` order is itself a stop, cleared only by a resume that names its id.
    """

    id: UUID
    kind: DecisionKind
    to_rung: int | None
    effective_on: date
    known_on: date
    recorded_at: datetime
    by: Actor
    clears: tuple[UUID, ...] = ()
    text: str | None = None
    audience: str = "patient"


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no to an offered decision. `effective_on` of a yes was fixed when it was given.

    At once when nothing had been practised yet on that day, else the next local day.
    """

    decision_id: UUID
    accepted: bool
    effective_on: date
    known_on: date
    recorded_at: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class CarriedCondition:
    """A condition that the patient carries, from the local date it became known until a clinician cleared it.

    `condition` is a code of the conditions catalogue. While it is not cleared, no prescription of the patient may
    advance into an exercise that must be avoided with it, and one that is already there is held.
    """

    condition: str
    known_on: date
    cleared_on: date | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """Days, both included, on which a patient is away or ill, as a clinician wrote it down on `known_on`.

    Days before `known_on` keep their label. From `ended_on` on, a local date too, it excuses nothing any more.
    """

    first_day: date
    last_day: date
    known_on: date
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code of the published list, its parameters as text, the rule that spoke and the sessions it used.

    `would_change_it` is the code of the sentence that tells the reader what would lead to another decision.
    """

    code: str
    params: tuple[tuple[str, str], ...] = ()
    rule: str | None = None
    rule_version: int | None = None
    sessions: tuple[UUID, ...] = ()
    would_change_it: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Something changed, was offered, was ordered, was taken back, or was earned and blocked; never a daily hold.

    `decided_on` is the local date on which the course said so, `effective_on` the date from which it holds (None while
    only offered). `supersedes` is the id of the decision that this one takes back. Ids of rule decisions are made from
    the prescription, the date and the kind, so the same facts always give the same ids.
    """

    id: UUID
    prescription_id: UUID
    kind: DecisionKind
    from_rung: int
    to_rung: int
    decided_on: date
    effective_on: date | None
    state: DecisionState
    by: Actor
    reason: Reason
    supersedes: UUID | None = None


OUTCOMES = {"offer_accepted": DecisionState.ACCEPTED, "offer_declined": DecisionState.DECLINED}
"""What a superseding decision's reason means for the offer it answers; any other one takes the offer back."""


def superseded(decision: Decision, code: str, effective_on: date | None) -> Decision:
    """The decision after a later one, with this reason and this date, has answered it or taken it back."""
    state = OUTCOMES.get(code, DecisionState.SUPERSEDED)
    if decision.state is not DecisionState.OFFERED:
        state = DecisionState.SUPERSEDED
    is_accepted = state is DecisionState.ACCEPTED
    return replace(decision, state=state, effective_on=effective_on if is_accepted else decision.effective_on)
