"""Invitations, and the phones that redeem them, through HTTP."""

from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest

from app.clock import MovableClock
from tests import people
from tests.people import SignedIn


@pytest.fixture
async def paula(anna: SignedIn) -> str:
    """The id of a patient of a clinic that may invite."""
    await people.complete_clinic(anna)
    return str((await people.make_patient(anna, birth_year=1958))["id"])


async def test_an_incomplete_clinic_cannot_invite(anna: SignedIn) -> None:
    made = await people.make_patient(anna)
    answer = await anna.post(f"/v1/patients/{made['id']}/invitations", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "clinic_incomplete")


async def test_an_invitation_carries_code_link_and_picture(anna: SignedIn, paula: str) -> None:
    answer = await anna.post(f"/v1/patients/{paula}/invitations", {"kind": "first"})
    made = answer.json()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert sorted(made) == ["clinic", "code", "expires_at", "link", "qr_svg_url"]
    assert (made["clinic"], made["expires_at"]) == ("spine", "2026-01-19T09:00:00Z")
    link = urlsplit(made["link"])
    assert (link.path, link.query) == ("/connect", "")
    assert parse_qs(link.fragment) == {"clinic": ["spine"], "code": [made["code"]]}
    assert made["qr_svg_url"].startswith("data:image/svg+xml")
    assert "<svg" in unquote(made["qr_svg_url"])


async def test_a_phone_redeems_it_however_it_is_typed(anna: SignedIn, paula: str) -> None:
    made = await people.invite(anna, paula)
    made["code"] = f" {made['code'].lower().replace('-', ' ')} "
    answer = await people.redeem(anna.client, made)
    assert answer.status_code == 200
    assert answer.json()["principal"] == {"kind": "patient", "id": paula, "clinic": "spine"}
    assert (await anna.get(f"/v1/patients/{paula}")).json()["first_connected_on"] == "2026-01-05"


async def test_the_same_device_may_redeem_again_for_ten_minutes(
    anna: SignedIn, paula: str, clock: MovableClock
) -> None:
    made = await people.invite(anna, paula)
    first = await people.redeem(anna.client, made)
    clock.move_by(timedelta(minutes=10))
    again = await people.redeem(anna.client, made)
    assert again.status_code == 200
    assert again.json()["access_token"] != first.json()["access_token"]
    clock.move_by(timedelta(seconds=1))
    late = await people.redeem(anna.client, made)
    assert (late.status_code, late.json()["code"]) == (401, "code_invalid")


async def test_another_device_cannot_redeem_a_used_code(anna: SignedIn, paula: str) -> None:
    made = await people.invite(anna, paula)
    assert (await people.redeem(anna.client, made, "device-0001")).status_code == 200
    stolen = await people.redeem(anna.client, made, "device-0002")
    assert (stolen.status_code, stolen.json()["code"]) == (401, "code_invalid")


async def test_a_newer_invitation_withdraws_the_unused_one(anna: SignedIn, paula: str) -> None:
    old, new = [await people.invite(anna, paula, kind) for kind in ("first", "reconnect")]
    assert (await people.redeem(anna.client, old)).status_code == 401
    assert (await people.redeem(anna.client, new)).status_code == 200


async def test_a_code_expires(anna: SignedIn, paula: str, clock: MovableClock) -> None:
    made = await people.invite(anna, paula)
    clock.move_by(timedelta(days=14))
    assert (await people.redeem(anna.client, made)).json()["code"] == "code_invalid"


@pytest.mark.parametrize(("birth_year", "status"), [(1958, 200), (None, 200), (1959, 401)])
async def test_a_birth_year_must_fit_when_it_is_sent(
    anna: SignedIn, paula: str, birth_year: int | None, status: int
) -> None:
    made = await people.invite(anna, paula)
    body = {"clinic": "spine", "code": made["code"], "birth_year": birth_year, "device": {"id": "device-0001"}}
    assert (await anna.client.post("/v1/auth/redeem", json=body)).status_code == status


async def test_whatever_is_wrong_with_a_code_looks_the_same(
    anna: SignedIn, other: SignedIn, paula: str, clock: MovableClock
) -> None:
    await people.complete_clinic(other)
    theirs = await people.invite(other, (await people.make_patient(other))["id"])
    mine = await people.invite(anna, paula)
    wrong = [
        mine | {"code": "2222-2222-2222"},
        mine | {"clinic": "no-such-clinic"},
        theirs | {"clinic": "spine"},
        mine | {"clinic": "knee"},
    ]
    answers = [await people.redeem(anna.client, one) for one in wrong]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert len({str(answer.json() | {"request_id": ""}) for answer in answers}) == 1


async def test_guessing_codes_is_stopped(anna: SignedIn, paula: str, clock: MovableClock) -> None:
    made = await people.invite(anna, paula)
    for _ in range(10):
        assert (await people.redeem(anna.client, made | {"code": "2222-2222-2222"})).status_code == 401
    stopped = await people.redeem(anna.client, made)
    assert (stopped.status_code, stopped.json()["code"]) == (429, "too_many_attempts")
    wait = int(stopped.headers["Retry-After"])
    assert 0 < wait <= 901
    clock.move_by(timedelta(seconds=wait))
    assert (await people.redeem(anna.client, made)).status_code == 200


async def test_a_patient_can_invite_nobody(anna: SignedIn, paula: str) -> None:
    phone = await people.connect(anna, paula)
    assert (await phone.post(f"/v1/patients/{paula}/invitations", {})).status_code == 403


@pytest.mark.parametrize("body", [{"kind": "second"}, {"kind": None}, {"for": "me"}, [], "first"])
async def test_a_body_that_is_not_understood_is_refused(anna: SignedIn, paula: str, body: object) -> None:
    assert (await anna.post(f"/v1/patients/{paula}/invitations", body)).status_code == 422


async def test_nobody_invites_without_a_token(client: httpx.AsyncClient) -> None:
    path = "/v1/patients/0197f0c0-0000-7000-8000-000000000000/invitations"
    assert (await client.post(path, json={})).status_code == 401
