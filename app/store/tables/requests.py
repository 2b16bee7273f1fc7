"""What patients ask for: facts that act at once, or wait for somebody at the clinic."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, clinic_key, code, one_of


class RequestRow(Base):
    """A patient's request. `body` is what was sent and never changes; only `state` and the clinic's answer move.

    `kind` is as it was sent, also where this build does not know it. `outcome` is what was answered, so that a retry
    gets the same.
    """

    __tablename__ = "requests"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),
        one_of("state", "done", "waiting", "answered"),
        Index("ix_requests_state", "clinic_id", "state", "received_at", "patient_id"),
        Index("ix_requests_received_at", "clinic_id", "patient_id", "received_at", "id"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(code(80))
    state: Mapped[str] = mapped_column(code())
    known_on: Mapped[date]
    received_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    body: Mapped[dict[str, Any]]
    unknown_fields: Mapped[dict[str, Any] | None]
    marks: Mapped[list[Any]]
    outcome: Mapped[dict[str, Any]]
    answer: Mapped[str | None] = mapped_column(String(2000))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]
