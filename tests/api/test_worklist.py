"""The worklist through HTTP: who is on it, in which order, until when, and what acknowledging does and does not do."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from app.actions.rebuild_patient import Differences
from app.clock import MovableClock
from app.config import Settings
from tests import people
from tests.databases import DatabaseUrls
from tests.journeys.test_random_lives import differences
from tests.people import SignedIn
from tests.phone import Phone, make_patient, prescribe, start_phone
from tests.reach import connected

Json = dict[str, Any]
CONDITION = "acute_disc_herniation_or_leg_symptoms"


async def items(phone: Phone, **query: Any) -> list[Json]:
    anna = await people.sign_in(phone.client)
    answer = await anna.get("/v1/worklist", params=query)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["items"]
    return found


async def codes(phone: Phone) -> dict[str, list[str]]:
    """The codes by patient, in the order of the list."""
    return {one["id"]: [reason["code"] for reason in one["reasons"]] for one in await items(phone)}


async def acknowledge(phone: Phone, item: Json, **only: str) -> Json:
    anna = await people.sign_in(phone.client)
    seen = [one["id"] for one in item["reasons"] if one["code"] == only.get("code", one["code"])]
    answer = await anna.post(f"/v1/worklist/{item['id']}/acknowledge", {"reasons": seen})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def report(phone: Phone, *symptoms: str, **session: Any) -> None:
    answer = await phone.put(str(uuid4()), phone.session(symptoms=list(symptoms), **session))
    assert answer.status_code == 201, answer.text


class TestStops:
    """What is stopped is at the top until a clinician resumes it."""

    async def test_the_most_severe_and_the_longest_waiting_come_first(self, anna: SignedIn, phone: Phone) -> None:
        numb, first, second = [await start_phone(anna, phone.client, phone.clock) for _ in range(3)]
        await report(phone, pain=8)
        await report(numb, "new_numbness_or_weakness")
        phone.clock.move_by(timedelta(minutes=5))
        await report(first, "saddle_numbness")
        phone.clock.move_by(timedelta(hours=3))
        await report(second, "saddle_numbness")
        found = await items(phone)
        assert [one["id"] for one in found] == [one.patient_id for one in (first, second, numb, phone)]
        assert [one["reasons"][0]["severity"] for one in found] == ["emergency", "emergency", "urgent", "soon"]
        [reason] = found[0]["reasons"]
        assert (reason["code"], reason["since"], reason["waiting_hours"]) == (
            "stopped_emergency",
            "2026-01-05T09:05:00Z",
            3,
        )
        assert reason["text"].startswith("Emergency sign reported")
        page = (await (await people.sign_in(phone.client)).get("/v1/worklist", params={"limit": 3})).json()
        rest = await items(phone, cursor=page["next_cursor"])
        assert [one["id"] for one in rest] == [phone.patient_id]

    async def test_an_acknowledged_stop_stays_and_says_who_has_seen_it(self, phone: Phone) -> None:
        await report(phone, "saddle_numbness", pain=8)
        [item] = await items(phone)
        assert item["reasons"][0]["code"] == "stopped_emergency"
        done = await acknowledge(phone, item)
        assert done["acknowledged"]
        phone.sleep()
        [again] = await items(phone)
        assert [one["code"] for one in again["reasons"]] == ["stopped_emergency"]
        seen = again["reasons"][0]["acknowledged"]
        assert (seen["at"], again["acknowledged"]) == ("2026-01-05T09:00:00Z", True)
        assert seen["display_name"]
        await report(phone, "saddle_numbness")
        [newer] = await items(phone)
        assert [bool(one["acknowledged"]) for one in newer["reasons"]] == [True, False]
        assert not newer["acknowledged"]
        stops = (await phone.prescription())["open_stops"]
        assert (await phone.order("resume", clears=stops)).status_code == 201
        assert await items(phone) == []

    async def test_time_corrections_and_an_ended_plan_clear_no_stop(self, anna: SignedIn, phone: Phone) -> None:
        plan = await start_phone(anna, phone.client, phone.clock, ends_on="2026-01-06")
        session_id = str(uuid4())
        await plan.put(session_id, plan.session(symptoms=["new_numbness_or_weakness"]))
        await plan.send("DELETE", f"/v1/me/sessions/{session_id}")
        assert (await codes(phone))[plan.patient_id] == ["stopped_symptom"]
        plan.sleep(60)
        assert next(iter((await codes(phone)).items())) == (plan.patient_id, ["stopped_symptom"])

    async def test_a_patient_without_a_plan_is_not_overlooked(self, anna: SignedIn, phone: Phone) -> None:
        patient_id = await make_patient(anna)
        signed_in = await people.connect(anna, patient_id)
        body = {**phone.session(), "performances": [], "symptoms": ["saddle_numbness"]}
        answer = await signed_in.send("PUT", f"/v1/me/sessions/{uuid4()}", json=body)
        assert answer.status_code == 201, answer.text
        assert (await codes(phone))[patient_id] == ["stopped_emergency"]

    async def test_a_plan_made_by_mistake_takes_its_stop_with_it_only_when_it_was_resumed(self, phone: Phone) -> None:
        await report(phone, "saddle_numbness")
        await phone.amend(status="void")
        assert (await codes(phone))[phone.patient_id] == ["stopped_emergency"]

    async def test_a_stop_that_was_resumed_does_not_come_back_with_a_mistake(self, phone: Phone) -> None:
        await report(phone, "saddle_numbness")
        stops = (await phone.prescription())["open_stops"]
        assert (await phone.order("resume", clears=stops)).status_code == 201
        await phone.amend(status="void")
        assert await codes(phone) == {}

    async def test_what_was_stored_before_courses_were_watched_is_found(
        self, phone: Phone, database: DatabaseUrls
    ) -> None:
        await report(phone, "saddle_numbness", pain=8)
        before = [one["code"] for one in (await items(phone))[0]["reasons"]]
        with connected(database.owner_url) as owner:
            if database.kind == "postgresql":
                clinic = owner.execute(text("SELECT id FROM clinics")).scalar()
                owner.exec_driver_sql(f"SET app.clinic_id = '{clinic}'")
            change = "UPDATE prescriptions SET due_calendar = NULL, concerns = NULL, missed_on = NULL"
            owner.exec_driver_sql(change)
        assert [one["code"] for one in (await items(phone))[0]["reasons"]] == before


class TestWhatComesAndGoes:
    """Reasons appear by themselves, go by themselves, and come back after being acknowledged only when they are new."""

    async def test_sore_days(self, phone: Phone) -> None:
        await report(phone, pain=8)
        [item] = await items(phone)
        assert [one["code"] for one in item["reasons"]] == ["pain_high", "sore_at_lowest_rung"]
        assert item["reasons"][0]["text"] == "Pain of 8 out of 10."
        await acknowledge(phone, item, code="pain_high")
        assert await codes(phone) == {phone.patient_id: ["sore_at_lowest_rung"]}
        await acknowledge(phone, item)
        assert await items(phone) == []
        phone.sleep()
        await report(phone, pain=7)
        assert await codes(phone) == {phone.patient_id: ["pain_high", "sore_at_lowest_rung"]}
        phone.sleep(13)
        await report(phone, pain=0)
        assert await codes(phone) == {phone.patient_id: ["pain_high", "sore_at_lowest_rung"]}
        phone.sleep()
        assert await codes(phone) == {}

    async def test_soreness_that_its_day_takes_back_leaves_what_was_there_before(
        self, phone: Phone, settings: Settings, clock: MovableClock
    ) -> None:
        await report(phone, pain=8)
        phone.sleep()
        await report(phone, pain=7)
        phone.clock.move_by(timedelta(minutes=5))
        await report(phone, "saddle_numbness")
        assert "pain_high" in (await codes(phone))[phone.patient_id]
        assert differences(settings, clock, phone) == Differences()

    async def test_a_correction_takes_no_soreness_back_on_its_day(self, phone: Phone) -> None:
        session_id, body = str(uuid4()), phone.session(pain=8)
        await phone.put(session_id, body)
        await phone.put(
            session_id, {**body, "performances": phone.session(pain=0)["performances"]}, headers={"If-Match": '"1"'}
        )
        assert await codes(phone) == {phone.patient_id: ["pain_high", "sore_at_lowest_rung"]}

    async def test_missed_days_and_silence(self, phone: Phone) -> None:
        await phone.practise()
        phone.sleep(3)
        assert await codes(phone) == {}
        phone.sleep()
        [item] = await items(phone)
        assert [(one["code"], one["text"]) for one in item["reasons"]] == [
            ("not_practising", "3 due days in a row without practice.")
        ]
        await acknowledge(phone, item)
        assert await items(phone) == []
        phone.sleep(3)
        assert await codes(phone) == {phone.patient_id: ["no_contact"]}
        await phone.practise()
        assert await codes(phone) == {}
        phone.sleep(4)
        assert await codes(phone) == {phone.patient_id: ["not_practising"]}

    async def test_who_was_told_not_to_practise_has_missed_nothing(self, anna: SignedIn, phone: Phone) -> None:
        weekly = await start_phone(anna, phone.client, phone.clock, weekdays=["mon"])
        ended = await start_phone(anna, phone.client, phone.clock, ends_on="2026-01-12")
        by_clinic = await make_patient(anna, logging="clinic")
        await prescribe(anna, by_clinic)
        assert (await phone.order("pause")).status_code == 201
        weekly.sleep(5)
        assert await codes(phone) == {ended.patient_id: ["not_practising"], by_clinic: ["not_practising"]}
        weekly.sleep(5)
        assert set(await codes(phone)) == {weekly.patient_id, by_clinic}
        assert (await codes(phone))[weekly.patient_id] == ["no_contact"]

    async def test_invited_and_never_connected(self, anna: SignedIn, phone: Phone) -> None:
        patient_id = await make_patient(anna)
        assert await codes(phone) == {}
        await people.invite(anna, patient_id)
        assert await codes(phone) == {patient_id: ["not_started"]}
        await people.connect(anna, patient_id)
        assert await codes(phone) == {}

    async def test_an_offer_waits_for_the_clinician_until_the_run_breaks(self, anna: SignedIn, phone: Phone) -> None:
        plan = await start_phone(anna, phone.client, phone.clock, advance="ask_clinician")
        for _ in range(3):
            await plan.practise()
            await phone.practise()
            plan.sleep()
        plan.sleep(-1)
        assert await codes(phone) == {plan.patient_id: ["offer_waiting"]}
        offered = [one["id"] for one in (await items(phone))[0]["reasons"]]
        plan.sleep()
        assert [one["id"] for one in (await items(phone))[0]["reasons"]] == offered
        plan.sleep()
        assert await codes(phone) == {}

    async def test_a_condition_that_needs_clearance(self, phone: Phone) -> None:
        anna = await people.sign_in(phone.client)
        path = f"/v1/patients/{phone.patient_id}"

        async def change(action: str) -> None:
            body = {"cautions": [{"condition": CONDITION, "action": action, "note": "seen"}]}
            answer = await anna.send("PATCH", path, json=body, headers={"If-Match": "*"})
            assert answer.status_code == 200, answer.text

        await change("add")
        assert await codes(phone) == {phone.patient_id: ["needs_clearance"]}
        german = await anna.get("/v1/worklist", headers={"Accept-Language": "de"})
        assert german.json()["items"][0]["reasons"][0]["text"].startswith("Braucht eine Freigabe")
        await change("clear")
        assert await codes(phone) == {}


class TestWhoseList:
    """Another clinic's patients are neither listed nor acknowledged, and a reason that nobody has is nothing."""

    async def test_another_clinic(self, phone: Phone, other: SignedIn) -> None:
        await report(phone, "saddle_numbness")
        [item] = await items(phone)
        assert (await other.get("/v1/worklist")).json()["items"] == []
        seen = {"reasons": [one["id"] for one in item["reasons"]]}
        assert (await other.post(f"/v1/worklist/{item['id']}/acknowledge", seen)).status_code == 404
        assert (await items(phone))[0]["reasons"][0]["acknowledged"] is None
        assert (await phone.send("GET", "/v1/worklist")).status_code == 403

    async def test_what_was_not_read_is_not_hidden(self, phone: Phone) -> None:
        await report(phone, pain=8)
        anna = await people.sign_in(phone.client)
        path = f"/v1/worklist/{phone.patient_id}/acknowledge"
        assert (await anna.post(path, {"reasons": [str(uuid4())]})).status_code == 200
        assert (await anna.post(path, {"reasons": []})).status_code == 200
        assert len((await items(phone))[0]["reasons"]) == 2
        for body in ({}, {"reasons": ["x"]}, {"reasons": None}, {"reasons": [], "more": 1}):
            assert (await anna.post(path, body)).status_code == 422
        assert (await anna.post(f"/v1/worklist/{uuid4()}/acknowledge", {"reasons": []})).status_code == 404
        for cursor in ("x", "WyIxIl0", "WyIxIiwgIjIwMjYiLCAieCJd"):
            assert (await anna.get("/v1/worklist", params={"cursor": cursor})).status_code == 422


class TestRequests:
    """What a patient asks for is on the list until somebody at the clinic has answered it."""

    async def test_a_request_waits_until_it_is_answered(self, phone: Phone) -> None:
        asked = await phone.ask("call_me")
        assert asked.status_code == 201, asked.text
        [item] = await items(phone)
        [reason] = item["reasons"]
        assert (reason["code"], reason["id"]) == ("request_waiting", asked.json()["request"]["id"])
        anna = await people.sign_in(phone.client)
        path = f"/v1/patients/{phone.patient_id}/requests/{reason['id']}/answer"
        answered = await anna.send("PUT", path, json={"text": "We spoke."})
        assert answered.status_code in {200, 201}, answered.text
        assert await codes(phone) == {}

    async def test_a_mistake_stands_beside_the_stop_that_it_is_about(self, phone: Phone) -> None:
        await report(phone, "saddle_numbness")
        asked = await phone.ask("entered_by_mistake")
        assert asked.status_code == 201, asked.text
        assert await codes(phone) == {phone.patient_id: ["stopped_emergency", "entered_by_mistake"]}

    async def test_nobody_is_asked_to_answer_a_patient_who_has_left(self, anna: SignedIn, phone: Phone) -> None:
        await phone.ask("call_me")
        path = f"/v1/patients/{phone.patient_id}/discharge"
        assert (await anna.post(path, {"reason": "completed"})).status_code == 200
        assert await codes(phone) == {}
