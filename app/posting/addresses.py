"""May this server send anything to an address that a clinic's administrator typed?

Only by https, to public addresses of the internet, on the ports where https is spoken. A name is resolved here, every
address behind it is judged, and the sender connects to a judged address and to no other, so that a name which leads
somewhere else a moment later (DNS rebinding) leads nowhere. This file refuses to know what is sent.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable

import httpx

from app.values import dataclass

HTTPS_PORTS = frozenset({443, 8443})
LONGEST_URL = 500
RESOLVE_SECONDS = 5.0
NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
"""Behind these prefixes an IPv4 address is reached, which is the one to judge."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]
"""A name and a port to the numeric addresses behind it; none when it cannot be resolved."""


class BadAddress(ValueError):
    """It is no address of the asked form; the text says what is asked for."""


class UnsafeAddress(ValueError):
    """It leads, or may lead, into a private network; the text says nothing about what was found there."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What may be sent to. `is_loopback_allowed`, for development only, lets http and https go to this machine."""

    resolve: Resolve
    is_loopback_allowed: bool = False

    def parsed(self, url: str) -> httpx.URL:
        """An address of the asked form. Raises BadAddress, UnsafeAddress."""
        try:
            found = httpx.URL(url)
        except (httpx.InvalidURL, ValueError) as error:
            raise BadAddress("Send an absolute address, for example `https://alarms.clinic.example/rung`.") from error
        schemes = {"https", "http"} if self.is_loopback_allowed else {"https"}
        if found.scheme not in schemes or not found.host or len(url) > LONGEST_URL:
            raise BadAddress(f"Send an absolute address that begins with https://, at most {LONGEST_URL} characters.")
        if found.userinfo or found.fragment:
            raise BadAddress("An address carries neither a user nor a fragment.")
        is_plain = found.scheme == "https" and (found.port or 443) in HTTPS_PORTS
        if not is_plain and not self.is_loopback_allowed:
            raise BadAddress("Only the ports 443 and 8443 are allowed.")
        literal = _literal(found.host)
        if literal is not None:
            self._require_allowed(found, literal)
        return found

    async def addresses(self, url: httpx.URL) -> list[str]:
        """The numeric addresses behind it, each judged; none when its name cannot be resolved. Raises UnsafeAddress."""
        literal = _literal(url.host)
        if literal is not None:
            self._require_allowed(url, literal)
            return [str(literal)]
        found = await self.resolve(url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80))
        for one in found:
            self._require_allowed(url, ipaddress.ip_address(one))
        return found

    def _require_allowed(self, url: httpx.URL, address: Address) -> None:
        """One bad address among good ones is enough: nobody knows which of them a sender would take."""
        judged = _judged(address)
        if self.is_loopback_allowed and judged.is_loopback:
            return
        is_plain = url.scheme == "https" and (url.port or 443) in HTTPS_PORTS
        if not is_plain or not judged.is_global or judged.is_multicast or judged.is_reserved:
            raise UnsafeAddress("Only public addresses of the internet are allowed.")


async def resolved(name: str, port: int) -> list[str]:
    """What the machine's own resolver says."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            found = await loop.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        return []
    return list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _judged(address: Address) -> Address:
    """The address that is really reached: IPv4 inside IPv6 is judged as what it is."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if any(address in network for network in NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    inside = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if inside is None and int(address) >> 32 == 0 and int(address) > 1:
        inside = ipaddress.IPv4Address(int(address))  # the old "IPv4-compatible" form
    return inside or address
