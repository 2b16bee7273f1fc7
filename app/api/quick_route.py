"""How does a route come by its parameters without asking, at every request, how they are declared?

FastAPI finds out anew for each parameter of each request whether it is a list, a model or has another name; measured,
that is a quarter of the cost of a short answer. Here a route that is simple enough finds out once. Whatever is missing
or invalid goes FastAPI's own way, so that its refusals stay its own. This file refuses to know any route.
"""

import inspect
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, fields
from typing import Any, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.responses import Response

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Read = Callable[[Request], Any]
KNOWN = frozenset(
    "path_params query_params header_params dependencies request_param_name name call path use_cache scope".split()
)
"""What a function may ask for to be served the quick way; `scope` only matters to dependencies that yield."""

READ: dict[str, Callable[[Request, str], Any]] = {
    "path_params": lambda request, name: request.path_params.get(name),
    "query_params": lambda request, name: request.query_params.get(name),
    "header_params": lambda request, name: request.headers.get(name),
}


class QuickRoute(APIRoute):
    """A GET route like any other, only quicker when its parameters are plain and right."""

    def get_route_handler(self) -> Handler:
        """FastAPI's handler, behind one that needs it seldom."""
        thorough = super().get_route_handler()
        plan = _plan_of(self.dependant)
        if plan is None or self.methods != {"GET"}:
            return thorough

        async def quick(request: Request) -> Response:
            values = await plan.solve(request)
            if values is None:
                return await thorough(request)
            answer: Response = await self.endpoint(**values)
            return answer

        return quick


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

    async def solve(self, request: Request) -> dict[str, Any] | None:
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
        if self.request_name is not None:
            values[self.request_name] = request
        return values


def _plan_of(dependant: Dependant) -> _Plan | None:
    """The plan of a function, None when something in it is beyond this file."""
    used = {one.name for one in fields(dependant) if getattr(dependant, one.name)}
    if not used <= KNOWN or not inspect.iscoroutinefunction(dependant.call):
        return None
    dependencies = []
    for inner in dependant.dependencies:
        plan = _plan_of(inner)
        if plan is None or inner.name is None or inner.call is None:
            return None
        dependencies.append((inner.name, inner.call, plan))
    parameters = []
    for kind, read in READ.items():
        for field in getattr(dependant, kind):
            if _holds_many(field.field_info.annotation) or field.field_info.validate_default:
                return None
            is_required = field.field_info.is_required()
            alias = field.validation_alias or field.alias
            default = None if is_required else field.get_default()
            parameters.append(_Parameter(field.name, alias, read, field.validate, is_required, default))
    return _Plan(tuple(parameters), tuple(dependencies), dependant.request_param_name)


def _holds_many(annotation: Any) -> bool:  # noqa: ANN401 - any annotation
    """Is it a list, a mapping or a model, or may it be one?"""
    kind = get_origin(annotation) or annotation
    if isinstance(kind, type) and issubclass(kind, list | tuple | set | frozenset | dict | BaseModel):
        return True
    return any(_holds_many(one) for one in get_args(annotation))
