"""Everything derived can be made again from the facts, and differences are found."""

import sqlite3
from uuid import UUID, uuid4

import httpx
import pytest

from app.actions.rebuild_patient import Differences, rebuild_patient
from app.clock import MovableClock
from app.config import Settings
from app.store.database import Database
from app.store.scope import Caller, Role
from tests.people import SignedIn
from tests.phone import Phone, start_phone

NOTHING = Differences(0, 0, 0)


async def live_a_little(phone: Phone) -> None:
    """Two weeks with a climb, a sore day, a retry, a late upload, a correction and a withdrawal."""
    for _ in range(2):
        await phone.practise(pain=0)
        phone.sleep()
    offered = await phone.practise(pain=0)
    phone.sleep()
    await phone.answer(offered.json()["decisions"][0]["id"], "accept")
    late = phone.session(exercise="double-knee-to-chest")
    phone.sleep(2)
    await phone.put(str(uuid4()), late)
    session_id, body = "", {}
    for pain in (4, 0, 7, 0):
        session_id = str(uuid4())
        body = phone.session(pain=pain, exercise=(await phone.item())["exercise_id"])
        await phone.put(session_id, body)
        await phone.put(session_id, body)
        phone.sleep()
    corrected = await phone.put(session_id, {**body, "pain_after": 4}, headers={"If-Match": '"1"'})
    assert corrected.status_code == 200
    phone.sleep()
    taken_back = str(uuid4())
    await phone.put(taken_back, phone.session(pain=5))
    assert (await phone.send("DELETE", f"/v1/me/sessions/{taken_back}")).status_code == 200
    phone.sleep()
    await phone.practise(pain=None)


def rebuild(settings: Settings, clock: MovableClock, phone: Phone, *, writes: bool) -> Differences:
    db = Database(settings.url)
    operator = Caller(clock.now(), None, frozenset({Role.OPERATOR}), "spine", is_operator=True)
    try:
        return db.write_here(operator, rebuild_patient, UUID(phone.patient_id), writes=writes)
    finally:
        db.close()


async def test_nothing_differs_after_a_life_with_late_and_corrected_reports(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings
) -> None:
    phone = await start_phone(anna, client, clock)
    await live_a_little(phone)
    assert rebuild(settings, clock, phone, writes=False) == NOTHING


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_differs_is_found_and_put_right(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings
) -> None:
    phone = await start_phone(anna, client, clock)
    await live_a_little(phone)
    routine = (await phone.routine()).json()
    with sqlite3.connect(settings.url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE practice_days SET done = done + 1 WHERE done = 1")
        connection.execute("UPDATE prescriptions SET standing = settled")
        connection.execute("UPDATE decisions SET to_rung = 9 WHERE kind = 'step_back'")
    connection.close()
    found = rebuild(settings, clock, phone, writes=True)
    assert found.practice_days > 0
    assert found.standings == 1
    assert found.decisions == 1
    assert rebuild(settings, clock, phone, writes=False) == Differences(0, 0, 1)
    assert (await phone.routine()).json() == routine
