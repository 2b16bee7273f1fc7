"""A machine of a clinic's own that is told of stops: a real HTTP server on this machine, which answers as it is bid."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import time_machine
from standardwebhooks import Webhook


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it arrived."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """What a receiver drops doubles by."""
        return self.headers["webhook-id"]

    def checked(self, secret: str) -> Any:
        """The content, once the signature was found good, as the standard's own library checks it.

        The library compares the timestamp with the machine's clock, and the clocks of tests are moved.
        """
        with time_machine.travel(int(self.headers["webhook-timestamp"]), tick=False):
            return Webhook(secret).verify(self.body, self.headers)


@dataclass(slots=True)
class Receiver:
    """What came in, and what to answer: each of `answers` once, the last one forever.

    An answer is a status, a whole head, or None for silence until the sender goes away.
    """

    port: int = 0
    answers: list[int | str | None] = field(default_factory=lambda: [204])
    received: list[Received] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, host: str = "127.0.0.1", path: str = "/rung") -> str:
        """Its address under a name."""
        return f"http://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *fields = head.rstrip().split("\r\n")
            headers = {name.lower(): value.strip() for name, value in (one.split(":", 1) for one in fields)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.received.append(Received(line, headers, body))
            self.arrived.set()
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if answer is None:
                await reader.read()
            else:
                told = f"HTTP/1.1 {answer} X\r\n" if isinstance(answer, int) else answer
                writer.write(f"{told}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def bodies(self) -> list[Any]:
        """What came in, unchecked."""
        return [json.loads(one.body) for one in self.received]


@asynccontextmanager
async def receiving(*answers: int | str | None) -> AsyncIterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver(answers=list(answers) or [204])
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
