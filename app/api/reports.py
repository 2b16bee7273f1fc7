"""A batch: what a phone kept while it was offline, sent at once, each report with its own result.

The courses afterwards are those that single requests lead to, sessions before check-ins; new sessions are decided upon
together (docs/decisions/0011). All of it is stored before the answer leaves, so a phone may drop from its queue what
was not refused, and send everything again when no answer came.
"""

from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Request
from pydantic import Field, ValidationError, WrapValidator
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from app.actions import record_check_in, record_session
from app.actions.record_reports import Recorded, Refused, Sent, record_reports
from app.api.contract.answers import Operation
from app.api.deps import AcceptLanguage, CallerDep, House, HouseDep, SentAtDep, language_of, routes
from app.api.problems import PHONE, Problem, field_error, problem_of, responses, row_of
from app.api.shapes.check_ins import CheckInIn
from app.api.shapes.check_ins import safety_of as safety_of_check_in
from app.api.shapes.courses import DecisionOut, Teller
from app.api.shapes.safety import SafetyOut, most_urgent
from app.api.shapes.sessions import SessionIn
from app.api.shapes.sessions import safety_of as safety_of_session
from app.api.wire import Codes, Id, LocalDate, Out, Report, Text, etag, revisions_named, unknown_fields
from app.domain.errors import (
    FieldError,
    Invalid,
    RungError,
    invalid,
)
from app.domain.session import Mark
from app.store import clinics
from app.store.clinics import Clinic
from app.store.sessions import StoredSession
from app.store.transaction import Transaction
from app.values import dataclass


class InTurn(Operation):
    """Few are in work at once, each when it is there whole; the others wait as the bytes that they are.

    One that is understood weighs twenty times as much, and is only in the way before its turn.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, for who has a turn."""
        answer = super().get_route_handler()

        async def in_turn(request: Request) -> Response:
            # A slow phone keeps nobody waiting. One that has gone is told so where FastAPI expects it.
            with suppress(ClientDisconnect):
                await request.body()
            async with request.app.state.house.batches:
                return await answer(request)

        return in_turn


router = routes("reports", InTurn)


MOST_REPORTS = 200
MOST_ERRORS = 50

ETag = Annotated[
    Annotated[Text, Field(max_length=400)] | None,
    Field(description="The ETag of what this corrects, as `If-Match` would name it; null for what is new."),
]


class SessionReport(SessionIn):
    """A session as in `PUT /v1/me/sessions/{session_id}`."""

    session_id: Id
    if_match: ETag = None


class CheckInReport(CheckInIn):
    """A check-in as in `PUT /v1/me/check-ins/{date}`."""

    date: LocalDate
    if_match: ETag = None


@dataclass(frozen=True, slots=True)
class Broken:
    """A report that cannot be understood: its id, if it has one that can be read, and what is wrong with it."""

    id: str | None
    errors: tuple[FieldError, ...]


def _or_broken(name: str) -> Callable[[Any, Callable[[Any], Any]], Any]:
    """Take a report that is wrong in itself for a broken one: the others are not hurt by it."""

    def validate(value: Any, handler: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - any JSON value
        try:
            return handler(value)
        except ValidationError as error:
            found = value.get(name) if isinstance(value, dict) else None
            is_readable = isinstance(found, str) and len(found) <= 80 and found.isascii() and found.isprintable()  # noqa: PLR2004 - characters
            wrong = [field_error({**one, "loc": ("body", *one["loc"])}) for one in error.errors()[:MOST_ERRORS]]
            return Broken(found if is_readable else None, tuple(wrong))

    return validate


class BatchIn(Report):
    """What the phone kept while it was offline, each list in the order in which it happened."""

    sessions: Annotated[
        tuple[Annotated[SessionReport, WrapValidator(_or_broken("session_id"))], ...],
        Field(max_length=MOST_REPORTS),
    ] = ()
    check_ins: Annotated[
        tuple[Annotated[CheckInReport, WrapValidator(_or_broken("date"))], ...],
        Field(max_length=MOST_REPORTS, description="Taken in after the sessions."),
    ] = ()


class ReportResultOut(Out):
    """What became of one report. `problem`, when set, says why it was refused; the others are not hurt by it."""

    kind: Annotated[str, Codes("report_kind")]
    index: Annotated[int, Field(ge=0, description="Its place in the list of its kind, from 0.")]
    id: Annotated[str | None, Field(description="The session's id or the check-in's date; null when it had none.")]
    status: Annotated[str, Codes("report_status")]
    etag: Annotated[str | None, Field(description="Names what is stored now; null when nothing is.")]
    local_date: Annotated[date | None, Field(description="The day that it counts on; null when it was refused.")]
    marks: Annotated[list[Annotated[str, Codes("mark")]], Field(description="What is odd about it.")]
    unknown_fields: Annotated[list[str], Field(description="JSON pointers of fields that this server did not know.")]
    decisions: list[DecisionOut]
    safety: SafetyOut | None
    problem: Annotated[Problem | None, Field(description="Why it was refused, as a single request would be told.")]


class BatchOut(Out):
    """The result of each report: sessions first, then check-ins, each list in its order.

    `safety` is the most urgent of all and comes before everything else.
    """

    safety: SafetyOut | None
    results: list[ReportResultOut]
    routine_changed: bool


SentIn = SessionReport | CheckInReport | Broken


@router.post("/me/reports/batch", response_model=BatchOut, responses=responses(*PHONE))
async def post_my_reports(
    request: Request,
    body: BatchIn,
    caller: CallerDep,
    house: HouseDep,
    sent_at: SentAtDep,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Report up to 200 sessions and check-ins. Each has its own result; sending it all again changes nothing."""
    if len(body.sessions) + len(body.check_ins) > MOST_REPORTS:
        raise invalid("/check_ins", "too_long", f"A batch holds at most {MOST_REPORTS} reports.")
    recorded, clinic, language = await house.db.write(
        caller, _record, body, house, sent_at, caller.now, accept_language
    )
    answered = Answered(house, clinic, language, request.scope.get("request_id", ""))
    sent: list[tuple[str, int, SentIn]] = [("session", index, one) for index, one in enumerate(body.sessions)]
    sent += [("check_in", index, one) for index, one in enumerate(body.check_ins)]
    results = [
        answered.refused(kind, index, one, result.error)
        if isinstance(result, Refused)
        else answered.recorded(kind, index, result)
        for (kind, index, one), result in zip(sent, recorded, strict=True)
    ]
    answer = BatchOut(
        safety=most_urgent(one.safety for one in results),
        results=results,
        routine_changed=any(one.stored.outcome.routine_changed for one in recorded if not isinstance(one, Refused)),
    )
    content = answer.__pydantic_serializer__.to_json(answer, by_alias=True)
    headers = {"Content-Language": language, "Vary": "Accept-Language, Authorization"}
    return Response(content, headers=headers, media_type="application/json")


def _record(
    tx: Transaction, body: BatchIn, house: House, sent_at: datetime | None, now: datetime, accept: str | None
) -> tuple[Sequence[Recorded | Refused], Clinic, str]:
    assert tx.scope.patient_id is not None
    kept: tuple[SentIn, ...] = (*body.sessions, *body.check_ins)
    sent = [_sent(one, sent_at) for one in kept]
    results = record_reports(tx, tx.scope.patient_id, sent, house.library.symptoms, now)
    return results, clinics.settings(tx), language_of(accept, house.library, tx.scope.language)


def _sent(one: SentIn, sent_at: datetime | None) -> Sent:
    """A report as the action takes it."""
    if isinstance(one, Broken):
        names = ", ".join(dict.fromkeys(error.pointer for error in one.errors))
        return Sent(Invalid(f"Look at: {names[:500]}", errors=one.errors))
    try:
        named, unknown = revisions_named(one.if_match), unknown_fields(one)
        if isinstance(one, SessionReport):
            return Sent(record_session.Report(one.to_domain(one.session_id), sent_at, unknown), named)
        return Sent(record_check_in.CheckInReport(one.to_domain(one.date), sent_at, unknown), named)
    except RungError as error:
        return Sent(error)


@dataclass(frozen=True, slots=True)
class Answered:
    """For whom results are told."""

    house: House
    clinic: Clinic
    language: str
    request_id: str

    def recorded(self, kind: str, index: int, result: Recorded) -> ReportResultOut:
        """What became of a report that is stored."""
        stored, library = result.stored, self.house.library
        teller = Teller(library.texts, self.language)
        if isinstance(stored, StoredSession):
            safety = safety_of_session(stored, self.clinic, library, self.language)
            own_id, local_date = str(stored.session.id), stored.local_date
        else:
            safety = safety_of_check_in(stored, self.clinic, library, self.language)
            own_id, local_date = stored.check_in.local_date.isoformat(), stored.check_in.local_date
        is_new = result.status != "same"
        return ReportResultOut(
            kind=kind,
            index=index,
            id=own_id,
            status="quarantined" if is_new and Mark.QUARANTINED.value in stored.marks else result.status,
            etag=etag(stored.revision),
            local_date=local_date,
            marks=list(stored.marks),
            unknown_fields=sorted(stored.unknown_fields),
            decisions=[teller.decision(one) for one in stored.outcome.decisions],
            safety=safety,
            problem=None,
        )

    def refused(self, kind: str, index: int, sent: SentIn, error: RungError) -> ReportResultOut:
        """Why a report was refused, with pointers into the whole body."""
        own_id = _own_id(sent)
        problem = problem_of(self.request_id, row_of(error), error.detail, error)
        for one in problem["errors"]:
            one["pointer"] = f"/{kind}s/{index}{one['pointer'].rstrip('/')}"
        return ReportResultOut(
            kind=kind,
            index=index,
            id=own_id,
            status="refused",
            etag=error.headers.get("ETag"),
            local_date=None,
            marks=[],
            unknown_fields=[],
            decisions=[],
            safety=None,
            problem=Problem(**problem),
        )


def _own_id(sent: SentIn) -> str | None:
    """How the phone names a report."""
    if isinstance(sent, Broken):
        return sent.id
    return str(sent.session_id) if isinstance(sent, SessionReport) else sent.date.isoformat()
