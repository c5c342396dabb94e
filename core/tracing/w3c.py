"""Trace context in headers, as in https://www.w3.org/TR/trace-context/."""

import re
from typing import NamedTuple

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_MAX_STATE, _MAX_MEMBERS = 512, 32
"""Maximum characters and members of `tracestate`."""

_MEMBER = re.compile(
    r"(?P<key>[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
    r"=[ -+\--<>-~]{0,255}[!-+\--<>-~]",
    re.ASCII,
)
"""A member of `tracestate`. Values contain visible ASCII characters and spaces, without comma and equals sign."""

_INVALID_VERSION = "ff"
_FIRST_VERSION = "00"
_SAMPLED = 0x01


class SpanContext(NamedTuple):
    """The ids of a span of any process. `state` is the header `tracestate`, which is passed on unchanged."""

    trace_id: int
    span_id: int
    state: str = ""

    @property
    def traceparent(self) -> str:
        """The header of a sampled span."""
        return f"00-{self.trace_id:032x}-{self.span_id:016x}-01"


class RemoteParent(NamedTuple):
    """The span of the caller, and whether the caller has sampled it."""

    context: SpanContext
    is_sampled: bool


def read_parent(traceparent: str, tracestate: str) -> RemoteParent | None:
    """Returns the parent in the headers of a request, or None if they are invalid.

    An invalid `tracestate` is dropped. Later versions of the format are read like the first.
    """
    match = _TRACEPARENT.fullmatch(traceparent)
    if match is None:
        return None
    version, trace_id, span_id, flags, more = match.groups()
    if version == _INVALID_VERSION or (version == _FIRST_VERSION and more):
        return None
    if not int(trace_id, 16) or not int(span_id, 16):
        return None
    state = tracestate if _is_state(tracestate) else ""
    return RemoteParent(SpanContext(int(trace_id, 16), int(span_id, 16), state), bool(int(flags, 16) & _SAMPLED))


def _is_state(text: str) -> bool:
    """Returns whether a text is a valid `tracestate`. OpenTelemetry would log an invalid one with its values."""
    if len(text) > _MAX_STATE:
        return False
    members = [_MEMBER.fullmatch(member) for part in text.split(",") if (member := part.strip(" \t"))]
    keys = {member["key"] for member in members if member}
    return len(keys) == len(members) <= _MAX_MEMBERS


def outgoing_headers(context: SpanContext) -> dict[str, str]:
    """Returns the headers of a request that belongs to a sampled span."""
    headers = {"traceparent": context.traceparent}
    if context.state:
        headers["tracestate"] = context.state
    return headers
