"""The clinic's settings, through HTTP."""

from typing import Any

import httpx
import pytest

from tests import people
from tests.people import SignedIn

COMPLETE: dict[str, Any] = {
    "name": "Spine Centre",
    "time_zone": "America/New_York",
    "language": "de",
    "contact": {"phone": "+1 212 555 0100", "email": "Desk@Spine.example", "hours": "Mon-Fri"},
    "emergency_number": "911",
    "defaults": {"advance": "ask_clinician", "pain_free_days": 5},
    "who_sees_patients": "everyone",
}


async def replace(person: SignedIn, body: Any, if_match: str | None = '"clinic-1"') -> httpx.Response:
    headers = {} if if_match is None else {"If-Match": if_match}
    return await person.send("PUT", "/v1/clinic", json=body, headers=headers)


async def test_a_new_clinic_is_incomplete_and_has_the_articles_defaults(anna: SignedIn) -> None:
    answer = await anna.get("/v1/clinic")
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"clinic-1"'
    assert answer.json() == {
        "name": "Clinic spine",
        "short_name": "spine",
        "time_zone": "Europe/Berlin",
        "language": "en",
        "contact": {"phone": None, "email": None, "hours": None},
        "emergency_number": None,
        "defaults": {"advance": "ask_patient", "pain_free_days": 3},
        "who_sees_patients": "everyone",
        "is_complete": False,
    }


async def test_what_was_put_is_what_is_read(anna: SignedIn) -> None:
    answer = await replace(anna, COMPLETE)
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"clinic-2"'
    contact = COMPLETE["contact"] | {"email": "desk@spine.example"}
    assert answer.json() == COMPLETE | {"contact": contact, "short_name": "spine", "is_complete": True}
    assert (await anna.get("/v1/clinic")).json() == answer.json()


async def test_the_same_again_changes_no_revision(anna: SignedIn) -> None:
    await replace(anna, COMPLETE)
    again = await replace(anna, COMPLETE, '"clinic-2"')
    assert (again.status_code, again.headers["ETag"]) == (200, '"clinic-2"')


async def test_an_unchanged_clinic_answers_304(anna: SignedIn) -> None:
    for tag in ('"clinic-1"', 'W/"clinic-1"', '"other", "clinic-1"', "*"):
        assert (await anna.get("/v1/clinic", headers={"If-None-Match": tag})).status_code == 304
    await replace(anna, COMPLETE)
    assert (await anna.get("/v1/clinic", headers={"If-None-Match": '"clinic-1"'})).status_code == 200


@pytest.mark.parametrize(
    ("if_match", "status", "code"),
    [(None, 428, "precondition_required"), ('"clinic-7"', 412, "precondition_failed")],
)
async def test_an_edit_needs_the_present_etag(anna: SignedIn, if_match: str | None, status: int, code: str) -> None:
    answer = await replace(anna, COMPLETE, if_match)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await anna.get("/v1/clinic")).json()["name"] == "Clinic spine"


async def test_a_weak_form_that_a_proxy_made_is_accepted(anna: SignedIn) -> None:
    assert (await replace(anna, COMPLETE, 'W/"clinic-1"')).status_code == 200


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"time_zone": "Mars/Olympus"}, "/time_zone", "unknown_time_zone"),
        ({"time_zone": "../etc/passwd"}, "/time_zone", "unknown_time_zone"),
        ({"language": "tlh"}, "/language", "not_allowed"),
        ({"emergency_number": "call us"}, "/emergency_number", "bad_format"),
        ({"emergency_number": "1"}, "/emergency_number", "too_short"),
        ({"emergency_number": 112}, "/emergency_number", "not_a_string"),
        ({"defaults": {"advance": "ask_nobody"}}, "/defaults/advance", "not_allowed"),
        ({"defaults": {"pain_free_days": 2}}, "/defaults/pain_free_days", "out_of_range"),
        ({"defaults": {"pain_free_days": 15}}, "/defaults/pain_free_days", "out_of_range"),
        ({"defaults": {"pain_free_days": "3"}}, "/defaults/pain_free_days", "not_an_integer"),
        ({"defaults": {"pain_free_days": True}}, "/defaults/pain_free_days", "not_an_integer"),
        ({"defaults": {"pain_free_days": 3.5}}, "/defaults/pain_free_days", "not_an_integer"),
        ({"who_sees_patients": "nobody"}, "/who_sees_patients", "not_allowed"),
        ({"short_name": "spin"}, "/short_name", "immutable"),
        ({"name": "  "}, "/name", "blank"),
        ({"name": "a\x00b"}, "/name", "bad_text"),
        ({"is_complete": True}, "/is_complete", "unknown_field"),
        ({"contact": {"fax": "1"}}, "/contact/fax", "unknown_field"),
    ],
)
async def test_what_cannot_be_understood_names_its_field(
    anna: SignedIn, change: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await replace(anna, COMPLETE | change)
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]


async def test_a_patient_may_neither_read_nor_write_it(anna: SignedIn) -> None:
    await people.complete_clinic(anna)
    phone = await people.connect(anna, (await people.make_patient(anna))["id"])
    assert (await phone.get("/v1/clinic")).status_code == 403
    assert (await replace(phone, COMPLETE)).status_code == 403


async def test_nobody_else_may(client: httpx.AsyncClient) -> None:
    for answer in (await client.get("/v1/clinic"), await client.put("/v1/clinic", json=COMPLETE)):
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


async def test_two_clinics_do_not_share_settings(anna: SignedIn, other: SignedIn) -> None:
    await replace(anna, COMPLETE)
    assert (await other.get("/v1/clinic")).json()["name"] == "Clinic knee"
