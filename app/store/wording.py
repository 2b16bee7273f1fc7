"""How is a statement said to the driver, without asking SQLAlchemy at every request how?

A statement is a module constant, so its words, what becomes of each parameter and of each column are found out once for
each set of parameter names. Measured, SQLAlchemy's own way costs four times what the driver needs for a small question.
This file refuses to know whose rows are asked for; `transaction.py` does.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BindParameter, Connection, Date, Dialect, Executable, Uuid
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from app.store.shapes import text
from app.store.tables.types import UtcDateTime

Processor = Callable[[Any], Any]
Listener = Callable[[str, Any, bool], None]
"""Hears the words, the parameters, and whether they are said once for each of them."""

MOST_WORDINGS = 4096
"""How many wordings are remembered: a statement has one, or one for each length of the lists it is given."""


class Wording:
    """One statement in the words of one database."""

    def __init__(
        self, statement: Executable, dialect: Dialect, values: Mapping[str, Any], expanding: Iterable[str]
    ) -> None:
        compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=sorted(values))  # type: ignore[attr-defined]
        if compiled.insert_prefetch or compiled.update_prefetch or compiled.escaped_bind_names:
            raise TypeError("a statement must be given each value that it stores, under a plain name")
        constants = compiled.params
        binds: dict[str, BindParameter[Any]] = {name: bind for bind, name in compiled.bind_names.items()}
        lists = set(expanding)
        self.sql = compiled.string
        order: Sequence[str] | None = compiled.positiontup
        in_lists: Mapping[str, Sequence[str]] = {}
        if lists:
            state = compiled.construct_expanded_state(values)
            self.sql, order, in_lists = state.statement, state.positiontup, state.parameter_expansion
        expanded = {one: (name, place) for name, ones in in_lists.items() for place, one in enumerate(ones)}
        self._is_positional = compiled.positional
        names = order if compiled.positional else [*(one for one in binds if one not in lists), *expanded]
        self._binds: list[tuple[str, str, int | None, Any, Processor | None]] = []
        self._plain: list[tuple[str, Processor | None]] | None = None
        for name in names or ():
            source, place = expanded.get(name, (name, None))
            process = _in(binds[source].type, dialect)
            if source in values:
                self._binds.append((name, source, place, None, process))
            else:
                constant = constants[name]
                constant = constant if process is None else process(constant)
                self._binds.append((name, "", None, constant, None))
        if compiled.positional and all(source and place is None for _, source, place, _, _ in self._binds):
            self._plain = [(source, process) for _, source, _, _, process in self._binds]
        columns = list(getattr(statement, "exported_columns", ()))
        self._row = _row([column.key for column in columns]) if columns else None
        processors = [_out(column.type, dialect) for column in columns]
        self._processors = [(place, process) for place, process in enumerate(processors) if process is not None]

    def parameters(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what the driver takes
        """The values as the driver takes them."""
        if self._plain is not None:
            return tuple([values[name] if process is None else process(values[name]) for name, process in self._plain])
        found = []
        for _, source, place, constant, process in self._binds:
            if not source:
                found.append(constant)
                continue
            value = values[source] if place is None else values[source][place]
            found.append(value if process is None else process(value))
        if self._is_positional:
            return tuple(found)
        return {bind[0]: value for bind, value in zip(self._binds, found, strict=True)}

    def parameters_of_all(self, rows: Sequence[Mapping[str, Any]], same: Mapping[str, Any]) -> list[Any]:
        """The values of many rows; `same` holds in each of them, whatever the row says, and is made ready once."""
        if self._plain is None:
            return [self.parameters({**row, **same}) for row in rows]
        ready: list[Any] = []
        own: list[tuple[int, str, Processor | None]] = []
        for place, (name, process) in enumerate(self._plain):
            if name in same:
                ready.append(same[name] if process is None else process(same[name]))
            else:
                ready.append(None)
                own.append((place, name, process))
        found = []
        for row in rows:
            values = ready.copy()
            for place, name, process in own:
                values[place] = row[name] if process is None else process(row[name])
            found.append(values)
        return found

    def rows(self, cursor: Any) -> list[Any]:  # noqa: ANN401 - a driver's cursor
        """What came back, as named tuples."""
        assert self._row is not None
        found = cursor.fetchall()
        if self._processors:
            found = [list(row) for row in found]
            for row in found:
                for place, process in self._processors:
                    row[place] = process(row[place])
        return [self._row(row) for row in found]


class Speaker:
    """Says statements to the driver of one kind of database, and remembers how."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._wordings: dict[Any, Wording] = {}
        self._expanding: dict[Executable, tuple[str, ...]] = {}
        self.listeners: list[Listener] = []
        """Who hears what is said: tests that count, and the benchmark."""

    def rows(self, connection: Connection, statement: Executable, values: Mapping[str, Any]) -> list[Any]:
        """Say a select, or a write with RETURNING; its rows."""
        wording = self._wording(statement, values)
        return wording.rows(self._say(connection, wording, wording.parameters(values)))

    def write(self, connection: Connection, statement: Executable, values: Mapping[str, Any]) -> int:
        """Say a write; how many rows it met."""
        wording = self._wording(statement, values)
        met: int = self._say(connection, wording, wording.parameters(values)).rowcount
        return met

    def write_all(
        self, connection: Connection, statement: Executable, rows: Sequence[Mapping[str, Any]], same: Mapping[str, Any]
    ) -> None:
        """Say one write for each of these rows, which all have the same names; `same` holds in each of them."""
        wording = self._wording(statement, {**rows[0], **same})
        parameters = wording.parameters_of_all(rows, same)
        if len(parameters) == 1:
            self._say(connection, wording, parameters[0])
            return
        driver: Any = connection.connection.driver_connection
        for hear in self.listeners:
            hear(wording.sql, parameters, True)
        driver.cursor().executemany(wording.sql, parameters)

    def _say(self, connection: Connection, wording: Wording, parameters: Any) -> Any:  # noqa: ANN401 - a driver's cursor
        driver: Any = connection.connection.driver_connection
        for hear in self.listeners:
            hear(wording.sql, parameters, False)
        return driver.execute(wording.sql, parameters)

    def _wording(self, statement: Executable, values: Mapping[str, Any]) -> Wording:
        expanding = self._expanding.get(statement)
        if expanding is None:
            expanding = self._expanding[statement] = _expanding(statement)
        key = (statement, tuple(values), *[len(values[name]) for name in expanding])
        wording = self._wordings.get(key)
        if wording is None:
            while len(self._wordings) >= MOST_WORDINGS:
                self._wordings.pop(next(iter(self._wordings)), None)
            wording = self._wordings[key] = Wording(statement, self._dialect, values, expanding)
        return wording


def _expanding(statement: Executable) -> tuple[str, ...]:
    """The parameters that stand for a list of parameters."""
    binds = (one for one in visitors.iterate(statement) if isinstance(one, BindParameter))  # type: ignore[arg-type]
    return tuple(sorted({one.key for one in binds if one.expanding}))


def _row(names: Iterable[str | None]) -> Callable[[Iterable[Any]], Any]:
    """What makes a row of its values; a column without a name has none."""
    columns = [name or "" for name in names]
    kind: Any = namedtuple("Row", columns, rename=True)  # type: ignore[misc]  # noqa: PYI024 - made when it runs
    make: Callable[[Iterable[Any]], Any] = kind._make
    return make


def _uuid_text(value: UUID | None) -> str | None:
    return None if value is None else f"{value.int:032x}"


def _date_text(value: date | None) -> str | None:
    return None if value is None else date.isoformat(value)


def _json_text(value: object) -> str | None:
    return None if value is None else text(value)


def _instant_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a naive datetime reached the store")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _in(kind: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    """What a value becomes on its way in. For SQLite: ids, dates, instants as SQLAlchemy has them, in half the time."""
    if isinstance(kind, Uuid) and not dialect.supports_native_uuid:
        return _uuid_text
    if isinstance(kind, JSON):
        return _json_text
    if isinstance(kind, Date) and dialect.name == "sqlite":
        return _date_text
    if isinstance(kind, UtcDateTime) and dialect.name == "sqlite":
        return _instant_text
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _uuid(text: str | None) -> UUID | None:
    """An id from its 32 hexadecimal digits, in half the time that taking off braces and hyphens costs."""
    return None if text is None else UUID(int=int(text, 16))


def _out(kind: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    if isinstance(kind, Uuid) and not dialect.supports_native_uuid:
        return _uuid
    return kind.dialect_impl(dialect).result_processor(dialect, None)
