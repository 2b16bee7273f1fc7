"""What an administrator types leads nowhere but out: no address of a private network is registered, or sent to."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from app.domain.webhook import Outcome
from app.posting.addresses import BadAddress, Gate, UnsafeAddress, resolved
from app.posting.sender import Letter, Sender
from app.store.keys import new_signing_secret
from tests.application import names
from tests.receiver import receiving

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
PRIVATE = (
    "127.0.0.1 127.8.8.8 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255"
    " 198.18.0.1 192.0.2.1 ::1 :: fe80::1 fc00::1 fd00:ec2::254 ff02::1 ::ffff:10.0.0.1 ::ffff:127.0.0.1 ::10.0.0.1"
    " 64:ff9b::a00:1 64:ff9b::7f00:1 2002:a00:1:: 2001:db8::1"
).split()


def gate_to(*addresses: str) -> Gate:
    """A gate behind which every name leads to these."""

    async def resolve(_name: str, _port: int) -> list[str]:
        return list(addresses)

    return Gate(resolve)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://alarms.example/x",
            "ftp://alarms.example/x",
            "alarms.example",
            "//alarms.example",
            "https://",
            "https:",
        ),
        *("https://user@alarms.example/", "https://user:pass@alarms.example/", "https://alarms.example/#there"),
        *("https://alarms.example:22/", "https://alarms.example:5432/", "https://alarms.example:80/"),
        *("file:///etc/passwd", "https://alarms.example:99999/", f"https://alarms.example/{'x' * 500}", "https://[::1"),
    ],
)
def test_an_address_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        Gate(names).parsed(url)


@pytest.mark.parametrize("address", PRIVATE)
async def test_what_is_not_public_is_refused_as_a_number_and_behind_a_name(address: str) -> None:
    literal = f"[{address}]" if ":" in address else address
    with pytest.raises(UnsafeAddress):
        Gate(names).parsed(f"https://{literal}/x")
    for found in ([address], ["93.184.216.34", address], [address, "93.184.216.34"]):
        gate = gate_to(*found)
        with pytest.raises(UnsafeAddress):
            await gate.addresses(gate.parsed("https://alarms.example/x"))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
async def test_what_is_public_passes(address: str) -> None:
    gate = gate_to(address)
    assert await gate.addresses(gate.parsed("https://alarms.example:8443/x?y=1")) == [address]


async def test_other_spellings_of_this_machine_are_found_out_by_the_machines_own_resolver() -> None:
    """`getaddrinfo` takes these for 127.0.0.1."""
    gate = Gate(resolved)
    for host in ("localhost", "2130706433", "0x7f.1", "127.1"):
        with pytest.raises((UnsafeAddress, BadAddress)):
            await gate.addresses(gate.parsed(f"https://{host}/x"))


async def test_a_name_that_leads_elsewhere_later_leads_nowhere() -> None:
    """It was public when it was registered; when something is sent it leads to this machine, where somebody listens."""
    answers = [["93.184.216.34"], ["127.0.0.1"]]

    async def rebinding(_name: str, _port: int) -> list[str]:
        return answers.pop(0)

    async with receiving() as machine:
        gate = Gate(rebinding)
        url = "https://alarms.example:8443/rung"
        assert await gate.addresses(gate.parsed(url)) == ["93.184.216.34"]
        async with Sender(gate, timeout_seconds=3) as sender:
            posted = await sender.post(Letter(url, [new_signing_secret()], uuid4(), {}), NOW)
        assert (posted.outcome, posted.status, machine.received) == (Outcome.UNSAFE_ADDRESS, None, [])


async def test_the_sender_goes_to_the_address_that_was_judged_and_says_the_name() -> None:
    """The name is resolved once: nothing between judging and connecting asks again."""
    asked: list[str] = []

    async def once(name: str, _port: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"]

    async with receiving() as machine, Sender(Gate(once, is_loopback_allowed=True), timeout_seconds=3) as sender:
        letter = Letter(machine.url("alarms.example"), [new_signing_secret()], uuid4(), {"a": 1})
        assert (await sender.post(letter, NOW)).outcome is Outcome.DELIVERED
        assert machine.received[0].headers["host"] == f"alarms.example:{machine.port}"
    assert asked == ["alarms.example"]


async def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as proxy, receiving() as machine:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.setenv(name, proxy.url(path=""))
        async with Sender(Gate(names, is_loopback_allowed=True), timeout_seconds=3) as sender:
            letter = Letter(machine.url(), [new_signing_secret()], uuid4(), {})
            assert (await sender.post(letter, NOW)).outcome is Outcome.DELIVERED
        assert (len(proxy.received), len(machine.received)) == (0, 1)
