"""The server under measurement: the real service with one more route, or a bare FastAPI with only that route.

`hello` answers 2 KB of ready bytes from an `async def` route, and stands first as the hot routes do. The clock stands
still until the load client moves it by a day, so that every session of a run is reported on a day of its own.
"""

import argparse
import logging
import socket
import sys
from datetime import timedelta

import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.responses import Response

from app.clock import MovableClock
from app.config import Settings
from app.main import collect_seldom, configure_logging, create_app
from benchmarks.seed import TODAY

HELLO = b'{"text":"' + b"x" * 2037 + b'"}'


async def hello() -> Response:
    """Two kilobytes of ready bytes."""
    return Response(HELLO, media_type="application/json")


def build(url: str | None) -> FastAPI:
    """The service on this database, or without one the bare application."""
    if url is None:
        bare = FastAPI()
        bare.get("/hello")(hello)
        return bare
    settings = Settings(database_url=SecretStr(url), log_format="json")
    configure_logging(settings)
    clock = MovableClock(TODAY)
    app = create_app(settings, clock)

    async def next_day() -> Response:
        clock.move_by(timedelta(days=1))
        return Response(status_code=204)

    app.post("/next-day")(next_day)
    app.get("/hello")(hello)
    app.router.routes.insert(0, app.router.routes.pop())
    return app


def main() -> None:
    """Serve on a free port of loopback, and say which on standard error."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url")
    asked = parser.parse_args()
    app = build(asked.url)
    if asked.url is not None:
        collect_seldom()
    config = uvicorn.Config(
        app, loop="uvloop", http="httptools", log_config=None, access_log=False, server_header=False
    )
    logging.disable(logging.WARNING)
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        print(listening.getsockname()[1], file=sys.stderr, flush=True)
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
