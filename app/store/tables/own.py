"""What a clinic says about the content: what it signed off, what it hides, and what is its own."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, clinic_key, code, one_of

SLUG_LENGTH = 80


class SignOffRow(Base):
    """One version of one exercise or ladder, signed by a clinician under their name of that day.

    Rows stay: signing anew makes another, and what is taken back is marked.
    """

    __tablename__ = "content_sign_offs"
    __table_args__ = (ForeignKeyConstraint(["clinic_id"], ["clinics.id"]), one_of("kind", "exercise", "ladder"))

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(code())
    content_id: Mapped[str] = mapped_column(String(SLUG_LENGTH))
    content_version: Mapped[int]
    signed_by: Mapped[UUID]
    signed_name: Mapped[str] = mapped_column(String(200))
    signed_on: Mapped[date]
    note: Mapped[str | None] = mapped_column(String(2000))
    signed_at: Mapped[datetime]
    withdrawn_by: Mapped[UUID | None]
    withdrawn_at: Mapped[datetime | None]


class HiddenRow(Base):
    """An exercise or a ladder that the clinic does not prescribe anew."""

    __tablename__ = "hidden_content"
    __table_args__ = (ForeignKeyConstraint(["clinic_id"], ["clinics.id"]), one_of("kind", "exercise", "ladder"))

    clinic_id: Mapped[UUID] = clinic_key()
    kind: Mapped[str] = mapped_column(code(), primary_key=True)
    content_id: Mapped[str] = mapped_column(String(SLUG_LENGTH), primary_key=True)
    hidden_by: Mapped[UUID]
    hidden_at: Mapped[datetime]


class DefinitionRow(Base):
    """A version of an exercise or a ladder of the clinic's own: the body as it was sent, which never changes.

    The newest version has no `superseded_at`. `retired_at` is set on the version that was the newest when the clinic
    gave it up; a later version takes it up again.
    """

    __tablename__ = "own_definitions"
    __table_args__ = (ForeignKeyConstraint(["clinic_id"], ["clinics.id"]), one_of("kind", "exercise", "ladder"))

    clinic_id: Mapped[UUID] = clinic_key()
    kind: Mapped[str] = mapped_column(code(), primary_key=True)
    content_id: Mapped[str] = mapped_column(String(SLUG_LENGTH), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    retired_by: Mapped[UUID | None]
    retired_at: Mapped[datetime | None]
