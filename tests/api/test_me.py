"""What a patient sees and changes of their own record, through HTTP."""

from typing import Any

from tests import people
from tests.phone import CONTACT, Phone


async def test_a_patient_sees_themself_and_how_to_reach_the_clinic(phone: Phone) -> None:
    answer = await phone.send("GET", "/v1/me")
    assert answer.status_code == 200
    assert answer.json() == {
        "id": phone.patient_id,
        "display_name": "Pat Example",
        "language": "en",
        "time_zone": "Europe/Berlin",
        "today": "2026-01-05",
        "clinic": {"name": "Spine Centre", "contact": CONTACT["contact"], "emergency_number": "112"},
    }
    tag = answer.headers["ETag"]
    assert (await phone.send("GET", "/v1/me", headers={"If-None-Match": tag})).status_code == 304
    phone.sleep()
    assert (await phone.send("GET", "/v1/me", headers={"If-None-Match": tag})).status_code == 200
    anna = await people.sign_in(phone.client)
    refused = await anna.get("/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert (await phone.client.get("/v1/me")).status_code == 401


async def test_what_is_left_out_stays(phone: Phone) -> None:
    before = (await phone.send("GET", "/v1/me")).json()
    changes: list[dict[str, Any]] = [{}, {"language": None}, {"display_name": "  Pát \U0001f9b5 "}, {"language": "de"}]
    for change in changes:
        answer = await phone.send("PATCH", "/v1/me", json=change)
        assert answer.status_code == 200, change
        assert answer.headers["ETag"] == (await phone.send("GET", "/v1/me")).headers["ETag"]
    assert (await phone.send("GET", "/v1/me")).json() == before | {"display_name": "Pát \U0001f9b5", "language": "de"}
    anna = await people.sign_in(phone.client)
    assert (await anna.get(f"/v1/patients/{phone.patient_id}")).json()["display_name"] == "Pát \U0001f9b5"
    assert (await phone.routine()).headers["Content-Language"] == "de"


async def test_what_cannot_be_understood_names_its_field(phone: Phone) -> None:
    bad: list[tuple[dict[str, Any], str]] = [
        ({"time_zone": "GMT+01:00"}, "/time_zone"),
        ({"time_zone": "../etc"}, "/time_zone"),
        ({"time_zone": ""}, "/time_zone"),
        ({"language": "xx"}, "/language"),
        ({"language": 5}, "/language"),
        ({"display_name": ""}, "/display_name"),
        ({"display_name": "   "}, "/display_name"),
        ({"display_name": "a\x00"}, "/display_name"),
        ({"display_name": "x" * 201}, "/display_name"),
        ({"birth_year": 1950}, "/birth_year"),
        ({"id": phone.patient_id}, "/id"),
    ]
    before = (await phone.send("GET", "/v1/me")).json()
    for change, pointer in bad:
        answer = await phone.send("PATCH", "/v1/me", json=change)
        assert answer.status_code == 422, change
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer], change
    assert (await phone.send("GET", "/v1/me")).json() == before


async def test_days_that_were_recorded_keep_their_date(phone: Phone) -> None:
    await phone.practise()
    assert (await phone.send("PATCH", "/v1/me", json={"time_zone": "Pacific/Honolulu"})).json()["today"] == "2026-01-05"
    [session] = (await phone.send("GET", "/v1/me/sessions")).json()["items"]
    assert (session["local_date"], session["time_zone"]) == ("2026-01-05", "Europe/Berlin")
    changed = await phone.send("PATCH", "/v1/me", json={"time_zone": "Pacific/Kiritimati"})
    assert changed.json()["today"] == "2026-01-05"
