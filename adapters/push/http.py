"""The HTTP client of push providers, and the reading of their answers."""

import ssl
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import httpx2
import msgspec

from adapters.http_client import HttpClient
from adapters.outcomes import ServerUnavailable

MAX_BYTES = 65_536
"""Maximum bytes of a response. The responses of providers have less than a thousand."""

_KEPT_SECONDS = 300.0
"""Seconds for which a connection without requests is kept."""

_SERVER_ERROR = 500

_SHARE = 0.8
"""The share of a call's deadline without any data after which a connection is given up, so that a new one is opened."""

_LOST = (httpx2.ReadError, httpx2.WriteError, httpx2.CloseError, httpx2.RemoteProtocolError)
"""Errors of a connection that the server has closed, perhaps before the request."""


class Response(NamedTuple):
    """A response of at most `MAX_BYTES`, or the beginning of a longer one."""

    status: int
    headers: httpx2.Headers
    content: bytes


def open_http(base_url: str, deadline: float, tls: ssl.SSLContext | None, *, one: bool) -> httpx2.AsyncClient:
    """Returns a client, with HTTP/2 where the server has it. It follows no redirects.

    `one` requires HTTP/2, so that all requests share one connection. The pool has no maximum then, because a connection
    that is lost stays in it until another one is idle.
    """
    limits = httpx2.Limits(
        max_connections=None, max_keepalive_connections=1 if one else None, keepalive_expiry=_KEPT_SECONDS
    )
    return HttpClient(
        base_url=base_url,
        headers={"accept-encoding": "identity"},
        timeout=_SHARE * deadline,
        limits=limits,
        verify=tls or True,
        http1=not one,
        http2=True,
    )


async def post(
    http: httpx2.AsyncClient, path: str, headers: Mapping[str, str], content: bytes, now: datetime
) -> Response:
    """Returns the response to a POST.

    Raises `ServerUnavailable` without one, for one that is too long, and for a status of 500 and more. A request whose
    connection is lost is sent once more, because servers close idle connections, which is noticed only then.
    """
    try:
        try:
            response = await _post(http, path, headers, content)
        except _LOST:
            response = await _post(http, path, headers, content)
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        raise ServerUnavailable(type(error).__name__) from error
    if response.status >= _SERVER_ERROR:
        raise ServerUnavailable(f"status {response.status}", retry_after(response, now))
    if len(response.content) > MAX_BYTES:
        raise ServerUnavailable("the response is too long")
    return response


async def _post(http: httpx2.AsyncClient, path: str, headers: Mapping[str, str], content: bytes) -> Response:
    """Returns the response to a POST. It ends after the part with which it is longer than `MAX_BYTES`.

    No part is decompressed, because the length of the result has no bound. The client asks for no compression.
    """
    async with http.stream("POST", path, headers=headers, content=content) as response:
        body = bytearray()
        async for part in response.aiter_raw():
            body += part
            if len(body) > MAX_BYTES:
                break
    return Response(response.status_code, response.headers, bytes(body))


def retry_after(response: Response, now: datetime) -> float | None:
    """Returns the seconds of the header `Retry-After`, which is a number or a time. None without a valid one."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None


def read_object(response: Response) -> dict[str, Any]:
    """Returns the JSON object of a response; an empty one if it is anything else."""
    try:
        return msgspec.json.decode(response.content, type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}
