"""These tests have the whole application with one clinic, and a worker that delivers when it is told to."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from app.clock import MovableClock
from app.config import Settings
from app.posting.addresses import Gate
from app.posting.sender import Sender
from app.worker import Worker
from tests import people
from tests.application import app, client, names, settings_on
from tests.databases import DatabaseUrls
from tests.people import SignedIn
from tests.phone import Phone, start_phone

__all__ = ["app", "client"]


@pytest.fixture
def settings(database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Webhooks may go to this machine, where the receivers of these tests listen."""
    return settings_on(database, monkeypatch, webhooks_to_loopback=True)


@pytest.fixture
async def anna(client: httpx.AsyncClient, settings: Settings, clock: MovableClock) -> SignedIn:
    """The administrator and clinician of the clinic `spine`."""
    people.make_clinic(settings.url, now=clock.now())
    return await people.sign_in(client)


@pytest.fixture
async def phone(anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock) -> Phone:
    """Anna's patient with a prescription, and the phone connected."""
    return await start_phone(anna, client, clock)


@pytest.fixture
async def worker(app: FastAPI, clock: MovableClock) -> AsyncIterator[Worker]:
    """A worker on the application's database and clock; an attempt that is not answered ends after three
    seconds.
    """
    async with Sender(Gate(names, is_loopback_allowed=True), timeout_seconds=3) as sender:
        yield Worker(app.state.house.db, sender, clock.now)
