"""Check-ins: how the patient is in the morning. One for each local date; the same again changes nothing.

Nothing that a patient cannot help is refused: it is stored, and `marks` say what is odd about it.
"""

from datetime import date, datetime
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.actions import record_check_in as record
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
from app.api.shapes.check_ins import (
    CheckInIn,
    CheckInOut,
    CheckInPage,
    RecordedCheckInOut,
    check_in_out,
    safety_of,
)
from app.api.shapes.courses import Teller
from app.api.wire import (
    LocalDate,
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
    CheckInDiffers,
    NotFound,
    PreconditionFailed,
)
from app.store import check_ins, clinics, patients
from app.store.check_ins import StoredCheckIn
from app.store.clinics import Clinic
from app.store.transaction import Transaction

router = routes("check_ins")


@router.put(
    "/me/check-ins/{date}",
    response_model=RecordedCheckInOut,
    status_code=201,
    responses={
        200: {"model": RecordedCheckInOut, "description": "The same check-in was stored before, or it was corrected"},
        **responses(*PHONE, CheckInDiffers, PreconditionFailed),
    },
)
async def put_my_check_in(
    date: LocalDate,
    body: CheckInIn,
    caller: CallerDep,
    house: HouseDep,
    sent_at: SentAtDep,
    if_match: IfMatch = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Record how the patient is. Before noon and before the first session it tells how the day before was borne."""
    report = record.CheckInReport(body.to_domain(date), sent_at, unknown_fields(body))
    recorded, clinic, teller = await house.db.write(
        caller, _record, report, house, caller.now, if_match, accept_language
    )
    return _answer(recorded.stored, clinic, house, teller, status=201 if recorded.status == "created" else 200)


@router.get("/me/check-ins/{date}", response_model=CheckInOut, responses=responses(*PHONE, NotFound))
async def get_my_check_in(
    date: LocalDate, caller: CallerDep, house: HouseDep, if_none_match: IfNoneMatch = None
) -> Response:
    """The check-in of a local date as it is stored, its newest revision."""
    stored = await house.db.read(caller, _one, date)
    tag = etag(stored.revision)
    if matches(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    return json_response(check_in_out(stored), headers={"ETag": tag, "Cache-Control": "private, no-cache"})


@router.get("/me/check-ins", response_model=CheckInPage, responses=responses(*PHONE))
async def list_my_check_ins(
    request: Request,
    caller: CallerDep,
    house: HouseDep,
    first: First = None,
    last: Last = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The check-ins of a window of local dates, newest first; withdrawn ones are left out."""
    found = await house.db.read(caller, _page_of_me, first, last, limit, cursor, caller.now)
    return _page_answer(found, limit, request)


@router.delete(
    "/me/check-ins/{date}", response_model=CheckInOut, responses=responses(*PHONE, NotFound, PreconditionFailed)
)
async def withdraw_my_check_in(
    date: LocalDate, caller: CallerDep, house: HouseDep, if_match: IfMatch = None
) -> Response:
    """Take a check-in back. It stays on record, marked, and counts no more. A stop that it reported stays."""
    stored = await house.db.write(caller, _withdraw, date, house, caller.now, if_match)
    return json_response(check_in_out(stored), headers={"ETag": etag(stored.revision)})


@router.get("/patients/{patient_id}/check-ins", response_model=CheckInPage, responses=responses(*STAFF, NotFound))
async def list_patient_check_ins(
    request: Request,
    patient_id: UUID,
    caller: CallerDep,
    house: HouseDep,
    first: First = None,
    last: Last = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """A patient's check-ins in a window of local dates, newest first."""
    found = await house.db.read(caller, _page_of_patient, patient_id, first, last, limit, cursor, caller.now)
    return _page_answer(found, limit, request)


def _record(
    tx: Transaction, report: record.CheckInReport, house: House, now: datetime, if_match: str | None, accept: str | None
) -> tuple[record.RecordedCheckIn, Clinic | None, Teller]:
    assert tx.scope.patient_id is not None
    recorded = record.record_check_in(
        tx, tx.scope.patient_id, report, house.library.symptoms, now, if_match=revisions_named(if_match)
    )
    clinic = clinics.settings(tx) if recorded.stored.outcome.symptoms else None
    return recorded, clinic, house.teller(tx, accept)


def _one(tx: Transaction, local_date: date) -> StoredCheckIn:
    assert tx.scope.patient_id is not None
    stored = check_ins.current(tx, tx.scope.patient_id, local_date)
    if stored is None:
        raise NotFound("There is no such check-in.")
    return stored


def _withdraw(tx: Transaction, local_date: date, house: House, now: datetime, if_match: str | None) -> StoredCheckIn:
    assert tx.scope.patient_id is not None
    named = revisions_named(if_match)
    return record.withdraw_check_in(tx, tx.scope.patient_id, local_date, house.library.symptoms, now, if_match=named)


def _page_of_me(
    tx: Transaction, first: date | None, last: date | None, limit: int, cursor: str | None, now: datetime
) -> list[StoredCheckIn]:
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
) -> list[StoredCheckIn]:
    return _page(tx, patient_id, first, last, limit, cursor, patients.get(tx, patient_id).today(now))


def _page(
    tx: Transaction,
    patient_id: UUID,
    first: date | None,
    last: date | None,
    limit: int,
    cursor: str | None,
    today: date,
) -> list[StoredCheckIn]:
    """One check-in more than a page holds, if there is one."""
    before = decode_cursor(cursor, (date,))
    begin, end = window(first, last, today=today)
    if before is not None:
        end = min(end, date.fromordinal(max(1, before[0].toordinal() - 1)))
    return check_ins.window(tx, patient_id, begin, end, at_most=limit + 1)


def _page_answer(found: list[StoredCheckIn], limit: int, request: Request) -> Response:
    shown = found[:limit]
    cursor = encode_cursor(shown[-1].check_in.local_date) if len(found) > limit else None
    body = CheckInPage(items=[check_in_out(one) for one in shown], next_cursor=cursor)
    return json_response(body, headers=next_link(request.url, cursor))


def _answer(stored: StoredCheckIn, clinic: Clinic | None, house: House, teller: Teller, *, status: int) -> Response:
    outcome = stored.outcome
    body = RecordedCheckInOut(
        safety=safety_of(stored, clinic, house.library, teller.language) if clinic else None,
        check_in=check_in_out(stored),
        decisions=[teller.decision(one) for one in outcome.decisions],
        progress=[teller.progress(one) for one in outcome.progress],
        routine_changed=outcome.routine_changed,
    )
    headers = {
        "ETag": etag(stored.revision),
        "Content-Language": teller.language,
        "Vary": "Accept-Language, Authorization",
    }
    content = body.__pydantic_serializer__.to_json(body, by_alias=True)
    return Response(content, status_code=status, headers=headers, media_type="application/json")
