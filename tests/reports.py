"""Sessions reported through HTTP and read back."""

from typing import Any
from uuid import uuid4

from tests.phone import Phone


async def stored(phone: Phone, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Report it and look at it; what is answered first is what is stored."""
    session_id = str(uuid4())
    answer = await phone.put(session_id, body, **more)
    assert answer.status_code == 201, answer.text
    read = await phone.send("GET", f"/v1/me/sessions/{session_id}")
    assert read.json() == answer.json()["session"]
    whole: dict[str, Any] = answer.json()
    return whole


async def marks(phone: Phone, body: dict[str, Any], **more: Any) -> list[str]:
    found: list[str] = (await stored(phone, body, **more))["session"]["marks"]
    return found


def performance(body: dict[str, Any], **change: Any) -> dict[str, Any]:
    """The same session with its one performance changed."""
    return {**body, "performances": [{**body["performances"][0], **change}]}


async def slots(phone: Phone) -> list[str]:
    return [slot["status"] for slot in (await phone.item())["slots"]]
