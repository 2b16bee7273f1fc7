"""The same POST with the same Idempotency-Key, however often and however fast, is done once and answered the same."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.clock import MovableClock
from app.config import Settings
from tests import people, rows
from tests.people import SignedIn


async def create(person: SignedIn, body: Any, key: str = "key-1", **headers: str) -> httpx.Response:
    return await person.post("/v1/patients", body, headers={"Idempotency-Key": key, **headers})


async def names(person: SignedIn) -> list[str]:
    return [one["display_name"] for one in (await person.get("/v1/patients")).json()["items"]]


async def test_the_same_again_gives_the_same_answer(anna: SignedIn) -> None:
    first = await create(anna, {"display_name": "Paula", "identifiers": [{"system": "b", "value": "a"}]})
    again = await create(anna, {"identifiers": [{"value": "a", "system": "b"}], "display_name": "Paula"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert [again.headers[name] for name in ("ETag", "Location")] == [
        first.headers[name] for name in ("ETag", "Location")
    ]
    assert await names(anna) == ["Paula"]


async def test_bodies_are_compared_by_meaning(anna: SignedIn) -> None:
    first = await create(anna, {"display_name": "Paula"})
    again = await create(anna, {"display_name": " Paula ", "phone": None, "logging": "phone", "cautions": []})
    assert again.content == first.content


async def test_another_body_under_the_same_key_is_refused(anna: SignedIn) -> None:
    await create(anna, {"display_name": "Paula"})
    other = await create(anna, {"display_name": "Peter"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert await names(anna) == ["Paula"]


async def test_another_operation_under_the_same_key_is_refused(anna: SignedIn) -> None:
    await people.complete_clinic(anna)
    made = (await create(anna, {"display_name": "Paula"})).json()
    invited = await anna.post(
        f"/v1/patients/{made['id']}/invitations", {"kind": "first"}, headers={"Idempotency-Key": "key-1"}
    )
    assert (invited.status_code, invited.json()["code"]) == (409, "idempotency_key_reused")


async def test_a_key_belongs_to_its_person(anna: SignedIn, other: SignedIn) -> None:
    mine, theirs = await create(anna, {"display_name": "Paula"}), await create(other, {"display_name": "Peter"})
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert (await names(anna), await names(other)) == (["Paula"], ["Peter"])


async def test_without_a_key_everything_is_done_again(anna: SignedIn) -> None:
    for _ in range(2):
        await anna.post("/v1/patients", {"display_name": "Paula"})
    assert await names(anna) == ["Paula", "Paula"]


async def test_a_refusal_is_not_remembered(anna: SignedIn) -> None:
    made = await people.make_patient(anna)
    path, headers = f"/v1/patients/{made['id']}/invitations", {"Idempotency-Key": "key-1"}
    assert (await anna.post(path, {}, headers=headers)).status_code == 409
    await people.complete_clinic(anna)
    assert (await anna.post(path, {}, headers=headers)).status_code == 201


async def test_a_repeated_invitation_gives_the_same_code_and_it_works(anna: SignedIn) -> None:
    await people.complete_clinic(anna)
    made = await people.make_patient(anna)
    path, headers = f"/v1/patients/{made['id']}/invitations", {"Idempotency-Key": "key-1"}
    first, again = [await anna.post(path, {"kind": "first"}, headers=headers) for _ in range(2)]
    assert first.content == again.content
    assert (await people.redeem(anna.client, again.json())).status_code == 200


async def test_answers_are_forgotten_after_a_day(anna: SignedIn, clock: MovableClock, settings: Settings) -> None:
    await create(anna, {"display_name": "Paula"})
    await create(anna, {"display_name": "Peter"}, "key-2")
    clock.move_by(timedelta(hours=24, seconds=1))
    anna = await people.sign_in(anna.client)
    assert (await create(anna, {"display_name": "Paula II"})).status_code == 201
    owner_url = (settings.owner_database_url or settings.database_url).get_secret_value()
    assert len(rows.everything(owner_url)["remembered_answers"]) == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "schl\u00fcssel"])
async def test_a_key_is_short_plain_text(anna: SignedIn, key: str) -> None:
    answer = await anna.client.post(
        "/v1/patients",
        json={"display_name": "P"},
        headers=[(b"Authorization", f"Bearer {anna.token}".encode()), (b"Idempotency-Key", key.encode("latin-1"))],
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_parallel_twins_make_one_row(anna: SignedIn) -> None:
    answers = await asyncio.gather(*(create(anna, {"display_name": "Paula"}) for _ in range(32)))
    assert Counter(answer.status_code for answer in answers) == {201: 32}
    assert len({answer.content for answer in answers}) == 1
    assert await names(anna) == ["Paula"]


async def test_parallel_rivals_make_one_row(anna: SignedIn) -> None:
    answers = await asyncio.gather(*(create(anna, {"display_name": f"P{number % 2}"}) for number in range(16)))
    assert Counter(answer.status_code for answer in answers) == {201: 8, 409: 8}
    assert len(await names(anna)) == 1
