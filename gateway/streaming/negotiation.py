"""Whether an answer is a stream, and of which kind: the Accept header says, and the operation."""

from collections.abc import Mapping
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from graphql import OperationType

from gateway.execution.operations import Operation
from gateway.http.negotiation import quality

_WHOLE = {"application/json", "application/graphql-response+json", "application/*", "*/*"}


class Kind(Enum):
    """What streams may carry, and how."""

    EVENT_STREAM = auto()
    MULTIPART_EVENTS = auto()
    PARTS_20220824 = auto()
    PARTS = auto()


class Acceptable(NamedTuple):
    """How much each kind is wanted, most first, and whether an answer in one piece is."""

    kinds: Mapping[Kind, float]
    whole: bool


def stream_wanted(accept: str, operation: Operation) -> Kind | None:
    """None for an answer in one piece. A subscription has none, so it gets whatever stream is acceptable."""
    acceptable = read_accept(accept)
    if operation.kind is OperationType.SUBSCRIPTION:
        return _first(acceptable, Kind.EVENT_STREAM, Kind.MULTIPART_EVENTS)
    if operation.deferring and (parts := _first(acceptable, Kind.PARTS, Kind.PARTS_20220824)):
        return parts
    # Some clients list event streams for every operation: that is no wish, unless they take nothing else.
    return None if acceptable.whole else _first(acceptable, Kind.EVENT_STREAM)


@lru_cache(maxsize=256)
def read_accept(accept: str) -> Acceptable:
    kinds: dict[Kind, float] = {}
    whole = not accept.strip()
    for item in accept.lower().split(","):
        media_type, *parameters = (part.strip() for part in item.split(";"))
        wanted = quality(parameters)
        if wanted <= 0:
            continue
        whole = whole or media_type in _WHOLE
        if (kind := _kind(media_type, parameters)) is not None:
            kinds[kind] = max(kinds.get(kind, 0), wanted)
    return Acceptable(dict(sorted(kinds.items(), key=lambda each: -each[1])), whole)


def _kind(media_type: str, parameters: list[str]) -> Kind | None:
    if media_type == "text/event-stream":
        return Kind.EVENT_STREAM
    if media_type != "multipart/mixed":
        return None
    given = dict(parameter.replace('"', "").split("=", 1) for parameter in parameters if "=" in parameter)
    specs = {name: given[name] for name in ("subscriptionspec", "deferspec", "incrementalspec") if name in given}
    for spec, kind in (
        ({"subscriptionspec": "1.0"}, Kind.MULTIPART_EVENTS),
        ({"deferspec": "20220824"}, Kind.PARTS_20220824),
        ({"incrementalspec": "v0.2"}, Kind.PARTS),
        ({}, Kind.PARTS),
    ):
        if specs == spec:
            return kind
    return None


def _first(acceptable: Acceptable, *kinds: Kind) -> Kind | None:
    return next((kind for kind in acceptable.kinds if kind in kinds), None)
