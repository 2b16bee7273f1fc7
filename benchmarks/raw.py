"""The floor under everything: the driver alone, doing the very statements that the service does, with the same commits.

The statements are not written down here, where they would grow old: the service is asked over its own door, with a
listener on its engine, and what it sent to the driver is kept. Then a process without HTTP, SQLAlchemy or rules replays
it on a copy of the database from before: one connection on SQLite (synchronous FULL, one commit a request), a thread a
connection on PostgreSQL.
"""

import asyncio
import json
import pickle
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, BinaryIO
from uuid import UUID

import httpx
import psutil  # type: ignore[import-untyped]
import psycopg
from pydantic import SecretStr
from sqlalchemy import make_url

from app.clock import MovableClock
from app.config import Settings
from app.main import configure_logging, create_app
from app.store import engines
from benchmarks.load import Cpu, Load, Measured
from benchmarks.seed import TODAY

Statement = tuple[str, Any, bool]
"""SQL, its parameters, and whether it runs once for each of them."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What one request said to the database between its BEGIN and its COMMIT."""

    begin: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """Batches of traces; the batches one after the other, the first one to warm up."""

    url: str
    threads: int
    batches: Sequence[Sequence[Trace]]
    database: int | None


def record(url: str, clinic_id: UUID, batches: Sequence[Sequence[httpx.Request]], *, writes: bool) -> list[list[Trace]]:
    """Send requests to the service in this process, one after the other, a day a batch; what each told the driver."""
    clock = MovableClock(TODAY)
    settings = Settings(
        database_url=SecretStr(url), log_level="error", worker="apart"
    )  # only what is asked for is heard
    configure_logging(settings)
    app = create_app(settings, clock)
    begin = engines.begin(make_url(url).get_backend_name(), clinic_id=clinic_id, writes=writes)
    said: list[Statement] = []

    def hear(sql: str, parameters: Any, many: bool) -> None:  # noqa: ANN401, FBT001 - what a listener gets
        said.append((sql, [_kept(one) for one in parameters] if many else _kept(parameters), many))

    app.state.house.db.speaker.listeners.append(hear)

    async def ask_all() -> list[list[Trace]]:
        kept: list[list[Trace]] = []
        transport = httpx.ASGITransport(app)
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport) as client:
            for requests in batches:
                kept.append([])
                for request in requests:
                    said.clear()
                    answer = await client.send(request)
                    assert answer.status_code in {200, 201}, answer.text
                    kept[-1].append(Trace(begin, tuple(said)))
                if writes:
                    clock.move_by(timedelta(days=1))
        return kept

    return asyncio.run(ask_all())


def _kept(parameters: Any) -> Any:  # noqa: ANN401 - a tuple or a dict
    """Parameters as another process can have them: a view of bytes cannot be pickled."""
    if isinstance(parameters, dict):
        return {name: bytes(one) if isinstance(one, memoryview) else one for name, one in parameters.items()}
    return tuple(bytes(one) if isinstance(one, memoryview) else one for one in parameters)


def _replayer(url: str) -> Callable[[Trace], None]:
    """Something that replays one trace in the calling thread."""
    local = threading.local()
    address = make_url(url)

    def connect() -> Any:  # noqa: ANN401 - a connection of either driver
        if address.get_backend_name() != "sqlite":
            return psycopg.connect(address.render_as_string(hide_password=False), autocommit=True)
        connection = sqlite3.connect(address.database or "", isolation_level=None, cached_statements=256)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-32768"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def replay(trace: Trace) -> None:
        connection = getattr(local, "connection", None)
        if connection is None:
            connection = local.connection = connect()
        connection.execute(trace.begin)
        cursor = connection.cursor()
        for sql, parameters, is_many in trace.statements:
            if is_many:
                cursor.executemany(sql, parameters)
            else:
                cursor.execute(sql, parameters)
                if cursor.description:
                    cursor.fetchall()
        connection.execute("COMMIT")

    return replay


def _run(asked: Replay) -> Measured:
    replay = _replayer(asked.url)
    latencies: list[float] = []

    def timed(trace: Trace) -> None:
        began = time.perf_counter()
        replay(trace)
        latencies.append(time.perf_counter() - began)

    own = Load(0, 0, (), None, (), psutil.Process().pid, asked.database)
    with ThreadPoolExecutor(asked.threads) as pool:
        list(pool.map(timed, asked.batches[0]))
        latencies.clear()
        before, began = Cpu(own), time.perf_counter()
        for batch in asked.batches[1:]:
            list(pool.map(timed, batch))
        seconds = time.perf_counter() - began
        after = Cpu(own)
    count, ordered = len(latencies), sorted(latencies)
    server, database = after.server - before.server, after.database - before.database
    others = after.machine - before.machine - server - database
    return Measured(
        requests=count,
        seconds=seconds,
        rate=count / seconds,
        server_us=server / count * 1e6,
        database_us=database / count * 1e6,
        client_us=0.0,
        others_share=max(0.0, others) / seconds / (psutil.cpu_count() or 1),
        p50_ms=ordered[count // 2] * 1e3,
        p99_ms=ordered[min(count - 1, int(count * 0.99))] * 1e3,
        bytes=0,
    )


def answer(asked: BinaryIO) -> None:
    """Read a replay, play it, print what was measured."""
    print(json.dumps(asdict(_run(pickle.load(asked)))))  # noqa: S301 - from our own parent
