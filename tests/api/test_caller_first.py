"""Whoever may not call an operation learns nothing about what was sent, whatever is wrong with it.

Each operation is sent each kind of fault by everybody. Who may not call gets the very answer that a request without
fault gets; who may is told of the fault, in the same words for another clinic's rows as for rows that nobody has.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.api.policies import POLICIES, PUBLIC
from app.config import Settings
from app.main import create_app
from app.store.scope import Role
from tests import matrix
from tests.databases import DatabaseUrls
from tests.matrix import ROWS, Call
from tests.rows import everything
from tests.world import NOBODY, Principal, Whose, World

DOCUMENT: dict[str, Any] = create_app(Settings.model_construct()).openapi()
JSON = {"Content-Type": "application/json"}
NOT_FOUND = 404
FAULTS: dict[str, tuple[dict[str, Any], set[int]]] = {
    "no object": ({"json": []}, {422}),
    "an unknown or missing field": ({"json": {"no_such_field": 1}}, {200, 422}),
    "no JSON": ({"content": b"{", "headers": JSON}, {400}),
    "no JSON by its own word": ({"content": b"{}", "headers": {"Content-Type": "text/plain"}}, {415}),
    "no body": ({"content": b"", "headers": JSON}, {422}),
    "no If-Match": ({"headers": {}}, {428}),
    "a page of no items": ({"params": {"limit": "0"}}, {422}),
    "a cursor of nobody's": ({"params": {"cursor": "x"}}, {422}),
    "a window upside down": ({"params": {"from": "2026-01-09", "to": "2026-01-02"}}, {422}),
    "ids that are none": ({"path": "not-an-id"}, {422}),
}
"""What is sent instead, and what it answers to whoever may call."""


def operations() -> list[tuple[matrix.Operation, dict[str, Any]]]:
    said = {one["operationId"]: one for item in DOCUMENT["paths"].values() for one in item.values()}
    return [(one, said[one.name]) for one in matrix.operations(DOCUMENT) if POLICIES[one.name] != PUBLIC]


def applies(fault: str, operation: matrix.Operation, said: dict[str, Any]) -> bool:
    """Can this operation be sent this fault?"""
    asked = {one["name"] for one in said.get("parameters", [])}
    needs = {"a page of no items": "limit", "a cursor of nobody's": "cursor", "a window upside down": "to"}
    if fault == "no If-Match":
        makes_too = "If-None-Match" in asked  # what is not there yet needs no tag
        return "428" in said["responses"] and not makes_too
    if fault == "ids that are none":
        return bool(operation.ids)
    return needs[fault] in asked if fault in needs else "requestBody" in said


def faulty() -> Iterator[tuple[str, matrix.Operation]]:
    return (
        (fault, operation) for operation, said in operations() for fault in FAULTS if applies(fault, operation, said)
    )


class Nowhere(Whose):
    """Ids that are no ids at all."""

    def __getattribute__(self, name: str) -> Any:
        return "not-an-id" if name.endswith("_id") else super().__getattribute__(name)


async def send(world: World, by: Principal, operation: matrix.Operation, whose: Whose, fault: str) -> httpx.Response:
    instead = dict(FAULTS[fault][0])
    if instead.pop("path", None):
        whose = Nowhere(whose.name, whose.clinic)
    return await Call(operation, by, dict.fromkeys(operation.ids, whose)).send(world, **instead)


def said(answer: httpx.Response) -> dict[str, Any]:
    return {**answer.json(), "request_id": None}


async def test_who_may_not_call_hears_nothing_of_the_fault(world: World, database: DatabaseUrls) -> None:
    strangers = [
        Principal("a token of nobody's", "spine", "spine.nonsense", frozenset({Role.ANONYMOUS})),
        Principal("a clinic of nobody's", "none", "none.nonsense", frozenset({Role.ANONYMOUS})),
    ]
    before = everything(database.owner_url)
    wrong, tried = [], 0
    for fault, operation in faulty():
        for by in (*world.principals.values(), *strangers):
            if by.roles & POLICIES[operation.name]:
                continue
            for whose in (world.patients["paula"], NOBODY) if operation.ids else (NOBODY,):
                call = Call(operation, by, dict.fromkeys(operation.ids, whose))
                without_fault, answer = await call.send(world), await send(world, by, operation, whose, fault)
                tried += 1
                assert without_fault.status_code == call.expected in {401, 403}, call
                if said(answer) != said(without_fault):
                    wrong.append(f"{call}, {fault}: {answer.text}")
    assert wrong == []
    assert everything(database.owner_url) == before
    assert tried > len(ROWS) * len(FAULTS)


async def test_who_may_call_is_told_of_the_fault_and_nothing_of_others_rows(world: World) -> None:
    answers: defaultdict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    wrong = []
    for fault, operation in faulty():
        for by in world.principals.values():
            if not by.roles & POLICIES[operation.name]:
                continue
            for whose in (*world.patients.values(), NOBODY) if operation.ids else (NOBODY,):
                answer = await send(world, by, operation, whose, fault)
                is_absent = operation.ids and not by.knows(whose)
                allowed = FAULTS[fault][1] | (
                    {404} if is_absent or ROWS[operation.name].success == NOT_FOUND else set()
                )
                if answer.status_code not in allowed:
                    wrong.append(f"{operation.name} by {by.name} on {whose.name}, {fault}: {answer.text}")
                if operation.ids and not by.knows(whose):
                    answers[f"{operation.name} by {by.name}, {fault}"].append((whose.name, said(answer)))
    assert wrong == []
    assert {key: told for key, told in answers.items() if any(one != told[0][1] for _, one in told)} == {}


async def test_a_signed_out_device_is_told_so_before_its_faults(world: World) -> None:
    paula = world.phones["paula"]
    assert (await world.client.post("/v1/auth/revoke", json={"refresh_token": paula.refresh_token})).status_code == 204
    answer = await world.send(world.principals["paula"], "PATCH", "/v1/me", json=[])
    assert (answer.status_code, answer.json()["code"]) == (401, "device_revoked")


@pytest.mark.parametrize("path", ["/v1/auth/sign-in", "/v1/auth/refresh"])
async def test_what_everybody_may_call_asks_for_no_token(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.post(path, json=[])).status_code == 422
