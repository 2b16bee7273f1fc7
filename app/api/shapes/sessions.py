"""The shapes of sessions on the wire: what a phone reports, what is stored, and what is said first."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from app.api.shapes.courses import DecisionOut, ProgressOut
from app.api.shapes.safety import SafetyOut, safety_out
from app.api.wire import MOST, Code, Codes, Instant, Int, Note, Out, Pain, Report, Slug, Text, unknown_fields
from app.content.library import Library
from app.domain import session as domain
from app.domain.exercise import Side
from app.store.clinics import Clinic
from app.store.sessions import StoredSession

Count = Annotated[Int, Field(ge=0, le=MOST)]


class SetReport(Report):
    """One set of one side."""

    side: Side
    reps: Count | None = None
    hold_seconds: Count | None = None
    duration_seconds: Count | None = None
    load: Annotated[Text, Field(max_length=80)] | None = None


class PerformanceReport(Report):
    """One exercise of a session. `prescription_version` is the one that the phone showed."""

    prescription_id: UUID
    prescription_version: Count | None = None
    exercise_id: Slug
    pain_during: Pain | None = None
    effort: Annotated[Int, Field(ge=0, le=10, description="0 no effort, 10 impossible.")] | None = None
    stopped_early: domain.StoppedEarly | None = None
    sets: Annotated[tuple[SetReport, ...], Field(max_length=100)]


class SessionIn(Report):
    """What was done, as the phone reports it. Unknown fields are kept aside and named in the answer."""

    started_at: Instant
    finished_at: Instant | None = None
    time_zone: Annotated[Text, Field(max_length=200, description="The IANA zone the session was done in.")]
    time_precision: Annotated[
        Code, Codes("time_precision", is_open_set=True), Field(description="How well the start is known.")
    ] = "exact"
    pain_before: Pain | None = None
    pain_after: Pain | None = None
    symptoms: Annotated[tuple[Code, ...], Field(max_length=50, description="Codes of `GET /v1/symptoms`.")] = ()
    note: Note | None = None
    performances: Annotated[tuple[PerformanceReport, ...], Field(max_length=50)]

    def to_domain(self, session_id: UUID) -> domain.Session:
        """The session in the domain's words."""
        return domain.Session(
            id=session_id,
            started_at=self.started_at,
            finished_at=self.finished_at,
            time_zone=self.time_zone,
            time_precision=self.time_precision,
            pain_before=self.pain_before,
            pain_after=self.pain_after,
            symptoms=tuple(dict.fromkeys(self.symptoms)),
            note=self.note,
            performances=tuple(
                domain.Performance(
                    prescription_id=one.prescription_id,
                    prescription_version=one.prescription_version,
                    exercise_id=one.exercise_id,
                    pain_during=one.pain_during,
                    effort=one.effort,
                    stopped_early=one.stopped_early,
                    sets=tuple(
                        domain.Set(part.side, part.reps, part.hold_seconds, part.duration_seconds, part.load)
                        for part in one.sets
                    ),
                )
                for one in self.performances
            ),
        )


class ClinicSessionIn(SessionIn):
    """What was done, as a clinician writes it down. Unknown fields are refused."""

    setting: Annotated[
        Literal["clinic", "paper"], Codes("setting"), Field(description="Where the clinician knows it from.")
    ]

    @model_validator(mode="after")
    def _nothing_unknown(self) -> "ClinicSessionIn":
        unknown = unknown_fields(self)
        if unknown:
            raise PydanticCustomError("unknown_field", "Not known: {fields}.", {"fields": ", ".join(unknown)})
        return self


class SetOut(TypedDict):
    """One set of one side."""

    side: Annotated[str, Codes("side")]
    reps: int | None
    hold_seconds: int | None
    duration_seconds: int | None
    load: str | None


class PerformanceOut(TypedDict):
    """One exercise of a session."""

    prescription_id: UUID
    prescription_version: int | None
    exercise_id: str
    pain_during: int | None
    effort: int | None
    stopped_early: Annotated[str, Codes("stopped_early")] | None
    sets: list[SetOut]


class SessionOut(TypedDict):
    """A session as it is stored. `local_date` is the day it counts on; `marks` say what is odd about it."""

    id: UUID
    revision: int
    started_at: datetime
    finished_at: datetime | None
    time_zone: str
    time_precision: Annotated[str, Codes("time_precision")]
    pain_before: int | None
    pain_after: int | None
    symptoms: list[str]
    note: str | None
    performances: list[PerformanceOut]
    local_date: date
    known_on: date
    received_at: datetime
    marks: Annotated[list[Annotated[str, Codes("mark")]], Field(description="What is odd about it.")]
    unknown_fields: Annotated[list[str], Field(description="JSON pointers of fields that this server did not know.")]
    is_withdrawn: bool
    setting: Annotated[str, Codes("setting")]
    recorded_by: Annotated[str, Codes("recorded_by")]


class SessionPage(Out):
    """A page of sessions, newest first."""

    items: list[SessionOut]
    next_cursor: str | None


class RecordedOut(TypedDict):
    """What was stored and what follows from it. `safety`, when set, comes first."""

    safety: SafetyOut | None
    session: SessionOut
    decisions: list[DecisionOut]
    progress: list[ProgressOut]
    routine_changed: bool


def says_first(stored: StoredSession) -> bool:
    """Is there something to say before anything else: a symptom, or practice of what has been stopped?"""
    return bool(stored.outcome.symptoms) or domain.Mark.PRESCRIPTION_STOPPED in stored.marks


def safety_of(stored: StoredSession, clinic: Clinic, library: Library, language: str) -> SafetyOut | None:
    """What to show first after a session; who practises what has been stopped is told to stop again."""
    return safety_out(
        stored.outcome.symptoms,
        clinic,
        library,
        language,
        told_on=stored.local_date,
        known_on=stored.known_on,
        is_stopped=domain.Mark.PRESCRIPTION_STOPPED in stored.marks,
    )


def session_out(stored: StoredSession) -> SessionOut:
    """A stored session on the wire."""
    session = stored.session
    return SessionOut(
        id=session.id,
        revision=stored.revision,
        started_at=session.started_at,
        finished_at=session.finished_at,
        time_zone=session.time_zone,
        time_precision=session.time_precision,
        pain_before=session.pain_before,
        pain_after=session.pain_after,
        symptoms=list(session.symptoms),
        note=session.note,
        performances=[
            PerformanceOut(
                prescription_id=one.prescription_id,
                prescription_version=one.prescription_version,
                exercise_id=one.exercise_id,
                pain_during=one.pain_during,
                effort=one.effort,
                stopped_early=one.stopped_early,
                sets=[
                    SetOut(
                        side=part.side,
                        reps=part.reps,
                        hold_seconds=part.hold_seconds,
                        duration_seconds=part.duration_seconds,
                        load=part.load,
                    )
                    for part in one.sets
                ],
            )
            for one in session.performances
        ],
        local_date=stored.local_date,
        known_on=stored.known_on,
        received_at=stored.received_at,
        marks=list(stored.marks),
        unknown_fields=sorted(stored.unknown_fields),
        is_withdrawn=stored.is_withdrawn,
        setting=stored.setting,
        recorded_by=stored.recorded_by_kind,
    )
