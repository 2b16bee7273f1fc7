"""Sessions that a clinician writes down, done in the clinic or told from paper: the same rule, the same marks."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests import people
from tests.people import SignedIn
from tests.phone import Phone, make_patient, prescribe


async def write(by: SignedIn, phone: Phone, body: dict[str, Any], session_id: str, **more: Any) -> httpx.Response:
    path = f"/v1/patients/{phone.patient_id}/sessions/{session_id}"
    return await by.send("PUT", path, json={"setting": "clinic", **body}, **more)


async def test_it_counts_like_one_from_the_phone(phone: Phone, anna: SignedIn) -> None:
    heard = (await anna.get(f"/v1/patients/{phone.patient_id}")).json()["last_heard_at"]
    session_id = str(uuid4())
    made = await write(anna, phone, phone.session(), session_id)
    assert made.status_code == 201
    got = made.json()["session"]
    assert (got["setting"], got["recorded_by"], got["local_date"]) == ("clinic", "clinician", "2026-01-05")
    assert (await phone.item())["progress"]["counted_days"] == 1
    assert (await anna.get(f"/v1/patients/{phone.patient_id}")).json()["last_heard_at"] == heard
    again = await write(anna, phone, phone.session(), session_id)
    assert (again.status_code, again.json()) == (200, made.json())
    assert (await phone.send("GET", f"/v1/me/sessions/{session_id}")).json()["setting"] == "clinic"


async def test_three_days_by_whoever_offer_the_next_rung(phone: Phone) -> None:
    await phone.practise()
    phone.sleep()
    anna = await people.sign_in(phone.client)
    await write(anna, phone, phone.session() | {"setting": "paper"}, str(uuid4()))
    phone.sleep()
    reported = await phone.practise()
    assert [(one["kind"], one["state"]) for one in reported.json()["decisions"]] == [("advance", "offered")]


async def test_a_red_flag_told_in_the_clinic_stops(phone: Phone, anna: SignedIn) -> None:
    answer = await write(anna, phone, phone.session(symptoms=["saddle_numbness"]), str(uuid4()))
    assert answer.json()["safety"] is not None
    assert (await phone.prescription())["status"] == "stopped"


async def test_a_correction_needs_what_was_read(phone: Phone, anna: SignedIn) -> None:
    session_id = str(uuid4())
    tag = (await write(anna, phone, phone.session(), session_id)).headers["ETag"]
    sore = phone.session(pain=4)
    assert (await write(anna, phone, sore, session_id)).json()["code"] == "session_differs"
    assert (await write(anna, phone, sore, session_id, headers={"If-Match": '"9"'})).status_code == 412
    corrected = await write(anna, phone, sore, session_id, headers={"If-Match": tag})
    assert (corrected.status_code, corrected.json()["session"]["revision"]) == (200, 2)
    assert (await phone.item())["status"] == "eased"
    other = await write(anna, phone, sore | {"setting": "paper"}, session_id, headers={"If-Match": '"2"'})
    assert (other.status_code, other.json()["session"]["setting"]) == (200, "paper")


async def test_each_side_corrects_its_own(phone: Phone, anna: SignedIn) -> None:
    of_phone, of_clinic = str(uuid4()), str(uuid4())
    await phone.put(of_phone, phone.session())
    await write(anna, phone, phone.session(), of_clinic)
    changed = phone.session(pain=1)
    anyhow = {"If-Match": "*"}
    assert (await write(anna, phone, changed, of_phone, headers=anyhow)).json()["code"] == "conflict"
    assert (await phone.put(of_clinic, changed, headers=anyhow)).json()["code"] == "conflict"
    assert (await phone.send("DELETE", f"/v1/me/sessions/{of_clinic}")).json()["code"] == "conflict"


async def test_a_patient_without_a_phone(phone: Phone, anna: SignedIn) -> None:
    patient_id = await make_patient(anna, logging="clinic")
    made = await prescribe(anna, patient_id)
    body = phone.session()
    body["performances"][0]["prescription_id"] = made.json()["id"]
    body |= {"setting": "paper", "time_precision": "day"}
    assert (await anna.send("PUT", f"/v1/patients/{patient_id}/sessions/{uuid4()}", json=body)).status_code == 201
    phone.clock.move_by(timedelta(days=2))
    anna = await people.sign_in(phone.client)
    found = (await anna.get(f"/v1/patients/{patient_id}/adherence")).json()
    assert (found["expected"], found["done"], found["provisional"]) == (2, 1, False)


@pytest.mark.parametrize("wrong", [{"setting": "home"}, {"setting": None}, {"unheard_of": 1}, {"performances": None}])
async def test_clinicians_bodies_are_strict(phone: Phone, anna: SignedIn, wrong: dict[str, Any]) -> None:
    assert (await write(anna, phone, phone.session() | wrong, str(uuid4()))).status_code == 422


async def test_unknown_fields_inside_are_named(phone: Phone, anna: SignedIn) -> None:
    body = phone.session()
    body["performances"][0]["mood"] = "good"
    answer = await write(anna, phone, body, str(uuid4()))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_field")
    assert "/performances/0/mood" in answer.json()["errors"][0]["detail"]
