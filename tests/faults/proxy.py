"""A small TCP proxy that cuts connections: before, while or after a request goes through, or its answer comes back."""

import asyncio
import contextlib
import random
from dataclasses import dataclass, field
from typing import Self

CHUNK = 4096
Way = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Proxy:
    """Listens on a port of its own and passes everything on to another, until a connection's end has come.

    Each connection is cut once so many bytes have gone one way, a few of them before the first; half of the cuts are
    rude (a reset). Nothing is cut before `is_cutting` is set, and after `planned` cuts.
    """

    upstream: int
    planned: int
    chance: random.Random
    most_bytes: int
    is_cutting: bool = False
    cuts: int = 0
    port: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _serving: asyncio.Server | None = None
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._serving = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._serving.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._serving is not None
        self._serving.close()
        for task in tuple(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        is_rude = self.chance.random() < 0.5
        ends = [writer]
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.upstream)
            ends.append(far_writer)
            if not await self._pass_on((reader, far_writer), (far_reader, writer)):
                is_rude = False
        except (OSError, asyncio.CancelledError):
            is_rude = True
        finally:
            for end in ends:
                if is_rude:
                    end.transport.abort()
                end.close()
                with contextlib.suppress(OSError):
                    await end.wait_closed()
            self._open.discard(task)

    async def _pass_on(self, there: Way, back: Way) -> bool:
        """Both ways until one of them ends; True when that was a cut."""
        left = max(0, self.chance.randrange(-self.most_bytes // 8, self.most_bytes))
        is_cut_there = self.chance.random() < 0.5
        pumps = [
            asyncio.create_task(self._pump(*there, left if is_cut_there else None)),
            asyncio.create_task(self._pump(*back, None if is_cut_there else left)),
        ]
        try:
            done, _ = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in pumps:
                one.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        was_cut = any(one.exception() is None and one.result() for one in done)
        self.cuts += was_cut
        if self.cuts >= self.planned:
            self.ended.set()
        return was_cut

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, left: int | None) -> bool:
        """Pass bytes on; True once as many have gone as the connection was given to live."""
        while chunk := await source.read(CHUNK):
            if left is not None and self.is_cutting and not self.ended.is_set():
                if len(chunk) > left:
                    sink.write(chunk[:left])
                    with contextlib.suppress(OSError):
                        await sink.drain()
                    return True
                left -= len(chunk)
            sink.write(chunk)
            await sink.drain()
        return False
