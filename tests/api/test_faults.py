"""A database that cannot answer is never a lie: 503 with a time to come back, and nothing half done. Through HTTP."""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from app.clock import MovableClock
from app.config import Settings
from app.main import create_app
from app.store.operating import migrate
from tests import people, postgres
from tests.databases import new_shared_folder
from tests.phone import Phone, start_phone


def is_unavailable(answer: httpx.Response) -> bool:
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["retry"]) == ("unavailable", "later")
    assert int(answer.headers["Retry-After"]) > 0
    return answer.status_code == 503


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A service that waits a moment for a lock, not five seconds."""
    return settings.model_copy(update={"busy_timeout_seconds": 0.2})


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_while_somebody_else_writes_reports_wait_and_reads_go_on(phone: Phone, settings: Settings) -> None:
    session_id, body = str(uuid4()), phone.session()
    blocker = sqlite3.connect(settings.url.removeprefix("sqlite:///"), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    assert is_unavailable(await phone.put(session_id, body))
    assert is_unavailable(await phone.send("PATCH", "/v1/me", json={"language": "de"}))
    assert (await phone.routine()).status_code == 200
    blocker.execute("ROLLBACK")
    blocker.close()
    assert (await phone.put(session_id, body)).status_code == 201
    assert (await phone.send("GET", "/v1/me")).json()["language"] == "en"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_connection_that_was_cut_is_replaced_unseen(phone: Phone, settings: Settings) -> None:
    """Every connection of the service is ended on the server's side, as a restart or a proxy would."""
    await asyncio.gather(*(phone.routine() for _ in range(8)))
    first = await phone.put(str(uuid4()), phone.session())
    assert first.status_code == 201
    with psycopg.connect(settings.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND usename = current_user AND pid <> pg_backend_pid()"
        )
    answers = await asyncio.gather(*(phone.routine() for _ in range(8)), phone.put(str(uuid4()), phone.session()))
    assert [answer.status_code for answer in answers] == [200] * 8 + [201]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_patient_whose_row_is_locked_waits_and_is_served_after(phone: Phone, settings: Settings) -> None:
    with psycopg.connect(settings.owner_url) as blocker:
        blocker.execute("LOCK TABLE patients IN SHARE ROW EXCLUSIVE MODE")
        waiting = asyncio.create_task(phone.put(str(uuid4()), phone.session()))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        assert (await phone.routine()).status_code == 200
        blocker.rollback()
    assert (await waiting).status_code == 201


@pytest.fixture
async def alone(clock: MovableClock) -> AsyncIterator[tuple[postgres.Server, FastAPI, Settings]]:
    """The service on a PostgreSQL server of its own, which a test may take away."""
    folder = new_shared_folder(Path(tempfile.gettempdir()))
    server = postgres.start(folder / "server", for_process=os.getpid(), settings=postgres.DURABLE)
    url = server.superuser_url
    migrate.upgrade(url)
    settings = Settings(database_url=SecretStr(url), owner_database_url=SecretStr(url))
    application = create_app(settings, clock)
    async with application.router.lifespan_context(application):
        yield server, application, settings
    server.stop()
    shutil.rmtree(folder)


async def test_the_service_comes_back_with_its_database_and_nothing_is_lost(
    alone: tuple[postgres.Server, FastAPI, Settings], clock: MovableClock
) -> None:
    server, application, settings = alone
    people.make_clinic(settings.url, now=clock.now())
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://rung.test", timeout=60) as client:
        phone = await start_phone(await people.sign_in(client), client, clock)
        kept, queued = str(uuid4()), str(uuid4())
        body = phone.session()
        assert (await phone.put(kept, body)).status_code == 201
        server.halt()
        assert is_unavailable(await phone.put(queued, body))
        assert is_unavailable(await phone.routine())
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        server.restart()
        assert (await phone.put(queued, body)).status_code == 201
        assert (await phone.put(kept, body)).status_code == 200
        assert (await client.get("/readyz")).status_code == 200
        found = (await phone.send("GET", "/v1/me/sessions")).json()["items"]
        assert {one["id"] for one in found} == {kept, queued}
