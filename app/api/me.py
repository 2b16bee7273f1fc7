"""The patient's own record: name, language, time zone, how to reach the clinic; and where they are on their ladders."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from app.actions.update_me import update_me as change_me
from app.api.deps import AcceptLanguage, CallerDep, House, HouseDep, IfNoneMatch, routes, today_of
from app.api.problems import PHONE, STAFF, responses
from app.api.shapes.courses import ProgressOut, Teller
from app.api.shapes.routines import ContactOut
from app.api.wire import Code, Name, Out, Strict, etag, json_response, matches
from app.domain import days
from app.domain.errors import NotFound, invalid
from app.domain.progress import progress_of
from app.queries.progress_of_patient import PatientProgress, progress_of_patient
from app.store import clinics, patients
from app.store.transaction import Transaction

router = routes("me")


class ClinicContactOut(Out):
    """The patient's clinic."""

    name: str
    contact: ContactOut
    emergency_number: str | None


class MeOut(Out):
    """The patient's own record."""

    id: UUID
    display_name: str
    language: str
    time_zone: str
    today: Annotated[date, Field(description="The patient's local date.")]
    clinic: ClinicContactOut


class MeChange(Strict):
    """What a patient may change; what is left out stays."""

    display_name: Name | None = None
    language: Code | None = None
    time_zone: Code | None = None


class PatientProgressOut(Out):
    """Where the patient is on each ladder, counts, and an encouraging sentence."""

    items: list[ProgressOut]
    active_days: Annotated[int, Field(description="Local dates with any practice, ever.")]
    active_days_in_7: int
    last_practised_on: date | None
    text: str


@router.get("/me", response_model=MeOut, responses=responses(*PHONE))
async def get_me(caller: CallerDep, house: HouseDep, if_none_match: IfNoneMatch = None) -> Response:
    """The patient's own record, and how to reach the clinic."""
    shown, tag = await house.db.read_at_once(caller, _me, caller.now)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return json_response(shown, headers=headers)


@router.patch("/me", response_model=MeOut, responses=responses(*PHONE))
async def update_me(body: MeChange, caller: CallerDep, house: HouseDep) -> Response:
    """Change name, language or time zone. The newest wins; days that were recorded keep their date."""
    if body.language is not None and body.language not in house.library.languages:
        raise invalid("/language", "not_allowed", f"Known languages: {', '.join(house.library.languages)}.")
    if body.time_zone is not None and days.zone_named(body.time_zone) is None:
        raise invalid("/time_zone", "unknown_time_zone", "Send an IANA name such as Europe/Berlin.")
    changes = {name: value for name, value in body.model_dump().items() if value is not None}
    shown, tag = await house.db.write(caller, _update, changes, caller.now)
    return json_response(shown, headers={"ETag": tag})


@router.get("/me/progress", response_model=PatientProgressOut, responses=responses(*PHONE))
async def get_my_progress(caller: CallerDep, house: HouseDep, accept_language: AcceptLanguage = None) -> Response:
    """Where I am, counts, and an encouraging sentence; never a grade."""
    return _progress_answer(*await house.db.read_at_once(caller, _my_progress, house, caller.now, accept_language))


@router.get("/patients/{patient_id}/progress", response_model=PatientProgressOut, responses=responses(*STAFF, NotFound))
async def get_patient_progress(
    patient_id: UUID, caller: CallerDep, house: HouseDep, accept_language: AcceptLanguage = None
) -> Response:
    """Where a patient is on each ladder, in a clinician's words."""
    return _progress_answer(
        *await house.db.read(caller, _their_progress, patient_id, house, caller.now, accept_language)
    )


def _me(tx: Transaction, now: datetime) -> tuple[MeOut, str]:
    assert tx.scope.patient_id is not None
    patient = patients.get(tx, tx.scope.patient_id)
    clinic = clinics.settings(tx)
    today = patient.today(now)
    shown = MeOut(
        id=patient.id,
        display_name=patient.display_name,
        language=patient.language,
        time_zone=patient.time_zone,
        today=today,
        clinic=ClinicContactOut(
            name=clinic.name,
            contact=ContactOut(phone=clinic.phone, email=clinic.email, hours=clinic.hours),
            emergency_number=clinic.emergency_number,
        ),
    )
    return shown, etag(patient.version, clinic.revision, today.toordinal())


def _update(tx: Transaction, changes: Mapping[str, Any], now: datetime) -> tuple[MeOut, str]:
    change_me(tx, changes, now)
    return _me(tx, now)


def _my_progress(tx: Transaction, house: House, now: datetime, accept: str | None) -> tuple[PatientProgress, Teller]:
    assert tx.scope.patient_id is not None
    found = progress_of_patient(tx, tx.scope.patient_id, tx.scope.patient_revision, today_of(tx.scope, now))
    return found, house.teller(tx, accept)


def _their_progress(
    tx: Transaction, patient_id: UUID, house: House, now: datetime, accept: str | None
) -> tuple[PatientProgress, Teller]:
    patient = patients.get(tx, patient_id)
    found = progress_of_patient(tx, patient_id, patient.revision, patient.today(now))
    return found, house.teller(tx, accept, "clinician")


def _progress_answer(found: PatientProgress, teller: Teller) -> Response:
    body = PatientProgressOut(
        items=[teller.progress(progress_of(one.standings.prescription, one.course.standing)) for one in found.followed],
        active_days=found.active_days,
        active_days_in_7=found.active_days_in_7,
        last_practised_on=found.last_practised_on,
        text=teller.say("encouragement", found.encouragement, {"active_days": str(found.active_days)}),
    )
    return json_response(body, headers={"Content-Language": teller.language, "Vary": "Accept-Language, Authorization"})
