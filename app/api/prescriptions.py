"""Prescriptions: a ladder for a patient. Each change is another version with a reason; nothing is ever overwritten."""

from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.responses import Response

from app.actions.close_prescription import close_prescription as close
from app.actions.prescribe import Asked, change_prescription, defaults_of, prescribe
from app.api.deps import (
    AcceptLanguage,
    CallerDep,
    House,
    HouseDep,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    language_of,
    routes,
)
from app.api.problems import STAFF, responses
from app.api.shapes.cert import CertOut, cert_out
from app.api.shapes.prescriptions import (
    PrescriptionChange,
    PrescriptionIn,
    PrescriptionOut,
    PrescriptionPage,
    prescription_out,
)
from app.api.wire import etag, fingerprint, json_response, matches, tags
from app.content.library import Library
from app.domain.errors import (
    Conflict,
    ContentWithheld,
    IdempotencyKeyReused,
    LadderAlreadyPrescribed,
    NeedsClearance,
    NotFound,
    PatientDischarged,
    PreconditionFailed,
    PreconditionRequired,
)
from app.domain.prescribing import origins_of
from app.domain.reporting.cert import cert_of
from app.queries.library_of_clinic import pinned
from app.queries.practice_of_patient import standing_today, void_today
from app.store import patients, prescriptions
from app.store.remembered_answers import remember
from app.store.transaction import Transaction

router = routes("prescriptions")


@router.get(
    "/patients/{patient_id}/prescriptions", response_model=PrescriptionPage, responses=responses(*STAFF, NotFound)
)
async def list_prescriptions(
    patient_id: UUID, caller: CallerDep, house: HouseDep, accept_language: AcceptLanguage = None
) -> Response:
    """A patient's prescriptions by `position`, then the older first; those that have ended included."""
    page, language = await house.db.read(caller, _page, patient_id, house, caller.now, accept_language)
    return json_response(page, headers=_said_in(language))


@router.post(
    "/patients/{patient_id}/prescriptions",
    response_model=PrescriptionOut,
    status_code=201,
    responses=responses(
        *(*STAFF, NotFound, LadderAlreadyPrescribed, NeedsClearance, ContentWithheld, PatientDischarged),
        IdempotencyKeyReused,
    ),
)
async def create_prescription(
    patient_id: UUID,
    body: PrescriptionIn,
    caller: CallerDep,
    house: HouseDep,
    accept_language: AcceptLanguage = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Prescribe a ladder. Null takes the catalogue's or the clinic's default; the answer holds every resolved value."""
    made, language, tag = await house.db.write(
        caller, _create, patient_id, body, house, caller.now, accept_language, idempotency_key
    )
    location = f"/v1/patients/{patient_id}/prescriptions/{made.id}"
    headers = {"ETag": tag, "Location": location, **_said_in(language)}
    return json_response(made, status=201, headers=headers)


@router.get(
    "/patients/{patient_id}/prescriptions/{prescription_id}",
    response_model=PrescriptionOut,
    responses=responses(*STAFF, NotFound),
)
async def get_prescription(
    patient_id: UUID,
    prescription_id: UUID,
    caller: CallerDep,
    house: HouseDep,
    accept_language: AcceptLanguage = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """One prescription, with all its versions."""
    found, language, tag = await house.db.read(
        caller, _one, patient_id, prescription_id, house, caller.now, accept_language
    )
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", **_said_in(language)}
    if matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return json_response(found, headers=headers)


@router.patch(
    "/patients/{patient_id}/prescriptions/{prescription_id}",
    response_model=PrescriptionOut,
    responses=responses(
        *STAFF,
        NotFound,
        *(
            Conflict,
            LadderAlreadyPrescribed,
            NeedsClearance,
            ContentWithheld,
            PatientDischarged,
            PreconditionFailed,
            PreconditionRequired,
        ),
    ),
)
async def update_prescription(
    patient_id: UUID,
    prescription_id: UUID,
    body: PrescriptionChange,
    caller: CallerDep,
    house: HouseDep,
    if_match: IfMatch = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Make another version, in force from today. Needs If-Match; fields that are left out stay as they are."""
    changed, language, tag = await house.db.write(
        caller, _change, patient_id, prescription_id, body, house, caller.now, if_match, accept_language
    )
    return json_response(changed, headers={"ETag": tag, **_said_in(language)})


@router.get(
    "/patients/{patient_id}/prescriptions/{prescription_id}/cert",
    response_model=CertOut,
    responses=responses(*STAFF, NotFound),
)
async def get_prescription_cert(
    patient_id: UUID,
    prescription_id: UUID,
    caller: CallerDep,
    house: HouseDep,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Which of the 16 items of the reporting template (CERT) a prescription states, and where; and which are missing.

    Only what is kept here counts as stated. What the clinic knows and nobody wrote down is missing, and says so.
    """
    found, language = await house.db.read(caller, _cert, patient_id, prescription_id, house, accept_language)
    return json_response(found, headers=_said_in(language))


def _create(
    tx: Transaction,
    patient_id: UUID,
    body: PrescriptionIn,
    house: House,
    now: datetime,
    accept: str | None,
    key: str | None,
) -> tuple[PrescriptionOut, str, str]:
    request = body.model_dump(mode="json")

    def make() -> dict[str, Any]:
        asked = Asked(body.to_wish(), request, body.position, body.reason)
        made = prescribe(tx, patient_id, asked, house.books(tx).library, now)
        shown, language, _ = _one(tx, patient_id, made, house, now, accept)
        return {"shown": shown.model_dump(mode="json"), "language": language}

    answer = remember(tx, key, "create_prescription", fingerprint(patient_id, body), now=now, make=make)
    shown, language = PrescriptionOut.model_validate(answer["shown"]), answer["language"]
    return shown, language, _tag(shown, house.books(tx).library, language)


def _change(
    tx: Transaction,
    patient_id: UUID,
    prescription_id: UUID,
    body: PrescriptionChange,
    house: House,
    now: datetime,
    if_match: str | None,
    accept: str | None,
) -> tuple[PrescriptionOut, str, str]:
    before, _, tag = _one(tx, patient_id, prescription_id, house, now, accept)
    if if_match is None:
        raise PreconditionRequired("Send the ETag of the prescription that you read in `If-Match`.")
    if not _names_version(if_match, before.version):
        raise PreconditionFailed("The prescription was changed since you read it.", headers={"ETag": tag})
    if before.status == "void":
        raise Conflict("This prescription was made by mistake; prescribe anew.")
    if body.status is not None:
        close(tx, patient_id, prescription_id, body.status, body.reason, now, if_version=before.version)
        return _one(tx, patient_id, prescription_id, house, now, accept)
    log = prescriptions.version_log(tx, patient_id, prescription_id)
    merged = body.merged_into(log[-1].request)
    asked = Asked(merged.to_wish(), merged.model_dump(mode="json"), body.position, body.reason)
    library = house.books(tx).library
    change_prescription(tx, patient_id, prescription_id, asked, library, now, if_version=before.version)
    return _one(tx, patient_id, prescription_id, house, now, accept)


def _page(
    tx: Transaction, patient_id: UUID, house: House, now: datetime, accept: str | None
) -> tuple[PrescriptionPage, str]:
    today = patients.get(tx, patient_id).today(now)
    language = language_of(accept, house.library, tx.scope.language)
    found = [*standing_today(tx, patient_id, today), *void_today(tx, patient_id, today)]
    logs = [prescriptions.version_log(tx, patient_id, one.standings.prescription.id) for one in found]
    defaults, library = defaults_of(tx), house.books(tx).library
    items = [prescription_out(one, log, defaults, library, language) for one, log in zip(found, logs, strict=True)]
    page = PrescriptionPage(items=[item.model_copy(update={"versions": []}) for item in items], next_cursor=None)
    return page, language


def _one(
    tx: Transaction, patient_id: UUID, prescription_id: UUID, house: House, now: datetime, accept: str | None
) -> tuple[PrescriptionOut, str, str]:
    today = patients.get(tx, patient_id).today(now)
    language = language_of(accept, house.library, tx.scope.language)
    found = next(
        (f for f in standing_today(tx, patient_id, today) if f.standings.prescription.id == prescription_id), None
    ) or next((f for f in void_today(tx, patient_id, today) if f.standings.prescription.id == prescription_id), None)
    if found is None:
        raise NotFound("There is no such prescription.")
    log = prescriptions.version_log(tx, patient_id, prescription_id)
    library = house.books(tx).library
    shown = prescription_out(found, log, defaults_of(tx), library, language)
    return shown, language, _tag(shown, library, language)


def _cert(
    tx: Transaction, patient_id: UUID, prescription_id: UUID, house: House, accept: str | None
) -> tuple[CertOut, str]:
    patients.get(tx, patient_id)
    language = language_of(accept, house.library, tx.scope.language)
    version = prescriptions.one(tx, patient_id, prescription_id).prescription.latest
    made = prescriptions.version_log(tx, patient_id, prescription_id)[-1]
    wish = PrescriptionIn.model_validate(made.request).to_wish()
    library = house.books(tx).library
    origins = origins_of(wish, defaults_of(tx), version, library.ladders.get(version.ladder_id))
    chosen = [name for name, origin in origins if origin == "clinician"]
    definitions = pinned(tx, house.library, library, version.rungs)
    items = cert_of(version, definitions, chosen, made.reason)
    return cert_out(prescription_id, version.version, items, library.texts, language), language


def _said_in(language: str) -> dict[str, str]:
    return {"Content-Language": language, "Vary": "Accept-Language, Authorization"}


def _tag(shown: PrescriptionOut, library: Library, language: str) -> str:
    """Over all that the answer depends on; it begins with the version, which alone decides whether an edit is stale."""
    progress = shown.progress
    stands = (shown.status, progress["rung"], progress["code"], progress["counted_days"], len(shown.open_stops))
    return etag(shown.version, *stands, library.content_version, language)


def _names_version(if_match: str, version: int) -> bool:
    """Does an If-Match name this version, in whatever language and state it was read?"""
    return if_match.strip() == "*" or any(tag.startswith(f'"{version}-') for tag in tags(if_match))
