"""What every test may ask for: a database of its own on either engine, and a clock that moves.

The application and its client are in tests/application.py: the lower floors can be tested while the upper ones are
being rebuilt.
"""

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.workermanage import WorkerController

from app.clock import MovableClock
from app.content.library import Library
from tests.databases import KINDS, Databases, DatabaseUrls, FreshDatabase, Kind, new_shared_folder

DATABASES = pytest.StashKey[Databases]()

# A shared machine may be slow for a moment: no counter-example. In CI, Hypothesis draws the same cases each run.
hypothesis.settings.register_profile("rung", hypothesis.settings(), deadline=None, print_blob=True)
hypothesis.settings.load_profile("rung")


def pytest_configure(config: pytest.Config) -> None:
    """The controller makes the folder that the workers of a run share; each worker is told where it is."""
    workerinput: dict[str, Any] | None = getattr(config, "workerinput", None)
    if workerinput is None:
        config.stash[DATABASES] = Databases(new_shared_folder(Path(tempfile.gettempdir())), controller=os.getpid())
    else:
        config.stash[DATABASES] = Databases(Path(workerinput["shared"]), controller=workerinput["controller"])


def pytest_configure_node(node: WorkerController) -> None:
    """Called in the controller for each worker that it starts."""
    node.workerinput["shared"] = str(node.config.stash[DATABASES].shared)
    node.workerinput["controller"] = os.getpid()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The workers let go; the controller, which ends last, stops the server."""
    databases = config.stash.get(DATABASES, None)
    if databases is None:
        return
    if hasattr(config, "workerinput"):
        databases.close()
    else:
        databases.finish()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, as the server does."""
    return "asyncio"


@pytest.fixture
def fresh_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FreshDatabase]:
    """For tests that need more than one database, or an empty one: `fresh_database("sqlite", is_migrated=False)`."""
    databases = request.config.stash[DATABASES]
    made: list[DatabaseUrls] = []

    def make(kind: Kind, *, is_migrated: bool = True) -> DatabaseUrls:
        made.append(databases.fresh(kind, tmp_path, is_migrated=is_migrated))
        return made[-1]

    yield make
    for urls in made:
        databases.drop(urls)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, fresh_database: FreshDatabase) -> DatabaseUrls:
    """A migrated database without rows: the test runs once on SQLite and once on PostgreSQL."""
    return fresh_database(request.param)


@pytest.fixture
def content() -> Library | None:
    """The exercise library, None for the package's own; a test that needs another one says so."""
    return None


@pytest.fixture
def clock() -> MovableClock:
    """A clock that stands at Monday 5 January 2026, 09:00 UTC, until the test moves it."""
    return MovableClock(datetime(2026, 1, 5, 9, tzinfo=UTC))
