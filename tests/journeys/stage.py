"""One server, one clinic and one clinician for many made-up lives, each another patient's; awaited here, not there."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import httpx

from app.clock import MovableClock
from app.config import Settings
from app.main import create_app
from app.store.database import Database
from tests import people
from tests.people import SignedIn
from tests.phone import Phone, start_phone

T = TypeVar("T")
Body = dict[str, Any]


@dataclass
class Stage:
    """One server for many lives. Each is another patient's."""

    runner: asyncio.Runner
    client: httpx.AsyncClient
    clock: MovableClock
    settings: Settings
    db: Database
    anna: SignedIn

    def do(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(doing)

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """What Anna asks for; the clock moves by months, so her token is exchanged when it has expired."""
        answer = await self.anna.send(method, path, **more)
        if answer.status_code == 401:
            found = await self.client.post("/v1/auth/refresh", json={"refresh_token": self.anna.refresh_token})
            assert found.status_code == 200, found.text
            new = found.json()
            self.anna = SignedIn(self.client, new["access_token"], new["refresh_token"], self.anna.id)
            answer = await self.anna.send(method, path, **more)
        assert answer.status_code < 500, answer.text
        return answer

    def new_phone(self, wanted: Body) -> Phone:
        """Another patient of Anna's."""
        self.do(self.ask("GET", "/v1/clinic"))
        return self.do(start_phone(self.anna, self.client, self.clock, **wanted))


@dataclass(frozen=True)
class Sent:
    """Something that was done, to be done again by the twin. `key` is the session or the morning, None for a person's
    word, which has its place in time.
    """

    at: datetime
    known_on: date
    key: str | None
    method: str
    path: str
    body: Body | None = None
    headers: dict[str, str] = field(default_factory=dict)
    is_clinics: bool = False
    status: int = 200


def told(decision: Body) -> tuple[Any, ...]:
    """A decision without its id, its words and what led to it."""
    names = ("decided_on", "kind", "from_rung", "to_rung", "state")
    return (*(decision[name] for name in names), decision["effective_on"] or "", decision["reason"]["code"])


@contextmanager
def staged(settings: Settings) -> Iterator[Stage]:
    """A server and a clinic."""
    clock = MovableClock(datetime(2026, 1, 5, 9, tzinfo=UTC))
    settings = settings.model_copy(update={"clinician_refresh_seconds": 10 * 366 * 86_400})
    people.make_clinic(settings.url, now=clock.now())
    application = create_app(settings, clock)
    db = Database(settings.url)
    with asyncio.Runner() as runner:
        living = application.router.lifespan_context(application)
        runner.run(living.__aenter__())
        client = httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://rung.test")
        anna = runner.run(people.sign_in(client))
        try:
            yield Stage(runner, client, clock, settings, db, anna)
        finally:
            runner.run(client.aclose())
            runner.run(living.__aexit__(None, None, None))
            db.close()
