"""Who waits for a picture or a page? Work that keeps a processor busy is done one piece at a time, in its own thread.

The event loop goes on answering others meanwhile. A longer line than `most_waiting` is no use to anybody: who comes
then is asked to come back. This file refuses to know the work.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from app.domain.errors import Busy

P = ParamSpec("P")
R = TypeVar("R")


class Desk:
    """One thread with a line before it. It begins with the first piece of work."""

    def __init__(self, name: str, most_waiting: int) -> None:
        self.most_waiting = most_waiting
        self.waiting = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def do(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The work done. Raises Busy when the line is full."""
        if self.waiting >= self.most_waiting:
            raise Busy("Too many are waiting for what takes long to make.")
        return await self.insist(work, *args, **kwargs)

    async def insist(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The same for those who are not sent away."""
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(*args, **kwargs))
        finally:
            self.waiting -= 1

    def close(self) -> None:
        """What waits is dropped."""
        self._thread.shutdown(wait=False, cancel_futures=True)
