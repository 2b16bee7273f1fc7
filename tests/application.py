"""The whole application under test, and a client that speaks HTTP to it. A folder's conftest.py brings both in."""

import os
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from app.clock import MovableClock
from app.config import Settings
from app.content.library import Library
from app.main import create_app
from tests.contract import validation
from tests.databases import DatabaseUrls

HOOKS = {"response": [validation.event_hook()]}
"""Every answer to a test is held against the contract."""


async def names(_name: str, _port: int) -> list[str]:
    """Where the names in tests lead: nowhere. A test that needs another way gives the application its own."""
    return []


def settings_on(database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch, **more: Any) -> Settings:
    """The defaults on a database, and what else is given, whatever the developer's own environment says."""
    for name in [name for name in os.environ if name.startswith("RUNG_")]:
        monkeypatch.delenv(name)
    return Settings(
        database_url=SecretStr(database.app_url),
        owner_database_url=SecretStr(database.owner_url),
        worker="apart",  # a test delivers webhooks when it says so
        **more,
    )


@pytest.fixture
def settings(database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The defaults on this test's database."""
    return settings_on(database, monkeypatch)


@pytest.fixture
async def app(settings: Settings, clock: MovableClock, content: Library | None) -> AsyncIterator[FastAPI]:
    """The whole application, started, on this test's database and clock."""
    application = create_app(settings, clock, resolve=names, content=content)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks HTTP to the application without a network; nobody is signed in."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://rung.test", event_hooks=HOOKS
    ) as speaking:
        yield speaking
