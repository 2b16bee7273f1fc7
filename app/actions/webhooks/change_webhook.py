"""Register a clinic's webhook, change it, give it another secret, try it out, remove it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.errors import Conflict
from app.domain.webhook import MOST_WEBHOOKS, OVERLAP, DeliveryState, WebhookStatus, trial_event
from app.store.keys import new_id, new_signing_secret
from app.store.transaction import Transaction
from app.store.webhooks import endpoints, outbox
from app.store.webhooks.endpoints import Webhook

Require = Callable[[Webhook], None]
"""Raises when what is stored is not what the caller has seen."""


def require_room(tx: Transaction) -> None:
    """Raise Conflict when the clinic has as many webhooks as it may have."""
    if endpoints.count(tx) >= MOST_WEBHOOKS:
        raise Conflict(f"A clinic has at most {MOST_WEBHOOKS} webhooks; remove one first.")


def register_webhook(tx: Transaction, url: str, description: str | None, now: datetime) -> tuple[Webhook, str]:
    """Keep a new webhook; it and its secret, which is shown only now. Raises Conflict when there are too many."""
    require_room(tx)
    webhook_id, secret = new_id(now), new_signing_secret()
    endpoints.add(tx, webhook_id, url, description, secret, now)
    return endpoints.get(tx, webhook_id), secret


def change_webhook(tx: Transaction, webhook_id: UUID, values: Mapping[str, Any], require: Require) -> Webhook:
    """Change some values. What waits for one that is switched off is cancelled. Raises NotFound."""
    before = endpoints.locked(tx, webhook_id)
    require(before)
    changed = {"url": before.url, "description": before.description, "status": before.status.value, **values}
    endpoints.replace(tx, webhook_id, changed)
    if changed["status"] != WebhookStatus.ACTIVE:
        outbox.end_waiting(tx, webhook_id, DeliveryState.CANCELLED)
    return endpoints.get(tx, webhook_id)


def rotate_secret(tx: Transaction, webhook_id: UUID, require: Require, now: datetime) -> tuple[Webhook, str]:
    """Give it a new secret, shown only now; the present one signs beside it for a while. Raises NotFound."""
    require(endpoints.locked(tx, webhook_id))
    secret = new_signing_secret()
    endpoints.rotate(tx, webhook_id, secret, now + OVERLAP)
    return endpoints.get(tx, webhook_id), secret


def remove_webhook(tx: Transaction, webhook_id: UUID) -> None:
    """Take it away for good, with what waits for it. Raises NotFound."""
    endpoints.locked(tx, webhook_id)
    outbox.end_waiting(tx, webhook_id, DeliveryState.CANCELLED)
    endpoints.remove(tx, webhook_id)


def try_webhook(tx: Transaction, webhook_id: UUID, now: datetime) -> UUID:
    """Put a test event before this webhook alone; the event's id. Raises NotFound, Conflict when it is not active."""
    if endpoints.locked(tx, webhook_id).status is not WebhookStatus.ACTIVE:
        raise Conflict("The webhook is switched off; switch it on first.")
    event = trial_event(new_id(now), clinic_id=tx.scope.clinic_id, clinic=tx.scope.clinic, now=now)
    outbox.add(tx, [event], spread_at=now)
    outbox.spread(tx, [event.id], [webhook_id], now)
    return event.id
