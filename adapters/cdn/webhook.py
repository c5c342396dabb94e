"""`https://…` and `http://…`: a webhook that purges a CDN."""

import asyncio
import ssl
from collections.abc import Sequence
from typing import NamedTuple

import orjson

from adapters.cdn.base import Cdn, CdnUnavailable
from core.tracing import outgoing_headers, recording_span

DEADLINE = 5.0
"""Maximum seconds of a request, from the look-up of the host to the status."""

_MAX_HEAD_LINES = 100
_OK, _MULTIPLE_CHOICES = 200, 300


class WebhookAddress(NamedTuple):
    """The address of a webhook. `authority` is the host and port as in the URL, `target` the path and query."""

    host: str
    port: int
    is_encrypted: bool
    authority: str
    target: str


class WebhookCdn(Cdn):
    """Posts `{"tags": […]}` with a bearer token. A status of 2xx confirms the purge.

    It opens a connection for each request and reads the status only, which no library makes simpler.
    """

    def __init__(self, address: WebhookAddress, token: str, deadline: float = DEADLINE) -> None:
        self._address = address
        self._deadline = deadline
        self._tls = ssl.create_default_context() if address.is_encrypted else None
        authorization = f"Authorization: Bearer {token}\r\n" if token else ""
        self._head = (
            f"POST {address.target} HTTP/1.1\r\nHost: {address.authority}\r\n{authorization}"
            "Content-Type: application/json\r\nConnection: close\r\nContent-Length: "
        ).encode()

    async def purge(self, tags: Sequence[str]) -> None:
        body = orjson.dumps({"tags": tags})
        try:
            async with asyncio.timeout(self._deadline):
                status = await self._post(b"%b%d\r\n%b\r\n%b" % (self._head, len(body), _trace_headers(), body))
        except (OSError, LookupError, ValueError) as error:
            raise CdnUnavailable(type(error).__name__) from error
        if not _OK <= status < _MULTIPLE_CHOICES:
            raise CdnUnavailable(f"status {status}")

    async def _post(self, request: bytes) -> int:
        reader, writer = await asyncio.open_connection(self._address.host, self._address.port, ssl=self._tls)
        try:
            writer.write(request)
            await writer.drain()
            return await _read_status(reader)
        finally:
            writer.close()


async def _read_status(reader: asyncio.StreamReader) -> int:
    """Returns the status of a response. Ignores interim responses. Raises `ValueError` or `LookupError` without one."""
    for _ in range(_MAX_HEAD_LINES):
        line = await reader.readline()
        if line.startswith(b"HTTP/"):
            status = int(line.split(maxsplit=2)[1])
            if status >= _OK:
                return status
    raise ValueError("the response has no status")


def _trace_headers() -> bytes:
    """Returns the lines of the trace context, if the purge is traced."""
    span = recording_span()
    if span is None:
        return b""
    return "".join(f"{name}: {value}\r\n" for name, value in outgoing_headers(span.context).items()).encode()
