"""Reads bodies of requests with limits, and parses JSON without ambiguity."""

import json
from functools import lru_cache
from typing import Any, cast

import orjson
from starlette.requests import Request

from core.errors import Overloaded
from gateway.errors.request_error import bad_request, malformed, reject
from gateway.http.headers import header

MAX_BODY_BYTES = 1024 * 1024
MAX_BATCH = 1000
"""Operations of a batch, for any value of the setting."""
SHORT_BODY_BYTES = 64 * 1024
MAX_LONG_BODY_BYTES = 64 * 1024 * 1024
"""Memory of a process for bodies that are being received. The first `SHORT_BODY_BYTES` of each do not count."""

_DIGITS = len(str(MAX_BODY_BYTES))
_NAMES = (b'"query"', b'"variables"', b'"operationName"', b'"extensions"', b'"documentId"', b'"doc_id"')
_ESCAPED = b"\\u00"
_MAX_PARTS = 50_000
_ENDS_EARLY = "unexpected end of data"
"""A message of orjson."""
_JSON = "application/json"


def is_json(request: Request) -> bool:
    """Returns whether Content-Type is JSON. Raises `RequestError` for a charset other than UTF-8."""
    media_type, charset = _content_type(header(request.scope, b"content-type") or "")
    if media_type != _JSON:
        return False
    if charset not in ("utf-8", "utf8"):
        raise bad_request("Send JSON in UTF-8.", 415)
    return True


@lru_cache(maxsize=256)
def _content_type(value: str) -> tuple[str, str]:
    """Returns media type and charset in lower case."""
    media_type, *parameters = (part.strip().lower() for part in value.split(";"))
    charset = "utf-8"
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset":
            charset = value.strip().strip('"')
    return media_type, charset


class BodyReader:
    """Reads bodies. Long bodies that are being received may hold `max_bytes` of memory together.

    The limit matters because clients may send many bodies slowly. Short bodies are always accepted: they take no more
    memory than their connections.
    """

    def __init__(self, max_bytes: int = MAX_LONG_BODY_BYTES) -> None:
        self._remaining = max_bytes

    async def read(self, request: Request) -> bytes:
        """Returns the body. Raises `RequestError` if it is compressed, too long or incomplete, or above the limit."""
        if (header(request.scope, b"content-encoding") or "identity") != "identity":
            raise bad_request(
                "Send the body uncompressed, without Content-Encoding.", 415, {"Accept-Encoding": "identity"}
            )
        declared = (header(request.scope, b"content-length") or "").strip().lstrip("0")
        if declared.isdecimal() and (len(declared) > _DIGITS or int(declared) > MAX_BODY_BYTES):
            raise _too_long()
        body, more = await _receive(request)
        return await self._read_rest(request, bytearray(body)) if more else body

    async def _read_rest(self, request: Request, body: bytearray) -> bytes:
        counted, more = 0, True
        try:
            while more:
                chunk, more = await _receive(request)
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise _too_long()
                if len(body) > SHORT_BODY_BYTES:
                    self._remaining -= len(body) - SHORT_BODY_BYTES - counted
                    counted = len(body) - SHORT_BODY_BYTES
                if self._remaining < 0 < counted:
                    raise reject(Overloaded("Too many large requests are being received. Try again."))
        finally:
            self._remaining += counted
        return bytes(body)


async def _receive(request: Request) -> tuple[bytes, bool]:
    """Returns the next chunk of a body, and whether more follow."""
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise malformed("The body ended before it was complete.")
    chunk: bytes = message.get("body", b"")
    if len(chunk) > MAX_BODY_BYTES:
        raise _too_long()
    return chunk, message.get("more_body", False)


def _too_long() -> Exception:
    return bad_request(f"The body is longer than {MAX_BODY_BYTES} bytes.", 413)


def read_operations(text: bytes, name: str) -> Any:
    """Parses an operation or an array of operations. Raises `RequestError` for invalid JSON and too large batches."""
    parsed = _parse(text, name)
    if isinstance(parsed, list) and len(cast("list[Any]", parsed)) > MAX_BATCH:
        raise bad_request(f"Send at most {MAX_BATCH:,} operations in a batch.")
    return _unambiguous(parsed, text, name)


def read_json(text: bytes, name: str) -> Any:
    """Parses JSON. Raises `RequestError` for invalid JSON, and for an object that contains a name twice."""
    return _unambiguous(_parse(text, name), text, name)


def _parse(text: bytes, name: str) -> Any:
    """Limits the number of values, because creating and freeing a mebibyte of empty lists takes too long."""
    if text.count(b"[") + text.count(b"{") > _MAX_PARTS:
        raise malformed(f"{name}: too many values.")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise malformed(f"{name}: {_explain(text, name, error.msg)}") from None


def _explain(text: bytes, name: str, error: str) -> str:
    """Returns the reason. Mentions Content-Length where a wrong one explains the error."""
    if name != "body":
        return "not valid JSON."
    if not text:
        return "empty. Send JSON, and its number of bytes as Content-Length."
    if error == _ENDS_EARLY:
        return "incomplete JSON. Content-Length is the number of bytes, not of characters."
    return "not valid JSON."


def _unambiguous(parsed: Any, text: bytes, name: str) -> Any:
    if _may_repeat(text):
        if text.count(b",") > _MAX_PARTS:
            raise malformed(f"{name}: too many values.")
        _check_names(text, name)
    return parsed


def _may_repeat(text: bytes) -> bool:
    """Returns whether a relevant name may occur twice. Proxies and the server could use different values."""
    return _ESCAPED in text or any(text.count(name) > 1 for name in _NAMES)


def _check_names(text: bytes, name: str) -> None:
    """Checks each object that is a request. Objects are parsed as tuples of pairs, which is fastest in C."""
    try:
        parsed = json.loads(text, object_pairs_hook=tuple, parse_int=str)
    except RecursionError:
        raise malformed(f"{name}: nested too deeply.") from None
    for item in cast("list[Any]", parsed) if isinstance(parsed, list) else [parsed]:
        pairs = cast("tuple[tuple[str, Any], ...]", item if isinstance(item, tuple) else ())
        if len({key for key, _ in pairs}) < len(pairs):
            raise malformed(f"{name}: an object contains a name twice.")
