"""The clinic's own settings: name, zone, language, contact, emergency number and what new prescriptions begin with."""

from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.responses import Response

from app.actions.replace_clinic import replace_clinic as replace
from app.api.deps import CallerDep, HouseDep, IfMatch, IfNoneMatch, routes
from app.api.problems import responses
from app.api.shapes.routines import ContactOut
from app.api.wire import (
    Codes,
    Email,
    Int,
    Name,
    Out,
    Phone,
    Strict,
    Text,
    TimeZone,
    etag,
    json_response,
    matches,
    require_match,
)
from app.domain.errors import (
    DeviceRevoked,
    Forbidden,
    PreconditionFailed,
    PreconditionRequired,
    TokenExpired,
    Unauthorized,
    invalid,
)
from app.store import clinics
from app.store.clinics import Clinic

router = routes("clinic")

EmergencyNumber = Annotated[Text, Field(min_length=2, max_length=20, pattern=r"^\+?[0-9]{2,19}$")]


class ContactIn(Strict):
    """How patients reach the clinic. Inviting needs a phone number or an email address."""

    phone: Phone | None = None
    email: Email | None = None
    hours: Annotated[Text, Field(max_length=500, description="For example `Mon-Fri 8:00-17:00`.")] | None = None


class DefaultsIn(Strict):
    """What new prescriptions begin with, unless they say otherwise."""

    advance: Annotated[
        Literal["ask_patient", "automatic", "ask_clinician"],
        Codes("advance_mode"),
        Field(description="Who has the last word when a patient may move one rung up."),
    ] = "ask_patient"
    pain_free_days: Annotated[Int, Field(ge=3, le=14, description="Pain-free days in a row before the next rung.")] = 3


class ClinicIn(Strict):
    """All settings of the clinic."""

    name: Name
    short_name: Annotated[
        Text | None,
        Field(max_length=40, description="Never changes; may be left out, must be the clinic's if sent."),
    ] = None
    time_zone: TimeZone
    language: Annotated[Text, Field(min_length=2, max_length=8, description="One of `languages` of `GET /v1/server`.")]
    contact: ContactIn = ContactIn()
    emergency_number: EmergencyNumber | None = None
    defaults: DefaultsIn = DefaultsIn()
    who_sees_patients: Annotated[
        Literal["everyone", "care_team"],
        Codes("who_sees_patients"),
        Field(description="Which clinicians see which patients."),
    ] = "everyone"

    def values(self) -> dict[str, Any]:
        """The settings as the store keeps them."""
        return {
            "name": self.name,
            "time_zone": self.time_zone,
            "language": self.language,
            "phone": self.contact.phone,
            "email": self.contact.email,
            "hours": self.contact.hours,
            "emergency_number": self.emergency_number,
            "defaults": self.defaults.model_dump(),
            "who_sees_patients": self.who_sees_patients,
        }


class DefaultsOut(Out):
    """What new prescriptions begin with."""

    advance: Annotated[str, Codes("advance_mode")]
    pain_free_days: int


class ClinicOut(Out):
    """The clinic's settings."""

    name: str
    short_name: str
    time_zone: str
    language: str
    contact: ContactOut
    emergency_number: str | None
    defaults: DefaultsOut
    who_sees_patients: Annotated[str, Codes("who_sees_patients")]
    is_complete: Annotated[bool, Field(description="May patients be invited? Needs a contact and an emergency number.")]


@router.get(
    "/clinic", response_model=ClinicOut, responses=responses(Unauthorized, TokenExpired, DeviceRevoked, Forbidden)
)
async def get_clinic(caller: CallerDep, house: HouseDep, if_none_match: IfNoneMatch = None) -> Response:
    """The settings of the caller's clinic."""
    found = await house.db.read(caller, clinics.settings)
    if matches(if_none_match, _etag(found)):
        return Response(status_code=304, headers={"ETag": _etag(found)})
    return _answer(found, caller.clinic_short_name or "")


@router.put(
    "/clinic",
    response_model=ClinicOut,
    responses=responses(Unauthorized, TokenExpired, DeviceRevoked, Forbidden, PreconditionRequired, PreconditionFailed),
)
async def replace_clinic(body: ClinicIn, caller: CallerDep, house: HouseDep, if_match: IfMatch = None) -> Response:
    """Replace the settings. Phones see a changed contact or emergency number with their next routine."""
    if body.language not in house.library.languages:
        raise invalid("/language", "not_allowed", f"One of: {', '.join(house.library.languages)}.")
    seen = partial(_require_seen, if_match)
    saved = await house.db.write(caller, replace, body.values(), body.short_name, seen)
    return _answer(saved, caller.clinic_short_name or "")


def _require_seen(if_match: str | None, stored: Clinic) -> None:
    require_match(if_match, _etag(stored))


def _etag(clinic: Clinic) -> str:
    return etag("clinic", clinic.revision)


def _answer(clinic: Clinic, short_name: str) -> Response:
    shown = ClinicOut(
        name=clinic.name,
        short_name=short_name,
        time_zone=clinic.time_zone,
        language=clinic.language,
        contact=ContactOut(phone=clinic.phone, email=clinic.email, hours=clinic.hours),
        emergency_number=clinic.emergency_number,
        defaults=DefaultsOut(advance=clinic.defaults["advance"], pain_free_days=clinic.defaults["pain_free_days"]),
        who_sees_patients=clinic.who_sees_patients,
        is_complete=clinic.is_complete,
    )
    return json_response(shown, headers={"ETag": _etag(clinic), "Cache-Control": "private, no-cache"})
