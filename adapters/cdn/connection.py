"""Sends requests to a CDN, one after the other over one connection."""

import asyncio
import ssl
from collections.abc import Sequence
from typing import NamedTuple

from adapters.cdn.base import CdnUnavailable
from core.tracing import outgoing_headers, recording_span

DEADLINE = 5.0
"""Maximum seconds of all requests of a purge, from the look-up of the host to the last status."""

_MAX_HEAD_LINES = 100
_OK, _MULTIPLE_CHOICES = 200, 300


class Address(NamedTuple):
    """The address of a CDN. `authority` is the host and port as in the URL, `target` the path and query."""

    host: str
    port: int
    is_encrypted: bool
    authority: str
    target: str


class CdnConnection:
    """Connects anew for each purge. It reads statuses and skips bodies, which no library makes simpler."""

    def __init__(self, address: Address, deadline: float = DEADLINE) -> None:
        self._address = address
        self._deadline = deadline
        self._tls = ssl.create_default_context() if address.is_encrypted else None

    async def send(self, requests: Sequence[bytes]) -> None:
        """Sends requests of HTTP/1.1. Raises `CdnUnavailable` at the first one that no status of 2xx confirms."""
        try:
            async with asyncio.timeout(self._deadline):
                status = await self._send(requests)
        except (OSError, LookupError, ValueError, EOFError) as error:
            raise CdnUnavailable(type(error).__name__) from error
        if not _confirms(status):
            raise CdnUnavailable(f"status {status}")

    async def _send(self, requests: Sequence[bytes]) -> int:
        """Returns the status of the first request that is not confirmed, or of the last one."""
        status = _OK
        reader, writer = await asyncio.open_connection(self._address.host, self._address.port, ssl=self._tls)
        try:
            for position, request in enumerate(requests):
                if position:
                    await _skip_rest(reader)
                writer.write(request)
                await writer.drain()
                status = await _read_status(reader)
                if not _confirms(status):
                    break
        finally:
            writer.close()
        return status


def request_head(method: str, address: Address, token: str) -> bytes:
    """Returns the line of a request, and the headers that all requests to the address have."""
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"{method} {address.target} HTTP/1.1\r\nHost: {address.authority}\r\n{authorization}".encode()


def trace_headers() -> bytes:
    """Returns the lines of the trace context, if the purge is traced."""
    span = recording_span()
    if span is None:
        return b""
    return "".join(f"{name}: {value}\r\n" for name, value in outgoing_headers(span.context).items()).encode()


def _confirms(status: int) -> bool:
    return _OK <= status < _MULTIPLE_CHOICES


async def _read_status(reader: asyncio.StreamReader) -> int:
    """Returns the status of a response. Ignores interim responses. Raises `ValueError` or `LookupError` without one."""
    for _ in range(_MAX_HEAD_LINES):
        line = await reader.readline()
        if line.startswith(b"HTTP/"):
            status = int(line.split(maxsplit=2)[1])
            if status >= _OK:
                return status
    raise ValueError("the response has no status")


async def _skip_rest(reader: asyncio.StreamReader) -> None:
    """Reads the headers and the body of a response. Raises `ValueError` if its length is not in a header."""
    length = 0
    for _ in range(_MAX_HEAD_LINES):
        name, _, value = (await reader.readline()).partition(b":")
        if not value:
            break
        if name.lower() == b"transfer-encoding":
            raise ValueError("the length of the response is not in its headers")
        if name.lower() == b"content-length":
            length = int(value)
    await reader.readexactly(length)
