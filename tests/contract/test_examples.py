"""Every operation shows a request and an answer that really happened, and they are what the document says."""

import json
from typing import Any

import pytest

from tests.contract import examples
from tests.contract.validation import DOTS_AND_PAGES, Contract, Json, contract
from tests.databases import FreshDatabase

COMMITTED: dict[str, Json] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(examples.FOLDER.glob("*.json"))
}
DOCUMENT = contract().document
OPERATIONS = [
    (template, method, operation)
    for template, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
each_operation = pytest.mark.parametrize(
    ("template", "method", "operation"), OPERATIONS, ids=[operation["operationId"] for _, _, operation in OPERATIONS]
)


async def test_the_story_still_goes_like_this(fresh_database: FreshDatabase) -> None:
    """If this fails and the change is meant: `make openapi`, look at the difference, and commit the files."""
    played = await examples.played(fresh_database("sqlite").app_url)
    changed = [name for name in sorted({*played, *COMMITTED}) if played.get(name) != COMMITTED.get(name)]
    assert changed == []


@each_operation
def test_every_answer_has_an_example(template: str, method: str, operation: Json) -> None:
    """Of each status and each kind of body."""
    silent = [
        f"{status} {kind}"
        for status, response in operation["responses"].items()
        for kind, media in response.get("content", {}).items()
        if not {"example", "examples"} & set(media) and kind not in DOTS_AND_PAGES
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("template", "method", "example", "answered"),
    [
        (template, method, COMMITTED[operation["operationId"]], answered)
        for template, method, operation in OPERATIONS
        for example in [COMMITTED[operation["operationId"]]]
        for answered in (example["response"], *example.get("also", []))
    ],
)
def test_each_example_is_what_the_document_says(template: str, method: str, example: Json, answered: Json) -> None:
    pointer = pointer_to("paths", template, method, "responses", str(answered["status"]))
    headers = {**answered["headers"], "X-Request-Id": "0"}
    media = answered.get("media", "application/json")
    body = answered.get("body", "")
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    if media in DOTS_AND_PAGES:
        content = b"\0"
    if content:
        headers["content-type"] = media
    path = template.format(**example.get("path", {}))
    faults = contract().faults(method, path, status=answered["status"], headers=headers, content=content)
    assert faults == [], pointer


@each_operation
def test_its_body_has_an_example(template: str, method: str, operation: Json) -> None:
    if "requestBody" not in operation:
        return
    [(kind, media)] = operation["requestBody"]["content"].items()
    pointer = pointer_to("paths", template, method, "requestBody", "content", kind, "schema")
    assert contract().body_faults(pointer, media["example"]) == []


@each_operation
def test_what_must_be_sent_has_an_example(template: str, method: str, operation: Json) -> None:
    for parameter in operation.get("parameters", []):
        if parameter["required"]:
            assert "example" in parameter, parameter["name"]


def test_every_problem_has_an_example() -> None:
    shown = DOCUMENT["components"]["examples"]
    listed = {
        code
        for _, _, operation in OPERATIONS
        for one in operation["responses"].values()
        for code in one.get("x-problem-codes", [])
    }
    assert set(shown) == listed
    for example in shown.values():
        assert contract().body_faults("/components/schemas/Problem", example["value"]) == []


def test_a_fault_is_found() -> None:
    """The check itself: an unknown field, an unknown code, another kind of value, a missing header, another status."""
    strict = Contract(DOCUMENT)
    answered = COMMITTED["list_my_decisions"]["response"]
    path = "/v1/me/decisions"

    def faults(body: Any, status: int = 200, more: dict[str, str] | None = None) -> list[str]:
        headers = {**answered["headers"], "X-Request-Id": "0", "content-type": "application/json"} | (more or {})
        return strict.faults("GET", path, status=status, headers=headers, content=json.dumps(body).encode())

    body = answered["body"]
    assert faults(body) == []
    assert faults(body | {"more": 1}) != []
    changed = json.loads(json.dumps(body))
    changed["items"][0]["kind"] = "leap"
    assert faults(changed) != []
    for field, wrong in (("id", "no uuid"), ("decided_on", "5 January"), ("from_rung", "1")):
        changed = json.loads(json.dumps(body))
        changed["items"][0][field] = wrong
        assert len(faults(changed)) == 1
    assert faults(body, 418) == ["status 418 is not documented"]
    assert faults(body, more={"ETag": '"1"'}) == ["header ETag is not documented"]
    assert faults(body, more={"content-type": "text/plain"}) == ["media type 'text/plain' is not documented"]


def pointer_to(*parts: str) -> str:
    """A JSON pointer in a URI."""
    escaped = [part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D") for part in parts]
    return "/" + "/".join(escaped)
