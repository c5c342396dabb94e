"""Selects the format of a stream from the operation and the Accept header."""

from collections.abc import Mapping
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from graphql import OperationType
from starlette.types import Scope

from gateway.execution.operation import Operation
from gateway.http.headers import header
from gateway.http.negotiation import quality

_SINGLE_RESPONSE = {"application/json", "application/graphql-response+json", "application/*", "*/*"}

_MAX_ACCEPT_LENGTH = 2048
"""Characters of an Accept header. The rest is ignored."""


class StreamFormat(Enum):
    """A format of HTTP streaming."""

    EVENT_STREAM = auto()
    MULTIPART_EVENTS = auto()
    PARTS_20220824 = auto()
    PARTS = auto()


class AcceptedFormats(NamedTuple):
    """The accepted formats with their qualities, highest first, and whether a response in one piece is accepted."""

    formats: Mapping[StreamFormat, float]
    whole: bool


def negotiate_stream(accept: str, operation: Operation) -> StreamFormat | None:
    """Returns the format of the stream, or None for a response in one piece.

    A subscription has no response in one piece, so it gets any accepted stream.
    """
    accepted = read_accept(accept)
    if operation.kind is OperationType.SUBSCRIPTION:
        return _first(accepted, StreamFormat.EVENT_STREAM, StreamFormat.MULTIPART_EVENTS)
    if operation.is_incremental and (parts := _first(accepted, StreamFormat.PARTS, StreamFormat.PARTS_20220824)):
        return parts
    # Some clients list text/event-stream for every operation. They get a stream only if they accept nothing else.
    return None if accepted.whole else _first(accepted, StreamFormat.EVENT_STREAM)


def accept_header(scope: Scope) -> str:
    """Returns the Accept header of a request, or an empty text."""
    return (header(scope, b"accept") or "")[:_MAX_ACCEPT_LENGTH]


@lru_cache(maxsize=256)
def read_accept(accept: str) -> AcceptedFormats:
    formats: dict[StreamFormat, float] = {}
    whole = not accept.strip()
    for item in accept.lower().split(","):
        media_type, *parameters = (part.strip() for part in item.split(";"))
        item_quality = quality(parameters)
        if item_quality <= 0:
            continue
        whole = whole or media_type in _SINGLE_RESPONSE
        if (stream_format := _format(media_type, parameters)) is not None:
            formats[stream_format] = max(formats.get(stream_format, 0), item_quality)
    return AcceptedFormats(dict(sorted(formats.items(), key=lambda item: -item[1])), whole)


def _format(media_type: str, parameters: list[str]) -> StreamFormat | None:
    if media_type == "text/event-stream":
        return StreamFormat.EVENT_STREAM
    if media_type != "multipart/mixed":
        return None
    values = dict(parameter.replace('"', "").split("=", 1) for parameter in parameters if "=" in parameter)
    specs = {name: values[name] for name in ("subscriptionspec", "deferspec", "incrementalspec") if name in values}
    for spec, stream_format in (
        ({"subscriptionspec": "1.0"}, StreamFormat.MULTIPART_EVENTS),
        ({"deferspec": "20220824"}, StreamFormat.PARTS_20220824),
        ({"incrementalspec": "v0.2"}, StreamFormat.PARTS),
        ({}, StreamFormat.PARTS),
    ):
        if specs == spec:
            return stream_format
    return None


def _first(accepted: AcceptedFormats, *formats: StreamFormat) -> StreamFormat | None:
    return next((stream_format for stream_format in accepted.formats if stream_format in formats), None)
