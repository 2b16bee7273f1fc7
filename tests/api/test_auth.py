"""Signing in, staying signed in and being signed out, through HTTP."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.clock import MovableClock
from tests import people
from tests.people import PASSWORD, SignedIn


@pytest.fixture
async def phone(anna: SignedIn) -> SignedIn:
    """The connected phone of a patient."""
    await people.complete_clinic(anna)
    return await people.connect(anna, (await people.make_patient(anna))["id"])


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/v1/auth/refresh", json={"refresh_token": token})


def outcome(answer: httpx.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


async def devices(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get("/v1/auth/devices", headers={"Authorization": f"Bearer {token}"})


async def test_signing_in_gives_tokens_of_the_clinic(anna: SignedIn) -> None:
    body = {"clinic": "spine", "email": " ANNA@spine.example", "password": PASSWORD}
    answer = await anna.client.post("/v1/auth/sign-in", json=body)
    got = answer.json()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert (got["state"], got["token_type"], got["expires_in"]) == ("done", "Bearer", 3600)
    assert got["principal"] == {"kind": "clinician", "id": anna.id, "clinic": "spine"}
    assert all(got[name].startswith("spine.") for name in ("access_token", "refresh_token"))


async def test_which_of_clinic_email_and_password_is_wrong_is_not_said(anna: SignedIn, other: SignedIn) -> None:
    right = {"clinic": "spine", "email": "anna@spine.example", "password": PASSWORD}
    wrong: list[dict[str, str]] = [
        {"clinic": "no-such-clinic"},
        {"clinic": "knee"},
        {"email": "nobody@spine.example"},
        {"email": "otto@knee.example"},
        {"password": PASSWORD + "r"},
    ]
    answers = [await anna.client.post("/v1/auth/sign-in", json=right | change) for change in wrong]
    assert [outcome(answer) for answer in answers] == [(401, "sign_in_failed")] * len(wrong)
    assert len({str(answer.json() | {"request_id": ""}) for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers)) for answer in answers}) == 1


async def test_guessing_passwords_is_stopped_for_that_person_only(
    anna: SignedIn, other: SignedIn, clock: MovableClock
) -> None:
    body = {"clinic": "spine", "email": "anna@spine.example", "password": "guess"}
    for _ in range(10):
        assert (await anna.client.post("/v1/auth/sign-in", json=body)).status_code == 401
    stopped = await anna.client.post("/v1/auth/sign-in", json=body | {"password": PASSWORD})
    assert outcome(stopped) == (429, "too_many_attempts")
    await people.sign_in(anna.client, "knee", "otto@knee.example")
    clock.move_by(timedelta(seconds=int(stopped.headers["Retry-After"])))
    assert (await anna.client.post("/v1/auth/sign-in", json=body | {"password": PASSWORD})).status_code == 200


async def test_an_access_token_expires_and_is_refreshed(phone: SignedIn, clock: MovableClock) -> None:
    clock.move_by(timedelta(seconds=3599))
    assert (await devices(phone.client, phone.token)).status_code == 200
    clock.move_by(timedelta(seconds=1))
    assert outcome(await devices(phone.client, phone.token)) == (401, "token_expired")
    fresh = (await refresh(phone.client, phone.refresh_token)).json()
    assert fresh["principal"]["id"] == phone.id
    assert (await devices(phone.client, fresh["access_token"])).status_code == 200


async def test_a_lost_reply_costs_nothing(phone: SignedIn) -> None:
    """The old refresh token works until one of its successors is first used."""
    lost, kept = [(await refresh(phone.client, phone.refresh_token)).json() for _ in range(2)]
    assert lost["refresh_token"] != kept["refresh_token"]
    assert (await refresh(phone.client, kept["refresh_token"])).status_code == 200


async def test_lost_replies_cost_nothing_later_either(phone: SignedIn) -> None:
    """The same holds for every further token, not only for the first."""
    second = (await refresh(phone.client, phone.refresh_token)).json()["refresh_token"]
    one, other = [(await refresh(phone.client, second)).json()["refresh_token"] for _ in range(2)]
    assert (await refresh(phone.client, one)).status_code == 200
    assert outcome(await refresh(phone.client, other)) == (401, "device_revoked")


async def test_two_refreshes_at_once_leave_a_token_that_works(phone: SignedIn) -> None:
    second = (await refresh(phone.client, phone.refresh_token)).json()["refresh_token"]
    answers = await asyncio.gather(*(refresh(phone.client, second) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert (await refresh(phone.client, answers[0].json()["refresh_token"])).status_code == 200


async def test_an_old_refresh_token_that_comes_back_ends_the_family(phone: SignedIn) -> None:
    second = (await refresh(phone.client, phone.refresh_token)).json()
    third = (await refresh(phone.client, second["refresh_token"])).json()
    stolen = await refresh(phone.client, phone.refresh_token)
    assert outcome(stolen) == (401, "device_revoked")
    # The revocation stayed although the answer was a refusal: nothing of the family works any more.
    assert outcome(await devices(phone.client, third["access_token"])) == (401, "device_revoked")
    assert outcome(await refresh(phone.client, third["refresh_token"])) == (401, "device_revoked")


async def test_a_refresh_token_is_good_for_180_days_from_its_own_making(phone: SignedIn, clock: MovableClock) -> None:
    clock.move_by(timedelta(days=179))
    fresh = (await refresh(phone.client, phone.refresh_token)).json()
    clock.move_by(timedelta(days=179))
    assert (await refresh(phone.client, fresh["refresh_token"])).status_code == 200
    clock.move_by(timedelta(days=181))
    assert outcome(await refresh(phone.client, fresh["refresh_token"])) == (401, "token_expired")


async def test_a_signed_out_device_is_signed_out_everywhere(phone: SignedIn) -> None:
    for _ in range(2):
        answer = await phone.client.post("/v1/auth/revoke", json={"refresh_token": phone.refresh_token})
        assert (answer.status_code, answer.content) == (204, b"")
    assert outcome(await devices(phone.client, phone.token)) == (401, "device_revoked")
    assert outcome(await refresh(phone.client, phone.refresh_token)) == (401, "device_revoked")


@pytest.mark.parametrize("token", ["spine.unknown", "no-such-clinic.secret", "nonsense", "..", ".x", "x."])
async def test_an_unknown_refresh_token(anna: SignedIn, token: str) -> None:
    assert (await refresh(anna.client, token)).status_code in {401, 422}
    answer = await anna.client.post("/v1/auth/revoke", json={"refresh_token": token})
    assert answer.status_code in {204, 401, 422}


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer spine", "Bearer spine.x", "Bearer no-such-clinic.x", "Basic YTpi", "Bearer \x01.x"]
)
async def test_an_unknown_access_token_is_a_401(anna: SignedIn, header: str) -> None:
    answer = await anna.client.get("/v1/auth/devices", headers={"Authorization": header})
    assert outcome(answer) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_token_works_at_its_own_clinic_only(anna: SignedIn, other: SignedIn) -> None:
    forged = "knee." + anna.token.partition(".")[2]
    assert outcome(await devices(anna.client, forged)) == (401, "unauthorized")


async def test_devices_are_the_callers_own(anna: SignedIn, phone: SignedIn) -> None:
    found = (await devices(phone.client, phone.token)).json()["items"]
    assert [one["device_id"] for one in found] == ["device-0001"]
    assert len((await devices(anna.client, anna.token)).json()["items"]) == 1


async def test_methods_of_a_clinic(anna: SignedIn) -> None:
    answer = await anna.client.get("/v1/auth/methods", params={"clinic": "spine"})
    assert answer.json() == {"clinic": "spine", "methods": ["password", "invitation"]}
    assert (await anna.client.get("/v1/auth/methods", params={"clinic": "nowhere"})).status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"device": {"id": "short"}}, "/device/id", "too_short"),
        ({"device": {"id": "device-0001", "colour": "red"}}, "/device/colour", "unknown_field"),
        ({"birth_year": "1958"}, "/birth_year", "not_an_integer"),
        ({"birth_year": True}, "/birth_year", "not_an_integer"),
        ({"birth_year": 1958.5}, "/birth_year", "not_an_integer"),
        ({"code": "\x00bad"}, "/code", "bad_text"),
        ({"clinic": "Spine!"}, "/clinic", "bad_format"),
    ],
)
async def test_what_cannot_be_understood_names_its_field(
    client: httpx.AsyncClient, change: dict[str, Any], pointer: str, code: str
) -> None:
    body = {"clinic": "spine", "code": "2222-2222-2222", "device": {"id": "device-0001"}} | change
    answer = await client.post("/v1/auth/redeem", json=body)
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]
