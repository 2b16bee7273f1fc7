"""How domain values are kept as JSON: one adapter a type, built once."""

from pydantic import TypeAdapter

from app.domain.concerns import Concern
from app.domain.decision import Answer, Decision, Order, Reason, Stop
from app.domain.due_calendar import DueCalendar
from app.domain.evidence import Proof
from app.domain.prescription import Version
from app.domain.progress import LadderProgress
from app.domain.session import PerformanceEvidence, Session
from app.domain.standing import Standing

VERSION = TypeAdapter(Version)
STANDING = TypeAdapter(Standing)
DUE_CALENDAR = TypeAdapter(DueCalendar)
CONCERNS = TypeAdapter(tuple[Concern, ...])
PERFORMANCES = TypeAdapter(tuple[PerformanceEvidence, ...])
SESSION = TypeAdapter(Session)
PROOFS = TypeAdapter(tuple[Proof, ...])
STOP = TypeAdapter(Stop)
ORDER = TypeAdapter(Order)
ANSWER = TypeAdapter(Answer)
REASON = TypeAdapter(Reason)
DECISION = TypeAdapter(Decision)
PROGRESS = TypeAdapter(LadderProgress)
