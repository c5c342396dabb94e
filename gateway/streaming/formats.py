"""How a stream is written down.

Clients are stricter than their specifications. Apollo iOS looks for the media type's parameters letter by letter, wants
`content-type` in lower case and alone, and reads whatever lies between two boundaries as JSON, so nothing follows the
last one. Version 1 splits texts that happen to contain a boundary, so none may. Version 2 knows a boundary by the line
end before it, the first one too.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from gateway.streaming.negotiation import StreamFormat

_BOUNDARY = b"--graphql"
_PART = b"\r\ncontent-type: application/json\r\n\r\n%b\r\n--graphql"
_MULTIPART = "multipart/mixed; boundary=graphql"


class StreamEncoder(ABC):
    """One way to write the answers of a stream."""

    media_type: str
    opening = b"\r\n" + _BOUNDARY
    closing = b"--"
    """What says that no answer follows."""
    heartbeat: bytes

    @abstractmethod
    def answer(self, answer: Mapping[str, Any]) -> bytes:
        """One of them."""

    @abstractmethod
    def failure(self, errors: Sequence[Mapping[str, Any]]) -> bytes:
        """What kept the source of the answers from giving more."""

    def ended(self, errors: Sequence[Mapping[str, Any]]) -> bytes:
        """What the stream ends with when the server ends it for good."""
        return self.failure(errors) + self.closing

    def drained(self, errors: Sequence[Mapping[str, Any]]) -> bytes:
        """The same when the client shall come back to another server."""
        return self.ended(errors)


class EventStreamEncoder(StreamEncoder):
    """`text/event-stream`, as graphql-sse has it in its mode of distinct connections."""

    media_type = "text/event-stream; charset=utf-8"
    opening = heartbeat = b":\n\n"
    closing = b"event: complete\ndata:\n\n"

    def answer(self, answer: Mapping[str, Any]) -> bytes:
        return b"event: next\ndata: %b\n\n" % orjson.dumps(answer)

    def failure(self, errors: Sequence[Mapping[str, Any]]) -> bytes:
        return self.answer({"errors": errors})

    def drained(self, errors: Sequence[Mapping[str, Any]]) -> bytes:  # noqa: ARG002 - nothing is to be said
        """Nothing: graphql-sse connects again when a stream that is not complete comes to its end."""
        return b""


class MultipartEventEncoder(StreamEncoder):
    """`subscriptionSpec=1.0`, as Apollo's clients have it."""

    media_type = f"{_MULTIPART}; subscriptionSpec=1.0"
    heartbeat = _PART % b"{}"

    def answer(self, answer: Mapping[str, Any]) -> bytes:
        return _part({"payload": answer})

    def failure(self, errors: Sequence[Mapping[str, Any]]) -> bytes:
        return _part({"payload": None, "errors": errors})


class IncrementalEncoder(StreamEncoder):
    """Parts of one answer; `spec` tells how they are put together."""

    heartbeat = b""

    def __init__(self, spec: str) -> None:
        self.media_type = f"{_MULTIPART}; {spec}"

    def answer(self, answer: Mapping[str, Any]) -> bytes:
        return _part(answer)

    def failure(self, errors: Sequence[Mapping[str, Any]]) -> bytes:
        return _part({"errors": errors, "hasNext": False})


ENCODERS: Mapping[StreamFormat, StreamEncoder] = {
    StreamFormat.EVENT_STREAM: EventStreamEncoder(),
    StreamFormat.MULTIPART_EVENTS: MultipartEventEncoder(),
    StreamFormat.PARTS_20220824: IncrementalEncoder("deferSpec=20220824"),
    StreamFormat.PARTS: IncrementalEncoder("incrementalSpec=v0.2"),
}


def _part(body: Mapping[str, Any]) -> bytes:
    written = orjson.dumps(body)
    if _BOUNDARY in written:
        written = written.replace(_BOUNDARY, rb"-\u002dgraphql")
    return _PART % written
