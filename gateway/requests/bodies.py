"""The body of a request: how long it may be, which type, and JSON without ambiguity."""

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
"""Whatever the setting is."""
SHORT_BODY_BYTES = 64 * 1024
MAX_LONG_BODY_BYTES = 64 * 1024 * 1024
"""What a process holds of long bodies that are on their way, beyond the first `SHORT_BODY_BYTES` bytes of each."""

_DIGITS = len(str(MAX_BODY_BYTES))
_NAMES = (b'"query"', b'"variables"', b'"operationName"', b'"extensions"', b'"documentId"', b'"doc_id"')
_ESCAPED = b"\\u00"
_MAX_PARTS = 50_000
_ENDS_EARLY = "unexpected end of data"
"""As orjson says it."""
_JSON = "application/json"


def is_json(request: Request) -> bool:
    """Whether the body is JSON, as its headers have it; `RequestError` when it is written in a way that is not read."""
    media_type, charset = _content_type(header(request.scope, b"content-type") or "")
    if media_type != _JSON:
        return False
    if charset not in ("utf-8", "utf8"):
        raise bad_request("Send JSON in UTF-8; it has no other charset.", 415)
    return True


@lru_cache(maxsize=256)
def _content_type(value: str) -> tuple[str, str]:
    """Media type and charset, in lower case."""
    media_type, *parameters = (part.strip().lower() for part in value.split(";"))
    charset = "utf-8"
    for parameter in parameters:
        name, _, given = parameter.partition("=")
        if name.strip() == "charset":
            charset = given.strip().strip('"')
    return media_type, charset


class BodyReader:
    """Reads bodies, and holds no more than `most` bytes of long ones that are on their way.

    A client may bring its body slowly, and bring many at a time. Short ones are always taken: they weigh no more than
    the connections that they come over.
    """

    def __init__(self, most: int = MAX_LONG_BODY_BYTES) -> None:
        self._left = most

    async def read(self, request: Request) -> bytes:
        """All of it; `RequestError` when it is compressed, too long, ends early, or comes beside too many long ones."""
        if (header(request.scope, b"content-encoding") or "identity") != "identity":
            raise bad_request("Send the body as it is, without Content-Encoding.", 415, {"Accept-Encoding": "identity"})
        declared = (header(request.scope, b"content-length") or "").strip().lstrip("0")
        if declared.isdecimal() and (len(declared) > _DIGITS or int(declared) > MAX_BODY_BYTES):
            raise _too_long()
        body, more = await _receive(request)
        return await self._read_on(request, bytearray(body)) if more else body

    async def _read_on(self, request: Request, body: bytearray) -> bytes:
        counted, more = 0, True
        try:
            while more:
                chunk, more = await _receive(request)
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise _too_long()
                if len(body) > SHORT_BODY_BYTES:
                    self._left -= len(body) - SHORT_BODY_BYTES - counted
                    counted = len(body) - SHORT_BODY_BYTES
                if self._left < 0 < counted:
                    raise reject(Overloaded("Too many long requests are on their way at this moment. Try again."))
        finally:
            self._left += counted
        return bytes(body)


async def _receive(request: Request) -> tuple[bytes, bool]:
    """The next part of a body, and whether there are more."""
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
    """One operation or an array of them. `RequestError` as of `read_json`, and when a batch never has so many."""
    read = _parse(text, name)
    if isinstance(read, list) and len(cast("list[Any]", read)) > MAX_BATCH:
        raise bad_request(f"Send at most {MAX_BATCH:,} operations in a batch.")
    return _unambiguous(read, text, name)


def read_json(text: bytes, name: str) -> Any:
    """What the text says; `RequestError` when it is no JSON, or says something about a request twice."""
    return _unambiguous(_parse(text, name), text, name)


def _parse(text: bytes, name: str) -> Any:
    """A mebibyte of empty lists would take longer to make and to forget than a refusal may."""
    if text.count(b"[") + text.count(b"{") > _MAX_PARTS:
        raise malformed(f"{name}: there are too many values in it.")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise malformed(f"{name}: {_explain(text, name, error.msg)}") from None


def _explain(text: bytes, name: str, error: str) -> str:
    """Says so where the length may be what is wrong: the client's own JSON is complete then."""
    if name != "body":
        return "this is not JSON."
    if not text:
        return "this is empty. Send JSON, and its number of bytes as Content-Length."
    if error == _ENDS_EARLY:
        return "this is not JSON: its end is missing. Content-Length is the number of bytes, not of characters."
    return "this is not JSON."


def _unambiguous(read: Any, text: bytes, name: str) -> Any:
    if _may_repeat(text):
        if text.count(b",") > _MAX_PARTS:
            raise malformed(f"{name}: there are too many values in it.")
        _check_names(text, name)
    return read


def _may_repeat(text: bytes) -> bool:
    """Whether a name that matters may stand there twice: another reader on the way could take the other one."""
    return _ESCAPED in text or any(text.count(each) > 1 for each in _NAMES)


def _check_names(text: bytes, name: str) -> None:
    """Of each object that is a request; objects are read as tuples of pairs, which C makes fastest."""
    try:
        found = json.loads(text, object_pairs_hook=tuple, parse_int=str)
    except RecursionError:
        raise malformed(f"{name}: this is nested too deeply.") from None
    for each in cast("list[Any]", found) if isinstance(found, list) else [found]:
        pairs = cast("tuple[tuple[str, Any], ...]", each if isinstance(each, tuple) else ())
        if len({key for key, _ in pairs}) < len(pairs):
            raise malformed(f"{name}: a name stands in it twice.")
