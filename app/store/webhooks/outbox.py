"""Questions about the outbox: what there is to tell, to whom, how often it was tried, and what nobody was told yet.

An event is written by whatever made it happen, in one statement. A worker puts it before the clinic's webhooks later,
and takes deliveries up by moving their `due_at`, so that no transaction is open while something is sent.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql

from app.domain.errors import NotFound
from app.domain.webhook import DeliveryState, Event, EventType
from app.store.guard import CLINIC
from app.store.keys import new_id
from app.store.tables.types import UtcDateTime
from app.store.tables.webhooks import DeliveryRow, EventRow, WebhookRow
from app.store.transaction import Transaction
from app.values import dataclass

SOON = timedelta(minutes=2)
"""What waits for longer than this waits for too long."""

# SQLite reads the same words for "unless it is there" as PostgreSQL, so one statement serves both.
ADD = insert_on_postgresql(EventRow).values(clinic_id=CLINIC).on_conflict_do_nothing()
UNSPREAD = (
    select(EventRow.id)
    .where(EventRow.clinic_id == CLINIC, EventRow.spread_at.is_(None))
    .order_by(EventRow.recorded_at)
    .limit(bindparam("at_most"))
)
HOLD_UNSPREAD = UNSPREAD.with_for_update(skip_locked=True)
SPREAD = (
    update(EventRow)
    .where(EventRow.clinic_id == CLINIC, EventRow.id.in_(bindparam("event_ids", expanding=True)))
    .values(spread_at=bindparam("now", type_=UtcDateTime()))
)
ADD_DELIVERY = insert_on_postgresql(DeliveryRow).values(clinic_id=CLINIC).on_conflict_do_nothing()
WAITING = (DeliveryRow.clinic_id == CLINIC, DeliveryRow.state == "waiting")
DUE = (
    select(DeliveryRow.id)
    .where(*WAITING, DeliveryRow.due_at <= bindparam("now", type_=UtcDateTime()))
    .order_by(DeliveryRow.due_at)
    .limit(bindparam("at_most"))
)
# Whoever takes them up at the same moment takes others: SQLite has one writer, PostgreSQL skips what is held.
TAKE_UP = (
    update(DeliveryRow)
    .where(DeliveryRow.clinic_id == CLINIC, DeliveryRow.id.in_(DUE.with_for_update(skip_locked=True)))
    .values(
        attempt_count=DeliveryRow.attempt_count + 1,
        due_at=bindparam("again_at", type_=UtcDateTime()),
    )
    .returning(DeliveryRow.id, DeliveryRow.webhook_id, DeliveryRow.event_id, DeliveryRow.attempt_count)
)
BODIES = select(EventRow.id, EventRow.body).where(
    EventRow.clinic_id == CLINIC, EventRow.id.in_(bindparam("event_ids", expanding=True))
)
HELD = (
    select(
        DeliveryRow.attempt_count, DeliveryRow.attempts, DeliveryRow.state, DeliveryRow.due_at, DeliveryRow.delivered_at
    )
    .where(DeliveryRow.clinic_id == CLINIC, DeliveryRow.id == bindparam("delivery_id"))
    .with_for_update()
)
NOTE = (
    update(DeliveryRow)
    .where(DeliveryRow.clinic_id == CLINIC, DeliveryRow.id == bindparam("of_delivery"))
    .values(
        state=bindparam("new_state"),
        attempts=bindparam("all_attempts"),
        due_at=bindparam("next_at", type_=UtcDateTime()),
        delivered_at=bindparam("arrived_at", type_=UtcDateTime()),
    )
)
TOLD = (WebhookRow.clinic_id == CLINIC, or_(WebhookRow.status == "active", WebhookRow.status == "gone"))
TROUBLE = select(
    func.count(),
    func.count(case((or_(WebhookRow.status == "gone", WebhookRow.failing_since.is_not(None)), 1))),
    func.min(WebhookRow.failing_since),
).where(*TOLD)
OLDEST_WAITING = select(func.count(), func.min(DeliveryRow.created_at)).where(*WAITING)
OLDEST_UNSPREAD = select(func.count(), func.min(EventRow.recorded_at)).where(
    EventRow.clinic_id == CLINIC, EventRow.spread_at.is_(None)
)
END_WAITING = (
    update(DeliveryRow)
    .where(*WAITING, DeliveryRow.webhook_id == bindparam("of_webhook"))
    .values(state=bindparam("new_state"))
)


NEWEST_FIRST = (DeliveryRow.created_at.desc(), DeliveryRow.id.desc())
DELIVERIES = (
    select(
        DeliveryRow.id,
        DeliveryRow.event_id,
        EventRow.type.label("event_type"),
        DeliveryRow.state,
        DeliveryRow.created_at,
        DeliveryRow.due_at,
        DeliveryRow.delivered_at,
        DeliveryRow.attempts,
    )
    .join(EventRow, and_(EventRow.clinic_id == CLINIC, EventRow.id == DeliveryRow.event_id))
    .where(DeliveryRow.clinic_id == CLINIC, DeliveryRow.webhook_id == bindparam("webhook_id"))
)
ONE = DELIVERIES.where(DeliveryRow.event_id == bindparam("event_id"))
PAGE = DELIVERIES.order_by(*NEWEST_FIRST).limit(bindparam("at_most"))
PAGE_AFTER = PAGE.where(
    or_(
        DeliveryRow.created_at < bindparam("after_at", type_=UtcDateTime()),
        and_(
            DeliveryRow.created_at == bindparam("after_at", type_=UtcDateTime()),
            DeliveryRow.id < bindparam("after_id"),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """A delivery as its clinic sees it; `attempts` as they were noted."""

    id: UUID
    event_id: UUID
    event_type: EventType
    state: DeliveryState
    created_at: datetime
    due_at: datetime
    delivered_at: datetime | None
    attempts: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Backlog:
    """What has not arrived. `failing` counts webhooks whose last attempt failed, or which are gone.

    `oldest_at` is when the oldest event that waits became known, `failing_since` when the longest trouble began.
    """

    waiting: int
    failing: int
    oldest_at: datetime | None
    failing_since: datetime | None

    def trouble_since(self, now: datetime) -> datetime | None:
        """Since when nobody should rely on being told: attempts fail, or nobody makes any. None when all is well."""
        is_left = self.oldest_at is not None and now - self.oldest_at > SOON
        return min((one for one in (self.failing_since, self.oldest_at if is_left else None) if one), default=None)

    def __add__(self, other: "Backlog") -> "Backlog":
        return Backlog(
            self.waiting + other.waiting,
            self.failing + other.failing,
            min((one for one in (self.oldest_at, other.oldest_at) if one), default=None),
            min((one for one in (self.failing_since, other.failing_since) if one), default=None),
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that a worker has taken up. `attempt_count` is the number of this attempt, counting from 1."""

    id: UUID
    webhook_id: UUID
    event_id: UUID
    attempt_count: int


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery as it is stored, held so that nobody else changes it meanwhile."""

    attempt_count: int
    attempts: tuple[dict[str, Any], ...]
    state: DeliveryState
    due_at: datetime
    delivered_at: datetime | None


def add(tx: Transaction, events: Sequence[Event], *, spread_at: datetime | None = None) -> None:
    """Keep what happened. An event that is there already (a corrected report makes it again) stays as it was."""
    tx.write_all(
        ADD,
        [
            {
                "id": one.id,
                "patient_id": one.patient_id,
                "type": one.type.value,
                "recorded_at": one.recorded_at,
                "body": one.body(),
                "spread_at": spread_at,
            }
            for one in events
        ],
    )


def is_anything_due(tx: Transaction, now: datetime) -> bool:
    """Is there an event that no webhook was put before, or a delivery whose time has come?"""
    return bool(tx.rows(DUE, now=now, at_most=1) or tx.rows(UNSPREAD, at_most=1))


def hold_unspread(tx: Transaction, *, at_most: int) -> list[UUID]:
    """Events that no webhook was put before, which nobody else is about to, the oldest first."""
    return [row.id for row in tx.rows(HOLD_UNSPREAD, at_most=at_most)]


def spread(tx: Transaction, event_ids: Sequence[UUID], webhook_ids: Iterable[UUID], now: datetime) -> None:
    """Put these events before these webhooks, to be sent at once."""
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(now),
            "webhook_id": webhook_id,
            "event_id": event_id,
            "state": "waiting",
            "attempt_count": 0,
            "attempts": [],
            "due_at": now,
            "created_at": now,
            "delivered_at": None,
        }
        for event_id in event_ids
        for webhook_id in webhook_ids
    ]
    tx.write_all(ADD_DELIVERY, rows)
    tx.write(SPREAD, event_ids=list(event_ids), now=now)


def take_up(tx: Transaction, now: datetime, *, again_at: datetime, at_most: int) -> list[Taken]:
    """Take up deliveries that are due. Whoever dies with them leaves them to others from `again_at` on."""
    return [Taken(*row) for row in tx.rows(TAKE_UP, now=now, again_at=again_at, at_most=at_most)]


def bodies(tx: Transaction, event_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """What is sent for some events, by their ids."""
    return {row.id: row.body for row in tx.rows(BODIES, event_ids=list(event_ids))}


def held(tx: Transaction, delivery_id: UUID) -> Held:
    """One delivery, to be changed."""
    row = tx.row(HELD, delivery_id=delivery_id)
    return Held(row.attempt_count, tuple(row.attempts), DeliveryState(row.state), row.due_at, row.delivered_at)


def note(
    tx: Transaction,
    delivery_id: UUID,
    state: DeliveryState,
    attempts: Sequence[dict[str, Any]],
    *,
    due_at: datetime,
    delivered_at: datetime | None,
) -> None:
    """Write down how an attempt ended."""
    tx.write(
        NOTE,
        of_delivery=delivery_id,
        new_state=state.value,
        all_attempts=list(attempts),
        next_at=due_at,
        arrived_at=delivered_at,
    )


def backlog(tx: Transaction) -> Backlog:
    """What has not arrived at the webhooks of the clinic. Where there is none, nobody wants to be told anything."""
    count, failing, failing_since = tx.rows(TROUBLE)[0]
    if not count:
        return Backlog(0, 0, None, None)
    rows = [tx.rows(OLDEST_WAITING)[0], tx.rows(OLDEST_UNSPREAD)[0]]
    return Backlog(
        sum(row[0] for row in rows), failing, min((row[1] for row in rows if row[1]), default=None), failing_since
    )


def page(
    tx: Transaction, webhook_id: UUID, *, at_most: int, after: tuple[datetime, UUID] | None
) -> list[StoredDelivery]:
    """What was sent to a webhook, the latest first, beginning after a place in that order."""
    rows: Sequence[Any]
    if after is None:
        rows = tx.rows(PAGE, webhook_id=webhook_id, at_most=at_most)
    else:
        rows = tx.rows(PAGE_AFTER, webhook_id=webhook_id, at_most=at_most, after_at=after[0], after_id=after[1])
    return [_delivery(row) for row in rows]


def one(tx: Transaction, webhook_id: UUID, event_id: UUID) -> StoredDelivery:
    """The delivery of an event to a webhook before which it was put. Raises NotFound."""
    row = tx.row(ONE, webhook_id=webhook_id, event_id=event_id)
    if row is None:
        raise NotFound("There is no such delivery.")
    return _delivery(row)


def place_of_last(found: Sequence[StoredDelivery]) -> tuple[datetime, UUID]:
    """The place of the last one in the order of `page`, for going on after it."""
    return found[-1].created_at, found[-1].id


def end_waiting(tx: Transaction, webhook_id: UUID, state: DeliveryState) -> None:
    """What waits for a webhook waits no longer: it was cancelled, or given up."""
    tx.write(END_WAITING, of_webhook=webhook_id, new_state=state.value)


def _delivery(row: Any) -> StoredDelivery:  # noqa: ANN401 - a row of DELIVERIES
    kinds = {
        "event_type": EventType(row.event_type),
        "state": DeliveryState(row.state),
        "attempts": tuple(row.attempts),
    }
    return StoredDelivery(**{**row._asdict(), **kinds})
