"""What this server speaks, and whether it is alive and ready; the page of numbers for the operator's monitoring."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Header, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.api.deps import HouseDep, routes
from app.api.problems import responses
from app.api.wire import Codes, Out, json_response
from app.domain.errors import NotFound, Unavailable

CONTRACT_VERSION = "1.0.0"
FEATURES = (
    "invitations",
    "offline_routine",
    "session_corrections",
    "check_ins",
    "batch",
    "requests",
    "decisions",
    "adherence",
    "simulation",
)

router = routes("server")
operator = APIRouter(include_in_schema=False)


class ServerOut(Out):
    """What the client may rely on."""

    contract_version: str
    build: str
    content_version: str
    features: Annotated[
        list[Annotated[str, Codes("feature")]],
        Field(description="What this server can do beyond the smallest one; ignore unknown ones."),
    ]
    languages: list[str]
    oldest_supported_client: str


class AliveOut(Out):
    """The answer of a health check."""

    status: str


@router.get("/server", response_model=ServerOut, responses=responses())
async def get_server(house: HouseDep) -> Response:
    """Contract version, build, features, languages and the oldest client that is still supported."""
    return json_response(
        ServerOut(
            contract_version=CONTRACT_VERSION,
            build=house.build,
            content_version=house.library.content_version,
            features=list(FEATURES),
            languages=list(house.library.languages),
            oldest_supported_client=house.settings.oldest_supported_client,
        ),
        headers={"Cache-Control": "public, max-age=60"},
    )


@operator.get("/healthz")
async def healthz() -> Response:
    """Alive: the process answers."""
    return json_response(AliveOut(status="alive"))


@operator.get("/readyz")
async def readyz(house: HouseDep) -> Response:
    """Ready: the database answers, is migrated and can be written; else 503."""
    if not await run_in_threadpool(house.db.is_ready):
        raise Unavailable("The database does not answer, is not migrated or cannot be written.")
    return json_response(AliveOut(status="ready"))


@operator.get("/metrics")
async def metrics(request: Request, house: HouseDep, authorization: Annotated[str | None, Header()] = None) -> Response:
    """Counters and timings for Prometheus. With RUNG_METRICS_TOKEN set, only for who sends it as a bearer token."""
    token = house.settings.metrics_token
    if token is not None:
        sent = (authorization or "").removeprefix("Bearer ")
        if not secrets.compare_digest(sent.encode(), token.get_secret_value().encode()):
            raise NotFound("There is no such page.")
    return Response(generate_latest(request.app.state.registry), media_type=CONTENT_TYPE_LATEST)
