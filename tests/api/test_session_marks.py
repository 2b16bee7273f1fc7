"""What is odd about a report's day or prescription is marked, and nothing that a patient cannot help is refused."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests import people
from tests.people import SignedIn
from tests.phone import Phone, start_phone
from tests.reports import marks, performance, slots, stored

# Days


@pytest.mark.parametrize(
    ("now", "started_at", "zone", "local_date", "odd"),
    [
        ("2026-01-05T09:00:00Z", "2026-01-05T09:00:00Z", "Europe/Berlin", "2026-01-05", ["offset_mismatch"]),
        ("2026-01-05T23:30:00Z", "2026-01-05T23:30:00Z", "Europe/Berlin", "2026-01-06", ["offset_mismatch"]),
        ("2026-01-05T22:59:00Z", "2026-01-05T23:59:00+01:00", "Europe/Berlin", "2026-01-05", []),
        ("2026-01-05T23:01:00Z", "2026-01-06T00:01:00+01:00", "Europe/Berlin", "2026-01-06", []),
        ("2026-01-05T23:30:00Z", "2026-01-06T00:30:00+01:00", "GMT+01:00", "2026-01-06", ["unknown_time_zone"]),
        ("2026-01-05T23:30:00Z", "2026-01-05T23:30:00Z", "GMT+01:00", "2026-01-05", ["unknown_time_zone"]),
        ("2026-01-05T09:00:00Z", "2026-01-05T10:00:00+01:00", "", "2026-01-05", ["unknown_time_zone"]),
        ("2026-01-05T09:00:00Z", "2026-01-05T10:00:00+01:00", "../../etc/passwd", "2026-01-05", ["unknown_time_zone"]),
        ("2026-01-05T09:00:00Z", "2026-01-05T10:00:00+01:00", "/etc/localtime", "2026-01-05", ["unknown_time_zone"]),
        ("2026-01-05T09:00:00Z", "2026-01-05T10:00:00+01:00", "Europe", "2026-01-05", ["unknown_time_zone"]),
        ("2026-01-05T09:00:00Z", "2026-01-05T10:00:00+01:00", "Zürich" * 30, "2026-01-05", ["unknown_time_zone"]),
        ("2026-01-05T09:00:00Z", "2026-01-05T10:00:00+01:00", "tzdata.zi", "2026-01-05", ["unknown_time_zone"]),
        # Both clock changes, on the hour that is missing and on the hour that comes twice.
        ("2026-03-29T01:30:00Z", "2026-03-29T02:30:00+01:00", "Europe/Berlin", "2026-03-29", ["offset_mismatch"]),
        ("2026-03-28T23:30:00Z", "2026-03-29T00:30:00+01:00", "Europe/Berlin", "2026-03-29", []),
        # In Santiago the last hour of 4 April comes twice: the clocks go back at midnight.
        ("2026-04-05T02:30:00Z", "2026-04-04T23:30:00-03:00", "America/Santiago", "2026-04-04", []),
        ("2026-04-05T03:30:00Z", "2026-04-04T23:30:00-04:00", "America/Santiago", "2026-04-04", []),
        ("2026-04-05T04:00:00Z", "2026-04-05T00:00:00-04:00", "America/Santiago", "2026-04-05", []),
        # Midnight is missing in Cairo on 24 April 2026: the day begins at 01:00.
        ("2026-04-23T21:59:59Z", "2026-04-23T23:59:59+02:00", "Africa/Cairo", "2026-04-23", []),
        ("2026-04-23T22:00:00Z", "2026-04-24T01:00:00+03:00", "Africa/Cairo", "2026-04-24", []),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_session_belongs_to_the_local_date_on_which_it_began(
    phone: Phone, now: str, started_at: str, zone: str, local_date: str, odd: list[str]
) -> None:
    phone.clock.move_to(datetime.fromisoformat(now))
    body = {**phone.session(), "started_at": started_at, "time_zone": zone}
    answer = await stored(phone, body)
    assert (answer["session"]["local_date"], answer["session"]["marks"]) == (local_date, odd)
    assert answer["session"]["time_zone"] == zone


async def test_two_sessions_on_one_local_date_are_one_day_across_the_date_line(phone: Phone) -> None:
    """Auckland to Honolulu: 6 January happens twice, and the day after is the 7th for whoever was in both."""
    phone.clock.move_to(datetime(2026, 1, 5, 20, tzinfo=UTC))
    phone.zone = "Pacific/Auckland"
    west = await stored(phone, phone.session())
    phone.clock.move_to(datetime(2026, 1, 6, 20, tzinfo=UTC))
    phone.zone = "Pacific/Honolulu"
    east = await stored(phone, phone.session())
    assert [one["session"]["local_date"] for one in (west, east)] == ["2026-01-06", "2026-01-06"]
    assert [one["progress"][0]["counted_days"] for one in (west, east)] == [1, 1]
    # The patient's own zone is Berlin, where it was the 5th: the date of the traveller is never gone back on.
    assert (west["session"]["known_on"], east["session"]["known_on"]) == ("2026-01-06", "2026-01-06")
    assert (await phone.routine()).json()["as_of"] == "2026-01-06"


async def test_a_patient_may_live_ahead_of_the_clinic(anna: SignedIn, phone: Phone) -> None:
    """14:00 UTC is still the 5th in Berlin, and already the 6th in Auckland."""
    phone.clock.move_to(datetime(2026, 1, 5, 14, tzinfo=UTC))
    assert (await phone.send("PATCH", "/v1/me", json={"time_zone": "Pacific/Auckland"})).status_code == 200
    phone.zone = "Pacific/Auckland"
    assert (await phone.routine()).json()["as_of"] == "2026-01-06"
    assert (await phone.routine()).json()["valid_until"] == "2026-01-07T00:00:00+13:00"
    answer = await stored(phone, phone.session())
    assert (answer["session"]["local_date"], answer["session"]["marks"]) == ("2026-01-06", [])
    # Back in Berlin it is the 5th again, and the patient's day stays the 6th.
    assert (await phone.send("PATCH", "/v1/me", json={"time_zone": "Europe/Berlin"})).status_code == 200
    assert (await phone.routine()).json()["as_of"] == "2026-01-06"
    anna = await people.sign_in(phone.client)
    changed = await anna.send(
        "PATCH", f"/v1/patients/{phone.patient_id}", json={"time_zone": "Pacific/Honolulu"}, headers={"If-Match": "*"}
    )
    assert changed.status_code == 200
    assert (await phone.routine()).json()["as_of"] == "2026-01-06"
    assert (await stored(phone, phone.session()))["session"]["known_on"] == "2026-01-06"


async def test_a_zone_that_the_clinic_corrects_never_takes_a_day_back(phone: Phone) -> None:
    """Entered in Kiritimati by mistake, where it is the 6th; in Pago Pago it is still the 4th."""
    phone.clock.move_to(datetime(2026, 1, 5, 10, 30, tzinfo=UTC))
    anna = await people.sign_in(phone.client)
    mistaken = await start_phone(anna, phone.client, phone.clock, time_zone="Pacific/Kiritimati")
    changed = await anna.send(
        "PATCH",
        f"/v1/patients/{mistaken.patient_id}",
        json={"time_zone": "Pacific/Pago_Pago"},
        headers={"If-Match": "*"},
    )
    assert changed.status_code == 200, changed.text
    mistaken.zone = "Pacific/Pago_Pago"
    assert (await mistaken.routine()).json()["as_of"] == "2026-01-06"
    answer = await stored(mistaken, mistaken.session())
    assert (answer["session"]["local_date"], answer["session"]["known_on"]) == ("2026-01-04", "2026-01-06")
    assert (await mistaken.send("GET", "/v1/me/progress")).json()["active_days"] == 1


async def test_nothing_in_sent_at_refuses_a_report(phone: Phone) -> None:
    for sent_at in (
        "2026-01-05T09:00:00Z",
        "yesterday",
        "",
        "2026-01-05",
        "9" * 5000,
        "\xff\xfe",
        "NaN",
        "1999-01-01T00:00:00Z",
    ):
        answer = await phone.put(str(uuid4()), phone.session(), headers={"Sent-At": sent_at.encode("latin-1")})
        assert answer.status_code == 201, sent_at


async def test_a_start_far_in_the_future_is_set_aside_until_it_is_corrected(phone: Phone) -> None:
    session_id = str(uuid4())
    now = phone.clock.now()
    body = phone.session()
    ahead = {**body, "started_at": (now + timedelta(hours=24, seconds=1)).isoformat(), "pain_after": 9}
    answer = await phone.put(session_id, ahead)
    assert (answer.status_code, answer.json()["session"]["marks"]) == (201, ["offset_mismatch", "quarantined"])
    assert (answer.json()["decisions"], answer.json()["progress"], answer.json()["routine_changed"]) == ([], [], False)
    assert (await phone.routine()).json()["as_of"] == "2026-01-05"
    assert await slots(phone) == ["open", "open"]
    # The date comes, and it is still set aside: its clock was wrong, so its date was too.
    phone.sleep(2)
    assert (await phone.put(session_id, ahead)).content == answer.content
    assert (await phone.send("GET", "/v1/me/progress")).json()["active_days"] == 0
    corrected = await phone.put(session_id, {**body, "pain_after": 0}, headers={"If-Match": '"1"'})
    assert (corrected.status_code, corrected.json()["session"]["marks"]) == (200, [])
    assert corrected.json()["session"]["local_date"] == "2026-01-05"
    assert (await phone.send("GET", "/v1/me/progress")).json()["active_days"] == 1


async def test_a_stop_is_heard_even_from_a_clock_that_is_wrong(phone: Phone) -> None:
    ahead = (phone.clock.now() + timedelta(days=400)).isoformat()
    body = {**phone.session(), "started_at": ahead, "symptoms": ["saddle_numbness"]}
    answer = await stored(phone, body)
    assert "quarantined" in answer["session"]["marks"]
    assert answer["safety"]["class"] == "emergency"
    assert (await phone.item())["status"] == "stopped"


async def test_a_start_one_day_ahead_counts_on_its_own_date(phone: Phone) -> None:
    body = {**phone.session(), "started_at": "2026-01-06T10:00:00+01:00"}
    answer = await stored(phone, body)
    assert (answer["session"]["local_date"], answer["session"]["known_on"]) == ("2026-01-06", "2026-01-06")
    assert answer["session"]["marks"] == []
    assert await slots(phone) == ["done", "open"]


async def test_what_comes_after_more_than_thirty_days_counts_for_adherence_only(phone: Phone) -> None:
    early = [phone.session(pain=8)]
    for _ in range(3):
        phone.sleep()
        early.append(phone.session(pain=0))
    phone.clock.move_to(datetime(2026, 2, 5, 9, tzinfo=UTC))
    found = [await stored(phone, body) for body in early]
    assert [one["session"]["marks"] for one in found] == [["too_late_for_progression"], [], [], []]
    assert [one["decisions"] for one in found] == [[], [], [], []]
    anna = await people.sign_in(phone.client)
    path = f"/v1/patients/{phone.patient_id}/adherence"
    window = (await anna.get(path, params={"from": "2026-01-05", "to": "2026-01-08"})).json()
    assert (window["expected"], window["done"], window["days"][0]["worst_pain"]) == (4, 4, 8)


# Prescriptions, exercises, rungs


async def test_a_prescription_of_somebody_else_is_one_that_is_not_there(phone: Phone, other: SignedIn) -> None:
    anna = await people.sign_in(phone.client)
    in_clinic = await start_phone(anna, phone.client, phone.clock)
    elsewhere = await start_phone(other, phone.client, phone.clock)
    answers = []
    for prescription_id in (in_clinic.prescription_id, elsewhere.prescription_id, str(uuid4())):
        answer = await stored(phone, performance(phone.session(pain=9), prescription_id=prescription_id))
        assert answer["session"]["performances"][0]["prescription_id"] == prescription_id
        for name in ("id", "performances"):
            del answer["session"][name]
        answers.append(answer)
    assert answers[0] == answers[1] == answers[2]
    assert (answers[0]["session"]["marks"], answers[0]["progress"]) == (["unknown_prescription"], [])
    for each in (phone, in_clinic, elsewhere):
        assert await slots(each) == ["open", "open"]


async def test_what_does_not_fit_the_prescription_is_marked(phone: Phone) -> None:
    body = phone.session()
    assert await marks(phone, performance(body, exercise_id="no-such-exercise")) == ["not_on_ladder"]
    assert await marks(phone, performance(body, prescription_version=2)) == ["unknown_prescription_version"]
    assert await marks(phone, performance(body, prescription_version=None)) == []
    assert await marks(phone, {**body, "symptoms": ["no_such_symptom"]}) == ["unknown_symptom"]
    assert await marks(phone, {**body, "performances": []}) == []
    assert await slots(phone) == ["done", "done", "done"]


async def test_a_rung_above_the_allowed_one_counts_downward_only(phone: Phone) -> None:
    for _ in range(3):
        answer = await stored(phone, phone.session(exercise="double-knee-to-chest"))
        assert answer["session"]["marks"] == ["rung_not_allowed"]
        assert (answer["decisions"], answer["progress"][0]["counted_days"]) == ([], 0)
        assert await slots(phone) == ["open", "open"]
        phone.sleep()
    answer = await stored(phone, phone.session(exercise="double-knee-to-chest", pain=7))
    [decision] = answer["decisions"]
    assert (decision["kind"], decision["reason"]["code"]) == ("ease", "sore_at_lowest_rung")
    assert (await phone.item())["status"] == "eased"


async def test_a_prescription_that_begins_later_has_begun_on_its_day(phone: Phone) -> None:
    anna = await people.sign_in(phone.client)
    coming = await start_phone(anna, phone.client, phone.clock, starts_on="2026-01-06", ends_on="2026-01-07")
    assert await marks(coming, coming.session()) == ["prescription_not_active"]
    assert (await coming.routine()).json()["days"][0] == {"date": "2026-01-05", "state": "not_started", "items": []}
    found = []
    for _ in range(3):
        coming.sleep()
        found.append(await marks(coming, coming.session()))
    assert found == [[], [], ["prescription_not_active"]]
    assert (await coming.routine()).json()["days"][0]["state"] == "ended"


async def test_practice_on_a_paused_prescription_is_kept_and_marked(phone: Phone, anna: SignedIn) -> None:
    path = f"/v1/patients/{phone.patient_id}/prescriptions/{phone.prescription_id}/decisions"
    assert (await anna.post(path, {"kind": "pause", "reason": "holiday"})).status_code == 201
    assert await marks(phone, phone.session()) == ["prescription_not_active"]
    assert (await phone.item())["status"] == "paused"


async def test_practice_on_a_stopped_prescription_is_kept_and_the_patient_told_to_stop_again(phone: Phone) -> None:
    first = await stored(phone, {**phone.session(), "symptoms": ["new_numbness_or_weakness"]})
    assert first["safety"]["class"] == "stop"
    phone.sleep()
    for language, word in (("en", "Stop"), ("de", "auf")):
        again = await stored(phone, phone.session(), headers={"Accept-Language": language})
        assert again["session"]["marks"] == ["prescription_stopped"]
        assert next(iter(again)) == "safety"
        assert (again["safety"]["class"], again["safety"]["is_monitored"]) == ("stop", False)
        assert word in again["safety"]["text"]
        assert again["safety"]["clinic_phone"] == "+49 30 5550100"
