"""Rows for tests that need some in every table, and what rows a database holds."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Date,
    Integer,
    LargeBinary,
    Table,
    Uuid,
    insert,
    select,
    text,
)

from app.store import engines
from app.store.tables import Base
from app.store.tables.types import UtcDateTime

AWKWARD = 'Zoë\'s "tablet"\n\u2028 {curly} \U0001f9b5'
NAMESPACE = UUID("0197f0c0-0000-7000-8000-000000000000")


def fill(url: str, *clinics: str) -> None:
    """One row in every table for each clinic, with awkward texts, odd numbers, and microseconds."""
    with _connected(url) as connection:
        for clinic in clinics:
            _enter(connection, id_of(clinic, "clinic"))
            for table in Base.metadata.sorted_tables:
                connection.execute(insert(table), {it.name: _value(clinic, table, it) for it in table.columns})


def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows by table, as Python values, whichever database they are in."""
    found: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in Base.metadata.sorted_tables}
    clinics = Base.metadata.tables["clinics"]
    with _connected(url) as connection:
        for clinic_id in connection.execute(select(clinics.c.id)).scalars().all():
            _enter(connection, clinic_id)
            for name, table in Base.metadata.tables.items():
                mine = table.c.get("clinic_id", clinics.c.id) == clinic_id
                found[name] += [tuple(row) for row in connection.execute(select(table).where(mine))]
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def _value(clinic: str, table: Table, column: Column[Any]) -> Any:  # noqa: PLR0911 - one line a type
    kind = column.type
    if isinstance(kind, Uuid):
        singular = {"clinic_settings": "clinic"}.get(table.name, table.name.removesuffix("s"))
        return id_of(clinic, singular if column.name == "id" else column.name.removesuffix("_id"))
    if isinstance(kind, UtcDateTime):
        return datetime(2026, 1, 5, 23, 59, 59, 123456, tzinfo=UTC)
    if isinstance(kind, Date):
        return date(2026, 1, 5)
    if isinstance(kind, LargeBinary):
        return bytes(range(256))[-32:]
    if isinstance(kind, JSON):
        return {"text": AWKWARD, "number": 0.1, "whole": 2**40, "none": None, "list": [True, [], {}]}
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer):
        return 3
    allowed = _allowed(table, column.name)
    if column.nullable and not allowed:
        return None
    return allowed or (clinic if column.name == "short_name" else AWKWARD)[: getattr(kind, "length", None) or 40]


def _allowed(table: Table, column: str) -> str | None:
    """The first value that a check lets into an enumeration."""
    for check in table.constraints:
        if isinstance(check, CheckConstraint) and (found := re.match(rf"{column} IN \('(\w+)'", str(check.sqltext))):
            return found.group(1)
    return None


def id_of(clinic: str, noun: str) -> UUID:
    """The id that `fill` gave to a clinic, or to its one patient, prescription or whatever is meant."""
    return uuid5(NAMESPACE, f"{clinic} {noun}")


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = engines.create(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _enter(connection: Connection, clinic_id: UUID) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET app.clinic_id = '{clinic_id!s}'"))
