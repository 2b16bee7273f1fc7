"""The routine through HTTP: whole for an offline phone, and 304 exactly as long as nothing it shows has changed."""

from datetime import UTC, datetime
from uuid import uuid4

import httpx

from tests import people
from tests.people import SignedIn
from tests.phone import CONTACT, Phone, start_phone


async def again(phone: Phone, tag: str, **headers: str) -> httpx.Response:
    return await phone.send("GET", "/v1/me/routine", headers={"If-None-Match": tag, **headers})


async def test_a_routine_is_whole(phone: Phone) -> None:
    answer = await phone.routine()
    assert answer.status_code == 200
    routine = answer.json()
    assert (routine["patient_id"], routine["time_zone"]) == (phone.patient_id, "Europe/Berlin")
    assert (routine["as_of"], routine["valid_until"]) == ("2026-01-05", "2026-01-06T00:00:00+01:00")
    [day] = routine["days"]
    [item] = day["items"]
    assert (day["date"], day["state"]) == ("2026-01-05", "exercise")
    assert (item["exercise_id"], item["rung"], item["rungs"], item["status"]) == (
        "single-knee-to-chest",
        1,
        2,
        "active",
    )
    assert (item["sides"], item["prescription_version"]) == (["left", "right"], 1)
    assert (item["dosage"]["reps_min"], item["dosage"]["reps_max"], item["dosage"]["due_per_day"]) == (10, 15, 1)
    assert item["progress"]["next_exercise_id"] == "double-knee-to-chest"
    # Both neighbours are there, so that a phone offline can step down and read ahead.
    assert [one["id"] for one in routine["exercises"]] == ["single-knee-to-chest", "double-knee-to-chest"]
    assert all(one["steps"] and one["language"] == "en" for one in routine["exercises"])
    assert (routine["offers"], routine["notices"]) == ([], [])
    reactions = [(one["pain_min"], one["pain_max"], one["do"], *one["questions"]) for one in routine["reactions"]]
    practice, morning = ("pain_during", "pain_after"), ("pain_now",)
    assert reactions == [
        (0, 2, "go_on", *practice), (3, 5, "ease", *practice), (6, 10, "step_back", *practice),
        (0, 0, "go_on", *morning), (1, 10, "ease", *morning),
    ]  # fmt: skip
    assert not any(one["required"] for one in routine["questions"])
    safety = routine["safety"]
    assert (safety["do_first"], safety["emergency_number"], safety["is_monitored"]) == (None, "112", False)
    assert safety["contact"] == CONTACT["contact"]
    assert safety["red_flags"][0]["class"] == "emergency"
    assert "112" in safety["red_flags"][0]["advice"]
    anna = await people.sign_in(phone.client)
    theirs = await anna.get(f"/v1/patients/{phone.patient_id}/routine")
    assert (theirs.status_code, theirs.json()) == (200, routine)


async def test_it_stays_valid_until_something_that_it_shows_changes(phone: Phone) -> None:
    first = await phone.routine()
    tag = first.headers["ETag"]
    for same in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = await again(phone, same)
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    seen = {tag}

    async def fresh(what: str, **headers: str) -> None:
        answer = await again(phone, ", ".join(sorted(seen)), **headers)
        assert answer.status_code == 200, what
        assert answer.headers["ETag"] not in seen
        seen.add(answer.headers["ETag"])
        assert (await again(phone, answer.headers["ETag"], **headers)).status_code == 304

    await fresh("another language", **{"Accept-Language": "de"})
    await phone.practise()
    await fresh("a session")
    anna = await people.sign_in(phone.client)
    settings = await anna.get("/v1/clinic")
    body = {**CONTACT, "emergency_number": "999"}
    changed = await anna.send("PUT", "/v1/clinic", json=body, headers={"If-Match": settings.headers["ETag"]})
    assert changed.status_code == 200, changed.text
    await fresh("the emergency number")
    assert (await phone.routine()).json()["safety"]["emergency_number"] == "999"
    await phone.amend(due_per_day=2)
    await fresh("a new version")
    await phone.order("hold")
    await fresh("an order")
    await phone.send("PATCH", "/v1/me", json={"language": "de"})
    await fresh("the patient's language")
    phone.sleep()
    await fresh("a new day without any write")
    for window in ({"days": "2"}, {"from": "2026-01-05"}):
        other = await phone.send("GET", "/v1/me/routine", params=window, headers={"If-None-Match": ", ".join(seen)})
        assert other.status_code == 200, window


async def test_a_window_reaches_42_days_either_way(phone: Phone) -> None:
    whole = (await phone.routine(days=42)).json()["days"]
    assert (len(whole), whole[0]["date"], whole[-1]["date"]) == (42, "2026-01-05", "2026-02-15")
    assert [slot["status"] for slot in whole[1]["items"][0]["slots"]] == ["upcoming", "upcoming"]
    assert [day["items"][0]["progress"] is None for day in whole[:3]] == [False, True, True]
    past = (await phone.routine(**{"from": "2025-11-24", "days": 42})).json()["days"]
    assert {day["state"] for day in past} == {"not_started"}
    ahead = (await phone.routine(**{"from": "2026-02-16", "days": 1})).json()["days"]
    assert ahead[0]["state"] == "exercise"
    for bad, pointer in (
        ({"days": 0}, "query/days"),
        ({"days": 43}, "query/days"),
        ({"days": "x"}, "query/days"),
        ({"from": "2025-11-23"}, "query/from"),
        ({"from": "2026-02-17"}, "query/from"),
        ({"from": "1999-01-01"}, "query/from"),
        ({"from": "tomorrow"}, "query/from"),
    ):
        answer = await phone.routine(**bad)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), bad


async def test_days_that_have_passed_are_told_as_they_were(phone: Phone) -> None:
    await phone.practise()
    phone.sleep()
    await phone.practise(pain=4)
    phone.sleep()
    await phone.practise(reps=5)
    phone.sleep(2)
    days = (await phone.routine(**{"from": "2026-01-04", "days": 6})).json()["days"]
    assert [day["state"] for day in days] == ["not_started", *["exercise"] * 5]
    told = [(day["items"][0]["status"], [slot["status"] for slot in day["items"][0]["slots"]]) for day in days[1:]]
    assert told == [
        ("active", ["done", "not_done"]),
        ("eased", ["done", "not_done"]),
        ("eased", ["done", "not_done"]),
        ("active", ["not_done", "not_done"]),
        ("active", ["open", "open"]),
    ]
    sessions = [slot["session_id"] for day in days[1:4] for slot in day["items"][0]["slots"] if slot["session_id"]]
    assert len(set(sessions)) == 3


async def test_more_than_was_offered_is_shown_and_never_refused(phone: Phone) -> None:
    for _ in range(3):
        await phone.practise()
    slots = (await phone.item())["slots"]
    assert [(slot["status"], slot["due"]) for slot in slots] == [("done", True), ("done", False), ("done", False)]


async def test_a_rest_day_shows_what_was_done_all_the_same(anna: SignedIn, phone: Phone) -> None:
    plan = await start_phone(anna, phone.client, phone.clock, weekdays=["tue"])
    assert (await plan.routine()).json()["days"][0] == {"date": "2026-01-05", "state": "rest", "items": []}
    await plan.put(str(uuid4()), plan.session())
    [item] = (await plan.routine()).json()["days"][0]["items"]
    assert [(slot["status"], slot["due"]) for slot in item["slots"]] == [("done", False), ("open", False)]


async def test_the_day_ends_at_its_own_first_instant(anna: SignedIn, phone: Phone) -> None:
    """Midnight is missing in Cairo on 24 April 2026: the 23rd ends at 01:00 of the 24th."""
    phone.clock.move_to(datetime(2026, 4, 23, 12, tzinfo=UTC))
    cairo = await start_phone(await people.sign_in(phone.client), phone.client, phone.clock, time_zone="Africa/Cairo")
    assert (await cairo.routine()).json()["valid_until"] == "2026-04-24T01:00:00+03:00"
    cairo.clock.move_to(datetime(2026, 4, 23, 21, 59, 59, tzinfo=UTC))
    assert (await cairo.routine()).json()["as_of"] == "2026-04-23"
    cairo.clock.move_to(datetime(2026, 4, 23, 22, tzinfo=UTC))
    assert (await cairo.routine()).json()["as_of"] == "2026-04-24"


async def test_a_notice_is_told_for_a_week(phone: Phone) -> None:
    await phone.practise(pain=4)
    [notice] = (await phone.routine()).json()["notices"]
    assert (notice["kind"], notice["acknowledge"]) == ("ease", False)
    assert "4" not in notice["notification_text"]
    phone.sleep(6)
    assert len((await phone.routine()).json()["notices"]) == 1
    phone.sleep()
    assert (await phone.routine()).json()["notices"] == []


async def test_a_patient_without_a_plan_has_an_empty_routine_that_is_safe_all_the_same(phone: Phone) -> None:
    anna = await people.sign_in(phone.client)
    patient = await people.make_patient(anna)
    answer = await anna.get(f"/v1/patients/{patient['id']}/routine", params={"days": 2})
    assert answer.status_code == 200
    assert [(day["state"], day["items"]) for day in answer.json()["days"]] == [("rest", [])] * 2
    assert answer.json()["safety"]["emergency_number"] == "112"
    assert answer.json()["safety"]["red_flags"]


async def test_somebody_elses_routine_is_not_there(phone: Phone, other: SignedIn) -> None:
    anna = await people.sign_in(phone.client)
    assert (await other.get(f"/v1/patients/{phone.patient_id}/routine")).status_code == 404
    assert (await anna.get(f"/v1/patients/{uuid4()}/routine")).status_code == 404
    assert (await anna.get("/v1/me/routine")).status_code == 403
    tag = (await phone.routine()).headers["ETag"]
    refused = await other.get(f"/v1/patients/{phone.patient_id}/routine", headers={"If-None-Match": tag})
    assert refused.status_code == 404


async def test_accept_language_in_any_shape(phone: Phone) -> None:
    for header, language in (
        ("de-AT, en;q=0.5", "de"),
        ("fr, de;q=0.3, en;q=0.2", "de"),
        ("fr", "en"),
        ("*", "en"),
        ("", "en"),
        ("de;q=x", "de"),
        (";;;,,,", "en"),
        ("DE", "de"),
    ):
        answer = await phone.send("GET", "/v1/me/routine", headers={"Accept-Language": header})
        assert (answer.status_code, answer.headers["Content-Language"]) == (200, language), header
        assert "Accept-Language" in answer.headers["Vary"]
