"""How does a plain request come to its route without what FastAPI does for requests that are not plain?

FastAPI tries one route after the other, wraps the chosen one four times, and finds out anew for each parameter whether
it is a list, a model or has another name; measured, all that is most of the cost of a short answer. Here every path is
looked up by one expression, and a route that is simple enough is called with parameters that are read by a plan made
once. Whatever is missing, invalid or not plain goes on to FastAPI as if this were not here, so that its refusals stay
its own; a body that was read is handed on with it. This file refuses to know any route.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import fields
from typing import Any, get_args, get_origin

import msgspec
from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.params import Body, Form
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.errors import RungError
from app.values import dataclass

Refuse = Callable[[Request, Exception], Awaitable[Response]]
KNOWN = frozenset(
    "path_params query_params header_params body_params dependencies request_param_name".split()
    + "name call path use_cache scope".split()
)
"""What a function may ask for to be served this way; `scope` only matters to dependencies that yield."""

READ: dict[str, Callable[[Request, str], Any]] = {
    "path_params": lambda request, name: request.path_params.get(name),
    "query_params": lambda request, name: request.query_params.get(name) if request.scope["query_string"] else None,
    "header_params": lambda request, name: request.headers.get(name),
}
NAMED_GROUP = re.compile(r"\(\?P<\w+>")


METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE")
JSON_TYPE = re.compile(r"application/json\s*(;|$)", re.IGNORECASE)


class Shortcut:
    """A layer that answers what it can, and hands on the rest."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute], refuse: Refuse) -> None:
        self._app = app
        self._refuse = refuse
        self._tables = {method: _Table(routes, method) for method in METHODS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        found = None
        if scope["type"] == "http" and scope["method"] in self._tables and not scope.get("root_path"):
            found = self._tables[scope["method"]].find(scope["path"])
        if found is None:
            await self._app(scope, receive, send)
            return
        route, plan = found
        body = None
        if plan.body is not None:
            body, receive = await _body_of(scope, receive)
            if body is None:
                await self._app(scope, receive, send)
                return
        named = route.path_regex.match(scope["path"]).groupdict()
        scope["endpoint"] = route.endpoint
        scope["path_params"] = {key: route.param_convertors[key].convert(value) for key, value in named.items()}
        request = Request(scope, receive, send)
        try:
            values = await plan.solve(request, body)
            answer = None if values is None else await route.endpoint(**values)
        except RungError as error:
            answer = await self._refuse(request, error)
        await (self._app if answer is None else answer)(scope, receive, send)


class _Table:
    """The routes of one method, to be found by one expression: the first that matches, as FastAPI finds it."""

    def __init__(self, routes: Sequence[BaseRoute], method: str) -> None:
        asked: list[Any] = [route for route in routes if hasattr(route, "path_regex")]
        asked = [route for route in asked if getattr(route, "methods", None) is None or method in route.methods]
        self._routes = [(route, _plan_of_route(route)) for route in asked]
        self._which = re.compile("|".join(f"({NAMED_GROUP.sub('(?:', one.path_regex.pattern)})" for one in asked))

    def find(self, path: str) -> "tuple[Any, _Plan] | None":
        """The route of a path with its plan; None when FastAPI must serve it."""
        found = self._which.match(path)
        if found is None or found.lastindex is None:
            return None
        route, plan = self._routes[found.lastindex - 1]
        return None if plan is None else (route, plan)


async def _body_of(scope: Scope, receive: Receive) -> tuple[Any, Receive]:
    """The JSON of a body, None when FastAPI must look at it, and a way to receive the same again.

    A body that does not say how long it is may break a limit while it is read, so that one is not touched.
    """
    headers = Headers(scope=scope)
    if "content-length" not in headers or not JSON_TYPE.match(headers.get("content-type", "")):
        return None, receive
    received: list[Message] = []
    while not received or received[-1].get("more_body"):
        received.append(await receive())
    left = iter(received)

    async def again() -> Message:
        return next(left, None) or await receive()

    if received[-1]["type"] != "http.request":
        return None, again
    try:
        return msgspec.json.decode(b"".join(one.get("body", b"") for one in received)), again
    except (ValueError, RecursionError):
        return None, again


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    alias: str
    read: Callable[[Request, str], Any]
    validate: Callable[..., tuple[Any, list[Any]]]
    is_required: bool
    default: Any


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the arguments of one function come about."""

    parameters: tuple[_Parameter, ...]
    dependencies: tuple[tuple[str, Callable[..., Awaitable[Any]], "_Plan"], ...]
    request_name: str | None
    body: _Parameter | None

    async def solve(self, request: Request, body: Any = None) -> dict[str, Any] | None:  # noqa: ANN401 - any JSON value
        """The arguments; None when FastAPI must say what is wrong."""
        values: dict[str, Any] = {}
        for name, call, plan in self.dependencies:
            arguments = await plan.solve(request)
            if arguments is None:
                return None
            values[name] = await call(**arguments)
        for one in self.parameters:
            given = one.read(request, one.alias)
            if given is None:
                if one.is_required:
                    return None
                values[one.name] = one.default
                continue
            values[one.name], errors = one.validate(given)
            if errors:
                return None
        if self.body is not None:
            values[self.body.name], errors = self.body.validate(body, {}, loc=("body",))
            if errors:
                return None
        if self.request_name is not None:
            values[self.request_name] = request
        return values


def _plan_of_route(route: Any) -> _Plan | None:  # noqa: ANN401 - any route
    """The plan of a route that makes its answer itself, in no way of its own, and is asked by one method alone."""
    if not isinstance(route, APIRoute) or len(route.methods or ()) != 1:
        return None
    if type(route).get_route_handler is not APIRoute.get_route_handler:
        return None
    kind = inspect.get_annotations(route.endpoint, eval_str=True).get("return")
    is_answer = isinstance(kind, type) and issubclass(kind, Response)
    return _plan_of(route.dependant) if is_answer else None


def _plan_of(dependant: Dependant) -> _Plan | None:
    """The plan of a function, None when something in it is beyond this file."""
    used = {one.name for one in fields(dependant) if getattr(dependant, one.name)}
    if not used <= KNOWN or not inspect.iscoroutinefunction(dependant.call):
        return None
    dependencies = []
    for inner in dependant.dependencies:
        plan = _plan_of(inner)
        if plan is None or plan.body is not None or inner.name is None or inner.call is None:
            return None
        dependencies.append((inner.name, inner.call, plan))
    parameters = []
    for kind, read in READ.items():
        for field in getattr(dependant, kind):
            if _holds_many(field.field_info.annotation) or field.field_info.validate_default:
                return None
            parameters.append(_parameter(field, read))
    bodies = dependant.body_params
    if len(bodies) > 1 or not all(_is_whole(one) for one in bodies):
        return None
    body = _parameter(bodies[0], _never) if bodies else None
    return _Plan(tuple(parameters), tuple(dependencies), dependant.request_param_name, body)


def _parameter(field: Any, read: Callable[[Request, str], Any]) -> _Parameter:  # noqa: ANN401 - FastAPI's own
    is_required = field.field_info.is_required()
    alias = field.validation_alias or field.alias
    return _Parameter(
        field.name, alias, read, field.validate, is_required, None if is_required else field.get_default()
    )


def _never(_request: Request, _alias: str) -> None:
    """A body is received, not looked up."""


def _is_whole(field: Any) -> bool:  # noqa: ANN401 - FastAPI's own
    """Is this parameter the whole of a JSON body, which must be there?"""
    info = field.field_info
    is_json = isinstance(info, Body) and not isinstance(info, Form) and not getattr(info, "embed", None)
    kind = info.annotation
    return is_json and info.is_required() and isinstance(kind, type) and issubclass(kind, BaseModel)


def _holds_many(annotation: Any) -> bool:  # noqa: ANN401 - any annotation
    """Is it a list, a mapping or a model, or may it be one?"""
    kind = get_origin(annotation) or annotation
    if isinstance(kind, type) and issubclass(kind, list | tuple | set | frozenset | dict | BaseModel):
        return True
    return any(_holds_many(one) for one in get_args(annotation))
