"""Plan templates: what a clinic prescribes often, under a name, and prescribed to a patient in one call."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, ValidationError
from starlette.responses import Response

from app.actions.keep_plan_template import change_plan_template, keep_plan_template
from app.actions.keep_plan_template import remove_plan_template as remove
from app.actions.prescribe import Asked, defaults_of
from app.actions.prescribe_together import prescribe_together
from app.api.deps import AcceptLanguage, CallerDep, House, HouseDep, IdempotencyKey, IfMatch, language_of, routes
from app.api.problems import STAFF, field_error, responses
from app.api.shapes.plan_templates import PlanItemIn, PlanItemOut, TemplateApplyIn
from app.api.shapes.prescriptions import PrescriptionIn, PrescriptionOut, prescription_out
from app.api.wire import (
    Id,
    Name,
    Note,
    Out,
    Strict,
    etag,
    fingerprint,
    json_response,
    require_match,
)
from app.domain.errors import (
    Conflict,
    ContentWithheld,
    FieldError,
    IdempotencyKeyReused,
    Invalid,
    LadderAlreadyPrescribed,
    NeedsClearance,
    NotFound,
    PatientDischarged,
    PreconditionFailed,
    PreconditionRequired,
    invalid,
)
from app.domain.prescribing import Wish
from app.queries.practice_of_patient import standing_today
from app.store import patients, prescriptions
from app.store.plans import templates
from app.store.plans.templates import PlanTemplate
from app.store.remembered_answers import remember
from app.store.transaction import Transaction

router = routes("plan_templates")

PATH = "/plan-templates/{template_id}"
Items = Annotated[
    tuple[PlanItemIn, ...], Field(min_length=1, max_length=20, description="What is prescribed, each ladder once.")
]


def _left_out() -> Any:  # noqa: ANN401 - stands for a field that was not sent; `model_fields_set` tells
    return None


class PlanTemplateIn(Strict):
    """A plan that the clinic makes often."""

    name: Name
    description: Note | None = None
    items: Items


class PlanTemplateChangesIn(Strict):
    """What to change; a field that is left out stays. `items` are replaced as a whole."""

    name: Name = Field(default_factory=_left_out)
    description: Note | None = Field(default_factory=_left_out)
    items: Items = Field(default_factory=_left_out)


class PlanTemplateOut(Out):
    """A plan that the clinic makes often."""

    id: UUID
    version: Annotated[int, Field(description='Grows with each change; the `ETag` is `"plan-template-<version>"`.')]
    name: str
    description: str | None
    items: Annotated[list[PlanItemOut], Field(description="What is prescribed, in this order.")]
    created_at: datetime


class PlanTemplatePage(Out):
    """The clinic's templates, the oldest first."""

    items: list[PlanTemplateOut]
    next_cursor: str | None


class AppliedItemOut(Out):
    """What one item of the template became, with its warnings."""

    item: Annotated[int, Field(description="The place of the item in the template, counting from 0.")]
    prescription: Annotated[PrescriptionOut, Field(description="As `POST .../prescriptions` would have answered it.")]


class AppliedOut(Out):
    """All that was prescribed, in the order of the template."""

    items: list[AppliedItemOut]


@router.get("/plan-templates", response_model=PlanTemplatePage, responses=responses(*STAFF))
async def list_plan_templates(caller: CallerDep, house: HouseDep) -> Response:
    """The plans that the clinic makes often."""
    found = await house.db.read(caller, templates.all_of_clinic)
    page = PlanTemplatePage(items=[_out(one) for one in found], next_cursor=None)
    return json_response(page, headers={"Cache-Control": "private, no-cache"})


@router.post(
    "/plan-templates",
    status_code=201,
    response_model=PlanTemplateOut,
    responses=responses(*STAFF, Conflict, IdempotencyKeyReused),
)
async def create_plan_template(
    body: PlanTemplateIn, caller: CallerDep, house: HouseDep, idempotency_key: IdempotencyKey = None
) -> Response:
    """Keep a plan under a name. An item that could not be prescribed is refused at once, with a pointer to it."""
    made = await house.db.write(caller, _create_once, body, house, idempotency_key, caller.now)
    return _answer(made, status=201, headers={"Location": f"/v1/plan-templates/{made.id}"})


@router.get(PATH, response_model=PlanTemplateOut, responses=responses(*STAFF, NotFound))
async def get_plan_template(template_id: Id, caller: CallerDep, house: HouseDep) -> Response:
    """One template."""
    return _answer(_out(await house.db.read(caller, templates.get, template_id)))


@router.patch(
    PATH,
    response_model=PlanTemplateOut,
    responses=responses(*STAFF, NotFound, PreconditionRequired, PreconditionFailed),
)
async def update_plan_template(
    template_id: Id, body: PlanTemplateChangesIn, caller: CallerDep, house: HouseDep, if_match: IfMatch = None
) -> Response:
    """Change a template. Needs If-Match; what was prescribed from it before stays as it is."""
    changed = await house.db.write(caller, _change, template_id, body, house, if_match, caller.now)
    return _answer(_out(changed))


@router.delete(PATH, status_code=204, response_class=Response, responses=responses(*STAFF, NotFound))
async def remove_plan_template(template_id: Id, caller: CallerDep, house: HouseDep) -> Response:
    """Forget a template. What was prescribed from it stays."""
    await house.db.write(caller, remove, template_id)
    return Response(status_code=204)


@router.post(
    "/patients/{patient_id}/plan-templates/{template_id}/apply",
    status_code=201,
    response_model=AppliedOut,
    responses=responses(
        *(*STAFF, NotFound, LadderAlreadyPrescribed, NeedsClearance, ContentWithheld, PatientDischarged),
        IdempotencyKeyReused,
    ),
)
async def apply_plan_template(
    patient_id: Id,
    template_id: Id,
    body: TemplateApplyIn,
    caller: CallerDep,
    house: HouseDep,
    accept_language: AcceptLanguage = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Prescribe all of a template, or nothing. Pointers such as `/items/2/ladder_id` lead into the template's items.

    Everything that stands in the way is named at once; the status and the `code` are those of the first.
    """
    made, language = await house.db.write(
        caller, _apply_once, patient_id, template_id, body, house, caller.now, accept_language, idempotency_key
    )
    headers = {"Content-Language": language, "Vary": "Accept-Language, Authorization"}
    return json_response(made, status=201, headers=headers)


def _create_once(
    tx: Transaction, body: PlanTemplateIn, house: House, key: str | None, now: datetime
) -> PlanTemplateOut:
    def make() -> dict[str, Any]:
        values = body.model_dump(mode="json")
        made = keep_plan_template(tx, values, _wishes(body.items, now.date()), house.books(tx).library, now)
        return _out(made).model_dump(mode="json")

    answer = remember(tx, key, "create_plan_template", fingerprint(body), now=now, make=make)
    return PlanTemplateOut.model_validate(answer)


def _change(
    tx: Transaction, template_id: UUID, body: PlanTemplateChangesIn, house: House, if_match: str | None, now: datetime
) -> PlanTemplate:
    values = body.model_dump(mode="json", exclude_unset=True)
    if "items" in values:
        values["items"] = [one.model_dump(mode="json") for one in body.items]
    wishes = _wishes(body.items, now.date()) if "items" in values else None
    library = house.books(tx).library
    return change_plan_template(tx, template_id, values, wishes, library, partial(_require_seen, if_match))


def _wishes(items: tuple[PlanItemIn, ...], starts_on: date) -> list[Wish]:
    return [one.on(starts_on).to_wish() for one in items]


def _apply_once(
    tx: Transaction,
    patient_id: UUID,
    template_id: UUID,
    body: TemplateApplyIn,
    house: House,
    now: datetime,
    accept: str | None,
    key: str | None,
) -> tuple[AppliedOut, str]:
    def make() -> dict[str, Any]:
        patient = patients.get(tx, patient_id)
        template = templates.get(tx, template_id)
        items = [PlanItemIn.model_validate(one) for one in template.items]
        plans = [
            (number, Asked(plan.to_wish(), plan.model_dump(mode="json"), plan.position, plan.reason))
            for number, plan in _plans(body, items)
        ]
        library = house.books(tx).library
        made = prescribe_together(tx, patient_id, plans, library, now)
        language = language_of(accept, house.library, tx.scope.language)
        defaults = defaults_of(tx)
        standing = {one.standings.prescription.id: one for one in standing_today(tx, patient_id, patient.today(now))}
        shown = []
        for number, prescription_id in made:
            log = prescriptions.version_log(tx, patient_id, prescription_id)
            one = prescription_out(standing[prescription_id], log, defaults, library, language)
            shown.append(AppliedItemOut(item=number, prescription=one))
        return {"shown": AppliedOut(items=shown).model_dump(mode="json"), "language": language}

    whole = fingerprint(patient_id, template_id, body)
    answer = remember(tx, key, "apply_plan_template", whole, now=now, make=make)
    return AppliedOut.model_validate(answer["shown"]), answer["language"]


def _plans(body: TemplateApplyIn, items: Sequence[PlanItemIn]) -> list[tuple[int, PrescriptionIn]]:
    """The prescriptions to make, by their places in the template. Raises Invalid."""
    changes = body.by_item(len(items))
    found: list[tuple[int, PrescriptionIn]] = []
    wrong: list[FieldError] = []
    for number, item in enumerate(items):
        change = changes.get(number)
        if change is not None and change.leave_out:
            continue
        try:
            plan = item.on(body.starts_on)
            if change is not None and change.prescription is not None:
                plan = change.prescription.merged_into(plan.model_dump(mode="json"))
        except ValidationError as error:
            several = [field_error({**one, "loc": ("body", *one["loc"])}) for one in error.errors()]
            wrong += Invalid("", errors=tuple(several)).within(f"/items/{number}")
            continue
        found.append((number, plan if plan.reason else plan.model_copy(update={"reason": body.reason})))
    if wrong:
        raise Invalid("Nothing was prescribed.", errors=tuple(wrong))
    if not found:
        raise invalid("/changes", "too_short", "Every item is left out; nothing would be prescribed.")
    return found


def _require_seen(if_match: str | None, stored: PlanTemplate) -> None:
    require_match(if_match, etag("plan-template", stored.version))


def _out(one: PlanTemplate) -> PlanTemplateOut:
    return PlanTemplateOut(
        id=one.id,
        version=one.version,
        name=one.name,
        description=one.description,
        items=[_item(item) for item in one.items],
        created_at=one.created_at,
    )


def _item(kept: dict[str, Any]) -> PlanItemOut:
    """An item as it was kept, perhaps by an older build: what that one did not know yet takes its default."""
    return PlanItemOut.model_validate(PlanItemIn.model_validate(kept).model_dump(mode="json"))


def _answer(shown: PlanTemplateOut, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    tag = {"ETag": etag("plan-template", shown.version), "Cache-Control": "private, no-cache"}
    return json_response(shown, status=status, headers=(headers or {}) | tag)
