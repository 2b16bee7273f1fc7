"""No input gives a 5xx, and every answer is what the document says: generated requests, as each role.

What is generated fits the schema or breaks it in one place; some of it names a patient, a prescription and a session
that exist. The draws are seeded, so the same code gets the same requests.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.api.policies import POLICIES
from app.clock import MovableClock
from app.config import Settings
from app.main import create_app
from app.store.scope import Role
from tests.application import settings
from tests.contract.served import served
from tests.contract.validation import contract
from tests.people import make_clinic, sign_in
from tests.phone import start_phone

__all__ = ["settings"]

SEED = 20260105
WHERE_REFUSED = 5
"""One request in so many is enough where the role may not."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SESSION_ID = UUID(int=SEED, version=4)


@dataclass(frozen=True, slots=True)
class World:
    """A served application with one clinic, one patient and their phone."""

    address: str
    tokens: dict[Role, str]
    ids: dict[str, str]


@pytest.fixture
def world(settings: Settings, clock: MovableClock) -> Iterator[World]:
    """The world to send requests to."""
    make_clinic(settings.url, now=clock.now())
    with served(create_app(settings, clock)) as address:
        yield asyncio.run(begin(address, clock))


async def begin(address: str, clock: MovableClock) -> World:
    """A complete clinic, a patient with a phone, and a session."""
    async with httpx.AsyncClient(base_url=address) as client:
        anna = await sign_in(client)
        phone = await start_phone(anna, client, clock)
        answer = await phone.put(str(SESSION_ID), phone.session())
        assert answer.status_code == 201, answer.text
    ids = {"patient_id": phone.patient_id, "prescription_id": phone.prescription_id, "session_id": str(SESSION_ID)}
    ids |= {"exercise_id": "single-knee-to-chest", "ladder_id": "knees-to-chest", "decision_id": str(SESSION_ID)}
    return World(address, {Role.PATIENT: phone.token, Role.CLINICIAN: anna.token}, ids)


def strategy(operation: Any, ids: dict[str, str]) -> st.SearchStrategy[Any]:
    """Requests that fit, and requests that do not; some about things that exist."""
    named = {parameter.name: ids[parameter.name] for parameter in operation.path_parameters if parameter.name in ids}
    kinds = [operation.as_strategy(GenerationMode.POSITIVE)]
    if named:
        kinds.append(operation.as_strategy(GenerationMode.POSITIVE, path_parameters=named))
    if operation.body or operation.query or operation.path_parameters:
        kinds.append(operation.as_strategy(GenerationMode.NEGATIVE))
    return st.one_of(kinds)


def faults_of(
    operation: Any, role: Role, world: World, session: requests.Session, *, requests_each: int
) -> Iterator[str]:
    """What is wrong with the answers to generated requests of one operation."""
    name = operation.definition.raw["operationId"]
    token = world.tokens.get(role)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    most = requests_each if role in POLICIES[name] else requests_each // WHERE_REFUSED

    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=most, database=None, deadline=None, suppress_health_check=list(HealthCheck), print_blob=False
    )
    @hypothesis.given(case=strategy(operation, world.ids))
    def send(case: Any) -> None:
        answer = case.call(base_url=world.address, session=session, headers=headers)
        case.validate_response(answer, checks=CHECKS, headers=headers)
        faults = contract().faults(
            case.method,
            case.formatted_path,
            status=answer.status_code,
            headers=httpx.Headers({key: value[0] for key, value in answer.headers.items()}),
            content=answer.content,
        )
        assert faults == [], case.as_curl_command()

    try:
        send()
    except (Exception, BaseExceptionGroup) as fault:  # noqa: BLE001 - collected, so that one run shows all
        yield f"{role} {name}: {str(fault)[:1500]}"


@pytest.mark.parametrize(
    "requests_each", [pytest.param(15, marks=pytest.mark.check), pytest.param(500, marks=pytest.mark.soak)]
)
@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.PATIENT, Role.CLINICIAN])
def test_generated_requests_break_nothing(world: World, role: Role, requests_each: int) -> None:
    document = schemathesis.openapi.from_dict(json.loads(json.dumps(contract().document)))
    faults: list[str] = []
    with requests.Session() as session:
        for result in document.get_all_operations():
            assert isinstance(result, Ok)
            faults += faults_of(result.ok(), role, world, session, requests_each=requests_each)
    assert not faults, "\n\n".join(faults)
