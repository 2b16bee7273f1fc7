"""The shapes of requests on the wire: what a patient asks for, and what became of it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.api.shapes.courses import DecisionOut, ProgressOut
from app.api.wire import MOST, Code, Codes, Id, Instant, Int, LocalDate, Note, Out, Report, Strict, Text
from app.domain.request import Request
from app.store.requests import StoredRequest


class RequestIn(Report):
    """What the patient asks for. A kind that this server does not know is kept and read by the clinic."""

    kind: Annotated[Code, Codes("request_kind", is_open_set=True)]
    made_at: Annotated[Instant, Field(description="The phone's clock when the patient asked.")]
    time_zone: Annotated[Text, Field(max_length=200, description="The IANA zone the patient was in.")]
    prescription_id: Annotated[
        Id | None, Field(description="What it is about. `step_down` may leave it out when there is only one.")
    ] = None
    rung: Annotated[
        Annotated[Int, Field(ge=1, le=MOST)] | None,
        Field(description="For `step_down`: the rung that the phone showed, so that one wish is never two steps."),
    ] = None
    session_id: Annotated[Id | None, Field(description="For `entered_by_mistake`: the session.")] = None
    check_in_date: Annotated[LocalDate | None, Field(description="For `entered_by_mistake`: the check-in.")] = None
    decision_id: Annotated[Id | None, Field(description="For `acknowledge`: the notice's decision.")] = None
    note: Note | None = None

    def to_domain(self, request_id: UUID) -> Request:
        """The request in the domain's words."""
        return Request(
            id=request_id,
            kind=self.kind,
            made_at=self.made_at,
            time_zone=self.time_zone,
            prescription_id=self.prescription_id,
            rung=self.rung,
            session_id=self.session_id,
            check_in_date=self.check_in_date,
            decision_id=self.decision_id,
            note=self.note,
        )


class RequestAnswerIn(Strict):
    """The clinic's answer, which closes a request."""

    text: Annotated[
        Annotated[Text, Field(min_length=1, max_length=2000)] | None,
        Field(description="Words for the patient; null closes the request without any."),
    ] = None


class RequestOut(Out):
    """A request as it is stored. `marks` say what is odd about it."""

    id: UUID
    kind: Annotated[str, Codes("request_kind", is_open_set=True)]
    state: Annotated[str, Codes("request_state")]
    made_at: datetime
    time_zone: str
    prescription_id: UUID | None
    rung: Annotated[int | None, Field(description="The rung that the phone showed.")]
    session_id: UUID | None
    check_in_date: date | None
    decision_id: UUID | None
    note: str | None
    known_on: date
    received_at: datetime
    marks: Annotated[list[Annotated[str, Codes("mark")]], Field(description="What is odd about it.")]
    unknown_fields: Annotated[list[str], Field(description="JSON pointers of fields that this server did not know.")]
    answer_text: Annotated[str | None, Field(description="The clinic's words; null without any.")]
    answered_at: Annotated[datetime | None, Field(description="When the clinic closed it; null while it is open.")]


class RequestPage(Out):
    """A page of requests, newest first."""

    items: list[RequestOut]
    next_cursor: str | None


class RecordedRequestOut(Out):
    """What was stored, what follows from it, and what to tell the patient."""

    text: str
    request: RequestOut
    decisions: list[DecisionOut]
    progress: list[ProgressOut]
    routine_changed: bool


def request_out(stored: StoredRequest) -> RequestOut:
    """A stored request on the wire."""
    request = stored.request
    return RequestOut(
        id=request.id,
        kind=request.kind,
        state=stored.state,
        made_at=request.made_at,
        time_zone=request.time_zone,
        prescription_id=request.prescription_id,
        rung=request.rung,
        session_id=request.session_id,
        check_in_date=request.check_in_date,
        decision_id=request.decision_id,
        note=request.note,
        known_on=stored.known_on,
        received_at=stored.received_at,
        marks=list(stored.marks),
        unknown_fields=sorted(stored.unknown_fields),
        answer_text=stored.answer,
        answered_at=stored.answered_at,
    )
