"""Requests: what a patient asks for. The phone makes the id and may send the same again, forever.

Asking for the easier exercise holds at once; the rest waits for somebody at the clinic. Nothing is refused because this
server does not know it.
"""

from datetime import datetime
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.actions.record_request import RequestReport, answer_request, record_request
from app.api.deps import AcceptLanguage, CallerDep, Cursor, House, HouseDep, Limit, SentAtDep, routes
from app.api.problems import PHONE, STAFF, responses
from app.api.shapes.courses import Teller
from app.api.shapes.requests import (
    RecordedRequestOut,
    RequestAnswerIn,
    RequestIn,
    RequestOut,
    RequestPage,
    request_out,
)
from app.api.wire import decode_cursor, encode_cursor, json_response, next_link, unknown_fields
from app.domain.errors import (
    NotFound,
    RequestDiffers,
)
from app.store import clinics, patients, requests
from app.store.clinics import Clinic
from app.store.requests import StoredRequest
from app.store.transaction import Transaction

router = routes("requests")


@router.put(
    "/me/requests/{request_id}",
    response_model=RecordedRequestOut,
    status_code=201,
    responses={
        200: {"model": RecordedRequestOut, "description": "The same request was stored before"},
        **responses(*PHONE, RequestDiffers),
    },
)
async def put_my_request(
    request_id: UUID,
    body: RequestIn,
    caller: CallerDep,
    house: HouseDep,
    sent_at: SentAtDep,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Ask for something. `step_down` holds at once, and never leads up; the rest waits for the clinic."""
    report = RequestReport(body.to_domain(request_id), sent_at, unknown_fields(body))
    stored, is_new, clinic, teller = await house.db.write(caller, _record, report, house, caller.now, accept_language)
    return _answer(stored, clinic, teller, status=201 if is_new else 200)


@router.get("/me/requests", response_model=RequestPage, responses=responses(*PHONE))
async def list_my_requests(
    request: Request, caller: CallerDep, house: HouseDep, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """What the patient asked for, newest first, with the clinic's answers."""
    found = await house.db.read(caller, _page_of_me, limit, cursor)
    return _page_answer(found, limit, request)


@router.get("/patients/{patient_id}/requests", response_model=RequestPage, responses=responses(*STAFF, NotFound))
async def list_patient_requests(
    request: Request, patient_id: UUID, caller: CallerDep, house: HouseDep, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """What a patient asked for, newest first. What is `waiting` waits for an answer."""
    found = await house.db.read(caller, _page_of_patient, patient_id, limit, cursor)
    return _page_answer(found, limit, request)


@router.put(
    "/patients/{patient_id}/requests/{request_id}/answer",
    response_model=RequestOut,
    responses=responses(*STAFF, NotFound),
)
async def answer_patient_request(
    patient_id: UUID, request_id: UUID, body: RequestAnswerIn, caller: CallerDep, house: HouseDep
) -> Response:
    """Close a request, with words for the patient or without. It changes no course: orders do.

    The same again changes nothing but the time.
    """
    stored = await house.db.write(caller, answer_request, patient_id, request_id, body.text, caller.now)
    return json_response(request_out(stored))


def _record(
    tx: Transaction, report: RequestReport, house: House, now: datetime, accept: str | None
) -> tuple[StoredRequest, bool, Clinic, Teller]:
    assert tx.scope.patient_id is not None
    stored, is_new = record_request(tx, tx.scope.patient_id, report, now)
    return stored, is_new, clinics.settings(tx), house.teller(tx, accept)


def _page_of_me(tx: Transaction, limit: int, cursor: str | None) -> list[StoredRequest]:
    assert tx.scope.patient_id is not None
    return requests.page(tx, tx.scope.patient_id, at_most=limit + 1, after=decode_cursor(cursor, (datetime, UUID)))


def _page_of_patient(tx: Transaction, patient_id: UUID, limit: int, cursor: str | None) -> list[StoredRequest]:
    patients.get(tx, patient_id)
    return requests.page(tx, patient_id, at_most=limit + 1, after=decode_cursor(cursor, (datetime, UUID)))


def _page_answer(found: list[StoredRequest], limit: int, request: Request) -> Response:
    shown = found[:limit]
    cursor = encode_cursor(*requests.place_of_last(shown)) if len(found) > limit else None
    body = RequestPage(items=[request_out(one) for one in shown], next_cursor=cursor)
    return json_response(body, headers=next_link(request.url, cursor))


def _answer(stored: StoredRequest, clinic: Clinic, teller: Teller, *, status: int) -> Response:
    outcome = stored.outcome
    body = RecordedRequestOut(
        text=teller.say("request", outcome.text, {"clinic_phone": clinic.phone or clinic.email or ""}),
        request=request_out(stored),
        decisions=[teller.decision(one) for one in outcome.decisions],
        progress=[teller.progress(one) for one in outcome.progress],
        routine_changed=outcome.routine_changed,
    )
    headers = {"Content-Language": teller.language, "Vary": "Accept-Language, Authorization"}
    return json_response(body, status=status, headers=headers)
