"""One transaction of one clinic: the only thing that can execute a statement.

Two guards stand here, so that no store function can forget them. A patient's transaction touches that patient's rows
only, and what is known about patients is for them and for those who treat them: for all clinicians of the clinic, or
for the patient's care team, as the clinic says. No transaction touches another clinic.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Executable, bindparam

from app.domain.errors import NotFound, RungError
from app.store import guard
from app.store.scope import Role, Scope
from app.store.tables.patients import CareTeamRow
from app.store.wording import Speaker

_checked: dict[Executable, guard.Reach] = {}
"""Statements that passed the guard. They are module constants, so it stays small and keeps them alive."""

TREATED_OF = guard.TREATED.where(CareTeamRow.patient_id.in_(bindparam("patient_ids", expanding=True)))
NOTHING: Mapping[str, Any] = {}
TREATS = frozenset({Role.CLINICIAN, Role.OPERATOR})


class MustAsk(Exception):
    """What was asked for is not remembered: only the database knows."""


class Transaction:
    """What an action or a query gets to ask with. `scope` says whose rows these are.

    Without a connection nothing can be asked: it serves those who find all they need in memory, and raises MustAsk.
    """

    def __init__(self, connection: Connection | None, speaker: Speaker, scope: Scope) -> None:
        self._connection = connection
        self._speaker = speaker
        self._clinic = {guard.CLINIC_BIND: scope.clinic_id}
        self.scope = scope
        self._treated: set[UUID] = set()
        self.when_committed: list[Callable[[], None]] = []
        """What to do once everything here is safe: above all, to remember what was read, which may be undone yet."""
        self.known: dict[tuple[str, UUID], Any] = {}
        """What this transaction has read or made, by noun and patient; undone with its part."""

    def rows(self, statement: Executable, **values: Any) -> Sequence[Any]:  # noqa: ANN401 - column values
        """All rows of a select, or of a write with RETURNING, as named tuples."""
        self._check(statement, (values,), NOTHING)
        return self._speaker.rows(self._open(), statement, values | self._clinic)

    def listed(self, everyone: Executable, treated: Executable, **values: Any) -> Sequence[Any]:  # noqa: ANN401 - column values
        """All rows of a list over patients: of all of them, or of those whom the caller treats, as the clinic says."""
        if self.scope.sees_care_team_only:
            return self.rows(treated, by_clinician=self.scope.clinician_id, **values)
        return self.rows(everyone, **values)

    def row(self, statement: Executable, **values: Any) -> Any:  # noqa: ANN401 - a named tuple of column values
        """The first row, or None."""
        return next(iter(self.rows(statement, **values)), None)

    def write(self, statement: Executable, **values: Any) -> int:  # noqa: ANN401 - column values
        """Run an insert, update or delete of one statement; how many rows it met."""
        self._check(statement, (values,), NOTHING)
        return self._speaker.write(self._open(), statement, values | self._clinic)

    def write_all(self, statement: Executable, rows: Sequence[Mapping[str, Any]], **same: Any) -> None:  # noqa: ANN401 - column values
        """Run one insert or update for many rows, which all have the same names; `same` holds in each of them."""
        if rows:
            self._check(statement, rows, same)
            self._speaker.write_all(self._open(), statement, rows, same | self._clinic)

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part of the transaction that is undone alone when it raises, so that the rest can go on."""
        driver: Any = self._open().connection.driver_connection
        remembered, known = len(self.when_committed), dict(self.known)
        driver.execute("SAVEPOINT part")
        try:
            yield
        except RungError:
            del self.when_committed[remembered:]
            self.known = known
            driver.execute("ROLLBACK TO SAVEPOINT part")
            driver.execute("RELEASE SAVEPOINT part")
            raise
        # Any other error ends the whole transaction: it says nothing about this part alone.
        driver.execute("RELEASE SAVEPOINT part")

    def _open(self) -> Connection:
        if self._connection is None:
            raise MustAsk
        return self._connection

    def require_patient(self, patient_id: UUID) -> None:
        """Let only those go on who may ask about this patient; for what is remembered. Raises NotFound."""
        own = self.scope.patient_id
        if own != patient_id if own is not None else not self.scope.roles & TREATS:
            raise NotFound("There is no such patient.")
        if self.scope.sees_care_team_only:
            self._require_in_care({patient_id})

    def _check(self, statement: Executable, rows: Sequence[Mapping[str, Any]], same: Mapping[str, Any]) -> None:
        """Refuse what would touch another's rows. Raises NotFound for a patient whom the caller may not see.

        `same` holds in each of the rows, whatever the row says.
        """
        reach = _checked.get(statement)
        if reach is None:
            reach = _checked[statement] = guard.check(statement)  # type: ignore[arg-type]
        for row in (same, *rows):
            if guard.CLINIC_COLUMN in row or (reach.is_update and guard.PATIENT_COLUMN in row):
                raise guard.UnguardedStatement("nobody passes a clinic's id by hand, and no row moves")
        own = self.scope.patient_id
        if own is None:
            # Who is not signed in yet is found by an invitation or a token, which name a patient; nothing else is.
            is_closed = reach.has_facts if Role.ANONYMOUS in self.scope.roles else reach.has_patients
            is_staffing = reach.is_about_staff and Role.CLINIC_ADMIN in self.scope.roles
            if is_closed and not self.scope.roles & TREATS and not is_staffing:
                raise NotFound("There is no such patient.")
            if self.scope.sees_care_team_only and not is_staffing:
                self._require_treated(reach, [{**row, **same} for row in rows])
        elif reach.patient_binds is None:
            raise guard.UnguardedStatement("a patient may not ask this: it is not tied to one patient")
        elif reach.patient_binds:
            whole = [same] if reach.patient_binds <= same.keys() else [{**row, **same} for row in rows]
            self._require_own(own, reach.patient_binds, whole)

    def _require_treated(self, reach: guard.Reach, rows: Sequence[Mapping[str, Any]]) -> None:
        if reach.makes_patient:
            self._treated.update(row["id"] for row in rows)
            return
        if reach.team_binds is None:
            raise guard.UnguardedStatement("a clinician of a care team may not ask this: it is held to no care team")
        if any(row.get(bind) != self.scope.clinician_id for row in rows for bind in reach.team_binds):
            raise guard.UnguardedStatement("nobody asks for another clinician's patients")
        given = [row[bind] for row in rows for bind in reach.named_patients if row.get(bind) is not None]
        self._require_in_care({one for value in given for one in (value if isinstance(value, list) else [value])})

    def _require_in_care(self, named: set[UUID]) -> None:
        if named - self._treated:
            values = {"by_clinician": self.scope.clinician_id, "patient_ids": list(named), **self._clinic}
            self._treated.update(row[0] for row in self._speaker.rows(self._open(), TREATED_OF, values))
        if named - self._treated:
            raise NotFound("There is no such patient.")

    @staticmethod
    def _require_own(own: UUID, binds: frozenset[str], rows: Sequence[Mapping[str, Any]]) -> None:
        for row in rows:
            for bind in binds:
                given = row.get(bind)
                if given != own and not (isinstance(given, list) and all(one == own for one in given)):
                    raise NotFound("There is no such patient.")
