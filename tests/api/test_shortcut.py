"""A plain request is answered by the shortcut exactly as FastAPI would, and everything else goes on to FastAPI."""

from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import date
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI, Header, Query, Request
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.api import refusals
from app.api.shortcut import Shortcut
from app.config import Settings
from app.domain.errors import NotFound
from app.main import create_app


class Note(BaseModel):
    """Something to send; what is not known of it is kept."""

    model_config = ConfigDict(extra="allow")

    text: Annotated[str, Field(max_length=10)]
    on: date | None = None


async def doubled(number: int) -> int:
    return 2 * number


def small() -> FastAPI:
    """Routes of every kind that the shortcut tells apart."""
    app = FastAPI()

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

    bodies(app)
    refusals.install(app)
    return app


def bodies(app: FastAPI) -> None:
    """Routes that are sent something."""

    @app.put("/notes/{number}")
    async def keep(number: int, note: Note, found: Annotated[int, Depends(doubled)]) -> Response:
        if note.text == "gone":
            raise NotFound("It is gone.")
        return PlainTextResponse(f"{number} {found} {note!r}", status_code=201)

    @app.post("/notes")
    async def maybe(note: Note | None = None) -> Response:
        return PlainTextResponse(f"{note!r}")

    class Signed(APIRoute):
        """A kind of route that does something of its own beside the function."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handler = super().get_route_handler()

            async def signed(request: Request) -> Response:
                answer = await handler(request)
                answer.headers["Signed"] = "yes"
                return answer

            return signed

    async def sign(note: Note) -> Response:
        return PlainTextResponse(f"{note!r}")

    app.router.add_api_route("/signed", sign, methods=["POST"], route_class_override=Signed)

    @app.post("/pairs")
    async def pair(one: Note, other: Note) -> Response:
        return PlainTextResponse(f"{one!r} {other!r}")


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


JSON = {"Content-Type": "application/json"}


async def in_pieces() -> AsyncIterator[bytes]:
    yield b'{"text": '
    yield b'"pieces"}'


BODIES: dict[str, dict[str, Any]] = {
    "plain": {"json": {"text": "a", "on": "2026-01-05", "more": [1, {"deep": None}]}},
    "with a charset": {"content": b'{"text": "a"}', "headers": {"Content-Type": "Application/JSON; charset=utf-8"}},
    "of another kind of JSON": {"content": b'{"text": "a"}', "headers": {"Content-Type": "application/x+json"}},
    "not JSON by its word": {"content": b'{"text": "a"}', "headers": {"Content-Type": "text/plain"}},
    "nearly JSON by its word": {"content": b'{"text": "a"}', "headers": {"Content-Type": "application/jsonx"}},
    "of two kinds, the first one JSON": {
        "content": b'{"text": "a"}',
        "headers": [("Content-Type", "application/json"), ("Content-Type", "text/plain")],
    },
    "of two kinds, the second one JSON": {
        "content": b'{"text": "a"}',
        "headers": [("Content-Type", "text/plain"), ("Content-Type", "application/json")],
    },
    "without a word": {"content": b'{"text": "a"}'},
    "no JSON": {"content": b'{"text": ', "headers": JSON},
    "no UTF-8": {"content": b'{"text": "\xff"}', "headers": JSON},
    "a lone surrogate": {"content": b'{"text": "\\ud800"}', "headers": JSON},
    "a key twice": {"content": b'{"text": "a", "text": "b"}', "headers": JSON},
    "not a number": {"content": b'{"text": "a", "more": NaN}', "headers": JSON},
    "deep": {"content": b"[" * 100_000, "headers": JSON},
    "too long a text": {"json": {"text": "a" * 11}},
    "a wrong date": {"json": {"text": "a", "on": "yesterday"}},
    "an integer for a date": {"json": {"text": "a", "on": 5}},
    "null": {"content": b"null", "headers": JSON},
    "a list": {"json": []},
    "two": {"json": {"one": {"text": "a"}, "other": {"text": "b"}}},
    "refused": {"json": {"text": "gone"}},
    "in pieces": {"content": "pieces", "headers": JSON},
    "none": {},
}


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/notes/7?number=2"),
        ("PUT", "/notes/seven?number=2"),
        ("PUT", "/notes/7"),
        ("POST", "/notes/7"),
        ("POST", "/notes"),
        ("POST", "/pairs"),
        ("POST", "/signed"),
    ],
)
async def test_a_body_is_taken_as_fastapi_takes_it(method: str, path: str, kind: str) -> None:
    answers = []
    for app in (small(), with_shortcut(small())):
        request = BODIES[kind] | ({"content": in_pieces()} if kind == "in pieces" else {})
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://rung.test") as client:
            answers.append(await client.request(method, path, **request))
    without, quick = answers
    assert (quick.status_code, quick.content, quick.headers) == (without.status_code, without.content, without.headers)


async def test_a_phone_that_hangs_up_within_its_body_is_handed_on() -> None:
    """As the server tells it: a piece of the body, then nothing more."""
    told: list[Message] = [
        {"type": "http.request", "body": b'{"te', "more_body": True},
        {"type": "http.disconnect"},
    ]
    heard: list[Message] = []

    async def all_of_it(_scope: Scope, receive: Receive, _send: Send) -> None:
        heard.extend([await receive(), await receive(), await receive()])

    coming = iter([*told, {"type": "http.disconnect"}])

    async def receive() -> Message:
        return next(coming)

    async def send(_message: Message) -> None:
        raise AssertionError("nobody is there")

    shortcut: Any = Shortcut(all_of_it, small().router.routes, refusals.on_rung_error)
    headers = [(b"content-length", b"100"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "PUT", "path": "/notes/7", "query_string": b"number=2", "headers": headers}
    await shortcut(scope, receive, send)
    assert heard == [*told, told[-1]]


SESSION = {"started_at": "2026-01-05T08:00:00Z", "time_zone": "Europe/Berlin", "performances": []}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/exercises/single-knee-to-chest", 200),
        ("GET", "/v1/exercises/single-knee-to-chest?version=1", 200),
        ("GET", "/v1/exercises/nothing-of-this-name", 404),
        ("GET", "/v1/me/routine", 401),
        ("GET", "/v1/me/routine?from=2026-01-05&days=7", 401),
        ("GET", "/v1/me/progress", 401),
        ("GET", "/v1/patients/0b1c7f3e-0000-7000-8000-000000000001/routine", 401),
        ("GET", "/v1/worklist?limit=10", 401),
        ("PUT", "/v1/me/sessions/0b1c7f3e-0000-7000-8000-000000000001", 401),
    ],
)
async def test_what_is_asked_all_day_is_answered_by_it(method: str, path: str, status: int) -> None:
    """With nothing behind it, so that what it hands on fails."""
    app = create_app(Settings.model_construct())

    async def nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise AssertionError("handed on")

    alone: Any = Shortcut(nothing, app.router.routes, refusals.on_rung_error)

    async def speaking(scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = app
        await alone(scope, receive, send)

    body = SESSION if method == "PUT" else None
    async with httpx.AsyncClient(transport=httpx.ASGITransport(speaking), base_url="http://rung.test") as client:
        assert (await client.request(method, path, json=body)).status_code == status
