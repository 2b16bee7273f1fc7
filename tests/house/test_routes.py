"""Every operation is finished: a policy, a summary, its problems. Read from the contract, as its users do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from app.api.policies import POLICIES, PUBLIC, SIGNED_IN
from app.api.problems import MEDIA_TYPE
from app.config import Settings
from app.main import create_app

METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}
DOCUMENT: dict[str, Any] = create_app(Settings.model_construct()).openapi()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the contract."""

    method: str
    path: str
    said: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.said["operationId"])


def operations() -> Iterator[Operation]:
    for path, item in DOCUMENT["paths"].items():
        for method, said in item.items():
            if method in METHODS:
                yield Operation(method, path, said)


OPERATIONS = sorted(operations(), key=lambda operation: (operation.path, operation.method))
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


def test_policies_and_operations_are_the_same_list() -> None:
    assert sorted(operation.name for operation in OPERATIONS) == sorted(POLICIES)


@each_operation
def test_it_says_what_it_does(operation: Operation) -> None:
    assert operation.said.get("summary")
    assert operation.said.get("description"), "the route function has no docstring"


@each_operation
def test_its_problems_are_problems(operation: Operation) -> None:
    wrong = {status: answer for status, answer in operation.said["responses"].items() if status[0] in "45"}
    assert "503" in wrong
    assert {status for status, answer in wrong.items() if list(answer["content"]) != [MEDIA_TYPE]} == set()


@each_operation
def test_whoever_must_sign_in_is_told_so(operation: Operation) -> None:
    """A policy that is not for everybody asks for a token and can answer 401, and 403 if it is for some only."""
    policy = POLICIES[operation.name]
    if policy == PUBLIC:
        assert operation.said["security"] == []
    else:
        assert operation.said["security"] == [{"bearer": []}]
        assert {"401"} | (set() if policy == SIGNED_IN else {"403"}) <= set(operation.said["responses"])


@each_operation
def test_what_can_be_absent_answers_404(operation: Operation) -> None:
    if operation.method in {"get", "patch", "delete"} and "{" in operation.path:
        assert "404" in operation.said["responses"]


@each_operation
def test_a_body_is_one_declared_object(operation: Operation) -> None:
    for media in operation.said.get("requestBody", {}).get("content", {}).values():
        assert "$ref" in media["schema"] or media["schema"].get("type") == "object"


@each_operation
def test_it_lives_under_its_version(operation: Operation) -> None:
    assert operation.path.startswith("/v1/")
