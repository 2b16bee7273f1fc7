"""A plain GET is answered by the shortcut exactly as FastAPI would, and everything else goes on to FastAPI."""

from datetime import date
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI, Header, Query, Request
from fastapi.responses import PlainTextResponse
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.api import refusals
from app.api.shortcut import Shortcut
from app.config import Settings
from app.domain.errors import NotFound
from app.main import create_app


def small() -> FastAPI:
    """Routes of every kind that the shortcut tells apart."""
    app = FastAPI()

    async def doubled(number: int) -> int:
        return 2 * number

    @app.get("/things/first")
    async def first() -> Response:
        return PlainTextResponse("the first thing")

    @app.get("/things/model")
    async def model() -> dict[str, int]:
        return {"model": 1}

    @app.post("/things/{thing_id}")
    async def change(thing_id: str) -> Response:
        return PlainTextResponse(f"changed {thing_id}")

    @app.get("/things/{thing_id}")
    async def thing(thing_id: str, request: Request, tag: Annotated[str | None, Header()] = None) -> Response:
        if thing_id == "gone":
            raise NotFound("It is gone.")
        return PlainTextResponse(f"{thing_id} {tag} {request.path_params} {request.scope['endpoint'].__name__}")

    @app.get("/doubled")
    async def twice(
        found: Annotated[int, Depends(doubled)], on: Annotated[date | None, Query(alias="from")] = None
    ) -> Response:
        return PlainTextResponse(f"{found} {on}")

    @app.get("/many")
    async def many(names: Annotated[list[str], Query()]) -> Response:
        return PlainTextResponse(" ".join(names))

    @app.get("/later/{place:path}")
    async def later(place: str) -> Response:
        return PlainTextResponse(f"later: {place}")

    refusals.install(app)
    return app


def with_shortcut(app: FastAPI) -> FastAPI:
    app.add_middleware(Shortcut, routes=app.router.routes, refuse=refusals.on_rung_error)
    return app


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/things/first"),
        ("GET", "/things/model"),
        ("GET", "/things/third"),
        ("GET", "/things/a%2Fb"),
        ("GET", "/things/sch%C3%B6n?tag=of-the-query"),
        ("GET", "/things/gone"),
        ("GET", "/things/"),
        ("GET", "/things"),
        ("POST", "/things/first"),
        ("PUT", "/things/first"),
        ("HEAD", "/things/first"),
        ("GET", "/doubled?number=21"),
        ("GET", "/doubled?number=21&from=2026-01-05"),
        ("GET", "/doubled?number=21&from=yesterday"),
        ("GET", "/doubled?number=many"),
        ("GET", "/doubled"),
        ("GET", "/many?names=a&names=b"),
        ("GET", "/later/and/later"),
        ("GET", "/nowhere"),
    ],
)
async def test_it_answers_as_fastapi_does(method: str, path: str) -> None:
    answers = []
    for app in (small(), with_shortcut(small())):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://rung.test") as client:
            answers.append(await client.request(method, path, headers={"Tag": "t"}))
    without, quick = answers
    assert (quick.status_code, quick.content, quick.headers) == (without.status_code, without.content, without.headers)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/exercises/single-knee-to-chest", 200),
        ("/v1/exercises/single-knee-to-chest?version=1", 200),
        ("/v1/exercises/nothing-of-this-name", 404),
        ("/v1/me/routine", 401),
        ("/v1/me/routine?from=2026-01-05&days=7", 401),
        ("/v1/me/progress", 401),
        ("/v1/patients/0b1c7f3e-0000-7000-8000-000000000001/routine", 401),
        ("/v1/worklist?limit=10", 401),
    ],
)
async def test_what_is_asked_all_day_is_answered_by_it(path: str, status: int) -> None:
    """With nothing behind it, so that what it hands on fails."""
    app = create_app(Settings.model_construct())

    async def nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise AssertionError("handed on")

    alone: Any = Shortcut(nothing, app.router.routes, refusals.on_rung_error)

    async def speaking(scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = app
        await alone(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(speaking), base_url="http://rung.test") as client:
        assert (await client.get(path)).status_code == status
