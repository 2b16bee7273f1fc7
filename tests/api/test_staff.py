"""Staff through HTTP: a new colleague, roles, first passwords, disabling, and what a clinic never loses."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.clock import MovableClock
from tests import people
from tests.people import PASSWORD, SignedIn

NEW = "a new long password"
Json = dict[str, Any]


async def hire(anna: SignedIn, email: str = "carla@spine.example", *roles: str) -> Json:
    """A new member of staff, as the API answers."""
    body = {"email": email, "display_name": "Carla", "roles": list(roles or ("clinician",))}
    answer = await anna.post("/v1/clinicians", body)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def enter(client: httpx.AsyncClient, made: Json) -> SignedIn:
    """They replace their first password and are signed in."""
    body = {"clinic": "spine", "email": made["email"], "password": made["first_password"], "new_password": NEW}
    answer = await client.post("/v1/auth/password", json=body)
    assert answer.status_code == 200, answer.text
    got = answer.json()
    assert got["state"] == "done"
    return SignedIn(client, got["access_token"], got["refresh_token"], got["principal"]["id"])


async def change(anna: SignedIn, clinician_id: str, **body: Any) -> httpx.Response:
    """A change on what is stored now."""
    tag = (await anna.get(f"/v1/clinicians/{clinician_id}")).headers["ETag"]
    return await anna.send("PATCH", f"/v1/clinicians/{clinician_id}", json=body, headers={"If-Match": tag})


async def sign_in(client: httpx.AsyncClient, email: str, password: str) -> httpx.Response:
    return await client.post("/v1/auth/sign-in", json={"clinic": "spine", "email": email, "password": password})


class TestFirstPassword:
    """It is shown once, opens nothing but the choice of another, and grows old."""

    async def test_from_hired_to_signed_in(self, client: httpx.AsyncClient, anna: SignedIn) -> None:
        made = await hire(anna)
        got = (await sign_in(client, made["email"], made["first_password"])).json()
        assert (got["state"], got["access_token"], got["principal"]) == ("password_change_needed", None, None)
        carla = await enter(client, made)
        assert (await carla.get("/v1/patients")).status_code == 200
        shown = (await anna.get(f"/v1/clinicians/{made['id']}")).json()
        assert (shown["first_password"], shown["first_password_until"]) == (None, None)
        assert (await sign_in(client, made["email"], made["first_password"])).status_code == 401
        assert (await sign_in(client, made["email"], NEW)).json()["state"] == "done"

    async def test_after_seven_days_it_opens_nothing(
        self, client: httpx.AsyncClient, anna: SignedIn, clock: MovableClock
    ) -> None:
        made = await hire(anna)
        clock.move_by(timedelta(days=7))
        assert (await sign_in(client, made["email"], made["first_password"])).status_code == 401
        body = {"clinic": "spine", "email": made["email"], "password": made["first_password"], "new_password": NEW}
        assert (await client.post("/v1/auth/password", json=body)).status_code == 401

    async def test_a_lost_password_is_replaced_and_ends_every_sign_in(
        self, client: httpx.AsyncClient, anna: SignedIn
    ) -> None:
        made = await hire(anna)
        carla = await enter(client, made)
        again = (await change(anna, made["id"], new_first_password=True)).json()
        assert again["first_password"]
        assert (await carla.get("/v1/patients")).json()["code"] == "device_revoked"
        assert (await sign_in(client, made["email"], NEW)).status_code == 401
        body = {
            "clinic": "spine",
            "email": made["email"],
            "password": again["first_password"],
            "new_password": "x" * 12,
        }
        assert (await client.post("/v1/auth/password", json=body)).json()["state"] == "done"

    async def test_the_same_post_again_shows_the_same_password(self, anna: SignedIn) -> None:
        body = {"email": "carla@spine.example", "display_name": "Carla"}
        answers = [await anna.post("/v1/clinicians", body, headers={"Idempotency-Key": "1"}) for _ in range(2)]
        assert answers[0].json() == answers[1].json()
        assert (await anna.post("/v1/clinicians", body)).json()["code"] == "email_taken"


@pytest.mark.usefixtures("anna")
class TestChangingOnesPassword:
    """Whoever knows the old one chooses the new one; the old one's sign-ins end."""

    async def test_it_ends_other_sign_ins(self, client: httpx.AsyncClient, anna: SignedIn) -> None:
        body = {"clinic": "spine", "email": "anna@spine.example", "password": PASSWORD, "new_password": NEW}
        answer = await client.post("/v1/auth/password", json=body)
        assert answer.json()["state"] == "done"
        assert (await anna.get("/v1/patients")).json()["code"] == "device_revoked"

    @pytest.mark.parametrize(("password", "new"), [("wrong", NEW), (PASSWORD, PASSWORD), (PASSWORD, "short")])
    async def test_what_is_refused(self, client: httpx.AsyncClient, password: str, new: str) -> None:
        body = {"clinic": "spine", "email": "anna@spine.example", "password": password, "new_password": new}
        assert (await client.post("/v1/auth/password", json=body)).status_code in {401, 422}
        assert (await sign_in(client, "anna@spine.example", PASSWORD)).json()["state"] == "done"

    async def test_guesses_are_counted_with_those_at_the_door(self, client: httpx.AsyncClient) -> None:
        body = {"clinic": "spine", "email": "anna@spine.example", "password": "wrong", "new_password": NEW}
        codes = [(await client.post("/v1/auth/password", json=body)).status_code for _ in range(11)]
        assert codes == [401] * 10 + [429]
        assert (await sign_in(client, "anna@spine.example", PASSWORD)).status_code == 429


class TestDisabling:
    """Their sign-ins end at once; nobody is left without an administrator, no patient without a clinician."""

    async def test_signed_out_at_once_and_back_later(self, client: httpx.AsyncClient, anna: SignedIn) -> None:
        made = await hire(anna)
        carla = await enter(client, made)
        assert (await change(anna, made["id"], status="disabled")).json()["status"] == "disabled"
        assert (await carla.get("/v1/patients")).json()["code"] == "device_revoked"
        refreshed = await client.post("/v1/auth/refresh", json={"refresh_token": carla.refresh_token})
        assert refreshed.json()["code"] == "device_revoked"
        assert (await sign_in(client, made["email"], NEW)).status_code == 401
        assert (await change(anna, made["id"], status="active")).status_code == 200
        assert (await carla.get("/v1/patients")).json()["code"] == "device_revoked"
        assert (await sign_in(client, made["email"], NEW)).json()["state"] == "done"

    @pytest.mark.parametrize("body", [{"status": "disabled"}, {"roles": ["clinician"]}])
    async def test_the_last_administrator_stays(self, anna: SignedIn, body: Json) -> None:
        await hire(anna)
        assert (await change(anna, anna.id, **body)).json()["code"] == "last_admin"
        second = await hire(anna, "adam@spine.example", "clinic_admin")
        assert (await change(anna, second["id"], status="disabled")).status_code == 200
        assert (await change(anna, anna.id, **body)).json()["code"] == "last_admin", "a disabled one does not count"

    @pytest.mark.parametrize("body", [{"status": "disabled"}, {"roles": ["clinic_admin"]}])
    async def test_patients_are_passed_on(self, client: httpx.AsyncClient, anna: SignedIn, body: Json) -> None:
        made = await hire(anna)
        carla = await enter(client, made)
        patient_id = (await people.make_patient(carla))["id"]
        shared = (await people.make_patient(carla, care_team=[carla.id, anna.id]))["id"]
        refused = await change(anna, made["id"], **body)
        assert (refused.status_code, refused.json()["code"]) == (409, "patients_left_alone")
        assert (await carla.get("/v1/patients")).status_code == 200, "nothing was changed"
        assert (await change(anna, made["id"], **body, patients_pass_to=anna.id)).status_code == 200
        for one in (patient_id, shared):
            team = (await anna.get(f"/v1/patients/{one}")).json()["care_team"]
            assert [member["id"] for member in team] == [anna.id]

    async def test_passed_to_nobody_who_treats(self, anna: SignedIn) -> None:
        admin = await hire(anna, "adam@spine.example", "clinic_admin")
        for other in (admin["id"], anna.id, "0197f0c0-0000-7000-8000-0000000000ab"):
            answer = await change(anna, anna.id, patients_pass_to=other)
            assert answer.json()["errors"][0]["code"] == "unknown_clinician"


class TestRoles:
    """Roles hold from the next request on."""

    async def test_from_clinician_to_administrator_and_back(self, client: httpx.AsyncClient, anna: SignedIn) -> None:
        made = await hire(anna)
        carla = await enter(client, made)
        body = {"email": "x@spine.example", "display_name": "X"}
        assert (await carla.post("/v1/clinicians", body)).status_code == 403
        await change(anna, made["id"], roles=["clinician", "clinic_admin"])
        assert (await carla.post("/v1/clinicians", body)).status_code == 201
        await change(anna, made["id"], roles=["clinic_admin"])
        assert (await carla.get("/v1/patients")).status_code == 403
        assert (await carla.get("/v1/clinicians")).status_code == 200

    async def test_an_edit_needs_what_was_read(self, anna: SignedIn) -> None:
        path = f"/v1/clinicians/{anna.id}"
        assert (await anna.send("PATCH", path, json={"display_name": "A"})).status_code == 428
        old = (await anna.get(path)).headers["ETag"]
        first = await anna.send("PATCH", path, json={"display_name": "A"}, headers={"If-Match": old})
        assert (first.status_code, first.json()["version"]) == (200, 2)
        stale = await anna.send("PATCH", path, json={"display_name": "B"}, headers={"If-Match": old})
        assert (stale.status_code, stale.headers["ETag"]) == (412, first.headers["ETag"])
        assert [one["display_name"] for one in (await anna.get("/v1/clinicians")).json()["items"]] == ["A"]
