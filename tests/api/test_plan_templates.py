"""Plan templates through HTTP: kept, changed and forgotten; prescribed as a whole or not at all, with pointers."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from app.clock import MovableClock
from app.config import Settings
from app.content.library import Library
from app.main import create_app
from tests.application import names
from tests.people import SignedIn
from tests.phone import make_patient, prescribe
from tests.second_ladder import SECOND, two_ladders

Json = dict[str, Any]
URL = "/v1/plan-templates"
PAIR: Json = {"ladder_id": "knees-to-chest", "due_per_day": 2, "lasts_days": 28, "instruction": "Slowly."}
TILT: Json = {"ladder_id": "pelvic-tilt", "starts_after_days": 7, "weekdays": ["mon", "thu"]}
SIDE: Json = {"ladder_id": SECOND, "rungs": [{"rung": 1, "dosage": {"reps_min": 5}}], "reason": "Its own."}
THREE: Json = {"name": "Stiff low back", "description": "Six weeks.", "items": [PAIR, TILT, SIDE]}
BEGIN: Json = {"starts_on": "2026-01-06"}


@pytest.fixture
def content(tmp_path: Path) -> Library:
    """With a ladder more, which other builds do not have."""
    return two_ladders(tmp_path)


async def keep(anna: SignedIn, body: Json = THREE) -> Json:
    answer = await anna.post(URL, json=body)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def apply(
    anna: SignedIn, patient: str, template: str, body: Json = BEGIN, headers: dict[str, str] | None = None
) -> httpx.Response:
    url = f"/v1/patients/{patient}/plan-templates/{template}/apply"
    return await anna.send("POST", url, json=body, headers=headers or {})


async def running(anna: SignedIn, patient: str) -> list[str]:
    return [one["ladder_id"] for one in (await anna.get(f"/v1/patients/{patient}/prescriptions")).json()["items"]]


def pointers(answer: httpx.Response) -> list[str]:
    return [one["pointer"] for one in answer.json()["errors"]]


class TestKeeping:
    async def test_it_is_kept_as_it_was_sent(self, anna: SignedIn) -> None:
        answer = await anna.post(URL, json=THREE)
        made = answer.json()
        assert (made["name"], made["description"], made["version"]) == ("Stiff low back", "Six weeks.", 1)
        for sent, kept in zip(THREE["items"], made["items"], strict=True):
            assert {name: kept[name] for name in sent if name != "rungs"} == {
                name: value for name, value in sent.items() if name != "rungs"
            }
        assert made["items"][2]["rungs"][0]["dosage"]["reps_min"] == 5
        assert (made["items"][1]["lasts_days"], made["items"][0]["starts_after_days"]) == (None, 0)
        assert answer.headers["Location"] == f"{URL}/{made['id']}"
        read = await anna.get(f"{URL}/{made['id']}")
        assert (read.json(), read.headers["ETag"]) == (made, answer.headers["ETag"])
        assert (await anna.get(URL)).json() == {"items": [made], "next_cursor": None}

    async def test_a_key_keeps_it_once(self, anna: SignedIn) -> None:
        headers = {"Idempotency-Key": "often"}
        first, again = [await anna.send("POST", URL, json=THREE, headers=headers) for _ in range(2)]
        assert first.content == again.content
        assert len((await anna.get(URL)).json()["items"]) == 1

    async def test_changes_leave_the_rest(self, anna: SignedIn) -> None:
        made = await keep(anna)
        url, seen = f"{URL}/{made['id']}", {"If-Match": '"plan-template-1"'}
        assert (await anna.send("PATCH", url, json={"name": "Other"})).status_code == 428
        changed = await anna.send("PATCH", url, json={"name": "Other"}, headers=seen)
        assert changed.json() == made | {"name": "Other", "version": 2}
        stale = await anna.send("PATCH", url, json={"name": "Late"}, headers=seen)
        assert (stale.status_code, stale.headers["ETag"]) == (412, '"plan-template-2"')
        fewer = await anna.send("PATCH", url, json={"items": [TILT], "description": None}, headers={"If-Match": "*"})
        assert [one["ladder_id"] for one in fewer.json()["items"]] == ["pelvic-tilt"]
        assert (fewer.json()["name"], fewer.json()["description"]) == ("Other", None)

    async def test_it_is_forgotten(self, anna: SignedIn) -> None:
        url = f"{URL}/{(await keep(anna))['id']}"
        assert (await anna.send("DELETE", url)).status_code == 204
        assert (await anna.send("DELETE", url)).status_code == 404
        assert (await anna.get(url)).status_code == 404

    @pytest.mark.parametrize(
        ("items", "where"),
        [
            ([PAIR, TILT | {"ladder_id": "nowhere"}], ["/items/1/ladder_id"]),
            ([PAIR | {"start_rung": 9}, TILT | {"offered_per_day": 1, "due_per_day": 2}],
             ["/items/0/start_rung", "/items/1/offered_per_day"]),
            ([PAIR, PAIR], ["/items/1/ladder_id"]),
            ([TILT | {"every_n_days": 2}], ["/items/0/every_n_days"]),
            ([SIDE | {"rungs": [{"rung": 1, "modifications": ["fly"]}]}], ["/items/0/rungs/0/modifications/0"]),
            ([PAIR | {"starts_on": "2026-01-05"}, TILT], ["/items/0/starts_on"]),
            ([], ["/items"]),
        ],
        ids=["no such ladder", "two wrong", "a ladder twice", "two schedules", "no such way", "a date", "nothing"],
    )  # fmt: skip
    async def test_what_could_not_be_prescribed_is_refused(
        self, anna: SignedIn, items: list[Json], where: list[str]
    ) -> None:
        refused = await anna.post(URL, json={"name": "x", "items": items})
        assert (refused.status_code, pointers(refused)) == (422, where)
        made = await keep(anna)
        url = f"{URL}/{made['id']}"
        refused = await anna.send("PATCH", url, json={"items": items}, headers={"If-Match": "*"})
        assert (refused.status_code, pointers(refused)) == (422, where)
        assert (await anna.get(url)).json() == made

    async def test_there_is_an_end_to_them(self, anna: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.actions.keep_plan_template.MOST_TEMPLATES", 1)
        await keep(anna)
        assert (await anna.post(URL, json=THREE)).status_code == 409

    async def test_another_clinic_has_its_own(self, anna: SignedIn, other: SignedIn) -> None:
        made = await keep(anna)
        patient = await make_patient(other)
        assert (await other.get(URL)).json()["items"] == []
        assert (await other.get(f"{URL}/{made['id']}")).status_code == 404
        assert (await other.send("DELETE", f"{URL}/{made['id']}")).status_code == 404
        assert (await apply(other, patient, made["id"])).status_code == 404
        assert await running(other, patient) == []


class TestPrescribing:
    async def test_all_of_it_is_prescribed(self, anna: SignedIn) -> None:
        patient, made = await make_patient(anna), await keep(anna)
        answer = await apply(anna, patient, made["id"], BEGIN | {"reason": "As agreed."})
        assert answer.status_code == 201, answer.text
        items = answer.json()["items"]
        assert [one["item"] for one in items] == [0, 1, 2]
        first, second, third = (one["prescription"] for one in items)
        assert (first["starts_on"], first["ends_on"], first["due_per_day"]) == ("2026-01-06", "2026-02-02", 2)
        assert (second["starts_on"], second["ends_on"]) == ("2026-01-13", None)
        assert second["weekdays"] == ["mon", "thu"]
        assert third["rungs"][0]["dosage"]["reps_min"] == 5
        assert [one["position"] for one in (first, second, third)] == [1, 2, 3]
        assert [one["versions"][0]["reason"] for one in (first, second, third)] == [
            "As agreed.", "As agreed.", "Its own.",
        ]  # fmt: skip
        assert all(warning["text"] for one in items for warning in one["prescription"]["warnings"])
        for one in items:
            read = await anna.get(f"/v1/patients/{patient}/prescriptions/{one['prescription']['id']}")
            assert read.json() == one["prescription"]

    async def test_what_is_different_for_this_patient(self, anna: SignedIn) -> None:
        patient, made = await make_patient(anna), await keep(anna)
        changes = [
            {"item": 0, "prescription": {"due_per_day": 1, "ends_on": None, "usual_pain": 2}},
            {"item": 1, "leave_out": True},
        ]
        answer = await apply(anna, patient, made["id"], BEGIN | {"changes": changes})
        items = answer.json()["items"]
        assert [one["item"] for one in items] == [0, 2]
        first = items[0]["prescription"]
        assert (first["due_per_day"], first["ends_on"], first["instruction"]) == (1, None, "Slowly.")
        assert "usual_pain_set" in [warning["code"] for warning in first["warnings"]]
        assert await running(anna, patient) == ["knees-to-chest", SECOND]

    async def test_a_caution_that_blocks_one_blocks_all(self, anna: SignedIn) -> None:
        cautions = [{"condition": "osteoporosis_or_vertebral_fracture"}]
        patient, made = await make_patient(anna, cautions=cautions), await keep(anna)
        blocked = await apply(anna, patient, made["id"])
        assert (blocked.status_code, blocked.json()["code"]) == (409, "needs_clearance")
        assert set(pointers(blocked)) == {"/items/0", "/items/2"}
        assert "osteoporosis" in blocked.json()["errors"][0]["detail"]
        assert await running(anna, patient) == []
        changes = [{"item": number, "leave_out": True} for number in (0, 2)]
        assert (await apply(anna, patient, made["id"], BEGIN | {"changes": changes})).status_code == 201
        assert await running(anna, patient) == ["pelvic-tilt"]

    async def test_a_ladder_that_runs_already(self, anna: SignedIn) -> None:
        patient, made = await make_patient(anna), await keep(anna)
        await prescribe(anna, patient)
        refused = await apply(anna, patient, made["id"])
        assert (refused.status_code, refused.json()["code"]) == (409, "ladder_already_prescribed")
        assert pointers(refused) == ["/items/0"]
        assert await running(anna, patient) == ["knees-to-chest"]

    @pytest.mark.parametrize(
        ("body", "where"),
        [
            ({"starts_on": "2025-09-01"}, ["/items/0/starts_on", "/items/1/starts_on", "/items/2/starts_on"]),
            ({"starts_on": "2100-12-31"}, ["/items/0/ends_on", "/items/1/starts_on"]),
            (BEGIN | {"changes": [{"item": 3}]}, ["/changes/0/item"]),
            (BEGIN | {"changes": [{"item": 1}, {"item": 1}]}, ["/changes/1/item"]),
            (BEGIN | {"changes": [{"item": n, "leave_out": True} for n in range(3)]}, ["/changes"]),
            (BEGIN | {"changes": [{"item": 1, "prescription": {"start_rung": 7}}]}, ["/items/1/start_rung"]),
            (BEGIN | {"changes": [{"item": 1, "prescription": {"start_rung": "7"}}]},
             ["/changes/0/prescription/start_rung"]),
            ({}, ["/starts_on"]),
        ],
        ids=[
            "too early", "beyond the calendar", "no such item", "an item twice", "nothing is left", "no such rung",
            "no number", "no day",
        ],
    )  # fmt: skip
    async def test_what_is_wrong_is_pointed_at(self, anna: SignedIn, body: Json, where: list[str]) -> None:
        patient, made = await make_patient(anna), await keep(anna)
        refused = await apply(anna, patient, made["id"], body)
        assert (refused.status_code, pointers(refused)) == (422, where)
        assert await running(anna, patient) == []

    async def test_a_key_prescribes_once(self, anna: SignedIn) -> None:
        patient, made, headers = await make_patient(anna), await keep(anna), {"Idempotency-Key": "apply"}
        first, again = [await apply(anna, patient, made["id"], headers=headers) for _ in range(2)]
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.content == again.content
        assert len(await running(anna, patient)) == 3
        differs = await apply(anna, patient, made["id"], {"starts_on": "2026-01-07"}, headers)
        assert (differs.status_code, differs.json()["code"]) == (409, "idempotency_key_reused")

    async def test_ids_that_are_not_there(self, anna: SignedIn) -> None:
        patient, made = await make_patient(anna), await keep(anna)
        assert (await apply(anna, patient, str(uuid4()))).status_code == 404
        assert (await apply(anna, str(uuid4()), made["id"])).status_code == 404

    async def test_nothing_new_begins_after_a_discharge(self, anna: SignedIn) -> None:
        patient, made = await make_patient(anna), await keep(anna)
        await anna.post(f"/v1/patients/{patient}/discharge", json={"reason": "completed"})
        refused = await apply(anna, patient, made["id"])
        assert (refused.status_code, refused.json()["code"]) == (409, "patient_discharged")

    async def test_a_ladder_that_is_gone(
        self, anna: SignedIn, app: FastAPI, settings: Settings, clock: MovableClock
    ) -> None:
        """A build without the ladder shows the template as it was, prescribes nothing of it, and says where it is."""
        patient, made = await make_patient(anna), await keep(anna)
        later = create_app(settings, clock, resolve=names)
        async with (
            later.router.lifespan_context(later),
            httpx.AsyncClient(transport=httpx.ASGITransport(later), base_url="http://rung.test") as client,
        ):
            now = SignedIn(client, anna.token, anna.refresh_token, anna.id)
            assert (await now.get(f"{URL}/{made['id']}")).json() == made
            refused = await apply(now, patient, made["id"])
            assert (refused.status_code, pointers(refused)) == (422, ["/items/2/ladder_id"])
            assert await running(now, patient) == []
            renamed = {"name": "Without it"}
            url, seen = f"{URL}/{made['id']}", {"If-Match": "*"}
            assert (await now.send("PATCH", url, json=renamed, headers=seen)).status_code == 200
            leaving = BEGIN | {"changes": [{"item": 2, "leave_out": True}]}
            assert (await apply(now, patient, made["id"], leaving)).status_code == 201
        assert app is not later
