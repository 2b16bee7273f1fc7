"""The clinic's staff: who works here, in which roles, and how a new one gets in.

An administrator never chooses or learns a password that lasts: the server makes a first one, shows it once, and it
opens nothing but the choice of another.
"""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StrictBool
from starlette.responses import Response

from app.actions.add_clinician import add_clinician, roles_as_kept
from app.actions.update_clinician import StaffChange
from app.actions.update_clinician import update_clinician as update
from app.api.deps import CallerDep, HouseDep, IdempotencyKey, IfMatch, routes
from app.api.problems import responses
from app.api.wire import Codes, Email, Id, Name, Out, Strict, etag, fingerprint, json_response, require_match
from app.domain.errors import (
    DeviceRevoked,
    EmailTaken,
    Forbidden,
    IdempotencyKeyReused,
    LastAdmin,
    NotFound,
    PatientsLeftAlone,
    PreconditionFailed,
    PreconditionRequired,
    TokenExpired,
    Unauthorized,
)
from app.store import clinicians, passwords
from app.store.clinicians import Clinician
from app.store.keys import new_code
from app.store.remembered_answers import remember
from app.store.transaction import Transaction

router = routes("clinic")

SIGNED_IN = (Unauthorized, TokenExpired, DeviceRevoked, Forbidden)
PATH = "/clinicians/{clinician_id}"

StaffRole = Annotated[Literal["clinician", "clinic_admin"], Codes("staff_role")]
Roles = Annotated[tuple[StaffRole, ...], Field(min_length=1, max_length=2, description="What they are; one or both.")]


def _left_out() -> Any:  # noqa: ANN401 - stands for a field that was not sent; `model_fields_set` tells
    return None


class ClinicianIn(Strict):
    """A new member of staff."""

    email: Email
    display_name: Name
    roles: Roles = ("clinician",)


class ClinicianChangesIn(Strict):
    """What to change; a field that is left out stays."""

    display_name: Name = Field(default_factory=_left_out)
    roles: Roles = Field(default_factory=_left_out)
    status: Annotated[
        Literal["active", "disabled"],
        Codes("staff_status"),
        Field(description="Whether they may sign in. Who is disabled is signed out everywhere, at once."),
    ] = Field(default_factory=_left_out)
    new_first_password: Annotated[
        StrictBool, Field(description="Make a first password, because the old one was lost; it ends every sign-in.")
    ] = False
    patients_pass_to: Annotated[
        UUID | None,
        Field(description="Who treats all of this person's patients from now on. Needed where nobody else treats one."),
    ] = None

    def values(self) -> dict[str, Any]:
        """What was sent, as the store keeps it."""
        sent = self.model_dump(include={"display_name", "status"}, exclude_unset=True)
        return sent | (roles_as_kept(self.roles) if "roles" in self.model_fields_set else {})


class ClinicianOut(Out):
    """A member of staff."""

    id: UUID
    version: Annotated[int, Field(description='Grows with each change; the `ETag` is `"clinician-<version>"`.')]
    email: str
    display_name: str
    roles: list[StaffRole]
    status: Annotated[str, Codes("staff_status")]
    first_password: Annotated[str | None, Field(description="Shown here once, when it was just made; else null.")]
    first_password_until: Annotated[
        datetime | None,
        Field(description="Until when the first password may be replaced; null once they chose their own."),
    ]
    created_at: datetime


class ClinicianPage(Out):
    """The clinic's staff by name, disabled ones too."""

    items: list[ClinicianOut]
    next_cursor: str | None


@router.get("/clinicians", response_model=ClinicianPage, responses=responses(*SIGNED_IN))
async def list_clinicians(caller: CallerDep, house: HouseDep) -> Response:
    """Who works here. Clinicians read it too, because they choose care teams from it."""
    found = await house.db.read(caller, clinicians.all_of_clinic)
    page = ClinicianPage(items=[_out(one, None) for one in found], next_cursor=None)
    return json_response(page, headers={"Cache-Control": "private, no-cache"})


@router.post(
    "/clinicians",
    status_code=201,
    response_model=ClinicianOut,
    responses=responses(*SIGNED_IN, EmailTaken, IdempotencyKeyReused),
)
async def create_clinician(
    body: ClinicianIn, caller: CallerDep, house: HouseDep, idempotency_key: IdempotencyKey = None
) -> Response:
    """Make a member of staff. Hand the first password over; it is good for seven days."""
    first_password = new_code()
    password_hash = await passwords.hashed(first_password)
    made = await house.db.write(
        caller, _create_once, body, idempotency_key, first_password, password_hash=password_hash, now=caller.now
    )
    return _answer(made, status=201, headers={"Location": f"/v1/clinicians/{made.id}"})


@router.get(PATH, response_model=ClinicianOut, responses=responses(*SIGNED_IN, NotFound))
async def get_clinician(clinician_id: Id, caller: CallerDep, house: HouseDep) -> Response:
    """One member of staff."""
    return _answer(_out(await house.db.read(caller, clinicians.get, clinician_id), None))


@router.patch(
    PATH,
    response_model=ClinicianOut,
    responses=responses(*SIGNED_IN, NotFound, LastAdmin, PatientsLeftAlone, PreconditionRequired, PreconditionFailed),
)
async def update_clinician(
    clinician_id: Id, body: ClinicianChangesIn, caller: CallerDep, house: HouseDep, if_match: IfMatch = None
) -> Response:
    """Change name or roles, disable, or make a new first password. A clinic always keeps an administrator."""
    first_password = new_code() if body.new_first_password else None
    password_hash = await passwords.hashed(first_password) if first_password else None
    change = StaffChange(body.values(), body.patients_pass_to, password_hash)
    seen = partial(_require_seen, if_match)
    changed = await house.db.write(caller, _update, clinician_id, change, seen, caller.now)
    return _answer(_out(changed, first_password))


def _require_seen(if_match: str | None, stored: Clinician) -> None:
    require_match(if_match, etag("clinician", stored.version))


def _create_once(
    tx: Transaction, body: ClinicianIn, key: str | None, first_password: str, *, password_hash: str, now: datetime
) -> ClinicianOut:
    def make() -> dict[str, Any]:
        name, roles = body.display_name, body.roles
        made = add_clinician(tx, email=body.email, display_name=name, roles=roles, password_hash=password_hash, now=now)
        return _out(clinicians.get(tx, made), first_password).model_dump(mode="json")

    return ClinicianOut.model_validate(remember(tx, key, "create_clinician", fingerprint(body), now=now, make=make))


def _update(tx: Transaction, clinician_id: UUID, change: StaffChange, seen: partial[None], now: datetime) -> Clinician:
    update(tx, clinician_id, change, require=seen, now=now)
    return clinicians.get(tx, clinician_id)


def _out(one: Clinician, first_password: str | None) -> ClinicianOut:
    held: list[tuple[StaffRole, bool]] = [("clinician", one.is_clinician), ("clinic_admin", one.is_admin)]
    return ClinicianOut(
        id=one.id,
        version=one.version,
        email=one.email,
        display_name=one.display_name,
        roles=[role for role, is_held in held if is_held],
        status=one.status,
        first_password=first_password,
        first_password_until=one.first_password_until,
        created_at=one.created_at,
    )


def _answer(shown: ClinicianOut, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    tag = {"ETag": etag("clinician", shown.version), "Cache-Control": "no-store"}
    return json_response(shown, status=status, headers=(headers or {}) | tag)
