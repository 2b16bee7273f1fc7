"""What happens to every request before and after its route: a request id, one log line, counters, safe headers.

Pure ASGI, because FastAPI's other kind of middleware trebles the cost of a request. Bodies and queries are never
logged.
"""

import time
from typing import Any
from uuid import uuid4

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import INTERNAL, problem_response

log = structlog.get_logger()


class Edge:
    """The outermost layer."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        self._requests = Counter(
            "rung_requests_total", "Requests by operation and status.", ["operation", "status"], registry=registry
        )
        self._seconds = Histogram("rung_request_seconds", "Time to answer.", ["operation"], registry=registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid4().hex
        scope["request_id"] = request_id
        status = 500
        started = False
        began = time.perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                started = True
                status = message["status"]
                headers: list[Any] = message["headers"]
                headers.append((b"x-request-id", request_id.encode()))
                headers.append((b"x-content-type-options", b"nosniff"))
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception as defect:  # noqa: BLE001 - the last resort: no bare 500 and no silent one
            log.error("defect", id=request_id, exc_info=defect)
            if not started:
                await problem_response(Request(scope), INTERNAL, "")(scope, receive, answer)
        finally:
            endpoint = scope.get("endpoint")
            operation = getattr(endpoint, "__name__", "none")
            seconds = time.perf_counter() - began
            self._requests.labels(operation, status).inc()
            self._seconds.labels(operation).observe(seconds)
            log.info(
                "request", id=request_id, operation=operation, status=status, milliseconds=round(seconds * 1000, 1)
            )
