"""Many requests at once: nothing twice, nothing lost, on a real server with real sockets."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from app.clock import MovableClock
from app.config import Settings
from tests import people
from tests.phone import Phone, connect, make_patient, prescribe, start_phone


@pytest.fixture
async def served(app: FastAPI, settings: Settings, clock: MovableClock) -> AsyncIterator[httpx.AsyncClient]:
    """A client with as many connections as it wants to a server on a free port of this machine."""
    people.make_clinic(settings.url, now=clock.now())
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it by this flag alone
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=limits, timeout=60) as client:
        yield client
    server.should_exit = True
    await serving


@pytest.fixture
async def busy(served: httpx.AsyncClient, clock: MovableClock) -> Phone:
    """A patient of that server."""
    return await start_phone(await people.sign_in(served), served, clock)


async def items(phone: Phone, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await phone.send("GET", path, params={"limit": 200})).json()["items"]
    return found


async def test_sixty_four_retries_at_once_make_one_session_and_one_decision(busy: Phone) -> None:
    session_id, body = str(uuid4()), busy.session(pain=4)
    answers = await asyncio.gather(*(busy.put(session_id, body) for _ in range(64)))
    assert sorted(answer.status_code for answer in answers) == [200] * 63 + [201]
    assert len({answer.content for answer in answers}) == 1
    assert len(await items(busy, "/v1/me/sessions")) == 1
    assert [one["kind"] for one in await items(busy, "/v1/me/decisions")] == ["ease"]
    [slot, _] = (await busy.item())["slots"]
    assert slot["session_id"] == session_id


async def test_a_batch_sent_again_while_it_is_stored_makes_nothing_twice(busy: Phone) -> None:
    """Beside it the phone's other thread sends the same sessions one by one."""
    kept = {str(uuid4()): busy.session(pain=pain) for pain in (0, 4, 0, 5)}
    morning = {"date": "2026-01-05", **busy.morning(2)}
    batch = {"sessions": [{"session_id": key, **body} for key, body in kept.items()], "check_ins": [morning]}
    batches, singles = (
        [busy.send("POST", "/v1/me/reports/batch", json=batch) for _ in range(12)],
        [busy.put(key, body) for key, body in kept.items()],
    )
    answers = await asyncio.gather(*batches, *singles)
    assert {answer.status_code for answer in answers} <= {200, 201}
    created = [key for answer in answers[12:] if answer.status_code == 201 for key in [answer.json()["session"]["id"]]]
    told = [one for answer in answers[:12] for one in answer.json()["results"]]
    assert {one["status"] for one in told} == {"created", "same"}
    created += [one["id"] for one in told if one["status"] == "created"]
    assert sorted(created) == sorted([*kept, "2026-01-05"])
    assert {one["id"] for one in await items(busy, "/v1/me/sessions")} == set(kept)
    assert len(await items(busy, "/v1/me/check-ins")) == 1
    decisions = await items(busy, "/v1/me/decisions")
    assert len({one["id"] for one in decisions}) == len(decisions)


async def test_of_many_corrections_at_once_one_wins(busy: Phone) -> None:
    session_id, body = str(uuid4()), busy.session()
    await busy.put(session_id, body)
    answers = await asyncio.gather(
        *(busy.put(session_id, {**body, "note": f"n{n}"}, headers={"If-Match": '"1"'}) for n in range(16)),
        *(busy.send("DELETE", f"/v1/me/sessions/{session_id}", headers={"If-Match": '"1"'}) for _ in range(4)),
    )
    assert {answer.status_code for answer in answers} <= {200, 412}
    read = await busy.send("GET", f"/v1/me/sessions/{session_id}")
    assert read.json()["revision"] == 2
    winners = [answer for answer in answers[:16] if answer.status_code == 200]
    assert len(winners) == (0 if read.json()["is_withdrawn"] else 1)


async def test_many_sessions_of_one_patient_at_once_all_count(busy: Phone) -> None:
    made = {str(uuid4()): busy.session() for _ in range(30)}
    answers = await asyncio.gather(*(busy.put(session_id, body) for session_id, body in made.items()))
    assert {answer.status_code for answer in answers} == {201}
    assert {one["id"] for one in await items(busy, "/v1/me/sessions")} == set(made)
    assert {slot["session_id"] for slot in (await busy.item())["slots"]} == set(made)


async def test_two_hundred_reports_of_many_patients_at_once_are_all_kept(busy: Phone) -> None:
    anna = await people.sign_in(busy.client)
    phones = []
    for _ in range(9):
        patient_id = await make_patient(anna)
        made = (await prescribe(anna, patient_id)).json()
        token, refresh_token = await connect(anna, busy.client, patient_id)
        phones.append(Phone(busy.client, busy.clock, token, refresh_token, patient_id, made["id"]))
    phones.append(busy)
    sent = [(phone, str(uuid4())) for phone in phones for _ in range(20)]
    reads = [phone.routine() for phone in phones for _ in range(5)]
    writes = [phone.put(session_id, phone.session()) for phone, session_id in sent]
    answers = await asyncio.gather(*writes, *reads)
    assert [answer.status_code for answer in answers] == [201] * 200 + [200] * 50
    for phone in phones:
        kept = {one["id"] for one in await items(phone, "/v1/me/sessions")}
        assert kept == {session_id for each, session_id in sent if each is phone}


async def test_an_answer_and_a_session_at_once_make_one_course(busy: Phone) -> None:
    """Either the yes came before the practice or after it; the two decisions and the routine agree which it was."""
    for _ in range(2):
        await busy.practise()
        busy.sleep()
    [offer] = (await busy.practise()).json()["decisions"]
    busy.sleep()
    await busy.refresh()
    body = busy.session()
    yes, session, again, *_ = await asyncio.gather(
        busy.answer(offer["id"], "accept"),
        busy.put(str(uuid4()), body),
        busy.answer(offer["id"], "accept"),
        busy.routine(),
    )
    assert (yes.status_code, again.status_code, session.status_code) == (200, 200, 201)
    assert yes.json()["effective_on"] == again.json()["effective_on"]
    accepted = [one for one in await items(busy, "/v1/me/decisions") if one["reason"]["code"] == "offer_accepted"]
    assert [one["effective_on"] for one in accepted] == [yes.json()["effective_on"]]
    rung = (await busy.item())["rung"]
    assert rung == (2 if yes.json()["effective_on"] == "2026-01-08" else 1)


async def test_of_many_changes_of_one_prescription_at_once_one_wins(busy: Phone) -> None:
    anna = await people.sign_in(busy.client)
    path = f"/v1/patients/{busy.patient_id}/prescriptions/{busy.prescription_id}"
    tag = {"If-Match": (await anna.get(path)).headers["ETag"]}
    answers = await asyncio.gather(
        *(anna.send("PATCH", path, json={"due_per_day": n, "reason": "x"}, headers=tag) for n in range(1, 9))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    assert (await anna.get(path)).json()["version"] == 2
    posts = await asyncio.gather(*(prescribe(anna, busy.patient_id) for _ in range(4)))
    assert {answer.status_code for answer in posts} == {409}
    stranger = await make_patient(anna)
    posts = await asyncio.gather(*(prescribe(anna, stranger) for _ in range(6)))
    assert sorted(answer.status_code for answer in posts) == [201] + [409] * 5
