"""How does the embedded database come to be there and up to date, without anybody having to think of it?

A migration first copies the file aside, so that the build from before can go on with it.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from app.domain.errors import Unavailable
from app.store import migrate


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
