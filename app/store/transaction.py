"""One transaction of one clinic: the only thing that can execute a statement."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable, Row

from app.store import guard
from app.store.scope import Scope

_checked: set[Executable] = set()
"""Statements that passed the guard. They are module constants, so the set stays small and keeps them alive."""


class Transaction:
    """What an action or a query gets to ask with. `scope` says whose rows these are."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._clinic = {guard.CLINIC_BIND: scope.clinic_id}
        self.scope = scope

    def rows(self, statement: Executable, **values: Any) -> Sequence[Row[Any]]:  # noqa: ANN401 - column values
        """All rows of a select, or of a write with RETURNING."""
        found: Sequence[Row[Any]] = self._run(statement, values).fetchall()
        return found

    def row(self, statement: Executable, **values: Any) -> Row[Any] | None:  # noqa: ANN401 - column values
        """The first row, or None."""
        found: Row[Any] | None = self._run(statement, values).first()
        return found

    def write(self, statement: Executable, **values: Any) -> int:  # noqa: ANN401 - column values
        """Run an insert, update or delete of one statement; how many rows it met."""
        met: int = self._run(statement, values).rowcount
        return met

    def write_all(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one insert or update for many rows."""
        if rows:
            self._check(statement, rows[0])
            self._connection.execute(statement, [{**row, **self._clinic} for row in rows])

    def _run(self, statement: Executable, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - CursorResult of anything
        self._check(statement, values)
        return self._connection.execute(statement, {**values, **self._clinic})

    def _check(self, statement: Executable, values: Mapping[str, Any]) -> None:
        if guard.CLINIC_COLUMN in values:
            raise guard.UnguardedStatement("nobody passes a clinic's id by hand")
        if statement not in _checked:
            guard.check(statement)  # type: ignore[arg-type]
            _checked.add(statement)
