"""These tests go through HTTP, to a clinic that has one person: Anna, its administrator and clinician."""

import httpx
import pytest

from app.clock import MovableClock
from app.config import Settings
from tests import people
from tests.application import app, client, settings
from tests.people import SignedIn
from tests.phone import Phone, start_phone
from tests.world import World, make_world

__all__ = ["app", "client", "settings"]


@pytest.fixture
async def anna(client: httpx.AsyncClient, settings: Settings, clock: MovableClock) -> SignedIn:
    """The administrator and clinician of the clinic `spine`, which has neither contact nor emergency number yet."""
    people.make_clinic(settings.url, now=clock.now())
    return await people.sign_in(client)


@pytest.fixture
async def other(client: httpx.AsyncClient, settings: Settings, clock: MovableClock) -> SignedIn:
    """The same at another clinic, `knee`."""
    people.make_clinic(settings.url, "knee", now=clock.now(), admin="otto@knee.example")
    return await people.sign_in(client, "knee", "otto@knee.example")


@pytest.fixture
async def phone(anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock) -> Phone:
    """Anna's first patient, in Berlin: one leg then both prescribed from today, and the phone connected."""
    return await start_phone(anna, client, clock)


@pytest.fixture
async def world(client: httpx.AsyncClient, settings: Settings, clock: MovableClock) -> World:
    """Two clinics full of canaries, three patients with phones, staff in every role."""
    return await make_world(client, settings, clock)
