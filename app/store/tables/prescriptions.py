"""Prescriptions, their versions, the facts that move their courses, and the decisions that followed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, clinic_key, code, one_of

NEEDS_A_LOOK = "concerns IS NOT NULL OR due_calendar IS NULL"
PRESCRIPTION = ["prescriptions.clinic_id", "prescriptions.patient_id", "prescriptions.id"]


class PrescriptionRow(Base):
    """A ladder prescribed to a patient.

    `settled` is the course's standing at the end of the last closed day, which no later fact can change; `standing` is
    the one now. Both are derived and are made again by `rung rebuild`. They are JSON in a text column, because no
    question is ever asked about their inside and they are read on every request. `wakes_on` is the date from which
    `standing` is not enough, because a fact was stored that begins to count on it (a withdrawal raises from the next
    day only). `decided_on` is the date of its newest decision.

    What follows is what the clinic watches (`domain.watch`): `due_calendar` says which slots were due when, `concerns`
    what needs a look (null for nothing), `missed_on` from which date too many days were missed. `due_calendar` is null
    where all of it was never made, in rows of before revision 0002 until `rung rebuild`.
    """

    __tablename__ = "prescriptions"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),
        Index(
            "ix_prescriptions_concerns",
            "clinic_id",
            "patient_id",
            sqlite_where=text(NEEDS_A_LOOK),
            postgresql_where=text(NEEDS_A_LOOK),
        ),
        Index("ix_prescriptions_missed", "clinic_id", "missed_on", "patient_id"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ladder_id: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    version: Mapped[int]
    is_void: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]
    settled: Mapped[str] = mapped_column(Text())
    standing: Mapped[str] = mapped_column(Text())
    wakes_on: Mapped[date | None]
    decided_on: Mapped[date | None]
    due_calendar: Mapped[str | None] = mapped_column(Text())
    concerns: Mapped[str | None] = mapped_column(Text())
    practised_on: Mapped[date | None]
    missed_on: Mapped[date | None]


class PrescriptionVersionRow(Base):
    """One version: what the clinician asked for (`request`) and every number resolved and pinned (`plan`).

    Never changed.
    """

    __tablename__ = "prescription_versions"
    __table_args__ = (ForeignKeyConstraint(["clinic_id", "patient_id", "prescription_id"], PRESCRIPTION),)

    clinic_id: Mapped[UUID] = clinic_key()
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    prescription_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    effective_on: Mapped[date]
    request: Mapped[dict[str, Any]]
    plan: Mapped[str] = mapped_column(Text())
    reason: Mapped[str | None] = mapped_column(String(2000))
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]


class CourseFactRow(Base):
    """A stop, a clinician's order or an answer to an offer. Never changed, never removed."""

    __tablename__ = "course_facts"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),
        ForeignKeyConstraint(["clinic_id", "patient_id", "prescription_id"], PRESCRIPTION),
        one_of("kind", "stop", "order", "answer"),
        Index("ix_course_facts_known_on", "clinic_id", "patient_id", "known_on"),
        Index(
            "ix_course_facts_stops",
            "clinic_id",
            "patient_id",
            sqlite_where=text("kind = 'stop'"),
            postgresql_where=text("kind = 'stop'"),
        ),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(code())
    prescription_id: Mapped[UUID | None]
    known_on: Mapped[date]
    recorded_at: Mapped[datetime]
    body: Mapped[dict[str, Any]]


class DecisionRow(Base):
    """What the course said, in codes and parameters; sentences are rendered on reading.

    Rows are never removed. What later became of an offer is said by the decision that `supersedes` it; only a decision
    of today that a later report of the same day undid has its own `state` changed. `acknowledged_at`: the patient has
    read it.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id", "prescription_id"], PRESCRIPTION),
        one_of("kind", "advance", "step_back", "ease", "grow", "restore", "hold", "pause", "stop", "resume"),
        one_of("state", "offered", "applied", "declined", "superseded", "blocked"),
        one_of("by_kind", "rule", "patient", "clinician"),
        Index("ix_decisions_decided_on", "clinic_id", "patient_id", "decided_on", "id"),
        Index("ix_decisions_supersedes", "clinic_id", "patient_id", "supersedes"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    prescription_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(code())
    from_rung: Mapped[int]
    to_rung: Mapped[int]
    decided_on: Mapped[date]
    effective_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(code())
    by_kind: Mapped[str] = mapped_column(code())
    by_id: Mapped[UUID | None]
    reason: Mapped[dict[str, Any]]
    supersedes: Mapped[UUID | None]
    recorded_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
