"""The article as a story: one leg first; when that was pain-free for several days in a row, both."""

import httpx

from app.clock import MovableClock
from tests import people
from tests.people import SignedIn
from tests.phone import start_phone


async def test_three_pain_free_days_then_both_legs(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock
) -> None:
    phone = await start_phone(anna, client, clock)
    routine = (await phone.routine()).json()
    item = routine["days"][0]["items"][0]
    assert (item["exercise_id"], item["rung"], item["status"]) == ("single-knee-to-chest", 1, "active")
    assert item["slots"] == [
        {"slot": 1, "status": "open", "due": True, "session_id": None},
        {"slot": 2, "status": "open", "due": False, "session_id": None},
    ]
    assert [one["id"] for one in routine["exercises"]] == ["single-knee-to-chest", "double-knee-to-chest"]

    for _ in range(2):
        answer = await phone.practise(pain=0)
        assert (answer.status_code, answer.json()["decisions"]) == (201, [])
        phone.sleep()
    answer = await phone.practise(pain=0)
    [offer] = answer.json()["decisions"]
    assert (offer["kind"], offer["state"], offer["reason"]["code"]) == ("advance", "offered", "pain_free_run_met")
    routine = (await phone.routine()).json()
    assert [o["decision_id"] for o in routine["offers"]] == [offer["id"]]

    accepted = await phone.answer(offer["id"], "accept")
    assert accepted.status_code == 200, accepted.text
    assert (accepted.json()["state"], accepted.json()["effective_on"]) == ("accepted", "2026-01-08")
    assert (await phone.item())["rung"] == 1
    phone.sleep()
    item = await phone.item()
    assert (item["exercise_id"], item["rung"]) == ("double-knee-to-chest", 2)

    sore = await phone.practise(pain=7)
    [back] = sore.json()["decisions"]
    assert (back["kind"], back["to_rung"], back["reason"]["code"]) == ("step_back", 1, "pain_high")
    item = await phone.item()
    assert item["rung"] == 1
    assert {slot["status"] for slot in item["slots"]} <= {"done", "excused"}

    anna = await people.sign_in(client)
    adherence = await anna.get(f"/v1/patients/{phone.patient_id}/adherence")
    assert adherence.status_code == 200
    body = adherence.json()
    assert (body["expected"], body["done"], body["ratio"]) == (4, 4, 1.0)
