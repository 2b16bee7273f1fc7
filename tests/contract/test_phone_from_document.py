"""Somebody who reads only openapi.json can run a clinic's first day and a phone's days, over real HTTP."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clock import MovableClock
from app.config import Settings
from app.main import create_app
from tests.application import settings
from tests.contract import phone_from_document
from tests.contract.served import served
from tests.people import PASSWORD, make_clinic

__all__ = ["settings"]

COMMITTED = Path(__file__).resolve().parents[2] / "openapi" / "openapi.json"


@pytest.fixture
def address(settings: Settings, clock: MovableClock) -> Iterator[str]:
    """A served application with the clinic `spine`, on loopback."""
    make_clinic(settings.url, now=clock.now())
    with served(create_app(settings, clock)) as address:
        yield address


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
