"""Where a clinic's own machines are told of stops: registering an address, its secret, trying it out, what was sent.

An address is judged before it is kept and again whenever something is sent, because names move.
"""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from app.actions.webhooks import change_webhook as change
from app.api.deps import CallerDep, Cursor, House, HouseDep, IdempotencyKey, IfMatch, Limit, routes
from app.api.problems import STAFF, responses
from app.api.wire import (
    Codes,
    Id,
    Out,
    Strict,
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
    IdempotencyKeyReused,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    invalid,
)
from app.domain.webhook import DeliveryState
from app.posting.addresses import LONGEST_URL, BadAddress, UnsafeAddress
from app.store.remembered_answers import remember
from app.store.transaction import Transaction
from app.store.webhooks import endpoints, outbox
from app.store.webhooks.endpoints import Webhook
from app.store.webhooks.outbox import StoredDelivery

router = routes("webhooks")

PATH = "/clinic/webhooks/{webhook_id}"

Url = Annotated[
    Text,
    Field(
        min_length=1,
        max_length=LONGEST_URL,
        description="A public address that begins with `https://`, on port 443 or 8443, without a user and a fragment.",
    ),
]
Description = Annotated[Text, Field(max_length=200)]


def _left_out() -> Any:  # noqa: ANN401 - stands for a field that was not sent; `model_fields_set` tells
    return None


class WebhookIn(Strict):
    """An address that is told of stops."""

    url: Url
    description: Description | None = None


class WebhookChangesIn(Strict):
    """What to change; a field that is left out stays."""

    url: Url = Field(default_factory=_left_out)
    description: Description | None = Field(default_factory=_left_out)
    status: Annotated[
        Literal["active", "disabled"],
        Codes("webhook_status"),
        Field(description="Whether it is told. What waits for one that is switched off is cancelled."),
    ] = Field(default_factory=_left_out)


class WebhookOut(Out):
    """An address that is told of stops, and how that went lately."""

    id: UUID
    version: Annotated[int, Field(description='Grows with each change; the `ETag` is `"webhook-<version>"`.')]
    url: Annotated[str, Field(description="Where events are posted to.")]
    description: str | None
    status: Annotated[str, Codes("webhook_status")]
    secret: Annotated[
        str | None,
        Field(description="Checks signatures. Shown here once, when it was just made, and never again; else null."),
    ]
    old_secret_until: Annotated[
        datetime | None, Field(description="Until when the secret from before signs as well; null before a rotation.")
    ]
    failing_since: Annotated[
        datetime | None,
        Field(description="Since when every attempt has failed; null when the last one did not. Then look at it."),
    ]
    delivered_at: Annotated[datetime | None, Field(description="When something was delivered for the last time.")]
    created_at: datetime


class WebhookPage(Out):
    """The clinic's webhooks, the oldest first."""

    items: list[WebhookOut]
    next_cursor: str | None


class AttemptOut(Out):
    """One attempt to deliver."""

    number: Annotated[int, Field(description="Counts from 1. One that is missing was cut off and made again.")]
    at: Annotated[datetime, Field(description="When it ended.")]
    outcome: Annotated[str, Codes("outcome"), Field(description="How it ended.")]
    http_status: Annotated[int | None, Field(description="The HTTP status that was answered; null without an answer.")]
    milliseconds: Annotated[int, Field(description="What it took.")]


class DeliveryOut(Out):
    """One event on its way to one webhook. It does not say whom it is about."""

    id: UUID
    event_id: Annotated[UUID, Field(description="The header `webhook-id`, the same at every attempt.")]
    event_type: Annotated[str, Codes("event_type"), Field(description="What it tells.")]
    state: Annotated[str, Codes("delivery_state"), Field(description="How far it came.")]
    created_at: Annotated[datetime, Field(description="When it was put before this webhook.")]
    due_at: Annotated[datetime | None, Field(description="When it is tried next; null when it is not.")]
    delivered_at: Annotated[datetime | None, Field(description="When it was delivered; null until then.")]
    attempts: Annotated[list[AttemptOut], Field(description="How each attempt ended, the first one first.")]


class DeliveryPage(Out):
    """What was sent to a webhook, the latest first."""

    items: list[DeliveryOut]
    next_cursor: str | None


@router.get("/clinic/webhooks", response_model=WebhookPage, responses=responses(*STAFF))
async def list_webhooks(caller: CallerDep, house: HouseDep) -> Response:
    """The addresses that are told of stops. One with `failing_since` tells nobody: have it looked at."""
    found = await house.db.read(caller, endpoints.all_of_clinic)
    page = WebhookPage(items=[_out(one, None) for one in found], next_cursor=None)
    return json_response(page, headers={"Cache-Control": "private, no-cache"})


@router.post(
    "/clinic/webhooks",
    status_code=201,
    response_model=WebhookOut,
    responses=responses(*STAFF, Conflict, IdempotencyKeyReused),
)
async def create_webhook(
    body: WebhookIn, caller: CallerDep, house: HouseDep, idempotency_key: IdempotencyKey = None
) -> Response:
    """Register an address. The answer holds the secret, which is shown only now; then try it out."""
    await house.db.read(caller, endpoints.count)  # who calls is proven before any name is looked up
    await _require_allowed(house, body.url)
    made = await house.db.write(caller, _create_once, body, idempotency_key, caller.now)
    return _answer(made, status=201, headers={"Location": f"/v1/clinic/webhooks/{made.id}"})


@router.get(PATH, response_model=WebhookOut, responses=responses(*STAFF, NotFound))
async def get_webhook(webhook_id: Id, caller: CallerDep, house: HouseDep) -> Response:
    """One webhook."""
    return _answer(_out(await house.db.read(caller, endpoints.get, webhook_id), None))


@router.patch(
    PATH, response_model=WebhookOut, responses=responses(*STAFF, NotFound, PreconditionRequired, PreconditionFailed)
)
async def update_webhook(
    webhook_id: Id, body: WebhookChangesIn, caller: CallerDep, house: HouseDep, if_match: IfMatch = None
) -> Response:
    """Change the address or its description, switch it off, or on again after it answered 410."""
    values = body.model_dump(exclude_unset=True)
    if "url" in values:
        await house.db.read(caller, endpoints.get, webhook_id)  # ditto
        await _require_allowed(house, body.url)
    changed = await house.db.write(caller, change.change_webhook, webhook_id, values, partial(_require_seen, if_match))
    return _answer(_out(changed, None))


@router.delete(PATH, status_code=204, response_class=Response, responses=responses(*STAFF, NotFound))
async def remove_webhook(webhook_id: Id, caller: CallerDep, house: HouseDep) -> Response:
    """Take it away for good. What waits for it is cancelled; its secrets are forgotten."""
    await house.db.write(caller, change.remove_webhook, webhook_id)
    return Response(status_code=204)


@router.post(
    f"{PATH}/secret",
    response_model=WebhookOut,
    responses=responses(*STAFF, NotFound, PreconditionRequired, PreconditionFailed),
)
async def rotate_webhook_secret(
    webhook_id: Id, caller: CallerDep, house: HouseDep, if_match: IfMatch = None
) -> Response:
    """Make another secret, shown only now. For 24 hours both sign, so that the receiver can change over in peace."""
    seen = partial(_require_seen, if_match)
    changed, secret = await house.db.write(caller, change.rotate_secret, webhook_id, seen, caller.now)
    return _answer(_out(changed, secret))


@router.post(
    f"{PATH}/test", status_code=201, response_model=DeliveryOut, responses=responses(*STAFF, NotFound, Conflict)
)
async def try_webhook(webhook_id: Id, caller: CallerDep, house: HouseDep) -> Response:
    """Send a test event, the same way as an alarm goes. It is sent in a moment: `deliveries` tells how that ended."""
    made = await house.db.write(caller, _try, webhook_id, caller.now)
    return json_response(_delivery(made), status=201)


@router.get(f"{PATH}/deliveries", response_model=DeliveryPage, responses=responses(*STAFF, NotFound))
async def list_webhook_deliveries(
    request: Request, webhook_id: Id, caller: CallerDep, house: HouseDep, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """What was sent to a webhook and how each attempt ended, the latest first. Whom it is about is not said here."""
    found = await house.db.read(caller, _page, webhook_id, limit, cursor)
    shown = found[:limit]
    following = encode_cursor(*outbox.place_of_last(shown)) if len(found) > limit else None
    page = DeliveryPage(items=[_delivery(one) for one in shown], next_cursor=following)
    return json_response(page, headers={"Cache-Control": "private, no-cache", **next_link(request.url, following)})


async def _require_allowed(house: House, url: str) -> None:
    try:
        await house.gate.addresses(house.gate.parsed(url))
    except BadAddress as error:
        raise invalid("/url", "bad_format", str(error)) from error
    except UnsafeAddress as error:
        raise invalid("/url", "unsafe_address", str(error)) from error


def _require_seen(if_match: str | None, stored: Webhook) -> None:
    require_match(if_match, etag("webhook", stored.version))


def _create_once(tx: Transaction, body: WebhookIn, key: str | None, now: datetime) -> WebhookOut:
    def make() -> dict[str, Any]:
        made, secret = change.register_webhook(tx, body.url, body.description, now)
        return _out(made, secret).model_dump(mode="json")

    return WebhookOut.model_validate(remember(tx, key, "create_webhook", fingerprint(body), now=now, make=make))


def _try(tx: Transaction, webhook_id: UUID, now: datetime) -> StoredDelivery:
    event_id = change.try_webhook(tx, webhook_id, now)
    return outbox.one(tx, webhook_id, event_id)


def _page(tx: Transaction, webhook_id: UUID, limit: int, cursor: str | None) -> list[StoredDelivery]:
    endpoints.get(tx, webhook_id)
    return outbox.page(tx, webhook_id, at_most=limit + 1, after=decode_cursor(cursor, (datetime, UUID)))


def _out(one: Webhook, secret: str | None) -> WebhookOut:
    return WebhookOut(
        id=one.id,
        version=one.version,
        url=one.url,
        description=one.description,
        status=one.status.value,
        secret=secret,
        old_secret_until=one.old_secret_until,
        failing_since=one.failing_since,
        delivered_at=one.delivered_at,
        created_at=one.created_at,
    )


def _delivery(one: StoredDelivery) -> DeliveryOut:
    return DeliveryOut(
        id=one.id,
        event_id=one.event_id,
        event_type=one.event_type.value,
        state=one.state.value,
        created_at=one.created_at,
        due_at=one.due_at if one.state is DeliveryState.WAITING else None,
        delivered_at=one.delivered_at,
        attempts=[AttemptOut.model_validate(each) for each in one.attempts],
    )


def _answer(shown: WebhookOut, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    tag = {"ETag": etag("webhook", shown.version), "Cache-Control": "no-store"}
    return json_response(shown, status=status, headers=(headers or {}) | tag)
