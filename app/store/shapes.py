"""How domain values are kept as JSON, and read again.

Every value has one spelling: ids and dates as text, enums as their values, instants as RFC 3339 writes them. A text
column is written with `text` and read with `read`; a JSON column takes the value as it is, and what comes out of it is
read with `of`. What a shape does not know is left out; what is not there is the field's default.
"""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any, Generic, TypeVar

import msgspec
from pydantic import TypeAdapter

from app.domain.check_in import CheckIn
from app.domain.concerns import Concern
from app.domain.decision import Answer, Decision, Order, Reason, Stop
from app.domain.due_calendar import DueCalendar
from app.domain.evidence import Proof
from app.domain.prescription import Version
from app.domain.progress import Outcome
from app.domain.request import Request
from app.domain.session import PerformanceEvidence, Session
from app.domain.standing import Standing
from app.domain.watch import Watch

ENCODER = msgspec.json.Encoder()

T = TypeVar("T")


class Shape(Generic[T]):
    """How one kind of domain value is read."""

    def __init__(self, kind: Any) -> None:  # noqa: ANN401 - a type, or tuple[Type, ...]
        self._kind = kind
        self._decoder = msgspec.json.Decoder(kind)

    def read(self, kept: str) -> T:
        """The value of a text column."""
        value: T = self._decoder.decode(kept)
        return value

    def of(self, kept: Any) -> T:  # noqa: ANN401 - any JSON value
        """The value of a JSON column."""
        value: T = msgspec.convert(kept, self._kind)
        return value


def text(value: object) -> str:
    """A domain value, or any JSON value, as it is kept."""
    return ENCODER.encode(value).decode()


def plain(value: object) -> Any:  # noqa: ANN401 - any JSON value
    """A domain value as its JSON is read by `Shape.of`: for those who keep it inside something else."""
    return msgspec.to_builtins(value)


def meaning(report: Session | CheckIn | Request) -> bytes:
    """What makes two reports the same: the hash of what was said. What is null was not said.

    So a build that knows one more field, which nobody filled in, makes the same of an old report. Pydantic can leave
    out what is null.
    """
    return hashlib.sha256(SAID[type(report)].dump_json(report, exclude_none=True)).digest()


VERSION: Shape[Version] = Shape(Version)
STANDING: Shape[Standing] = Shape(Standing)
DUE_CALENDAR: Shape[DueCalendar] = Shape(DueCalendar)
CONCERNS: Shape[tuple[Concern, ...]] = Shape(tuple[Concern, ...])
PERFORMANCES: Shape[tuple[PerformanceEvidence, ...]] = Shape(tuple[PerformanceEvidence, ...])
SESSION: Shape[Session] = Shape(Session)
CHECK_IN: Shape[CheckIn] = Shape(CheckIn)
REQUEST: Shape[Request] = Shape(Request)
PROOFS: Shape[tuple[Proof, ...]] = Shape(tuple[Proof, ...])
STOP: Shape[Stop] = Shape(Stop)
ORDER: Shape[Order] = Shape(Order)
ANSWER: Shape[Answer] = Shape(Answer)
REASON: Shape[Reason] = Shape(Reason)
DECISION: Shape[Decision] = Shape(Decision)
OUTCOME: Shape[Outcome] = Shape(Outcome)
SAID: Mapping[type, TypeAdapter[Any]] = {kind: TypeAdapter(kind) for kind in (Session, CheckIn, Request)}


def watch_of(calendar: str | None, practised_on: date | None, concerns: str | None) -> Watch | None:
    """What is watched of a course, from its columns; None where it was never made."""
    if calendar is None:
        return None
    found = () if concerns is None else CONCERNS.read(concerns)
    return Watch(DUE_CALENDAR.read(calendar), practised_on, found)
