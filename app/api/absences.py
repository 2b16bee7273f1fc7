"""Absences: days on which a patient is away or ill, and therefore excused."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from app.actions.record_absence import end_absence as end
from app.actions.record_absence import record_absence
from app.api.deps import CallerDep, HouseDep, IdempotencyKey, routes
from app.api.problems import STAFF, responses
from app.api.wire import Codes, Id, LocalDate, Note, Out, Strict, fingerprint, json_response
from app.domain.errors import (
    IdempotencyKeyReused,
    NotFound,
    PatientDischarged,
)
from app.store import absences, patients
from app.store.absences import StoredAbsence
from app.store.remembered_answers import remember
from app.store.transaction import Transaction

router = routes("patients")


class AbsenceIn(Strict):
    """Days on which nothing is expected of the patient."""

    first_day: Annotated[LocalDate, Field(description="The first local date. Days before today keep their label.")]
    last_day: Annotated[LocalDate, Field(description="The last local date, today or later; at most 366 days ahead.")]
    reason: Annotated[Literal["illness", "holiday", "other"], Codes("absence_reason"), Field(description="Why.")]
    note: Note | None = None


class AbsenceOut(Out):
    """Days on which nothing is expected of the patient."""

    id: UUID
    first_day: date
    last_day: date
    reason: Annotated[str, Codes("absence_reason")]
    note: str | None
    excused_from: Annotated[date, Field(description="The first date that is excused: not before it became known.")]
    ended_on: Annotated[date | None, Field(description="The local date from which it excuses nothing any more.")]


class AbsencePage(Out):
    """A patient's absences, the latest first."""

    items: list[AbsenceOut]
    next_cursor: str | None


@router.get("/patients/{patient_id}/absences", response_model=AbsencePage, responses=responses(*STAFF, NotFound))
async def list_absences(patient_id: Id, caller: CallerDep, house: HouseDep) -> Response:
    """A patient's absences, the latest first, ended ones too."""
    found = await house.db.read(caller, _all, patient_id)
    page = AbsencePage(items=[_out(one) for one in found], next_cursor=None)
    return json_response(page, headers={"Cache-Control": "private, no-cache"})


@router.post(
    "/patients/{patient_id}/absences",
    status_code=201,
    response_model=AbsenceOut,
    responses=responses(*STAFF, NotFound, PatientDischarged, IdempotencyKeyReused),
)
async def create_absence(
    patient_id: Id, body: AbsenceIn, caller: CallerDep, house: HouseDep, idempotency_key: IdempotencyKey = None
) -> Response:
    """Excuse days. Days before today keep their label; a run of pain-free days is neither broken nor counted on."""
    made = await house.db.write(caller, _create_once, patient_id, body, idempotency_key, caller.now)
    return json_response(made, status=201)


@router.delete(
    "/patients/{patient_id}/absences/{absence_id}", response_model=AbsenceOut, responses=responses(*STAFF, NotFound)
)
async def end_absence(patient_id: Id, absence_id: Id, caller: CallerDep, house: HouseDep) -> Response:
    """The patient is back: from today on nothing is excused any more. Days that were excused stay so."""
    return json_response(_out(await house.db.write(caller, end, patient_id, absence_id, caller.now)))


def _all(tx: Transaction, patient_id: UUID) -> list[StoredAbsence]:
    patients.get(tx, patient_id)
    return absences.of_patient(tx, patient_id)


def _create_once(tx: Transaction, patient_id: UUID, body: AbsenceIn, key: str | None, now: datetime) -> AbsenceOut:
    def make() -> dict[str, Any]:
        made = record_absence(tx, patient_id, body.first_day, body.last_day, body.reason, body.note, now)
        return _out(made).model_dump(mode="json")

    answer = remember(tx, key, "create_absence", fingerprint(patient_id, body), now=now, make=make)
    return AbsenceOut.model_validate(answer)


def _out(one: StoredAbsence) -> AbsenceOut:
    return AbsenceOut(
        id=one.id,
        first_day=one.first_day,
        last_day=one.last_day,
        reason=one.reason,
        note=one.note,
        excused_from=max(one.first_day, one.known_on),
        ended_on=one.ended_on,
    )
