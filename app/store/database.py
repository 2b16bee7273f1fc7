"""One request, one hop, one transaction, and whose rows it may touch.

`db.read(caller, fn, ...)` and `db.write(caller, fn, ...)` hop into a thread that owns a connection, open the
transaction, prove the caller inside it, run `fn(tx, ...)`, commit, and only then is there an answer. Nothing else opens
a transaction for the service. This file knows how a transaction begins and ends; it refuses to know any table but those
of signing in.
"""

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import DBAPIError

from app.domain.errors import Forbidden, NotFound, RungError, Unauthorized, Unavailable
from app.store import engines, sign_ins
from app.store.operating import founding, migrate
from app.store.scope import Caller, Role, Scope
from app.store.tables.clinics import ClinicRow
from app.store.together.group_commit import GroupWriter, Outcome
from app.store.together.proven import ProvenTogether
from app.store.transaction import MustAsk, Transaction
from app.store.wording import Speaker
from app.values import dataclass

P = ParamSpec("P")
T = TypeVar("T")
TRIES = 4
REVISION = "SELECT version_num FROM alembic_version"
CLINIC_ID = select(ClinicRow.id).where(ClinicRow.short_name == bindparam("short_name"))
SERIALIZATION_OR_DEADLOCK = {"40001", "40P01"}
COMMANDS = frozenset({Role.OPERATOR, Role.WORKER})
"""What only commands can be."""

log = structlog.get_logger()


class UnknownClinic(NotFound):
    """There is no clinic with this short name."""


@dataclass(frozen=True, slots=True)
class Refused:
    """What an action returns when it refuses but what it wrote must stay: a failed attempt, a revoked family."""

    error: RungError


class Database:
    """The connections of one process. Close it when the process ends."""

    def __init__(
        self, url: str, *, read_threads: int = 0, write_threads: int = 0, busy_timeout_seconds: float = 5.0
    ) -> None:
        self._engine = engines.create(url, busy_timeout_seconds=busy_timeout_seconds)
        self._driver_error: type[Exception] = self._engine.dialect.loaded_dbapi.Error
        self.speaker = Speaker(self._engine.dialect)
        self._local = threading.local()
        self._connections: set[Connection] = set()
        self._clinic_ids: dict[str, UUID] = {}
        self.is_sqlite = self._engine.dialect.name == "sqlite"
        cores = os.cpu_count() or 2
        # Few readers, because threads share one interpreter; one writer on SQLite, because it has one write lock.
        self._readers = ThreadPoolExecutor(read_threads or (2 if self.is_sqlite else 4 * cores), "read")
        self._writers = ThreadPoolExecutor(write_threads or 4 * cores, "write")
        self._group_writer = GroupWriter(self._engine.connect, self._driver_error) if self.is_sqlite else None
        self._proven_together = ProvenTogether(self._prove_together, self._readers)

    def close(self) -> None:
        """Wait for running transactions and let go of all connections."""
        self._readers.shutdown(wait=True)
        self._writers.shutdown(wait=True)
        if self._group_writer is not None:
            self._group_writer.close()
        for connection in tuple(self._connections):
            connection.close()
        self._connections.clear()
        self._engine.dispose()

    async def read(
        self, caller: Caller, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a query in a transaction that only reads and sees one moment."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._run, caller, _bound(fn, *args, **kwargs), False)

    async def read_at_once(
        self, caller: Caller, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The same for a query that reads a few rows: on SQLite it does not leave the event loop.

        There the hop costs more than such a query. When the file is locked it is asked again as `read` asks.
        """
        if self.is_sqlite:
            try:
                answer: T = self._once(self._at_once(), caller, _bound(fn, *args, **kwargs), False)
            except (DBAPIError, self._driver_error):
                self._drop_connection()
            else:
                return answer
        return await self.read(caller, fn, *args, **kwargs)

    async def read_remembered(
        self, caller: Caller, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The same for a query that mostly finds in memory what stands as of the caller's revision.

        On PostgreSQL it is tried with nothing but the proven caller first, who is proven together with all who ask at
        the same moment; only a query that must ask gets a transaction. On SQLite a transaction costs no more than that.
        """
        clinic_id = self._clinic_ids.get(caller.clinic_short_name or "")
        if self.is_sqlite or caller.token is None or clinic_id is None:
            return await self.read_at_once(caller, fn, *args, **kwargs)
        scope = await self._proven_together.scope(clinic_id, caller)
        tx = Transaction(None, self.speaker, scope)
        try:
            answer: T = fn(tx, *args, **kwargs)
        except MustAsk:
            return await self.read(caller, fn, *args, **kwargs)
        for then in tx.when_committed:
            then()
        return answer

    async def write(
        self, caller: Caller, fn: Callable[Concatenate[Transaction, P], T | Refused], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run an action in a transaction and commit it before answering.

        On SQLite the transaction is shared with other actions that wait at the same moment: each is undone alone.
        """
        if self._group_writer is not None:
            bound = _bound(fn, *args, **kwargs)
            in_group: T = await self._group_writer.write(lambda connection: self._in_group(connection, caller, bound))
            return in_group
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writers, self._run, caller, _bound(fn, *args, **kwargs), True)

    def read_here(
        self, caller: Caller, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The same as `read`, in the calling thread; for commands."""
        answer: T = self._run(caller, _bound(fn, *args, **kwargs), False)
        return answer

    def write_here(
        self, caller: Caller, fn: Callable[Concatenate[Transaction, P], T | Refused], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The same as `write`, in the calling thread; for commands."""
        answer: T = self._run(caller, _bound(fn, *args, **kwargs), True)
        return answer

    async def clinics(self) -> list[str]:
        """The short names of all clinics: the only thing that is known without entering one of them."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._short_names)

    def _short_names(self) -> list[str]:
        try:
            return list(self._connection().execute(founding.NAMES).scalars())
        except (DBAPIError, self._driver_error) as error:
            self._drop_connection()
            raise Unavailable("The database does not answer; try again later.") from error

    def is_ready(self) -> bool:
        """Does the database answer, migrated, and can it be written?"""
        try:
            with self._engine.connect() as connection:
                driver = connection.connection.driver_connection
                assert driver is not None
                driver.execute("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN READ WRITE")
                try:
                    revision = driver.execute(REVISION).fetchone()
                finally:
                    _roll_back(driver)
        except (DBAPIError, self._driver_error):
            return False
        return bool(revision is not None and revision[0] == migrate.head())

    def _run(self, caller: Caller, fn: Callable[[Transaction], Any], writes: bool) -> Any:  # noqa: ANN401, FBT001 - private
        return self._retried(lambda connection: self._once(connection, caller, fn, writes))

    def _retried(self, once: Callable[[Connection], T]) -> T:
        for attempt in range(TRIES):
            try:
                return once(self._connection())
            except (DBAPIError, self._driver_error) as error:
                self._drop_connection()
                if attempt + 1 == TRIES or not _is_worth_another_try(error):
                    log.warning("database_unavailable", error=type(error).__name__, code=_sqlstate(error))
                    raise Unavailable("The database does not answer; try again later.") from error
        raise AssertionError("unreachable")

    def _once(self, connection: Connection, caller: Caller, fn: Callable[[Transaction], Any], writes: bool) -> Any:  # noqa: ANN401, FBT001 - private
        clinic_id = self._clinic_id(connection, caller)
        with _begun(connection, clinic_id, writes=writes):
            tx = Transaction(connection, self.speaker, self._prove(connection, caller, clinic_id))
            answer = fn(tx)
        for then in tx.when_committed:
            then()
        if isinstance(answer, Refused):
            raise answer.error
        return answer

    def _prove_together(self, clinic_id: UUID, callers: Sequence[Caller]) -> Sequence[Scope | RungError]:
        def once(connection: Connection) -> Sequence[Scope | RungError]:
            with _begun(connection, clinic_id, writes=False):
                return sign_ins.scopes_of_tokens(connection, self.speaker, clinic_id, callers)

        return self._retried(once)

    def _in_group(self, connection: Connection, caller: Caller, fn: Callable[[Transaction], Any]) -> Outcome:
        """The same inside a transaction that somebody else begins and commits."""
        tx = Transaction(connection, self.speaker, self._prove(connection, caller, self._clinic_id(connection, caller)))
        answer = fn(tx)
        if isinstance(answer, Refused):
            return Outcome(error=answer.error, when_committed=tx.when_committed)
        return Outcome(answer, when_committed=tx.when_committed)

    def _prove(self, connection: Connection, caller: Caller, clinic_id: UUID) -> Scope:
        """Find out who calls, inside the transaction, so that a revocation acts at once in every process."""
        if caller.token is not None:
            return sign_ins.scope_of_token(connection, self.speaker, clinic_id, caller)
        roles = caller.allowed & COMMANDS if caller.is_operator else frozenset({Role.ANONYMOUS})
        if not roles & caller.allowed:
            raise Forbidden("This operation is for another role.")
        return Scope(clinic_id, caller.clinic_short_name or "", roles)

    def _connection(self) -> Connection:
        """This thread's own connection."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._engine.connect()
            self._connections.add(connection)
        return connection

    def _at_once(self) -> Connection:
        """The event loop's own connection, which never waits for a lock."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connection()
            connection.connection.driver_connection.execute("PRAGMA busy_timeout=0")  # type: ignore[union-attr]
        return connection

    def _drop_connection(self) -> None:
        connection: Connection | None = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            self._connections.discard(connection)
            with contextlib.suppress(Exception):
                connection.invalidate()
                connection.close()

    def _clinic_id(self, connection: Connection, caller: Caller) -> UUID:
        short_name = caller.clinic_short_name
        if short_name is None:
            raise Unauthorized("Send the access token in the header `Authorization: Bearer ...`.")
        known = self._clinic_ids.get(short_name)
        if known is None:
            known = connection.execute(CLINIC_ID, {"short_name": short_name}).scalar()
            if known is None and caller.token is not None:
                raise Unauthorized("This access token is not known.")
            if known is None:
                raise UnknownClinic("There is no clinic with this short name.")
            self._clinic_ids[short_name] = known
        return known


def _bound(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[[Transaction], Any]:  # noqa: ANN401 - any arguments
    return lambda tx: fn(tx, *args, **kwargs)


@contextlib.contextmanager
def _begun(connection: Connection, clinic_id: UUID, *, writes: bool) -> Iterator[None]:
    """A transaction of one clinic, committed at the end of the block, undone when it raises."""
    driver = connection.connection.driver_connection
    driver.execute(engines.begin(connection.dialect.name, clinic_id=clinic_id, writes=writes))  # type: ignore[union-attr]
    try:
        yield
        _commit(driver)
    except BaseException:
        _roll_back(driver)
        raise


def _commit(driver: Any) -> None:  # noqa: ANN401 - a driver connection
    """Commit, or say that it is not known whether it was: such a transaction is never tried again by itself."""
    try:
        said = getattr(driver.execute("COMMIT"), "statusmessage", "COMMIT")
    except Exception as error:
        raise Unavailable("The database went away while it was committing; send the same again.") from error
    if said != "COMMIT":
        # PostgreSQL answers the COMMIT of a transaction in which a statement failed with a friendly ROLLBACK.
        raise Unavailable("The database undid this; send the same again.")


def _roll_back(driver: Any) -> None:  # noqa: ANN401 - a driver connection
    with contextlib.suppress(Exception):
        driver.execute("ROLLBACK")


def _sqlstate(error: BaseException) -> str | None:
    origin = error.orig if isinstance(error, DBAPIError) else error
    return getattr(origin, "sqlstate", None) or getattr(origin, "sqlite_errorname", None)


def _is_worth_another_try(error: BaseException) -> bool:
    """A deadlock, a key that a parallel twin took first, or a connection that had died before this transaction."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    origin = error.orig if isinstance(error, DBAPIError) else error
    closed = type(origin).__name__ in {"OperationalError", "AdminShutdown", "InterfaceError"} and _sqlstate(error) in {
        None,
        "57P01",
        "08006",
        "08003",
    }
    is_taken = any(kind.__name__ == "IntegrityError" for kind in type(origin).__mro__)
    return lost or closed or is_taken or _sqlstate(error) in SERIALIZATION_OR_DEADLOCK
