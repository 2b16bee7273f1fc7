"""The morning's check-in through HTTP: what it tells about the day before, and what it never does."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.actions.rebuild_patient import Differences
from app.clock import MovableClock
from app.config import Settings
from tests import people
from tests.journeys.test_random_lives import differences
from tests.people import SignedIn
from tests.phone import Phone, start_phone

TODAY = "2026-01-05"
TOMORROW = "2026-01-06"


def codes(answer: httpx.Response) -> list[str]:
    return [one["reason"]["code"] for one in answer.json()["decisions"]]


async def status(phone: Phone) -> tuple[str, str, int]:
    item = await phone.item()
    return item["status"], item["progress"]["code"], item["progress"]["counted_days"]


async def practised_yesterday(phone: Phone, **session: Any) -> None:
    """A pain-free session, pain 0 before it, and the night after."""
    answer = await phone.practise(**session)
    assert answer.status_code == 201, answer.text
    phone.sleep()


class TestTheNextMorning:
    """domain.md, pain-free day and ease: not back to baseline next morning. T12."""

    async def test_pain_above_what_was_there_before_eases_at_once(self, phone: Phone) -> None:
        await practised_yesterday(phone)
        tag = (await phone.routine()).headers["ETag"]
        answer = await phone.check_in(3)
        assert (answer.status_code, codes(answer)) == (201, ["sore_next_morning"])
        [decision] = answer.json()["decisions"]
        assert (decision["kind"], decision["effective_on"]) == ("ease", TOMORROW)
        assert "3 out of 10" in decision["reason"]["text"]
        assert answer.json()["routine_changed"]
        assert await status(phone) == ("eased", "eased", 0)
        assert (await phone.routine()).headers["ETag"] != tag

    async def test_pain_that_was_there_before_changes_nothing(self, phone: Phone) -> None:
        await practised_yesterday(phone, pain_before=3)
        answer = await phone.check_in(3)
        assert (codes(answer), answer.json()["routine_changed"]) == ([], False)
        assert await status(phone) == ("active", "run", 1)

    async def test_a_sore_morning_breaks_the_run_and_a_calm_day_ends_the_ease(self, phone: Phone) -> None:
        await practised_yesterday(phone)
        await practised_yesterday(phone)
        await phone.check_in(3)
        calm = await phone.practise(reps=6)
        assert codes(calm) == ["clean_day"]
        phone.sleep()
        assert await status(phone) == ("active", "run", 0)
        item = await phone.item()
        assert item["dosage"]["reps_min"] == 10

    async def test_pain_before_practice_is_no_next_morning(self, phone: Phone) -> None:
        """The trap: resting pain used as next-morning pain."""
        await practised_yesterday(phone)
        answer = await phone.practise(pain_before=3)
        assert codes(answer) == []
        assert await status(phone) == ("active", "run", 2)

    async def test_after_the_first_session_of_the_day_it_tells_of_no_morning(self, phone: Phone) -> None:
        await practised_yesterday(phone)
        await phone.practise()
        phone.clock.move_by(timedelta(minutes=30))
        assert codes(await phone.check_in(5)) == []
        assert await status(phone) == ("active", "run", 2)

    async def test_a_session_that_came_before_it_and_is_received_after_it_takes_its_word_back(
        self, phone: Phone
    ) -> None:
        await practised_yesterday(phone)
        earlier = phone.session()
        phone.clock.move_by(timedelta(minutes=30))
        assert codes(await phone.check_in(5)) == ["sore_next_morning"]
        answer = await phone.put(str(uuid4()), earlier)
        assert answer.status_code == 201
        assert await status(phone) == ("active", "run", 2)
        [ease] = (await phone.send("GET", "/v1/me/decisions")).json()["items"]
        assert ease["state"] == "superseded"

    async def test_a_session_that_was_withdrawn_came_before_nothing(self, phone: Phone) -> None:
        await practised_yesterday(phone)
        session_id = str(uuid4())
        await phone.put(session_id, phone.session())
        phone.clock.move_by(timedelta(minutes=30))
        assert codes(await phone.check_in(5)) == []
        await phone.send("DELETE", f"/v1/me/sessions/{session_id}")
        assert (await phone.item())["status"] == "eased"

    async def test_at_noon_it_is_no_morning_any_more(self, phone: Phone) -> None:
        await practised_yesterday(phone)
        phone.clock.move_by(timedelta(hours=2))
        answer = await phone.check_in(5)
        assert answer.json()["check_in"]["marks"] == ["not_in_the_morning"]
        assert codes(answer) == []

    async def test_one_minute_before_noon_it_is(self, phone: Phone) -> None:
        await practised_yesterday(phone)
        phone.clock.move_by(timedelta(hours=1, minutes=59))
        assert codes(await phone.check_in(5)) == ["sore_next_morning"]

    async def test_the_wall_clock_of_the_zone_says_what_morning_is(self, phone: Phone) -> None:
        """The phone sends UTC: 11:30Z is half past twelve in Berlin."""
        await practised_yesterday(phone)
        phone.clock.move_by(timedelta(hours=3))
        answer = await phone.check_in(5, answered_at="2026-01-06T11:30:00Z")
        assert answer.json()["check_in"]["marks"] == ["offset_mismatch", "not_in_the_morning"]
        assert codes(answer) == []

    async def test_an_unanswered_pain_tells_nothing(self, phone: Phone) -> None:
        await practised_yesterday(phone)
        assert codes(await phone.check_in(None)) == []
        assert await status(phone) == ("active", "run", 1)

    async def test_it_speaks_about_yesterday_only(self, phone: Phone) -> None:
        await practised_yesterday(phone)
        phone.sleep()
        assert codes(await phone.check_in(5)) == []

    async def test_practice_that_is_received_after_the_morning_is_judged_by_it(self, phone: Phone) -> None:
        late = phone.session()
        phone.sleep()
        assert codes(await phone.check_in(4)) == []
        answer = await phone.put(str(uuid4()), late)
        assert codes(answer) == ["sore_next_morning"]

    async def test_a_symptom_of_class_contact_keeps_the_day_from_being_pain_free(self, phone: Phone) -> None:
        answer = await phone.check_in(0, symptoms=["night_pain"])
        assert answer.json()["safety"]["class"] == "contact"
        await phone.practise()
        assert await status(phone) == ("active", "discomfort", 0)


class TestCorrections:
    """Down at once, up from the next day; what was said before is kept."""

    async def test_another_answer_needs_the_etag(self, phone: Phone) -> None:
        await phone.check_in(1)
        differs = await phone.check_in(2)
        assert (differs.status_code, differs.json()["code"]) == (409, "check_in_differs")
        assert differs.headers["ETag"] == '"1"'
        corrected = await phone.check_in(2, headers={"If-Match": '"1"'})
        assert (corrected.status_code, corrected.headers["ETag"]) == (200, '"2"')
        assert corrected.json()["check_in"]["pain_now"] == 2
        stale = await phone.check_in(3, headers={"If-Match": '"1"'})
        assert (stale.status_code, stale.headers["ETag"]) == (412, '"2"')

    async def test_there_is_nothing_to_correct_where_nothing_is_stored(self, phone: Phone) -> None:
        assert (await phone.check_in(1, headers={"If-Match": "*"})).status_code == 412
        assert (await phone.send("GET", f"/v1/me/check-ins/{TODAY}")).status_code == 404

    async def test_pain_that_is_added_lowers_at_once(self, phone: Phone) -> None:
        await practised_yesterday(phone)
        await phone.check_in(0)
        assert codes(await phone.check_in(4, headers={"If-Match": "*"})) == ["sore_next_morning"]

    async def test_pain_that_is_taken_back_raises_from_the_next_day(self, phone: Phone) -> None:
        await practised_yesterday(phone)
        await phone.check_in(4)
        await phone.check_in(0, headers={"If-Match": "*"})
        assert (await phone.item())["status"] == "eased"
        phone.sleep()
        assert (await phone.item())["status"] == "eased"
        phone.sleep()
        assert (await phone.item())["status"] == "active"

    async def test_a_withdrawn_check_in_stays_on_record_and_raises_from_the_next_day(self, phone: Phone) -> None:
        await practised_yesterday(phone)
        await phone.check_in(4)
        taken = await phone.send("DELETE", f"/v1/me/check-ins/{TOMORROW}")
        assert (taken.status_code, taken.json()["is_withdrawn"], taken.json()["revision"]) == (200, True, 2)
        assert (await phone.send("DELETE", f"/v1/me/check-ins/{TOMORROW}")).json() == taken.json()
        assert (await phone.send("GET", "/v1/me/check-ins")).json()["items"] == []
        assert (await phone.item())["status"] == "eased"
        phone.sleep(2)
        assert (await phone.item())["status"] == "active"

    async def test_days_before_it_was_known_keep_their_label(self, phone: Phone) -> None:
        for _ in range(2):
            await practised_yesterday(phone)
        told_late = phone.morning(5, answered_at="2026-01-06T07:00:00+01:00")
        answer = await phone.send("PUT", f"/v1/me/check-ins/{TOMORROW}", json=told_late)
        assert answer.json()["check_in"]["known_on"] == "2026-01-07"
        yesterday = (await phone.routine(**{"from": TOMORROW, "days": 2})).json()["days"]
        assert [day["items"][0]["status"] for day in yesterday] == ["active", "active"]
        assert await status(phone) == ("active", "run", 1)


class TestStops:
    """Symptoms in a check-in stop exactly as in a session, and safety comes first in the answer."""

    async def test_an_emergency_stops_everything_and_comes_first(self, phone: Phone) -> None:
        answer = await phone.check_in(0, symptoms=["saddle_numbness"])
        assert next(iter(answer.json())) == "safety"
        safety = answer.json()["safety"]
        assert (safety["class"], safety["emergency_number"], safety["is_monitored"]) == ("emergency", "112", False)
        assert "112" in safety["text"]
        assert codes(answer) == ["symptom_emergency"]
        assert (await phone.item())["status"] == "stopped"

    async def test_in_german(self, phone: Phone) -> None:
        answer = await phone.check_in(0, symptoms=["saddle_numbness"], headers={"Accept-Language": "de"})
        assert answer.json()["safety"]["text"].startswith("Hören Sie jetzt auf")
        assert answer.headers["Content-Language"] == "de"

    @pytest.mark.parametrize("how", ["correct", "withdraw"])
    async def test_correcting_or_withdrawing_clears_no_stop(self, phone: Phone, how: str) -> None:
        await phone.check_in(0, symptoms=["saddle_numbness"])
        if how == "correct":
            assert (await phone.check_in(0, headers={"If-Match": "*"})).status_code == 200
        else:
            assert (await phone.send("DELETE", f"/v1/me/check-ins/{TODAY}")).status_code == 200
        phone.sleep(3)
        assert (await phone.item())["status"] == "stopped"

    async def test_the_same_again_makes_no_second_stop(self, phone: Phone) -> None:
        body = phone.morning(0, symptoms=["saddle_numbness"])
        path = f"/v1/me/check-ins/{TODAY}"
        first = await phone.send("PUT", path, json=body)
        again = await phone.send("PUT", path, json=body)
        assert (again.status_code, again.content) == (200, first.content)
        assert len((await phone.prescription())["open_stops"]) == 1

    async def test_a_late_one_names_its_day_and_stops_all_the_same(self, phone: Phone) -> None:
        """A stop report has no age limit."""
        body = phone.morning(0, symptoms=["saddle_numbness"])
        phone.sleep(40)
        answer = await phone.send("PUT", f"/v1/me/check-ins/{TODAY}", json=body)
        assert answer.json()["check_in"]["marks"] == ["too_late_for_progression"]
        assert (
            "January 5" in answer.json()["safety"]["advice"][0] or "5 January" in answer.json()["safety"]["advice"][0]
        )
        assert (await phone.item())["status"] == "stopped"

    async def test_a_symptom_nobody_knows_is_marked_and_stops_nothing(self, phone: Phone) -> None:
        answer = await phone.check_in(0, symptoms=["new_in_version_9"])
        assert (answer.json()["check_in"]["marks"], answer.json()["safety"]) == (["unknown_symptom"], None)
        assert (await phone.item())["status"] == "active"


class TestWhatAPhoneCannotHelp:
    """Stored and marked, never refused."""

    async def test_fields_from_a_newer_app_are_kept_and_named(self, phone: Phone) -> None:
        answer = await phone.check_in(1, mood={"smile": True})
        assert answer.status_code == 201
        stored = answer.json()["check_in"]
        assert (stored["unknown_fields"], stored["marks"]) == (["/mood"], ["unknown_fields"])

    async def test_another_date_than_the_one_it_was_answered_on(self, phone: Phone) -> None:
        await practised_yesterday(phone)
        answer = await phone.check_in(5, on="2026-01-09")
        assert answer.json()["check_in"]["marks"] == ["date_mismatch"]
        assert codes(answer) == []

    async def test_a_date_in_the_future_moves_no_clock(self, phone: Phone) -> None:
        answer = await phone.check_in(5, on="2099-12-31", symptoms=["saddle_numbness"])
        assert (answer.status_code, answer.json()["check_in"]["known_on"]) == (201, TODAY)
        assert (await phone.routine()).json()["as_of"] == TODAY
        assert (await phone.item())["status"] == "stopped"

    async def test_an_answer_from_the_future_is_quarantined(self, phone: Phone) -> None:
        await practised_yesterday(phone)
        answer = await phone.check_in(5, on="2026-01-08", answered_at="2026-01-08T07:00:00+01:00")
        assert answer.json()["check_in"]["marks"] == ["quarantined"]
        phone.sleep(3)
        assert (await phone.item())["status"] == "active"

    async def test_a_zone_nobody_knows_leaves_the_offset_to_decide(self, phone: Phone) -> None:
        await practised_yesterday(phone)
        answer = await phone.check_in(5, time_zone="GMT+01:00")
        assert answer.json()["check_in"]["marks"] == ["unknown_time_zone"]
        assert codes(answer) == ["sore_next_morning"]

    async def test_a_traveller_is_a_date_ahead(self, phone: Phone) -> None:
        phone.clock.move_by(timedelta(hours=3))
        there: dict[str, Any] = {"answered_at": "2026-01-06T01:00:00+13:00", "time_zone": "Pacific/Auckland"}
        answer = await phone.check_in(0, on=TOMORROW, **there)
        assert answer.json()["check_in"]["known_on"] == TOMORROW
        assert (await phone.routine()).json()["as_of"] == TOMORROW


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"pain_now": 11}, "/pain_now"),
        ({"pain_now": -1}, "/pain_now"),
        ({"pain_now": "3"}, "/pain_now"),
        ({"pain_now": True}, "/pain_now"),
        ({"pain_now": 1.5}, "/pain_now"),
        ({"symptoms": ["x"] * 51}, "/symptoms"),
        ({"symptoms": [""]}, "/symptoms/0"),
        ({"symptoms": "fever"}, "/symptoms"),
        ({"note": "\x00"}, "/note"),
        ({"note": "x" * 2001}, "/note"),
        ({"answered_at": "2026-01-05T07:00:00"}, "/answered_at"),
        ({"answered_at": 1767596400}, "/answered_at"),
        ({"answered_at": "1999-12-31T07:00:00Z"}, "/answered_at"),
        ({"answered_at": None}, "/answered_at"),
        ({"time_zone": None}, "/time_zone"),
    ],
)
async def test_what_no_phone_means_is_refused_and_named(phone: Phone, change: dict[str, Any], pointer: str) -> None:
    answer = await phone.send("PUT", f"/v1/me/check-ins/{TODAY}", json=phone.morning() | change)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert (await phone.send("GET", "/v1/me/check-ins")).json()["items"] == []


@pytest.mark.parametrize("date", ["today", "2026-1-5", "2026-02-30", "0001-01-01", "2101-01-01", "20260105"])
async def test_a_path_that_is_no_date_is_refused(phone: Phone, date: str) -> None:
    answer = await phone.send("PUT", f"/v1/me/check-ins/{date}", json=phone.morning())
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_windows_and_pages(phone: Phone) -> None:
    for _ in range(3):
        await phone.check_in(1)
        phone.sleep()
    everything = (await phone.send("GET", "/v1/me/check-ins")).json()
    assert [one["date"] for one in everything["items"]] == ["2026-01-07", "2026-01-06", "2026-01-05"]
    first = (await phone.send("GET", "/v1/me/check-ins", params={"limit": 2})).json()
    rest = await phone.send("GET", "/v1/me/check-ins", params={"limit": 2, "cursor": first["next_cursor"]})
    assert first["items"] + rest.json()["items"] == everything["items"]
    assert rest.json()["next_cursor"] is None
    anna = await people.sign_in(phone.client)
    path = f"/v1/patients/{phone.patient_id}/check-ins"
    assert (await anna.get(path)).json() == everything
    for query in ({"from": "2026-01-07", "to": "2026-01-05"}, {"from": "1926-01-01", "to": "2026-01-01"}):
        assert (await anna.get(path, params=query)).status_code == 422
    one = await phone.send("GET", f"/v1/me/check-ins/{TODAY}")
    unchanged = await phone.send("GET", f"/v1/me/check-ins/{TODAY}", headers={"If-None-Match": one.headers["ETag"]})
    assert (one.json(), unchanged.status_code) == (everything["items"][2], 304)


async def test_the_routine_asks_in_the_morning(phone: Phone) -> None:
    asked = [one for one in (await phone.routine()).json()["questions"] if one["when"] == "in_the_morning"]
    assert [one["id"] for one in asked] == ["pain_now", "symptoms_now"]
    assert all(one["text"] and not one["required"] for one in asked)


async def test_rebuilding_finds_nothing_after_mornings_of_all_kinds(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings
) -> None:
    phone = await start_phone(anna, client, clock)
    await practised_yesterday(phone)
    await phone.check_in(4)
    await phone.check_in(0, headers={"If-Match": "*"})
    early = phone.session()
    phone.clock.move_by(timedelta(minutes=30))
    await phone.practise(reps=6)
    await phone.put(str(uuid4()), early)
    phone.sleep()
    await phone.check_in(5, symptoms=["night_pain"])
    await phone.send("DELETE", "/v1/me/check-ins/2026-01-07")
    phone.sleep()
    await phone.practise()
    assert differences(settings, clock, phone) == Differences()
