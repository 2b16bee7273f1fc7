"""What was reported: sessions and check-ins as facts, and the evidence of each day that is derived from them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, clinic_key, code, one_of
from app.store.tables.prescriptions import PRESCRIPTION


class SessionRow(Base):
    """One revision of a reported session. A correction or a withdrawal is another revision; only `is_current` moves.

    `body` is the report in the shape of the contract; `outcome` is what was answered, so that a retry gets the same.
    `known_on` is the patient's local date on which this revision was first received, `proofs` the evidence as it was
    judged then: all derived tables can be made again from the revisions.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),
        one_of("setting", "home", "clinic", "paper"),
        one_of("recorded_by_kind", "patient", "clinician"),
        Index(
            "ix_sessions_local_date",
            "clinic_id",
            "patient_id",
            "local_date",
            "started_at",
            "id",
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    is_current: Mapped[bool]
    is_withdrawn: Mapped[bool]
    started_at: Mapped[datetime]
    local_date: Mapped[date]
    known_on: Mapped[date]
    received_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    body: Mapped[dict[str, Any]]
    proofs: Mapped[str] = mapped_column(Text())
    unknown_fields: Mapped[dict[str, Any] | None]
    marks: Mapped[list[Any]]
    setting: Mapped[str] = mapped_column(code())
    recorded_by_kind: Mapped[str] = mapped_column(code())
    recorded_by_id: Mapped[UUID]
    outcome: Mapped[dict[str, Any]]


class CheckInRow(Base):
    """One revision of a morning's check-in, filed under the local date that the phone named.

    A correction or a withdrawal is another revision; only `is_current` moves. `body` is the report in the shape of the
    contract, `outcome` what was answered.
    """

    __tablename__ = "check_ins"
    __table_args__ = (ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),)

    clinic_id: Mapped[UUID] = clinic_key()
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    local_date: Mapped[date] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    is_current: Mapped[bool]
    is_withdrawn: Mapped[bool]
    known_on: Mapped[date]
    received_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    body: Mapped[dict[str, Any]]
    unknown_fields: Mapped[dict[str, Any] | None]
    marks: Mapped[list[Any]]
    outcome: Mapped[dict[str, Any]]


class PracticeDayRow(Base):
    """The evidence of one prescription on one local date, as known at the end of `known_on`; derived from the reports.

    `is_current` marks the newest of a date. `performances` is JSON in a text column: only the course reads it. The
    counts are those of `domain.adherence.Counts`; `kept`, `kept_excused` and `begun` are null in rows of before
    revision 0002 until `rung rebuild` has counted them. `next_morning` and `has_symptom` are what check-ins add.
    """

    __tablename__ = "practice_days"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id", "prescription_id"], PRESCRIPTION),
        Index(
            "ix_practice_days_window",
            "clinic_id",
            "patient_id",
            "local_date",
            "is_current",
            "kept",
            "kept_excused",
            "begun",
            "done",
            "partial",
        ),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    prescription_id: Mapped[UUID] = mapped_column(primary_key=True)
    local_date: Mapped[date] = mapped_column(primary_key=True)
    known_on: Mapped[date] = mapped_column(primary_key=True)
    is_current: Mapped[bool]
    performances: Mapped[str] = mapped_column(Text())
    done: Mapped[int]
    partial: Mapped[int]
    worst_pain: Mapped[int | None]
    kept: Mapped[int | None]
    kept_excused: Mapped[int | None]
    begun: Mapped[int | None]
    next_morning: Mapped[int | None]
    has_symptom: Mapped[bool]


class PracticeQuarterRow(Base):
    """What all prescriptions of a patient add up to on each day of a calendar quarter; derived from practice days.

    The texts are those of `domain.practice.quarter`: one character a day. The key begins with the quarter, so that what
    a window of a whole clinic reads lies side by side, however long ago its patients began.
    """

    __tablename__ = "practice_quarters"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),
        Index("ix_practice_quarters_patient", "clinic_id", "patient_id"),
        {"sqlite_with_rowid": False},
    )

    clinic_id: Mapped[UUID] = clinic_key()
    quarter_start: Mapped[date] = mapped_column(primary_key=True)
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    kept: Mapped[str] = mapped_column(Text())
    kept_excused: Mapped[str] = mapped_column(Text())
    begun: Mapped[str] = mapped_column(Text())
    practised: Mapped[str] = mapped_column(Text())
