"""A batch after time offline: each report has its own result, and the outcome is that of single requests in order."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from app.actions.rebuild_patient import Differences
from app.api.deps import MOST_BATCHES_AT_ONCE
from app.clock import MovableClock
from app.config import Settings
from tests.journeys.test_random_lives import differences
from tests.people import SignedIn
from tests.phone import Phone, start_phone

Json = dict[str, Any]


def kept(phone: Phone, **session: Any) -> Json:
    """A session of now that waits on the phone."""
    return {"session_id": str(uuid4()), **phone.session(**session)}


def told(phone: Phone, pain: int | None = 0, **more: Any) -> Json:
    """A check-in of now that waits on the phone."""
    body = phone.morning(pain, **more)
    return {"date": body["answered_at"][:10], **body}


async def post(phone: Phone, sessions: list[Any], check_ins: list[Any] | None = None, **more: Any) -> httpx.Response:
    body = {"sessions": sessions, "check_ins": check_ins or []}
    headers = {"Content-Type": "application/json", **more.pop("headers", {})}
    return await phone.send("POST", "/v1/me/reports/batch", content=json.dumps(body), headers=headers, **more)


def results(answer: httpx.Response) -> list[Json]:
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["results"]
    return found


def statuses(answer: httpx.Response) -> list[str]:
    return [one["status"] for one in results(answer)]


async def ten_days(phone: Phone) -> tuple[list[Json], list[Json]]:
    """Days offline: calm ones, one sore morning, one sore session."""
    sessions, mornings = [], []
    for number in range(6):
        mornings.append(told(phone, 3 if number == 2 else 0))
        phone.clock.move_by(timedelta(minutes=20))
        sessions.append(kept(phone, pain=7 if number == 4 else 0))
        phone.clock.move_by(timedelta(minutes=20))
        sessions.append(kept(phone, reps=6))
        phone.sleep()
        phone.clock.move_by(timedelta(minutes=-40))
    return sessions, mornings


async def test_the_course_is_that_of_single_requests_in_order(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings
) -> None:
    one = await start_phone(anna, client, clock)
    two = await start_phone(anna, client, clock)
    sessions, mornings = await ten_days(one)
    theirs = json.loads(json.dumps(sessions).replace(one.prescription_id, two.prescription_id))
    answer = await post(one, sessions, mornings)
    singly = [await two.put(own["session_id"], own | {"session_id": None}) for own in theirs]
    singly += [await two.send("PUT", f"/v1/me/check-ins/{own['date']}", json=own) for own in mornings]
    assert statuses(answer) == ["created"] * len(singly)

    async def standing(phone: Phone) -> list[tuple[str, str, str | None]]:
        items = (await phone.send("GET", "/v1/me/decisions")).json()["items"]
        return [
            (each["kind"], each["reason"]["code"], each["effective_on"])
            for each in items
            if each["state"] != "superseded"
        ]

    assert await standing(one) == await standing(two) != []
    last = {"from": "2026-01-05", "days": 7}
    batch, single = [(await phone.routine(**last)).json() for phone in (one, two)]
    alike = json.dumps(single["days"]).replace(two.prescription_id, one.prescription_id)
    assert batch["days"] == json.loads(alike)
    assert differences(settings, clock, one) == Differences()


async def test_new_sessions_are_decided_upon_together(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock
) -> None:
    """What a later session of the same upload takes back was never offered; each decision is told once."""
    phone = await start_phone(anna, client, clock)
    sessions = []
    for pain in (0, 0, 0, 7):
        sessions.append(kept(phone, pain=pain))
        phone.sleep()
    answer = await post(phone, sessions)
    told = [[(each["kind"], each["state"]) for each in one["decisions"]] for one in results(answer)]
    listed = (await phone.send("GET", "/v1/me/decisions")).json()["items"]
    assert told[:3] == [[], [], []], told
    assert [kind for kind, _ in told[3]] == [each["kind"] for each in listed]
    assert "superseded" not in {each["state"] for each in listed}


async def test_a_month_of_mornings_after_a_month_of_sessions(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings
) -> None:
    """Check-ins are decided upon together, too: what is decided is told by the last of them, and by no other."""
    phone = await start_phone(anna, client, clock)
    sessions, mornings = [], []
    for number in range(20):
        mornings.append(told(phone, 4 if number == 19 else 0))
        clock.move_by(timedelta(minutes=20))
        sessions.append(kept(phone, pain_before=0))
        phone.sleep()
        clock.move_by(timedelta(minutes=-20))
    answer = await post(phone, sessions, [*mornings[:10], "nonsense", *mornings[10:]])
    assert statuses(answer) == ["created"] * 30 + ["refused"] + ["created"] * 10
    of_mornings = [[each["kind"] for each in one["decisions"]] for one in results(answer)[20:]]
    assert [one for one in of_mornings[:-1] if one] == []
    listed = (await phone.send("GET", "/v1/me/check-ins")).json()["items"]
    assert [one["date"] for one in reversed(listed)] == [one["date"] for one in mornings]
    assert differences(settings, clock, phone) == Differences()
    again = await post(phone, sessions, mornings)
    assert set(statuses(again)) == {"same"}


async def test_a_broken_report_in_the_middle_does_not_hurt_the_others(phone: Phone) -> None:
    one, broken, two = kept(phone), kept(phone, pain_before=11), kept(phone)
    answer = await post(
        phone, [one, broken, "nonsense", None, {"session_id": "\ud800"}, two], [told(phone), {"date": TODAY}]
    )
    assert statuses(answer) == [
        "created", "refused", "refused", "refused", "refused", "created", "created", "refused",
    ]  # fmt: skip
    problem = results(answer)[1]["problem"]
    assert (results(answer)[1]["id"], problem["code"], problem["retry"]) == (
        broken["session_id"],
        "invalid",
        "after_change",
    )
    assert [error["pointer"] for error in problem["errors"]] == ["/sessions/1/pain_before"]
    assert [one["id"] for one in results(answer)[2:5]] == [None, None, None]
    assert (results(answer)[7]["id"], results(answer)[7]["kind"], results(answer)[7]["index"]) == (TODAY, "check_in", 1)
    listed = (await phone.send("GET", "/v1/me/sessions")).json()["items"]
    assert {session["id"] for session in listed} == {one["session_id"], two["session_id"]}


TODAY = "2026-01-05"


async def test_sending_it_all_again_changes_nothing(phone: Phone) -> None:
    sessions, mornings = [kept(phone), kept(phone, pain=4)], [told(phone)]
    first = await post(phone, sessions, mornings)
    tag = (await phone.routine()).headers["ETag"]
    again = await post(phone, sessions, mornings)
    assert statuses(again) == ["same", "same", "same"]
    assert [one | {"status": "created"} for one in results(again)] == results(first)
    assert (await phone.routine()).headers["ETag"] == tag


async def test_the_same_session_twice_in_one_batch_is_one(phone: Phone) -> None:
    own = kept(phone)
    assert statuses(await post(phone, [own, own])) == ["created", "same"]


async def test_other_content_is_refused_alone_and_names_the_etag(phone: Phone) -> None:
    own = kept(phone)
    await post(phone, [own])
    other = own | {"pain_after": 2}
    answer = await post(phone, [other, kept(phone), other | {"if_match": '"1"'}, other | {"if_match": '"1"'}])
    assert statuses(answer) == ["refused", "created", "corrected", "same"]
    refused = results(answer)[0]
    assert (refused["problem"]["code"], refused["problem"]["status"], refused["etag"]) == (
        "session_differs",
        409,
        '"1"',
    )
    assert results(answer)[2]["etag"] == '"2"'


async def test_what_is_refused_leaves_nothing_behind(phone: Phone) -> None:
    tag = (await phone.routine()).headers["ETag"]
    answer = await post(phone, [kept(phone) | {"if_match": '"7"'}], [told(phone) | {"if_match": '"7"'}])
    assert [one["problem"]["code"] for one in results(answer)] == ["precondition_failed", "precondition_failed"]
    assert (await phone.routine()).headers["ETag"] == tag


async def test_a_session_from_the_future_is_quarantined_alone(phone: Phone) -> None:
    own = kept(phone) | {"started_at": "2026-01-09T09:00:00+01:00"}
    answer = await post(phone, [own, kept(phone)])
    assert statuses(answer) == ["quarantined", "created"]
    assert results(answer)[0]["marks"] == ["quarantined"]


async def test_safety_comes_first_in_the_batch_and_in_each_report(phone: Phone) -> None:
    sessions = [kept(phone), kept(phone, symptoms=["night_pain"])]
    answer = await post(phone, sessions, [told(phone, symptoms=["saddle_numbness"])])
    assert next(iter(answer.json())) == "safety"
    assert answer.json()["safety"] == results(answer)[2]["safety"]
    assert [one["safety"] and one["safety"]["class"] for one in results(answer)] == [None, "contact", "emergency"]
    assert (await phone.item())["status"] == "stopped"
    german = await post(phone, [], [told(phone, symptoms=["saddle_numbness"])], headers={"Accept-Language": "de"})
    assert german.json()["safety"]["text"].startswith("Hören Sie jetzt auf")


async def test_fields_from_a_newer_app_are_kept_and_named(phone: Phone) -> None:
    [result] = results(await post(phone, [kept(phone) | {"mood": 3}]))
    assert (result["unknown_fields"], result["marks"]) == (["/mood"], ["unknown_fields"])


async def test_nothing_at_all_is_an_empty_answer(phone: Phone) -> None:
    answer = await phone.send("POST", "/v1/me/reports/batch", json={"new_in_version_9": []})
    assert (answer.status_code, answer.json()) == (200, {"safety": None, "results": [], "routine_changed": False})


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"sessions": [None] * 201}, "/sessions"),
        ({"sessions": [None] * 101, "check_ins": [None] * 100}, "/check_ins"),
        ({"sessions": {}}, "/sessions"),
        ({"check_ins": 3}, "/check_ins"),
        ([], "/"),
    ],
)
async def test_a_batch_that_is_none_is_refused_as_a_whole(phone: Phone, body: Any, pointer: str) -> None:
    answer = await phone.send("POST", "/v1/me/reports/batch", json=body)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


async def test_two_hundred_reports_are_stored_and_every_answer_is_there(phone: Phone) -> None:
    sessions = [kept(phone) for _ in range(200)]
    answer = await post(phone, sessions)
    assert statuses(answer) == ["created"] * 200
    assert [one["id"] for one in results(answer)] == [own["session_id"] for own in sessions]


async def test_few_batches_are_in_work_at_once_and_a_slow_phone_keeps_nobody_waiting(
    app: FastAPI, phone: Phone
) -> None:
    rest_may_come = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b'{"sessions": ['
        await rest_may_come.wait()
        yield b"]}"

    def sent_slowly() -> asyncio.Task[httpx.Response]:
        headers = {"Content-Type": "application/json"}
        return asyncio.create_task(phone.send("POST", "/v1/me/reports/batch", content=slowly(), headers=headers))

    slow = [sent_slowly() for _ in range(MOST_BATCHES_AT_ONCE + 1)]
    await asyncio.sleep(0.05)
    assert statuses(await asyncio.wait_for(post(phone, [kept(phone)]), 5)) == ["created"]
    batches: asyncio.Semaphore = app.state.house.batches
    for _ in range(MOST_BATCHES_AT_ONCE):
        await batches.acquire()
    rest_may_come.set()
    slow.append(asyncio.create_task(post(phone, [kept(phone)])))
    answered, _ = await asyncio.wait(slow, timeout=0.2)
    assert answered == set(), "all turns are taken"
    assert (await phone.routine()).status_code == 200, "who sends no batch does not wait"
    for _ in range(MOST_BATCHES_AT_ONCE):
        batches.release()
    assert {answer.status_code for answer in await asyncio.gather(*slow)} == {200}


async def test_a_phone_that_goes_while_it_sends_is_no_defect_and_takes_no_turn(app: FastAPI, phone: Phone) -> None:
    statuses_said: list[int] = []

    async def gone() -> Json:
        return {"type": "http.disconnect"}

    async def hear(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses_said.append(message["status"])

    headers = [(b"authorization", f"Bearer {phone.token}".encode()), (b"content-type", b"application/json")]
    path = "/v1/me/reports/batch"
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
    scope |= {"headers": headers, "scheme": "http", "server": ("test", 80), "root_path": ""}
    for _ in range(MOST_BATCHES_AT_ONCE + 1):
        await asyncio.wait_for(app(dict(scope), gone, hear), 5)
    assert statuses_said == [400] * (MOST_BATCHES_AT_ONCE + 1)
