"""Who sees which patients, through HTTP: all clinicians, or those who treat them."""

import httpx
import pytest

from tests import people
from tests.api.test_staff import enter, hire
from tests.people import SignedIn


@pytest.fixture
async def carla(client: httpx.AsyncClient, anna: SignedIn) -> SignedIn:
    return await enter(client, await hire(anna))


async def let_see(anna: SignedIn, who: str) -> None:
    found = await anna.get("/v1/clinic")
    body = {name: value for name, value in found.json().items() if name != "is_complete"} | {"who_sees_patients": who}
    answer = await anna.send("PUT", "/v1/clinic", json=body, headers={"If-Match": found.headers["ETag"]})
    assert answer.json()["who_sees_patients"] == who


async def names(by: SignedIn, **query: str) -> list[str]:
    return [one["display_name"] for one in (await by.get("/v1/patients", params=query)).json()["items"]]


async def set_team(by: SignedIn, patient_id: str, *team: str) -> httpx.Response:
    tag = (await by.get(f"/v1/patients/{patient_id}")).headers["ETag"]
    path = f"/v1/patients/{patient_id}"
    return await by.send("PATCH", path, json={"care_team": list(team)}, headers={"If-Match": tag})


async def test_whoever_makes_a_patient_treats_them(anna: SignedIn, carla: SignedIn) -> None:
    await let_see(anna, "care_team")
    made = await people.make_patient(carla, "Of Carla")
    assert [one["id"] for one in made["care_team"]] == [carla.id]
    await people.make_patient(anna, "Of Anna")
    assert (await names(carla), await names(anna)) == (["Of Carla"], ["Of Anna"])
    assert (await carla.get(f"/v1/patients/{made['id']}")).status_code == 200
    unassigned = await anna.get(f"/v1/patients/{made['id']}")
    absent = await anna.get("/v1/patients/0197f0c0-0000-7000-8000-0000000000ab")
    assert unassigned.status_code == absent.status_code == 404
    assert unassigned.json() | {"request_id": ""} == absent.json() | {"request_id": ""}


async def test_where_everyone_sees_all_the_team_only_says_who_treats(anna: SignedIn, carla: SignedIn) -> None:
    await people.make_patient(carla, "Of Carla")
    assert await names(anna) == ["Of Carla"]
    await let_see(anna, "care_team")
    assert await names(anna) == []
    await let_see(anna, "everyone")
    assert await names(anna) == ["Of Carla"]


async def test_joining_and_leaving_hold_from_the_next_request(anna: SignedIn, carla: SignedIn) -> None:
    await let_see(anna, "care_team")
    patient_id = (await people.make_patient(carla))["id"]
    before = (await carla.get(f"/v1/patients/{patient_id}")).json()["version"]
    both = await set_team(carla, patient_id, anna.id, carla.id, carla.id)
    assert {one["id"] for one in both.json()["care_team"]} == {anna.id, carla.id}
    assert both.json()["version"] == before + 1
    assert (await set_team(anna, patient_id, carla.id, anna.id)).json()["version"] == before + 1, "nothing changed"
    assert (await set_team(carla, patient_id, anna.id)).status_code == 200
    assert (await carla.get(f"/v1/patients/{patient_id}")).status_code == 404
    assert (await anna.get(f"/v1/patients/{patient_id}")).status_code == 200


async def test_a_team_has_somebody_and_only_clinicians(anna: SignedIn) -> None:
    patient_id = (await people.make_patient(anna))["id"]
    admin = await hire(anna, "adam@spine.example", "clinic_admin")
    assert (await set_team(anna, patient_id)).status_code == 422
    refused = await set_team(anna, patient_id, anna.id, admin["id"])
    assert refused.json()["errors"][0] | {"detail": ""} == {
        "pointer": "/care_team/1",
        "code": "unknown_clinician",
        "detail": "",
    }
    body = {"display_name": "Pat", "care_team": [admin["id"]]}
    assert (await anna.post("/v1/patients", body)).status_code == 422
    assert await names(anna) == ["Paula Patient"], "nothing was stored"


async def test_pages_of_a_care_team_are_whole(anna: SignedIn, carla: SignedIn) -> None:
    await let_see(anna, "care_team")
    for number in range(6):
        await people.make_patient((anna, carla)[number % 2], f"Pat {number}")
    page = (await carla.get("/v1/patients", params={"limit": "2"})).json()
    rest = (await carla.get("/v1/patients", params={"limit": "2", "cursor": page["next_cursor"]})).json()
    assert [one["display_name"] for one in page["items"] + rest["items"]] == ["Pat 1", "Pat 3", "Pat 5"]
    assert rest["next_cursor"] is None
    assert await names(carla, q="pat 2") == []
