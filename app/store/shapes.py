"""How domain values are kept as JSON: one adapter a type, built once."""

from datetime import date

from pydantic import TypeAdapter

from app.domain.check_in import CheckIn
from app.domain.concerns import Concern
from app.domain.decision import Answer, Decision, Order, Reason, Stop
from app.domain.due_calendar import DueCalendar
from app.domain.evidence import Proof
from app.domain.prescription import Version
from app.domain.progress import LadderProgress
from app.domain.request import Request
from app.domain.session import PerformanceEvidence, Session
from app.domain.standing import Standing
from app.domain.watch import Watch

VERSION = TypeAdapter(Version)
STANDING = TypeAdapter(Standing)
DUE_CALENDAR = TypeAdapter(DueCalendar)
CONCERNS = TypeAdapter(tuple[Concern, ...])
PERFORMANCES = TypeAdapter(tuple[PerformanceEvidence, ...])
SESSION = TypeAdapter(Session)
CHECK_IN = TypeAdapter(CheckIn)
REQUEST = TypeAdapter(Request)
PROOFS = TypeAdapter(tuple[Proof, ...])
STOP = TypeAdapter(Stop)
ORDER = TypeAdapter(Order)
ANSWER = TypeAdapter(Answer)
REASON = TypeAdapter(Reason)
DECISION = TypeAdapter(Decision)
DECISIONS = TypeAdapter(list[Decision])
PROGRESS = TypeAdapter(list[LadderProgress])


def watch_of(calendar: str | None, practised_on: date | None, concerns: str | None) -> Watch | None:
    """What is watched of a course, from its columns; None where it was never made."""
    if calendar is None:
        return None
    found = () if concerns is None else CONCERNS.validate_json(concerns)
    return Watch(DUE_CALENDAR.validate_json(calendar), practised_on, found)
