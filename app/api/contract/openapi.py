"""The document for client developers: what FastAPI generates, made true and complete.

Every name gets its sentence (vocabulary.py, glossary.toml), every operation its headers, its problems, its security and
the examples of app/api/contract/examples, which were really answered by this service (tests/contract plays them again).
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api.contract import answers
from app.api.contract.vocabulary import ENUMERATIONS, glossary, vocabulary
from app.api.policies import POLICIES, PUBLIC
from app.api.problems import CODES, INTERNAL, MEDIA_TYPE, PROBLEMS, Row
from app.domain import errors as e

Json = dict[str, Any]

DESCRIPTION = """\
Rung serves a patient's exercises for today, records what was done (often offline), moves the patient along a ladder by
rules that ask about pain, and shows the clinic who keeps up and who hurts.

* JSON in snake_case, UTF-8; the top level is always an object, and bodies hold at most 1 MiB.
* Enumerations in answers are open: `x-extensible-enum` lists today's codes, their descriptions say what each means, and
  new ones may come, so have a fallback. Ignore response fields that you do not know.
* Instants are RFC 3339 with an offset, in the years 2000 to 2100; local days are `YYYY-MM-DD`, zones IANA names.
* Every 4xx and 5xx is `application/problem+json` (RFC 9457). Decide by `code` and `retry`; `x-problem-codes` lists
  which problems a status stands for. An unknown path answers 404 `not_found`, a path without the method 405
  `method_not_allowed`.
* The phone makes the ids of what it creates and may send anything again: the same id and body give the same answer.
* What clinicians send may hold no unknown field. What a phone reports may: such fields are kept aside and named in the
  answer, because an app may be newer than its server.
* Lists answer `items` and `next_cursor`; send the cursor back, unchanged, for the next page. Every list has one stable
  order, which it names; what is equal in it is ordered by id.
* Who may not call an operation hears so (401, 403) before anything is said about what was sent (400, 415, 422, 428).
* A row that is not yours and a row that is not there get the same 404.
"""

KEPT_BY_304 = ("ETag", "Content-Language")
"""What an answer without a body still says of the body that the client has."""

SAID_BY_FRAMEWORK = "Successful Response"
SAYS = {"200": "The answer.", "201": "Created.", "204": "Done; there is nothing to say."}


def install(app: FastAPI) -> None:
    """Make `app.openapi()` answer with the finished document."""

    def document() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = build(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def build(app: FastAPI) -> Json:
    """The document of an application."""
    answers.declare(app.routes)
    document = _named_apart(
        get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=DESCRIPTION,
            routes=app.routes,
            license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
            servers=[{"url": "/", "description": "This server"}],
        )
    )
    components = document["components"]
    schemas = components["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An access token of `/v1/auth`."}
    }
    components["headers"] = {
        name: {"description": said, "schema": {"type": "integer" if name == "Retry-After" else "string"}}
        for name, said in glossary()["headers"].items()
    }
    components["examples"] = {row.code: _problem_example(row) for row in (*PROBLEMS.values(), INTERNAL)}
    for node in _objects(document):
        _rename_bounds(node)
    for name, schema in schemas.items():
        _describe_schema(name, schema)
    used: dict[str, None] = {}
    for path in document["paths"].values():
        for operation in path.values():
            _finish(operation)
            used.update(dict.fromkeys(operation["tags"]))
    document["tags"] = [{"name": tag, "description": glossary()["tags"].get(tag, "")} for tag in sorted(used)]
    _drop_unused(document)
    return document


def _named_apart(document: Json) -> Json:
    """A shape that is sent and answered has two schemas, because an answer holds every field: `...In` and `...Out`."""
    text = json.dumps(document)
    found: Json = json.loads(text.replace('In-Output"', 'Out"').replace('-Input"', '"'))
    return found


def _objects(node: Any) -> Iterator[Json]:  # noqa: ANN401 - any part of the document
    """Every object in a part of the document, the outer before the inner."""
    if isinstance(node, dict):
        yield node
        for part in list(node.values()):
            yield from _objects(part)
    elif isinstance(node, list):
        for part in node:
            yield from _objects(part)


def _rename_bounds(node: Json) -> None:
    """Bounds on a type that has a validator of its own leave Pydantic under Pydantic's names."""
    for ours, theirs in (("ge", "minimum"), ("le", "maximum")):
        if isinstance(node.get(ours), int):
            node[theirs] = node.pop(ours)


# Schemas


def _describe_schema(name: str, schema: Json) -> None:
    """Give every field a description, and every code its sentence."""
    words = glossary()["fields"]
    owner = next((key for key, value in ENUMERATIONS.items() if value.__name__ == name), None)
    if owner is not None:
        schema["description"] = _with_codes(schema.get("description", ""), owner)
    for field, node in schema.get("properties", {}).items():
        said = words.get(f"{name}.{field}") or node.get("description") or words.get(field, "")
        node["description"] = _with_its_codes(node, said)


def _with_its_codes(node: Json, said: str) -> str:
    """What is said of a field or parameter, and the codes that it may hold; the marks that name them are taken away."""
    for part in _objects(node):
        vocabulary_name = part.pop("x-codes", None)
        is_open_set = part.pop("x-open-set", False)
        if vocabulary_name is None:
            continue
        said = _with_codes(said, vocabulary_name)
        if "enum" not in part and not is_open_set:
            part["x-extensible-enum"] = list(vocabulary(vocabulary_name))
    return said


def _with_codes(said: str, name: str) -> str:
    listed = "\n".join(f"* `{code}`: {sentence}" for code, sentence in vocabulary(name).items())
    return f"{said}\n\n{listed}".strip()


# Operations


def _finish(operation: Json) -> None:
    name = operation["operationId"]
    example = examples().get(name, {})
    policy = POLICIES.get(name, PUBLIC)
    operation["security"] = [] if policy == PUBLIC else [{"bearer": []}]
    operation["summary"] = name.replace("_", " ").capitalize()
    for parameter in operation.get("parameters", []):
        said = parameter.get("description") or glossary()["parameters"].get(parameter["name"], "")
        parameter["description"] = _with_its_codes(parameter["schema"], said)
        sent = {**example.get("path", {}), **example.get("query", {}), **example.get("headers", {})}
        if parameter["name"] in sent:
            parameter["example"] = _as_told(parameter["schema"], sent[parameter["name"]])
    if "requestBody" in operation:
        [media] = operation["requestBody"]["content"].values()
        if "body" in example:
            media["example"] = example["body"]
        for kind in (e.MalformedJson, e.BodyTooLarge, e.UnsupportedMediaType):
            _add_problem(operation, PROBLEMS[kind])
    _add_problem(operation, INTERNAL)
    if any(parameter["name"] == "If-None-Match" for parameter in operation.get("parameters", [])):
        operation["responses"]["304"] = {"description": "What you have still holds; there is no body."}
    operation["responses"] = dict(sorted(operation["responses"].items()))
    for status, response in operation["responses"].items():
        _finish_response(operation, status, response, example)


def _add_problem(operation: Json, row: Row) -> None:
    operation["responses"].setdefault(str(row.status), {"description": f"`{row.code}`: {row.title}", CODES: [row.code]})


def _as_told(schema: Json, sent: str) -> Any:  # noqa: ANN401 - what the schema says
    """What was sent as text, as the value that the document promises."""
    kinds = {one.get("type") for one in (schema, *schema.get("anyOf", []))}
    return json.loads(sent) if kinds & {"integer", "boolean"} else sent


def _finish_response(operation: Json, status: str, response: Json, example: Json) -> None:
    headers = ["X-Request-Id"]
    answered = example.get("response", {})
    if status[0] in "45":
        response["content"] = {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in response[CODES]},
            }
        }
        headers += {"401": ["WWW-Authenticate"], "412": ["ETag"], "429": ["Retry-After"], "503": ["Retry-After"]}.get(
            status, []
        )
        if {"session_differs", "check_in_differs"} & set(response[CODES]):
            headers.append("ETag")
    else:
        response["description"] = response["description"].replace(SAID_BY_FRAMEWORK, SAYS.get(status, ""))
        for one in (answered, *example.get("also", [])):
            media = one.get("media", "application/json")
            if "body" in one and media in response.get("content", {}) and str(one.get("status")) == status:
                response["content"][media]["example"] = one["body"]
        headers += [header for header in answered.get("headers", {}) if status != "304" or header in KEPT_BY_304]
        if status != "304" and any(one["name"] == "cursor" for one in operation.get("parameters", [])):
            headers.append("Link")
    response["headers"] = {header: {"$ref": f"#/components/headers/{header}"} for header in dict.fromkeys(headers)}


# Examples


@cache
def examples() -> Mapping[str, Json]:
    """What was really sent and answered, by operation."""
    folder = files("app.api.contract") / "examples"
    if not folder.is_dir():
        return {}
    found = sorted((one for one in folder.iterdir() if one.name.endswith(".json")), key=lambda one: one.name)
    return {one.name.removesuffix(".json"): json.loads(one.read_text(encoding="utf-8")) for one in found}


def _problem_example(row: Row) -> Json:
    """The body of a problem, as problems.py makes it."""
    problem: Json = {
        "type": f"/problems/{row.code}",
        "title": row.title,
        "status": row.status,
        "detail": row.title,
        "code": row.code,
        "request_id": "0c9d1a527f1e4c7a9f432b8f0d6f7a11",
        "retry": row.retry,
        "errors": [],
    }
    if row.code == "invalid":
        problem["detail"] = "Look at: /pain_after"
        said = "Input should be less than or equal to 10"
        problem["errors"] = [{"pointer": "/pain_after", "code": "out_of_range", "detail": said}]
    return {"summary": row.title, "value": problem}


def _drop_unused(document: Json) -> None:
    """Problems that no operation answers, such as those of start-up, need no example; headers that none sends, too."""
    used = {node["$ref"] for node in _objects(document["paths"]) if "$ref" in node}
    for part in ("examples", "headers"):
        kept = document["components"][part]
        document["components"][part] = {name: kept[name] for name in kept if f"#/components/{part}/{name}" in used}
