"""What a clinic says about the library: signed off by name, hidden, and read so by its staff and its patients alone."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.clock import MovableClock
from app.config import Settings
from app.main import create_app
from tests.application import names
from tests.people import SignedIn
from tests.phone import Phone, make_patient, prescribe
from tests.second_ladder import next_version

Json = dict[str, Any]
EXERCISES, LADDERS = "/v1/clinic/exercises", "/v1/clinic/ladders"
SINGLE, DOUBLE, PAIR = "single-knee-to-chest", "double-knee-to-chest", "knees-to-chest"


async def sign(anna: SignedIn, url: str, version: int = 1, **more: Any) -> httpx.Response:
    return await anna.send("PUT", f"{url}/review", json={"version": version, **more})


async def reviews(phone: Phone) -> dict[str, Json]:
    routine = (await phone.routine()).json()
    return {one["id"]: one["review"] for one in routine["exercises"]}


async def warnings(anna: SignedIn, patient_id: str) -> list[str]:
    [one] = (await anna.get(f"/v1/patients/{patient_id}/prescriptions")).json()["items"]
    return [each["code"] for each in one["warnings"]]


class TestSigning:
    async def test_patients_and_staff_read_who_signed_and_when(self, anna: SignedIn, phone: Phone) -> None:
        before = await phone.routine()
        answer = await sign(anna, f"{EXERCISES}/{SINGLE}", note="Read with the team.")
        signed = {"status": "reviewed", "version": 1, "by": "Anna Admin", "on": "2026-01-05"}
        assert answer.status_code == 200
        assert answer.json() == signed | {"note": "Read with the team."}
        shown = {"status": "reviewed", "by": "Anna Admin", "on": "2026-01-05"}
        nobody = {"status": "unreviewed", "by": None, "on": None}
        assert await reviews(phone) == {SINGLE: shown, DOUBLE: nobody}
        after = await phone.routine(headers={"If-None-Match": before.headers["ETag"]})
        assert after.status_code == 200
        seen = (await anna.get(f"{EXERCISES}/{SINGLE}")).json()
        assert (seen["sign_off"], seen["exercise"]["review"]) == (answer.json(), shown)
        found = (await anna.get(f"{EXERCISES}?q=knee&limit=200")).json()["items"]
        assert {one["id"]: one["review"] for one in found if one["review"] != nobody} == {SINGLE: shown}

    async def test_the_warning_ends_when_every_exercise_is_signed(self, anna: SignedIn, phone: Phone) -> None:
        for exercise_id in (SINGLE, DOUBLE):
            assert await warnings(anna, phone.patient_id) == ["unreviewed_content"]
            assert (await sign(anna, f"{EXERCISES}/{exercise_id}")).status_code == 200
        assert await warnings(anna, phone.patient_id) == []

    async def test_taken_back_nobody_stands_for_it(self, anna: SignedIn, phone: Phone) -> None:
        await sign(anna, f"{EXERCISES}/{SINGLE}")
        for _ in range(2):
            assert (await anna.send("DELETE", f"{EXERCISES}/{SINGLE}/review")).status_code == 204
        assert (await reviews(phone))[SINGLE] == {"status": "unreviewed", "by": None, "on": None}
        assert (await anna.get(f"{EXERCISES}/{SINGLE}")).json()["sign_off"] is None

    async def test_a_ladder_is_signed_by_itself(self, anna: SignedIn) -> None:
        assert (await sign(anna, f"{LADDERS}/{PAIR}")).json()["by"] == "Anna Admin"
        listed = {one["id"]: one for one in (await anna.get(LADDERS)).json()["items"]}
        assert listed[PAIR]["ladder"]["review"]["status"] == "reviewed"
        assert listed[PAIR] == (await anna.get(f"{LADDERS}/{PAIR}")).json()
        assert {one["sign_off"] is None for name, one in listed.items() if name != PAIR} == {True}
        assert (await anna.get(f"{EXERCISES}/{SINGLE}")).json()["sign_off"] is None

    async def test_another_version_is_not_what_was_read(self, anna: SignedIn) -> None:
        answer = await sign(anna, f"{EXERCISES}/{SINGLE}", version=2)
        assert (answer.status_code, answer.json()["detail"]) == (
            409,
            "It is at version 1: read that one, then sign it.",
        )
        assert (await sign(anna, f"{EXERCISES}/no-such")).status_code == 404
        assert (await sign(anna, f"{LADDERS}/no-such")).status_code == 404

    async def test_the_house_and_another_clinic_know_nothing_of_it(self, anna: SignedIn, other: SignedIn) -> None:
        public = (await anna.client.get(f"/v1/exercises/{SINGLE}")).content
        await sign(anna, f"{EXERCISES}/{SINGLE}")
        await anna.send("PUT", f"{EXERCISES}/{SINGLE}/hidden")
        seen = (await other.get(f"{EXERCISES}/{SINGLE}")).json()
        assert (seen["sign_off"], seen["is_hidden"], seen["exercise"]["review"]["status"]) == (
            None,
            False,
            "unreviewed",
        )
        assert (await anna.client.get(f"/v1/exercises/{SINGLE}")).content == public

    async def test_signing_again_on_the_same_day_changes_nothing(self, anna: SignedIn, phone: Phone) -> None:
        first = await sign(anna, f"{EXERCISES}/{SINGLE}")
        tag = (await phone.routine()).headers["ETag"]
        assert (await sign(anna, f"{EXERCISES}/{SINGLE}")).json() == first.json()
        assert (await phone.routine()).headers["ETag"] == tag

    async def test_a_newer_version_of_the_content_outdates_it(
        self, anna: SignedIn, phone: Phone, settings: Settings, clock: MovableClock, tmp_path: Path
    ) -> None:
        await sign(anna, f"{EXERCISES}/{SINGLE}")
        await sign(anna, f"{EXERCISES}/{DOUBLE}")
        later = create_app(settings, clock, resolve=names, content=next_version(tmp_path, SINGLE))
        async with (
            later.router.lifespan_context(later),
            httpx.AsyncClient(transport=httpx.ASGITransport(later), base_url="http://rung.test") as client,
        ):
            now = SignedIn(client, anna.token, anna.refresh_token, anna.id)
            shown = {"status": "outdated", "by": "Anna Admin", "on": "2026-01-05"}
            routine = (await now.get(f"/v1/patients/{phone.patient_id}/routine")).json()
            assert [one["review"]["status"] for one in routine["exercises"]] == ["outdated", "reviewed"]
            seen = (await now.get(f"{EXERCISES}/{SINGLE}")).json()
            assert (seen["version"], seen["exercise"]["review"]) == (2, shown)
            assert seen["sign_off"] == shown | {"version": 1, "note": None}
            assert await warnings(now, phone.patient_id) == ["unreviewed_content"]
            assert (await sign(now, f"{EXERCISES}/{SINGLE}")).status_code == 409
            assert (await sign(now, f"{EXERCISES}/{SINGLE}", version=2)).status_code == 200
            assert await warnings(now, phone.patient_id) == []


class TestHiding:
    @pytest.mark.parametrize(
        ("url", "detail"),
        [
            (f"{EXERCISES}/{DOUBLE}", f"The clinic has hidden the exercise {DOUBLE}."),
            (f"{LADDERS}/{PAIR}", f"The clinic has hidden the ladder {PAIR}."),
        ],
        ids=["exercise", "ladder"],
    )
    async def test_it_is_not_prescribed_anew(self, anna: SignedIn, url: str, detail: str) -> None:
        for _ in range(2):
            assert (await anna.send("PUT", f"{url}/hidden")).status_code == 204
        patient = await make_patient(anna)
        refused = await prescribe(anna, patient)
        assert (refused.status_code, refused.json()["code"]) == (409, "content_withheld")
        assert refused.json()["detail"] == detail
        assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [("/ladder_id", "withheld")]
        assert (await anna.send("DELETE", f"{url}/hidden")).status_code == 204
        assert (await prescribe(anna, patient)).status_code == 201

    async def test_what_runs_goes_on_and_warns(self, anna: SignedIn, phone: Phone) -> None:
        item = await phone.item()
        await anna.send("PUT", f"{EXERCISES}/{SINGLE}/hidden")
        assert await phone.item() == item
        assert "withheld_content" in await warnings(anna, phone.patient_id)
        assert (await phone.practise()).status_code == 201
        assert (await phone.amend(due_per_day=2)).status_code == 200
        assert (await anna.get(f"{LADDERS}/{PAIR}")).json()["withheld_exercises"] == [SINGLE]

    async def test_nobody_moves_to_it(self, anna: SignedIn, phone: Phone) -> None:
        await anna.send("PUT", f"{LADDERS}/clamshell/hidden")
        assert (await phone.amend(ladder_id="clamshell")).json()["code"] == "content_withheld"
        assert (await phone.amend(ladder_id="pelvic-tilt")).status_code == 200
        await anna.send("PUT", f"{LADDERS}/{PAIR}/hidden")
        assert (await phone.amend(ladder_id=PAIR)).json()["code"] == "content_withheld"

    async def test_a_template_stays_and_says_which_item_stands_in_the_way(self, anna: SignedIn) -> None:
        url, patient = "/v1/plan-templates", await make_patient(anna)
        often: Json = {"name": "Back", "items": [{"ladder_id": "pelvic-tilt"}, {"ladder_id": PAIR}]}
        made = (await anna.post(url, json=often)).json()
        await anna.send("PUT", f"{EXERCISES}/{DOUBLE}/hidden")
        apply = f"/v1/patients/{patient}/plan-templates/{made['id']}/apply"
        refused = await anna.post(apply, json={"starts_on": "2026-01-05"})
        assert (refused.status_code, refused.json()["code"]) == (409, "content_withheld")
        assert [one["pointer"] for one in refused.json()["errors"]] == ["/items/1/ladder_id"]
        assert (await anna.get(f"/v1/patients/{patient}/prescriptions")).json()["items"] == []
        kept = {"headers": {"If-Match": "*"}}
        renamed = {"name": "Still", "items": often["items"]}
        assert (await anna.send("PATCH", f"{url}/{made['id']}", json=renamed, **kept)).status_code == 200
        again = await anna.post(url, json=often | {"name": "Another"})
        assert (again.status_code, [one["pointer"] for one in again.json()["errors"]]) == (422, ["/items/1/ladder_id"])

    async def test_it_is_found_by_its_filter(self, anna: SignedIn) -> None:
        everything = (await anna.get(f"{EXERCISES}?limit=200")).json()
        public = (await anna.client.get("/v1/exercises?limit=200")).json()
        assert [one["id"] for one in everything["items"]] == [one["id"] for one in public["items"]]
        assert everything["facets"] == public["facets"]
        await anna.send("PUT", f"{EXERCISES}/{SINGLE}/hidden")
        for hidden, expected in (("true", {SINGLE}), ("false", {one["id"] for one in public["items"]} - {SINGLE})):
            page = (await anna.get(f"{EXERCISES}?limit=200&hidden={hidden}")).json()
            assert {one["id"] for one in page["items"]} == expected
        assert (await anna.client.get("/v1/exercises?limit=200")).json() == public

    async def test_pages_of_the_clinics_list(self, anna: SignedIn) -> None:
        first = await anna.get(f"{EXERCISES}?q=knee&limit=2")
        found = (await anna.get(f"{EXERCISES}?q=knee&limit=200")).json()["items"]
        second = await anna.get(f"{EXERCISES}?q=knee&limit=2&cursor={first.json()['next_cursor']}")
        assert first.json()["items"] + second.json()["items"] == found[:4]
        assert "Link" in first.headers


class TestTheBooks:
    async def test_a_clinic_that_says_nothing_reads_the_houses_own(self, anna: SignedIn, app: FastAPI) -> None:
        await anna.get(EXERCISES)
        assert app.state.house.bookcase.kept == {}

    async def test_only_what_differs_is_rendered(self, anna: SignedIn, phone: Phone, app: FastAPI) -> None:
        await sign(anna, f"{EXERCISES}/{SINGLE}")
        await phone.routine()
        house = app.state.house
        [(revision, books)] = house.bookcase.kept.values()
        assert revision == 1
        assert books.shelf.exercises[DOUBLE, "en"] is house.shelf.exercises[DOUBLE, "en"]
        assert books.shelf.exercises[SINGLE, "en"] is not house.shelf.exercises[SINGLE, "en"]
        assert books.library.exercises[DOUBLE] is house.library.exercises[DOUBLE]

    async def test_no_more_clinics_are_kept_than_fit(
        self, anna: SignedIn, other: SignedIn, app: FastAPI, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.api.shapes.books.MOST_CLINICS", 1)
        for staff in (anna, other, anna):
            await sign(staff, f"{EXERCISES}/{SINGLE}")
            seen = (await staff.get(f"{EXERCISES}/{SINGLE}")).json()
            assert seen["sign_off"]["version"] == 1
            assert len(app.state.house.bookcase.kept) == 1

    async def test_patients_simulate_from_the_houses_books(self, anna: SignedIn, phone: Phone) -> None:
        await anna.send("PUT", f"{LADDERS}/{PAIR}/hidden")
        body = {"prescription": {"ladder_id": PAIR, "starts_on": "2026-01-05"}, "to": "2026-01-06"}
        assert (await phone.send("POST", "/v1/rules/simulate", json=body)).status_code == 200
        assert (await anna.post("/v1/rules/simulate", json=body)).status_code == 200
