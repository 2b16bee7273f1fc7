"""What is sent to an address that was judged goes to whoever can prove the name, and to nobody else."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import trustme

from app.domain.webhook import Outcome
from app.posting.addresses import Gate
from app.posting.sender import Letter, Posted, Sender
from app.store.keys import new_signing_secret
from tests.receiver import Receiver

NAME = "alarms.clinic.example"
NOW, LONG_AGO = datetime(2026, 1, 5, 9, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)


async def here(_name: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


@asynccontextmanager
async def receiving(certificate: trustme.LeafCert) -> AsyncIterator[Receiver]:
    """A receiver that speaks TLS on this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=context)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


async def post(receiver: Receiver, certificates: ssl.SSLContext | None) -> Posted:
    url = f"https://{NAME}:{receiver.port}/rung"
    letter = Letter(url, [new_signing_secret()], uuid4(), {"type": "webhook.test"})
    gate = Gate(here, is_loopback_allowed=True)
    async with Sender(gate, certificates=certificates, timeout_seconds=5) as sender:
        return await sender.post(letter, NOW)


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """What the sender trusts by default, and this authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


async def test_the_certificate_is_that_of_the_name_though_the_connection_goes_to_an_address(
    authority: trustme.CA,
) -> None:
    async with receiving(authority.issue_cert(NAME)) as machine:
        posted = await post(machine, trusting(authority))
        assert (posted.outcome, posted.status) == (Outcome.DELIVERED, 204)
        [one] = machine.received
        assert one.headers["host"] == f"{NAME}:{machine.port}"


@pytest.mark.parametrize("names", [["other.example"], ["127.0.0.1"], ["clinic.example"]])
async def test_another_name_is_told_nothing(authority: trustme.CA, names: list[str]) -> None:
    async with receiving(authority.issue_cert(*names)) as machine:
        assert (await post(machine, trusting(authority))).outcome is Outcome.UNREACHABLE
        assert machine.received == []


async def test_whom_nobody_vouches_for_is_told_nothing(authority: trustme.CA) -> None:
    async with receiving(authority.issue_cert(NAME)) as machine:
        assert (await post(machine, None)).outcome is Outcome.UNREACHABLE
        assert (await post(machine, trusting(trustme.CA()))).outcome is Outcome.UNREACHABLE
        assert machine.received == []


async def test_a_certificate_that_has_ended_is_none(authority: trustme.CA) -> None:
    async with receiving(authority.issue_cert(NAME, not_after=LONG_AGO)) as machine:
        assert (await post(machine, trusting(authority))).outcome is Outcome.UNREACHABLE
        assert machine.received == []
