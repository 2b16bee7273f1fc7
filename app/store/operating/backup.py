"""How is everything that an installation knows put into one file, and made from it again?

One form for both databases, so that a clinic which began on SQLite can move to PostgreSQL: gzipped JSON lines. The
first line names the schema's revision and each table's columns, then come the rows, clinic by clinic, and the last line
counts them and carries a checksum of all before. It is read in one transaction, which sees one moment while others go
on writing.

Reading and writing clinic by clinic, held by row-level security like the service, needs no role that may pass it.
Remembered answers are left out: they are good for a day, and hold invitation codes in clear.
"""

import base64
import gzip
import hashlib
import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    Integer,
    LargeBinary,
    String,
    TableClause,
    Text,
    Uuid,
    column,
    insert,
    select,
    table,
)
from sqlalchemy.types import TypeEngine

from app.domain.errors import Conflict
from app.store import engines
from app.store.guard import CLINIC_COLUMN
from app.store.operating import migrate
from app.store.tables import Base
from app.store.tables.clinics import ClinicRow
from app.store.tables.types import Json, UtcDateTime
from app.values import dataclass

FORM = 1
LEFT_OUT = frozenset({"remembered_answers"})
ROWS_AT_ONCE = 1000

# The first that fits a column's type is its kind; how a kind is kept in a table, and how it is read from JSON.
KINDS: tuple[tuple[str, type[Any], TypeEngine[Any], Callable[[Any], Any] | None], ...] = (
    ("uuid", Uuid, Uuid(), UUID),
    ("instant", UtcDateTime, UtcDateTime(), datetime.fromisoformat),
    ("date", Date, Date(), date.fromisoformat),
    ("bytes", LargeBinary, LargeBinary(), base64.urlsafe_b64decode),
    ("json", JSON, Json, None),
    ("boolean", Boolean, Boolean(), None),
    ("integer", Integer, Integer(), None),
    ("text", String, Text(), None),
)
TYPES = {kind: kept_as for kind, _, kept_as, _ in KINDS}
READERS = {kind: read for kind, _, _, read in KINDS}


@dataclass(frozen=True, slots=True)
class Summary:
    """What a backup holds: the schema's revision, when and by which build it was made, and its rows by table."""

    revision: str
    build: str
    made_at: str
    columns: Mapping[str, list[tuple[str, str]]]
    rows: Mapping[str, int]

    @property
    def told(self) -> str:
        """The same for people."""
        rows, clinics = sum(self.rows.values()), self.rows.get("clinics", 0)
        return f"{rows} rows of {clinics} clinics, schema {self.revision}, made {self.made_at} by Rung {self.build}"


class Damaged(Conflict):
    """The file is no backup, is cut off, or was changed."""


def write(url: str, to: Path, *, build: str, now: datetime) -> Summary:
    """Write everything into a file, which appears only when it is whole and was read back.

    Nobody else may read it: it holds whatever the clinics know of their patients. Raises Unmigrated, Unavailable.
    """
    migrate.require_head(url)
    part = to.with_name(f"{to.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        with migrate.plainly(), part.open("wb") as raw, gzip.GzipFile("", "wb", 5, raw, mtime=0) as packed:
            _write_lines(url, packed.write, build, now)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        summary = read_summary(part)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return summary


def read_summary(path: Path) -> Summary:
    """Read the whole file, check it, and tell what it holds. Raises Damaged."""
    counted: Counter[str] = Counter()
    first: dict[str, Any] = {}
    last: dict[str, Any] = {}
    for line in _lines(path):
        if isinstance(line, list):
            counted[line[0]] += 1
        elif "rung_backup" in line:
            first = line
        else:
            last = line
    if last.get("rows") != dict(counted):
        raise Damaged(f"{path} does not hold the rows that it says it holds.")
    columns = {name: [(one, kind) for one, kind in listed] for name, listed in first["columns"].items()}
    return Summary(first["revision"], first["build"], first["made_at"], columns, dict(counted))


def load(path: Path, url: str, *, app_role: str | None) -> Summary:
    """Fill an empty database from a file, in one transaction, then bring it to this build's schema.

    Raises Damaged, Unmigrated for a backup of a newer build, Conflict for a database that is not empty, Unavailable.
    """
    summary = read_summary(path)
    migrate.require_known(summary.revision)
    if migrate.current(url) is None:
        migrate.upgrade(url, to=summary.revision)
    elif migrate.current(url) != summary.revision:
        raise Conflict(f"The backup has the schema {summary.revision}, the database another: take an empty database.")
    with migrate.plainly(), _connected(url, writes=True) as connection:
        if connection.execute(select(ClinicRow.id).limit(1)).first() is not None:
            raise Conflict("The database has clinics already: take an empty database.")
        _load_rows(connection, path, summary)
    migrate.upgrade(url, app_role=app_role)
    return summary


def _write_lines(url: str, write_bytes: Callable[[bytes], object], build: str, now: datetime) -> None:
    tables = [one for one in Base.metadata.sorted_tables if one.name not in LEFT_OUT]
    checksum = hashlib.sha256()
    counted: Counter[str] = Counter()

    def put(line: object) -> None:
        text = to_json(line, bytes_mode="base64") + b"\n"
        checksum.update(text)
        write_bytes(text)

    columns = {one.name: [(it.name, _kind(it.type)) for it in one.columns] for one in tables}
    first = {"rung_backup": FORM, "revision": migrate.head(), "build": build, "made_at": now, "columns": columns}
    put(first)
    with _connected(url, writes=False) as connection:
        clinics = connection.execute(select(ClinicRow.id, ClinicRow.short_name).order_by(ClinicRow.id)).all()
        for clinic in clinics:
            put({"clinic": clinic.id})
            _enter(connection, clinic.id)
            for one in tables:
                mine = one.c.get(CLINIC_COLUMN, one.c.get("id")) == clinic.id
                statement = select(one).where(mine).order_by(*one.primary_key)
                streamed = connection.execute(statement, execution_options={"yield_per": ROWS_AT_ONCE})
                for row in streamed:
                    put([one.name, *row])
                    counted[one.name] += 1
    last = {"rows": dict(counted), "sha256": checksum.hexdigest()}
    write_bytes(to_json(last) + b"\n")


def _load_rows(connection: Connection, path: Path, summary: Summary) -> None:
    kept: dict[str, TableClause] = {
        name: table(name, *(column(one, TYPES[kind]) for one, kind in listed))
        for name, listed in summary.columns.items()
    }
    names = {name: [one for one, _ in listed] for name, listed in summary.columns.items()}
    readers = {name: [READERS[kind] for _, kind in listed] for name, listed in summary.columns.items()}
    waiting: list[dict[str, Any]] = []
    of_table = ""

    def flush() -> None:
        if waiting:
            connection.execute(insert(kept[of_table]), waiting)
            waiting.clear()

    for line in _lines(path):
        if isinstance(line, dict):
            flush()
            if "clinic" in line:
                _enter(connection, UUID(line["clinic"]))
            continue
        name, *values = line
        if name != of_table or len(waiting) == ROWS_AT_ONCE:
            flush()
            of_table = name
        read = [
            value if value is None or reader is None else reader(value)
            for value, reader in zip(values, readers[name], strict=True)
        ]
        waiting.append(dict(zip(names[name], read, strict=True)))


def _lines(path: Path) -> Iterator[Any]:
    """The lines of a file as JSON. Raises Damaged at the first line that is wrong, at the end when the checksum is."""
    checksum = hashlib.sha256()
    ended = False
    try:
        with gzip.open(path, "rb") as packed:
            for number, text in enumerate(packed):
                line = from_json(text)
                if number == 0 and (not isinstance(line, dict) or line.get("rung_backup") != FORM):
                    raise Damaged(f"{path} is no backup that this build can read.")
                if isinstance(line, dict) and "sha256" in line:
                    ended = line["sha256"] == checksum.hexdigest()
                else:
                    ended = False
                    checksum.update(text)
                yield line
    except (EOFError, gzip.BadGzipFile, zlib.error, ValueError) as error:
        raise Damaged(f"{path} is damaged or no backup: {error}.") from error
    if not ended:
        raise Damaged(f"{path} is cut off or was changed: its checksum is missing or wrong.")


@contextmanager
def _connected(url: str, *, writes: bool) -> Iterator[Connection]:
    """One transaction over everything, of one moment when it reads."""
    engine = engines.create(url)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                driver = connection.connection.driver_connection
                assert driver is not None
                driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
                yield connection
                driver.execute("COMMIT")
            else:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=not writes)
                yield connection
                connection.commit()
    finally:
        engine.dispose()


def _enter(connection: Connection, clinic_id: UUID) -> None:
    """From here on row-level security shows and takes this clinic's rows. The id is a UUID object: no text gets in."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL app.clinic_id = '{clinic_id!s}'")


def _kind(type_: TypeEngine[Any]) -> str:
    return next(kind for kind, stored_as, _, _ in KINDS if isinstance(type_, stored_as))
