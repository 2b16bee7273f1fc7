"""Absences through HTTP: excused from the day they are known, ended early, told in the routine and in adherence."""

from typing import Any

import httpx
import pytest

from tests import people
from tests.people import SignedIn
from tests.phone import Phone


async def leave(by: SignedIn, patient_id: str, first: str, last: str, **more: Any) -> httpx.Response:
    body = {"first_day": first, "last_day": last, "reason": "holiday", **more}
    return await by.post(f"/v1/patients/{patient_id}/absences", body)


async def states(phone: Phone, first: str, days: int) -> list[str]:
    shown = (await phone.routine(**{"from": first, "days": days})).json()["days"]
    return [one["state"] for one in shown]


async def adherence(phone: Phone, first: str, last: str) -> tuple[int, int, int]:
    """What was expected, done and excused: the patient's own figures and the clinic's row, which must be the same."""
    anna = await people.sign_in(phone.client)
    window = {"from": first, "to": last}
    one = (await anna.get(f"/v1/patients/{phone.patient_id}/adherence", params=window)).json()
    [row] = (await anna.get("/v1/adherence", params=window)).json()["items"]
    assert {name: one[name] for name in ("expected", "done", "excused", "open")} == {
        name: row[name] for name in ("expected", "done", "excused", "open")
    }
    return one["expected"], one["done"], one["excused"]


async def test_a_week_away(phone: Phone, anna: SignedIn) -> None:
    await phone.practise()
    before = (await phone.routine()).headers["ETag"]
    made = await leave(anna, phone.patient_id, "2026-01-06", "2026-01-08", note="skiing")
    assert (made.status_code, made.json()["excused_from"]) == (201, "2026-01-06")
    assert (await phone.routine()).headers["ETag"] != before
    assert await states(phone, "2026-01-05", 5) == ["exercise", "absent", "absent", "absent", "exercise"]
    phone.sleep(5)
    await phone.practise()
    assert await states(phone, "2026-01-05", 5) == ["exercise", "absent", "absent", "absent", "exercise"]
    assert await adherence(phone, "2026-01-05", "2026-01-10") == (3, 2, 3)
    item = (await phone.routine(**{"from": "2026-01-07"})).json()["days"][0]["items"][0]
    assert {slot["status"] for slot in item["slots"]} == {"excused"}
    progress = (await phone.item())["progress"]
    assert (progress["code"], progress["counted_days"]) == ("run", 1), "the ninth was missed, the days away were not"


async def test_a_run_goes_on_after_it(phone: Phone, anna: SignedIn) -> None:
    for _ in range(2):
        await phone.practise()
        phone.sleep()
    await leave(await people.sign_in(phone.client), phone.patient_id, "2026-01-07", "2026-01-09")
    phone.sleep(3)
    reported = (await phone.practise()).json()
    assert [(one["kind"], one["state"]) for one in reported["decisions"]] == [("advance", "offered")]


async def test_days_before_it_was_known_keep_their_label(phone: Phone) -> None:
    phone.sleep(3)
    anna = await people.sign_in(phone.client)
    made = await leave(anna, phone.patient_id, "2026-01-05", "2026-01-09")
    assert made.json()["excused_from"] == "2026-01-08"
    assert await adherence(phone, "2026-01-05", "2026-01-08") == (3, 0, 1)
    assert (await leave(anna, phone.patient_id, "2026-01-05", "2026-01-07")).json()["errors"][0][
        "pointer"
    ] == "/last_day"


async def test_back_earlier(phone: Phone) -> None:
    anna = await people.sign_in(phone.client)
    path = f"/v1/patients/{phone.patient_id}/absences"
    absence_id = (await leave(anna, phone.patient_id, "2026-01-05", "2026-01-20")).json()["id"]
    phone.sleep(2)
    anna = await people.sign_in(phone.client)
    for _ in range(2):
        ended = await anna.send("DELETE", f"{path}/{absence_id}")
        assert (ended.status_code, ended.json()["ended_on"]) == (200, "2026-01-07")
    assert await states(phone, "2026-01-05", 4) == ["absent", "absent", "exercise", "exercise"]
    phone.sleep()
    assert await adherence(phone, "2026-01-05", "2026-01-07") == (1, 0, 2)


async def test_practice_on_an_absence_counts_in_the_patients_favour(phone: Phone, anna: SignedIn) -> None:
    await leave(anna, phone.patient_id, "2026-01-05", "2026-01-06")
    await phone.practise()
    phone.sleep(2)
    assert await adherence(phone, "2026-01-05", "2026-01-06") == (1, 1, 1)


async def test_practice_of_the_day_on_which_it_is_written_down(phone: Phone, anna: SignedIn) -> None:
    await phone.practise()
    await leave(anna, phone.patient_id, "2026-01-05", "2026-01-06")
    phone.sleep(2)
    assert await adherence(phone, "2026-01-05", "2026-01-06") == (1, 1, 1)


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        ("2026-01-06", "2026-01-05", "holiday"),
        ("2026-01-01", "2026-01-04", "holiday"),
        ("2026-01-05", "2027-01-07", "holiday"),
        ("2026-01-05", "2026-01-06", "lazy"),
        ("2026-02-30", "2026-03-01", "holiday"),
    ],
)
async def test_what_is_no_absence(phone: Phone, anna: SignedIn, first: str, last: str, reason: str) -> None:
    assert (await leave(anna, phone.patient_id, first, last, reason=reason)).status_code == 422
    assert (await anna.get(f"/v1/patients/{phone.patient_id}/absences")).json()["items"] == []


async def test_the_same_post_again_is_one_absence(phone: Phone, anna: SignedIn) -> None:
    body = {"first_day": "2026-01-06", "last_day": "2026-01-08", "reason": "illness"}
    path = f"/v1/patients/{phone.patient_id}/absences"
    answers = [await anna.post(path, body, headers={"Idempotency-Key": "1"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert (await anna.get(path)).json()["items"] == [answers[0].json()]
