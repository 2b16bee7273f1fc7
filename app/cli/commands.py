"""What an operator types: `rung serve`, `rung worker`, `rung demo`, `rung migrate`, `rung clinic create`,
`rung backup`, `rung restore`, `rung rebuild`, `rung replay`. `rung content` is in content.py.

Thin, over the store and the actions. Whatever goes wrong is one line on standard error; the exit code is 1, or 2 when
the command itself was not understood.
"""

import asyncio
import contextlib
import os
import shutil
import socket
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
import uvicorn
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup
from typer.exceptions import TyperException

from app.actions.create_clinic import create_clinic
from app.actions.rebuild_patient import Differences, rebuild_patient
from app.actions.replay_decisions import replay_decisions
from app.api.auth import ShortName
from app.api.wire import Email, Name, TimeZone
from app.cli.content import content
from app.cli.settings import read_settings, require_database
from app.clock import SystemClock
from app.config import Settings
from app.content import library
from app.demo import showroom
from app.demo.people import Differs
from app.demo.story import play
from app.demo.telling import console_of_this_terminal
from app.domain.decision import Decision
from app.domain.errors import Conflict, RungError, Unavailable, UnsafeSettings
from app.main import build_version, collect_seldom, configure_logging, create_app
from app.posting.addresses import Gate, resolved
from app.store import passwords, patients
from app.store.database import Database
from app.store.operating import backup, embedded, migrate, privileges
from app.store.operating.founding import found_clinic, short_names
from app.store.scope import Caller, Role
from app.worker import work_alone

SHUTDOWN_SECONDS = 15

told = Console(stderr=True, highlight=False, soft_wrap=True)


class OneLine(TyperGroup):
    """A group of commands whose errors are one line each."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - what a command returns
        """Run the command. What is wrong becomes one line, and exit code 1, or 2 when it is the command line."""
        try:
            return super().invoke(ctx)
        except RungError as error:
            said, code = error.detail, 1
        except Differs as differs:
            said, code = str(differs), 1
        except OSError as error:
            said, code = f"{error.filename or ''}: {error.strerror or error}".removeprefix(": "), 1
        except TyperException as error:
            said, code = error.format_message(), error.exit_code
        told.print(Text.assemble(("error: ", "red"), " ".join(said.split())))
        raise typer.Exit(code)


app = typer.Typer(
    name="rung",
    cls=OneLine,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="""The backend of a home-exercise rehab app.

Settings come from the environment (`RUNG_...`); without any, Rung keeps everything in `var/rung.db`.

* `rung clinic create --name "Spine Centre" --short-name spine --time-zone Europe/Berlin --admin-email a@spine.example`

* `rung serve`

* `rung demo`

* `rung backup --to monday.rung`

* `rung content show single-knee-to-chest`
""",
)
clinic = typer.Typer(no_args_is_help=True, help="Clinics of this installation.")
app.add_typer(clinic, name="clinic")
app.add_typer(content, name="content")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on.")] = 8000,
    demo: Annotated[bool, typer.Option("--demo", help="A made-up clinic in `var/demo.db`, and how to get in.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Run the server until it is told to stop.

    SQLite is made and migrated by itself; before a migration the file is copied aside (`rung-before-0002.db`).
    PostgreSQL must be migrated: see `rung migrate`. In production the database role must be a modest one.
    """
    settings = showroom.furnish(read_settings()) if demo else read_settings()
    settings.refuse_unsafe()
    _make_ready(settings)
    if settings.environment == "production" and not settings.is_sqlite:
        privileges.require_modest_role(settings.url)
    configure_logging(settings)
    served = create_app(settings)
    collect_seldom()
    config = uvicorn.Config(
        served,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    with _listening(host, port) as listening:
        if demo:
            told.print(*showroom.welcome(settings, f"http://{host}:{listening.getsockname()[1]}"), sep="\n")
        told.print(f"Rung {build_version()} listens on http://{host}:{listening.getsockname()[1]}; Ctrl-C stops it.")
        uvicorn.Server(config).run(sockets=[listening])


@app.command(name="worker")
def run_worker() -> None:
    """Deliver webhooks until told to stop. Any number of workers share the work.

    On SQLite `rung serve` does so itself, and on PostgreSQL with `RUNG_WORKER=in_server`.
    """
    settings = read_settings()
    settings.refuse_unsafe()
    _make_ready(settings)
    if settings.environment == "production" and not settings.is_sqlite:
        privileges.require_modest_role(settings.url)
    configure_logging(settings)
    told.print(f"The worker of Rung {build_version()} delivers webhooks; Ctrl-C stops it.")
    gate = Gate(resolved, is_loopback_allowed=settings.webhooks_to_loopback)
    with contextlib.closing(Database(settings.url)) as db, contextlib.suppress(KeyboardInterrupt):
        asyncio.run(work_alone(db, gate, SystemClock().now, build=build_version()))


@app.command(name="demo")
def play_demo(
    keep: Annotated[bool, typer.Option("--keep", help="Keep the database, and say where it is.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Two weeks at a made-up clinic, in a few seconds: a real server, spoken to over HTTP, on a database of its own.

    Exit code 1, with the day, when the server answers something else than the story expects.
    """
    folder = Path(tempfile.mkdtemp(prefix="rung-demo-"))
    try:
        play(console_of_this_terminal(), folder / "rung.db")
    finally:
        if keep:
            told.print(f"The database is kept. To serve it: RUNG_DATABASE_URL=sqlite:///{folder}/rung.db rung serve")
        else:
            shutil.rmtree(folder)


@app.command(name="migrate")
def migrate_schema(
    to: Annotated[str, typer.Option(help="A revision, for example 0002, to stop at.")] = "head",
) -> None:
    """Bring the database's schema to the revision of this build.

    PostgreSQL: works as the role of `RUNG_OWNER_DATABASE_URL`, then lets the role of `RUNG_DATABASE_URL` read and write
    rows, and nothing else. SQLite: copies the file aside first.
    """
    settings = read_settings()
    if settings.is_sqlite:
        _tell_copy(embedded.prepare(settings.owner_url, to=to))
    else:
        migrate.upgrade(settings.owner_url, app_role=settings.app_role, to=migrate.revision(to))
    told.print(f"The schema is at revision {migrate.current(settings.owner_url)}.")


@app.command(name="backup")
def write_backup(
    to: Annotated[Path, typer.Option(help="The file to write, for example monday.rung.")],
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Write everything into one file while the service goes on. Keep it safe: it holds what clinics know of patients.

    The same form for SQLite and PostgreSQL; the service's own database role is enough.
    """
    settings = read_settings()
    if to.exists() and not force:
        raise Conflict(f"{to} exists. With --force it is written over.")
    require_database(settings)
    summary = backup.write(settings.url, to, build=build_version(), now=SystemClock().now())
    told.print(f"Wrote {to}: {summary.told}.")


@app.command(name="restore")
def restore_backup(
    backed_up: Annotated[Path, typer.Option("--from", help="A file that `rung backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="SQLite: replace the present file.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Make a database from a backup, also one of the other kind. Stop the service first.

    SQLite: replaces the file only with --force, and copies it aside. PostgreSQL: takes an empty database, as the role
    of `RUNG_OWNER_DATABASE_URL`.
    """
    settings = read_settings()
    if settings.is_sqlite:
        now = SystemClock().now()
        summary = embedded.replace(
            settings.url, lambda url: backup.load(backed_up, url, app_role=None), now, is_forced=force
        )
    else:
        summary = backup.load(backed_up, settings.owner_url, app_role=settings.app_role)
    told.print(f"Restored {summary.told}.")


@app.command()
def rebuild(
    only: Annotated[str | None, typer.Option("--clinic", help="The short name of one clinic; all without it.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only compare; exit code 1 when something differs.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Make everything that is derived again from the facts: practice days and quarters, and where courses stand.

    Decisions were told to people: they are compared and never rewritten.
    """
    settings = read_settings()
    db = Database(settings.url)
    total = Differences()
    try:
        for short in [only] if only else short_names(settings.url):
            operator = Caller(SystemClock().now(), None, frozenset({Role.OPERATOR}), short, is_operator=True)
            for patient_id in track(db.read_here(operator, patients.all_ids), short, console=told, transient=True):
                total += db.write_here(operator, rebuild_patient, patient_id, writes=not check)
    finally:
        db.close()
    told.print(
        f"Differed: {total.practice_days} practice days, {total.practice_quarters} quarters,"
        f" {total.standings} standings{'' if check else ' (put right)'}; {total.decisions} decisions (never rewritten)."
    )
    if check and total:
        raise typer.Exit(1)


@app.command()
def replay(
    only: Annotated[str | None, typer.Option("--clinic", help="The short name of one clinic; all without it.")] = None,
    patient: Annotated[UUID | None, typer.Option(help="The id of one patient of that clinic.")] = None,
) -> None:
    """Derive every decision again from the facts and compare it with what was told; exit code 1 when one differs.

    Nothing is written, and the service may go on.
    """
    if patient is not None and only is None:
        raise typer.BadParameter("name the patient's clinic with --clinic", param_hint="--patient")
    settings = read_settings()
    require_database(settings)
    db = Database(settings.url)
    table = Table("patient", "prescription", "decided on", "stored", "by the facts", box=None)
    count = people = 0
    try:
        for short in [only] if only else short_names(settings.url):
            operator = Caller(SystemClock().now(), None, frozenset({Role.OPERATOR}), short, is_operator=True)
            ids = [patient] if patient else db.read_here(operator, patients.all_ids)
            for patient_id in track(ids, short, console=told, transient=True):
                found = db.read_here(operator, replay_decisions, patient_id)
                people, count = people + 1, count + found.count
                for one in found.differing:
                    sides = (_said(one.stored), _said(one.derived))
                    table.add_row(str(patient_id), str(one.prescription_id), str(one.decided_on), *sides)
    finally:
        db.close()
    if table.row_count:
        told.print(table)
    told.print(f"Replayed {count} decisions of {people} patients: {table.row_count or 'none'} differ.")
    if table.row_count:
        raise typer.Exit(1)


def _said(decision: Decision | None) -> str:
    """A decision in a cell: codes and numbers, no words of anybody."""
    if decision is None:
        return "none"
    return f"{decision.kind} {decision.from_rung} to {decision.to_rung}, {decision.state}, {decision.reason.code}"


@clinic.command(name="create")
def create(
    name: Annotated[str, typer.Option(help="As patients read it.")],
    short_name: Annotated[str, typer.Option(help="Part of every sign-in and code, never changes: a-z, 0-9, dashes.")],
    time_zone: Annotated[str, typer.Option(help="An IANA name, for example Europe/Berlin.")],
    admin_email: Annotated[str, typer.Option(help="The first person: administrator and clinician.")],
    admin_name: Annotated[str, typer.Option(help="That person's name; the email's first part unless given.")] = "",
    language: Annotated[str, typer.Option(help="The language of new patients.")] = "en",
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password, one line.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Make a clinic and its first person. The password has 12 characters or more and is asked for, or read from stdin.

    printf '%s' "$PASSWORD" | rung clinic create --name "Spine Centre" --short-name spine
    --time-zone Europe/Berlin --admin-email anna@spine.example --password-stdin
    """
    settings = read_settings()
    languages = library.load().languages
    if language not in languages:
        raise typer.BadParameter(f"one of: {', '.join(languages)}", param_hint="--language")
    now = SystemClock().now()
    email = _valid(Email, admin_email, "--admin-email")
    chosen: dict[str, Any] = {
        "name": _valid(Name, name, "--name"),
        "time_zone": _valid(TimeZone, time_zone, "--time-zone"),
        "language": language,
        "admin_email": email,
        "admin_name": _valid(Name, admin_name or email.partition("@")[0], "--admin-name"),
    }
    short = _valid(ShortName, short_name, "--short-name")
    _make_ready(settings)
    password_hash = passwords.hash_here(_password(from_stdin=password_stdin))
    fill = partial(create_clinic, **chosen, password_hash=password_hash, now=now)
    clinic_id = found_clinic(settings.url, short, fill, now)
    told.print(f"Made the clinic {short} ({clinic_id}). {email} can sign in; set its contact before inviting patients.")


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Unavailable(f"Cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}.") from error


def _make_ready(settings: Settings) -> None:
    """The embedded database comes by itself; PostgreSQL belongs to its operator."""
    if settings.is_sqlite:
        _tell_copy(embedded.prepare(settings.url))
    else:
        migrate.require_head(settings.url)


def _tell_copy(copied_to: object) -> None:
    if copied_to is not None:
        told.print(f"Copied the database to {copied_to} before migrating it.")


def _valid(kind: Any, value: str, option: str) -> str:  # noqa: ANN401 - an annotated text
    try:
        found: str = TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        raise typer.BadParameter(error.errors()[0]["msg"], param_hint=option) from error
    return found


def _password(*, from_stdin: bool) -> str:
    """Without --password-stdin, asked for twice at a terminal."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    if len(password) < passwords.SHORTEST:
        raise UnsafeSettings(f"The password has {len(password)} characters; it needs {passwords.SHORTEST} or more.")
    return password
