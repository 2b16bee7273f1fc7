"""Decisions: what changed and why, offers and their answers, and what a clinician orders."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from app.actions.answer_offer import answer_offer
from app.actions.order_decision import Wanted
from app.actions.order_decision import order_decision as order
from app.api.deps import AcceptLanguage, CallerDep, Cursor, House, HouseDep, IdempotencyKey, Limit, language_of, routes
from app.api.problems import PHONE, STAFF, responses
from app.api.shapes.courses import DecisionOut, DecisionPage, Teller
from app.api.wire import (
    Codes,
    Instant,
    Int,
    Report,
    Strict,
    Text,
    decode_cursor,
    encode_cursor,
    fingerprint,
    json_response,
    next_link,
)
from app.domain.decision import Decision, DecisionKind
from app.domain.errors import (
    Conflict,
    IdempotencyKeyReused,
    NeedsClearance,
    NotFound,
    OfferGone,
    PatientDischarged,
    StopNotNamed,
)
from app.store import decisions, patients, shapes
from app.store.decisions import StoredDecision
from app.store.remembered_answers import remember
from app.store.transaction import Transaction

router = routes("decisions")


class AnswerIn(Report):
    """Yes or no to an offer."""

    answer: Annotated[Literal["accept", "decline"], Codes("answer"), Field(description="Yes or no.")]
    answered_at: Instant | None = None


class OrderIn(Strict):
    """What a clinician orders.

    Up from the patient's next local day; down, hold, pause and stop at once; no backdating.
    """

    kind: DecisionKind
    to_rung: Annotated[Int, Field(ge=1, le=50)] | None = None
    clears: Annotated[
        tuple[UUID, ...], Field(max_length=100, description="For `resume`: the open stops it clears.")
    ] = ()
    reason: Annotated[Text, Field(min_length=1, max_length=2000)]
    audience: Annotated[
        Literal["patient", "clinic"], Codes("audience"), Field(description="Who may read `reason`.")
    ] = "patient"


@router.put(
    "/me/decisions/{decision_id}/answer", response_model=DecisionOut, responses=responses(*PHONE, NotFound, OfferGone)
)
async def answer_my_decision(
    decision_id: UUID, body: AnswerIn, caller: CallerDep, house: HouseDep, accept_language: AcceptLanguage = None
) -> Response:
    """Accept or decline an offer. A yes holds at once when nothing was practised yet today, else from the next day."""
    is_accepted = body.answer == "accept"
    answered, language = await house.db.write(
        caller, _answer, decision_id, is_accepted, house, caller.now, accept_language
    )
    return json_response(
        Teller(house.library.texts, language).decision(answered.decision, answered.superseded_by),
        headers={"Content-Language": language},
    )


@router.get("/me/decisions", response_model=DecisionPage, responses=responses(*PHONE))
async def list_my_decisions(
    request: Request,
    caller: CallerDep,
    house: HouseDep,
    limit: Limit = 50,
    cursor: Cursor = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """What changed and why, newest first: by the day of the decision, on one day the later made before the earlier.

    An offer and its answer are two decisions. The offer ends as `accepted` or `declined`, and its `superseded_by` names
    the answer; the answer's `supersedes` names the offer. What nothing supersedes is what holds.
    """
    found, language = await house.db.read(caller, _my_page, house, limit, cursor, accept_language)
    return _page_answer(found, limit, Teller(house.library.texts, language), request)


@router.get("/patients/{patient_id}/decisions", response_model=DecisionPage, responses=responses(*STAFF, NotFound))
async def list_patient_decisions(
    request: Request,
    patient_id: UUID,
    caller: CallerDep,
    house: HouseDep,
    limit: Limit = 50,
    cursor: Cursor = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """What changed in a patient's courses and why, in a clinician's words; ordered as for the patient.

    Newest first: by the day of the decision, on one day the later made before the earlier. An offer and its answer are
    two decisions that name each other in `superseded_by` and `supersedes`.
    """
    found, language = await house.db.read(caller, _their_page, patient_id, house, limit, cursor, accept_language)
    return _page_answer(found, limit, Teller(house.library.texts, language, "clinician"), request)


@router.post(
    "/patients/{patient_id}/prescriptions/{prescription_id}/decisions",
    response_model=DecisionOut,
    status_code=201,
    responses=responses(
        *STAFF, NotFound, Conflict, PatientDischarged, StopNotNamed, NeedsClearance, IdempotencyKeyReused
    ),
)
async def order_decision(
    patient_id: UUID,
    prescription_id: UUID,
    body: OrderIn,
    caller: CallerDep,
    house: HouseDep,
    accept_language: AcceptLanguage = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Advance, step back, hold, pause, stop or resume a prescription, with a reason.

    A resume names the stops it clears.
    """
    decision, language = await house.db.write(
        caller, _order, patient_id, prescription_id, body, house, caller.now, accept_language, idempotency_key
    )
    return json_response(
        Teller(house.library.texts, language, "clinician").decision(decision),
        status=201,
        headers={"Content-Language": language},
    )


def _answer(
    tx: Transaction,
    decision_id: UUID,
    is_accepted: bool,  # noqa: FBT001 - the answer itself
    house: House,
    now: datetime,
    accept: str | None,
) -> tuple[StoredDecision, str]:
    assert tx.scope.patient_id is not None
    answered = answer_offer(tx, tx.scope.patient_id, decision_id, is_accepted=is_accepted, now=now)
    return answered, language_of(accept, house.library, tx.scope.language)


def _my_page(
    tx: Transaction, house: House, limit: int, cursor: str | None, accept: str | None
) -> tuple[list[StoredDecision], str]:
    assert tx.scope.patient_id is not None
    return _page(tx, tx.scope.patient_id, limit, cursor), language_of(accept, house.library, tx.scope.language)


def _their_page(
    tx: Transaction, patient_id: UUID, house: House, limit: int, cursor: str | None, accept: str | None
) -> tuple[list[StoredDecision], str]:
    patients.get(tx, patient_id)
    return _page(tx, patient_id, limit, cursor), language_of(accept, house.library, tx.scope.language)


def _page(tx: Transaction, patient_id: UUID, limit: int, cursor: str | None) -> list[StoredDecision]:
    after = decode_cursor(cursor, (date, datetime, UUID))
    found = decisions.page(tx, patient_id, at_most=limit + 1, after=after)
    return decisions.with_outcome(tx, patient_id, found)


def _page_answer(found: Sequence[StoredDecision], limit: int, teller: Teller, request: Request) -> Response:
    shown = found[:limit]
    cursor = encode_cursor(*decisions.place(shown[-1])) if len(found) > limit else None
    page = DecisionPage(items=[teller.decision(one.decision, one.superseded_by) for one in shown], next_cursor=cursor)
    headers = {"Content-Language": teller.language, "Vary": "Accept-Language, Authorization"}
    return json_response(page, headers={**headers, **next_link(request.url, cursor)})


def _order(
    tx: Transaction,
    patient_id: UUID,
    prescription_id: UUID,
    body: OrderIn,
    house: House,
    now: datetime,
    accept: str | None,
    key: str | None,
) -> tuple[Decision, str]:
    def make() -> dict[str, Any]:
        wanted = Wanted(body.kind, body.to_rung, body.clears, body.reason, body.audience)
        decision = order(tx, patient_id, prescription_id, wanted, now)
        made: dict[str, Any] = shapes.plain(decision)
        return made

    answer = remember(tx, key, "order_decision", fingerprint(patient_id, prescription_id, body), now=now, make=make)
    return shapes.DECISION.of(answer), language_of(accept, house.library, tx.scope.language)
