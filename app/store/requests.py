"""Questions about requests: what patients asked for, what they were told, and what waits for the clinic."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, insert, or_, select, update

from app.domain import days
from app.domain.progress import Outcome
from app.domain.request import Request
from app.store.guard import CLINIC, TREATED
from app.store.shapes import OUTCOME, REQUEST, meaning
from app.store.tables.patients import PatientRow
from app.store.tables.requests import RequestRow
from app.store.tables.types import UtcDateTime
from app.store.transaction import Transaction
from app.values import dataclass

COLUMNS = (
    RequestRow.patient_id,
    RequestRow.id,
    RequestRow.kind,
    RequestRow.state,
    RequestRow.known_on,
    RequestRow.received_at,
    RequestRow.sent_at,
    RequestRow.fingerprint,
    RequestRow.body,
    RequestRow.unknown_fields,
    RequestRow.marks,
    RequestRow.outcome,
    RequestRow.answer,
    RequestRow.answered_at,
)
OWN = (RequestRow.clinic_id == CLINIC, RequestRow.patient_id == bindparam("patient_id"))
ONE = select(*COLUMNS).where(*OWN, RequestRow.id == bindparam("request_id"))
NEWEST_FIRST = (RequestRow.received_at.desc(), RequestRow.id.desc())
PAGE = select(*COLUMNS).where(*OWN).order_by(*NEWEST_FIRST).limit(bindparam("at_most"))
PAGE_AFTER = PAGE.where(
    or_(
        RequestRow.received_at < bindparam("after_at", type_=UtcDateTime()),
        and_(
            RequestRow.received_at == bindparam("after_at", type_=UtcDateTime()),
            RequestRow.id < bindparam("after_id"),
        ),
    )
)
WAITING = (
    select(*COLUMNS)
    .join(PatientRow, and_(PatientRow.clinic_id == CLINIC, PatientRow.id == RequestRow.patient_id))
    .where(RequestRow.clinic_id == CLINIC, RequestRow.state == "waiting", PatientRow.status == "active")
    .order_by(RequestRow.received_at, RequestRow.patient_id, RequestRow.id)
    .limit(bindparam("at_most"))
)
WAITING_OF_TREATED = WAITING.where(RequestRow.patient_id.in_(TREATED))
INSERT = insert(RequestRow).values(clinic_id=CLINIC)
ANSWER = (
    update(RequestRow)
    .where(
        RequestRow.clinic_id == CLINIC,
        RequestRow.patient_id == bindparam("of_patient"),
        RequestRow.id == bindparam("of_request"),
    )
    .values(
        state="answered",
        answer=bindparam("new_answer"),
        answered_at=bindparam("now", type_=UtcDateTime()),
        answered_by=bindparam("by"),
    )
)


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request as it is kept. `state`: `done`, `waiting` or `answered`; `outcome` is what was answered at once."""

    request: Request
    patient_id: UUID
    state: str
    known_on: date
    received_at: datetime
    sent_at: datetime | None
    fingerprint: bytes
    unknown_fields: Mapping[str, Any]
    marks: tuple[str, ...]
    outcome: Outcome
    answer: str | None = None
    answered_at: datetime | None = None


def fingerprint(request: Request) -> bytes:
    """What makes two requests the same: their meaning, as with sessions."""
    if days.zone_named(request.time_zone) is not None:
        request = replace(request, made_at=request.made_at.astimezone(UTC))
    return meaning(request)


def one(tx: Transaction, patient_id: UUID, request_id: UUID) -> StoredRequest | None:
    """One request of the patient, None when there is none."""
    row = tx.row(ONE, patient_id=patient_id, request_id=request_id)
    return None if row is None else _stored(row)


def page(
    tx: Transaction, patient_id: UUID, *, at_most: int, after: tuple[datetime, UUID] | None
) -> list[StoredRequest]:
    """The patient's requests, newest first, beginning after a place in that order."""
    if after is None:
        return [_stored(row) for row in tx.rows(PAGE, patient_id=patient_id, at_most=at_most)]
    asked = {"patient_id": patient_id, "at_most": at_most, "after_at": after[0], "after_id": after[1]}
    return [_stored(row) for row in tx.rows(PAGE_AFTER, **asked)]


def waiting(tx: Transaction, *, at_most: int = 1000) -> list[StoredRequest]:
    """What waits for somebody at the clinic, of all active patients whom the caller may see, the longest waiting
    first.
    """
    return [_stored(row) for row in tx.listed(WAITING, WAITING_OF_TREATED, at_most=at_most)]


def add(tx: Transaction, stored: StoredRequest) -> None:
    """Keep a request."""
    tx.write(
        INSERT,
        patient_id=stored.patient_id,
        id=stored.request.id,
        kind=stored.request.kind,
        state=stored.state,
        known_on=stored.known_on,
        received_at=stored.received_at,
        sent_at=stored.sent_at,
        fingerprint=stored.fingerprint,
        body=stored.request,
        unknown_fields=dict(stored.unknown_fields) or None,
        marks=list(stored.marks),
        outcome=stored.outcome,
        answer=None,
        answered_at=None,
        answered_by=None,
    )


def answer(
    tx: Transaction, patient_id: UUID, request_id: UUID, text: str | None, by: UUID | None, now: datetime
) -> None:
    """Close a request with the clinic's answer."""
    tx.write(ANSWER, of_patient=patient_id, of_request=request_id, new_answer=text, by=by, now=now)


def place_of_last(found: Sequence[StoredRequest]) -> tuple[datetime, UUID]:
    """The place of the last one in the order of `page`, for going on after it."""
    return found[-1].received_at, found[-1].request.id


def _stored(row: Any) -> StoredRequest:  # noqa: ANN401 - a row of COLUMNS
    return StoredRequest(
        request=REQUEST.of(row.body),
        patient_id=row.patient_id,
        state=row.state,
        known_on=row.known_on,
        received_at=row.received_at,
        sent_at=row.sent_at,
        fingerprint=row.fingerprint,
        unknown_fields=row.unknown_fields or {},
        marks=tuple(row.marks),
        outcome=OUTCOME.of(row.outcome),
        answer=row.answer,
        answered_at=row.answered_at,
    )
