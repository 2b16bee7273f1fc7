"""A correction or a withdrawal lowers at once and raises from the next day; it clears no stop. Through HTTP."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests import people
from tests.people import SignedIn
from tests.phone import Phone, start_phone


async def report(phone: Phone, **more: Any) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A session under a new id: the id, what was sent, what was answered."""
    session_id, body = str(uuid4()), phone.session(**more)
    answer = await phone.put(session_id, body)
    assert answer.status_code == 201, answer.text
    return session_id, body, answer.json()


async def correct(phone: Phone, session_id: str, body: dict[str, Any], revision: int = 1) -> dict[str, Any]:
    answer = await phone.put(session_id, body, headers={"If-Match": f'"{revision}"'})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def withdraw(phone: Phone, session_id: str) -> httpx.Response:
    answer = await phone.send("DELETE", f"/v1/me/sessions/{session_id}")
    assert answer.status_code == 200, answer.text
    return answer


def kinds(answer: dict[str, Any]) -> list[str]:
    return [one["kind"] for one in answer["decisions"]]


async def status(phone: Phone) -> tuple[int, str]:
    item = await phone.item()
    return item["rung"], item["status"]


async def climbed(anna: SignedIn, phone: Phone) -> tuple[Phone, list[tuple[str, dict[str, Any]]]]:
    """A phone on the day its patient reached rung 2 without being asked, and the three sessions that earned it."""
    auto = await start_phone(anna, phone.client, phone.clock, advance="automatic")
    earned = []
    for _ in range(3):
        session_id, body, _ = await report(auto)
        earned.append((session_id, body))
        auto.sleep()
    assert await status(auto) == (2, "active")
    return auto, earned


async def test_pain_that_is_added_lowers_at_once(phone: Phone) -> None:
    session_id, body, _ = await report(phone)
    worse = await correct(phone, session_id, {**body, "pain_after": 4})
    assert kinds(worse) == ["ease"]
    assert worse["routine_changed"]
    assert await status(phone) == (1, "eased")


async def test_pain_that_is_taken_back_raises_from_the_next_day(phone: Phone) -> None:
    session_id, body, sore = await report(phone, pain=4)
    assert kinds(sore) == ["ease"]
    better = await correct(phone, session_id, {**body, "performances": phone.session()["performances"]})
    assert (kinds(better), better["routine_changed"]) == ([], False)
    assert await status(phone) == (1, "eased")
    # Nothing is written between now and tomorrow: time alone brings it into force.
    phone.sleep()
    routine = (await phone.routine(days=2)).json()
    items = [day["items"][0] for day in routine["days"]]
    assert [(item["status"], item["dosage"]["reps_min"]) for item in items] == [("eased", 5), ("active", 10)]
    assert (await phone.send("GET", "/v1/me/decisions")).json()["items"][0]["kind"] == "ease"
    _, _, answer = await report(phone, reps=10)
    assert "restore" in kinds(answer)
    phone.sleep()
    assert await status(phone) == (1, "active")


async def test_a_withdrawn_day_counts_no_more_from_the_next_day(phone: Phone) -> None:
    first, _, _ = await report(phone, pain=0)
    phone.sleep()
    sore, _, answer = await report(phone, pain=2)
    assert kinds(answer) == ["ease"]
    assert (await withdraw(phone, sore)).json()["is_withdrawn"]
    assert await status(phone) == (1, "eased")
    assert [slot["status"] for slot in (await phone.item())["slots"]] == ["open", "open"]
    await withdraw(phone, first)
    assert (await phone.send("GET", "/v1/me/progress")).json()["active_days"] == 0
    phone.sleep()
    assert (await phone.item())["progress"]["counted_days"] == 0


async def test_a_correction_may_move_a_session_to_another_day(phone: Phone) -> None:
    yesterday = phone.session()
    phone.sleep()
    session_id, body, answer = await report(phone)
    assert answer["progress"][0]["counted_days"] == 1
    moved = await correct(phone, session_id, {**body, "started_at": yesterday["started_at"]})
    assert (moved["session"]["local_date"], moved["session"]["known_on"]) == ("2026-01-05", "2026-01-06")
    sessions = (await phone.send("GET", "/v1/me/sessions")).json()["items"]
    assert [one["local_date"] for one in sessions] == ["2026-01-05"]
    assert (await phone.send("GET", "/v1/me/progress")).json()["active_days"] == 1
    days = (await phone.routine(**{"from": "2026-01-05", "days": 2})).json()["days"]
    assert [[slot["status"] for slot in day["items"][0]["slots"]] for day in days] == [
        ["done", "not_done"],
        ["open", "open"],
    ]


async def test_late_pain_takes_back_the_rung_that_it_contradicts(anna: SignedIn, phone: Phone) -> None:
    auto, earned = await climbed(anna, phone)
    session_id, body = earned[1]
    sore = {**body, "pain_after": 1, "performances": auto.session(pain=1)["performances"]}
    answer = await correct(auto, session_id, sore)
    [back] = answer["decisions"]
    assert (back["kind"], back["to_rung"], back["reason"]["code"]) == ("step_back", 1, "advance_superseded")
    assert back["effective_on"] == "2026-01-08"
    assert await status(auto) == (1, "active")
    decisions = (await auto.send("GET", "/v1/me/decisions")).json()["items"]
    assert [(one["kind"], one["state"]) for one in decisions] == [("step_back", "applied"), ("advance", "superseded")]
    # It is no failure: three days earn the rung again.
    for number in range(3):
        _, _, answer = await report(auto)
        assert kinds(answer) == (["advance"] if number == 2 else [])
        auto.sleep()


async def test_a_withdrawn_day_of_the_run_takes_the_rung_back_when_it_counts(anna: SignedIn, phone: Phone) -> None:
    auto, earned = await climbed(anna, phone)
    await withdraw(auto, earned[1][0])
    assert await status(auto) == (1, "active")


async def test_a_stop_survives_correction_withdrawal_and_retry(phone: Phone) -> None:
    plain = phone.session()
    session_id = str(uuid4())
    alarming = {**plain, "symptoms": ["saddle_numbness"]}
    first = await phone.put(session_id, alarming)
    assert next(iter(first.json())) == "safety"
    assert first.json()["safety"]["class"] == "emergency"
    assert (kinds(first.json()), await status(phone)) == (["stop"], (1, "stopped"))
    corrected = await correct(phone, session_id, plain)
    assert (kinds(corrected), await status(phone)) == ([], (1, "stopped"))
    await withdraw(phone, session_id)
    again = await correct(phone, session_id, alarming, revision=3)
    assert (kinds(again), again["safety"]["class"]) == ([], "emergency")
    phone.sleep(40)
    assert await status(phone) == (1, "stopped")
    [stop] = (await phone.prescription())["open_stops"]
    assert (await phone.order("resume", clears=[stop])).status_code == 201
    assert await status(phone) == (1, "active")
    # The queue still holds the report of the stop: its retry does not stop the patient again.
    assert (await phone.put(session_id, alarming)).status_code == 200
    assert await status(phone) == (1, "active")


async def test_a_symptom_added_by_a_correction_stops_at_once(phone: Phone) -> None:
    session_id, body, _ = await report(phone)
    phone.sleep()
    answer = await correct(phone, session_id, {**body, "symptoms": ["leg_symptoms_spreading_down", "saddle_numbness"]})
    assert answer["safety"]["class"] == "emergency"
    assert (kinds(answer), await status(phone)) == (["stop", "stop"], (1, "stopped"))
    assert len((await phone.prescription())["open_stops"]) == 2


async def test_two_corrections_of_one_revision_make_one(phone: Phone) -> None:
    session_id, body, _ = await report(phone)
    await correct(phone, session_id, {**body, "note": "from the tablet"})
    late = await phone.put(session_id, {**body, "note": "from the telephone"}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.headers["ETag"]) == (412, '"2"')


async def test_the_clinic_sees_what_became_of_a_session(phone: Phone) -> None:
    session_id, body, _ = await report(phone)
    await correct(phone, session_id, {**body, "note": "corrected"})
    withdrawn, _, _ = await report(phone)
    await withdraw(phone, withdrawn)
    anna = await people.sign_in(phone.client)
    [seen] = (await anna.get(f"/v1/patients/{phone.patient_id}/sessions")).json()["items"]
    assert (seen["id"], seen["revision"], seen["note"]) == (session_id, 2, "corrected")


@pytest.mark.parametrize("way", ["withdrawn", "corrected"])
async def test_practice_that_was_taken_away_on_its_day_takes_the_offer_with_it(phone: Phone, way: str) -> None:
    """It lowers at once: nobody can say yes to an offer that rests on it, nor is led up by tomorrow's routine."""
    for _ in range(2):
        await phone.practise()
        phone.sleep()
    session_id, body, offered = await report(phone)
    [offer] = offered["decisions"]
    if way == "withdrawn":
        await withdraw(phone, session_id)
    else:
        await correct(phone, session_id, phone.session(reps=5) | {"started_at": body["started_at"]})
    routine = (await phone.routine(days=2)).json()
    assert routine["offers"] == []
    assert [day["items"][0]["rung"] for day in routine["days"]] == [1, 1]
    assert (await phone.answer(offer["id"], "accept")).status_code == 409
