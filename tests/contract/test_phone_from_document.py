"""Somebody who reads only openapi.json can run a clinic's first day and a phone's days, over real HTTP."""

import ast
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from app.clock import MovableClock
from app.config import Settings
from app.main import create_app
from tests.application import settings
from tests.contract import phone_from_document
from tests.people import PASSWORD, make_clinic

__all__ = ["settings"]

COMMITTED = Path(__file__).resolve().parents[2] / "openapi" / "openapi.json"


@pytest.fixture
def address(settings: Settings, clock: MovableClock) -> Iterator[str]:
    """A served application with the clinic `spine`, on loopback."""
    make_clinic(settings.url, now=clock.now())
    server = uvicorn.Server(uvicorn.Config(create_app(settings, clock), host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    assert server.started
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(30)


def test_it_knows_nothing_but_the_document() -> None:
    tree = ast.parse(Path(phone_from_document.__file__).read_text(encoding="utf-8"))
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert {name.partition(".")[0] for name in names} & {"app", "tests"} == set()


def test_the_story_can_be_played_from_the_document(address: str, clock: MovableClock) -> None:
    document = json.loads(COMMITTED.read_text(encoding="utf-8"))
    called = phone_from_document.play(
        document, address, clock.now(), short_name="spine", email="anna@spine.example", password=PASSWORD
    )
    assert "put_my_session 201" in called
    assert "get_my_routine 304" in called
    assert "answer_my_decision 200" in called
