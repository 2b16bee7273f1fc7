"""Plans that a clinic makes often, kept to be prescribed again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, clinic_key


class PlanTemplateRow(Base):
    """A list of wishes under a name, as they were sent. `version` counts the changes. It names no patient."""

    __tablename__ = "plan_templates"
    __table_args__ = (ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),)

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str | None] = mapped_column(String(2000))
    items: Mapped[list[Any]]
    version: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]
