"""Phones that never give up, and the ledger of what they were told is stored.

Each writer is one patient's phone. It sends a session until an answer says that it is stored, however often the
connection or the server is lost meanwhile, and writes that answer into its ledger. At the end the ledger is compared
with the server: what was acknowledged is there once, as it was acknowledged, and nothing else is.
"""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from app.clock import SystemClock
from tests import people
from tests.faults.server import Server
from tests.phone import CONTACT, connect, make_patient, prescribe

SEED = 20261005
WRITERS = 16
BERLIN = ZoneInfo("Europe/Berlin")
DAYS = 28
MOST_TRIES = 5000
COMPARED_AGAIN = 20

Body = dict[str, Any]


def today() -> date:
    """Where the writers live."""
    return SystemClock().now().astimezone(BERLIN).date()


@dataclass
class Writer:
    """One patient's phone: `ledger` has the answer to each session that was acknowledged."""

    token: str
    prescription_id: str
    chance: random.Random
    ledger: dict[str, bytes] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    told_again: int = 0
    tries: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """Who speaks."""
        return {"Authorization": f"Bearer {self.token}"}

    def next_session(self, now: datetime, pain: int) -> tuple[str, Body]:
        """A new session of now and its id."""
        done = {
            "prescription_id": self.prescription_id,
            "exercise_id": "single-knee-to-chest",
            "pain_during": pain,
            "sets": [{"side": side, "reps": 12} for side in ("left", "right")],
        }
        session_id = str(UUID(int=self.chance.getrandbits(128), version=4))
        self.bodies[session_id] = {
            "started_at": now.astimezone(BERLIN).isoformat(),
            "time_zone": "Europe/Berlin",
            "pain_before": 0,
            "performances": [done],
        }
        return session_id, self.bodies[session_id]

    async def put(self, client: httpx.AsyncClient, session_id: str, body: Body) -> httpx.Response:
        """Report it."""
        return await client.put(f"/v1/me/sessions/{session_id}", json=body, headers=self.headers)

    async def write(self, client: httpx.AsyncClient, now: datetime) -> None:
        """Send a session of one of the last days until it is acknowledged."""
        began = now - timedelta(days=self.chance.randrange(DAYS), minutes=self.chance.randrange(600))
        session_id, body = self.next_session(began, self.chance.choice([0, 0, 0, 0, 2, 4, 7]))
        for _ in range(MOST_TRIES):
            self.tries += 1
            try:
                answer = await self.put(client, session_id, body)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code in {200, 201}:
                self.told_again += answer.status_code == 200
                self.ledger[session_id] = answer.content
                return
            if answer is not None:
                assert answer.status_code == 503, answer.text
                assert int(answer.headers["Retry-After"]) > 0
            await asyncio.sleep(self.chance.uniform(0.05, 0.5))
        raise AssertionError(f"{session_id} was never acknowledged")

    async def compare(self, client: httpx.AsyncClient) -> None:
        """Is each acknowledged session stored once, and answered as it was, and nothing else?"""
        listed: list[str] = []
        window = {"from": str(today() - timedelta(days=DAYS + 5)), "to": str(today()), "limit": "200"}
        while True:
            answer = await client.get("/v1/me/sessions", params=window, headers=self.headers)
            assert answer.status_code == 200, answer.text
            listed += [one["id"] for one in answer.json()["items"]]
            if answer.json()["next_cursor"] is None:
                break
            window["cursor"] = answer.json()["next_cursor"]
        lost, not_told = self.ledger.keys() - set(listed), set(listed) - self.ledger.keys()
        assert (lost, len(listed) - len(set(listed)), not_told) == (set(), 0, set())
        for session_id in self.chance.sample(sorted(self.ledger), min(COMPARED_AGAIN, len(self.ledger))):
            again = await self.put(client, session_id, self.bodies[session_id])
            assert (again.status_code, again.content) == (200, self.ledger[session_id])


async def make_writers(server: Server, client: httpx.AsyncClient, count: int) -> list[Writer]:
    """A clinic, and patients each with a prescription that began before their sessions, and a phone."""
    await asyncio.to_thread(people.make_clinic, server.url, now=SystemClock().now())
    anna = await people.sign_in(client)
    tag = (await anna.get("/v1/clinic")).headers["ETag"]
    await anna.send("PUT", "/v1/clinic", json=CONTACT, headers={"If-Match": tag})
    found = []
    for number in range(count):
        patient_id = await make_patient(anna)
        made = await prescribe(anna, patient_id, starts_on=str(today() - timedelta(days=DAYS + 5)))
        assert made.status_code == 201, made.text
        token, _ = await connect(anna, client, patient_id)
        found.append(Writer(token, made.json()["id"], random.Random(f"{SEED}/{number}")))
    return found


async def written_until(ended: asyncio.Event, writers: list[Writer], client: httpx.AsyncClient) -> None:
    """All write until told to end; what was begun is brought to its end."""

    async def write(one: Writer) -> None:
        while not ended.is_set():
            await one.write(client, SystemClock().now())

    async with asyncio.TaskGroup() as writing:
        for one in writers:
            writing.create_task(write(one))


def tell(writers: list[Writer], what: str) -> None:
    """The ledger in a line."""
    acknowledged = sum(len(one.ledger) for one in writers)
    tries, again = sum(one.tries for one in writers), sum(one.told_again for one in writers)
    print(  # noqa: T201 - a fault run says what it did
        f"seed {SEED}: {what}; {len(writers)} writers, {acknowledged} acknowledged, {tries} tries, "
        f"{again} of them answered for what had been stored before"
    )
