"""What docs/webhooks.md tells the developer of a receiver is so: its example of code and its example of an event."""

import json
import re
from typing import Any

import time_machine

from app.domain.webhook import WAITS
from app.worker import Worker
from tests.house.files import ROOT
from tests.people import SignedIn
from tests.phone import Phone
from tests.receiver import receiving
from tests.worker.test_worker import register, stop

PAGE = (ROOT / "docs/webhooks.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found.group(1)


async def test_the_example_checks_acts_once_and_refuses_what_is_not_signed(
    anna: SignedIn, phone: Phone, worker: Worker
) -> None:
    called: list[tuple[str, str]] = []
    page: dict[str, Any] = {"call_somebody": lambda *args: called.append(args)}
    exec(block("python"), page)  # noqa: S102 - it is what a reader would do
    async with receiving() as machine:
        made = await register(anna, machine.url())
        await stop(phone)
        await worker.go_round()
        [got] = machine.received
    assert set(json.loads(got.body)["data"]) == set(json.loads(block("json"))["data"])
    assert set(json.loads(got.body)) == set(json.loads(block("json")))
    with time_machine.travel(int(got.headers["webhook-timestamp"]), tick=False):
        answers = [page["receive"](made["secret"], got.headers, got.body) for _ in range(2)]
        changed = got.body.replace(b"emergency", b"whatever!")
        answers.append(page["receive"](made["secret"], got.headers, changed))
        answers.append(page["receive"]("whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldA==", got.headers, got.body))
    assert answers == [204, 204, 400, 400]
    assert called == [("emergency", phone.patient_id)]


def test_the_schedule_on_the_page_is_the_schedule() -> None:
    assert [one.total_seconds() for one in WAITS] == [5, 300, 1800, 7200, 18000, 36000, 36000]
    assert "after 5 seconds, 5 minutes, 30 minutes, 2, 5, 10 and 10 hours" in PAGE
