"""Any number of retries of one session, at once and through several processes, make one row and one decision."""

import asyncio
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import httpx
import pytest

from app.clock import SystemClock
from app.store.operating import migrate
from tests import postgres
from tests.faults.server import Server
from tests.faults.writers import Writer, make_writers, tell

RETRIES = 64
PROCESSES = 4
IDS = pytest.mark.parametrize(
    "ids", [pytest.param(50, marks=pytest.mark.check), pytest.param(2000, marks=pytest.mark.soak)]
)


@IDS
async def test_retries_make_one_row_and_one_decision_on_sqlite(tmp_path: Path, ids: int) -> None:
    url = f"sqlite:///{tmp_path / 'rung.db'}"
    migrate.upgrade(url)
    with Server(url, tmp_path) as server:
        await retry([server], ids)


@IDS
async def test_retries_through_four_processes_make_one_row_and_one_decision(
    durable: postgres.Server, tmp_path: Path, ids: int
) -> None:
    with ExitStack() as running:
        servers = [running.enter_context(Server(durable.superuser_url, tmp_path)) for _ in range(PROCESSES)]
        await retry(servers, ids)


async def retry(servers: list[Server], ids: int) -> None:
    async with AsyncExitStack() as speaking:
        clients = [
            await speaking.enter_async_context(httpx.AsyncClient(base_url=one.address, timeout=60)) for one in servers
        ]
        writers = await make_writers(servers[0], clients[0], ids)
        for one in writers:
            await retry_at_once(clients, one)
        for one in writers:
            await one.compare(clients[0])
    tell(writers, f"{RETRIES} retries each through {len(servers)} processes")


async def retry_at_once(clients: list[httpx.AsyncClient], writer: Writer) -> None:
    """A sore session: it eases, once."""
    session_id, body = writer.next_session(SystemClock().now(), pain=4)
    answers = await asyncio.gather(
        *(writer.put(clients[number % len(clients)], session_id, body) for number in range(RETRIES))
    )
    assert sorted(one.status_code for one in answers) == [200] * (RETRIES - 1) + [201]
    [content] = {one.content for one in answers}
    writer.ledger[session_id] = content
    decisions = await clients[0].get("/v1/me/decisions", headers=writer.headers)
    assert [one["kind"] for one in decisions.json()["items"]] == ["ease"]
