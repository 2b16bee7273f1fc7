"""How does a thread tell those who wait on event loops what became of it? Each loop is woken once for all of them."""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Waiter:
    """Somebody who waits on an event loop."""

    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


Told = tuple[Waiter, Any, BaseException | None]
"""Who is told, the answer, and the error that comes in its place."""


def waiter() -> Waiter:
    """Whoever runs now, about to wait for its `future`."""
    loop = asyncio.get_running_loop()
    return Waiter(loop, loop.create_future())


def wake(told: Iterable[Told]) -> None:
    """Tell all of them, from any thread."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Told]] = {}
    for one in told:
        by_loop.setdefault(one[0].loop, []).append(one)
    for loop, own in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, own)


def _settle(told: Iterable[Told]) -> None:
    for one, answer, error in told:
        if one.future.done():  # the client has gone
            continue
        if error is not None:
            one.future.set_exception(error)
        else:
            one.future.set_result(answer)
