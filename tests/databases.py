"""How does a test get a database of its own? A migrated template, made once a run, is copied for each test.

One PostgreSQL server serves all the workers of a run: the first that needs it starts it, under a file lock, in a folder
that they share. `TEST_DATABASE_URL`, the address of a superuser, puts another server in its place. Two roles own and
use the databases as in production; neither can pass row-level security, and no test works as the superuser.
"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Protocol

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from app.store.operating import migrate
from tests import postgres

Kind = Literal["sqlite", "postgresql"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")

OWNER = "rung_owner"
APP = "rung_app"
PASSWORD = "for-tests-only"


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """One database: the address the service uses, and the address that owns the schema."""

    kind: Kind
    app_url: str
    owner_url: str


class FreshDatabase(Protocol):
    """What the fixture `fresh_database` is: it makes a database that is thrown away at the end of the test."""

    def __call__(self, kind: Kind, *, is_migrated: bool = True) -> DatabaseUrls:
        """A database of its own; with the newest schema, or with nothing at all."""
        ...


class Databases:
    """The databases of one run, as one worker sees them. Every worker is given the same `shared` folder."""

    def __init__(self, shared: Path, *, controller: int) -> None:
        self.shared = shared
        self._controller = controller
        self._made = 0
        self._superuser: str | None = None
        self._admin: psycopg.Connection | None = None

    def fresh(self, kind: Kind, folder: Path, *, is_migrated: bool = True) -> DatabaseUrls:
        """A database that nobody else uses: the newest schema and no row, or nothing at all."""
        self._made += 1
        if kind == "sqlite":
            path = folder / f"rung-{self._made}.db"
            if is_migrated:
                shutil.copyfile(self._sqlite_template(), path)
            return DatabaseUrls("sqlite", f"sqlite:///{path}", f"sqlite:///{path}")
        template = self._postgresql_template() if is_migrated else "template0"
        name = f"{self._prefix}_{os.getpid()}_{self._made}"
        self._create(name, template)
        return self._urls(name)

    def drop(self, urls: DatabaseUrls) -> None:
        """Throw a PostgreSQL database away, whoever is still connected. SQLite files go with their folder."""
        if urls.kind == "postgresql":
            name = make_url(urls.app_url).database or ""
            self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def close(self) -> None:
        """Let go of the server; it stays up for the other workers."""
        if self._admin is not None:
            self._admin.close()
            self._admin = None

    def finish(self) -> None:
        """End of the run, called once: stop our server, or leave somebody else's as it was found."""
        if self._server_file.exists():
            if (own := self._read_server()) is not None:
                own.stop()
            else:
                for (name,) in self._connection().execute(
                    "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [self._prefix]
                ):
                    self._administer(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        self.close()
        shutil.rmtree(self.shared, ignore_errors=True)

    # The server

    @property
    def _server_file(self) -> Path:
        return self.shared / "server.json"

    @property
    def _prefix(self) -> str:
        """What the names of this run's databases begin with, so that runs can share a server."""
        return f"rung_test_{self.shared.name.rsplit('-', 1)[-1].lower()}"

    def _read_server(self) -> postgres.Server | None:
        found = json.loads(self._server_file.read_text())
        return postgres.Server(Path(found["folder"]), found["port"], found["password"]) if found else None

    def _superuser_url(self) -> str:
        if self._superuser is None:
            with self._lock():
                if not self._server_file.exists():
                    self._start()
            own = self._read_server()
            self._superuser = own.superuser_url if own else _given()
        return self._superuser

    def _start(self) -> None:
        given = _given()
        server = None if given else postgres.start(self.shared / "server", for_process=self._controller)
        _ensure_roles(server.superuser_url if server else given)
        self._server_file.touch(mode=0o600)
        self._server_file.write_text(json.dumps(asdict(server) | {"folder": str(server.folder)} if server else None))

    def _connection(self) -> psycopg.Connection:
        if self._admin is None:
            self._admin = _connect(self._superuser_url())
        return self._admin

    def _administer(self, statement: sql.Composed) -> None:
        self._connection().execute(statement)

    def _urls(self, name: str) -> DatabaseUrls:
        server = make_url(self._superuser_url()).set(drivername="postgresql", database=name, password=PASSWORD)
        app, owner = (server.set(username=role).render_as_string(hide_password=False) for role in (APP, OWNER))
        return DatabaseUrls("postgresql", app, owner)

    def _create(self, name: str, template: str) -> None:
        parts = {key: sql.Identifier(value) for key, value in {"n": name, "t": template, "o": OWNER, "a": APP}.items()}
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {n} WITH (FORCE)").format(**parts))
        self._administer(sql.SQL("CREATE DATABASE {n} TEMPLATE {t} OWNER {o}").format(**parts))
        self._administer(sql.SQL("REVOKE ALL ON DATABASE {n} FROM PUBLIC").format(**parts))
        self._administer(sql.SQL("GRANT CONNECT ON DATABASE {n} TO {a}").format(**parts))

    # Templates

    def _postgresql_template(self) -> str:
        name = f"{self._prefix}_template"
        self._connection()  # before the lock, which starting the server takes too
        with self._lock():
            if not (self.shared / "postgresql.ready").exists():
                self._create(name, "template0")
                migrate.upgrade(self._urls(name).owner_url, app_role=APP)
                (self.shared / "postgresql.ready").touch()
        return name

    def _sqlite_template(self) -> Path:
        path = self.shared / "template.db"
        with self._lock():
            if not (self.shared / "sqlite.ready").exists():
                migrate.upgrade(f"sqlite:///{path}")
                if path.with_name(f"{path.name}-wal").exists():
                    raise RuntimeError("migrate.upgrade left the SQLite file open: the copy would miss its log")
                (self.shared / "sqlite.ready").touch()
        return path

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Only one worker at a time; not re-entrant."""
        with (self.shared / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def new_shared_folder(parent: Path) -> Path:
    """A folder for one run, which PostgreSQL's own user may pass through."""
    folder = parent / f"rung-test-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o755)
    return folder


def _given() -> str:
    return os.environ.get("TEST_DATABASE_URL", "")


def _connect(url: str) -> psycopg.Connection:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def _ensure_roles(superuser_url: str) -> None:
    """Make the two roles, or put them back as they must be: no superuser, nothing that passes row-level security."""
    with _connect(superuser_url) as connection:
        for role in (OWNER, APP):
            exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            verb = sql.SQL("ALTER ROLE" if exists else "CREATE ROLE")
            powers = sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD")
            connection.execute(sql.SQL(" ").join([verb, sql.Identifier(role), powers, sql.Literal(PASSWORD)]))
