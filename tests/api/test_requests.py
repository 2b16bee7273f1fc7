"""What a patient asks for, through HTTP: it holds at once or waits for the clinic; no kind of it is refused."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.actions.rebuild_patient import Differences
from app.clock import MovableClock
from app.config import Settings
from app.store import requests
from app.store.database import Database
from app.store.scope import Caller, Role
from tests.journeys.test_random_lives import differences
from tests.people import SignedIn
from tests.phone import Phone, start_phone

MINUTE = timedelta(minutes=1)


def codes(answer: httpx.Response) -> list[str]:
    return [one["reason"]["code"] for one in answer.json()["decisions"]]


async def on_rung_2(anna: SignedIn, phone: Phone) -> Phone:
    return await start_phone(anna, phone.client, phone.clock, start_rung=2)


class TestStepDown:
    """A patient may step down at any time, never up past a stop."""

    async def test_the_easier_exercise_from_now_on(self, anna: SignedIn, phone: Phone) -> None:
        both = await on_rung_2(anna, phone)
        tag = (await both.routine()).headers["ETag"]
        answer = await both.ask("step_down", prescription_id=both.prescription_id, rung=2)
        assert (answer.status_code, answer.json()["request"]["state"]) == (201, "done")
        assert answer.json()["text"] == "You are on the gentler step now."
        [decision] = answer.json()["decisions"]
        assert (decision["kind"], decision["to_rung"], decision["decided_by"]["kind"]) == ("step_back", 1, "patient")
        assert answer.json()["routine_changed"]
        item = await both.item()
        assert (item["exercise_id"], item["rung"]) == ("single-knee-to-chest", 1)
        assert (await both.routine()).headers["ETag"] != tag

    async def test_the_same_again_is_one_step(self, anna: SignedIn, phone: Phone) -> None:
        both = await on_rung_2(anna, phone)
        path, body = f"/v1/me/requests/{uuid4()}", both.wish("step_down", rung=2)
        first = await both.send("PUT", path, json=body)
        again = await both.send("PUT", path, json=body)
        assert (first.status_code, again.status_code, again.content) == (201, 200, first.content)
        assert (await both.item())["status"] == "active"

    async def test_two_taps_under_two_ids_are_one_step_when_the_phone_names_the_rung(
        self, anna: SignedIn, phone: Phone
    ) -> None:
        both = await on_rung_2(anna, phone)
        await both.ask("step_down", rung=2)
        assert codes(await both.ask("step_down", rung=2)) == ["patient_request"]
        assert ((await both.item())["rung"], (await both.item())["status"]) == (1, "active")

    async def test_at_the_lowest_rung_half_the_repetitions_and_the_clinic_is_told(self, phone: Phone) -> None:
        answer = await phone.ask("step_down")
        assert (answer.json()["request"]["state"], codes(answer)) == ("waiting", ["patient_request"])
        assert "half the repetitions" in answer.json()["text"]
        item = await phone.item()
        assert (item["status"], item["dosage"]["reps_min"]) == ("eased", 5)

    async def test_after_a_sore_session_that_led_down_already_it_is_no_second_step(
        self, anna: SignedIn, phone: Phone
    ) -> None:
        three = await on_rung_2(anna, phone)
        sore = await three.practise(pain=7)
        assert codes(sore) == ["pain_high"]
        three.clock.move_by(MINUTE)
        await three.ask("step_down", rung=2)
        item = await three.item()
        assert (item["rung"], item["status"]) == (1, "active")
        kinds = [one["reason"]["code"] for one in (await three.send("GET", "/v1/me/decisions")).json()["items"]]
        assert kinds == ["patient_request", "pain_high"]

    async def test_a_stop_stays(self, anna: SignedIn, phone: Phone) -> None:
        both = await on_rung_2(anna, phone)
        await both.check_in(symptoms=["saddle_numbness"])
        answer = await both.ask("step_down")
        assert answer.json()["request"]["state"] == "waiting"
        named = await both.ask("step_down", prescription_id=both.prescription_id)
        assert (named.json()["request"]["state"], named.json()["text"]) == (
            "waiting",
            "We have passed this on to your clinic.",
        )
        assert (await both.item())["status"] == "stopped"

    async def test_a_prescription_nobody_knows_waits_for_the_clinic(self, phone: Phone) -> None:
        answer = await phone.ask("step_down", prescription_id=str(uuid4()))
        assert answer.json()["request"]["marks"] == ["unknown_prescription"]
        assert (answer.json()["request"]["state"], codes(answer)) == ("waiting", [])


class TestWhatWaits:
    """The rest waits for the clinic, which sees it and answers."""

    @pytest.mark.parametrize("kind", ["unsure", "call_me", "ill", "not_this_exercise", "entered_by_mistake"])
    async def test_it_waits_and_changes_nothing(self, phone: Phone, kind: str) -> None:
        item = await phone.item()
        answer = await phone.ask(kind, prescription_id=phone.prescription_id, note="please")
        assert (answer.status_code, answer.json()["request"]["state"]) == (201, "waiting")
        assert (answer.json()["decisions"], answer.json()["routine_changed"]) == ([], False)
        assert answer.json()["text"]
        assert await phone.item() == item

    async def test_who_is_unsure_is_told_whom_to_ask(self, phone: Phone) -> None:
        answer = await phone.ask("unsure", prescription_id=phone.prescription_id)
        assert "+49 30 5550100" in answer.json()["text"]

    async def test_entered_by_mistake_clears_no_stop(self, phone: Phone) -> None:
        session_id = str(uuid4())
        await phone.put(session_id, phone.session(symptoms=["saddle_numbness"]))
        answer = await phone.ask("entered_by_mistake", session_id=session_id)
        assert (answer.json()["request"]["state"], answer.json()["request"]["marks"]) == ("waiting", [])
        assert (await phone.item())["status"] == "stopped"

    @pytest.mark.parametrize("subject", [{"session_id": str(uuid4())}, {"check_in_date": "2026-01-04"}])
    async def test_a_report_nobody_knows_is_marked(self, phone: Phone, subject: dict[str, Any]) -> None:
        answer = await phone.ask("entered_by_mistake", **subject)
        assert answer.json()["request"]["marks"] == ["unknown_subject"]

    async def test_a_kind_from_a_newer_app_is_kept_and_waits(self, phone: Phone) -> None:
        answer = await phone.ask("new_in_version_9", colour="blue")
        assert answer.json()["request"]["marks"] == ["unknown_kind", "unknown_fields"]
        assert answer.json()["request"]["unknown_fields"] == ["/colour"]
        assert answer.json()["text"] == "We have passed this on to your clinic."

    async def test_the_clinic_reads_and_answers(self, phone: Phone, anna: SignedIn) -> None:
        for kind in ("call_me", "ill"):
            await phone.ask(kind)
            phone.clock.move_by(MINUTE)
        path = f"/v1/patients/{phone.patient_id}/requests"
        found = (await anna.get(path)).json()
        assert [one["kind"] for one in found["items"]] == ["ill", "call_me"]
        first = found["items"][1]["id"]
        answered = await anna.send("PUT", f"{path}/{first}/answer", json={"text": "We call at noon."})
        assert (answered.json()["state"], answered.json()["answer_text"]) == ("answered", "We call at noon.")
        mine = (await phone.send("GET", "/v1/me/requests")).json()["items"]
        assert [(one["state"], one["answer_text"]) for one in mine] == [
            ("waiting", None),
            ("answered", "We call at noon."),
        ]
        assert (await anna.send("PUT", f"{path}/{uuid4()}/answer", json={})).status_code == 404
        page = (await anna.get(path, params={"limit": 1})).json()
        rest = (await anna.get(path, params={"limit": 1, "cursor": page["next_cursor"]})).json()
        assert [one["kind"] for one in page["items"] + rest["items"]] == ["ill", "call_me"]

    async def test_the_store_knows_what_waits_the_longest_first(
        self, phone: Phone, settings: Settings, clock: MovableClock
    ) -> None:
        for kind in ("call_me", "step_down", "acknowledge", "ill"):
            await phone.ask(kind)
            clock.move_by(MINUTE)
        db = Database(settings.url)
        operator = Caller(clock.now(), None, frozenset({Role.OPERATOR}), "spine", is_operator=True)
        found = db.write_here(operator, requests.waiting)
        db.close()
        assert [one.request.kind for one in found] == ["call_me", "step_down", "ill"]


class TestAcknowledge:
    """A notice that was read asks for no tap any more."""

    async def test_the_notice_stays_and_asks_no_more(self, phone: Phone, anna: SignedIn) -> None:
        both = await on_rung_2(anna, phone)
        [decision] = (await both.practise(pain=7)).json()["decisions"]
        [notice] = (await both.routine()).json()["notices"]
        assert notice["acknowledge"]
        answer = await both.ask("acknowledge", decision_id=decision["id"])
        assert (answer.json()["request"]["state"], answer.json()["request"]["marks"]) == ("done", [])
        [read] = (await both.routine()).json()["notices"]
        assert read == notice | {"acknowledge": False}

    async def test_a_decision_nobody_knows_is_marked(self, phone: Phone) -> None:
        answer = await phone.ask("acknowledge", decision_id=str(uuid4()))
        assert answer.json()["request"]["marks"] == ["unknown_subject"]


async def test_another_wish_under_the_same_id_is_refused(phone: Phone) -> None:
    request_id = str(uuid4())
    await phone.ask("call_me", request_id=request_id)
    other = await phone.ask("ill", request_id=request_id)
    assert (other.status_code, other.json()["code"]) == (409, "request_differs")


async def test_another_patients_id_is_free(phone: Phone, anna: SignedIn) -> None:
    request_id = str(uuid4())
    neighbour = await start_phone(anna, phone.client, phone.clock)
    await phone.ask("call_me", request_id=request_id)
    assert (await neighbour.ask("ill", request_id=request_id)).status_code == 201


async def test_a_wish_made_before_and_sent_later_counts_from_today(phone: Phone) -> None:
    body = phone.wish("step_down")
    phone.sleep(40)
    answer = await phone.send("PUT", f"/v1/me/requests/{uuid4()}", json=body)
    assert answer.json()["request"]["known_on"] == "2026-02-14"
    assert (await phone.item())["status"] == "eased"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": ""}, "/kind"),
        ({"kind": 3}, "/kind"),
        ({"kind": "x" * 81}, "/kind"),
        ({"made_at": "yesterday"}, "/made_at"),
        ({"time_zone": None}, "/time_zone"),
        ({"prescription_id": "mine"}, "/prescription_id"),
        ({"rung": 0}, "/rung"),
        ({"rung": 2**40}, "/rung"),
        ({"check_in_date": "2026-13-01"}, "/check_in_date"),
        ({"note": "\ud800"}, ""),
        ({"note": "x" * 2001}, "/note"),
    ],
)
async def test_what_no_phone_means_is_refused_and_named(phone: Phone, change: dict[str, Any], pointer: str) -> None:
    content = json.dumps(phone.wish("call_me") | change).encode()
    headers = {"Content-Type": "application/json"}
    answer = await phone.send("PUT", f"/v1/me/requests/{uuid4()}", content=content, headers=headers)
    assert answer.status_code in ({422} if pointer else {400, 422})
    if pointer:
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert (await phone.send("GET", "/v1/me/requests")).json()["items"] == []


async def test_rebuilding_finds_nothing_after_wishes(
    anna: SignedIn, phone: Phone, clock: MovableClock, settings: Settings
) -> None:
    both = await on_rung_2(anna, phone)
    await both.practise(pain=7)
    both.clock.move_by(MINUTE)
    await both.ask("step_down", rung=2)
    await both.ask("step_down")
    both.sleep()
    await both.practise(reps=6)
    both.sleep(2)
    assert differences(settings, clock, both) == Differences()
