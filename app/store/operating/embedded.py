"""How does the embedded database come to be there and up to date, without anybody having to think of it?

A migration first copies the file aside, so that the build from before can go on with it.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy.engine import make_url

from app.domain.errors import Conflict, Unavailable
from app.store.operating import migrate

T = TypeVar("T")


def path_of(url: str) -> Path:
    """The file behind a SQLite address."""
    return Path(make_url(url).database or "")


def prepare(url: str, *, to: str = "head") -> Path | None:
    """Make the folder and the file, or bring the file to a revision; where it was copied to, None when it was not.

    Raises Unmigrated when the file is newer than this build, Unavailable when it cannot be opened or written.
    """
    path = path_of(url)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise Unavailable(f"{path} cannot be made: {error.strerror}.") from error
    found = migrate.current(url)
    if found is not None:
        migrate.require_known(found)
    wanted = migrate.revision(to)
    if found == wanted:
        return None
    aside = None
    if found is not None:
        aside = path.with_name(f"{path.stem}-before-{wanted}{path.suffix}")
        copy(path, aside)
    migrate.upgrade(url, to=to)
    return aside


def copy(path: Path, to: Path) -> None:
    """Copy a database that others may be writing to at this moment; the copy is whole and holds one moment of it."""
    part = to.with_name(f"{to.name}.part")
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as target:
            part.chmod(0o600)
            source.backup(target)
    except sqlite3.Error as error:
        raise Unavailable(f"{path} cannot be copied to {to}: {error}.") from error
    part.replace(to)


def replace(url: str, fill: Callable[[str], T], now: datetime, *, is_forced: bool) -> T:
    """Put another file in the place of the database: one that `fill` makes at the address it is given.

    The present file is copied aside. Raises Conflict when there is one and nobody insists, or somebody has it open.
    """
    path = path_of(url)
    if path.exists() and not is_forced:
        raise Conflict(f"{path} exists. With --force it is copied aside and replaced.")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.restoring")
    _remove(made)
    made.touch(mode=0o600)
    try:
        filled = fill(f"sqlite:///{made}")
        _settle(made)
        if path.exists():
            _settle(path)
            copy(path, path.with_name(f"{path.stem}-before-restore-{now:%Y%m%dT%H%M%SZ}{path.suffix}"))
        made.replace(path)
    finally:
        _remove(made)
    return filled


def _settle(path: Path) -> None:
    """Bring everything into the one file, and prove it sound. Only possible while nobody else has it open."""
    try:
        with closing(sqlite3.connect(path, timeout=1)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
            dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.OperationalError as error:
        raise Conflict(f"{path} is in use ({error}): stop `rung serve` first.") from error
    except sqlite3.DatabaseError as error:
        found, dangling = str(error), None
    if found != "ok" or dangling is not None:
        raise Unavailable(f"{path} is not sound: {found if dangling is None else f'a row of {dangling[0]} dangles'}.")


def _remove(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
        path.with_name(name).unlink(missing_ok=True)
