"""The check that names broken promises: each way to break one is named, and what breaks nobody is not."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from scripts import breaking

Json = dict[str, Any]
DOCUMENT: Json = json.loads(breaking.CONTRACT.read_text(encoding="utf-8"))


def schema(document: Json, name: str) -> Json:
    found: Json = document["components"]["schemas"][name]
    return found


def operation(document: Json, name: str) -> Json:
    found: Json
    [found] = [one for item in document["paths"].values() for one in item.values() if one["operationId"] == name]
    return found


def changed(how: Callable[[Json], object]) -> Json:
    document = copy.deepcopy(DOCUMENT)
    how(document)
    return document


BROKEN: dict[str, tuple[Callable[[Json], object], str]] = {
    "an operation goes": (lambda d: d["paths"].pop("/v1/me"), "get_me: GET /v1/me is gone"),
    "an operation is called otherwise": (
        lambda d: operation(d, "get_me").update(operationId="fetch_me"), "get_me: is called fetch_me now"),
    "a public operation asks for a token": (
        lambda d: operation(d, "get_server").update(security=[{"bearer": []}]), "get_server: asks for a token now"),
    "a parameter goes": (
        lambda d: operation(d, "get_exercise").update(parameters=[]), "get_exercise: path exercise_id is gone"),
    "a field of an answer goes": (
        lambda d: schema(d, "DecisionOut")["properties"].pop("state"), "DecisionOut.state is gone"),
    "a field of an answer may be null": (
        lambda d: schema(d, "DecisionOut")["properties"]["from_rung"].update(type=["integer", "null"]),
        "DecisionOut.from_rung may be null now"),
    "a field of an answer may be absent": (
        lambda d: schema(d, "DecisionOut")["required"].remove("state"), "DecisionOut.state may be absent now"),
    "a field of an answer is of another kind": (
        lambda d: schema(d, "DecisionOut")["properties"].update(from_rung={"type": "string"}),
        "DecisionOut.from_rung was integer and is string"),
    "a header of an answer goes": (
        lambda d: operation(d, "get_me")["responses"]["200"]["headers"].pop("ETag"),
        "get_me: 200 has no header ETag any more"),
    "an answer goes": (
        lambda d: operation(d, "put_my_session")["responses"].pop("201"),
        "put_my_session: does not answer 201 any more"),
    "a field of a request goes": (
        lambda d: schema(d, "PatientIn")["properties"].pop("phone"), "PatientIn.phone is gone"),
    "a field of a request must be sent": (
        lambda d: schema(d, "PatientIn")["required"].append("phone"), "PatientIn.phone must be sent now"),
    "a request takes fewer values": (
        lambda d: schema(d, "AnswerIn")["properties"]["answer"].update(enum=["accept"]),
        "AnswerIn.answer does not take decline any more"),
    "a request takes no null": (
        lambda d: schema(d, "PatientIn")["properties"].update(phone={"type": "string", "pattern": "x"}),
        "PatientIn.phone may not be null any more"),
    "a bound is tightened": (
        lambda d: schema(d, "OrderIn")["properties"]["reason"].update(maxLength=5),
        "OrderIn.reason: maxLength is 5 now"),
}  # fmt: skip


@pytest.mark.parametrize(("how", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_promise_is_named(how: Callable[[Json], object], said: str) -> None:
    assert said in breaking.breaks(breaking.shape(DOCUMENT), changed(how))


HARMLESS: dict[str, Callable[[Json], object]] = {
    "nothing": copy.deepcopy,
    "another word": lambda d: schema(d, "DecisionOut").update(description="Something else."),
    "a new field in an answer": lambda d: schema(d, "DecisionOut")["properties"].update(more={"type": "string"}),
    "a new field that may be sent": lambda d: schema(d, "PatientIn")["properties"].update(more={"type": "string"}),
    "a new operation": lambda d: d["paths"].update({"/v1/new": {"get": {"operationId": "new", "responses": {}}}}),
    "a wider bound": lambda d: schema(d, "OrderIn")["properties"]["reason"].update(maxLength=5000),
    "a new code": lambda d: schema(d, "DecisionOut")["properties"]["state"]["x-extensible-enum"].append("new"),
}


@pytest.mark.parametrize("how", HARMLESS.values(), ids=HARMLESS)
def test_what_breaks_nobody_is_not_named(how: Callable[[Json], object]) -> None:
    assert breaking.breaks(breaking.shape(DOCUMENT), changed(how)) == []


def test_the_promise_is_kept() -> None:
    assert breaking.main() == 0
