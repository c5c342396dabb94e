"""`https://…` and `http://…`: a webhook that purges a CDN."""

from collections.abc import Sequence

import orjson

from adapters.cdn.base import Cdn
from adapters.cdn.connection import DEADLINE, Address, CdnConnection, request_head, trace_headers


class WebhookCdn(Cdn):
    """Posts `{"tags": […]}` with a bearer token. A status of 2xx confirms the purge."""

    def __init__(self, address: Address, token: str, deadline: float = DEADLINE) -> None:
        self._connection = CdnConnection(address, deadline)
        self._head = request_head("POST", address, token) + (
            b"Content-Type: application/json\r\nConnection: close\r\nContent-Length: "
        )

    async def purge(self, tags: Sequence[str]) -> None:
        body = orjson.dumps({"tags": tags})
        await self._connection.send([b"%b%d\r\n%b\r\n%b" % (self._head, len(body), trace_headers(), body)])
