"""The clinic's patients, through HTTP."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from app.clock import MovableClock
from app.domain.errors import NotFound
from app.store import patients
from app.store.database import Database
from app.store.scope import Caller, Role
from tests import people
from tests.people import SignedIn


async def change(person: SignedIn, patient_id: str, body: Any, if_match: str | None = "*") -> httpx.Response:
    headers = {} if if_match is None else {"If-Match": if_match}
    return await person.send("PATCH", f"/v1/patients/{patient_id}", json=body, headers=headers)


async def test_a_patient_lives_as_the_clinic_does_unless_told(anna: SignedIn) -> None:
    answer = await anna.post("/v1/patients", {"display_name": "  Paula Patient "})
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/patients/{made['id']}"
    assert made == {
        "id": made["id"],
        "status": "active",
        "version": 1,
        "display_name": "Paula Patient",
        "time_zone": "Europe/Berlin",
        "language": "en",
        "birth_year": None,
        "phone": None,
        "identifiers": [],
        "cautions": [],
        "logging": "phone",
        "care_team": [{"id": anna.id, "display_name": "Anna Admin"}],
        "first_connected_on": None,
        "last_heard_at": None,
        "discharge": None,
        "created_at": "2026-01-05T09:00:00Z",
    }
    read = await anna.get(f"/v1/patients/{made['id']}")
    assert (read.status_code, read.json(), read.headers["ETag"]) == (200, made, answer.headers["ETag"])


async def test_everything_that_can_be_said_is_kept(anna: SignedIn) -> None:
    body: dict[str, Any] = {
        "display_name": "Ömer Ünal 🦵",
        "time_zone": "Pacific/Auckland",
        "language": "de",
        "birth_year": 1958,
        "phone": "+49 (30) 1234-5",
        "identifiers": [{"system": "https://his.example/mrn", "value": "4711"}],
        "logging": "clinic",
    }
    made = await people.make_patient(anna, body.pop("display_name"), **body)
    assert {name: made[name] for name in body} == body


async def test_a_condition_is_known_from_the_patients_own_today(anna: SignedIn, clock: MovableClock) -> None:
    clock.move_by(timedelta(hours=5))  # 14:00 UTC on 5 January is already the 6th in Auckland
    anna = await people.sign_in(anna.client)
    made = await people.make_patient(anna, time_zone="Pacific/Auckland", cautions=[{"condition": "spinal_stenosis"}])
    assert made["cautions"] == [
        {"condition": "spinal_stenosis", "known_on": "2026-01-06", "cleared_on": None, "cleared_as": None, "note": None}
    ]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/display_name", "missing"),
        ({"display_name": ""}, "/display_name", "too_short"),
        ({"display_name": "\u200b" * 201}, "/display_name", "too_long"),
        ({"display_name": "P", "nickname": "x"}, "/nickname", "unknown_field"),
        ({"display_name": "a\x00b"}, "/display_name", "bad_text"),
        ({"display_name": ["P"]}, "/display_name", "not_a_string"),
        ({"display_name": "P", "time_zone": "GMT+01:00"}, "/time_zone", "unknown_time_zone"),
        ({"display_name": "P", "language": "xx"}, "/language", "not_allowed"),
        ({"display_name": "P", "birth_year": "1958"}, "/birth_year", "not_an_integer"),
        ({"display_name": "P", "birth_year": True}, "/birth_year", "not_an_integer"),
        ({"display_name": "P", "birth_year": 1958.5}, "/birth_year", "not_an_integer"),
        ({"display_name": "P", "birth_year": 1899}, "/birth_year", "out_of_range"),
        ({"display_name": "P", "phone": "call me"}, "/phone", "bad_format"),
        ({"display_name": "P", "logging": "paper"}, "/logging", "not_allowed"),
        ({"display_name": "P", "identifiers": [{"system": "s", "value": "v"}] * 21}, "/identifiers", "too_long"),
        ({"display_name": "P", "identifiers": [{"system": "s"}]}, "/identifiers/0/value", "missing"),
        ({"display_name": "P", "cautions": [{"condition": "bad-luck"}]}, "/cautions/0/condition", "unknown_condition"),
        (
            {"display_name": "P", "cautions": [{"condition": "spinal_stenosis"}, {"condition": "spinal_stenosis"}]},
            "/cautions/1/condition",
            "duplicate",
        ),
    ],
)
async def test_what_cannot_be_understood_names_its_field(
    anna: SignedIn, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await anna.post("/v1/patients", body)
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]
    assert (await anna.get("/v1/patients")).json()["items"] == []


async def test_only_what_was_sent_is_changed(anna: SignedIn) -> None:
    made = await people.make_patient(anna, birth_year=1958, phone="123", time_zone="Asia/Tokyo")
    answer = await change(anna, made["id"], {"display_name": "Paula Newname", "phone": None}, '"patient-1"')
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"patient-2"'
    assert answer.json() == made | {"display_name": "Paula Newname", "phone": None, "version": 2}
    assert (await anna.get(f"/v1/patients/{made['id']}")).json() == answer.json()


async def test_a_change_that_changes_nothing_counts_no_version(anna: SignedIn) -> None:
    made = await people.make_patient(anna, birth_year=1958)
    nothing: list[dict[str, Any]] = [{}, {"birth_year": 1958}, {"cautions": []}]
    for body in nothing:
        answer = await change(anna, made["id"], body, '"patient-1"')
        assert (answer.status_code, answer.json()) == (200, made)


@pytest.mark.parametrize(
    ("if_match", "status", "code"),
    [
        (None, 428, "precondition_required"),
        ('"patient-2"', 412, "precondition_failed"),
        ('W/"patient-1"', 200, None),
        ('"patient-9", "patient-1"', 200, None),
        ("*", 200, None),
    ],
)
async def test_an_edit_needs_the_present_etag(
    anna: SignedIn, if_match: str | None, status: int, code: str | None
) -> None:
    made = await people.make_patient(anna)
    answer = await change(anna, made["id"], {"display_name": "Changed"}, if_match)
    assert (answer.status_code, answer.json().get("code")) == (status, code)
    read = (await anna.get(f"/v1/patients/{made['id']}")).json()
    assert read["display_name"] == ("Changed" if status == 200 else "Paula Patient")


@pytest.mark.parametrize("name", ["display_name", "time_zone", "language", "identifiers", "logging", "cautions"])
async def test_what_a_patient_must_have_cannot_be_taken_away(anna: SignedIn, name: str) -> None:
    made = await people.make_patient(anna)
    answer = await change(anna, made["id"], {name: None})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{name}")


async def test_a_condition_is_added_cleared_with_a_reason_and_added_again(anna: SignedIn, clock: MovableClock) -> None:
    made = await people.make_patient(anna)
    add = {"condition": "spinal_stenosis", "action": "add", "note": "letter of December"}
    added = await change(anna, made["id"], {"cautions": [add]})
    assert [(one["condition"], one["cleared_on"]) for one in added.json()["cautions"]] == [("spinal_stenosis", None)]
    assert added.json()["version"] == 2
    clock.move_by(timedelta(days=2))
    anna = await people.sign_in(anna.client)
    clear = {"condition": "spinal_stenosis", "action": "clear", "note": "bone density is fine"}
    cleared = await change(anna, made["id"], {"cautions": [clear]})
    assert cleared.json()["cautions"] == [
        {
            "condition": "spinal_stenosis",
            "known_on": "2026-01-05",
            "cleared_on": "2026-01-07",
            "cleared_as": "cleared",
            "note": "letter of December\nbone density is fine",
        }
    ]
    again = await change(anna, made["id"], {"cautions": [{"condition": "spinal_stenosis", "action": "add"}]})
    assert [one["cleared_on"] for one in again.json()["cautions"]] == ["2026-01-07", None]


async def test_a_condition_that_was_never_true_is_removed_and_stays_on_record(anna: SignedIn) -> None:
    made = await people.make_patient(anna, cautions=[{"condition": "spinal_stenosis"}])
    answer = await change(anna, made["id"], {"cautions": [{"condition": "spinal_stenosis", "action": "remove"}]})
    assert [one["cleared_as"] for one in answer.json()["cautions"]] == ["removed"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ([{"condition": "spinal_stenosis", "action": "clear"}], 422, "note_missing"),
        ([{"condition": "spinal_stenosis", "action": "clear", "note": " "}], 422, "note_missing"),
        ([{"condition": "spinal_stenosis", "action": "forget"}], 422, "not_allowed"),
        ([{"condition": "spinal_stenosis"}], 422, "missing"),
        (
            [{"condition": "spinal_stenosis", "action": "add"}, {"condition": "spinal_stenosis", "action": "add"}],
            422,
            None,
        ),
        ([{"condition": "bad-luck", "action": "add"}], 422, "unknown_condition"),
        ([{"condition": "spinal_stenosis", "action": "remove"}], 409, "conflict"),
        ([{"condition": "spinal_stenosis", "action": "clear", "note": "x"}], 409, "conflict"),
    ],
)
async def test_a_condition_that_is_not_carried_cannot_end(
    anna: SignedIn, changes: Any, status: int, code: str | None
) -> None:
    made = await people.make_patient(anna)
    answer = await change(anna, made["id"], {"display_name": "Changed", "cautions": changes})
    assert answer.status_code == status
    if code is not None:
        assert code in {answer.json()["code"], *(one["code"] for one in answer.json()["errors"])}
    assert (await anna.get(f"/v1/patients/{made['id']}")).json() == made


async def test_a_condition_that_is_carried_is_not_added_twice(anna: SignedIn) -> None:
    made = await people.make_patient(anna, cautions=[{"condition": "spinal_stenosis"}])
    answer = await change(anna, made["id"], {"cautions": [{"condition": "spinal_stenosis", "action": "add"}]})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_pages_hold_everybody_once_in_the_order_of_names(anna: SignedIn) -> None:
    names = ["Zoe", "adam", "Ängström", "Bob", "bob", "Öz", "Straße", "-", "Ada"]
    for name in names:
        await people.make_patient(anna, name, cautions=[{"condition": "spinal_stenosis"}])
    seen: list[dict[str, Any]] = []
    path = "/v1/patients?limit=2"
    while path:
        answer = await anna.get(path)
        assert answer.status_code == 200
        seen += answer.json()["items"]
        following = answer.headers.get("Link", "")
        assert bool(following) == (answer.json()["next_cursor"] is not None)
        path = following.partition("<")[2].partition(">")[0]
    assert [one["display_name"].casefold() for one in seen] == sorted(
        (one["display_name"].casefold() for one in seen),
        key=lambda name: name.replace("ä", "a").replace("ö", "o").replace("ß", "ss").replace("-", " "),
    )
    assert sorted(one["display_name"] for one in seen) == sorted(names)
    assert all(one["cautions"] for one in seen)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("muller", ["Jörg Müller"]),
        ("MÜLLER jörg", ["Jörg Müller"]),
        ("strasse", ["Anna Straße"]),
        ("100%", ["100% Sure"]),
        ("%", ["100% Sure"]),
        ("o_n", ["John"]),
        ("joHN sure", []),
        ("\u210cenry", ["Henry"]),
        ("a n n a s t r a s", []),
        ("", ["100% Sure", "Anna Straße", "Henry", "John", "Jörg Müller"]),
    ],
)
async def test_the_search_finds_names_however_they_are_typed(anna: SignedIn, query: str, found: list[str]) -> None:
    for name in ("Jörg Müller", "John", "Anna Straße", "100% Sure", "Henry"):
        await people.make_patient(anna, name)
    answer = await anna.get("/v1/patients", params={"q": query})
    assert sorted(one["display_name"] for one in answer.json()["items"]) == sorted(found)


async def test_the_list_is_filtered_by_status(anna: SignedIn) -> None:
    await people.make_patient(anna)
    counts = [
        len((await anna.get("/v1/patients", params={"status": status})).json()["items"])
        for status in ("active", "discharged")
    ]
    assert counts == [1, 0]


@pytest.mark.parametrize("query", ["cursor=nonsense", "cursor=W10", "limit=0", "limit=201", "status=lost", "q=%00"])
async def test_a_bad_query_is_refused(anna: SignedIn, query: str) -> None:
    assert (await anna.get(f"/v1/patients?{query}")).status_code == 422


async def test_another_clinics_patient_and_an_absent_one_are_the_same_404(anna: SignedIn, other: SignedIn) -> None:
    theirs = (await people.make_patient(other, "Canary"))["id"]
    assert (await anna.get("/v1/patients")).json()["items"] == []
    requests: list[tuple[str, str, Any, dict[str, str]]] = [
        ("GET", "", None, {}),
        ("PATCH", "", {"display_name": "Stolen"}, {"If-Match": "*"}),
        ("PATCH", "", {"display_name": "Stolen"}, {}),
        ("POST", "/invitations", {}, {}),
    ]
    for method, path, body, headers in requests:
        answers = [
            await anna.send(method, f"/v1/patients/{patient_id}{path}", json=body, headers=headers)
            for patient_id in (theirs, str(uuid4()))
        ]
        bodies = [answer.json() | {"request_id": ""} for answer in answers]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert bodies[0] == bodies[1]
    assert (await other.get(f"/v1/patients/{theirs}")).json()["display_name"] == "Canary"


async def test_a_patient_reads_no_list_and_nobody_elses_record(anna: SignedIn) -> None:
    await people.complete_clinic(anna)
    made = await people.make_patient(anna)
    phone = await people.connect(anna, made["id"])
    for answer in (
        await phone.get("/v1/patients"),
        await phone.get(f"/v1/patients/{made['id']}"),
        await phone.post("/v1/patients", {"display_name": "X"}),
        await change(phone, made["id"], {"display_name": "X"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_nobody_is_let_in_without_a_token(client: httpx.AsyncClient) -> None:
    for method, path in (("GET", "/v1/patients"), ("POST", "/v1/patients"), ("GET", f"/v1/patients/{uuid4()}")):
        answer = await client.request(method, path, json={"display_name": "X"})
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_below_the_routes_too_a_patient_sees_only_themself(
    anna: SignedIn, app: FastAPI, clock: MovableClock
) -> None:
    """No operation lets a patient ask for anybody; the store would refuse if one did."""
    await people.complete_clinic(anna)
    own, other = [UUID((await people.make_patient(anna, name))["id"]) for name in ("Own", "Other")]
    phone = await people.connect(anna, str(own))
    caller = Caller(clock.now(), phone.token, frozenset({Role.PATIENT}))
    db: Database = app.state.house.db
    assert (await db.read(caller, patients.get, own)).display_name == "Own"
    assert await db.read(caller, patients.conditions_of, own) == []
    for question in (patients.get, patients.locked, patients.conditions_of):
        with pytest.raises(NotFound):
            await db.write(caller, question, other)
    page = partial(patients.page, search="", statuses=patients.STATUSES, after=None, most=9)
    assert await db.read(caller, page) == []
