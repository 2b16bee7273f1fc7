"""What an operator's monitoring asks: alive, ready, numbers."""

import sqlite3

import httpx
import pytest

from app.config import Settings


async def test_alive_and_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "alive"}
    assert (await client.get("/readyz")).json() == {"status": "ready"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_database_of_another_revision_is_not_ready(client: httpx.AsyncClient, settings: Settings) -> None:
    with sqlite3.connect(settings.url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]


async def test_requests_are_counted_by_operation(client: httpx.AsyncClient) -> None:
    await client.get("/v1/server")
    page = (await client.get("/metrics")).text
    assert 'rung_requests_total{operation="get_server",status="200"} 1.0' in page
