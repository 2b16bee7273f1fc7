"""What a fault run may ask for: a PostgreSQL server of its own that keeps its promises."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.operating import migrate
from tests import postgres
from tests.databases import new_shared_folder


@pytest.fixture
def durable() -> Iterator[postgres.Server]:
    """A migrated server that may be killed: what it has committed is on the disk."""
    folder = new_shared_folder(Path(tempfile.gettempdir()))
    server = postgres.start(folder / "server", for_process=os.getpid(), settings=postgres.DURABLE)
    migrate.upgrade(server.superuser_url)
    yield server
    server.stop()
    shutil.rmtree(folder)
