"""Is the schema the one this build expects, and how does it become so? Alembic, driven from here.

Migrations run as the owner of the schema; the service runs as another role that owns nothing. Alembic is only loaded to
migrate: a server finds out with what is here, starts a tenth of a second sooner and holds 10 MB less.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from app.domain.errors import Unavailable, Unmigrated, UnsafeSettings

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).resolve().parents[3] / "migrations"
REVISION = "SELECT version_num FROM alembic_version"


def _revisions() -> list[str]:
    """All revisions, oldest first: a file is called by its date, its revision and what it does."""
    return [path.name.split("_")[3] for path in sorted((SCRIPTS / "versions").glob("*_*_*_*_*.py"))]


def _alembic(module: str) -> Any:  # noqa: ANN401 - a module of Alembic
    return import_module(f"alembic.{module}")


def _config(url: str) -> "Config":
    config = cast("Config", _alembic("config").Config())
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["url"] = url
    return config


@contextmanager
def plainly() -> Iterator[None]:
    """Say what the database or its driver said, in one line, as an error that an operator understands."""
    try:
        yield
    except ArgumentError as error:
        raise UnsafeSettings(f"The database's address is not understood: {error}") from error
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise Unavailable(f"The database does not do it: {said}") from error


def upgrade(url: str, *, app_role: str | None = None, to: str = "head") -> None:
    """Bring the schema to a revision. On PostgreSQL, `app_role` may then read and write rows, nothing more."""
    with plainly():
        _alembic("command").upgrade(_config(url), to)
    if app_role is not None and make_url(url).get_backend_name() == "postgresql":
        _grant(url, app_role)


def downgrade(url: str, *, to: str) -> None:
    """Take the schema back to a revision (`base` for none)."""
    with plainly():
        _alembic("command").downgrade(_config(url), to)


@cache
def head() -> str:
    """The revision this build was written for."""
    return _revisions()[-1]


def revision(name: str) -> str:
    """The whole name of a revision, of `head` or of the beginning of one. Raises Unmigrated when there is none."""
    known = _revisions()
    found = known[-1:] if name == "head" else [one for one in known if one.startswith(name)]
    if len(found) != 1:
        raise Unmigrated(f"This build has no revision {name}; its newest is {head()}.")
    return found[0]


def require_known(name: str) -> None:
    """Raise Unmigrated when a database is at a revision that only a newer build knows."""
    try:
        revision(name)
    except Unmigrated:
        raise Unmigrated(
            f"The database is at revision {name}, which this build does not know: it needs a newer build of Rung."
        ) from None


def current(url: str) -> str | None:
    """The revision a database is at, None for an empty one. Reads with the rights of the given role."""
    engine = create_engine(url, poolclass=NullPool)
    try:
        with plainly(), engine.connect() as connection:
            is_ours = inspect(connection).has_table("alembic_version")
            return cast("str | None", connection.scalar(text(REVISION))) if is_ours else None
    finally:
        engine.dispose()


def require_head(url: str) -> None:
    """Raise Unmigrated, naming the command, unless the schema is the one this build expects."""
    found, wanted = current(url), head()
    if found is not None:
        require_known(found)
    if found != wanted:
        state = "is empty" if found is None else f"is at revision {found}"
        raise Unmigrated(f"The database {state}, this build needs {wanted}. Run `rung migrate` as the schema's owner.")


def _grant(url: str, role: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    quoted = engine.dialect.identifier_preparer.quote_identifier(role)
    statements: tuple[Any, ...] = (
        f"GRANT USAGE ON SCHEMA public TO {quoted}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quoted}",
        f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {quoted}",
    )
    with plainly(), engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
