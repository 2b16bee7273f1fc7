"""A patient's phones from the clinic's side: reconnecting takes nothing away, a lost phone is signed out."""

from tests import people
from tests.people import SignedIn
from tests.phone import Phone


async def devices(by: SignedIn, phone: Phone) -> list[str]:
    found = (await by.get(f"/v1/patients/{phone.patient_id}/devices")).json()["items"]
    return [one["sign_in_id"] for one in found]


async def test_reconnecting_revokes_nothing(phone: Phone, anna: SignedIn) -> None:
    first = await devices(anna, phone)
    invitation = await people.invite(anna, phone.patient_id, "reconnect")
    assert (await phone.routine()).status_code == 200
    again = await people.redeem(anna.client, invitation, "device-new-1")
    assert again.status_code == 200
    assert (await phone.routine()).status_code == 200
    assert set(first) < set(await devices(anna, phone))


async def test_a_lost_phone_is_signed_out_alone(phone: Phone, anna: SignedIn) -> None:
    [lost] = await devices(anna, phone)
    answer = await people.redeem(anna.client, await people.invite(anna, phone.patient_id, "reconnect"), "device-new-1")
    new = SignedIn(anna.client, answer.json()["access_token"], answer.json()["refresh_token"], phone.patient_id)
    path = f"/v1/patients/{phone.patient_id}/devices/{lost}"
    assert (await anna.send("DELETE", path)).status_code == 204
    refused = await phone.send("PUT", "/v1/me/sessions/0197f0c0-0000-7000-8000-0000000000ab", json=phone.session())
    assert (refused.status_code, refused.json()["code"]) == (401, "device_revoked")
    assert (await new.get("/v1/me/routine")).status_code == 200
    assert lost not in await devices(anna, phone)
    assert (await anna.send("DELETE", path)).status_code == 404


async def test_a_clinicians_own_sign_in_is_no_device_of_a_patient(phone: Phone, anna: SignedIn) -> None:
    [own] = [one["sign_in_id"] for one in (await anna.get("/v1/auth/devices")).json()["items"]]
    assert (await anna.send("DELETE", f"/v1/patients/{phone.patient_id}/devices/{own}")).status_code == 404
    assert (await anna.get("/v1/patients")).status_code == 200
