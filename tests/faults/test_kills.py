"""What was acknowledged survives: the server is killed, the database's processes are killed, and nobody stops writing.

16 phones write all the time; each keeps a ledger of what it was told is stored. Seeded, and never tried again.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from app.store.operating import migrate
from tests import postgres
from tests.faults.server import Server
from tests.faults.writers import SEED, WRITERS, Writer, make_writers, tell, written_until

MOST_BETWEEN = 60
KILLS = pytest.mark.parametrize(
    "kills", [pytest.param(25, marks=pytest.mark.check), pytest.param(500, marks=pytest.mark.soak)]
)


@asynccontextmanager
async def under_writers(server: Server, what: str) -> AsyncIterator[list[Writer]]:
    """Writers at work for as long as the block lasts; then what they were told is compared with what is there."""
    async with httpx.AsyncClient(base_url=server.address, timeout=20) as client:
        writers = await make_writers(server, client, WRITERS)
        ended = asyncio.Event()
        writing = asyncio.create_task(written_until(ended, writers, client))
        yield writers
        ended.set()
        await writing
        tell(writers, what)
        for one in writers:
            await one.compare(client)
    await asyncio.to_thread(server.check_what_is_derived)


async def some_are_stored(writers: list[Writer], chance: random.Random) -> None:
    """Let the writers get on for a while: a few more sessions, or many."""
    enough = sum(len(one.ledger) for one in writers) + chance.randrange(MOST_BETWEEN)
    while sum(len(one.ledger) for one in writers) < enough:  # noqa: ASYNC110 - writers only keep their ledgers
        await asyncio.sleep(0.002)


async def kill_the_server(url: str, folder: Path, kills: int) -> None:
    chance = random.Random(SEED)
    with Server(url, folder) as server:
        async with under_writers(server, f"{kills} kills of the server") as writers:
            for _ in range(kills):
                await some_are_stored(writers, chance)
                server.kill()
                await asyncio.to_thread(server.start)


@KILLS
async def test_what_was_acknowledged_survives_kills_of_the_server_on_sqlite(tmp_path: Path, kills: int) -> None:
    url = f"sqlite:///{tmp_path / 'rung.db'}"
    migrate.upgrade(url)
    await kill_the_server(url, tmp_path, kills)


@KILLS
async def test_what_was_acknowledged_survives_kills_of_the_server_on_postgresql(
    durable: postgres.Server, tmp_path: Path, kills: int
) -> None:
    await kill_the_server(durable.superuser_url, tmp_path, kills)


@KILLS
async def test_what_was_acknowledged_survives_kills_of_the_databases_processes(
    durable: postgres.Server, tmp_path: Path, kills: int
) -> None:
    """PostgreSQL ends all its processes when one is killed, and recovers; the service comes back to it by itself."""
    chance = random.Random(SEED)
    with Server(durable.superuser_url, tmp_path) as server:
        async with under_writers(server, f"{kills} kills of a process of the database") as writers:
            for _ in range(kills):
                await some_are_stored(writers, chance)
                await asyncio.to_thread(kill_a_backend, durable, chance)
            await some_are_stored(writers, chance)
        assert server.lives == 1


def kill_a_backend(durable: postgres.Server, chance: random.Random) -> None:
    """Kill the process behind one of the service's connections."""
    while True:
        # While it recovers nobody can ask it for its processes.
        with suppress(psycopg.OperationalError), psycopg.connect(durable.superuser_url, autocommit=True) as connection:
            found = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchall()
            if found:
                os.kill(chance.choice(sorted(found))[0], signal.SIGKILL)
                return
        time.sleep(0.02)
