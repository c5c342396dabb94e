"""Determines the client address of a request."""

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.datastructures import Headers
from starlette.types import Scope

from core.networks import Network

Address = IPv4Address | IPv6Address

_WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([^:]+):\d+")


class AddressReader:
    """Reads client addresses from connections and from `X-Forwarded-For` of trusted proxies.

    Each proxy appends the address of its client to the header. The last address that is not a trusted proxy is the
    client. Addresses before it may be forged.
    """

    def __init__(self, proxies: Sequence[Network]) -> None:
        self._proxies = proxies

    def read(self, scope: Scope) -> str:
        """Returns the client address, or an empty text if it is unknown, as over a Unix socket."""
        client = scope.get("client")
        if client and not self._proxies:
            return _text(client[0])
        address = _address(client[0]) if client else None
        if address is None:
            return ""
        hops = ",".join(Headers(scope=scope).getlist("x-forwarded-for")) if self._trusts(address) else ""
        while hops and self._trusts(address):
            hops, _, hop = hops.rpartition(",")
            previous = _address(hop.strip())
            if previous is None:
                break
            address = previous
        return str(address)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._proxies)


@lru_cache(maxsize=4096)
def _address(text: str) -> Address | None:
    """Parses an address as proxies write it: with or without a port, an IPv4 address in IPv6, without the zone."""
    with_port = _WITH_PORT.fullmatch(text)
    try:
        address = ip_address(with_port[1] or with_port[2] if with_port else text)
    except ValueError:
        return None
    return address.ipv4_mapped or IPv6Address(int(address)) if isinstance(address, IPv6Address) else address


@lru_cache(maxsize=4096)
def _text(text: str) -> str:
    """Returns an address in its usual form, or an empty text if it is none."""
    address = _address(text)
    return "" if address is None else str(address)
