"""`varnish://host:port`: Varnish with the configuration of deploy/varnish."""

import re
from collections.abc import Iterator, Sequence

from adapters.cdn.base import Cdn, CdnUnavailable
from adapters.cdn.connection import DEADLINE, Address, CdnConnection, request_head, trace_headers

MAX_TAG_BYTES = 4000
"""Maximum length of the tags of a request. Varnish accepts headers of 8 KiB."""

_TAG = re.compile(r"[!-~]+")


class VarnishCdn(Cdn):
    """Sends requests with the method PURGE and the tags in a header. A status of 2xx confirms each of them."""

    def __init__(self, address: Address, token: str, deadline: float = DEADLINE) -> None:
        self._connection = CdnConnection(address, deadline)
        self._head = request_head("PURGE", address, token) + b"xkey-purge: "

    async def purge(self, tags: Sequence[str]) -> None:
        if not all(map(_TAG.fullmatch, tags)):
            raise CdnUnavailable("a tag cannot be in a header")
        end = b"\r\n%b\r\n" % trace_headers()
        await self._connection.send([b"%b%b%b" % (self._head, line, end) for line in _lines(tags)])


def _lines(tags: Sequence[str]) -> Iterator[bytes]:
    """Yields the tags, separated by spaces, in lines of at most `MAX_TAG_BYTES`. A longer tag has its own line."""
    line = b""
    for tag in tags:
        longer = b"%b %b" % (line, tag.encode()) if line else tag.encode()
        if line and len(longer) > MAX_TAG_BYTES:
            yield line
            longer = tag.encode()
        line = longer
    if line:
        yield line
