"""Nobody's answer waits while the garbage collector walks through the library."""

import gc
from collections.abc import Iterator

import pytest

from app.main import collect_seldom
from tests.phone import Phone


@pytest.fixture
def serving() -> Iterator[None]:
    """As a process that serves sets the collector; as it was afterwards."""
    before = gc.get_threshold()
    collect_seldom()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.usefixtures("serving")
async def test_requests_alone_make_the_collector_look_at_young_objects_only(phone: Phone) -> None:
    def walks() -> list[int]:
        return [one["collections"] for one in gc.get_stats()[1:]]

    before = walks()
    for _ in range(30):
        await phone.routine()
    assert walks() == before
