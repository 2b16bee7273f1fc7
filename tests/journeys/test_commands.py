"""What an operator types, from an empty folder to a clinic that works; and each refusal, by exit code and message."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import httpx
import psycopg
import pytest
from sqlalchemy import create_engine, text
from typer.testing import CliRunner, Result

from app.cli import app
from app.store.operating import migrate
from tests import people
from tests.databases import DatabaseUrls, FreshDatabase
from tests.house.files import ROOT

SPINE = {
    "--name": "Spine Centre",
    "--short-name": "spine",
    "--time-zone": "Europe/Berlin",
    "--admin-email": "Anna@Spine.example",
}


def environment(**settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RUNG_")}
    return {**kept, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **{f"RUNG_{key}": it for key, it in settings.items()}}


def of(database: DatabaseUrls) -> dict[str, str]:
    return {"DATABASE_URL": database.app_url, "OWNER_DATABASE_URL": database.owner_url}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands run in an empty folder, without the developer's own settings."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("RUNG_")]:
        monkeypatch.delenv(name)
    return tmp_path


def rung(*words: str, stdin: str = "", **settings: str) -> Result:
    """A command, in this process."""
    env = {f"RUNG_{key}": it for key, it in settings.items()}
    return CliRunner().invoke(app, words, stdin, env, catch_exceptions=False, prog_name="rung")


def create_clinic(change: Mapping[str, str] = MappingProxyType({}), /, **settings: str) -> Result:
    words = [word for pair in {**SPINE, **change}.items() for word in pair]
    return rung("clinic", "create", *words, "--password-stdin", stdin=f"{people.PASSWORD}\n", **settings)


def said(done: Result) -> str:
    """The one line of a refusal."""
    assert done.stdout == ""
    assert done.stderr.endswith("\n")
    assert done.stderr.count("\n") == 1, done.stderr
    line: str = done.stderr.strip()
    return line


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[str]:
    """A real server in a process of its own on a free port; its address."""
    program = "from app.cli import app; app()"
    with subprocess.Popen(
        [sys.executable, "-c", program, "serve", "--port", "0"],
        cwd=folder,
        env=environment(**settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            told = process.stderr.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+", told)
            assert found, told + process.stderr.read()
            yield found.group()
        finally:
            process.terminate()


def test_from_an_empty_folder_to_a_signed_in_clinician(tmp_path: Path) -> None:
    made = create_clinic()
    assert made.exit_code == 0
    assert "Made the clinic spine" in said(made)
    assert (tmp_path / "var/rung.db").stat().st_mode & 0o777 == 0o600
    body = {"clinic": "spine", "email": "anna@spine.example", "password": people.PASSWORD}
    with serving(tmp_path) as address:
        assert httpx.get(f"{address}/readyz").json() == {"status": "ready"}
        answer = httpx.post(f"{address}/v1/auth/sign-in", json=body)
    assert answer.status_code == 200
    assert "server" not in answer.headers


def test_postgresql_is_migrated_by_its_owner_and_served_by_a_modest_role(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    database = fresh_database("postgresql", is_migrated=False)
    refused = rung("serve", **of(database))
    assert refused.exit_code == 1
    assert "Run `rung migrate`" in said(refused)
    migrated = rung("migrate", **of(database))
    assert (migrated.exit_code, said(migrated)) == (0, f"The schema is at revision {migrate.head()}.")
    assert create_clinic(**of(database)).exit_code == 0
    with serving(tmp_path, **of(database)) as address:
        assert httpx.get(f"{address}/readyz").status_code == 200
    with psycopg.connect(database.app_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("UPDATE alembic_version SET version_num = 'x'")


def test_production_refuses_a_role_that_owns_the_tables(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    database = fresh_database("postgresql")
    production = {"ENVIRONMENT": "production", "PUBLIC_URL": "https://rung.example"}
    refused = rung("serve", DATABASE_URL=database.owner_url, **production)
    assert refused.exit_code == 1
    assert "the role rung_owner owns tables" in said(refused)


def test_a_clinic_can_be_made_twice_only_under_two_names(database: DatabaseUrls, tmp_path: Path) -> None:
    assert create_clinic(**of(database)).exit_code == 0
    again = create_clinic(**of(database))
    assert again.exit_code == 1
    assert said(again) == "error: There is a clinic with the short name spine already."
    assert create_clinic({"--short-name": "spine-2"}, **of(database)).exit_code == 0


@pytest.mark.parametrize(
    ("words", "settings", "code", "fragment"),
    [
        (["serve"], {"DATABASE_URL": "nonsense"}, 1, "RUNG_DATABASE_URL: the address must begin with"),
        (["serve"], {"DATABASE_URL": "postgresql://a:b@127.0.0.1:1/c"}, 1, "Connection refused"),
        (["serve"], {"CORS_ORIGINS": "*"}, 1, "Lists are JSON"),
        (["serve"], {"READ_THREADS": "many"}, 1, "RUNG_READ_THREADS: "),
        (["serve"], {"ENVIRONMENT": "production"}, 1, "RUNG_PUBLIC_URL must begin with https://"),
        (
            ["worker"],
            {"ENVIRONMENT": "production", "PUBLIC_URL": "https://x.example", "WEBHOOKS_TO_LOOPBACK": "true"},
            1,
            "RUNG_WEBHOOKS_TO_LOOPBACK must not be set in production",
        ),
        (["serve", "--port", "http"], {}, 2, "--port"),
        (["migrate", "--to", "9999"], {}, 1, "This build has no revision 9999"),
        (["backup", "--to", "x.rung"], {}, 1, "There is no database at var/rung.db"),
        (["backup"], {}, 2, "--to"),
        (["restore", "--from", "absent.rung"], {}, 1, "absent.rung: No such file or directory"),
        (["restore", "--from", "README.md"], {}, 1, "README.md is damaged or no backup"),
        (["bakcup"], {}, 2, "No such command 'bakcup'"),
    ],
)
def test_a_refusal_is_one_line(
    tmp_path: Path, words: list[str], settings: dict[str, str], code: int, fragment: str
) -> None:
    (tmp_path / "README.md").write_text("not a backup")
    done = rung(*words, **settings)
    assert (done.exit_code, fragment in said(done)) == (code, True), done.stderr


@pytest.mark.parametrize(
    ("change", "fragment"),
    [
        ({"--short-name": "Spine Centre"}, "--short-name"),
        ({"--time-zone": "Berlin"}, "--time-zone"),
        ({"--admin-email": "anna"}, "--admin-email"),
        ({"--language": "tlh"}, "--language"),
        ({"--name": " "}, "--name"),
    ],
)
def test_a_clinic_is_refused_by_option(tmp_path: Path, change: dict[str, str], fragment: str) -> None:
    done = create_clinic(change)
    assert (done.exit_code, fragment in said(done)) == (2, True)
    assert not (tmp_path / "var").exists()


def test_a_short_password_is_refused(tmp_path: Path) -> None:
    words = [word for pair in SPINE.items() for word in pair]
    done = rung("clinic", "create", *words, "--password-stdin", stdin="short\n")
    assert (done.exit_code, said(done)) == (1, "error: The password has 5 characters; it needs 12 or more.")


def test_help_shows_an_example(tmp_path: Path) -> None:
    assert "rung clinic create --name" in rung("--help").stdout


def test_a_file_of_a_newer_build_is_refused(tmp_path: Path) -> None:
    assert create_clinic().exit_code == 0
    url = f"sqlite:///{tmp_path}/var/rung.db"
    with create_engine(url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'f00'"))
    newer = rung("serve")
    assert newer.exit_code == 1
    assert "needs a newer build of Rung" in said(newer)


LATER = """
import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = "{head}"


def upgrade() -> None:
    op.create_table("later", sa.Column("id", sa.Integer(), primary_key=True))
"""


def test_a_migration_copies_the_file_aside_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert create_clinic().exit_code == 0
    before = migrate.head()
    shutil.copytree(migrate.SCRIPTS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "migrations/versions/2099_01_01_later_a_table.py").write_text(LATER.format(head=before))
    monkeypatch.setattr(migrate, "SCRIPTS", tmp_path / "migrations")
    migrated = rung("migrate")
    assert migrated.exit_code == 0
    assert migrated.stderr.splitlines() == [
        "Copied the database to var/rung-before-later.db before migrating it.",
        "The schema is at revision later.",
    ]
    files = {"rung.db": "later", "rung-before-later.db": before}
    assert {name: migrate.current(f"sqlite:///var/{name}") for name in files} == files
    assert (tmp_path / "var/rung-before-later.db").stat().st_mode & 0o777 == 0o600
    again = create_clinic({"--short-name": "spine"})
    assert "already" in said(again)
