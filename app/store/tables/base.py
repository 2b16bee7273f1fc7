"""What all tables share: names for every constraint, and the clinic that leads every key.

The models are never loaded as objects: statements ask for the columns they need.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, MetaData, String, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.store.tables.types import Json, UtcDateTime


class Base(DeclarativeBase):
    """The one declarative base."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        UUID: Uuid(),
        datetime: UtcDateTime(),
        dict[str, Any]: Json,
        list[Any]: Json,
        bytes: LargeBinary(),
    }


def clinic_key() -> Mapped[UUID]:
    """The clinic's id, first column of the primary key of every table that belongs to a clinic."""
    return mapped_column(Uuid(), primary_key=True, sort_order=-10)


def one_of(column: str, *values: str) -> CheckConstraint:
    """A named check that a text column holds one of these values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def code(length: int = 40) -> String:
    """A short text column for codes and names of enumerations."""
    return String(length)
