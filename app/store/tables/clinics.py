"""Clinics, their settings and their staff."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, clinic_key, code, one_of


class ClinicRow(Base):
    """The only global table: which clinic has which short name.

    Both never change, so the service keeps them in memory.
    """

    __tablename__ = "clinics"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    short_name: Mapped[str] = mapped_column(String(40), unique=True)


class ClinicSettingsRow(Base):
    """One row a clinic. `revision` grows with each change and is part of what phones compare.

    So does `content_revision` with each change of what the clinic says about the content; 0 means that it says nothing.
    """

    __tablename__ = "clinic_settings"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
        one_of("who_sees_patients", "everyone", "care_team"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    revision: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(String(200))
    time_zone: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(code(8))
    phone: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(String(200))
    hours: Mapped[str | None] = mapped_column(String(500))
    emergency_number: Mapped[str | None] = mapped_column(String(20))
    defaults: Mapped[dict[str, Any]]
    who_sees_patients: Mapped[str] = mapped_column(code(), server_default="everyone")
    content_revision: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime]


class ClinicianRow(Base):
    """Staff. `email` is stored folded to lower case; the password only as its argon2 hash.

    `first_password_until` is set while the password is the one that the server made: it opens nothing but the choice of
    another, and not after that instant. `version` counts the changes by an administrator.
    """

    __tablename__ = "clinicians"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
        UniqueConstraint("clinic_id", "email"),
        one_of("status", "active", "disabled"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(200))
    display_name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(300))
    is_admin: Mapped[bool]
    is_clinician: Mapped[bool]
    status: Mapped[str] = mapped_column(code())
    version: Mapped[int] = mapped_column(server_default=text("1"))
    first_password_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
