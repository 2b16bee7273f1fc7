"""Deliver what a clinic's webhooks wait for: take it up in one transaction, send it in none, note it in another.

A worker that dies in between leaves the delivery to whoever looks after the lease; it is then sent again under the same
id. So every event is sent at least once, and a receiver drops what it has seen. What every worker died with is given up
like what failed as often.
"""

from datetime import datetime, timedelta
from uuid import UUID

from app.domain.webhook import MOST_ATTEMPTS, DeliveryState, Outcome, next_attempt_at, state_after
from app.posting.sender import Letter, Posted
from app.store.transaction import Transaction
from app.store.webhooks import endpoints, outbox
from app.values import dataclass

LEASE = timedelta(seconds=60)
"""So long a worker may take for what it took up: four times as long as an attempt lasts at most."""

AT_ONCE = 20
"""So many deliveries, and so many events, are taken up at once."""


@dataclass(frozen=True, slots=True)
class TakenUp:
    """A letter to be posted, and the delivery that it is an attempt of."""

    delivery_id: UUID
    webhook_id: UUID
    attempt_count: int
    letter: Letter


def take_up_deliveries(tx: Transaction, now: datetime) -> list[TakenUp]:
    """Put new events before the clinic's webhooks, and take up what is due."""
    active = endpoints.active(tx)
    unspread = outbox.hold_unspread(tx, at_most=AT_ONCE)
    if unspread:
        outbox.spread(tx, unspread, active, now)
    taken = outbox.take_up(tx, now, again_at=now + LEASE, at_most=AT_ONCE)
    for one in taken:
        if one.attempt_count > MOST_ATTEMPTS:
            _give_up(tx, one, now)
    taken = [one for one in taken if one.attempt_count <= MOST_ATTEMPTS]
    bodies = outbox.bodies(tx, {one.event_id for one in taken}) if taken else {}
    return [
        TakenUp(one.id, one.webhook_id, one.attempt_count, Letter(to.url, to.secrets(now), one.event_id, body))
        for one in taken
        if (to := active.get(one.webhook_id)) is not None and (body := bodies[one.event_id])
    ]


def _give_up(tx: Transaction, taken: outbox.Taken, now: datetime) -> None:
    """Every attempt was taken up, and of the last one nobody came back to tell."""
    held = outbox.held(tx, taken.id)
    outbox.note(tx, taken.id, DeliveryState.GIVEN_UP, held.attempts, due_at=held.due_at, delivered_at=None)
    endpoints.note_failure(tx, taken.webhook_id, now)


def note_attempt(tx: Transaction, taken: TakenUp, posted: Posted, now: datetime) -> DeliveryState:
    """Write down how an attempt ended, and when the next one follows; what became of the delivery."""
    held = outbox.held(tx, taken.delivery_id)
    attempt = {
        "number": taken.attempt_count,
        "at": now.isoformat(),
        "outcome": posted.outcome.value,
        "http_status": posted.status,
        "milliseconds": posted.milliseconds,
    }
    state, due_at = held.state, held.due_at
    is_ours = held.attempt_count == taken.attempt_count
    if held.state is DeliveryState.WAITING and (is_ours or posted.outcome is Outcome.DELIVERED):
        state = state_after(posted.outcome, taken.attempt_count)
        if state is DeliveryState.WAITING:
            due_at = next_attempt_at(taken.delivery_id, taken.attempt_count, now)
    delivered_at = now if state is DeliveryState.DELIVERED and held.state is DeliveryState.WAITING else None
    outbox.note(
        tx,
        taken.delivery_id,
        state,
        (*held.attempts, attempt),
        due_at=due_at,
        delivered_at=delivered_at or held.delivered_at,
    )
    if posted.outcome is Outcome.DELIVERED:
        endpoints.note_success(tx, taken.webhook_id, now)
    else:
        endpoints.note_failure(tx, taken.webhook_id, now)
    if posted.outcome is Outcome.GONE:
        endpoints.note_gone(tx, taken.webhook_id)
        outbox.end_waiting(tx, taken.webhook_id, DeliveryState.GIVEN_UP)
    return state
