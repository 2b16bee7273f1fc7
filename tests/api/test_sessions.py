"""Sessions through HTTP: the same id and body again gives the same answer, forever."""

import base64
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from app.clock import MovableClock
from tests import people
from tests.people import SignedIn
from tests.phone import Phone, start_phone

VOLATILE = {"date", "x-request-id"}


def headers_of(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in VOLATILE}


async def rows(phone: Phone) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await phone.send("GET", "/v1/me/sessions")).json()["items"]
    return found


async def test_a_session_is_stored_whole(phone: Phone) -> None:
    session_id = str(uuid4())
    body = {
        "started_at": "2026-01-05T10:00:00+01:00",
        "finished_at": "2026-01-05T10:12:00.5+01:00",
        "time_zone": "Europe/Berlin",
        "time_precision": "minute",
        "pain_before": 1,
        "pain_after": 0,
        "symptoms": ["night_pain"],
        "note": "Größer als 1 \U0001f9b5 שלום\n",
        "performances": [
            {
                "prescription_id": phone.prescription_id,
                "prescription_version": 1,
                "exercise_id": "single-knee-to-chest",
                "pain_during": 0,
                "effort": 3,
                "stopped_early": "time",
                "sets": [
                    {"side": "left", "reps": 12, "hold_seconds": 4, "duration_seconds": 60, "load": "red band"},
                    {"side": "right", "reps": 0, "hold_seconds": None, "duration_seconds": None, "load": None},
                ],
            }
        ],
    }
    answer = await phone.put(session_id, body)
    assert answer.status_code == 201, answer.text
    assert next(iter(answer.json())) == "safety"
    session = answer.json()["session"]
    assert session == {
        "id": session_id,
        "revision": 1,
        **body,
        "started_at": "2026-01-05T10:00:00+01:00",
        "finished_at": "2026-01-05T10:12:00.500000+01:00",
        "local_date": "2026-01-05",
        "known_on": "2026-01-05",
        "received_at": "2026-01-05T09:00:00Z",
        "marks": [],
        "unknown_fields": [],
        "is_withdrawn": False,
        "setting": "home",
        "recorded_by": "patient",
    }
    read = await phone.send("GET", f"/v1/me/sessions/{session_id}")
    assert (read.status_code, read.json(), read.headers["ETag"]) == (200, session, answer.headers["ETag"])
    unchanged = await phone.send("GET", f"/v1/me/sessions/{session_id}", headers={"If-None-Match": 'W/"1"'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


async def test_a_retry_gets_the_same_bytes_however_it_is_spelled(phone: Phone, clock: MovableClock) -> None:
    session_id = str(uuid4())
    body = phone.session(pain=0)
    first = await phone.put(session_id, body)
    spelled = [
        body,
        dict(reversed(body.items())),
        {**body, "note": None, "pain_after": None, "symptoms": [], "finished_at": None, "time_precision": "exact"},
        {**body, "started_at": "2026-01-05T09:00:00Z"},
        {**body, "started_at": "2026-01-05T09:00:00+00:00"},
        {**body, "started_at": "2026-01-05T10:00:00.000+01:00"},
        {**body, "pain_before": 0.0},
        {**body, "mood": "good"},
    ]
    clock.move_by(timedelta(minutes=5))
    for again in spelled:
        answer = await phone.put(session_id, again)
        assert (answer.status_code, answer.content) == (200, first.content), again
        assert headers_of(answer) == headers_of(first)
    raw = json.dumps(body, indent=3).encode()
    answer = await phone.send(
        "PUT", f"/v1/me/sessions/{session_id.upper()}", content=raw, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.content) == (200, first.content)
    assert len(await rows(phone)) == 1


async def test_the_same_answer_months_later_whatever_has_changed(
    phone: Phone, anna: SignedIn, clock: MovableClock
) -> None:
    """The third pain-free day was answered with an offer; everything it spoke of has changed since."""
    for _ in range(2):
        await phone.practise()
        phone.sleep()
    session_id = str(uuid4())
    body = phone.session(pain=0)
    first = await phone.put(session_id, body)
    [offer] = first.json()["decisions"]
    assert offer["state"] == "offered"
    assert (await phone.answer(offer["id"], "accept")).status_code == 200
    assert (await phone.put(session_id, body)).content == first.content
    phone.sleep()
    await phone.practise(pain=8)
    changed = await phone.send("PATCH", "/v1/me", json={"time_zone": "Pacific/Auckland", "language": "de"})
    assert changed.status_code == 200
    phone.sleep(150)
    anna = await people.sign_in(anna.client)
    path = f"/v1/patients/{phone.patient_id}/prescriptions/{phone.prescription_id}"
    tag = (await anna.get(path)).headers["ETag"]
    patched = await anna.send("PATCH", path, json={"due_per_day": 2, "reason": "more"}, headers={"If-Match": tag})
    assert patched.status_code == 200, patched.text
    again = await phone.put(session_id, body, headers={"Accept-Language": "en"})
    assert (again.status_code, again.content) == (200, first.content)
    in_german = (await phone.put(session_id, body)).json()
    assert in_german["decisions"][0]["reason"]["text"] != offer["reason"]["text"]
    assert in_german["decisions"][0]["reason"]["code"] == offer["reason"]["code"]
    assert in_german["session"] == first.json()["session"]


async def test_another_body_is_a_conflict_that_names_the_stored_one(phone: Phone) -> None:
    session_id = str(uuid4())
    body = phone.session(pain=0)
    await phone.put(session_id, body)
    for other in (
        {**body, "note": "x"},
        {**body, "pain_before": None},
        {**body, "started_at": "2026-01-05T10:00:00.001+01:00"},
        {**body, "time_zone": "Europe/Paris"},
        {**body, "performances": []},
    ):
        answer = await phone.put(session_id, other)
        assert (answer.status_code, answer.json()["code"]) == (409, "session_differs"), other
        assert (answer.headers["ETag"], answer.json()["retry"]) == ('"1"', "after_change")
    assert [one["revision"] for one in await rows(phone)] == [1]


async def test_a_correction_names_the_revision_that_it_corrects(phone: Phone) -> None:
    for if_match in ('"1"', 'W/"1"', '"7", "1"', "*"):
        session_id = str(uuid4())
        body = phone.session(pain=0)
        await phone.put(session_id, body)
        for wrong in ('"2"', '"0"', "nonsense", '"99999999999999999999"', '"-1"', '"²"', ""):
            answer = await phone.put(session_id, {**body, "note": "better"}, headers={"If-Match": wrong.encode()})
            assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed"), wrong
            assert answer.headers["ETag"] == '"1"'
        answer = await phone.put(session_id, {**body, "note": "better"}, headers={"If-Match": if_match})
        assert (answer.status_code, answer.json()["session"]["revision"]) == (200, 2), if_match
        assert answer.headers["ETag"] == '"2"'
        # The answer was lost, and the phone sends the same correction again.
        again = await phone.put(session_id, {**body, "note": "better"}, headers={"If-Match": if_match})
        assert (again.status_code, again.content) == (200, answer.content)
        # A copy of the first report that was late on its way changes nothing.
        late = await phone.put(session_id, body)
        assert (late.status_code, late.headers["ETag"]) == (409, '"2"')
    assert len(await rows(phone)) == 4


async def test_there_is_nothing_to_correct_where_nothing_is_stored(phone: Phone) -> None:
    for if_match in ('"1"', "*"):
        answer = await phone.put(str(uuid4()), phone.session(), headers={"If-Match": if_match})
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
    assert await rows(phone) == []


async def test_a_withdrawn_session_stays_withdrawn(phone: Phone) -> None:
    session_id = str(uuid4())
    body = phone.session(pain=0)
    first = (await phone.put(session_id, body)).json()
    path = f"/v1/me/sessions/{session_id}"
    wrong = await phone.send("DELETE", path, headers={"If-Match": '"2"'})
    assert (wrong.status_code, wrong.headers["ETag"]) == (412, '"1"')
    gone = await phone.send("DELETE", path, headers={"If-Match": 'W/"1"'})
    assert (gone.status_code, gone.headers["ETag"]) == (200, '"2"')
    assert gone.json() == first["session"] | {"revision": 2, "is_withdrawn": True}
    for headers in ({}, {"If-Match": '"1"'}):
        again = await phone.send("DELETE", path, headers=headers)
        assert (again.status_code, again.content) == (200, gone.content)
    # The queue still holds the report: its retry finds that it was stored, and brings nothing back.
    for _ in range(2):
        retried = await phone.put(session_id, body)
        assert (retried.status_code, retried.headers["ETag"]) == (200, '"2"')
        assert retried.json()["session"] == gone.json()
    assert await rows(phone) == []
    assert (await phone.send("GET", path)).json() == gone.json()
    other = await phone.put(session_id, {**body, "note": "x"})
    assert (other.status_code, other.headers["ETag"]) == (409, '"2"')
    restored = await phone.put(session_id, {**body, "note": "after all"}, headers={"If-Match": '"2"'})
    assert (restored.status_code, restored.json()["session"]["is_withdrawn"]) == (200, False)
    assert [one["revision"] for one in await rows(phone)] == [3]


async def test_an_absent_session_cannot_be_read_or_withdrawn(phone: Phone, anna: SignedIn) -> None:
    other = await start_phone(await people.sign_in(anna.client), phone.client, phone.clock)
    session_id = str(uuid4())
    await other.put(session_id, other.session())
    for asked in (session_id, str(uuid4())):
        for method in ("GET", "DELETE"):
            answer = await phone.send(method, f"/v1/me/sessions/{asked}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await phone.send("GET", "/v1/me/sessions/1")).status_code == 422
    assert len(await rows(other)) == 1


async def test_two_patients_may_use_one_id(phone: Phone, anna: SignedIn) -> None:
    other = await start_phone(await people.sign_in(anna.client), phone.client, phone.clock)
    session_id = str(uuid4())
    mine = await phone.put(session_id, phone.session(reps=12))
    theirs = await other.put(session_id, other.session(reps=10))
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert (await rows(phone))[0]["performances"][0]["sets"][0]["reps"] == 12
    assert (await rows(other))[0]["performances"][0]["sets"][0]["reps"] == 10


async def test_pages_hold_every_session_once_newest_first(phone: Phone, anna: SignedIn) -> None:
    made = []
    for _ in range(3):
        both = [await phone.put(str(uuid4()), phone.session()) for _ in range(2)]
        made += [one.json()["session"]["id"] for one in both]
        phone.sleep()
    anna = await people.sign_in(phone.client)
    for person, path in ((phone, "/v1/me/sessions"), (anna, f"/v1/patients/{phone.patient_id}/sessions")):
        found: list[str] = []
        address = f"{path}?from=2026-01-05&to=2026-01-07&limit=2"
        while address:
            page = await person.send("GET", address)
            assert page.status_code == 200, page.text
            assert len(page.json()["items"]) == 2
            found += [one["id"] for one in page.json()["items"]]
            link = page.headers.get("Link", "")
            assert bool(link) == (page.json()["next_cursor"] is not None)
            address = link.partition(">")[0].removeprefix("<")
        assert sorted(found) == sorted(made)
        assert [made.index(one) // 2 for one in found] == [2, 2, 1, 1, 0, 0]


async def test_a_window_of_local_dates(phone: Phone, anna: SignedIn) -> None:
    for _ in range(3):
        await phone.practise()
        phone.sleep()
    anna = await people.sign_in(phone.client)
    path = "/v1/me/sessions"
    two = await phone.send("GET", path, params={"from": "2026-01-05", "to": "2026-01-06"})
    assert [one["local_date"] for one in two.json()["items"]] == ["2026-01-06", "2026-01-05"]
    assert (await phone.send("GET", path, params={"to": "2026-01-04"})).json() == {"items": [], "next_cursor": None}
    assert len((await phone.send("GET", path, params={"from": "2025-01-06", "to": "2026-01-06"})).json()["items"]) == 2
    for bad, pointer in (
        ({"from": "2026-01-06", "to": "2026-01-05"}, "query/from"),
        ({"from": "2025-01-05", "to": "2026-01-06"}, "query/to"),
        ({"from": "2026-02-30"}, "query/from"),
        ({"from": "1999-12-31"}, "query/from"),
        ({"to": "2101-01-01"}, "query/to"),
        ({"to": "20260105"}, "query/to"),
        ({"limit": "0"}, "query/limit"),
        ({"limit": "201"}, "query/limit"),
        ({"limit": "x"}, "query/limit"),
    ):
        answer = await phone.send("GET", path, params=bad)
        assert (answer.status_code, [e["pointer"] for e in answer.json()["errors"]]) == (422, [pointer]), bad
    absent = await anna.get(f"/v1/patients/{uuid4()}/sessions")
    assert absent.status_code == 404


async def test_a_cursor_that_nobody_made_is_refused(phone: Phone) -> None:
    one = str(uuid4())
    made_up: list[Any] = [
        "nonsense",
        "\x00",
        "ö",
        "W10" * 300,
        ["2026-01-05", "2026-01-05T09:00:00", one],
        ["2026-01-05", "0001-01-01T00:00:00+14:00", one],
        ["2026-01-05", "9999-12-31T23:59:59-14:00", one],
        ["0001-01-01", "2026-01-05T09:00:00+00:00", "x"],
        ["2026-01-05", "2026-01-05T09:00:00+00:00"],
        ["2026-01-05", "2026-01-05T09:00:00+00:00", one, "more"],
        {"a": 1},
        [[[[]]]],
        5,
        None,
    ]
    for parts in made_up:
        text = parts if isinstance(parts, str) else base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()
        for path in ("/v1/me/sessions", "/v1/me/decisions"):
            answer = await phone.send("GET", path, params={"cursor": text})
            assert answer.status_code == 422, (path, parts, answer.text)
