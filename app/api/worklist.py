"""The worklist: who needs a clinician now, since when, and why."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from app.api.deps import AcceptLanguage, CallerDep, Cursor, House, HouseDep, Limit, language_of, routes
from app.api.problems import STAFF, responses
from app.api.shapes.courses import ParamOut
from app.api.wire import Codes, Out, Strict, decode_cursor, encode_cursor, json_response, next_link
from app.content.texts import Texts
from app.domain.concerns import URGENCY, Urgency
from app.domain.errors import NotFound
from app.queries.worklist import Item, Reason, item_of_patient, worklist_of_clinic
from app.store import worklist
from app.store.transaction import Transaction
from app.store.webhooks import outbox

router = routes("worklist")

HOUR_SECONDS = 3600


class AcknowledgeIn(Strict):
    """What the clinician has read."""

    reasons: Annotated[
        tuple[UUID, ...],
        Field(max_length=100, description="The ids of the reasons that were read. One that arose since stays."),
    ]


class SeenOut(Out):
    """Who has acknowledged a reason, and when."""

    at: Annotated[datetime, Field(description="When it was acknowledged.")]
    clinician_id: Annotated[UUID, Field(description="The clinician who acknowledged it.")]
    display_name: str


class WorklistReasonOut(Out):
    """One reason to look. Its `id` is the same for as long as it is the same occurrence."""

    id: UUID
    code: Annotated[str, Codes("concern")]
    severity: Annotated[str, Codes("urgency")]
    since: Annotated[datetime, Field(description="Since when it waits: when it became known, or when silence began.")]
    waiting_hours: Annotated[int, Field(description="Whole hours since then.")]
    params: list[ParamOut]
    text: str
    acknowledged: Annotated[SeenOut | None, Field(description="Who has seen it; null until somebody has.")]


class WorklistPatientOut(Out):
    """Whom to call."""

    id: UUID
    display_name: str
    phone: str | None


class WorklistItemOut(Out):
    """A patient who needs a look. `acknowledged`: somebody has seen every reason; only stops are listed then."""

    id: UUID
    patient: Annotated[WorklistPatientOut, Field(description="Whom it is about.")]
    reasons: Annotated[list[WorklistReasonOut], Field(description="Why, the most severe first.")]
    acknowledged: Annotated[bool, Field(description="Has somebody seen every reason?")]


class WorklistPage(Out):
    """A page of the worklist, the most severe first, and of these who has waited for longest."""

    items: list[WorklistItemOut]
    next_cursor: str | None
    alarms_failing_since: Annotated[
        datetime | None,
        Field(
            description="Since when a machine of the clinic could not be told of stops, so that a stop may stand only "
            "here; null when all is well and where no webhook is registered. Show it above the list."
        ),
    ]


@router.get("/worklist", response_model=WorklistPage, responses=responses(*STAFF))
async def list_worklist(
    request: Request,
    caller: CallerDep,
    house: HouseDep,
    limit: Limit = 50,
    cursor: Cursor = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Who needs a look, and why. Stops come first and stay until a clinician resumes what they stopped."""
    items, failing_since, language = await house.db.read(caller, _load, house, caller.now, accept_language)
    after = decode_cursor(cursor, (int, datetime, UUID))
    left = [one for one in items if after is None or one.place > after]
    shown = left[:limit]
    following = encode_cursor(*shown[-1].place) if len(left) > limit else None
    page = WorklistPage(
        items=[_out(one, house.library.texts, language, caller.now) for one in shown],
        next_cursor=following,
        alarms_failing_since=failing_since,
    )
    headers = {"Content-Language": language, "Vary": "Accept-Language, Authorization"}
    return json_response(page, headers={**headers, **next_link(request.url, following)})


@router.post("/worklist/{item_id}/acknowledge", response_model=WorklistItemOut, responses=responses(*STAFF, NotFound))
async def acknowledge_item(
    item_id: UUID, body: AcknowledgeIn, caller: CallerDep, house: HouseDep, accept_language: AcceptLanguage = None
) -> Response:
    """Hide these reasons until they arise anew. A stop stays, and says who has seen it; it is lifted by a resume only.

    Answers the item with all its reasons of now. Sending the same again changes nothing.
    """
    item, language = await house.db.write(caller, _acknowledge, item_id, body, house, caller.now, accept_language)
    shown = _out(item, house.library.texts, language, caller.now)
    return json_response(shown, headers={"Content-Language": language})


def _load(tx: Transaction, house: House, now: datetime, accept: str | None) -> tuple[list[Item], datetime | None, str]:
    failing_since = outbox.backlog(tx).trouble_since(now)
    return worklist_of_clinic(tx, now), failing_since, language_of(accept, house.library, tx.scope.language)


def _acknowledge(
    tx: Transaction, item_id: UUID, body: AcknowledgeIn, house: House, now: datetime, accept: str | None
) -> tuple[Item, str]:
    before = item_of_patient(tx, item_id, now)
    # Who was first is remembered; a reason that is gone meanwhile needs no acknowledging.
    seen = [one.concern for one in before.reasons if one.concern.id in body.reasons and one.acknowledged is None]
    worklist.acknowledge(tx, item_id, [(one.id, one.code.value) for one in seen], now)
    item = item_of_patient(tx, item_id, now) if seen else before
    return item, language_of(accept, house.library, tx.scope.language)


def _out(item: Item, texts: Texts, language: str, now: datetime) -> WorklistItemOut:
    one = item.patient
    return WorklistItemOut(
        id=one.id,
        patient=WorklistPatientOut(id=one.id, display_name=one.display_name, phone=one.phone),
        reasons=[_reason(reason, texts, language, now) for reason in item.reasons],
        acknowledged=bool(item.reasons) and all(reason.acknowledged is not None for reason in item.reasons),
    )


def _reason(reason: Reason, texts: Texts, language: str, now: datetime) -> WorklistReasonOut:
    concern, seen = reason.concern, reason.acknowledged
    return WorklistReasonOut(
        id=concern.id,
        code=concern.code.value,
        severity=URGENCY.get(concern.code, Urgency.ROUTINE).value,
        since=concern.since,
        waiting_hours=max(0, int((now - concern.since).total_seconds()) // HOUR_SECONDS),
        params=[ParamOut(name=name, value=value) for name, value in concern.params],
        text=texts.render("worklist", concern.code.value, dict(concern.params), language, "clinician"),
        acknowledged=None
        if seen is None
        else SeenOut(at=seen.at, clinician_id=seen.clinician_id, display_name=seen.display_name),
    )
