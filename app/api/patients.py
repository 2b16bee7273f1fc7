"""The clinic's patients: who they are, where and in which language they live, and which conditions they carry."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from app.actions.create_patient import create_patient as create
from app.actions.discharge_patient import discharge_patient as discharge
from app.actions.update_patient import CautionChange
from app.actions.update_patient import update_patient as update
from app.api.deps import CallerDep, Cursor, House, HouseDep, IdempotencyKey, IfMatch, Limit, routes
from app.api.problems import responses
from app.api.shapes.patients import DischargeIn, PatientChangesIn, PatientIn, PatientOut, patient_out
from app.api.wire import (
    Id,
    Out,
    Text,
    decode_cursor,
    encode_cursor,
    etag,
    fingerprint,
    json_response,
    next_link,
    require_match,
)
from app.domain.errors import (
    Conflict,
    DeviceRevoked,
    FieldError,
    Forbidden,
    IdempotencyKeyReused,
    Invalid,
    NotFound,
    PatientDischarged,
    PreconditionFailed,
    PreconditionRequired,
    TokenExpired,
    Unauthorized,
)
from app.store import clinicians, patients
from app.store.patients import Patient
from app.store.remembered_answers import remember
from app.store.transaction import Transaction

router = routes("patients")

SIGNED_IN = (Unauthorized, TokenExpired, DeviceRevoked, Forbidden)


class PatientPage(Out):
    """Patients by name."""

    items: list[PatientOut]
    next_cursor: str | None


@router.get("/patients", response_model=PatientPage, responses=responses(*SIGNED_IN))
async def list_patients(
    request: Request,
    caller: CallerDep,
    house: HouseDep,
    q: Annotated[
        Text, Query(max_length=200, description="Every word occurs in the name; case and accents do not matter.")
    ] = "",
    status: Annotated[Literal["active", "discharged"] | None, Query(description="All unless given.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The clinic's patients by name, without regard to case and accents.

    Where the clinic shows clinicians only whom they treat, those.
    """
    after = decode_cursor(cursor, (str, UUID))
    statuses = (status,) if status else patients.STATUSES
    items, following = await house.db.read(caller, _page, search=q, statuses=statuses, after=after, limit=limit)
    headers = next_link(request.url, following) | {"Cache-Control": "private, no-cache"}
    return json_response(PatientPage(items=items, next_cursor=following), headers=headers)


@router.post(
    "/patients",
    status_code=201,
    response_model=PatientOut,
    responses=responses(*SIGNED_IN, IdempotencyKeyReused),
)
async def create_patient(
    body: PatientIn, caller: CallerDep, house: HouseDep, idempotency_key: IdempotencyKey = None
) -> Response:
    """Make a patient. Invite their phone next, and prescribe a ladder."""
    _require_known(house, body.language, [one.condition for one in body.cautions])
    made = await house.db.write(caller, _create_once, body, idempotency_key, caller.now)
    return _answer(made, status=201, headers={"Location": f"/v1/patients/{made.id}"})


@router.get("/patients/{patient_id}", response_model=PatientOut, responses=responses(*SIGNED_IN, NotFound))
async def get_patient(patient_id: Id, caller: CallerDep, house: HouseDep) -> Response:
    """One patient. The `ETag` stands for what the clinic can change, so it stays while the phone is heard."""
    return _answer(await house.db.read(caller, _shown, patient_id))


@router.patch(
    "/patients/{patient_id}",
    response_model=PatientOut,
    responses=responses(*SIGNED_IN, NotFound, Conflict, PreconditionRequired, PreconditionFailed),
)
async def update_patient(
    patient_id: Id, body: PatientChangesIn, caller: CallerDep, house: HouseDep, if_match: IfMatch = None
) -> Response:
    """Change a patient; what is left out stays. A condition is added, cleared with a note, or removed."""
    language = body.language if "language" in body.model_fields_set else None
    _require_known(house, language, [one.condition for one in body.cautions])
    seen = partial(_require_seen, if_match)
    return _answer(await house.db.write(caller, _update, patient_id, body, seen, caller.now))


@router.post(
    "/patients/{patient_id}/discharge",
    response_model=PatientOut,
    responses=responses(*SIGNED_IN, NotFound, PatientDischarged, IdempotencyKeyReused),
)
async def discharge_patient(
    patient_id: Id, body: DischargeIn, caller: CallerDep, house: HouseDep, idempotency_key: IdempotencyKey = None
) -> Response:
    """End the treatment: prescriptions close, and the phone hears 410 `patient_closed` and keeps what it has not sent.

    `PATCH /v1/patients/{patient_id}` with `status` `active` takes the patient back; what was prescribed stays closed.
    """
    return _answer(await house.db.write(caller, _discharge_once, patient_id, body, idempotency_key, caller.now))


def _discharge_once(tx: Transaction, patient_id: UUID, body: DischargeIn, key: str | None, now: datetime) -> PatientOut:
    def make() -> dict[str, Any]:
        discharge(tx, patient_id, body.reason, body.note, now)
        return _shown(tx, patient_id).model_dump(mode="json")

    answer = remember(tx, key, "discharge_patient", fingerprint(patient_id, body), now=now, make=make)
    return PatientOut.model_validate(answer)


def _require_known(house: House, language: str | None, conditions: list[str]) -> None:
    """Refuse a language or a condition that the library does not have, and a condition that comes twice."""
    wrong = []
    if language is not None and language not in house.library.languages:
        wrong.append(FieldError("/language", "not_allowed", f"One of: {', '.join(house.library.languages)}."))
    for index, condition in enumerate(conditions):
        if condition not in house.library.conditions:
            detail = "This is no code of `GET /v1/conditions`."
            wrong.append(FieldError(f"/cautions/{index}/condition", "unknown_condition", detail))
        elif condition in conditions[:index]:
            wrong.append(FieldError(f"/cautions/{index}/condition", "duplicate", "Each condition at most once."))
    if wrong:
        raise Invalid(wrong[0].detail, errors=tuple(wrong))


def _require_seen(if_match: str | None, stored: Patient) -> None:
    require_match(if_match, etag("patient", stored.version))


def _create_once(tx: Transaction, body: PatientIn, key: str | None, now: datetime) -> PatientOut:
    def make() -> dict[str, Any]:
        values = body.model_dump(exclude={"cautions", "care_team"})
        conditions = [one.condition for one in body.cautions]
        patient_id = create(tx, values, conditions, _once_each(body.care_team), now)
        return _shown(tx, patient_id).model_dump(mode="json")

    return PatientOut.model_validate(remember(tx, key, "create_patient", fingerprint(body), now=now, make=make))


def _update(
    tx: Transaction, patient_id: UUID, body: PatientChangesIn, seen: partial[None], now: datetime
) -> PatientOut:
    changes = [CautionChange(one.condition, one.action, one.note) for one in body.cautions]
    team = _once_each(body.care_team) if "care_team" in body.model_fields_set else None
    update(tx, patient_id, body.values(), changes, team, takes_back=body.status == "active", require=seen, now=now)
    return _shown(tx, patient_id)


def _shown(tx: Transaction, patient_id: UUID) -> PatientOut:
    found = patients.get(tx, patient_id)
    [shown] = _all_out(tx, [found])
    return shown


def _page(
    tx: Transaction, *, search: str, statuses: tuple[str, ...], after: tuple[str, UUID] | None, limit: int
) -> tuple[list[PatientOut], str | None]:
    found = patients.page(tx, search=search, statuses=statuses, after=after, most=limit + 1)
    shown = found[:limit]
    items = _all_out(tx, [patient for _, patient in shown])
    if len(found) <= limit:
        return items, None
    name, last = shown[-1]
    return items, encode_cursor(name, last.id)


def _once_each(care_team: tuple[UUID, ...] | None) -> list[UUID]:
    return list(dict.fromkeys(care_team or ()))


def _all_out(tx: Transaction, found: list[Patient]) -> list[PatientOut]:
    ids = [patient.id for patient in found]
    cautions, teams = patients.cautions_of(tx, ids), clinicians.care_teams_of(tx, ids)
    ended = patients.discharges_of(tx, [patient.id for patient in found if patient.status == "discharged"])
    return [patient_out(patient, cautions[patient.id], teams[patient.id], ended.get(patient.id)) for patient in found]


def _answer(patient: PatientOut, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    tag = {"ETag": etag("patient", patient.version), "Cache-Control": "private, no-cache"}
    return json_response(patient, status=status, headers=(headers or {}) | tag)
