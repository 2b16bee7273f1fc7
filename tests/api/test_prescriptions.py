"""Prescriptions through HTTP: every number resolved, every change another version, no day judged by the wrong one."""

from typing import Any
from uuid import uuid4

import httpx

from tests import people
from tests.people import SignedIn
from tests.phone import Phone, make_patient, prescribe, start_phone

OSTEOPOROSIS = "osteoporosis_or_vertebral_fracture"


async def amend(phone: Phone, if_match: str | None, **change: Any) -> httpx.Response:
    anna = await people.sign_in(phone.client)
    path = f"/v1/patients/{phone.patient_id}/prescriptions/{phone.prescription_id}"
    headers = {} if if_match is None else {"If-Match": if_match}
    return await anna.send("PATCH", path, json={"reason": "seen today", **change}, headers=headers)


def origins(prescription: dict[str, Any]) -> dict[str, str]:
    return {one["field"]: one["origin"] for one in prescription["origins"]}


async def test_what_is_not_asked_for_is_resolved_and_says_where_it_comes_from(anna: SignedIn) -> None:
    patient_id = await make_patient(anna)
    answer = await prescribe(anna, patient_id)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    path = f"/v1/patients/{patient_id}/prescriptions"
    assert answer.headers["Location"] == f"{path}/{made['id']}"
    shown = {name: made[name] for name in ("version", "status", "start_rung", "max_rung", "advance", "due_per_day")}
    assert shown == {
        "version": 1,
        "status": "active",
        "start_rung": 1,
        "max_rung": 2,
        "advance": "ask_patient",
        "due_per_day": 1,
    }
    assert made["rule"] == {"profile": "pain_free_days", "version": 1, "pain_free_days": 3, "good_days": None}
    assert made["weekdays"] == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    assert [(one["exercise_id"], one["sides"]) for one in made["rungs"]] == [
        ("single-knee-to-chest", ["left", "right"]),
        ("double-knee-to-chest", ["both"]),
    ]
    assert made["rungs"][0]["dosage"]["reps_min"] == 10
    assert (made["open_stops"], made["position"], made["progress"]["code"]) == ([], 1, "run")
    read = await anna.get(f"{path}/{made['id']}")
    assert (read.json(), read.headers["ETag"]) == (made, answer.headers["ETag"])
    unchanged = await anna.get(f"{path}/{made['id']}", headers={"If-None-Match": answer.headers["ETag"]})
    assert unchanged.status_code == 304
    page = (await anna.get(path)).json()
    assert page["items"] == [made | {"versions": []}]


async def test_what_is_asked_for_wins(anna: SignedIn) -> None:
    patient_id = await make_patient(anna)
    wish: dict[str, Any] = {
        "start_rung": 2,
        "starts_on": "2025-10-07",
        "ends_on": "2026-06-30",
        "position": 7,
        "every_n_days": 2,
        "due_per_day": 3,
        "offered_per_day": 4,
        "usual_pain": 2,
        "instruction": "Langsam, bitte \U0001f9b5",
        "rule": {"pain_free_days": 5},
        "advance": "automatic",
        "rungs": [
            {"rung": 1, "side": "left", "dosage": {"reps_min": 4}, "modifications": ["towel-under-sacrum"]},
            {"rung": 2, "dosage": {"sets": 2, "reps_max": 8}, "instruction": "both"},
        ],
    }
    made = (await prescribe(anna, patient_id, **wish)).json()
    assert {name: made[name] for name in wish if name not in {"rule", "rungs"}} == {
        name: wish[name] for name in wish if name not in {"rule", "rungs"}
    }
    assert (made["weekdays"], made["rule"]["pain_free_days"]) == (None, 5)
    first, second = made["rungs"]
    assert (first["sides"], first["modifications"], second["instruction"]) == (["left"], ["towel-under-sacrum"], "both")
    assert (first["dosage"]["reps_min"], first["dosage"]["reps_max"]) == (4, 15)
    assert (second["dosage"]["sets"], second["dosage"]["reps_min"], second["dosage"]["reps_max"]) == (2, 8, 8)
    assert origins(made)["due_per_day"] == origins(made)["pain_free_days"] == origins(made)["advance"] == "clinician"
    assert {"field": "reps_min", "origin": "clinician"} in first["dosage"]["origins"]
    [warning] = [one for one in made["warnings"] if one["code"] == "usual_pain_set"]
    assert "2" in warning["text"]
    assert made["progress"]["rung"] == 2


async def test_what_cannot_be_prescribed_names_its_field(anna: SignedIn) -> None:
    patient_id = await make_patient(anna)
    wishes: list[tuple[dict[str, Any], str]] = [
        ({"ladder_id": "no-such-ladder"}, "/ladder_id"),
        ({"starts_on": "2025-10-06"}, "/starts_on"),
        ({"starts_on": "2026-1-5"}, "/starts_on"),
        ({"starts_on": None}, "/starts_on"),
        ({"ends_on": "2026-01-04"}, "/ends_on"),
        ({"start_rung": 3}, "/start_rung"),
        ({"start_rung": 0}, "/start_rung"),
        ({"start_rung": True}, "/start_rung"),
        ({"start_rung": 2, "max_rung": 1}, "/max_rung"),
        ({"max_rung": 3}, "/max_rung"),
        ({"weekdays": []}, "/weekdays"),
        ({"weekdays": ["monday"]}, "/weekdays/0"),
        ({"weekdays": ["mon"], "every_n_days": 2}, "/every_n_days"),
        ({"every_n_days": 15}, "/every_n_days"),
        ({"due_per_day": 3, "offered_per_day": 2}, "/offered_per_day"),
        ({"due_per_day": 0}, "/due_per_day"),
        ({"as_needed": "no"}, "/as_needed"),
        ({"usual_pain": 11}, "/usual_pain"),
        ({"rule": {"pain_free_days": 2}}, "/rule/pain_free_days"),
        ({"rule": {"pain_free_days": 15}}, "/rule/pain_free_days"),
        ({"rule": {"profile": "no-pain-no-gain"}}, "/rule/profile"),
        ({"advance": "always"}, "/advance"),
        ({"rungs": [{"rung": 3}]}, "/rungs/0/rung"),
        ({"rungs": [{"rung": 1}, {"rung": 1}]}, "/rungs/1/rung"),
        ({"rungs": [{"rung": 2}, {"rung": 1, "side": "both"}]}, "/rungs/1/side"),
        ({"rungs": [{"rung": 2, "side": "left"}]}, "/rungs/0/side"),
        ({"rungs": [{"rung": 1, "dosage": {"reps_min": 9, "reps_max": 8}}]}, "/rungs/0/dosage/reps_min"),
        ({"rungs": [{"rung": 1, "dosage": {"reps_min": "9"}}]}, "/rungs/0/dosage/reps_min"),
        ({"rungs": [{"rung": 1, "modifications": ["no-such"]}]}, "/rungs/0/modifications/0"),
        ({"rungs": [{"rung": 1, "dosage": {"speed": 3}}]}, "/rungs/0/dosage/speed"),
        ({"colour": "blue"}, "/colour"),
        ({"instruction": "a\x00b"}, "/instruction"),
    ]
    for wish, pointer in wishes:
        answer = await prescribe(anna, patient_id, **wish)
        assert answer.status_code == 422, (wish, answer.text)
        assert answer.json()["errors"][0]["pointer"] == pointer, wish
    assert (await anna.get(f"/v1/patients/{patient_id}/prescriptions")).json()["items"] == []


async def test_a_ladder_is_prescribed_once_at_a_time(phone: Phone) -> None:
    anna = await people.sign_in(phone.client)
    refused = await prescribe(anna, phone.patient_id)
    assert (refused.status_code, refused.json()["code"]) == (409, "ladder_already_prescribed")
    assert (await phone.amend(ends_on="2026-01-06")).status_code == 200
    assert (await prescribe(anna, phone.patient_id)).status_code == 409
    # It ended, and nothing was reported since.
    phone.sleep(2)
    anna = await people.sign_in(phone.client)
    again = await prescribe(anna, phone.patient_id, starts_on="2026-01-07")
    assert (again.status_code, again.json()["position"]) == (201, 2)
    page = (await anna.get(f"/v1/patients/{phone.patient_id}/prescriptions")).json()
    assert [one["status"] for one in page["items"]] == ["ended", "active"]
    items = (await phone.routine()).json()["days"][0]["items"]
    assert [one["prescription_id"] for one in items] == [again.json()["id"]]


async def test_a_repeated_post_makes_one_prescription(anna: SignedIn) -> None:
    patient_id = await make_patient(anna)
    path = f"/v1/patients/{patient_id}/prescriptions"
    body = {"ladder_id": "knees-to-chest", "starts_on": "2026-01-05"}
    key = {"Idempotency-Key": "plan-1"}
    answers = [await anna.post(path, body, headers=key) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    spelled = await anna.post(path, body | {"ends_on": None, "rungs": []}, headers=key)
    assert (spelled.status_code, spelled.json()["id"]) == (201, answers[0].json()["id"])
    other = await anna.post(path, body | {"due_per_day": 2}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


async def test_nothing_is_prescribed_that_a_condition_forbids(anna: SignedIn) -> None:
    patient_id = await make_patient(anna, cautions=[{"condition": OSTEOPOROSIS}])
    refused = await prescribe(anna, patient_id)
    assert (refused.status_code, refused.json()["code"]) == (409, "needs_clearance")
    body = {"cautions": [{"condition": OSTEOPOROSIS, "action": "clear", "note": "dense enough"}]}
    await anna.send("PATCH", f"/v1/patients/{patient_id}", json=body, headers={"If-Match": "*"})
    assert (await prescribe(anna, patient_id)).status_code == 201


async def test_a_change_needs_the_version_that_was_read(phone: Phone) -> None:
    anna = await people.sign_in(phone.client)
    path = f"/v1/patients/{phone.patient_id}/prescriptions/{phone.prescription_id}"
    tag = (await anna.get(path)).headers["ETag"]
    without = await amend(phone, None, due_per_day=2)
    assert (without.status_code, without.json()["code"]) == (428, "precondition_required")
    for stale in ('"1"', "nonsense"):
        refused = await amend(phone, stale, due_per_day=2)
        assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")
        assert refused.headers["ETag"] == tag
    changed = await amend(phone, f"W/{tag}", due_per_day=2)
    assert (changed.status_code, changed.json()["version"], changed.json()["due_per_day"]) == (200, 2, 2)
    late = await amend(phone, tag, due_per_day=3)
    assert late.status_code == 412
    log = changed.json()["versions"]
    assert [(one["version"], one["reason"], one["effective_on"]) for one in log] == [
        (1, None, "2026-01-05"),
        (2, "seen today", "2026-01-05"),
    ]
    refused = await amend(phone, "*", patient_id=phone.patient_id)
    assert [one["code"] for one in refused.json()["errors"]] == ["unknown_field"]
    assert (await amend(phone, "*", reason="")).status_code == 422
    assert (await phone.prescription())["version"] == 2


async def test_what_is_left_out_of_a_change_stays_and_null_goes_back_to_the_default(phone: Phone) -> None:
    await amend(phone, "*", weekdays=["mon", "wed"], due_per_day=2, instruction="slowly", usual_pain=1)
    changed = (await amend(phone, "*", due_per_day=None, usual_pain=None)).json()
    assert (changed["weekdays"], changed["due_per_day"], changed["instruction"]) == (["mon", "wed"], 1, "slowly")
    assert (changed["usual_pain"], changed["version"]) == (None, 3)
    other = (await amend(phone, "*", every_n_days=3)).json()
    assert (other["weekdays"], other["every_n_days"]) == (None, 3)


async def test_a_dosage_keeps_the_run_and_a_rung_restarts_it(phone: Phone) -> None:
    for _ in range(2):
        await phone.practise()
        phone.sleep()
    changed = await amend(phone, "*", rungs=[{"rung": 1, "dosage": {"reps_min": 5}}])
    assert changed.json()["progress"]["counted_days"] == 2
    item = await phone.item()
    assert (item["prescription_version"], item["dosage"]["reps_min"], item["dosage"]["reps_max"]) == (2, 5, 15)
    moved = await amend(phone, "*", start_rung=2)
    assert (moved.json()["progress"]["rung"], moved.json()["progress"]["counted_days"]) == (2, 0)
    assert (await phone.item())["exercise_id"] == "double-knee-to-chest"
    lowered = await amend(phone, "*", start_rung=1, max_rung=1)
    assert (lowered.json()["progress"]["rung"], lowered.json()["progress"]["code"]) == (1, "top_rung")


async def test_each_day_is_judged_by_the_version_that_the_phone_showed(phone: Phone) -> None:
    """Offline for two days: the plan was doubled at the desk, and the phone still showed the old one."""
    offline = []
    for _ in range(3):
        offline.append(phone.session(reps=10))
        phone.sleep()
    await amend(phone, "*", rungs=[{"rung": 1, "dosage": {"reps_min": 20, "reps_max": 20}}])
    answers = [(await phone.put(str(uuid4()), body)).json() for body in offline]
    assert [one["progress"][0]["counted_days"] for one in answers] == [0, 0, 3]
    newer = phone.session(reps=10)
    newer["performances"][0]["prescription_version"] = 2
    answer = (await phone.put(str(uuid4()), newer)).json()
    assert answer["progress"][0]["counted_days"] == 3
    assert [slot["status"] for slot in (await phone.item())["slots"]] == ["open", "open"]
    enough = phone.session(reps=16)
    enough["performances"][0]["prescription_version"] = 2
    await phone.put(str(uuid4()), enough)
    assert [slot["status"] for slot in (await phone.item())["slots"]] == ["done", "open"]


async def test_a_phone_that_has_not_heard_of_the_change_is_judged_by_what_it_shows(phone: Phone) -> None:
    """The plan was doubled this morning; whoever did what the phone still showed has done it."""
    await amend(phone, "*", rungs=[{"rung": 1, "dosage": {"reps_min": 20, "reps_max": 20}}])
    for version, status in ((2, "open"), (1, "done")):
        body = phone.session(reps=10)
        body["performances"][0]["prescription_version"] = version
        assert (await phone.put(str(uuid4()), body)).status_code == 201
        assert (await phone.item())["slots"][0]["status"] == status


async def test_every_other_day_and_as_needed(anna: SignedIn, phone: Phone) -> None:
    second = await start_phone(anna, phone.client, phone.clock, every_n_days=2)
    states = [day["state"] for day in (await second.routine(days=4)).json()["days"]]
    assert states == ["exercise", "rest", "exercise", "rest"]
    free = await start_phone(anna, phone.client, phone.clock, as_needed=True)
    for _ in range(4):
        answer = (await free.practise()).json()
        assert answer["decisions"] == []
        free.sleep()
    item = await free.item()
    assert (item["progress"]["code"], {slot["due"] for slot in item["slots"]}) == ("as_needed", {False})
    again = await people.sign_in(phone.client)
    adherence = (await again.get(f"/v1/patients/{free.patient_id}/adherence")).json()
    assert (adherence["expected"], adherence["ratio"], adherence["band"]) == (0, None, "no_data")


async def test_somebody_elses_prescription_is_not_there(phone: Phone, other: SignedIn) -> None:
    anna = await people.sign_in(phone.client)
    right = f"/v1/patients/{phone.patient_id}/prescriptions"
    neighbour = await start_phone(anna, phone.client, phone.clock)
    for person, path in (
        (other, f"{right}/{phone.prescription_id}"),
        (other, right),
        (anna, f"{right}/{neighbour.prescription_id}"),
        (anna, f"{right}/{uuid4()}"),
        (anna, f"/v1/patients/{uuid4()}/prescriptions"),
    ):
        assert (await person.get(path)).status_code == 404, path
    assert (await prescribe(other, phone.patient_id)).status_code == 404
    refused = await phone.send("GET", right)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
