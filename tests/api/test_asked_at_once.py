"""Callers who ask at the same moment are proven together: each is answered, or refused, as if nobody else had asked."""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from app.clock import MovableClock
from app.domain.errors import Unavailable
from app.store.scope import Caller, Role, Scope
from app.store.together.proven import MOST_CALLERS, ProvenTogether
from tests.world import Principal, World

PATH = "/v1/me/routine"
CLINIC, OTHER = UUID(int=1), UUID(int=2)


def said(answer: httpx.Response) -> tuple[Any, ...]:
    body = {name: value for name, value in answer.json().items() if name != "request_id"}
    return answer.status_code, answer.headers.get("etag"), body


async def test_each_gets_their_own_routine_or_their_own_refusal(world: World, app: FastAPI) -> None:
    somebody = world.principals["paula"]
    assert somebody.token is not None
    unknown: Principal = replace(somebody, name="unknown", token=somebody.token[:-1] + "!")
    asking = [*world.principals.values(), unknown]
    alone = [said(await world.send(one, "GET", PATH)) for one in asking]
    assert {status for status, *_ in alone} == {200, 401, 403}
    assert len({etag_and_body[2]["patient_id"] for etag_and_body in alone if etag_and_body[0] == 200}) == 3
    heard: list[str] = []
    db = app.state.house.db
    db.speaker.listeners.append(lambda sql, _parameters, _is_many: heard.append(sql))
    at_once = await asyncio.gather(*(world.send(one, "GET", PATH) for one in asking * 3))
    assert [said(one) for one in at_once] == alone * 3
    named = [one for one in asking if one.token is not None]
    proofs = [sql for sql in heard if "tokens" in sql]
    # On PostgreSQL whoever comes while somebody is proven shares a question with others.
    assert len(proofs) == len(heard) == len(named) * 3 if db.is_sqlite else len(proofs) < len(named) * 3


async def test_a_device_that_is_signed_out_is_refused_among_others_at_once(world: World) -> None:
    paula, petra = world.principals["paula"], world.principals["petra"]
    both = [paula, petra] * 4
    before = await asyncio.gather(*(world.send(one, "GET", PATH) for one in both))
    assert {one.status_code for one in before} == {200}
    refresh_token = world.phones["paula"].refresh_token
    revoked = await world.send(paula, "POST", "/v1/auth/revoke", json={"refresh_token": refresh_token})
    assert revoked.status_code == 204
    after = await asyncio.gather(*(world.send(one, "GET", PATH) for one in both))
    assert [one.status_code for one in after] == [401, 200] * 4
    assert {one.json()["code"] for one in after[::2]} == {"device_revoked"}


class Clinics:
    """Proves everybody, a question at a time, as long as it is let."""

    def __init__(self) -> None:
        self.is_asked = threading.Event()
        self.may_go_on = threading.Event()
        self.groups: list[tuple[UUID, int]] = []

    def __call__(self, clinic_id: UUID, callers: Sequence[Caller]) -> list[Scope | BaseException]:
        self.is_asked.set()
        self.may_go_on.wait(10)
        self.groups.append((clinic_id, len(callers)))
        if any(one.token == "breaks" for one in callers):
            raise Unavailable("The database does not answer.")
        return [Scope(clinic_id, one.token or "", one.allowed) for one in callers]


@pytest.fixture
def caller(clock: MovableClock) -> Caller:
    return Caller(clock.now() + timedelta(days=1), "x", frozenset({Role.PATIENT}))


async def test_who_comes_meanwhile_shares_the_next_question_of_the_clinic(caller: Caller) -> None:
    clinics = Clinics()
    with ThreadPoolExecutor(2) as threads:
        together = ProvenTogether(clinics, threads)
        named = [replace(caller, token=str(n)) for n in range(2 * MOST_CALLERS + 2)]
        asking = [asyncio.create_task(together.scope(CLINIC, named[0]))]
        await asyncio.to_thread(clinics.is_asked.wait, 10)
        asking += [asyncio.create_task(together.scope(CLINIC, one)) for one in named[1:]]
        asking.append(asyncio.create_task(together.scope(OTHER, caller)))
        await asyncio.sleep(0.05)
        asking[3].cancel()  # a client that has gone is proven for nothing, and disturbs nobody
        clinics.may_go_on.set()
        answers = await asyncio.gather(*asking, return_exceptions=True)
        assert isinstance(answers.pop(3), asyncio.CancelledError)
        assert [one.clinic for one in answers if isinstance(one, Scope)] == [
            one.token for one in [*named[:3], *named[4:], caller]
        ]
        assert [size for clinic, size in clinics.groups if clinic == CLINIC] == [1, MOST_CALLERS, MOST_CALLERS, 1]
        assert (OTHER, 1) in clinics.groups
        # Nobody is left waiting, and the next one begins anew.
        assert (await together.scope(CLINIC, caller)).clinic_id == CLINIC


async def test_a_question_that_fails_is_told_to_all_of_its_group_and_to_nobody_else(caller: Caller) -> None:
    clinics = Clinics()
    with ThreadPoolExecutor(1) as threads:
        together = ProvenTogether(clinics, threads)
        first = asyncio.create_task(together.scope(CLINIC, caller))
        await asyncio.to_thread(clinics.is_asked.wait, 10)
        others = [together.scope(CLINIC, replace(caller, token=token)) for token in ("a", "breaks")]
        waiting = [asyncio.create_task(one) for one in others]
        await asyncio.sleep(0)
        clinics.may_go_on.set()
        assert isinstance(await first, Scope)
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(one) for one in answers] == [Unavailable, Unavailable]
        assert isinstance(await together.scope(CLINIC, caller), Scope)
    with pytest.raises(Unavailable):
        await together.scope(CLINIC, caller)
    with pytest.raises(Unavailable):
        await together.scope(CLINIC, caller)
