"""From where it is asked."""

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.requests import HTTPConnection

from core.networks import Network

Address = IPv4Address | IPv6Address

_WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([^:]+):\d+")


class AddressReader:
    """Network addresses of clients, read through proxies whose word is taken.

    Each proxy appends from whom it has got a request to `X-Forwarded-For`. What stands left of the last address that is
    no proxy's own, anybody can have made up.
    """

    def __init__(self, proxies: Sequence[Network]) -> None:
        self._proxies = proxies

    def read(self, request: HTTPConnection) -> str:
        """The client's; empty when the server is not told one, as over a Unix socket."""
        client = request.scope.get("client")
        found = _address(client[0]) if client else None
        if found is None:
            return ""
        hops = ",".join(request.headers.getlist("x-forwarded-for")) if self._trusts(found) else ""
        while hops and self._trusts(found):
            hops, _, hop = hops.rpartition(",")
            before = _address(hop.strip())
            if before is None:
                break
            found = before
        return str(found)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._proxies)


@lru_cache(maxsize=4096)
def _address(text: str) -> Address | None:
    """Of text as proxies write it: some with a port, some an IPv4 address within IPv6; without its zone."""
    with_port = _WITH_PORT.fullmatch(text)
    try:
        found = ip_address(with_port[1] or with_port[2] if with_port else text)
    except ValueError:
        return None
    return found.ipv4_mapped or IPv6Address(int(found)) if isinstance(found, IPv6Address) else found
