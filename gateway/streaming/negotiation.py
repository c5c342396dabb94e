"""Whether an answer is a stream, and of which kind: the Accept header says, and the operation."""

from collections.abc import Mapping
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from graphql import OperationType

from gateway.execution.operations import Operation
from gateway.http.negotiation import quality

_WHOLE = {"application/json", "application/graphql-response+json", "application/*", "*/*"}


class StreamFormat(Enum):
    """What streams may carry, and how."""

    EVENT_STREAM = auto()
    MULTIPART_EVENTS = auto()
    PARTS_20220824 = auto()
    PARTS = auto()


class AcceptedFormats(NamedTuple):
    """How much each kind is wanted, most first, and whether an answer in one piece is."""

    kinds: Mapping[StreamFormat, float]
    whole: bool


def negotiate_stream(accept: str, operation: Operation) -> StreamFormat | None:
    """None for an answer in one piece. A subscription has none, so it gets whatever stream is acceptable."""
    acceptable = read_accept(accept)
    if operation.kind is OperationType.SUBSCRIPTION:
        return _first(acceptable, StreamFormat.EVENT_STREAM, StreamFormat.MULTIPART_EVENTS)
    if operation.deferring and (parts := _first(acceptable, StreamFormat.PARTS, StreamFormat.PARTS_20220824)):
        return parts
    # Some clients list event streams for every operation: that is no wish, unless they take nothing else.
    return None if acceptable.whole else _first(acceptable, StreamFormat.EVENT_STREAM)


@lru_cache(maxsize=256)
def read_accept(accept: str) -> AcceptedFormats:
    kinds: dict[StreamFormat, float] = {}
    whole = not accept.strip()
    for item in accept.lower().split(","):
        media_type, *parameters = (part.strip() for part in item.split(";"))
        wanted = quality(parameters)
        if wanted <= 0:
            continue
        whole = whole or media_type in _WHOLE
        if (kind := _kind(media_type, parameters)) is not None:
            kinds[kind] = max(kinds.get(kind, 0), wanted)
    return AcceptedFormats(dict(sorted(kinds.items(), key=lambda each: -each[1])), whole)


def _kind(media_type: str, parameters: list[str]) -> StreamFormat | None:
    if media_type == "text/event-stream":
        return StreamFormat.EVENT_STREAM
    if media_type != "multipart/mixed":
        return None
    given = dict(parameter.replace('"', "").split("=", 1) for parameter in parameters if "=" in parameter)
    specs = {name: given[name] for name in ("subscriptionspec", "deferspec", "incrementalspec") if name in given}
    for spec, kind in (
        ({"subscriptionspec": "1.0"}, StreamFormat.MULTIPART_EVENTS),
        ({"deferspec": "20220824"}, StreamFormat.PARTS_20220824),
        ({"incrementalspec": "v0.2"}, StreamFormat.PARTS),
        ({}, StreamFormat.PARTS),
    ):
        if specs == spec:
            return kind
    return None


def _first(acceptable: AcceptedFormats, *kinds: StreamFormat) -> StreamFormat | None:
    return next((kind for kind in acceptable.kinds if kind in kinds), None)
