"""Patients: the conditions they carry, who treats them, when they are away, and when their treatment ended."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, clinic_key, code, one_of


class PatientRow(Base):
    """A patient of one clinic.

    `revision` counts every change to what the patient may see, under this row's lock: it orders the patient's writes.
    `version` counts the clinic's edits of this row. `newest_local_date` is the latest local date accepted from the
    phone or reached by a write. `newest_fact_on` is the newest `known_on` of a course fact or condition: most writes
    need not ask for any. `newest_check_in_on` is the newest date of a check-in: most sessions need not ask for one.
    """

    __tablename__ = "patients"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
        one_of("status", "active", "discharged", "closed"),
        one_of("logging", "phone", "clinic"),
        Index("ix_patients_search", "clinic_id", "search_name", "id"),
        Index("ix_patients_heard", "clinic_id", "status", "last_heard_at"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)
    display_name: Mapped[str] = mapped_column(String(200))
    search_name: Mapped[str] = mapped_column(String(400))
    time_zone: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(code(8))
    birth_year: Mapped[int | None]
    phone: Mapped[str | None] = mapped_column(String(40))
    identifiers: Mapped[list[Any]]
    logging: Mapped[str] = mapped_column(code())
    status: Mapped[str] = mapped_column(code())
    newest_local_date: Mapped[date | None]
    newest_fact_on: Mapped[date | None]
    newest_check_in_on: Mapped[date | None]
    first_connected_on: Mapped[date | None]
    last_heard_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]


class PatientConditionRow(Base):
    """A condition that a patient carries from `known_on` until a clinician clears it or takes it off."""

    __tablename__ = "patient_conditions"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),
        one_of("cleared_as", "cleared", "removed"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    condition: Mapped[str] = mapped_column(code(80))
    known_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID]
    cleared_on: Mapped[date | None]
    cleared_as: Mapped[str | None] = mapped_column(code())
    cleared_by: Mapped[UUID | None]
    note: Mapped[str | None] = mapped_column(String(2000))


class CareTeamRow(Base):
    """A clinician treats a patient. Every patient has at least one active clinician in their care team."""

    __tablename__ = "care_teams"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),
        ForeignKeyConstraint(["clinic_id", "clinician_id"], ["clinicians.clinic_id", "clinicians.id"]),
        Index("ix_care_teams_clinician", "clinic_id", "clinician_id", "patient_id"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    clinician_id: Mapped[UUID] = mapped_column(primary_key=True)


class AbsenceRow(Base):
    """Days, both included, on which a patient is away or ill: excused from `known_on` on, until `ended_on`."""

    __tablename__ = "absences"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),
        one_of("reason", "illness", "holiday", "other"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str] = mapped_column(code())
    note: Mapped[str | None] = mapped_column(String(2000))
    known_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID]
    ended_on: Mapped[date | None]
    ended_by: Mapped[UUID | None]


class DischargeRow(Base):
    """The end of a treatment; `taken_back_on` is set when it began again."""

    __tablename__ = "discharges"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),
        one_of("reason", "completed", "moved_away", "no_response", "patient_wish", "referred", "died", "other"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(code())
    note: Mapped[str | None] = mapped_column(String(2000))
    discharged_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID]
    taken_back_on: Mapped[date | None]
    taken_back_by: Mapped[UUID | None]
