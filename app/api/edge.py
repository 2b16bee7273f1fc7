"""What happens to every request before and after its route: a request id, one log line, counters, headers, a limit.

Pure ASGI, because FastAPI's other kind of middleware trebles the cost of a request. Bodies and queries are never
logged.
"""

import secrets
import time
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import INTERNAL, PROBLEMS, problem_response
from app.domain.errors import BodyTooLarge

log = structlog.get_logger()


class Edge:
    """The outermost layer."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry, body_limit_bytes: int) -> None:
        self._app = app
        self._body_limit_bytes = body_limit_bytes
        self._requests = Counter(
            "rung_requests_total", "Requests by operation and status.", ["operation", "status"], registry=registry
        )
        self._seconds = Histogram("rung_request_seconds", "Time to answer.", ["operation"], registry=registry)
        self._of: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(16)
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
            declared_bytes = _declared_bytes(scope)
            if declared_bytes is None:
                await self._app(scope, _counting(receive, self._body_limit_bytes), answer)
            elif declared_bytes <= self._body_limit_bytes:
                await self._app(scope, receive, answer)
            else:
                await problem_response(Request(scope), PROBLEMS[BodyTooLarge], "")(scope, receive, answer)
        except Exception as defect:  # the last resort: no bare 500 and no silent one
            log.exception("defect", id=request_id, exc_info=defect)
            if not started:
                await problem_response(Request(scope), INTERNAL, "")(scope, receive, answer)
        finally:
            endpoint = scope.get("endpoint")
            operation = getattr(endpoint, "__name__", "none")
            seconds = time.perf_counter() - began
            counters = self._of.get((operation, status))
            if counters is None:
                counters = self._requests.labels(operation, status), self._seconds.labels(operation)
                self._of[operation, status] = counters
            counters[0].inc()
            counters[1].observe(seconds)
            log.info(
                "request", id=request_id, operation=operation, status=status, milliseconds=round(seconds * 1000, 1)
            )


def _declared_bytes(scope: Scope) -> int | None:
    """How long the body says it is; None when it does not say. The server lets no body be longer than it says."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else None
    return None


def _counting(receive: Receive, limit_bytes: int) -> Receive:
    """A body that comes in pieces, cut off at the limit."""
    received_bytes = 0

    async def counted() -> Message:
        nonlocal received_bytes
        message = await receive()
        received_bytes += len(message.get("body", b""))
        if received_bytes > limit_bytes:
            # Not an error of ours: FastAPI would take any other exception for a body that cannot be parsed.
            raise HTTPException(413)
        return message

    return counted
