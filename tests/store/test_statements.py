"""What the hot paths ask of a database: how often, whatever the plan and the past, and always by an index."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from app.api.shapes.routines import RoutineOut
from app.clock import MovableClock
from app.config import Settings
from app.main import create_app
from app.store import engines
from app.store.wording import Listener
from benchmarks import seed
from benchmarks.seed import Seeded, Seeder
from tests.application import settings
from tests.databases import DatabaseUrls

__all__ = ["settings"]

BY_PATIENT = ("practice_days", "sessions", "decisions", "prescriptions", "prescription_versions", "course_facts")
"""Tables that grow with patients and their past: no question of a phone may read more than its own patient's rows."""


@dataclass(frozen=True, slots=True)
class Said:
    """One statement as the driver got it."""

    sql: str
    parameters: Any


@dataclass(frozen=True, slots=True)
class Phones:
    """The service, and phones of patients with a past."""

    app: FastAPI
    client: httpx.AsyncClient
    clock: MovableClock
    clinic_id: UUID

    @property
    def engine(self) -> Engine:
        """What the service speaks through."""
        found: Engine = self.app.state.house.db._engine  # noqa: SLF001 - nobody else needs to listen
        return found

    @contextmanager
    def listening(self) -> Iterator[list[Said]]:
        """What is said to the driver meanwhile."""
        said: list[Said] = []

        def hear(sql: str, parameters: Any, _many: bool) -> None:
            said.append(Said(sql, parameters))

        listeners: list[Listener] = self.app.state.house.db.speaker.listeners
        listeners.append(hear)
        yield said
        listeners.remove(hear)

    async def routine(self, phone: Seeded, tag: str = "") -> httpx.Response:
        """Today's routine."""
        headers = {"Authorization": f"Bearer {phone.token}", "If-None-Match": tag}
        return await self.client.get("/v1/me/routine", headers=headers)

    async def practise(self, phone: Seeded, day: int) -> httpx.Response:
        """Report a session of now."""
        body = seed.session_body(phone.prescription_ids, day, self.clock.now() - timedelta(minutes=30))
        headers = {"Authorization": f"Bearer {phone.token}"}
        return await self.client.put(f"/v1/me/sessions/{uuid4()}", json=body, headers=headers)

    async def wake(self, phone: Seeded) -> httpx.Response:
        """Tell how this morning is."""
        headers = {"Authorization": f"Bearer {phone.token}"}
        now = self.clock.now()
        body = {"pain_now": 0, "answered_at": now.isoformat(), "time_zone": "UTC"}
        return await self.client.put(f"/v1/me/check-ins/{now.date()}", json=body, headers=headers)

    async def send_all(self, phone: Seeded, days: Iterable[int]) -> httpx.Response:
        """Report a session of each of some days at once."""
        headers = {"Authorization": f"Bearer {phone.token}"}
        sessions = [
            {
                **seed.session_body(phone.prescription_ids, day, self.clock.now() - timedelta(days=number)),
                "session_id": str(uuid4()),
            }
            for number, day in enumerate(days, start=1)
        ]
        return await self.client.post("/v1/me/reports/batch", json={"sessions": sessions}, headers=headers)


@asynccontextmanager
async def served(settings: Settings, clinic_id: UUID) -> AsyncIterator[Phones]:
    """The service on a database that was filled before."""
    clock = MovableClock(seed.TODAY)
    app = create_app(settings, clock)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://rung.test") as client,
    ):
        yield Phones(app, client, clock, clinic_id)


def lived(database: DatabaseUrls, *pasts: tuple[int, int]) -> tuple[UUID, list[Seeded]]:
    """A clinic with one patient for each pair of days and prescriptions."""
    seeder = Seeder(database.app_url, database.owner_url)
    clinic_id = seeder.clinic()
    found = [seeder.live(days=days, count=count) for days, count in pasts]
    seeder.close()
    return clinic_id, found


async def test_questions_do_not_grow_with_plan_or_past(
    database: DatabaseUrls, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calm patients, whose offer has waited for longer than it is told: 8 questions a session, 2 the read after it.

    What stands as of a revision is in memory, and so is what was said of it: asking again costs the caller's scope. A
    phone that this process has not met yet costs up to two more. On PostgreSQL a routine that is not in memory follows
    a proof of its own, which is shared with all who ask at the same moment.
    """
    monkeypatch.setattr(seed, "PAIN", (0,))
    pasts = ((12, 1), (12, 6), (96, 1), (96, 6))
    clinic_id, patients = await asyncio.to_thread(lived, database, *pasts)
    counted: dict[tuple[int, int], tuple[int, ...]] = {}
    async with served(settings, clinic_id) as phones:
        for past, phone in zip(pasts, patients, strict=True):
            answer = await phones.routine(phone)  # a version is asked for once in its life
            with phones.listening() as again:
                assert (await phones.routine(phone)).content == answer.content
            with phones.listening() as unchanged:
                assert (await phones.routine(phone, answer.headers["ETag"])).status_code == 304
            with phones.listening() as written:
                assert (await phones.practise(phone, past[0])).status_code == 201
            with phones.listening() as afterwards:
                assert (await phones.routine(phone)).content != answer.content
            counted[past] = tuple(len(said) for said in (again, unchanged, written, afterwards))
        shared = 0 if phones.app.state.house.db.is_sqlite else 1
    assert counted == dict.fromkeys(pasts, (1, 1, 8, 2 + shared))


async def test_a_morning_asks_no_more_with_a_larger_plan_or_a_longer_past(
    database: DatabaseUrls, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calm patients: a check-in, and the same again."""
    monkeypatch.setattr(seed, "PAIN", (0,))
    pasts = ((12, 1), (12, 6), (96, 1), (96, 6))
    clinic_id, patients = await asyncio.to_thread(lived, database, *pasts)
    counted: dict[tuple[int, int], tuple[int, int]] = {}
    async with served(settings, clinic_id) as phones:
        for past, phone in zip(pasts, patients, strict=True):
            await phones.routine(phone)
            with phones.listening() as written:
                assert (await phones.wake(phone)).status_code == 201
            with phones.listening() as again:
                assert (await phones.wake(phone)).status_code == 200
            counted[past] = (len(written), len(again))
    assert counted == dict.fromkeys(pasts, (8, 2))


async def test_a_batch_asks_no_more_of_each_report_than_a_single_one(
    database: DatabaseUrls, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten late reports, and thirty more, of one exercise or of six: seven questions each, and thirty for them all."""
    monkeypatch.setattr(seed, "PAIN", (0,))
    pasts = ((45, 1), (96, 6))
    clinic_id, patients = await asyncio.to_thread(lived, database, *pasts)
    async with served(settings, clinic_id) as phones:
        for phone in patients:
            await phones.routine(phone)
            for days in (range(10), range(10, 40)):
                with phones.listening() as said:
                    answer = await phones.send_all(phone, days)
                assert [one["status"] for one in answer.json()["results"]] == ["created"] * len(days)
                assert len(said) <= 7 * len(days) + 30


async def test_decisions_cost_a_question_to_read_and_three_to_write(database: DatabaseUrls, settings: Settings) -> None:
    """Six prescriptions whose offers and easings come and go, every day of two weeks."""
    clinic_id, [phone] = await asyncio.to_thread(lived, database, (3, 6))
    reads, writes = set(), set()
    async with served(settings, clinic_id) as phones:
        await phones.routine(phone)
        for day in range(3, 17):
            with phones.listening() as written:
                assert (await phones.practise(phone, day)).status_code == 201
            with phones.listening() as read:
                await phones.routine(phone)
            reads.add(len(read))
            writes.add(len(written))
            phones.clock.move_by(timedelta(days=1))
        shared = 0 if phones.app.state.house.db.is_sqlite else 1
    assert reads <= {2 + shared, 3 + shared}
    assert max(writes) <= 11


async def test_a_stop_costs_one_statement_more_than_it_did(database: DatabaseUrls, settings: Settings) -> None:
    """However many symptoms stop, and however many prescriptions: all of it goes into the outbox at once."""
    clinic_id, [phone] = await asyncio.to_thread(lived, database, (3, 6))
    async with served(settings, clinic_id) as phones:
        await phones.routine(phone)
        calm = seed.session_body(phone.prescription_ids, 3, phones.clock.now() - timedelta(minutes=30))
        headers = {"Authorization": f"Bearer {phone.token}"}
        into_outbox = []
        for symptoms in ([], ["saddle_numbness", "new_numbness_or_weakness"]):
            with phones.listening() as said:
                body = calm | {"symptoms": symptoms}
                answer = await phones.client.put(f"/v1/me/sessions/{uuid4()}", json=body, headers=headers)
            assert answer.status_code == 201, answer.text
            into_outbox.append([one.parameters for one in said if " events " in one.sql])
    assert [[len(rows) for rows in one] for one in into_outbox] == [[], [2]]


async def test_every_question_of_a_phone_finds_its_rows_by_an_index(database: DatabaseUrls, settings: Settings) -> None:
    """Routine, session, the same session again, and the lists: as each database plans to answer them."""
    clinic_id, [phone] = await asyncio.to_thread(lived, database, (16, 2))
    async with served(settings, clinic_id) as phones:
        headers = {"Authorization": f"Bearer {phone.token}"}
        with phones.listening() as said:
            await phones.routine(phone)
            made = await phones.practise(phone, 16)
            for path in (made.json()["session"]["id"], ""):
                await phones.client.get(f"/v1/me/sessions/{path}".rstrip("/"), headers=headers)
            await phones.client.get("/v1/me/decisions", headers=headers)
        plans = [plan for one in said for plan in planned(phones, one)]
    assert len(plans) > 15
    assert [plan for plan in plans if not is_by_index(plan)] == []


def planned(phones: Phones, said: Said) -> list[str]:
    """How the database means to find rows, a line for each table that it reads."""
    if said.sql.lstrip().startswith("INSERT"):
        return []
    many = isinstance(said.parameters, list)
    parameters = said.parameters[0] if many else said.parameters
    with phones.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if phones.engine.dialect.name == "sqlite":
            rows = driver.execute(f"EXPLAIN QUERY PLAN {said.sql}", parameters).fetchall()
            return [row[3] for row in rows if row[3].startswith(("SEARCH", "SCAN"))]
        driver.execute(engines.begin("postgresql", clinic_id=phones.clinic_id, writes=True))
        # A planner reads tables of a few rows whole; here it shall only do so where no index serves.
        driver.execute("SET LOCAL enable_seqscan = off")
        [[tree]] = driver.execute(f"EXPLAIN (FORMAT JSON) {said.sql}", parameters).fetchall()
        driver.execute("ROLLBACK")
        return list(nodes(tree[0]["Plan"]))


def nodes(plan: dict[str, Any]) -> Iterator[str]:
    """PostgreSQL's plan as lines like SQLite's."""
    condition = plan.get("Index Cond") or plan.get("Recheck Cond")
    if "Relation Name" in plan and plan["Node Type"] != "ModifyTable":
        yield f"{'SEARCH' if condition else 'SCAN'} {plan['Relation Name']} {condition}"
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def is_by_index(plan: str) -> bool:
    """Does this line read only the rows of one patient, one sign-in, one token?"""
    kind, table, *_ = plan.split()
    if kind == "SCAN":
        return False
    if table == "practice_days" and "local_date" not in plan:
        return False  # years of them
    by = {**dict.fromkeys(BY_PATIENT, "patient_id"), "tokens": "hash", "sign_ins": "id", "patients": "id"}
    return table not in by or by[table] in plan.replace("clinic_id", "")


async def test_the_answer_put_together_from_fragments_is_what_the_contract_says(
    database: DatabaseUrls, settings: Settings
) -> None:
    clinic_id, [phone] = await asyncio.to_thread(lived, database, (10, 6))
    async with served(settings, clinic_id) as phones:
        answer = await phones.routine(phone)
    assert answer.status_code == 200
    read = RoutineOut.model_validate_json(answer.content)
    assert json.loads(answer.content) == json.loads(read.model_dump_json(by_alias=True))


async def test_no_layer_is_of_the_costly_kind(settings: Settings) -> None:
    """FastAPI's convenient middleware trebles the cost of a short request."""
    app = create_app(settings)
    kinds = {kind.__name__ for layer in app.user_middleware for kind in layer.cls.__mro__}  # type: ignore[attr-defined]
    assert "Edge" in kinds
    assert "BaseHTTPMiddleware" not in kinds
    app.state.house.db.close()
