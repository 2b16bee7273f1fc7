"""The clinic's patients: who they are, where and in which language they live, and which conditions they carry."""

from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from app.actions.create_patient import create_patient as create
from app.actions.update_patient import CautionChange
from app.actions.update_patient import update_patient as update
from app.api.deps import CallerDep, Cursor, House, HouseDep, IdempotencyKey, IfMatch, Limit, routes
from app.api.problems import responses
from app.api.wire import (
    Codes,
    Id,
    Int,
    Name,
    Note,
    Out,
    Phone,
    Slug,
    Strict,
    Text,
    TimeZone,
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
    PreconditionFailed,
    PreconditionRequired,
    TokenExpired,
    Unauthorized,
)
from app.store import clinicians, patients
from app.store.clinicians import Member
from app.store.patients import Caution, Patient
from app.store.remembered_answers import remember
from app.store.transaction import Transaction

router = routes("patients")

SIGNED_IN = (Unauthorized, TokenExpired, DeviceRevoked, Forbidden)

Language = Annotated[Text, Field(min_length=2, max_length=8, description="One of `languages` of `GET /v1/server`.")]
BirthYear = Annotated[Int, Field(ge=1900, le=2100)]
Logging = Annotated[
    Literal["phone", "clinic"],
    Codes("logging"),
    Field(description="Who reports what was done."),
]
# A note is kept beside the one from when the condition was recorded, so two of them must fit.
CautionNote = Annotated[Note, Field(max_length=900)]


class IdentifierIn(Strict):
    """A number that another system has for the patient."""

    system: Annotated[Text, Field(min_length=1, max_length=200, description="For example `https://his.example/mrn`.")]
    value: Annotated[Text, Field(min_length=1, max_length=200)]


class CautionIn(Strict):
    """A condition that the patient carries."""

    condition: Annotated[Slug, Field(description="A code of `GET /v1/conditions`.")]


class CautionChangeIn(Strict):
    """A change of what the patient carries."""

    condition: Annotated[Slug, Field(description="A code of `GET /v1/conditions`.")]
    action: Annotated[
        Literal["add", "clear", "remove"],
        Codes("caution_change"),
        Field(description="What to do with it."),
    ]
    note: CautionNote | None = None

    @model_validator(mode="after")
    def _clearing_says_why(self) -> "CautionChangeIn":
        if self.action == "clear" and not (self.note or "").strip():
            raise PydanticCustomError("note_missing", "Clearing a condition needs a note that says why.")
        return self


CareTeam = Annotated[
    tuple[UUID, ...],
    Field(min_length=1, max_length=50, description="Ids of `GET /v1/clinicians`: who treats the patient."),
]


class PatientIn(Strict):
    """A new patient."""

    display_name: Name
    time_zone: Annotated[TimeZone | None, Field(description="The clinic's unless given.")] = None
    language: Annotated[Language | None, Field(description="The clinic's unless given.")] = None
    birth_year: BirthYear | None = None
    phone: Phone | None = None
    identifiers: Annotated[tuple[IdentifierIn, ...], Field(max_length=20)] = ()
    cautions: Annotated[tuple[CautionIn, ...], Field(max_length=100)] = ()
    logging: Logging = "phone"
    care_team: Annotated[CareTeam | None, Field(description="Whoever makes the patient unless given.")] = None


def _left_out() -> Any:  # noqa: ANN401 - stands for a field that was not sent; `model_fields_set` tells
    return None


class PatientChangesIn(Strict):
    """What to change; a field that is left out stays. `birth_year` and `phone` are taken away with null."""

    display_name: Name = Field(default_factory=_left_out)
    time_zone: TimeZone = Field(default_factory=_left_out)
    language: Language = Field(default_factory=_left_out)
    birth_year: BirthYear | None = None
    phone: Phone | None = None
    identifiers: Annotated[tuple[IdentifierIn, ...], Field(max_length=20)] = Field(default_factory=_left_out)
    cautions: Annotated[tuple[CautionChangeIn, ...], Field(max_length=100)] = ()
    logging: Logging = Field(default_factory=_left_out)
    care_team: CareTeam = Field(default_factory=_left_out)

    def values(self) -> dict[str, Any]:
        """The fields of the patient's own row that were sent."""
        return self.model_dump(exclude_unset=True, exclude={"cautions", "care_team"})


class IdentifierOut(Out):
    """A number that another system has for the patient."""

    system: str
    value: str


class PatientCautionOut(Out):
    """A condition that the patient carries, or carried until `cleared_on`."""

    condition: str
    known_on: Annotated[date, Field(description="The patient's local date on which it was recorded.")]
    cleared_on: date | None
    cleared_as: Annotated[Annotated[str, Codes("cleared_as")] | None, Field(description="Null while it is carried.")]
    note: str | None


class CareTeamMemberOut(Out):
    """A clinician who treats the patient."""

    id: UUID
    display_name: str


class PatientOut(Out):
    """A patient of the clinic."""

    id: UUID
    status: Annotated[str, Codes("patient_status")]
    version: Annotated[int, Field(description="Grows with each change by the clinic.")]
    display_name: str
    time_zone: str
    language: str
    birth_year: int | None
    phone: str | None
    identifiers: list[IdentifierOut]
    cautions: list[PatientCautionOut]
    logging: Annotated[str, Codes("logging")]
    care_team: Annotated[list[CareTeamMemberOut], Field(description="Who treats the patient, by name.")]
    first_connected_on: Annotated[date | None, Field(description="The local date of a phone's first connection.")]
    last_heard_at: Annotated[datetime | None, Field(description="When the phone last reported.")]
    created_at: datetime


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
    status: Annotated[Literal["active", "discharged", "closed"] | None, Query(description="All unless given.")] = None,
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
    update(tx, patient_id, body.values(), changes, team, require=seen, now=now)
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
    return [_out(patient, cautions[patient.id], teams[patient.id]) for patient in found]


def _out(patient: Patient, cautions: list[Caution], team: list[Member]) -> PatientOut:
    return PatientOut(
        id=patient.id,
        status=patient.status,
        version=patient.version,
        display_name=patient.display_name,
        time_zone=patient.time_zone,
        language=patient.language,
        birth_year=patient.birth_year,
        phone=patient.phone,
        identifiers=[IdentifierOut(system=one["system"], value=one["value"]) for one in patient.identifiers],
        cautions=[
            PatientCautionOut(
                condition=one.condition,
                known_on=one.known_on,
                cleared_on=one.cleared_on,
                cleared_as=one.cleared_as,
                note=one.note,
            )
            for one in cautions
        ],
        logging=patient.logging,
        care_team=[CareTeamMemberOut(id=one.id, display_name=one.display_name) for one in team],
        first_connected_on=patient.first_connected_on,
        last_heard_at=patient.last_heard_at,
        created_at=patient.created_at,
    )


def _answer(patient: PatientOut, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    tag = {"ETag": etag("patient", patient.version), "Cache-Control": "private, no-cache"}
    return json_response(patient, status=status, headers=(headers or {}) | tag)
