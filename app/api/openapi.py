"""The document for client developers: what FastAPI generates, made true and complete.

Problems move to `application/problem+json`, FastAPI's own validation error goes, and every operation names its security.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api.policies import POLICIES, PUBLIC
from app.api.problems import MEDIA_TYPE, Problem

DESCRIPTION = """\
Rung serves a patient's exercises for today, records what was done (often offline), moves the patient along a ladder by
rules that ask about pain, and shows the clinic who keeps up and who hurts.

* JSON in snake_case; the top level is always an object. Ignore response fields you do not know, and have a fallback for
  every enumeration: new values may come.
* Instants are RFC 3339 with an offset, local days `YYYY-MM-DD`, zones IANA names.
* Every error is `application/problem+json`; decide by `code` and `retry`.
* The phone makes the ids of what it creates and may send anything again: the same id and body give the same answer.
"""


def install(app: FastAPI) -> None:
    """Make `app.openapi()` answer with the finished document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = build(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def build(app: FastAPI) -> dict[str, Any]:
    """The document of an application."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=DESCRIPTION,
        routes=app.routes,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/", "description": "This server"}],
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.setdefault("Problem", Problem.model_json_schema(ref_template="#/components/schemas/{model}"))
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An access token of `/v1/auth`."}
    }
    _rename_bounds(document)
    for path in document["paths"].values():
        for operation in path.values():
            _finish(operation)
    return document


def _rename_bounds(node: Any) -> None:  # noqa: ANN401 - any part of the document
    """Bounds on a type that has a validator of its own leave Pydantic under Pydantic's names."""
    if isinstance(node, dict):
        for ours, theirs in (("ge", "minimum"), ("le", "maximum")):
            if isinstance(node.get(ours), int):
                node[theirs] = node.pop(ours)
        for part in node.values():
            _rename_bounds(part)
    elif isinstance(node, list):
        for part in node:
            _rename_bounds(part)


def _finish(operation: dict[str, Any]) -> None:
    policy = POLICIES.get(operation["operationId"], PUBLIC)
    operation["security"] = [] if policy == PUBLIC else [{"bearer": []}]
    for status, response in operation["responses"].items():
        if status[0] in "45":
            response["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
