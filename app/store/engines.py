"""How to talk to each of the two databases: their engines, and how a transaction begins on them."""

from typing import Any
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from app.store.shapes import text


def create(url: str, *, busy_timeout_seconds: float = 5.0) -> Engine:
    """An engine that leaves beginning and committing to us, with one connection for whoever asks.

    `postgresql://` means psycopg 3. SQLite runs in WAL mode, synchronous FULL, with foreign keys.
    """
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
            connect_args={"check_same_thread": False, "timeout": busy_timeout_seconds, "cached_statements": 256},
            hide_parameters=True,  # a parameter may be what a patient wrote, and errors are logged
            json_serializer=text,
            json_deserializer=from_json,
        )

        @event.listens_for(engine, "connect")
        def _settle(connection: Any, _record: Any) -> None:  # noqa: ANN401 - a driver connection
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA cache_size=-8192")
            # What undoes a single job of a group would else be written to a file of its own, page by page.
            connection.execute("PRAGMA temp_store=MEMORY")
            # A page that is written again before it is copied into the database is copied once. The WAL takes 16 MB.
            connection.execute("PRAGMA wal_autocheckpoint=4000")

        return engine
    return create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        connect_args={"connect_timeout": 5, "options": "-c statement_timeout=30000 -c lock_timeout=10000"},
        hide_parameters=True,  # ditto
        json_serializer=text,
        json_deserializer=from_json,
    )


def begin(dialect: str, *, clinic_id: UUID, writes: bool) -> str:
    """The text that begins a transaction of one clinic.

    On PostgreSQL it sets the clinic for row-level security in the same message. The id is a UUID object, so its text
    can be nothing else; parameters are a syntax error in SET.
    """
    if dialect == "sqlite":
        return "BEGIN IMMEDIATE" if writes else "BEGIN"
    mode = "ISOLATION LEVEL READ COMMITTED" if writes else "ISOLATION LEVEL REPEATABLE READ READ ONLY"
    return f"BEGIN {mode}; SET LOCAL app.clinic_id = '{UUID.__str__(clinic_id)}'"
