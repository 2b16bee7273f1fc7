"""Prescriptions: a ladder for a patient. Each change is another version with a reason; nothing is ever overwritten."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
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
from app.api.shapes.courses import ProgressOut, Teller
from app.api.shapes.exercises import OriginOut
from app.api.shapes.prescriptions import (
    PrescriptionChange,
    PrescriptionIn,
    RuleOut,
    RungOut,
    VersionOut,
    WarningOut,
    rule_out,
    rung_out,
    warnings_of,
    weekday_names,
)
from app.api.wire import Codes, Out, etag, fingerprint, json_response, matches, tags
from app.domain.errors import (
    Conflict,
    IdempotencyKeyReused,
    LadderAlreadyPrescribed,
    NeedsClearance,
    NotFound,
    PatientDischarged,
    PreconditionFailed,
    PreconditionRequired,
)
from app.domain.prescribing import origins_of
from app.domain.progress import progress_of
from app.domain.standing import Status
from app.queries.practice_of_patient import FollowedPrescription, standing_today, void_today
from app.store import patients, prescriptions
from app.store.prescriptions import VersionEntry
from app.store.remembered_answers import remember
from app.store.transaction import Transaction

router = routes("prescriptions")

SHOWN_AS = {Status.EASED: "active", Status.HELD: "active"}
"""An eased or held prescription is an active one; the routine tells them apart."""


class PrescriptionOut(Out):
    """A prescription as it is in force, every number resolved, with where each setting comes from."""

    id: UUID
    patient_id: UUID
    version: int
    status: Annotated[str, Codes("prescription_status")]
    ladder_id: str
    position: int
    start_rung: int
    max_rung: int
    starts_on: date
    ends_on: date | None
    weekdays: list[Annotated[str, Codes("weekday")]] | None
    every_n_days: int | None
    due_per_day: int
    offered_per_day: int
    as_needed: bool
    usual_pain: int | None
    instruction: str | None
    rungs: list[RungOut]
    rule: RuleOut
    advance: Annotated[str, Codes("advance_mode")]
    origins: list[OriginOut]
    progress: ProgressOut
    open_stops: Annotated[list[UUID], Field(description="What a resume must name in `clears`.")]
    warnings: list[WarningOut]
    versions: Annotated[list[VersionOut], Field(description="Oldest first; a list of prescriptions leaves them out.")]
    created_at: datetime


class PrescriptionPage(Out):
    """A patient's prescriptions in the order of the routine."""

    items: list[PrescriptionOut]
    next_cursor: str | None


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
        *STAFF, NotFound, LadderAlreadyPrescribed, NeedsClearance, PatientDischarged, IdempotencyKeyReused
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
    made, language = await house.db.write(
        caller, _create, patient_id, body, house, caller.now, accept_language, idempotency_key
    )
    location = f"/v1/patients/{patient_id}/prescriptions/{made.id}"
    headers = {"ETag": _tag(made, house, language), "Location": location, **_said_in(language)}
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
    found, language = await house.db.read(caller, _one, patient_id, prescription_id, house, caller.now, accept_language)
    tag = _tag(found, house, language)
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
    changed, language = await house.db.write(
        caller, _change, patient_id, prescription_id, body, house, caller.now, if_match, accept_language
    )
    return json_response(changed, headers={"ETag": _tag(changed, house, language), **_said_in(language)})


def _create(
    tx: Transaction,
    patient_id: UUID,
    body: PrescriptionIn,
    house: House,
    now: datetime,
    accept: str | None,
    key: str | None,
) -> tuple[PrescriptionOut, str]:
    request = body.model_dump(mode="json")

    def make() -> dict[str, Any]:
        asked = Asked(body.to_wish(), request, body.position, body.reason)
        made = prescribe(tx, patient_id, asked, house.library, now)
        shown, language = _one(tx, patient_id, made, house, now, accept)
        return {"shown": shown.model_dump(mode="json"), "language": language}

    answer = remember(tx, key, "create_prescription", fingerprint(patient_id, body), now=now, make=make)
    return PrescriptionOut.model_validate(answer["shown"]), answer["language"]


def _change(
    tx: Transaction,
    patient_id: UUID,
    prescription_id: UUID,
    body: PrescriptionChange,
    house: House,
    now: datetime,
    if_match: str | None,
    accept: str | None,
) -> tuple[PrescriptionOut, str]:
    before, language = _one(tx, patient_id, prescription_id, house, now, accept)
    if if_match is None:
        raise PreconditionRequired("Send the ETag of the prescription that you read in `If-Match`.")
    if not _names_version(if_match, before.version):
        tag = _tag(before, house, language)
        raise PreconditionFailed("The prescription was changed since you read it.", headers={"ETag": tag})
    if before.status == "void":
        raise Conflict("This prescription was made by mistake; prescribe anew.")
    if body.status is not None:
        close(tx, patient_id, prescription_id, body.status, body.reason, now, if_version=before.version)
        return _one(tx, patient_id, prescription_id, house, now, accept)
    log = prescriptions.version_log(tx, patient_id, prescription_id)
    merged = body.merged_into(log[-1].request)
    asked = Asked(merged.to_wish(), merged.model_dump(mode="json"), body.position, body.reason)
    change_prescription(tx, patient_id, prescription_id, asked, house.library, now, if_version=before.version)
    return _one(tx, patient_id, prescription_id, house, now, accept)


def _page(
    tx: Transaction, patient_id: UUID, house: House, now: datetime, accept: str | None
) -> tuple[PrescriptionPage, str]:
    today = patients.get(tx, patient_id).today(now)
    language = language_of(accept, house.library, tx.scope.language)
    found = [*standing_today(tx, patient_id, today), *void_today(tx, patient_id, today)]
    logs = [prescriptions.version_log(tx, patient_id, one.standings.prescription.id) for one in found]
    items = [_out(tx, one, log, house, language) for one, log in zip(found, logs, strict=True)]
    page = PrescriptionPage(items=[item.model_copy(update={"versions": []}) for item in items], next_cursor=None)
    return page, language


def _one(
    tx: Transaction, patient_id: UUID, prescription_id: UUID, house: House, now: datetime, accept: str | None
) -> tuple[PrescriptionOut, str]:
    today = patients.get(tx, patient_id).today(now)
    language = language_of(accept, house.library, tx.scope.language)
    found = next(
        (f for f in standing_today(tx, patient_id, today) if f.standings.prescription.id == prescription_id), None
    ) or next((f for f in void_today(tx, patient_id, today) if f.standings.prescription.id == prescription_id), None)
    if found is None:
        raise NotFound("There is no such prescription.")
    log = prescriptions.version_log(tx, patient_id, prescription_id)
    return _out(tx, found, log, house, language), language


def _said_in(language: str) -> dict[str, str]:
    return {"Content-Language": language, "Vary": "Accept-Language, Authorization"}


def _out(
    tx: Transaction, one: FollowedPrescription, log: list[VersionEntry], house: House, language: str
) -> PrescriptionOut:
    prescription, standing = one.standings.prescription, one.course.standing
    version = prescription.latest
    asked = PrescriptionIn.model_validate(log[-1].request)
    teller = Teller(house.library.texts, language, "clinician")
    return PrescriptionOut(
        id=prescription.id,
        patient_id=prescription.patient_id,
        version=version.version,
        status="void" if one.is_void else SHOWN_AS.get(standing.status, standing.status.value),
        ladder_id=version.ladder_id,
        position=prescription.position,
        start_rung=version.start_rung,
        max_rung=version.max_rung,
        starts_on=version.starts_on,
        ends_on=version.ends_on,
        weekdays=weekday_names(version.weekdays),
        every_n_days=version.every_n_days,
        due_per_day=version.due_per_day,
        offered_per_day=version.offered_per_day,
        as_needed=version.as_needed,
        usual_pain=version.usual_pain,
        instruction=asked.instruction,
        rungs=[rung_out(rung, house.library, language) for rung in version.rungs],
        rule=rule_out(version.rule),
        advance=version.advance.value,
        origins=[
            OriginOut(field=field, origin=origin) for field, origin in origins_of(asked.to_wish(), defaults_of(tx))
        ],
        progress=teller.progress(progress_of(prescription, standing)),
        open_stops=list(standing.open_stops),
        warnings=warnings_of(version, standing, teller, house.library),
        versions=[
            VersionOut(
                version=entry.version,
                effective_on=entry.effective_on,
                reason=entry.reason,
                created_at=entry.created_at,
                created_by=entry.created_by,
            )
            for entry in log
        ],
        created_at=one.standings.created_at,
    )


def _tag(shown: PrescriptionOut, house: House, language: str) -> str:
    """Over all that the answer depends on; it begins with the version, which alone decides whether an edit is stale."""
    progress = shown.progress
    stands = (shown.status, progress.rung, progress.code, progress.counted_days, len(shown.open_stops))
    return etag(shown.version, *stands, house.library.content_version, language)


def _names_version(if_match: str, version: int) -> bool:
    """Does an If-Match name this version, in whatever language and state it was read?"""
    return if_match.strip() == "*" or any(tag.startswith(f'"{version}-') for tag in tags(if_match))
