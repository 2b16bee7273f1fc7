"""The shapes of check-ins on the wire: what a patient tells in the morning, and what is stored."""

import datetime as dt
from datetime import date
from typing import Annotated

from pydantic import Field

from app.api.shapes.courses import DecisionOut, ProgressOut
from app.api.shapes.safety import SafetyOut, safety_out
from app.api.wire import Code, Codes, Instant, Note, Out, Pain, Report, Text
from app.content.library import Library
from app.domain.check_in import CheckIn
from app.store.check_ins import StoredCheckIn
from app.store.clinics import Clinic


class CheckInIn(Report):
    """What the patient told, as the phone reports it. Unknown fields are kept aside and named in the answer."""

    pain_now: Annotated[Pain | None, Field(description="Pain at this moment, before any exercise.")] = None
    symptoms: Annotated[tuple[Code, ...], Field(max_length=50, description="Codes of `GET /v1/symptoms`.")] = ()
    note: Note | None = None
    answered_at: Instant
    time_zone: Annotated[Text, Field(max_length=200, description="The IANA zone the patient was in.")]

    def to_domain(self, local_date: date) -> CheckIn:
        """The check-in in the domain's words."""
        return CheckIn(
            local_date=local_date,
            pain_now=self.pain_now,
            symptoms=tuple(dict.fromkeys(self.symptoms)),
            note=self.note,
            answered_at=self.answered_at,
            time_zone=self.time_zone,
        )


class CheckInOut(Out):
    """A check-in as it is stored. `marks` say what is odd about it."""

    date: dt.date
    revision: int
    pain_now: int | None
    symptoms: list[str]
    note: str | None
    answered_at: dt.datetime
    time_zone: str
    known_on: dt.date
    received_at: dt.datetime
    marks: Annotated[list[Annotated[str, Codes("mark")]], Field(description="What is odd about it.")]
    unknown_fields: Annotated[list[str], Field(description="JSON pointers of fields that this server did not know.")]
    is_withdrawn: bool


class CheckInPage(Out):
    """A page of check-ins, newest first."""

    items: list[CheckInOut]
    next_cursor: str | None


class RecordedCheckInOut(Out):
    """What was stored and what follows from it. `safety`, when set, comes first."""

    safety: SafetyOut | None
    check_in: CheckInOut
    decisions: list[DecisionOut]
    progress: list[ProgressOut]
    routine_changed: bool


def safety_of(stored: StoredCheckIn, clinic: Clinic, library: Library, language: str) -> SafetyOut | None:
    """What to show first after a check-in."""
    codes, told_on = stored.outcome.symptoms, stored.check_in.local_date
    return safety_out(codes, clinic, library, language, told_on=told_on, known_on=stored.known_on)


def check_in_out(stored: StoredCheckIn) -> CheckInOut:
    """A stored check-in on the wire."""
    told = stored.check_in
    return CheckInOut(
        date=told.local_date,
        revision=stored.revision,
        pain_now=told.pain_now,
        symptoms=list(told.symptoms),
        note=told.note,
        answered_at=told.answered_at,
        time_zone=told.time_zone,
        known_on=stored.known_on,
        received_at=stored.received_at,
        marks=list(stored.marks),
        unknown_fields=sorted(stored.unknown_fields),
        is_withdrawn=stored.is_withdrawn,
    )
