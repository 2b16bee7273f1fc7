"""Is an answer what the document says? Status, headers, media type, every field and every code.

`Contract(document).faults(...)` lists what is wrong; `event_hook` makes any httpx client check each of its answers.
What is not in the document does not exist, so here, unlike for clients, an unknown field or code is a fault.
"""

import copy
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import cache
from typing import Any

import httpx
from jsonschema_rs import Draft202012Validator, Registry

from app.config import Settings
from app.main import create_app

Json = dict[str, Any]

METHODS = {"get", "put", "post", "delete", "patch"}
DOCUMENT = "urn:document"
TOLD_HEADERS = ("ETag", "Location", "Link", "Content-Language", "Retry-After", "WWW-Authenticate", "X-Request-Id")
SOMETIMES = {"Link"}
"""Headers that a documented answer may lack."""


class KnownCode:
    """The keyword of open sets of codes: for clients they are open, here they are not."""

    def __init__(self, _parent: Json, codes: list[str], _path: list[str]) -> None:
        self._codes = frozenset(codes)

    def validate(self, value: Any) -> None:
        """Raises ValueError."""
        if isinstance(value, str) and value not in self._codes:
            raise ValueError(f"{value!r} is no documented code: {sorted(self._codes)}")


PLAIN_TEXT = ("text/csv", "application/x-ndjson", "image/svg+xml")
DOTS_AND_PAGES = ("image/png", "application/pdf")
"""Bytes that no example can show."""


class Contract:
    """A document to hold answers against."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self._registry = Registry([(DOCUMENT, closed(document))])
        self._validators: dict[str, Draft202012Validator] = {}
        self._templates = [
            (template, re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))))
            for template in document["paths"]
        ]

    def find(self, method: str, path: str) -> tuple[str, Json] | None:
        """The template and the operation of a request; None where the document has no such operation."""
        fitting = [template for template, pattern in self._templates if pattern.fullmatch(path)]
        for template in sorted(fitting, key=lambda one: one.count("{")):
            operation = self.document["paths"][template].get(method.lower())
            if operation is not None:
                return template, operation
        return None

    def faults(self, method: str, path: str, *, status: int, headers: Mapping[str, str], content: bytes) -> list[str]:
        """What the document does not say of this answer; nothing for paths that it does not have."""
        found = self.find(method, path)
        if found is None:
            return []
        template, operation = found
        told = operation["responses"].get(str(status))
        if told is None:
            return [f"status {status} is not documented"]
        faults = list(self._header_faults(told, headers, is_success=status < 300))
        if not content:
            # A file of no lines is empty; every other body has something in it.
            needs_body = set(told.get("content", ())) - set(PLAIN_TEXT)
            return faults + (["a body is documented"] if needs_body else [])
        media = headers.get("content-type", "").partition(";")[0]
        if media not in told.get("content", {}):
            return [*faults, f"media type {media!r} is not documented"]
        if media in DOTS_AND_PAGES:
            return faults
        body: Any = content.decode() if media in PLAIN_TEXT else json.loads(content)
        at = "/".join(
            _escaped(p) for p in ("paths", template, method.lower(), "responses", str(status), "content", media)
        )
        faults += self.body_faults(f"/{at}/schema", body)
        if status >= 400 and body["code"] not in told["x-problem-codes"]:
            faults.append(f"problem {body['code']} is not documented for {status}")
        return faults

    def body_faults(self, pointer: str, body: Any) -> list[str]:
        """What is wrong with a body, by the schema at a pointer into the document."""
        validator = self._validators.get(pointer)
        if validator is None:
            validator = self._validators[pointer] = Draft202012Validator(
                {"$ref": f"{DOCUMENT}#{pointer}"},
                registry=self._registry,
                validate_formats=True,
                keywords={"x-extensible-enum": KnownCode},
            )
        return [
            f"{'/'.join(map(str, error.instance_path))}: {error.message[:300]}" for error in validator.iter_errors(body)
        ]

    def _header_faults(self, told: Json, headers: Mapping[str, str], *, is_success: bool) -> Iterator[str]:
        documented = told.get("headers", {})
        for name in TOLD_HEADERS:
            if name in headers and name not in documented:
                yield f"header {name} is not documented"
            if is_success and name in documented and name not in headers and name not in SOMETIMES:
                yield f"header {name} is documented and was not sent"


def closed(document: Json) -> Json:
    """The document with every object closed: a field that it does not name is wrong."""
    copied = copy.deepcopy(document)
    for schema in copied["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return copied


@cache
def contract() -> Contract:
    """The contract of the code as it is."""
    return Contract(json.loads(json.dumps(create_app(Settings.model_construct()).openapi())))


def event_hook(contract_of: Callable[[], Contract] = contract) -> Callable[[httpx.Response], Awaitable[None]]:
    """A response hook for an httpx client, which fails the test when an answer is not what the document says."""

    async def check(response: httpx.Response) -> None:
        await response.aread()
        request = response.request
        faults = contract_of().faults(
            request.method,
            request.url.path,
            status=response.status_code,
            headers=response.headers,
            content=response.content,
        )
        told = "\n".join(faults[:10])
        assert not faults, (
            f"{request.method} {request.url.path} -> {response.status_code}:\n{told}\n{response.text[:500]}"
        )

    return check


def _escaped(part: str) -> str:
    """A key as part of a JSON pointer in a URI."""
    return part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
