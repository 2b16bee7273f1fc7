"""The application: lifespan, layers, routers. The only file that knows every route."""

import asyncio
import gc
import logging
import sys
import traceback
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry, Gauge
from pydantic_core import to_json
from starlette.middleware.cors import CORSMiddleware

from app.api import (
    absences,
    adherence,
    auth,
    check_ins,
    clinic,
    clinic_adherence,
    clinicians,
    decisions,
    devices,
    exercises,
    invitations,
    me,
    patients,
    prescriptions,
    refusals,
    reports,
    requests,
    routine,
    rules,
    server,
    sessions,
    webhooks,
    worklist,
)
from app.api import (
    figures as figure_routes,
)
from app.api.contract import openapi, viewer
from app.api.deps import House
from app.api.edge import Edge
from app.api.own import exercises as own_exercises
from app.api.own import ladders as own_ladders
from app.api.own import marks as own_marks
from app.api.plans import handout, templates
from app.api.policies import POLICIES
from app.api.shapes.books import Bookcase, Books
from app.api.shapes.drawings import Drawings
from app.api.shapes.search_page import pieces_of
from app.api.shapes.shelf import shelf_of
from app.api.shortcut import Shortcut
from app.clock import Clock, SystemClock
from app.config import Settings
from app.content import figures, library
from app.content.library import Library
from app.pages import connect
from app.posting.addresses import Gate, Resolve, resolved
from app.posting.sender import Sender
from app.printing.desk import Desk
from app.store.database import Database
from app.store.webhooks.outbox import Backlog
from app.worker import Worker, watch

# Matching is linear, so what phones ask all day comes first.
ROUTERS: tuple[APIRouter, ...] = (
    routine.router,
    check_ins.router,
    reports.router,
    requests.router,
    exercises.router,
    figure_routes.router,
    sessions.router,
    auth.router,
    me.router,
    decisions.router,
    patients.router,
    absences.router,
    prescriptions.router,
    templates.router,
    own_exercises.router,
    own_ladders.router,
    own_marks.router,
    handout.router,
    rules.router,
    adherence.router,
    clinic_adherence.router,
    worklist.router,
    invitations.router,
    devices.router,
    clinic.router,
    webhooks.router,
    clinicians.router,
    server.router,
)

MOST_PRINTING = 16
"""Hand-outs that wait to be printed; each takes less than a second."""


def build_version() -> str:
    """The version of this build."""
    try:
        return version("rung")
    except PackageNotFoundError:
        return "0.0.0"


def create_app(
    settings: Settings | None = None,
    clock: Clock | None = None,
    db: Database | None = None,
    resolve: Resolve = resolved,
    content: Library | None = None,
) -> FastAPI:
    """The whole service. Settings come from the environment, the clock and names from the machine, exercises from the
    package, unless given.

    Raises UnsafeSettings, ContentInvalid. The database is not touched before the first request.
    """
    settings = settings or Settings()
    settings.refuse_unsafe()
    _require_policies()
    clock = clock or SystemClock()
    known = content or library.load()
    drawn = frozenset(figures.names()) & known.exercises.keys()
    drawings = Drawings(drawn, known.exercises, known.content_version, build_version(), figures.load)
    printing = Desk("printing", MOST_PRINTING)
    gate = Gate(resolve, is_loopback_allowed=settings.webhooks_to_loopback)
    database = db or Database(
        settings.url,
        read_threads=settings.read_threads,
        write_threads=settings.write_threads,
        busy_timeout_seconds=settings.busy_timeout_seconds,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            tasks = [asyncio.create_task(watch(database, clock.now, tell))]
            if settings.is_worker_in_server:
                sender = await stack.enter_async_context(Sender(gate, build=build_version()))
                tasks.append(asyncio.create_task(Worker(database, sender, clock.now).run()))
            yield
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        drawings.desk.close()
        printing.close()
        database.close()

    app = FastAPI(
        title="Rung",
        summary="The backend of a home-exercise rehab app: routine, offline sessions, a pain-gated ladder, adherence.",
        version=server.CONTRACT_VERSION,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        # It would hand on what was sent and what an error says: both may be a patient's words.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.registry = CollectorRegistry()
    tell = _gauges(app.state.registry, clock)
    shelf = shelf_of(known, drawings)
    app.state.house = House(
        settings=settings,
        db=database,
        library=known,
        shelf=shelf,
        bookcase=Bookcase(Books(known, shelf), drawings),
        drawings=drawings,
        printing=printing,
        search_pieces=pieces_of(known),
        gate=gate,
        now=clock.now,
        build=build_version(),
    )
    # Routes of the application itself: those of an included router are matched twice at every request.
    routers = (*ROUTERS, server.operator, viewer.router, connect.routes(known))
    app.router.routes[:0] = [route for router in routers for route in router.routes]
    refusals.install(app)
    openapi.install(app)
    app.add_middleware(Shortcut, routes=app.router.routes, refuse=refusals.on_rung_error)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["ETag", "Retry-After", "Link", "X-Request-Id"],
        )
    app.add_middleware(Edge, registry=app.state.registry, body_limit_bytes=settings.body_limit_bytes)
    return app


def _gauges(registry: CollectorRegistry, clock: Clock) -> Callable[[Backlog], None]:
    """What the operator's monitoring should sound an alarm for: stops of which a clinic's machines were not told."""
    oldest = Gauge("rung_outbox_oldest_seconds", "Age of the oldest event that was not delivered.", registry=registry)
    waiting = Gauge("rung_outbox_waiting", "Events and deliveries that wait.", registry=registry)
    failing = Gauge("rung_webhooks_failing", "Webhooks whose last attempt failed, or that are gone.", registry=registry)

    def tell(found: Backlog) -> None:
        oldest.set((clock.now() - found.oldest_at).total_seconds() if found.oldest_at else 0)
        waiting.set(found.waiting)
        failing.set(found.failing)

    return tell


def _require_policies() -> None:
    """Refuse to start when a route has no policy, or a policy no route."""
    operations: list[str] = [route.name for router in ROUTERS for route in _routes(router)]
    without = sorted(set(operations) - set(POLICIES))
    if without:
        raise RuntimeError(f"Routes without a policy in app/api/policies.py: {', '.join(without)}")
    unused = sorted(set(POLICIES) - set(operations))
    if unused:
        raise RuntimeError(f"Policies without a route: {', '.join(unused)}")
    if len(operations) != len(set(operations)):
        raise RuntimeError("Two operations have the same name.")


def _routes(router: APIRouter) -> list[Any]:
    return list(router.routes)


def collect_seldom() -> None:
    """Let the garbage collector leave alone what was made for the start, and look less often at the rest.

    For a process that does nothing but serve, once the application is made. A request makes thousands of objects and
    next to no circles of them; walking the whole library for each few requests cost a third of a first routine, and
    every now and then somebody waited a third of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _without_words(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401 - structlog's signature
    """An exception as its kind and the lines it passed. Its message is left out: it may hold what a patient wrote."""
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["frames"] = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    return event


def _json_text(event: Any, **_options: Any) -> str:  # noqa: ANN401 - structlog's signature
    return to_json(event, fallback=repr).decode()


def configure_logging(settings: Settings) -> None:
    """Structured lines on standard output, JSON or for people: ids, names of operations and numbers, never text."""
    level = getattr(logging, settings.log_level.upper())
    renderer: Any = structlog.processors.JSONRenderer(serializer=_json_text)
    if settings.log_format == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_words,
            renderer,
        ],
        logger_factory=structlog.WriteLoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
