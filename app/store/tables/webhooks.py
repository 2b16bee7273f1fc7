"""Whom a clinic wants told, what there is to tell, and how far each telling came: the outbox."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, clinic_key, code, one_of


class WebhookRow(Base):
    """An address of the clinic's own that is told of stops.

    Secrets are kept as they are, because the server signs with them. `old_secret` signs beside the new one until
    `old_secret_until`. `failing_since`: the first attempt of those that have failed since anything was delivered.
    `version` counts the changes by an administrator. A removed one stays, without its secrets, for what was sent to it.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
        one_of("status", "active", "disabled", "gone", "removed"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(500))
    description: Mapped[str | None] = mapped_column(String(200))
    secret: Mapped[str] = mapped_column(String(100))
    old_secret: Mapped[str | None] = mapped_column(String(100))
    old_secret_until: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(code())
    version: Mapped[int]
    failing_since: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]


class EventRow(Base):
    """Something that happened, written in the very transaction in which it did; never changed but for `spread_at`.

    `patient_id` is null for what is about no patient. `spread_at` is when it was put before each webhook of the clinic.
    """

    __tablename__ = "events"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),
        Index(
            "ix_events_spread_at",
            "clinic_id",
            "recorded_at",
            sqlite_where=text("spread_at IS NULL"),
            postgresql_where=text("spread_at IS NULL"),
        ),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = mapped_column(primary_key=True)
    patient_id: Mapped[UUID | None]
    type: Mapped[str] = mapped_column(code())
    recorded_at: Mapped[datetime]
    body: Mapped[dict[str, Any]]
    spread_at: Mapped[datetime | None]


class DeliveryRow(Base):
    """One event on its way to one webhook.

    `attempt_count` grows when a worker takes it up, and `due_at` moves behind the time that the worker may need, so
    that another takes it up when the first one dies. `attempts` tells how each ended that did.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "webhook_id"], ["webhooks.clinic_id", "webhooks.id"]),
        ForeignKeyConstraint(["clinic_id", "event_id"], ["events.clinic_id", "events.id"]),
        UniqueConstraint("clinic_id", "webhook_id", "event_id"),
        one_of("state", "waiting", "delivered", "given_up", "cancelled"),
        Index("ix_deliveries_state", "clinic_id", "state", "due_at"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = mapped_column(primary_key=True)
    webhook_id: Mapped[UUID]
    event_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(code())
    attempt_count: Mapped[int]
    attempts: Mapped[list[Any]]
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
