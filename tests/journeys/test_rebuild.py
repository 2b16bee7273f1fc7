"""Everything derived can be made again from the facts, and differences are found."""

import os
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
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

NOTHING = Differences()


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
    assert rebuild(settings, clock, phone, writes=False) == Differences(decisions=1)
    assert (await phone.routine()).json() == routine


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_quarters_are_made_again(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings
) -> None:
    phone = await start_phone(anna, client, clock)
    await live_a_little(phone)
    with sqlite3.connect(settings.url.removeprefix("sqlite:///")) as connection:
        quarters = connection.execute("SELECT * FROM practice_quarters").fetchall()
        connection.execute("UPDATE practice_quarters SET kept = '9' || kept, practised = ''")
    connection.close()
    assert rebuild(settings, clock, phone, writes=False) == Differences(practice_quarters=len(quarters))
    assert rebuild(settings, clock, phone, writes=True) == Differences(practice_quarters=len(quarters))
    assert rebuild(settings, clock, phone, writes=False) == NOTHING
    with sqlite3.connect(settings.url.removeprefix("sqlite:///")) as connection:
        assert connection.execute("SELECT * FROM practice_quarters").fetchall() == quarters
    connection.close()


async def test_a_session_that_moves_to_another_day_leaves_the_day_it_was_on(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings
) -> None:
    phone = await start_phone(anna, client, clock)
    phone.sleep(6)
    on_sunday = phone.session()
    phone.sleep()
    session_id = str(uuid4())
    await phone.put(session_id, on_sunday)
    moved = await phone.put(session_id, phone.session(), headers={"If-Match": '"1"'})
    assert moved.status_code == 200
    assert (await phone.send("GET", f"/v1/me/sessions/{session_id}")).json()["local_date"] == "2026-01-12"
    assert rebuild(settings, clock, phone, writes=False) == NOTHING


def replayed(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`rung replay`, as an operator types it."""
    environment = {**os.environ, "RUNG_DATABASE_URL": settings.url, "COLUMNS": "250"}
    command = [str(Path(sys.executable).with_name("rung")), "replay", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


async def test_every_decision_replays(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings
) -> None:
    phone = await start_phone(anna, client, clock)
    await live_a_little(phone)
    done = replayed(settings)
    assert (done.returncode, done.stderr.count("none differ")) == (0, 1), done.stderr
    assert replayed(settings, "--clinic", "spine", "--patient", phone.patient_id).returncode == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_decision_that_does_not_replay_is_shown(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings
) -> None:
    """One was changed, one is missing, and one was added: a row of the table each, and nothing is mended."""
    phone = await start_phone(anna, client, clock)
    await live_a_little(phone)
    with sqlite3.connect(settings.url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE decisions SET to_rung = 9 WHERE kind = 'step_back'")
        connection.execute("DELETE FROM decisions WHERE kind = 'restore'")
        connection.execute("UPDATE decisions SET id = substr(id, 2) || '0' WHERE kind = 'ease'")
        gone = connection.execute("SELECT count(*) FROM decisions WHERE kind = 'ease'").fetchone()[0]
    connection.close()
    for _ in range(2):
        done = replayed(settings)
        assert done.returncode == 1
        assert "step_back 2 to 9, applied, pain_high" in done.stderr
        lines = [line for line in done.stderr.splitlines() if phone.patient_id in line]
        assert len([line for line in lines if " ease " in line]) == 2 * gone
        assert any("restore" in line and " none " in line for line in lines)
        assert f"{len(lines)} differ" in done.stderr


def test_a_patient_is_named_with_their_clinic(settings: Settings) -> None:
    assert replayed(settings, "--patient", str(uuid4())).returncode == 2
    assert replayed(settings, "--clinic", "nowhere").returncode == 1


async def test_a_morning_that_was_corrected_or_taken_back_later_is_remembered_as_it_was_told(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings
) -> None:
    """What was told first moved the course for days; rebuilding must not think that it had never been said."""
    phone = await start_phone(anna, client, clock)
    for _ in range(2):
        await phone.practise()
        phone.sleep()
        await phone.check_in(4, symptoms=["night_pain"])
    phone.sleep(2)
    assert (await phone.check_in(0, on="2026-01-06", headers={"If-Match": "*"})).status_code == 200
    assert (await phone.send("DELETE", "/v1/me/check-ins/2026-01-07")).status_code == 200
    assert rebuild(settings, clock, phone, writes=False) == NOTHING


async def test_a_wish_that_a_later_report_of_its_day_answers_otherwise_replays(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings
) -> None:
    """Eased already, so it led to nothing; then pain of 7 after it is reported, and the wish was the first step."""
    phone = await start_phone(anna, client, clock)
    await phone.practise(pain=4)
    assert (await phone.ask("step_down")).status_code == 201
    clock.move_by(timedelta(hours=1))
    await phone.practise(pain=7)
    assert rebuild(settings, clock, phone, writes=False) == NOTHING


async def test_practice_from_before_the_prescription_counts_the_same_whatever_its_first_day_becomes(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings
) -> None:
    phone = await start_phone(anna, client, clock)
    body = phone.session(exercise="double-knee-to-chest") | {"started_at": "2026-01-04T10:00:00+01:00"}
    assert (await phone.put(str(uuid4()), body)).status_code == 201
    assert (await phone.order("resume", to_rung=2)).status_code == 201
    assert rebuild(settings, clock, phone, writes=False) == NOTHING


async def test_an_order_that_a_later_report_of_its_day_blocks_replays(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings
) -> None:
    """Up a rung from tomorrow, said the clinician; then an emergency sign is reported, and nobody moves."""
    phone = await start_phone(anna, client, clock)
    await phone.practise()
    assert (await phone.order("advance", to_rung=2)).status_code == 201
    clock.move_by(timedelta(hours=1))
    await phone.check_in(0, symptoms=["saddle_numbness"])
    assert rebuild(settings, clock, phone, writes=False) == NOTHING
