"""The whole clinic's adherence through HTTP: each row is what the one patient's answer says, in pages and in files."""

import csv
import io
import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.clock import MovableClock
from app.config import Settings
from tests import people
from tests.databases import DatabaseUrls
from tests.people import SignedIn
from tests.phone import Phone, make_patient, prescribe, start_phone
from tests.reach import connected

SHARED = ("expected", "done", "partial", "excused", "open", "ratio", "band", "provisional")


async def page(anna: SignedIn, **query: Any) -> dict[str, Any]:
    answer = await anna.get("/v1/adherence", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def require_rows_equal_patients(phone: Phone, first: str, last: str) -> list[dict[str, Any]]:
    """Every row, held against the answer for its one patient."""
    anna = await people.sign_in(phone.client)
    window = {"from": first, "to": last}
    items: list[dict[str, Any]] = (await page(anna, **window, limit=200))["items"]
    for row in items:
        one = (await anna.get(f"/v1/patients/{row['patient_id']}/adherence", params=window)).json()
        assert {name: row[name] for name in SHARED} == {name: one[name] for name in SHARED}, (row, one)
        practised = [day["date"] for day in one["days"] if day["done"] or day["partial"]]
        assert (row["last_practised_on"] or "") >= max(practised, default="")
    return items


TOLD = ("band", "provisional", "excused", "open", "partial")
WINDOWS = (
    ("2026-01-05", "2026-01-18"),
    ("2025-12-20", "2026-01-09"),
    ("2026-01-07", "2026-01-07"),
    ("2026-01-12", "2026-03-01"),
)


PLANS: dict[str, dict[str, Any]] = {
    "kept": {"due_per_day": 2},
    "weekdays": {"weekdays": ["mon", "wed", "fri"]},
    "every_other": {"every_n_days": 2},
    "sore": {},
    "stopped": {},
    "paused": {"due_per_day": 2},
    "ending": {"ends_on": "2026-01-09"},
    "away": {"time_zone": "Pacific/Kiritimati", "starts_on": "2025-12-20"},
    "silent": {"starts_on": "2025-12-20"},
}
DAYS: dict[int, list[tuple[str, dict[str, Any]]]] = {
    0: [("sore", {"pain": 8}), ("stopped", {}), ("weekdays", {}), ("ending", {}), ("away", {})],
    1: [("weekdays", {}), ("kept", {"reps": 5}), ("kept", {}), ("away", {}), ("paused", {})],
    2: [("stopped", {"symptoms": ["new_numbness_or_weakness"]}), ("weekdays", {}), ("paused", {}), ("ending", {})],
    3: [("sore", {"pain": 4}), ("sore", {"reps": 5}), *[("kept", {})] * 3, ("every_other", {}), ("away", {})],
    4: [("paused", {"order": "pause"}), ("paused", {}), ("sore", {"reps": 6}), ("ending", {"reps": 3})],
    6: [("sore", {"pain": 7}), ("kept", {}), ("weekdays", {}), ("away", {"pain": 7}), ("ending", {})],
    7: [("paused", {"order": "resume"}), ("every_other", {"amend": {"weekdays": ["mon"], "due_per_day": 2}})],
    8: [("stopped", {"order": "resume"}), ("paused", {}), ("every_other", {}), ("kept", {"order": "stop"})],
    9: [("kept", {}), ("stopped", {}), ("sore", {"pain": None}), ("away", {})],
}
"""What happens to whom on which day: sessions, and what a clinician orders or changes."""


async def happen(phone: Phone, order: str = "", amend: dict[str, Any] | None = None, **session: Any) -> None:
    if order:
        clears = (await phone.prescription())["open_stops"] if order == "resume" else []
        answer = await phone.order(order, clears=clears)
    elif amend is not None:
        answer = await phone.amend(**amend)
    else:
        answer = await phone.put(str(uuid4()), phone.session(**session))
    assert answer.status_code in {200, 201}, answer.text


async def test_each_row_is_the_answer_for_its_patient(anna: SignedIn, phone: Phone) -> None:
    """Eleven patients, read on each of twelve days; the sessions of one are recorded by the clinic."""
    phones = {name: await start_phone(anna, phone.client, phone.clock, **plan) for name, plan in PLANS.items()}
    by_clinic = await make_patient(anna, logging="clinic")
    assert (await prescribe(anna, by_clinic, starts_on="2025-12-24", due_per_day=3)).status_code == 201
    late = phones["weekdays"].session()
    seen: set[tuple[str, Any]] = set()
    for day in range(12):
        for name, what in DAYS.get(day, []):
            await happen(phones[name], **what)
        if day == 8:
            await phones["weekdays"].put(str(uuid4()), late)
        for first, last in WINDOWS if day in {4, 11} else WINDOWS[:1]:
            items = await require_rows_equal_patients(phone, first, last)
            assert len(items) == len(PLANS) + 2
            seen |= {(name, row[name]) for row in items for name in TOLD}
        phone.sleep()
    assert {value for name, value in seen if name == "band"} == {"on_track", "partial", "low", "no_data"}
    for name in TOLD:
        assert len({value for each, value in seen if each == name}) > 1, name


async def test_a_phone_that_was_connected_within_a_week(phone: Phone) -> None:
    """What paper tells of days before the phone was connected counts for nobody, however the weeks of a window lie."""
    phone.clock.move_by(timedelta(days=9))  # a Wednesday
    anna = await people.sign_in(phone.client)
    late = await start_phone(anna, phone.client, phone.clock, starts_on="2025-12-22")
    for day in ("2025-12-23", "2026-01-03", "2026-01-11", "2026-01-12", "2026-01-13"):
        told = late.session() | {"started_at": f"{day}T08:00:00+01:00", "finished_at": None, "setting": "paper"}
        path = f"/v1/patients/{late.patient_id}/sessions/{uuid4()}"
        assert (await anna.send("PUT", path, json=told)).status_code == 201
    for days in (0, 1, 3, 1, 6):
        late.sleep(days)
        await late.practise()
    seen = set()
    for first in ("2025-12-20", "2025-12-22", "2026-01-05", "2026-01-11", "2026-01-12", "2026-01-14", "2026-01-15"):
        for last in ("2026-01-15", "2026-01-18", "2026-01-19", "2026-01-20", "2026-01-26", "2026-02-08"):
            items = await require_rows_equal_patients(phone, first, last)
            [row] = [one for one in items if one["patient_id"] == late.patient_id]
            seen.add((row["done"], row["last_practised_on"]))
    assert seen >= {(2, "2026-01-15"), (3, "2026-01-18"), (4, "2026-01-19"), (5, "2026-01-25")}


async def test_whose_sessions_the_clinic_records_from_now_on_is_counted_from_the_beginning(phone: Phone) -> None:
    """And whose phone reports again, from the day on which it was connected."""
    phone.clock.move_by(timedelta(days=9))
    anna = await people.sign_in(phone.client)
    late = await start_phone(anna, phone.client, phone.clock, starts_on="2025-12-22")
    for day in ("2025-12-23", "2026-01-03", "2026-01-12"):
        told = late.session() | {"started_at": f"{day}T08:00:00+01:00", "finished_at": None, "setting": "paper"}
        path = f"/v1/patients/{late.patient_id}/sessions/{uuid4()}"
        assert (await anna.send("PUT", path, json=told)).status_code == 201
    await late.practise()
    found = []
    for logging in ("clinic", "phone"):
        change = {"json": {"logging": logging}, "headers": {"If-Match": "*"}}
        changed = await anna.send("PATCH", f"/v1/patients/{late.patient_id}", **change)
        assert changed.status_code == 200, changed.text
        for first in ("2025-12-20", "2026-01-03"):
            items = await require_rows_equal_patients(phone, first, "2026-01-14")
            [row] = [one for one in items if one["patient_id"] == late.patient_id]
            found.append((row["done"], row["expected"]))
    assert found == [(4, 24), (3, 12), (1, 1), (1, 1)]


async def test_sorted_by_name_by_ratio_and_by_the_last_practice(anna: SignedIn, phone: Phone) -> None:
    names = {"Ähm Eins": [0, 1, 2], "Zoe": [0], "anna Zwei": []}
    phones = {}
    for name in names:
        one = await start_phone(anna, phone.client, phone.clock)
        path = f"/v1/patients/{one.patient_id}"
        await anna.send("PATCH", path, json={"display_name": name}, headers={"If-Match": "*"})
        phones[name] = one
    for day in range(3):
        for name, days in names.items():
            if day in days:
                await phones[name].practise()
        phone.sleep()
    anna = await people.sign_in(phone.client)

    async def sorted_by(sort: str) -> list[str]:
        found, cursor = [], None
        while True:
            got = await page(anna, sort=sort, limit=1, **({"cursor": cursor} if cursor else {}))
            found += [row["display_name"] for row in got["items"]]
            cursor = got["next_cursor"]
            if cursor is None:
                return found

    assert await sorted_by("name") == ["Ähm Eins", "anna Zwei", "Pat Example", "Zoe"]
    assert (await sorted_by("ratio"))[2:] == ["Zoe", "Ähm Eins"]
    assert (await sorted_by("last_practised"))[2:] == ["Zoe", "Ähm Eins"]
    assert set((await sorted_by("ratio"))[:2]) == {"anna Zwei", "Pat Example"}
    cursor = (await page(anna, sort="name", limit=1))["next_cursor"]
    mixed = await anna.get("/v1/adherence", params={"sort": "ratio", "cursor": cursor})
    assert (mixed.status_code, mixed.json()["errors"][0]["code"]) == (422, "bad_cursor")


@pytest.mark.parametrize("path", ["/v1/adherence", "/v1/adherence/export"])
async def test_windows_that_nobody_asks_for(anna: SignedIn, path: str) -> None:
    wrong = {
        "window_too_long": {"from": "2001-01-01", "to": "2100-12-31"},
        "upside_down": {"from": "2026-01-06", "to": "2026-01-05"},
        "not_a_date": {"from": "soon"},
        "out_of_range": {"from": "1926-01-01", "to": "1926-01-05"},
        "not_allowed": {"sort": "pain"},
    }
    for code, query in wrong.items():
        answer = await anna.get(path, params=query)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code), answer.text
    assert (await anna.get(path, params={"from": "2025-01-06", "to": "2026-01-06"})).status_code == 200
    nobody = await anna.client.get(path)
    assert nobody.status_code == 401


async def test_the_usual_window_ends_today_in_the_clinic(anna: SignedIn, clock: MovableClock) -> None:
    found = await page(anna)
    assert (found["from"], found["to"], found["items"]) == ("2025-12-09", "2026-01-05", [])


ATTACKS = ('=HYPERLINK("http://x.example","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", " =1", '"=1', "＝1+1", "'=1")  # noqa: RUF001


async def test_no_cell_of_the_file_is_a_formula(anna: SignedIn) -> None:
    for name in ATTACKS:
        await make_patient(anna, display_name=name)
    answer = await anna.get("/v1/adherence/export", params={"sort": "name"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == 'attachment; filename="adherence-2025-12-09-2026-01-05.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    [header, *rows] = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert header[:5] == ["from", "to", "patient_id", "display_name", "expected"]
    assert len(rows) == len(ATTACKS)
    for cell in (cell for row in rows for cell in row):
        assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "＝")), cell  # noqa: RUF001
    told = {row[3] for row in rows}
    assert told == {name.strip() if name[0] in "\"'" else f"'{name.strip()}" for name in ATTACKS}


async def test_programs_get_the_plain_texts_line_by_line(anna: SignedIn, phone: Phone) -> None:
    await phone.practise()
    await make_patient(anna, display_name=ATTACKS[0])
    answer = await anna.get("/v1/adherence/export", params={"format": "ndjson", "sort": "name"})
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["display_name"] for line in lines] == [ATTACKS[0], "Pat Example"]
    assert lines == (await page(anna, sort="name"))["items"]


async def test_what_was_stored_before_calendars_is_counted_the_long_way(
    phone: Phone, database: DatabaseUrls, settings: Settings
) -> None:
    await phone.practise()
    phone.sleep(3)
    anna = await people.sign_in(phone.client)
    today = phone.clock.now().date()
    before = await page(anna)
    assert (before["items"][0]["expected"], before["items"][0]["done"]) == (3, 1)
    with connected(database.owner_url) as owner:
        for change in (
            "UPDATE prescriptions SET due_calendar = NULL",
            "UPDATE patients SET revision = revision + 1",  # whoever changes what stands counts a revision
            "UPDATE practice_days SET kept = NULL, kept_excused = NULL, begun = NULL",
        ):
            if database.kind == "postgresql":
                clinic = owner.execute(text("SELECT id FROM clinics")).scalar()
                owner.exec_driver_sql(f"SET app.clinic_id = '{clinic}'")
            owner.exec_driver_sql(change)
    assert await page(anna) == before
    await phone.practise()
    assert (await page(anna))["items"][0]["done"] == 2
    assert today == date(2026, 1, 8)
