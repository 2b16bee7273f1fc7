"""Runs the statements of the store against another clinic's rows: what does each of them reach?

Every bind is filled with what makes the statement find the rows of one clinic, read from those rows themselves: the
value of the column that the bind is compared with, or one beside it. So a new statement is tried without anybody
having to think of it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Column, Connection, CursorResult, Date, Table, Uuid, select, update
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.dml import Insert, Update
from sqlalchemy.sql.elements import BinaryExpression, ClauseElement

from app.store import engines
from app.store.guard import CLINIC_BIND, UnguardedStatement, check
from app.store.tables import Base
from app.store.tables.types import UtcDateTime
from tests.constants import statements
from tests.rows import id_of

TABLES: Mapping[str, Table] = Base.metadata.tables
OF_A_CLINIC = sorted(name for name, table in TABLES.items() if "clinic_id" in table.c)
Rows = Mapping[str, Mapping[str, Any]]

FINDS_NOTHING = {
    "app.store.clinicians:TAKE_OVER",
    "app.store.decisions:PAGE_AFTER",
    "app.store.prescriptions:VOID_OF_PATIENT",
    "app.store.requests:PAGE_AFTER",
    "app.store.sessions:WINDOW_AFTER",
    "app.store.sign_ins:REFRESH_TOKEN",
    "app.store.sign_ins:SUPERSEDE",
    "app.store.revisions:TAKE_FOR_NEW_SESSION",
    "app.store.worklist:NEVER_CONNECTED",
    "app.store.worklist:STOPS_WITHOUT_PRESCRIPTION",
    "app.store.worklist:NEVER_CONNECTED_TREATED",
    "app.store.worklist:STOPS_OF_TREATED",
    "app.store.webhooks.outbox:PAGE_AFTER",
}
"""What finds nothing where every table has one row: second pages, refresh tokens beside access tokens, new sessions,
a colleague who treats nobody yet, and what asks for rows that are not there."""


def guarded() -> Iterator[tuple[str, ClauseElement]]:
    """The statements of the store that a transaction runs."""
    for constant in statements():
        try:
            check(constant.statement)
        except UnguardedStatement:
            continue
        yield str(constant), constant.statement


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A plain connection, as the service's engine makes it: every statement is its own transaction."""
    engine = engines.create(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@contextmanager
def undone(connection: Connection, begin: str = "BEGIN") -> Iterator[None]:
    """A transaction that leaves nothing behind."""
    connection.exec_driver_sql(begin)
    try:
        yield
    finally:
        connection.exec_driver_sql("ROLLBACK")


def rows_of(connection: Connection, clinic_id: UUID) -> Rows:
    """One row of each table of a clinic, by table and column. The connection must be let through to them."""
    found: dict[str, Mapping[str, Any]] = {}
    for name in OF_A_CLINIC:
        table = TABLES[name]
        found[name] = connection.execute(select(table).where(table.c.clinic_id == clinic_id)).one()._asdict()
    clinics = TABLES["clinics"]
    found["clinics"] = connection.execute(select(clinics).where(clinics.c.id == clinic_id)).one()._asdict()
    return found


def make_findable(connection: Connection, clinic: str) -> None:
    """Bring the rows that `fill` made into the state that most statements look for: open, valid, somebody's."""
    whose = {"patient_id": id_of(clinic, "patient"), "clinician_id": id_of(clinic, "clinician")}
    states: dict[str, dict[str, Any]] = {
        "sign_ins": {"revoked_at": None, "device_id": "device-1", **whose},
        "tokens": {"superseded_at": None},
        "absences": {"ended_on": None},
        "discharges": {"taken_back_on": None},
        "invitations": {"redeemed_at": None, "withdrawn_at": None},
        "sessions": {"is_withdrawn": False},
        "check_ins": {"is_withdrawn": False},
        "requests": {"state": "waiting"},
        "content_sign_offs": {"withdrawn_at": None},
        "own_definitions": {"superseded_at": None, "retired_at": None},
        "events": {"spread_at": None},
        "prescriptions": {"is_void": False},
        "decisions": {"supersedes": id_of(clinic, "decision")},
        "course_facts": {"prescription_id": id_of(clinic, "prescription")},
    }
    for name, state in states.items():
        table = TABLES[name]
        connection.execute(update(table).where(table.c.clinic_id == id_of(clinic, "clinic")).values(state))


def _table_of(column: Column[Any]) -> str:
    """The table of a column, also where the statement calls it by another name."""
    table: Any = column.table
    name: str = getattr(table, "element", table).name
    return name


def values_for(statement: ClauseElement, rows: Rows) -> dict[str, Any]:
    """A value for each bind of the statement, with which it meets these rows; the clinic's own bind is left out."""
    values: dict[str, Any] = {}
    for element in visitors.iterate(statement):
        if isinstance(element, BindParameter) and element.required and element.key != CLINIC_BIND:
            values.setdefault(element.key, _otherwise(element))
    for element in visitors.iterate(statement):
        if isinstance(element, BinaryExpression) and isinstance(element.left, Column):
            bind = element.right
            if isinstance(bind, BindParameter) and bind.key in values:
                values[bind.key] = _beside(element.operator, rows[_table_of(element.left)][element.left.name], bind)
    if isinstance(statement, Insert | Update):
        own = rows[str(statement.table)]
        for column, value in (statement._values or {}).items():  # noqa: SLF001 - SQLAlchemy has no public reader
            if isinstance(value, BindParameter) and value.key in values:
                values[value.key] = own[column if isinstance(column, str) else column.name]
        if isinstance(statement, Insert):
            values |= {name: value for name, value in own.items() if name != "clinic_id"}
    return values


def reached(connection: Connection, statement: ClauseElement, values: Mapping[str, Any]) -> int:
    """How many rows a statement finds or changes; a count of nothing is nothing."""
    return number(connection.execute(statement, values))  # type: ignore[call-overload]


def number(result: CursorResult[Any]) -> int:
    """How many rows a result stands for."""
    if not result.returns_rows:
        return int(result.rowcount)
    return sum(any(row) for row in result.fetchall())


def _otherwise(bind: BindParameter[Any]) -> Any:
    """For binds that are compared with nothing: page lengths, patterns, places from which a page goes on."""
    if bind.expanding:
        return ["active", "discharged"]
    if bind.key in {"most", "at_most"}:
        return 100
    if bind.key.startswith("like_"):
        return "%"
    kinds = ((Uuid, UUID(int=0)), (Date, date(2026, 1, 5)), (UtcDateTime, datetime(2026, 1, 5, 9, tzinfo=UTC)))
    return next((value for kind, value in kinds if isinstance(bind.type, kind)), "")


def _beside(operator: Any, value: Any, bind: BindParameter[Any]) -> Any:
    if bind.expanding:
        return [value]
    if operator is operators.like_op:
        return "%"
    step = timedelta(days=1) if isinstance(value, date | datetime) else None
    if step is not None and operator in {operators.gt, operators.ne}:
        return value - step
    if step is not None and operator is operators.lt:
        return value + step
    if operator is operators.ne:
        return b"\0" * 32
    return value
