"""The rule of the article through HTTP: what each kind of day leads to, and where the patient is told to be."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests import people
from tests.people import SignedIn
from tests.phone import Phone, start_phone

CAUTION = "osteoporosis_or_vertebral_fracture"


async def report(phone: Phone, **more: Any) -> dict[str, Any]:
    """A session of what the routine asks for, its answer."""
    answer = await phone.practise(**more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def told(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["kind"], one["reason"]["code"]) for one in answer["decisions"]]


def progress(answer: dict[str, Any]) -> tuple[str, int, int]:
    [one] = answer["progress"]
    return one["code"], one["counted_days"], one["needed_days"]


async def on_rung_two(anna: SignedIn, phone: Phone) -> Phone:
    """A patient who has just begun with both legs, on Thursday 8 January."""
    auto = await start_phone(anna, phone.client, phone.clock, advance="automatic")
    for _ in range(3):
        await report(auto)
        auto.sleep()
    assert (await auto.item())["rung"] == 2
    return auto


async def test_what_a_day_without_pain_needs(phone: Phone) -> None:
    """Each on a day of its own; what is missing is said, and silence is never the absence of pain."""
    found = []
    days: list[dict[str, Any]] = [{"pain": None}, {"reps": 7}, {"reps": 8}, {"pain": 1}, {"stopped_early": "pain"}, {}]
    for day in days:
        body = phone.session(pain=day.get("pain", 0), reps=day.get("reps", 12))
        body["performances"][0]["stopped_early"] = day.get("stopped_early")
        found.append(progress((await phone.put(str(uuid4()), body)).json()))
        phone.sleep()
    assert found == [
        ("pain_unknown", 0, 3),
        ("incomplete", 0, 3),
        ("run", 1, 3),
        ("discomfort", 0, 3),
        ("discomfort", 0, 3),
        ("run", 1, 3),
    ]


async def test_a_missed_day_breaks_the_run_and_today_does_not(phone: Phone) -> None:
    assert progress(await report(phone)) == ("run", 1, 3)
    phone.sleep()
    assert (await phone.item())["progress"]["counted_days"] == 1
    phone.sleep()
    item = await phone.item()
    assert (item["progress"]["code"], item["progress"]["counted_days"]) == ("missed_day", 0)
    assert progress(await report(phone)) == ("run", 1, 3)


async def test_monday_wednesday_friday(anna: SignedIn, phone: Phone) -> None:
    plan = await start_phone(anna, phone.client, phone.clock, weekdays=["mon", "wed", "fri"])
    found = []
    for _ in range(5):
        day = (await plan.routine()).json()["days"][0]
        if day["state"] == "exercise":
            found.append(told(await report(plan)))
        else:
            assert day == {"date": day["date"], "state": "rest", "items": []}
        plan.sleep()
    assert found == [[], [], [("advance", "pain_free_run_met")]]


async def test_three_before_and_three_during_is_no_reason_to_ease(phone: Phone) -> None:
    answer = await report(phone, pain=3, pain_before=3)
    assert (told(answer), progress(answer)) == ([], ("discomfort", 0, 3))
    phone.sleep()
    assert told(await report(phone, pain=3, pain_before=1)) == [("ease", "sore_day")]


async def test_the_second_slot_after_a_sore_first_is_done_at_half_the_repetitions(phone: Phone) -> None:
    assert told(await report(phone, pain=4)) == [("ease", "sore_day")]
    item = await phone.item()
    assert (item["status"], item["dosage"]["reps_min"], item["dosage"]["reps_max"]) == ("eased", 5, 8)
    assert [slot["status"] for slot in item["slots"]] == ["done", "open"]
    answer = await report(phone, reps=4)
    assert told(answer) == []
    assert [slot["status"] for slot in (await phone.item())["slots"]] == ["done", "done"]
    tomorrow = (await phone.routine(days=2)).json()["days"][1]["items"][0]
    assert (tomorrow["status"], tomorrow["dosage"]["reps_min"]) == ("eased", 5)
    phone.sleep()
    assert told(await report(phone, reps=5)) == [("restore", "clean_day")]
    days = (await phone.routine(days=2)).json()["days"]
    assert [day["items"][0]["dosage"]["reps_min"] for day in days] == [5, 10]


async def test_the_clinicians_words_reach_the_phone(phone: Phone) -> None:
    assert (await phone.item())["instruction"] is None
    await phone.amend(instruction="Slowly, please.")
    assert (await phone.item())["instruction"] == "Slowly, please."
    await phone.amend(rungs=[{"rung": 1, "instruction": "A towel under the head."}])
    assert (await phone.item())["instruction"] == "Slowly, please.\nA towel under the head."
    await phone.amend(instruction=None)
    assert (await phone.item())["instruction"] == "A towel under the head."


async def test_an_eased_day_tells_the_resting_form(anna: SignedIn, phone: Phone) -> None:
    answer = await report(phone, pain=4)
    half, instead = "Half the repetitions for now", "with your calves on the seat of a chair"
    for text in (answer["progress"][0]["text"], (await phone.item())["progress"]["text"]):
        assert text.startswith(half)
        assert instead in text
    german = await phone.send("GET", "/v1/me/progress", headers={"Accept-Language": "de"})
    assert "die Unterschenkel auf die Sitzfläche eines Stuhls" in german.json()["items"][0]["text"]
    of_clinic = await anna.get(f"/v1/patients/{phone.patient_id}/progress")
    assert instead not in of_clinic.json()["items"][0]["text"]
    phone.sleep()
    await report(phone, reps=8)
    phone.sleep()
    assert "calves" not in (await phone.item())["progress"]["text"]


@pytest.mark.parametrize(("pains", "code"), [([4, 4], "sore_twice"), ([4, None, 4], "sore_twice"), ([6], "pain_high")])
async def test_soreness_steps_back_at_once_and_asks_two_days_more(
    anna: SignedIn, phone: Phone, pains: list[int | None], code: str
) -> None:
    auto = await on_rung_two(anna, phone)
    answer: dict[str, Any] = {}
    for number, pain in enumerate(pains):
        if number:
            auto.sleep()
        answer = await report(auto, pain=pain)
    [back] = answer["decisions"]
    assert (back["kind"], back["reason"]["code"], back["from_rung"], back["to_rung"]) == ("step_back", code, 2, 1)
    item = await auto.item()
    assert (item["rung"], item["status"], item["dosage"]["reps_min"]) == (1, "active", 10)
    assert [slot["status"] for slot in item["slots"]] == ["done", "excused"]
    notices = (await auto.routine()).json()["notices"]
    assert (notices[0]["decision_id"], notices[0]["acknowledge"]) == (back["id"], True)
    found = []
    for _ in range(5):
        auto.sleep()
        found.append(told(await report(auto)))
    assert found == [[], [], [], [], [("advance", "pain_free_run_met")]]


async def test_one_sore_day_does_not_step_back_again_and_again(anna: SignedIn, phone: Phone) -> None:
    auto = await on_rung_two(anna, phone)
    assert told(await report(auto, pain=7)) == [("step_back", "pain_high")]
    auto.sleep()
    assert told(await report(auto, pain=0)) == []
    assert (await auto.item())["rung"] == 1


async def test_the_lowest_rung_eases_and_suggests_contact(phone: Phone) -> None:
    answer = await report(phone, pain=9)
    assert told(answer) == [("ease", "sore_at_lowest_rung")]
    item = await phone.item()
    assert (item["rung"], item["status"]) == (1, "eased")
    assert [slot["status"] for slot in item["slots"]] == ["done", "excused"]


async def test_two_early_stops_for_pain_within_seven_days_step_back(anna: SignedIn, phone: Phone) -> None:
    auto = await on_rung_two(anna, phone)
    found = []
    for days in (0, 6):
        auto.sleep(days)
        body = auto.session(exercise="double-knee-to-chest")
        body["performances"][0]["stopped_early"] = "pain"
        found.append(told((await auto.put(str(uuid4()), body)).json()))
    assert found == [[], [("step_back", "stopped_early_twice")]]


async def test_ten_days_uploaded_one_by_one_move_on_the_day_after_the_upload(anna: SignedIn, phone: Phone) -> None:
    auto = await start_phone(anna, phone.client, phone.clock, advance="automatic")
    queue = []
    for _ in range(10):
        queue.append(auto.session())
        auto.sleep()
    answers = [(await auto.put(str(uuid4()), body)).json() for body in queue]
    assert {answer["session"]["known_on"] for answer in answers} == {"2026-01-15"}
    advances = [one for answer in answers for one in answer["decisions"]]
    assert [(one["kind"], one["effective_on"]) for one in advances] == [("advance", "2026-01-16")]
    assert (await auto.item())["rung"] == 1
    auto.sleep()
    assert (await auto.item())["rung"] == 2


async def test_a_red_flag_from_before_a_resume_stops_again(phone: Phone) -> None:
    phone.sleep(3)
    late = {**phone.session(), "symptoms": ["new_numbness_or_weakness"]}
    phone.sleep(1)
    await phone.put(str(uuid4()), {**phone.session(), "symptoms": ["leg_symptoms_spreading_down"]})
    [stop] = (await phone.prescription())["open_stops"]
    assert (await phone.order("resume", clears=[stop])).status_code == 201
    phone.sleep(1)
    assert (await phone.item())["status"] == "active"
    answer = (await phone.put(str(uuid4()), late)).json()
    assert told(answer) == [("stop", "symptom_stop")]
    params = {one["name"]: one["value"] for one in answer["decisions"][0]["reason"]["params"]}
    assert params["local_date"] == "2026-01-08"
    assert (await phone.item())["status"] == "stopped"


async def test_a_caution_added_later_holds_and_clearing_it_frees(phone: Phone) -> None:
    await report(phone)
    tag = (await phone.routine()).headers["ETag"]
    anna = await people.sign_in(phone.client)
    path = f"/v1/patients/{phone.patient_id}"

    async def change(action: str) -> None:
        body = {"cautions": [{"condition": CAUTION, "action": action, "note": "seen on the picture"}]}
        answer = await anna.send("PATCH", path, json=body, headers={"If-Match": "*"})
        assert answer.status_code == 200, answer.text

    await change("add")
    routine = await phone.routine()
    assert routine.headers["ETag"] != tag
    item = routine.json()["days"][0]["items"][0]
    assert (item["status"], item["progress"]["code"]) == ("held", "needs_clearance")
    decisions = (await phone.send("GET", "/v1/me/decisions")).json()["items"]
    assert [(one["kind"], one["reason"]["code"]) for one in decisions] == [("hold", "needs_clearance")]
    for _ in range(3):
        phone.sleep()
        assert told(await report(phone)) == []
    anna = await people.sign_in(phone.client)
    await change("clear")
    item = await phone.item()
    assert (item["status"], item["progress"]["code"]) == ("active", "offer_waiting")


async def test_a_caution_of_today_stops_a_climb_of_tomorrow(anna: SignedIn, phone: Phone) -> None:
    """An offline phone keeps tomorrow's routine: it must not show what is to be avoided."""
    auto = await start_phone(anna, phone.client, phone.clock, advance="automatic")
    answer: dict[str, Any] = {}
    for _ in range(3):
        answer = await report(auto)
        auto.sleep()
    assert told(answer) == [("advance", "pain_free_run_met")]
    auto.clock.move_by(timedelta(days=-1))
    body = {"cautions": [{"condition": CAUTION, "action": "add"}]}
    path = f"/v1/patients/{auto.patient_id}"
    anna = await people.sign_in(auto.client)
    assert (await anna.send("PATCH", path, json=body, headers={"If-Match": "*"})).status_code == 200
    days = (await auto.routine(days=2)).json()["days"]
    assert [(day["items"][0]["rung"], day["items"][0]["status"]) for day in days] == [(1, "held"), (1, "held")]
    auto.sleep()
    assert (await auto.item())["rung"] == 1


async def test_the_emergency_number_and_where_to_call_come_first(phone: Phone) -> None:
    body = {**phone.session(), "symptoms": ["fever", "leg_symptoms_spreading_down", "chest_pain"]}
    answer = await phone.put(str(uuid4()), body)
    assert answer.content.startswith(b'{"safety":{"class":"emergency"')
    safety = answer.json()["safety"]
    assert (safety["emergency_number"], safety["is_monitored"], len(safety["advice"])) == ("112", False, 3)
    assert "112" in safety["text"]
    contact = await phone.put(str(uuid4()), {**phone.session(), "symptoms": ["fever"]})
    assert contact.json()["safety"]["class"] == "stop"


async def test_progress_counts_days_and_encourages(phone: Phone) -> None:
    async def seen() -> dict[str, Any]:
        found: dict[str, Any] = (await phone.send("GET", "/v1/me/progress")).json()
        return found

    empty = await seen()
    assert (empty["active_days"], empty["active_days_in_7"], empty["last_practised_on"]) == (0, 0, None)
    assert (empty["items"][0]["code"], empty["items"][0]["rung"], empty["items"][0]["rungs"]) == ("run", 1, 2)
    await report(phone)
    await report(phone)
    assert ((await seen())["active_days"], (await seen())["active_days_in_7"]) == (1, 1)
    phone.sleep(6)
    assert (await seen())["active_days_in_7"] == 1
    phone.sleep()
    later = await seen()
    assert (later["active_days"], later["active_days_in_7"], later["last_practised_on"]) == (1, 0, "2026-01-05")
    phone.sleep(2)
    await report(phone)
    texts = {empty["text"], later["text"], (await seen())["text"]}
    assert len(texts) == 3
    anna = await people.sign_in(phone.client)
    theirs = await anna.get(f"/v1/patients/{phone.patient_id}/progress", headers={"Accept-Language": "de"})
    assert (theirs.status_code, theirs.headers["Content-Language"]) == (200, "de")
    assert theirs.json()["active_days"] == 2
    assert (await anna.get(f"/v1/patients/{uuid4()}/progress")).status_code == 404
