"""Puts databases with their patients, servers and load on stage, and measures each work in turn, round by round."""

import compileall
import contextlib
import json
import os
import pickle
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median

import httpx
import psutil  # type: ignore[import-untyped]
import psycopg
from rich.progress import Progress
from sqlalchemy import make_url

import app
from app.store.operating import embedded
from benchmarks import works
from benchmarks.load import Load, Measured
from benchmarks.raw import Replay, Trace, record
from benchmarks.report import Row, Start
from benchmarks.seed import Seeded, Seeder
from benchmarks.works import Plan, days_of, get, on_the_wire
from tests import postgres
from tests.databases import Databases, Kind, new_shared_folder

CONNECTIONS = 16


@dataclass(slots=True)
class House:
    """One database with its patients and the server in front of it."""

    kind: Kind
    url: str
    raw_url: str
    phones: list[Seeded]
    readers: list[Seeded]
    veterans: list[Seeded]
    offline: list[Seeded]
    database_pid: int | None
    written: list[list[Trace]]
    read: list[Trace]
    read_again: list[Trace]
    port: int = 0
    pid: int = 0
    seconds_to_first_answer: float = 0.0
    memory_at_rest_mb: float = 0.0
    day: int = 0
    clinic: "Clinic | None" = None


@dataclass(frozen=True, slots=True)
class Clinic:
    """A large clinic in a database of its own, the server in front of it, and a clinician's token."""

    port: int
    pid: int
    token: str
    printed: str
    """The token of a phone whose patient has eight exercises."""
    url: str
    said: Mapping[str, Trace]
    """What the lists ask the database, by work."""


@dataclass(frozen=True, slots=True)
class Stage:
    """All houses, the bare server, and the works that were chosen."""

    houses: Sequence[House]
    bare: tuple[int, int]
    chosen: tuple[str, ...]


@contextlib.contextmanager
def opened(
    folder: Path,
    kinds: Sequence[Kind],
    plan: Plan,
    progress: Progress,
    *,
    for_process: int,
    chosen: tuple[str, ...] | None,
) -> Iterator[Stage]:
    """Databases, patients and servers, gone when the block is left."""
    # As whoever installs the package finds it: a checkout may never have been compiled, and then each start does it.
    compileall.compile_dir(Path(app.__file__).parent, quiet=2)
    with ExitStack() as stack:
        database_pid = None
        if "postgresql" in kinds:
            server = postgres.start(folder / "postgresql", for_process=for_process, settings=postgres.DURABLE)
            stack.callback(server.stop)
            os.environ["TEST_DATABASE_URL"] = server.superuser_url
            database_pid = int((server.folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        databases = Databases(new_shared_folder(folder), controller=for_process)
        stack.callback(databases.finish)
        chosen = chosen or tuple(works.PROMISES)
        houses = []
        for kind in kinds:
            house = _furnished(databases, kind, folder, plan, progress, database_pid, chosen)
            began = time.perf_counter()
            house.port, house.pid = stack.enter_context(_served(house.url))
            httpx.get(f"{works.BASE}:{house.port}/v1/exercises", timeout=30)
            house.seconds_to_first_answer = time.perf_counter() - began
            house.memory_at_rest_mb = _memory_mb(house)
            if set(works.MOST_MS) & set(chosen):
                house.clinic = _large_clinic(databases, kind, folder, plan, progress, stack)
            houses.append(house)
        yield Stage(houses, stack.enter_context(_served(None)), chosen)


def _furnished(
    databases: Databases,
    kind: Kind,
    folder: Path,
    plan: Plan,
    progress: Progress,
    pid: int | None,
    chosen: Sequence[str],
) -> House:
    """A database with patients, two copies of it, and the statements of the works as the service says them."""
    task = progress.add_task(f"{kind}: patients", total=4)
    urls = databases.fresh(kind, folder)
    seeder = Seeder(urls.app_url, urls.owner_url)
    clinic_id = seeder.clinic()
    lived = seeder.live(days=plan.history)
    phones = seeder.copy(clinic_id, lived, plan.phones)
    readers = seeder.copy(clinic_id, lived, plan.first_readers)
    progress.advance(task)
    offline: list[Seeded] = []
    if "batch of 200" in chosen:
        before = seeder.live(days=works.OFFLINE_DAYS, practised=works.PRACTISED_DAYS)
        offline = seeder.copy(clinic_id, before, plan.rounds * (plan.batches + 2))
    veterans: list[Seeded] = []
    if "session, 3 years" in chosen:
        progress.update(task, description=f"{kind}: patients with {plan.long_history} days")
        veterans = seeder.copy(clinic_id, seeder.live(days=plan.long_history), plan.phones // 2)
    seeder.close()
    progress.advance(task)
    progress.update(task, description=f"{kind}: statements as the service says them")
    told_url, raw_url = (_copy(urls.app_url, name) for name in ("told", "raw"))
    days = days_of(phones, 0, plan.rounds * (plan.days + 1))
    written = record(told_url, clinic_id, days, writes=True) if works.RAW in chosen else []
    progress.advance(task)
    routine = [get("/v1/me/routine", token=one.token) for one in phones]
    read, read_again = record(raw_url, clinic_id, [routine, routine], writes=False)
    progress.advance(task)
    own_pid = pid if kind == "postgresql" else None
    return House(kind, urls.app_url, raw_url, phones, readers, veterans, offline, own_pid, written, read, read_again)


def _large_clinic(
    databases: Databases, kind: Kind, folder: Path, plan: Plan, progress: Progress, stack: ExitStack
) -> Clinic:
    """A clinic of thousands with one prescription each, and one patient with eight, served."""
    task = progress.add_task(f"{kind}: a clinic of {plan.clinic_patients} patients", total=plan.clinic_patients)
    (folder / "clinic").mkdir(mode=0o755, exist_ok=True)
    urls = databases.fresh(kind, folder / "clinic")
    seeder = Seeder(urls.app_url, urls.owner_url)
    clinic_id = seeder.clinic()
    calm, *troubled = (
        seeder.live(days=plan.clinic_days, count=1, at_last=at_last) for at_last in (None, *works.TROUBLES)
    )
    waiting = max(1, plan.clinic_patients // works.ONE_OF_TROUBLED)
    for lived in troubled:
        seeder.copy(clinic_id, lived, waiting, with_reports=False)
    progress.advance(task, waiting * len(troubled))
    for first in range(waiting * len(troubled), plan.clinic_patients, 500):
        size = min(500, plan.clinic_patients - first)
        seeder.copy(clinic_id, calm, size, with_reports=False)
        progress.advance(task, size)
    printed = seeder.live(days=3, count=8)
    seeder.close()
    asked = {work: [get(path, token=seeder.clinician_token)] for work, path in _list_paths(plan).items()}
    traces = record(urls.app_url, clinic_id, list(asked.values()), writes=False)
    said = {f"{work}, SQL": trace for work, [trace] in zip(asked, traces, strict=True)}
    port, pid = stack.enter_context(_served(urls.app_url))
    return Clinic(port, pid, seeder.clinician_token, printed.token, urls.app_url, said)


def _copy(url: str, name: str) -> str:
    """The same database once more. Nobody may be connected."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        path = embedded.path_of(url)
        embedded.copy(path, path.with_name(f"{name}.db"))
        return f"sqlite:///{path.with_name(f'{name}.db')}"
    with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{address.database}_{name}" TEMPLATE "{address.database}"')
    return address.set(database=f"{address.database}_{name}").render_as_string(hide_password=False)


@contextlib.contextmanager
def _served(url: str | None) -> Iterator[tuple[int, int]]:
    """A server process of its own, one worker: its port and its process id."""
    # Imported without the garbage collector, as `app.cli` is.
    program = "import gc; gc.disable(); from benchmarks.served import main; gc.freeze(); gc.enable(); main()"
    command = [sys.executable, "-c", program, *(["--url", url] if url else [])]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RUNG_")}
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stderr is not None
        try:
            yield int(process.stderr.readline()), process.pid
        finally:
            process.terminate()


def measure(stage: Stage, plan: Plan, progress: Progress) -> list[Row]:
    """Every work once a round, the floors among them, so that a noisy minute meets them all."""
    rows: list[Row] = []
    task = progress.add_task("Measuring", total=plan.rounds * len(stage.houses) * len(stage.chosen))
    for number in range(1, plan.rounds + 1):
        for house in stage.houses:
            for work in stage.chosen:
                progress.update(task, description=f"round {number} of {plan.rounds}: {house.kind}, {work}")
                calibration = _calibration()
                measured = _measured(stage, house, work, number, plan)
                said = house.written[0] if work.startswith(("session", "raw, w")) and house.written else []
                said = house.read if work in {"routine, first time", "raw, reading"} else said
                said = house.read_again if work in {"routine", "routine, 304"} else said
                statements = int(median(len(trace.statements) for trace in said)) if said else 0
                rows.append(Row(number, house.kind, work, calibration, **asdict(measured), statements=statements))
                progress.advance(task)
    return rows


def starts(stage: Stage) -> list[Start]:
    """What the servers took to start, and hold now."""
    return [
        Start(one.kind, one.seconds_to_first_answer, one.memory_at_rest_mb, _memory_mb(one)) for one in stage.houses
    ]


def _memory_mb(house: House) -> float:
    return float(psutil.Process(house.pid).memory_info().rss) / 1e6


def _measured(stage: Stage, house: House, work: str, number: int, plan: Plan) -> Measured:
    again = [get("/v1/me/routine", token=one.token) for one in house.phones]
    if work == "hello, bare":
        port, pid = stage.bare
        return _load(Load(port, CONNECTIONS, [_repeat([get("/hello")], plan.hellos)], None, (200,), pid, None))
    if work == "raw, reading":
        traces = (house.read * (plan.reads // len(house.read)))[: plan.reads]
        return _replay(Replay(house.raw_url, 1, [traces[:40], traces], house.database_pid))
    if work == "raw, writing":
        size = plan.days + 1
        batches = house.written[(number - 1) * size : number * size]
        threads = 1 if house.kind == "sqlite" else CONNECTIONS
        return _replay(Replay(house.raw_url, threads, batches, house.database_pid))
    if work in REPORTS_AND_LISTS:
        return REPORTS_AND_LISTS[work](house, number, plan)
    requests, status = {
        "hello": ([get("/hello")], 200),
        "exercise": ([get("/v1/exercises/single-knee-to-chest")], 200),
        "search": ([get("/v1/exercises?q=knee")], 200),
        "figure": ([get("/v1/exercises/single-knee-to-chest/figure.svg")], 200),
        "routine": (again, 200),
        "routine, first time": ([get("/v1/me/routine", token=one.token) for one in house.readers], 200),
        "routine, 304": ([], 304),
    }[work]
    if not requests:
        requests = [get("/v1/me/routine", token=one.token, tag=_tag(house, one)) for one in house.phones]
    count = plan.hellos if work in {"hello", "exercise", "search", "figure"} else plan.reads
    batch = _repeat(requests, count)
    return _load(Load(house.port, CONNECTIONS, [batch], None, (status,), house.pid, house.database_pid))


def _sessions(house: House, phones: Sequence[Seeded], plan: Plan) -> Measured:
    """Days in a row; the server's clock goes on with them, and with the days of the works before."""
    first, house.day = house.day, house.day + plan.days
    batches = [[on_the_wire(one) for one in day] for day in days_of(phones, first, plan.days + 1)]
    next_day = on_the_wire(httpx.Request("POST", f"{works.BASE}/next-day", headers={"Content-Length": "0"}))
    # The clock is at `first`: that day warms up, and each of the others begins by moving it.
    return _load(Load(house.port, CONNECTIONS, batches, next_day, (201,), house.pid, house.database_pid))


def _batches(house: House, number: int, plan: Plan) -> Measured:
    """Each phone once, after two that warm up."""
    size = plan.batches + 2
    wire = [on_the_wire(works.batch(one)) for one in house.offline[(number - 1) * size : number * size]]
    between = on_the_wire(get("/hello"))
    return _load(Load(house.port, CONNECTIONS, [wire[:2], wire[2:]], between, (200,), house.pid, house.database_pid))


def _list(work: str, house: House, _round: int, plan: Plan) -> Measured:
    """One person asks again and again."""
    assert house.clinic is not None
    if work in house.clinic.said:
        said = [house.clinic.said[work]]
        return _replay(Replay(house.clinic.url, 1, [said, said * plan.lists], house.database_pid))
    if work == "hand-out":
        request = get("/v1/me/handout.pdf", token=house.clinic.printed)
    else:
        request = get(_list_paths(plan)[work], token=house.clinic.token)
    asked = [on_the_wire(request)]
    between = on_the_wire(get("/hello"))
    load = Load(
        house.clinic.port, 1, [asked, asked * plan.lists], between, (200,), house.clinic.pid, house.database_pid
    )
    return _load(load)


def _list_paths(plan: Plan) -> dict[str, str]:
    last = works.TODAY.date()
    first = last - timedelta(days=min(works.WINDOW_DAYS, plan.clinic_days) - 1)
    return {"clinic adherence": f"/v1/adherence?from={first}&to={last}", "worklist": "/v1/worklist"}


def _repeat(requests: Sequence[httpx.Request], count: int) -> list[bytes]:
    wire = [on_the_wire(one) for one in requests]
    return [wire[n % len(wire)] for n in range(count + 40)]


def _tag(house: House, one: Seeded) -> str:
    answer = httpx.get(
        f"{works.BASE}:{house.port}/v1/me/routine", headers={"Authorization": f"Bearer {one.token}"}, timeout=30
    )
    return answer.headers["ETag"]


def _load(load: Load) -> Measured:
    return _in_a_process("benchmarks.load", load)


def _replay(replay: Replay) -> Measured:
    return _in_a_process("benchmarks.raw", replay)


def _in_a_process(module: str, asked: object) -> Measured:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", f"import sys; from {module} import answer; answer(sys.stdin.buffer)"],
        input=pickle.dumps(asked),
        stdout=subprocess.PIPE,
        check=True,
    )
    return Measured(**json.loads(done.stdout))


def _calibration() -> float:
    """The same little work every time, in microseconds of processor time: how fast is this machine just now?"""
    began = time.process_time()
    pattern, found = re.compile(r"(\w+) (\d+)"), 0
    for number in range(3000):
        match = pattern.match(f"number {number}")
        found += int(match[2]) if match else 0
    assert found
    return (time.process_time() - began) * 1e6


REPORTS_AND_LISTS: dict[str, Callable[[House, int, Plan], Measured]] = {
    "session": lambda house, _, plan: _sessions(house, house.phones, plan),
    "session, 3 years": lambda house, _, plan: _sessions(house, house.veterans, plan),
    "batch of 200": _batches,
    **{work: partial(_list, work) for work in works.MOST_MS},
}
