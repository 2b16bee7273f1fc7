"""How is an event signed and posted, once, and how did that end?

Signed as the Standard Webhooks say, with every secret that is good now. Redirects are not followed, what is answered is
not read beyond its status, and no other machine of ours (a proxy of the environment) is asked to send. This file
refuses to know what an event is about and whether it is tried again.
"""

import asyncio
import ssl
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from uuid import UUID

import httpx
from pydantic_core import to_json
from standardwebhooks import Webhook

from app.domain.webhook import Outcome
from app.posting.addresses import BadAddress, Gate, UnsafeAddress
from app.values import dataclass

TIMEOUT_SECONDS = 15.0
"""For everything together: resolving, connecting, sending, and the first line of the answer."""

MOST_ADDRESSES = 3
"""A name may lead to several addresses; so many are tried when nothing listens on the first."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is posted, where to, and which secrets sign it."""

    url: str
    secrets: Sequence[str]
    event_id: UUID
    body: dict[str, object]


@dataclass(frozen=True, slots=True)
class Posted:
    """How it ended. `status` is the HTTP status, None without an answer; `milliseconds` what it took."""

    outcome: Outcome
    status: int | None
    milliseconds: int


class Sender:
    """Posts letters. One for a process; use it as an asynchronous context."""

    def __init__(
        self,
        gate: Gate,
        *,
        build: str = "0",
        timeout_seconds: float = TIMEOUT_SECONDS,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        self._gate = gate
        self._timeout_seconds = timeout_seconds
        self._client = httpx.AsyncClient(
            verify=certificates or ssl.create_default_context(),
            timeout=timeout_seconds,
            trust_env=False,
            follow_redirects=False,
            # A kept connection belongs to an address, and two names on one address must not share it.
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"User-Agent": f"Rung/{build}", "Content-Type": "application/json", "Accept": "*/*"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def post(self, letter: Letter, now: datetime) -> Posted:
        """Post it once. Never raises for what the other side does."""
        began = time.perf_counter()
        status = None
        try:
            async with asyncio.timeout(self._timeout_seconds):
                status = await self._status(letter, now)
            outcome = _outcome(status)
        except (TimeoutError, httpx.TimeoutException):
            outcome = Outcome.TIMED_OUT
        except (BadAddress, UnsafeAddress):
            outcome = Outcome.UNSAFE_ADDRESS
        except (httpx.HTTPError, ssl.SSLError, OSError, ValueError):
            outcome = Outcome.UNREACHABLE
        return Posted(outcome, status, round((time.perf_counter() - began) * 1000))

    async def _status(self, letter: Letter, now: datetime) -> int:
        url = self._gate.parsed(letter.url)
        found = await self._gate.addresses(url)
        body = to_json(letter.body)
        failed: httpx.ConnectError | None = None
        for address in found[:MOST_ADDRESSES]:
            request = self._client.build_request(
                "POST",
                url.copy_with(host=address),
                content=body,
                headers={"Host": url.netloc.decode("ascii"), **signed(letter, body, now)},
                # The certificate is that of the name, though the connection goes to the address that was judged.
                extensions={"sni_hostname": url.raw_host.decode("ascii")},
            )
            try:
                response = await self._client.send(request, stream=True)
            except httpx.ConnectError as error:
                failed = error
                continue
            await response.aclose()
            return response.status_code
        raise failed or httpx.ConnectError("the name cannot be resolved")


def signed(letter: Letter, body: bytes, now: datetime) -> dict[str, str]:
    """The three headers of a standard webhook. Each secret gives a signature; one that fits is enough."""
    message_id = str(letter.event_id)
    signatures = [Webhook(one).sign(message_id, now.astimezone(UTC), body.decode()) for one in letter.secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _outcome(status: int) -> Outcome:
    if 200 <= status < 300:  # noqa: PLR2004 - HTTP's own classes
        return Outcome.DELIVERED
    if 300 <= status < 400:  # noqa: PLR2004 - ditto
        return Outcome.REDIRECTED
    return Outcome.GONE if status == 410 else Outcome.REFUSED  # noqa: PLR2004 - 410 Gone
