"""Questions about webhooks: where a clinic wants to be told of stops, and how that went lately."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update

from app.domain.errors import NotFound
from app.domain.webhook import WebhookStatus
from app.store.guard import CLINIC
from app.store.tables.types import UtcDateTime
from app.store.tables.webhooks import WebhookRow
from app.store.transaction import Transaction
from app.values import dataclass

EDITABLE = ("url", "description", "status")
COLUMNS = (
    WebhookRow.id,
    WebhookRow.url,
    WebhookRow.description,
    WebhookRow.status,
    WebhookRow.version,
    WebhookRow.old_secret_until,
    WebhookRow.failing_since,
    WebhookRow.delivered_at,
    WebhookRow.created_at,
)
THERE = (WebhookRow.clinic_id == CLINIC, WebhookRow.status != "removed")
ALL = select(*COLUMNS).where(*THERE).order_by(WebhookRow.created_at, WebhookRow.id)
ONE = select(*COLUMNS).where(*THERE, WebhookRow.id == bindparam("webhook_id"))
LOCKED = ONE.with_for_update()
COUNT = select(func.count()).select_from(WebhookRow).where(*THERE)
# Held while events are put before them, so that none is switched off in between and left with something waiting.
ACTIVE = (
    select(WebhookRow.id, WebhookRow.url, WebhookRow.secret, WebhookRow.old_secret, WebhookRow.old_secret_until)
    .where(WebhookRow.clinic_id == CLINIC, WebhookRow.status == "active")
    .with_for_update(read=True)
)
INSERT = insert(WebhookRow).values(clinic_id=CLINIC)
OF_ONE = (WebhookRow.clinic_id == CLINIC, WebhookRow.id == bindparam("of_webhook"))
UPDATE = (
    update(WebhookRow)
    .where(*OF_ONE)
    .values(
        version=WebhookRow.version + 1,
        # What failed at another address, or before it was switched off and on, says nothing any more.
        failing_since=None,
        **{name: bindparam(f"new_{name}") for name in EDITABLE},
    )
)
ROTATE = (
    update(WebhookRow)
    .where(*OF_ONE)
    .values(
        version=WebhookRow.version + 1,
        old_secret=WebhookRow.secret,
        old_secret_until=bindparam("until", type_=UtcDateTime()),
        secret=bindparam("new_secret"),
    )
)
REMOVE = (
    update(WebhookRow)
    .where(*OF_ONE)
    .values(status="removed", secret="", old_secret=None, old_secret_until=None, failing_since=None)
)
SUCCEEDED = (
    update(WebhookRow).where(*OF_ONE).values(delivered_at=bindparam("at", type_=UtcDateTime()), failing_since=None)
)
FAILED = (
    update(WebhookRow)
    .where(*OF_ONE)
    .values(failing_since=func.coalesce(WebhookRow.failing_since, bindparam("at", type_=UtcDateTime())))
)
GONE = update(WebhookRow).where(*OF_ONE, WebhookRow.status == "active").values(status="gone")


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook as its clinic sees it. `failing_since`: since when every attempt has failed, None while none has."""

    id: UUID
    url: str
    description: str | None
    status: WebhookStatus
    version: int
    old_secret_until: datetime | None
    failing_since: datetime | None
    delivered_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Address:
    """Where to send, and what to sign with. Never shown, never logged."""

    id: UUID
    url: str
    secret: str
    old_secret: str | None
    old_secret_until: datetime | None

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """The secrets that sign now, the newest first."""
        is_overlap = self.old_secret is not None and self.old_secret_until is not None and now < self.old_secret_until
        return (self.secret, self.old_secret) if is_overlap and self.old_secret else (self.secret,)


def all_of_clinic(tx: Transaction) -> list[Webhook]:
    """The clinic's webhooks, the oldest first; without those that were removed."""
    return [_webhook(row) for row in tx.rows(ALL)]


def get(tx: Transaction, webhook_id: UUID) -> Webhook:
    """One webhook. Raises NotFound."""
    return _found(tx.row(ONE, webhook_id=webhook_id))


def locked(tx: Transaction, webhook_id: UUID) -> Webhook:
    """The same, held so that nobody else changes it meanwhile. Raises NotFound."""
    return _found(tx.row(LOCKED, webhook_id=webhook_id))


def count(tx: Transaction) -> int:
    """How many webhooks the clinic has."""
    number: int = tx.row(COUNT)[0]
    return number


def active(tx: Transaction) -> dict[UUID, Address]:
    """Where events go, by webhook."""
    return {row.id: Address(*row) for row in tx.rows(ACTIVE)}


def add(tx: Transaction, webhook_id: UUID, url: str, description: str | None, secret: str, now: datetime) -> None:
    """Keep a new webhook."""
    tx.write(
        INSERT,
        id=webhook_id,
        url=url,
        description=description,
        secret=secret,
        old_secret=None,
        old_secret_until=None,
        status="active",
        version=1,
        failing_since=None,
        delivered_at=None,
        created_at=now,
        created_by=tx.scope.principal_id,
    )


def replace(tx: Transaction, webhook_id: UUID, values: Mapping[str, Any]) -> None:
    """Change what an administrator may change."""
    tx.write(UPDATE, of_webhook=webhook_id, **{f"new_{name}": values[name] for name in EDITABLE})


def rotate(tx: Transaction, webhook_id: UUID, secret: str, until: datetime) -> None:
    """Sign with another secret from now on, and with the present one beside it until an instant."""
    tx.write(ROTATE, of_webhook=webhook_id, new_secret=secret, until=until)


def remove(tx: Transaction, webhook_id: UUID) -> None:
    """Forget the secrets; the row stays for what was sent to it."""
    tx.write(REMOVE, of_webhook=webhook_id)


def note_success(tx: Transaction, webhook_id: UUID, now: datetime) -> None:
    """Something was delivered."""
    tx.write(SUCCEEDED, of_webhook=webhook_id, at=now)


def note_failure(tx: Transaction, webhook_id: UUID, now: datetime) -> None:
    """An attempt failed; since when they fail is kept."""
    tx.write(FAILED, of_webhook=webhook_id, at=now)


def note_gone(tx: Transaction, webhook_id: UUID) -> None:
    """It said that nobody listens there any more."""
    tx.write(GONE, of_webhook=webhook_id)


def _found(row: Any) -> Webhook:  # noqa: ANN401 - a row of COLUMNS, or None
    if row is None:
        raise NotFound("There is no such webhook.")
    return _webhook(row)


def _webhook(row: Any) -> Webhook:  # noqa: ANN401 - a row of COLUMNS
    return Webhook(**{**row._asdict(), "status": WebhookStatus(row.status)})
