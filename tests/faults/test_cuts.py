"""Connections are cut all the time, before the phone's and before the database's server: nothing is lost or doubled.

The server is never started anew. Seeded, and never tried again.
"""

import asyncio
import random
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url

from app.store.operating import migrate
from tests import postgres
from tests.faults.proxy import Proxy
from tests.faults.server import Server
from tests.faults.writers import SEED, WRITERS, make_writers, tell, written_until

A_FEW_REQUESTS = 6000
"""Bytes: a report has about a thousand, its answer two thousand."""

A_FEW_TRANSACTIONS = 60_000
CUTS = pytest.mark.parametrize(
    "cuts", [pytest.param(300, marks=pytest.mark.check), pytest.param(20_000, marks=pytest.mark.soak)]
)


@CUTS
async def test_cuts_between_the_phones_and_the_server_lose_nothing(tmp_path: Path, cuts: int) -> None:
    url = f"sqlite:///{tmp_path / 'rung.db'}"
    migrate.upgrade(url)
    with Server(url, tmp_path) as server:
        async with Proxy(server.port, cuts, random.Random(SEED), A_FEW_REQUESTS) as proxy:
            await write_meanwhile(server, proxy, f"http://127.0.0.1:{proxy.port}")


@CUTS
async def test_cuts_between_the_server_and_its_database_lose_nothing(
    durable: postgres.Server, tmp_path: Path, cuts: int
) -> None:
    async with Proxy(durable.port, cuts, random.Random(SEED), A_FEW_TRANSACTIONS) as proxy:
        url = make_url(durable.superuser_url).set(port=proxy.port).render_as_string(hide_password=False)
        server = Server(url, tmp_path)
        await asyncio.to_thread(server.start)
        try:
            await write_meanwhile(server, proxy, server.address)
        finally:
            server.kill()


async def write_meanwhile(server: Server, proxy: Proxy, address: str) -> None:
    """Writers go on until all cuts are made; then their ledgers are compared, with the server that was there."""
    async with httpx.AsyncClient(base_url=server.address, timeout=20) as direct:
        writers = await make_writers(server, direct, WRITERS)
        proxy.is_cutting = True
        async with httpx.AsyncClient(base_url=address, timeout=20) as client:
            await written_until(proxy.ended, writers, client)
        tell(writers, f"{proxy.cuts} cuts")
        for one in writers:
            await one.compare(direct)
    await asyncio.to_thread(server.check_what_is_derived)
    assert server.lives == 1
