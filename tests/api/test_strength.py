"""A dosage that grows inside its rung: what the phone shows, what is decided, and that it can all be made again."""

from typing import Any

import pytest

from app.clock import MovableClock
from app.config import Settings
from tests import people
from tests.api.test_adherence import adherence
from tests.journeys.test_rebuild import NOTHING, rebuild
from tests.phone import Phone

STRENGTH: dict[str, Any] = {"rule": {"profile": "strength"}}


async def asked(phone: Phone) -> str:
    """The repetitions that today's routine asks for."""
    dosage = (await phone.item())["dosage"]
    return f"{dosage['reps_min']}-{dosage['reps_max']}"


async def decided(phone: Phone) -> list[str]:
    """What was decided, oldest first."""
    items = (await phone.send("GET", "/v1/me/decisions")).json()["items"]
    return [f"{one['kind']} {one['from_rung']}>{one['to_rung']} {one['reason']['code']}" for one in reversed(items)]


async def test_the_routine_shows_what_has_grown(phone: Phone, settings: Settings, clock: MovableClock) -> None:
    made = (await phone.amend(**STRENGTH)).json()
    assert made["rule"] == {"profile": "strength", "version": 1, "pain_free_days": None, "good_days": 2}
    assert await asked(phone) == "10-12"
    await phone.practise(reps=12, pain=2)
    phone.sleep()
    answer = await phone.practise(reps=12, pain=3)
    (grew,) = answer.json()["decisions"]
    assert (grew["kind"], grew["reason"]["rule"]) == ("grow", "strength")
    assert "12 to 14 repetitions" in grew["reason"]["text"]
    assert answer.json()["progress"][0]["code"] == "grow_tomorrow"
    assert await asked(phone) == "10-12"
    ahead = (await phone.routine(days=3)).json()["days"]
    assert [day["items"][0]["dosage"]["reps_min"] for day in ahead] == [10, 12, 12]
    phone.sleep()
    assert await asked(phone) == "12-14"
    notices = (await phone.routine()).json()["notices"]
    assert notices[0]["text"].startswith("A little more of the same exercise.")
    # 9 repetitions are complete of 10, and not of 12.
    await phone.practise(reps=9)
    assert [slot["status"] for slot in (await phone.item())["slots"]] == ["open", "open"]
    await phone.practise(reps=10)
    assert [slot["status"] for slot in (await phone.item())["slots"]] == ["done", "open"]
    phone.sleep()
    await phone.practise(reps=14, pain=5)
    assert await asked(phone) == "6-7"
    assert await decided(phone) == [
        "hold 1>1 prescription_changed",
        "grow 1>1 growth_earned",
        "ease 1>1 sore_day",
    ]
    before = (await phone.routine(**{"from": "2026-01-06", "days": 3})).json()["days"]
    assert [day["items"][0]["dosage"]["reps_min"] for day in before] == [10, 12, 6]
    counted = await adherence(phone, "2026-01-05", "2026-01-08")
    assert (counted["done"], counted["expected"], counted["partial"]) == (4, 4, 1)
    assert rebuild(settings, clock, phone, writes=False) == NOTHING


async def test_a_late_report_takes_the_growth_back(phone: Phone, settings: Settings, clock: MovableClock) -> None:
    await phone.amend(**STRENGTH)
    late = phone.session(reps=12, pain=4)
    await phone.practise(reps=12)
    phone.sleep()
    await phone.practise(reps=12)
    phone.sleep()
    assert await asked(phone) == "12-14"
    answer = await phone.put("7a3c1e52-0000-4000-8000-000000000001", late)
    assert [one["reason"]["code"] for one in answer.json()["decisions"]] == ["growth_superseded"]
    assert await asked(phone) == "10-12"
    assert rebuild(settings, clock, phone, writes=False) == NOTHING


async def test_simulated_days_grow(phone: Phone) -> None:
    anna = await people.sign_in(phone.client)
    dates = [f"2026-01-0{number}" for number in range(5, 9)]
    days = [
        {"date": day, "sessions": [{"pain_during": 0, "effort": effort}]}
        for day, effort in zip(dates, (4, 5, 6, 5), strict=True)
    ]
    plan = {"ladder_id": "knees-to-chest", "starts_on": dates[0], **STRENGTH}
    course = (await anna.post("/v1/rules/simulate", json={"prescription": plan, "days": days})).json()
    assert [one["kind"] for day in course["days"] for one in day["decisions"]] == ["grow"]
    assert [day["judged"][0]["verdict"] for day in course["days"]] == ["good", "good", "incomplete", "good"]
    assert course["final"]["progress"]["counted_days"] == 1


async def test_a_quota_grows_by_the_plan_and_not_by_the_pain(
    phone: Phone, settings: Settings, clock: MovableClock
) -> None:
    baseline = [{"rung": 1, "dosage": {"reps_min": 10}}]
    made = (await phone.amend(rule={"profile": "quota", "good_days": 2}, rungs=baseline)).json()
    assert "pain_moves_nothing" in [one["code"] for one in made["warnings"]]
    (own,) = (await phone.routine()).json()["rule_reactions"]
    assert {one["do"] for one in own["reactions"]} == {"go_on"}
    assert await asked(phone) == "7-7"
    for pain in (7, 3):
        await phone.practise(reps=7, pain=pain)
        phone.sleep()
    assert await asked(phone) == "8-8"
    assert await decided(phone) == ["hold 1>1 prescription_changed", "grow 1>1 quota_raised"]
    counted = await adherence(phone, "2026-01-05", "2026-01-06")
    assert (counted["done"], counted["expected"]) == (2, 2)
    assert rebuild(settings, clock, phone, writes=False) == NOTHING


HEAVIER = {"reps_min": 8, "reps_max": 10, "load_kg_min": 2, "load_kg_max": 2.1}


async def test_where_the_repetitions_are_used_up_the_load_grows(
    phone: Phone, settings: Settings, clock: MovableClock
) -> None:
    made = (await phone.amend(**STRENGTH, rungs=[{"rung": 1, "dosage": HEAVIER}])).json()
    written = made["rungs"][0]["dosage"]
    assert (written["load_kg_min"], written["load_kg_max"]) == (2.0, 2.1)
    assert {"field": "load_kg_max", "origin": "clinician"} in written["origins"]
    assert written["spoken"].endswith("With 2 kilograms at first, in time up to 2.1 kilograms.")
    await phone.practise(reps=10)
    phone.sleep()
    answer = await phone.practise(reps=10)
    phone.sleep()
    (grew,) = answer.json()["decisions"]
    assert (grew["kind"], grew["reason"]["code"]) == ("grow", "load_earned")
    assert "take 2.1 kilograms and do 8 to 10 repetitions" in grew["reason"]["text"]
    dosage = (await phone.item())["dosage"]
    assert (dosage["load_kg_min"], dosage["load_kg_max"], dosage["reps_max"]) == (2.1, 2.1, 10)
    german = await phone.send("GET", "/v1/me/routine", headers={"Accept-Language": "de"})
    assert german.json()["days"][0]["items"][0]["dosage"]["spoken"].endswith("Mit 2,1 Kilogramm.")
    await phone.practise(reps=10)
    phone.sleep()
    answer = await phone.practise(reps=10)
    phone.sleep()
    assert answer.json()["decisions"][0]["kind"] == "advance"
    assert rebuild(settings, clock, phone, writes=False) == NOTHING


@pytest.mark.parametrize(
    ("rule", "load", "at", "code"),
    [
        ({}, (2, 3), "load_kg_max", "contradiction"),
        (STRENGTH, (3, 2), "load_kg_min", "upside_down"),
        (STRENGTH, (0.5, 2), "load_kg_min", "out_of_range"),
        (STRENGTH, (2.25, 3), "load_kg_min", "too_fine"),
        (STRENGTH, (2, 1000), "load_kg_max", "out_of_range"),
    ],
    ids=["no rule grows it", "upside down", "steps too large", "no tenth", "too heavy"],
)
async def test_a_load_that_cannot_be(
    phone: Phone, rule: dict[str, Any], load: tuple[float, float], at: str, code: str
) -> None:
    dosage = {"load_kg_min": load[0], "load_kg_max": load[1]}
    answer = await phone.amend(**rule, rungs=[{"rung": 1, "dosage": dosage}])
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (f"/rungs/0/dosage/{at}", code)
    one = await phone.amend(rungs=[{"rung": 1, "dosage": {"load_kg_max": 0.5}}])
    assert one.json()["rungs"][0]["dosage"]["load_kg_min"] == 0.5


async def test_exactly_so_many_is_said_once(phone: Phone) -> None:
    made = await phone.amend(rungs=[{"rung": 1, "dosage": {"reps_min": 8, "reps_max": 8}}])
    assert made.json()["rungs"][0]["dosage"]["spoken"].startswith("1 set of 8 times on each side.")
