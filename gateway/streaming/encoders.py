"""Encoders of streams: one class per format.

Clients are stricter than their specifications:

- Apollo iOS compares the parameters of the media type letter by letter. It requires `content-type` in lower case and as
  the only header of a part. It parses everything between two boundaries as JSON, so nothing follows the last one.
- Version 1 of Apollo iOS splits texts that contain a boundary, so no text may contain one.
- Version 2 finds a boundary by the line end before it, also the first one.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from gateway.streaming.negotiation import StreamFormat

Result = Mapping[str, Any] | orjson.Fragment
"""A result, or its JSON."""

_BOUNDARY = b"--graphql"
_PART = b"\r\ncontent-type: application/json\r\n\r\n%b\r\n--graphql"
_MULTIPART = "multipart/mixed; boundary=graphql"


class StreamEncoder(ABC):
    """Encodes the results of a stream in one format."""

    media_type: str
    opening = b"\r\n" + _BOUNDARY
    closing = b"--"
    """The bytes after the last result."""
    heartbeat: bytes

    @abstractmethod
    def encode(self, result: Result, event_id: str | None = None) -> bytes:
        """Returns one result. `event_id` is the cursor of an event, which only some formats contain by itself."""

    @abstractmethod
    def encode_failure(self, errors: Sequence[Mapping[str, Any]]) -> bytes:
        """Returns the errors of a source that failed."""

    def encode_end(self, errors: Sequence[Mapping[str, Any]]) -> bytes:
        """Returns the end of a stream that the server closes."""
        return self.encode_failure(errors) + self.closing

    def encode_drain(self, errors: Sequence[Mapping[str, Any]], retry_milliseconds: int) -> bytes:  # noqa: ARG002 - the errors contain it
        """Returns the end of a stream that the client should open again on another server, after this time."""
        return self.encode_end(errors)


class EventStreamEncoder(StreamEncoder):
    """Encodes `text/event-stream`: graphql-sse in distinct connections mode."""

    media_type = "text/event-stream; charset=utf-8"
    opening = heartbeat = b":\n\n"
    closing = b"event: complete\ndata:\n\n"

    def encode(self, result: Result, event_id: str | None = None) -> bytes:
        identifier = b"" if event_id is None else b"id: %b\n" % event_id.encode()
        return b"%bevent: next\ndata: %b\n\n" % (identifier, orjson.dumps(result))

    def encode_failure(self, errors: Sequence[Mapping[str, Any]]) -> bytes:
        return self.encode({"errors": errors})

    def encode_drain(self, errors: Sequence[Mapping[str, Any]], retry_milliseconds: int) -> bytes:  # noqa: ARG002 - there is no event
        """Returns the time as browsers' EventSource reads it. Clients connect again after an end without `complete`."""
        return b"retry: %d\n\n" % retry_milliseconds


class MultipartEventEncoder(StreamEncoder):
    """Encodes `subscriptionSpec=1.0`, which Apollo's clients read."""

    media_type = f"{_MULTIPART}; subscriptionSpec=1.0"
    heartbeat = _PART % b"{}"

    def encode(self, result: Result, event_id: str | None = None) -> bytes:  # noqa: ARG002 - the result contains it
        return _part({"payload": result})

    def encode_failure(self, errors: Sequence[Mapping[str, Any]]) -> bytes:
        return _part({"payload": None, "errors": errors})


class IncrementalEncoder(StreamEncoder):
    """Encodes the parts of one response. `spec` names the incremental delivery format."""

    heartbeat = b""

    def __init__(self, spec: str) -> None:
        self.media_type = f"{_MULTIPART}; {spec}"

    def encode(self, result: Result, event_id: str | None = None) -> bytes:  # noqa: ARG002 - parts are no events
        return _part(result)

    def encode_failure(self, errors: Sequence[Mapping[str, Any]]) -> bytes:
        return _part({"errors": errors, "hasNext": False})


ENCODERS: Mapping[StreamFormat, StreamEncoder] = {
    StreamFormat.EVENT_STREAM: EventStreamEncoder(),
    StreamFormat.MULTIPART_EVENTS: MultipartEventEncoder(),
    StreamFormat.PARTS_20220824: IncrementalEncoder("deferSpec=20220824"),
    StreamFormat.PARTS: IncrementalEncoder("incrementalSpec=v0.2"),
}


def _part(body: Result) -> bytes:
    data = orjson.dumps(body)
    if _BOUNDARY in data:
        data = data.replace(_BOUNDARY, rb"-\u002dgraphql")
    return _PART % data
