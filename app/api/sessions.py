"""Sessions: what was done. The phone makes the id and may send the same again, forever, with the same answer.

Nothing that a patient cannot help is refused: it is stored, and `marks` say what is odd about it.
"""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from app.actions import record_session as record
from app.api.deps import (
    AcceptLanguage,
    CallerDep,
    Cursor,
    First,
    House,
    HouseDep,
    IfMatch,
    IfNoneMatch,
    Last,
    Limit,
    SentAtDep,
    routes,
    today_of,
    window,
)
from app.api.problems import PHONE, STAFF, responses
from app.api.shapes.courses import Teller
from app.api.shapes.sessions import (
    ClinicSessionIn,
    RecordedOut,
    SessionIn,
    SessionOut,
    SessionPage,
    safety_of,
    says_first,
    session_out,
)
from app.api.wire import (
    Id,
    decode_cursor,
    encode_cursor,
    etag,
    json_response,
    matches,
    next_link,
    revisions_named,
    unknown_fields,
)
from app.domain.errors import (
    Conflict,
    NotFound,
    PreconditionFailed,
    SessionDiffers,
)
from app.store import clinics, patients, sessions
from app.store.clinics import Clinic
from app.store.sessions import StoredSession
from app.store.transaction import Transaction

router = routes("sessions")


SessionId = Annotated[UUID, Field(description="Made by the phone, best a UUID version 7.")]


@router.put(
    "/me/sessions/{session_id}",
    response_model=RecordedOut,
    status_code=201,
    responses={
        200: {"model": RecordedOut, "description": "The same session was stored before, or it was corrected"},
        **responses(*PHONE, Conflict, SessionDiffers, PreconditionFailed),
    },
)
async def put_my_session(
    session_id: SessionId,
    body: SessionIn,
    caller: CallerDep,
    house: HouseDep,
    sent_at: SentAtDep,
    if_match: IfMatch = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Record what was done. The same id and body again gives the same answer, forever."""
    report = record.Report(body.to_domain(session_id), sent_at, unknown_fields(body))
    recorded, clinic, teller = await house.db.write(
        caller, _record, report, house, caller.now, if_match, accept_language
    )
    return _answer(recorded.stored, clinic, house, teller, status=201 if recorded.status == "created" else 200)


@router.get("/me/sessions/{session_id}", response_model=SessionOut, responses=responses(*PHONE, NotFound))
async def get_my_session(
    session_id: SessionId, caller: CallerDep, house: HouseDep, if_none_match: IfNoneMatch = None
) -> Response:
    """One session as it is stored, its newest revision."""
    stored = await house.db.read_at_once(caller, _one, session_id)
    tag = _tag(stored)
    if matches(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    return json_response(session_out(stored), headers={"ETag": tag, "Cache-Control": "private, no-cache"})


@router.get("/me/sessions", response_model=SessionPage, responses=responses(*PHONE))
async def list_my_sessions(
    request: Request,
    caller: CallerDep,
    house: HouseDep,
    first: First = None,
    last: Last = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """What was done in a window of local dates; withdrawn sessions are left out.

    The newest local date comes first, on one date the later start.
    """
    page = await house.db.read(caller, _page_of_me, first, last, limit, cursor, caller.now)
    return _page_answer(page, request)


@router.delete(
    "/me/sessions/{session_id}",
    response_model=SessionOut,
    responses=responses(*PHONE, NotFound, Conflict, PreconditionFailed),
)
async def withdraw_my_session(
    session_id: SessionId, caller: CallerDep, house: HouseDep, if_match: IfMatch = None
) -> Response:
    """Take a session back. It stays on record, marked, and counts no more. A stop that it reported stays."""
    stored = await house.db.write(caller, _withdraw, session_id, house, caller.now, if_match)
    return json_response(session_out(stored), headers={"ETag": _tag(stored)})


@router.get("/patients/{patient_id}/sessions", response_model=SessionPage, responses=responses(*STAFF, NotFound))
async def list_patient_sessions(
    request: Request,
    patient_id: UUID,
    caller: CallerDep,
    house: HouseDep,
    first: First = None,
    last: Last = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """A patient's sessions in a window of local dates: the newest date first, on one date the later start."""
    page = await house.db.read(caller, _page_of_patient, patient_id, first, last, limit, cursor, caller.now)
    return _page_answer(page, request)


@router.put(
    "/patients/{patient_id}/sessions/{session_id}",
    response_model=RecordedOut,
    status_code=201,
    responses={
        200: {"model": RecordedOut, "description": "The same session was stored before, or it was corrected"},
        **responses(*STAFF, NotFound, Conflict, SessionDiffers, PreconditionFailed),
    },
)
async def put_patient_session(
    patient_id: Id,
    session_id: SessionId,
    body: ClinicSessionIn,
    caller: CallerDep,
    house: HouseDep,
    if_match: IfMatch = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Write down a session that was done in the clinic or told from paper. It counts like one that a phone reports.

    The client makes the id; the same id and body again gives the same answer. With `If-Match` it is corrected; what a
    phone reported is corrected by the phone.
    """
    report = record.Report(body.to_domain(session_id), None, {}, body.setting)
    recorded, clinic, teller = await house.db.write(
        caller, _record, report, house, caller.now, if_match, accept_language, patient_id
    )
    status = 201 if recorded.status == "created" else 200
    return _answer(recorded.stored, clinic, house, teller, status=status)


def _record(
    tx: Transaction,
    report: record.Report,
    house: House,
    now: datetime,
    if_match: str | None,
    accept: str | None,
    patient_id: UUID | None = None,
) -> tuple[record.Recorded, Clinic | None, Teller]:
    """Store it for this patient, or for the caller, who is one."""
    whose = patient_id or tx.scope.patient_id
    assert whose is not None
    recorded = record.record_session(tx, whose, report, house.library.symptoms, now, if_match=revisions_named(if_match))
    # The clinic's contact is needed only when there is something to say first.
    clinic = clinics.settings(tx) if says_first(recorded.stored) else None
    return recorded, clinic, house.teller(tx, accept, "patient" if patient_id is None else "clinician")


def _one(tx: Transaction, session_id: UUID) -> StoredSession:
    assert tx.scope.patient_id is not None
    stored = sessions.current(tx, tx.scope.patient_id, session_id)
    if stored is None:
        raise NotFound("There is no such session.")
    return stored


def _withdraw(tx: Transaction, session_id: UUID, house: House, now: datetime, if_match: str | None) -> StoredSession:
    assert tx.scope.patient_id is not None
    return record.withdraw_session(
        tx, tx.scope.patient_id, session_id, house.library.symptoms, now, if_match=revisions_named(if_match)
    )


def _page_of_me(
    tx: Transaction, first: date | None, last: date | None, limit: int, cursor: str | None, now: datetime
) -> tuple[list[StoredSession], int]:
    assert tx.scope.patient_id is not None
    return _page(tx, tx.scope.patient_id, first, last, limit, cursor, today_of(tx.scope, now))


def _page_of_patient(
    tx: Transaction,
    patient_id: UUID,
    first: date | None,
    last: date | None,
    limit: int,
    cursor: str | None,
    now: datetime,
) -> tuple[list[StoredSession], int]:
    return _page(tx, patient_id, first, last, limit, cursor, patients.get(tx, patient_id).today(now))


def _page(
    tx: Transaction,
    patient_id: UUID,
    first: date | None,
    last: date | None,
    limit: int,
    cursor: str | None,
    today: date,
) -> tuple[list[StoredSession], int]:
    after = decode_cursor(cursor, (date, datetime, UUID))
    begin, end = window(first, last, today=today)
    return sessions.window(tx, patient_id, begin, end, at_most=limit + 1, after=after), limit


def _page_answer(page: tuple[list[StoredSession], int], request: Request) -> Response:
    found, limit = page
    shown = found[:limit]
    cursor = encode_cursor(*sessions.place_of_last(shown)) if len(found) > limit else None
    body = SessionPage(items=[session_out(one) for one in shown], next_cursor=cursor)
    return json_response(body, headers=next_link(request.url, cursor))


def _answer(stored: StoredSession, clinic: Clinic | None, house: House, teller: Teller, *, status: int) -> Response:
    outcome = stored.outcome
    body = RecordedOut(
        safety=safety_of(stored, clinic, house.library, teller.language) if clinic else None,
        session=session_out(stored),
        decisions=[teller.decision(one) for one in outcome.decisions],
        progress=[teller.progress(one) for one in outcome.progress],
        routine_changed=outcome.routine_changed,
    )
    headers = {"ETag": _tag(stored), "Content-Language": teller.language, "Vary": "Accept-Language, Authorization"}
    return json_response(body, status=status, headers=headers)


def _tag(stored: StoredSession) -> str:
    return etag(stored.revision)
