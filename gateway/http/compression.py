"""Compresses responses.

The levels are chosen for the home screen. Of its 15,121 bytes, zstd 3 makes 3,659 in 0.02 ms, Brotli 2 makes 3,683 in
0.04 ms, and gzip 3 makes 3,876 in 0.03 ms. Higher levels cost more time than they save on the network: Brotli 4 takes
twice the time for 125 bytes. The codings are ordered by these sizes.
"""

import sys
import zlib
from collections.abc import Callable, Mapping
from functools import partial

import brotli
from starlette.types import Message, Scope

from gateway.http.caching import IS_SHARED
from gateway.http.headers import header, varying
from gateway.http.negotiation import preferred_coding

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MIN_COMPRESSED_BYTES = 1024

IS_CODED = "is_coded"
"""The key of a scope that says that the body of the response has its content coding already, or needs none."""
_TYPES = (b"application/json", b"application/graphql-response+json", b"text/plain", b"text/html")

_zstd = zstd.ZstdCompressor(level=3)


def _zstandard(body: bytes) -> bytes:
    return _zstd.compress(body, mode=_zstd.FLUSH_FRAME)


def _brotli(body: bytes) -> bytes:
    compressed: bytes = brotli.compress(body, quality=2)
    return compressed


def _gzip(body: bytes) -> bytes:
    compressor = zlib.compressobj(3, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return compressor.compress(body) + compressor.flush()


CODINGS: Mapping[str, Callable[[bytes], bytes]] = {"zstd": _zstandard, "br": _brotli, "gzip": _gzip}
DECODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": zstd.decompress,
    "br": brotli.decompress,
    "gzip": partial(zlib.decompress, wbits=zlib.MAX_WBITS | 16),
}
_OFFERED = tuple(CODINGS)
_OFFERED_TO_NODE = tuple(coding for coding in CODINGS if coding != "zstd")
"""Some tools accept zstd on Node 20, which cannot decompress it. Newer versions, which can, send the same headers.
`Vary` does not name User-Agent: a shared cache would store a response per client, and these tools send POST."""


def compress(body: bytes, coding: str) -> tuple[bytes, str]:
    """Returns a body in a content coding, and the coding. Short bodies are unchanged, with an empty coding."""
    if not coding or len(body) < MIN_COMPRESSED_BYTES:
        return body, ""
    return CODINGS[coding](body), coding


def decompress(body: bytes, coding: str) -> bytes:
    """Returns a body that `compress` has returned with this coding."""
    return DECODINGS[coding](body) if coding else body


def response_coding(scope: Scope, *, shared: bool = False) -> str:
    """Returns the content coding for responses to a request, or an empty text.

    That of a `shared` response, which a shared cache may send to any client, does not depend on the User-Agent.
    """
    limited = shared or IS_SHARED in scope or header(scope, b"user-agent") == "node"
    offered = _OFFERED_TO_NODE if limited else _OFFERED
    return preferred_coding(header(scope, b"accept-encoding") or "", offered) or ""


def is_compressible(start: Message) -> bool:
    """Returns whether the body of a response may be compressed, if it is sent in one piece."""
    content_type, encoded = b"", False
    for name, value in start["headers"]:
        if name == b"content-type":
            content_type = value
        elif name == b"content-encoding":
            encoded = True
    return not encoded and content_type.startswith(_TYPES)


def compress_message(scope: Scope, start: Message, message: Message) -> Message:
    """Returns the message with the body to send, and adapts the headers of `start`."""
    headers = varying(start["headers"], b"Accept-Encoding")
    start["headers"] = headers
    body = message.get("body", b"")
    if len(body) < MIN_COMPRESSED_BYTES or message.get("more_body"):
        return message
    compressed, coding = compress(body, response_coding(scope))
    if not coding:
        return message
    start["headers"] = [
        *((name, value) for name, value in headers if name != b"content-length"),
        (b"content-length", str(len(compressed)).encode()),
        (b"content-encoding", coding.encode()),
    ]
    return {**message, "body": compressed}
