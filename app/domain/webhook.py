"""What is a clinic's own machine told when a patient is stopped, when is it tried again, and when is it given up?

A stop becomes one event, with an id made from the patient and the stop, so that a retry or a correction of the report
finds it again. This file refuses to know how anything is sent.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from app.domain.decision import Stop
from app.values import dataclass

WORKLIST = "/v1/worklist"
"""Where a reader goes from a stop: the path on this server."""

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
"""How long after each failed attempt the next one follows: the usual schedule of those who send standard webhooks."""

MOST_ATTEMPTS = len(WAITS) + 1

LONGEST_SPREAD = 0.1
"""A wait is prolonged by up to this part of it, so that what failed together does not come back together."""

OVERLAP = timedelta(hours=24)
"""For so long after a rotation the old secret signs beside the new one (product default)."""

MOST_WEBHOOKS = 5
"""More addresses than these a clinic does not have."""


class EventType(StrEnum):
    """What a webhook is told."""

    PATIENT_STOPPED = "patient.stopped"
    """A symptom was reported that stops exercise. One event a stop, however many prescriptions it stops."""
    TEST = "webhook.test"
    """An administrator asked for a test. It is about no patient."""


class WebhookStatus(StrEnum):
    """Whether a webhook is told anything."""

    ACTIVE = "active"
    """It is told."""
    DISABLED = "disabled"
    """An administrator switched it off."""
    GONE = "gone"
    """It answered 410, which means that nobody listens there any more; an administrator may switch it on again."""


class DeliveryState(StrEnum):
    """How far an event came on its way to one webhook."""

    WAITING = "waiting"
    """It waits for its first or next attempt."""
    DELIVERED = "delivered"
    """The webhook answered 2xx."""
    GIVEN_UP = "given_up"
    """The last attempt failed, or the webhook answered 410. Somebody must look."""
    CANCELLED = "cancelled"
    """The webhook was switched off or removed before it was delivered."""


class Outcome(StrEnum):
    """How one attempt ended."""

    DELIVERED = "delivered"
    """The webhook answered 2xx."""
    REFUSED = "refused"
    """It answered another status."""
    REDIRECTED = "redirected"
    """It answered with another address, which is not followed."""
    GONE = "gone"
    """It answered 410."""
    TIMED_OUT = "timed_out"
    """It did not answer in time."""
    UNREACHABLE = "unreachable"
    """Its name could not be resolved, nothing listens there, or its certificate is not good."""
    UNSAFE_ADDRESS = "unsafe_address"
    """Its name leads to an address that is not public, so nothing was sent."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell. `data` holds ids, codes and dates: no name, no phone number, no words of anybody."""

    id: UUID
    type: EventType
    recorded_at: datetime
    data: Mapping[str, str]
    patient_id: UUID | None = None

    def body(self) -> dict[str, Any]:
        """What is sent, the same at every attempt."""
        return {"type": self.type.value, "timestamp": self.recorded_at.isoformat(), "data": dict(self.data)}


def event_of_stop(stop: Stop, *, patient_id: UUID, clinic_id: UUID, clinic: str, now: datetime) -> Event:
    """The event of a stop that became known now. `clinic` is the clinic's short name."""
    return Event(
        # A phone may use the id of another's session, so the stop's own id is only unique for its patient.
        id=uuid5(patient_id, f"{EventType.PATIENT_STOPPED}/{stop.id}"),
        type=EventType.PATIENT_STOPPED,
        recorded_at=now,
        data={
            "clinic": clinic,
            "clinic_id": str(clinic_id),
            "patient_id": str(patient_id),
            "stop_id": str(stop.id),
            "class": stop.symptom_class,
            "happened_on": stop.local_date.isoformat(),
            "known_on": stop.known_on.isoformat(),
            "worklist": WORKLIST,
        },
        patient_id=patient_id,
    )


def trial_event(event_id: UUID, *, clinic_id: UUID, clinic: str, now: datetime) -> Event:
    """An event by which an administrator tries a webhook out."""
    return Event(event_id, EventType.TEST, now, {"clinic": clinic, "clinic_id": str(clinic_id)})


def state_after(outcome: Outcome, attempt_count: int) -> DeliveryState:
    """What becomes of a delivery whose attempt of this number, counting from 1, ended so."""
    if outcome is Outcome.DELIVERED:
        return DeliveryState.DELIVERED
    if outcome is Outcome.GONE or attempt_count >= MOST_ATTEMPTS:
        return DeliveryState.GIVEN_UP
    return DeliveryState.WAITING


def next_attempt_at(delivery_id: UUID, attempt_count: int, failed_at: datetime) -> datetime:
    """When to try again after the attempt of this number failed.

    Two deliveries spread by different parts of their wait, and the same one always by the same: no chance is needed.
    """
    wait = WAITS[min(attempt_count, len(WAITS)) - 1]
    digest = hashlib.sha256(delivery_id.bytes + attempt_count.to_bytes(4, "big")).digest()
    return failed_at + wait * (1 + LONGEST_SPREAD * int.from_bytes(digest[:4], "big") / 2**32)
