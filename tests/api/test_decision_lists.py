"""Lists of decisions: an offer and its answer tell themselves apart, and what one instant made has an order."""

from typing import Any

import pytest

from tests.phone import Phone


async def offered(phone: Phone) -> str:
    """Three pain-free days and the next morning: the id of the offer."""
    for _ in range(2):
        await phone.practise(pain=0)
        phone.sleep()
    [offer] = (await phone.practise(pain=0)).json()["decisions"]
    phone.sleep()
    found: str = offer["id"]
    return found


async def listed(phone: Phone) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await phone.send("GET", "/v1/me/decisions")).json()["items"]
    return found


@pytest.mark.parametrize(
    ("answer", "outcome", "said"), [("accept", "accepted", "applied"), ("decline", "declined", "declined")]
)
async def test_an_offer_and_its_answer_name_each_other(phone: Phone, answer: str, outcome: str, said: str) -> None:
    offer = await offered(phone)
    answered = (await phone.answer(offer, answer)).json()
    newest, older = await listed(phone)
    assert (older["id"], older["state"], older["superseded_by"]) == (offer, outcome, newest["id"])
    assert (newest["state"], newest["supersedes"], newest["superseded_by"]) == (said, offer, None)
    assert {**answered, "reason": None} == {**older, "reason": None}


async def test_an_accepted_offer_is_told_once(phone: Phone) -> None:
    """The routine's notices name the step, not the offer and the step."""
    await phone.answer(await offered(phone), "accept")
    newest, _ = await listed(phone)
    assert [one["decision_id"] for one in (await phone.routine()).json()["notices"]] == [newest["id"]]


async def test_decisions_of_one_instant_are_listed_the_later_made_first(phone: Phone) -> None:
    """A sore day takes the offer of the day before back and eases, in one transaction."""
    offer = await offered(phone)
    made = [one["id"] for one in (await phone.practise(pain=4)).json()["decisions"]]
    assert len(made) > 1
    found = [one["id"] for one in await listed(phone)]
    assert found == [*reversed(made), offer]
    pages: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = (await phone.send("GET", "/v1/me/decisions", params=query)).json()
        pages += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert pages == found
