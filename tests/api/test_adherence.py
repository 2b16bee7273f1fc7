"""Adherence through HTTP, against counts made by hand."""

from typing import Any
from uuid import uuid4

from tests import people
from tests.people import SignedIn
from tests.phone import Phone, make_patient, prescribe, start_phone


async def adherence(phone: Phone, first: str, last: str) -> dict[str, Any]:
    anna = await people.sign_in(phone.client)
    path = f"/v1/patients/{phone.patient_id}/adherence"
    answer = await anna.get(path, params={"from": first, "to": last})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    [one] = found["by_prescription"]
    for name in ("expected", "done", "partial", "excused", "open", "ratio", "band"):
        assert one[name] == found[name]
    assert sum(day["expected"] for day in found["days"]) == found["expected"]
    assert sum(day["done"] for day in found["days"]) == found["done"]
    return found


def counts(found: dict[str, Any]) -> tuple[int, int, int, int, int]:
    return found["expected"], found["done"], found["partial"], found["excused"], found["open"]


async def test_a_week_counted_by_hand(anna: SignedIn, phone: Phone) -> None:
    """Two a day are due. Monday 2, Tuesday 3, Wednesday 0, Thursday 1 and one half, Friday 1 so far."""
    plan = await start_phone(anna, phone.client, phone.clock, due_per_day=2)
    for sessions in ([12, 12], [12, 12, 12], [], [12, 5], [12]):
        for reps in sessions:
            await plan.put(str(uuid4()), plan.session(reps=reps))
        plan.sleep()
    plan.sleep(-1)
    found = await adherence(plan, "2026-01-05", "2026-01-09")
    # Tuesday's third is not carried over, and Friday's open slot is not missed yet.
    assert counts(found) == (9, 6, 1, 0, 1)
    assert (found["ratio"], found["band"], found["provisional"]) == (0.667, "partial", False)
    assert [(day["date"], day["expected"], day["done"]) for day in found["days"]] == [
        ("2026-01-05", 2, 2),
        ("2026-01-06", 2, 2),
        ("2026-01-07", 2, 0),
        ("2026-01-08", 2, 1),
        ("2026-01-09", 1, 1),
    ]
    assert (found["active_days"], found["distinct_days_in_30"]) == (4, 4)
    assert (found["definition"], found["definition_version"]) == ("sessions_capped_daily", 1)
    # Nobody has practised on Saturday yet, and the phone was heard on Friday: Friday may still change.
    plan.sleep()
    tomorrow = await adherence(plan, "2026-01-05", "2026-01-09")
    assert (counts(tomorrow), tomorrow["provisional"]) == ((10, 6, 1, 0, 0), True)
    await plan.practise()
    assert not (await adherence(plan, "2026-01-05", "2026-01-09"))["provisional"]


async def test_nothing_is_expected_before_the_phone_was_connected(phone: Phone) -> None:
    anna = await people.sign_in(phone.client)
    late = await start_phone(anna, phone.client, phone.clock, starts_on="2025-12-01")
    await late.practise()
    found = await adherence(late, "2025-12-01", "2026-01-31")
    assert counts(found) == (1, 1, 0, 0, 0)
    assert found["days"][0]["date"] == "2026-01-05"


async def test_a_patient_whose_sessions_the_clinic_records_has_no_phone_to_wait_for(phone: Phone) -> None:
    anna = await people.sign_in(phone.client)
    patient_id = await make_patient(anna, logging="clinic")
    assert (await prescribe(anna, patient_id, starts_on="2026-01-01")).status_code == 201
    window = {"from": "2026-01-01", "to": "2026-01-05"}
    found = (await anna.get(f"/v1/patients/{patient_id}/adherence", params=window)).json()
    assert (*counts(found), found["ratio"], found["band"]) == (4, 0, 0, 0, 1, 0.0, "low")


async def test_where_nothing_was_expected_there_is_no_ratio(anna: SignedIn, phone: Phone) -> None:
    plan = await start_phone(anna, phone.client, phone.clock, weekdays=["sun"])
    await plan.put(str(uuid4()), plan.session())
    found = await adherence(plan, "2026-01-05", "2026-01-05")
    assert (counts(found), found["ratio"], found["band"]) == ((0, 0, 0, 0, 0), None, "no_data")
    assert (found["active_days"], found["days"][0]["done"]) == (1, 0)
    patient_id = await make_patient(anna)
    empty = (await anna.get(f"/v1/patients/{patient_id}/adherence")).json()
    assert (empty["expected"], empty["ratio"], empty["days"], empty["by_prescription"]) == (0, None, [], [])


async def test_what_the_patient_was_told_not_to_do_is_excused(anna: SignedIn, phone: Phone) -> None:
    """Monday sore at 8 after the first of two; Wednesday stopped after one, and since then."""
    plan = await start_phone(anna, phone.client, phone.clock, due_per_day=2)
    await plan.practise(pain=8)
    plan.sleep()
    await plan.practise()
    await plan.practise()
    plan.sleep()
    await plan.practise()
    await plan.put(str(uuid4()), {**plan.session(), "performances": [], "symptoms": ["new_numbness_or_weakness"]})
    plan.sleep(2)
    found = await adherence(plan, "2026-01-05", "2026-01-09")
    assert [(day["expected"], day["done"], day["excused"]) for day in found["days"]] == [
        (1, 1, 1),
        (2, 2, 0),
        (1, 1, 1),
        (0, 0, 2),
        (0, 0, 2),
    ]
    assert (found["expected"], found["done"], found["ratio"], found["band"]) == (4, 4, 1.0, "on_track")


async def test_half_the_repetitions_are_enough_on_an_eased_day(phone: Phone) -> None:
    await phone.practise(pain=4)
    phone.sleep()
    await phone.practise(reps=4)
    phone.sleep()
    await phone.practise(reps=4)
    found = await adherence(phone, "2026-01-05", "2026-01-07")
    assert [(day["done"], day["partial"], day["worst_pain"]) for day in found["days"]] == [
        (1, 0, 4),
        (1, 0, 0),
        (0, 1, 0),
    ]


async def test_an_easier_rung_counts_and_a_harder_one_does_not(anna: SignedIn, phone: Phone) -> None:
    plan = await start_phone(anna, phone.client, phone.clock, start_rung=2)
    await plan.put(str(uuid4()), plan.session(exercise="single-knee-to-chest"))
    assert counts(await adherence(plan, "2026-01-05", "2026-01-05")) == (1, 1, 0, 0, 0)
    await phone.put(str(uuid4()), phone.session(exercise="double-knee-to-chest"))
    assert counts(await adherence(phone, "2026-01-05", "2026-01-05")) == (0, 0, 0, 0, 1)


async def test_a_correction_and_a_withdrawal_count_at_once(phone: Phone) -> None:
    session_id, body = str(uuid4()), phone.session(reps=12)
    await phone.put(session_id, body)
    other = str(uuid4())
    await phone.put(other, phone.session(reps=12))
    fewer = {**body, "performances": phone.session(reps=5)["performances"]}
    await phone.put(session_id, fewer, headers={"If-Match": '"1"'})
    assert counts(await adherence(phone, "2026-01-05", "2026-01-05")) == (1, 1, 1, 0, 0)
    await phone.send("DELETE", f"/v1/me/sessions/{other}")
    assert counts(await adherence(phone, "2026-01-05", "2026-01-05")) == (0, 0, 1, 0, 1)


async def test_windows_and_whose_numbers(phone: Phone, other: SignedIn) -> None:
    anna = await people.sign_in(phone.client)
    path = f"/v1/patients/{phone.patient_id}/adherence"
    usual = (await anna.get(path)).json()
    assert (usual["from"], usual["to"]) == ("2025-12-09", "2026-01-05")
    future = (await anna.get(path, params={"from": "2026-01-06", "to": "2026-12-31"})).json()
    assert (future["expected"], future["days"], future["provisional"]) == (0, [], False)
    for bad in ({"from": "2026-01-06"}, {"from": "2025-01-01", "to": "2026-01-05"}, {"to": "soon"}):
        assert (await anna.get(path, params=bad)).status_code == 422, bad
    assert (await other.get(path)).status_code == 404
    assert (await anna.get(f"/v1/patients/{uuid4()}/adherence")).status_code == 404
    assert (await phone.send("GET", path)).status_code == 403
