"""How do many phones share one commit? The one writing thread of SQLite, and what becomes of each job of a group.

SQLite has one write lock, and each commit waits for the disk. So one thread takes all that is waiting into one
transaction, every job in a savepoint of its own, commits once, and only then answers any of them. A job that is refused
or fails is undone alone. When the commit fails, nobody is told that anything was stored. This file refuses to know what
a job does.
"""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.domain.errors import RungError, Unavailable
from app.store.together.waking import Waiter, waiter, wake
from app.values import dataclass

MOST_JOBS = 16
MOST_SECONDS = 0.05
"""A group takes no further job after so long: the first one is waiting for its answer."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job answers, or the error to raise; `when_committed` is called once its transaction is safe."""

    answer: Any = None
    error: BaseException | None = None
    when_committed: Sequence[Callable[[], None]] = ()


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Connection], Outcome]
    waiter: Waiter


class _TransactionLost(Exception):
    """The database has ended the whole transaction, for example because the disk is full."""


class GroupWriter:
    """One thread with one connection. It starts with the first job."""

    def __init__(self, connect: Callable[[], Connection], driver_error: type[Exception]) -> None:
        self._connect = connect
        self._errors: tuple[type[Exception], ...] = (DBAPIError, driver_error)
        self._connection: Connection | None = None
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    async def write(self, work: Callable[[Connection], Outcome]) -> Any:  # noqa: ANN401 - what the job answers
        """Wait until the job is committed; its answer. Raises what the job raised, or Unavailable."""
        job = _Job(work, waiter())
        with self._lock:
            if self._is_closed:
                raise Unavailable("The server is ending; send the same again.")
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="writer", daemon=True)
                self._thread.start()
            self._jobs.put(job)
        return await job.waiter.future

    def close(self) -> None:
        """Finish what is waiting, then end."""
        with self._lock:
            self._is_closed = True
            self._jobs.put(None)
        if self._thread is not None:
            self._thread.join()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            taken: list[_Job] = []
            try:
                outcomes = self._together(self._waiting(job, taken))
            except Exception as defect:
                log.exception("writer_defect", exc_info=defect)
                failed = self._failed(defect)
                outcomes = [(one, failed) for one in taken]
            wake((job.waiter, outcome.answer, outcome.error) for job, outcome in outcomes)
        self._let_go()

    def _waiting(self, first: _Job, taken: list[_Job]) -> Iterator[_Job]:
        """The first job and those that wait behind it, as long as the group may grow; `taken` remembers them."""
        taken.append(first)
        yield first
        until = time.monotonic() + MOST_SECONDS
        for _ in range(MOST_JOBS - 1):
            if time.monotonic() > until:
                return
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            if job is None:
                self._jobs.put(None)  # the end comes after this group
                return
            taken.append(job)
            yield job

    def _together(self, jobs: Iterable[_Job]) -> list[tuple[_Job, Outcome]]:
        """Run jobs in one transaction and commit it."""
        taken: list[_Job] = []
        done: list[Outcome] = []
        try:
            connection = self._begin()
        except self._errors as error:
            # Whoever waits now would wait as long again for the same.
            return [(job, self._failed(error)) for job in jobs]
        driver = connection.connection.driver_connection
        assert driver is not None
        try:
            for job in jobs:
                taken.append(job)
                done.append(self._one(job, connection, driver))
        except _TransactionLost as lost:
            failed = self._failed(lost.__cause__ or lost)
            if len(taken) == 1:
                return [(taken[0], failed)]
            # Nobody has been answered yet, so each may try again in a transaction of its own.
            return [outcome for job in taken for outcome in self._together([job])]
        try:
            driver.execute("COMMIT")
        except self._errors as error:
            failed = self._failed(error)
            return [(job, failed) for job in taken]
        for outcome in done:
            for then in outcome.when_committed:
                then()
        return list(zip(taken, done, strict=True))

    def _one(self, job: _Job, connection: Connection, driver: Any) -> Outcome:  # noqa: ANN401 - a driver connection
        """Run a job in a savepoint; when it raises, what it wrote is undone."""
        try:
            driver.execute("SAVEPOINT job")
            outcome = job.work(connection)
            driver.execute("RELEASE job")
        except Exception as error:
            if not driver.in_transaction:
                raise _TransactionLost from error
            try:
                driver.execute("ROLLBACK TO job")
                driver.execute("RELEASE job")
            except self._errors as second:
                raise _TransactionLost from second
            if isinstance(error, self._errors):
                return Outcome(error=_unavailable(error))
            return Outcome(error=error)
        return outcome

    def _begin(self) -> Connection:
        if self._connection is None:
            self._connection = self._connect()
        driver = self._connection.connection.driver_connection
        assert driver is not None
        driver.execute("BEGIN IMMEDIATE")
        return self._connection

    def _failed(self, error: BaseException) -> Outcome:
        """The transaction is lost: begin the next one on a new connection."""
        self._let_go()
        return Outcome(error=_unavailable(error))

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.invalidate()
                connection.close()


def _unavailable(error: BaseException) -> RungError:
    origin = getattr(error, "orig", None) or error
    code = getattr(origin, "sqlite_errorname", None)
    log.warning("database_unavailable", error=type(error).__name__, code=code)
    unavailable = Unavailable("The database did not store this; send the same again later.")
    unavailable.__cause__ = error
    return unavailable
