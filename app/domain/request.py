"""What may a patient ask for, and what is odd about how they asked?

Whatever was asked is kept. This file refuses to know what follows: a wish for the easier exercise is `step_down.py`.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from app.domain import days
from app.domain.session import Mark
from app.values import dataclass


class RequestKind(StrEnum):
    """What a patient asks for."""

    STEP_DOWN = "step_down"
    """The easier exercise from now on; at the lowest rung half the repetitions. It holds at once."""
    UNSURE = "unsure"
    """Not sure whether the exercise is safe; wait and speak with the provider first."""
    CALL_ME = "call_me"
    """A call by the clinic."""
    ILL = "ill"
    """Ill today; the clinic decides which days are excused."""
    NOT_THIS_EXERCISE = "not_this_exercise"
    """Does not want to do this exercise."""
    ENTERED_BY_MISTAKE = "entered_by_mistake"
    """A report was a mistake. It clears nothing by itself: the clinic sees it first."""
    ACKNOWLEDGE = "acknowledge"
    """Has read a notice of the routine; `decision_id` names it."""


KINDS = frozenset(kind.value for kind in RequestKind)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the phone sent it. `kind` may be one that only a newer app knows.

    The rest is what it is about, as far as the phone named it: `rung` is the one it showed, `check_in_date` names a
    check-in.
    """

    id: UUID
    kind: str
    made_at: datetime
    time_zone: str
    prescription_id: UUID | None
    rung: int | None
    session_id: UUID | None
    check_in_date: date | None
    decision_id: UUID | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A request, judged: the local date on which it became known, when it counts as made, and what is odd about it."""

    known_on: date
    made_at: datetime
    marks: tuple[Mark, ...]


def judge(request: Request, *, today: date, received_at: datetime) -> Judged:
    """Judge a request that was received now. One from the future was made now: it is kept, whatever the clock said."""
    local_date, marks = days.local_day(request.made_at, request.time_zone)
    odd = list(marks)
    known_on = today if days.is_quarantined(request.made_at, received_at) else max(today, local_date)
    if request.kind not in KINDS:
        odd.append(Mark.UNKNOWN_KIND)
    return Judged(known_on, min(request.made_at, received_at), tuple(odd))


def order_id(patient_id: UUID, request_id: UUID) -> UUID:
    """The id of what a request makes: never one that the phone could choose."""
    return uuid5(patient_id, f"request/{request_id}")
