"""How does a whole server run for a moment beside its client? In a thread, on a free port of this machine."""

import logging
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import structlog
import uvicorn

from app.clock import Clock
from app.config import Settings
from app.main import create_app

SECONDS = 15
"""How long the client waits for an answer, and the end of the demo for the server to stop."""


@contextmanager
def running(settings: Settings, clock: Clock) -> Iterator[httpx.Client]:
    """The service on these settings and this clock for as long as the block lasts, and a client that speaks to it.

    Only defects are logged meanwhile, so that nothing stands between the lines of a story.
    """
    told = structlog.get_config()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    config = uvicorn.Config(create_app(settings, clock), log_config=None, access_log=False, server_header=False)
    server = uvicorn.Server(config)
    # The socket listens before the server does, so an early request waits instead of being refused.
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="demo server", daemon=True)
        thread.start()
        try:
            with httpx.Client(base_url=address, timeout=SECONDS, trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(SECONDS)
            structlog.configure(**told)
