"""The hop: nothing is answered before it is committed, one job's failure is its own, and faults end as 503 and pass."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import bindparam as bind
from sqlalchemy import event, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.clock import MovableClock
from app.domain.errors import Conflict, RungError, Unauthorized, Unavailable
from app.store.database import Database, Refused
from app.store.guard import CLINIC
from app.store.keys import new_id
from app.store.operating.founding import found_clinic
from app.store.scope import Caller, Role
from app.store.tables.signing_in import AttemptRow
from app.store.together import group_commit
from app.store.transaction import Transaction
from tests.databases import DatabaseUrls, FreshDatabase

NOTE = insert(AttemptRow).values(clinic_id=CLINIC)
COUNT = select(func.count()).select_from(AttemptRow).where(AttemptRow.clinic_id == CLINIC)
TOUCH = (
    update(AttemptRow)
    .where(AttemptRow.clinic_id == CLINIC, AttemptRow.id == bind("of_attempt"))
    .values(subject=bind("new_subject"))
)

Open = Callable[..., Database]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Databases that are closed at the end of the test."""
    made: list[Database] = []

    def open_(urls: DatabaseUrls, clock: MovableClock, **settings: Any) -> Database:
        found_clinic(urls.app_url, "spine", lambda _tx: None, clock.now())
        made.append(Database(urls.app_url, **settings))
        return made[-1]

    yield open_
    for one in made:
        one.close()


@pytest.fixture
def nobody(clock: MovableClock) -> Caller:
    """Somebody who is not signed in yet, as at the door of a clinic."""
    return Caller(clock.now(), None, frozenset({Role.ANONYMOUS}), clinic="spine")


def note(tx: Transaction, now: datetime, text: str = "x") -> UUID:
    """Write one row."""
    key = new_id(now)
    tx.write(NOTE, id=key, subject=text.encode(), at=now)
    return key


def count(tx: Transaction) -> int:
    """How many rows are there?"""
    found: int = tx.rows(COUNT)[0][0]
    return found


async def test_an_error_undoes_and_a_refusal_stays(
    database: DatabaseUrls, clock: MovableClock, opened: Open, nobody: Caller
) -> None:
    db = opened(database, clock)

    def fails(tx: Transaction) -> None:
        note(tx, clock.now())
        raise Conflict("no")

    def refuses(tx: Transaction) -> Refused:
        note(tx, clock.now())
        return Refused(Unauthorized("no"))

    with pytest.raises(Conflict):
        await db.write(nobody, fails)
    assert await db.read(nobody, count) == 0
    with pytest.raises(Unauthorized):
        await db.write(nobody, refuses)
    assert await db.read(nobody, count) == 1


async def test_what_was_read_is_remembered_only_when_it_is_committed(
    database: DatabaseUrls, clock: MovableClock, opened: Open, nobody: Caller
) -> None:
    db = opened(database, clock)
    remembered: list[str] = []

    def work(tx: Transaction, *, is_bad: bool) -> None:
        tx.when_committed.append(partial(remembered.append, "bad" if is_bad else "good"))
        if is_bad:
            raise Conflict("no")

    with pytest.raises(Conflict):
        await db.write(nobody, work, is_bad=True)
    await db.write(nobody, work, is_bad=False)
    assert remembered == ["good"]


async def gathered(db: Database, nobody: Caller, *jobs: Callable[[Transaction], Any]) -> list[Any]:
    """Put jobs into one group: the first one holds the writing thread until the others wait."""
    waiting = threading.Event()

    def holds(_tx: Transaction) -> None:
        waiting.wait(5)

    first = asyncio.create_task(db.write(nobody, holds))
    await asyncio.sleep(0.05)
    others = [asyncio.create_task(db.write(nobody, job)) for job in jobs]
    await asyncio.sleep(0)
    waiting.set()
    await first
    return await asyncio.gather(*others, return_exceptions=True)


@pytest.fixture
def patient_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that waits for its jobs however slow the machine is just now."""
    monkeypatch.setattr(group_commit, "MOST_SECONDS", 60.0)


@pytest.mark.usefixtures("patient_group")
async def test_one_job_of_a_group_fails_alone(
    fresh_database: FreshDatabase, clock: MovableClock, opened: Open, nobody: Caller
) -> None:
    db = opened(fresh_database("sqlite"), clock)
    key = new_id(clock.now())

    def same_key(tx: Transaction) -> str:
        tx.write(NOTE, id=key, subject=b"x", at=clock.now())
        return "stored"

    def defect(tx: Transaction) -> None:
        note(tx, clock.now())
        raise ZeroDivisionError

    def refuses(tx: Transaction) -> Refused:
        note(tx, clock.now())
        return Refused(Unauthorized("no"))

    answers = await gathered(db, nobody, same_key, same_key, defect, refuses, count)
    assert [answers[0], type(answers[1]), type(answers[2]), type(answers[3])] == [
        "stored",
        Unavailable,
        ZeroDivisionError,
        Unauthorized,
    ]
    assert answers[4] == 2  # of the same group, so it sees what the others stored
    assert await db.read(nobody, count) == 2


@pytest.mark.usefixtures("patient_group")
async def test_a_group_is_one_commit_and_nobody_is_answered_before_it(
    fresh_database: FreshDatabase,
    clock: MovableClock,
    opened: Open,
    nobody: Caller,
) -> None:
    urls = fresh_database("sqlite")
    db = opened(urls, clock)
    seen: list[int] = []

    def looks_from_outside(tx: Transaction) -> None:
        note(tx, clock.now())
        seen.append(db.read_here(nobody, count))

    assert await gathered(db, nobody, *[looks_from_outside] * 5) == [None] * 5
    assert seen == [0] * 5
    assert await db.read(nobody, count) == 5


class Spoiled:
    """A driver connection of which one statement fails, before or after it was done."""

    def __init__(self, driver: Any, statement: str, error: Exception) -> None:
        self._driver, self._statement, self._error = driver, statement, error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    def execute(self, sql: str, *more: Any) -> Any:
        if sql == self._statement:
            raise self._error
        return self._driver.execute(sql, *more)


@pytest.mark.usefixtures("patient_group")
async def test_a_failing_commit_is_no_success_for_anybody(
    fresh_database: FreshDatabase,
    clock: MovableClock,
    opened: Open,
    nobody: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    db = opened(fresh_database("sqlite"), clock)
    begin = group_commit.GroupWriter._begin  # noqa: SLF001 - a disk that fails at this moment is hard to come by
    was_remembered: list[int] = []

    class Wrapped:
        """A connection whose driver cannot commit."""

        def __init__(self, connection: Any) -> None:
            self._connection = connection
            self.driver_connection = Spoiled(
                connection.connection.driver_connection, "COMMIT", sqlite3.OperationalError("disk I/O error")
            )

        @property
        def connection(self) -> Any:
            return self

        def __getattr__(self, name: str) -> Any:
            return getattr(self._connection, name)

    monkeypatch.setattr(group_commit.GroupWriter, "_begin", lambda self: Wrapped(begin(self)))

    def work(tx: Transaction) -> UUID:
        tx.when_committed.append(partial(was_remembered.append, 1))
        return note(tx, clock.now())

    jobs = [asyncio.create_task(db.write(nobody, work)) for _ in range(4)]
    answers = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(one) for one in answers] == [Unavailable] * 4
    monkeypatch.undo()
    assert await db.read(nobody, count) == 0
    assert was_remembered == []
    await db.write(nobody, work)
    assert await db.read(nobody, count) == 1


async def test_postgresql_saying_rollback_to_a_commit_is_no_success(
    fresh_database: FreshDatabase, clock: MovableClock, opened: Open, nobody: Caller
) -> None:
    db = opened(fresh_database("postgresql"), clock)

    def swallows_an_error(tx: Transaction) -> str:
        key = note(tx, clock.now())
        try:
            tx.write(NOTE, id=key, subject=b"x", at=clock.now())
        except IntegrityError:
            return "stored"
        raise AssertionError("the key was not there")

    with pytest.raises(Unavailable):
        await db.write(nobody, swallows_an_error)
    assert await db.read(nobody, count) == 0


async def test_a_deadlock_is_tried_again(
    fresh_database: FreshDatabase, clock: MovableClock, opened: Open, nobody: Caller
) -> None:
    db = opened(fresh_database("postgresql"), clock, write_threads=2)
    one, other = [await db.write(nobody, note, clock.now()) for _ in range(2)]
    both_hold = threading.Barrier(2)
    tries: list[str] = []

    def crosswise(tx: Transaction, name: str, first: UUID, second: UUID) -> str:
        tries.append(name)
        tx.write(TOUCH, of_attempt=first, new_subject=name.encode())
        if tries.count(name) == 1:
            both_hold.wait(10)
        tx.write(TOUCH, of_attempt=second, new_subject=name.encode())
        return name

    there, back = db.write(nobody, crosswise, "there", one, other), db.write(nobody, crosswise, "back", other, one)
    assert [*await asyncio.gather(there, back)] == ["there", "back"]
    assert len(tries) == 3


def kill_backends(urls: DatabaseUrls) -> None:
    """End every other connection of the same role, as an operator or a failover does."""
    with psycopg.connect(urls.app_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND usename = current_user AND pid <> pg_backend_pid()"
        )


async def test_after_a_killed_connection_the_next_request_works(
    fresh_database: FreshDatabase, clock: MovableClock, opened: Open, nobody: Caller
) -> None:
    urls = fresh_database("postgresql")
    db = opened(urls, clock, read_threads=1, write_threads=1)
    await db.write(nobody, note, clock.now())
    assert await db.read(nobody, count) == 1
    kill_backends(urls)
    await db.write(nobody, note, clock.now())
    assert await db.read(nobody, count) == 2


async def test_a_connection_killed_before_the_commit_stores_once(
    fresh_database: FreshDatabase, clock: MovableClock, opened: Open, nobody: Caller
) -> None:
    urls = fresh_database("postgresql")
    db = opened(urls, clock, write_threads=1)
    tries: list[int] = []

    def cut_once(tx: Transaction) -> None:
        note(tx, clock.now())
        tries.append(1)
        if len(tries) == 1:
            kill_backends(urls)
        note(tx, clock.now())

    await db.write(nobody, cut_once)
    assert len(tries) == 2
    assert await db.read(nobody, count) == 2


async def test_a_connection_killed_at_the_commit_is_never_tried_again(
    fresh_database: FreshDatabase, clock: MovableClock, opened: Open, nobody: Caller
) -> None:
    urls = fresh_database("postgresql")
    db = opened(urls, clock, write_threads=1)
    tries: list[int] = []

    def cut_at_the_end(tx: Transaction) -> None:
        note(tx, clock.now())
        tries.append(1)
        kill_backends(urls)

    with pytest.raises(Unavailable):
        await db.write(nobody, cut_at_the_end)
    assert tries == [1]
    assert await db.read(nobody, count) == 0
    await db.write(nobody, note, clock.now())


async def test_a_locked_file_is_unavailable_and_nothing_is_stored(
    fresh_database: FreshDatabase, clock: MovableClock, opened: Open, nobody: Caller
) -> None:
    urls = fresh_database("sqlite")
    db = opened(urls, clock, busy_timeout_seconds=0.2)
    with closing(sqlite3.connect(urls.app_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answers = await asyncio.gather(*(db.write(nobody, note, clock.now()) for _ in range(8)), return_exceptions=True)
        assert [type(one) for one in answers] == [Unavailable] * 8
        assert await db.read(nobody, count) == 0  # reading goes on
        other.execute("ROLLBACK")
    await db.write(nobody, note, clock.now())
    assert await db.read(nobody, count) == 1


async def test_a_full_disk_is_unavailable_and_reads_go_on(
    fresh_database: FreshDatabase, clock: MovableClock, opened: Open, nobody: Caller
) -> None:
    db = opened(fresh_database("sqlite"), clock)
    await db.write(nobody, note, clock.now())
    room = await db.read(nobody, lambda tx: tx._open().exec_driver_sql("PRAGMA page_count").scalar_one())  # noqa: SLF001 - no statement says it

    @event.listens_for(db._engine, "connect")  # noqa: SLF001 - the disk is made full below everything else
    def _leave_little_room(driver: sqlite3.Connection, _record: object) -> None:
        driver.execute(f"PRAGMA max_page_count = {room}")

    assert db._group_writer is not None  # noqa: SLF001 - ditto
    db._group_writer._let_go()  # noqa: SLF001 - ditto: its thread is waiting

    def writes_much(tx: Transaction) -> None:
        tx.write(NOTE, id=new_id(clock.now()), subject=b"x" * 200_000, at=clock.now())

    async def asked(job: Callable[[Transaction], Any]) -> Any:
        try:
            return await db.write(nobody, job)
        except RungError as error:
            return type(error)

    small = partial(note, now=clock.now())
    answers = await asyncio.gather(*(asked(job) for job in (small, writes_much, small)))
    assert answers[1] is Unavailable
    assert await db.read(nobody, count) == 1 + sum(isinstance(one, UUID) for one in answers)
    room = 1_000_000
    db._group_writer._let_go()  # noqa: SLF001 - ditto
    await db.write(nobody, writes_much)


async def test_closing_finishes_what_waits_and_refuses_what_comes_later(
    fresh_database: FreshDatabase, clock: MovableClock, opened: Open, nobody: Caller
) -> None:
    db = opened(fresh_database("sqlite"), clock)
    jobs = [asyncio.create_task(db.write(nobody, note, clock.now())) for _ in range(20)]
    await asyncio.sleep(0)
    await asyncio.to_thread(db.close)
    assert all(isinstance(one, UUID) for one in await asyncio.gather(*jobs))
    with pytest.raises(Unavailable):
        await db.write(nobody, note, clock.now())
