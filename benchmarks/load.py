"""The load client: sixteen kept connections that send ready-made requests as fast as answers come, and measure.

A process of its own, written on bare asyncio protocols: a comfortable HTTP client would cost more than the server. It
reads a pickled `Load` from standard input and prints what it measured as JSON. Loopback only, a bounded number of
requests.
"""

import asyncio
import json
import pickle
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import BinaryIO

import psutil  # type: ignore[import-untyped]
import uvloop

WARM_UP = 40


@dataclass(frozen=True, slots=True)
class Load:
    """Batches of requests; between two batches all connections meet and `between` is sent once.

    The first batch only warms up; where nothing is sent between, there is one batch, and its first requests do.
    `server` is the server's process, `database` the database server's, whose children come along.
    """

    port: int
    connections: int
    batches: Sequence[Sequence[bytes]]
    between: bytes | None
    expected: tuple[int, ...]
    server: int
    database: int | None


@dataclass(frozen=True, slots=True)
class Measured:
    """Microseconds of CPU a request, of wall time in percentiles; requests a second only to make ratios of."""

    requests: int
    seconds: float
    rate: float
    server_us: float
    database_us: float
    client_us: float
    others_share: float
    p50_ms: float
    p99_ms: float
    bytes: int


class Connection(asyncio.Protocol):
    """One kept connection; one request at a time."""

    def __init__(self, expected: tuple[int, ...]) -> None:
        self._expected = expected
        self._buffer = bytearray()
        self._waiter: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open."""
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone: whoever waits is told."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(exc or ConnectionError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        """A part of an answer; the whole of it wakes who waits."""
        buffer = self._buffer
        buffer += data
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(buffer[:end]).lower()
        place = head.find(b"content-length:")
        length = int(head[place + 15 :].split(b"\r", 1)[0]) if place >= 0 else 0
        if len(buffer) < end + 4 + length:
            return
        status = int(head[9:12])
        if status not in self._expected:
            raise SystemExit(f"unexpected answer: {bytes(buffer[:2000])!r}")
        size = len(buffer)
        buffer.clear()
        assert self._waiter is not None
        self._waiter.set_result(size)

    async def ask(self, request: bytes) -> int:
        """Send a request; the size of its whole answer."""
        assert self._transport is not None
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiter


class Cpu:
    """Processor time used so far, in seconds: server, database, this client, and the whole machine."""

    def __init__(self, load: Load) -> None:
        self.server = _cpu(psutil.Process(load.server))
        self.database = 0.0
        if load.database is not None:
            main = psutil.Process(load.database)
            self.database = sum(_cpu(one) for one in (main, *main.children()))
        self.client = time.process_time()
        times = psutil.cpu_times()
        self.machine = times.user + times.system + times.nice + times.irq + times.softirq


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def _run(load: Load) -> Measured:
    loop = asyncio.get_running_loop()
    expected = (*load.expected, 204)
    open_ = [
        (await loop.create_connection(lambda: Connection(expected), "127.0.0.1", load.port))[1]
        for _ in range(load.connections)
    ]
    latencies: list[float] = []
    sizes: list[int] = []

    async def drain(connection: Connection, requests: Iterator[bytes]) -> None:
        for request in requests:
            began = time.perf_counter()
            sizes.append(await connection.ask(request))
            latencies.append(time.perf_counter() - began)

    async def batch(requests: Sequence[bytes]) -> float:
        shared = iter(requests)
        began = time.perf_counter()
        await asyncio.gather(*(drain(one, shared) for one in open_))
        return time.perf_counter() - began

    first, *rest = load.batches
    if load.between is None:
        first, rest = load.batches[0][:WARM_UP], [load.batches[0][WARM_UP:]]
    await batch(first)
    latencies.clear()
    sizes.clear()
    before = Cpu(load)
    seconds = 0.0
    for requests in rest:
        if load.between is not None:
            await open_[0].ask(load.between)
        seconds += await batch(requests)
    after = Cpu(load)
    count = len(latencies)
    ordered = sorted(latencies)
    used = {name: getattr(after, name) - getattr(before, name) for name in ("server", "database", "client", "machine")}
    others = used["machine"] - used["server"] - used["database"] - used["client"]
    return Measured(
        requests=count,
        seconds=seconds,
        rate=count / seconds,
        server_us=used["server"] / count * 1e6,
        database_us=used["database"] / count * 1e6,
        client_us=used["client"] / count * 1e6,
        others_share=max(0.0, others) / seconds / (psutil.cpu_count() or 1),
        p50_ms=ordered[count // 2] * 1e3,
        p99_ms=ordered[min(count - 1, int(count * 0.99))] * 1e3,
        bytes=sorted(sizes)[count // 2],
    )


def answer(asked: BinaryIO) -> None:
    """Read a load, put it on, print what was measured."""
    print(json.dumps(asdict(uvloop.run(_run(pickle.load(asked))))))  # noqa: S301 - from our own parent
