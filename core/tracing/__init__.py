"""Traces: the spans of sampled requests, jobs and batches.

Code that may be traced reads `current_span`. It is None without a tracer, and in everything that is not sampled, so
that nothing else is done then. This package knows neither OpenTelemetry's SDK nor the collector.
"""

from core.tracing.causes import take_cause, with_cause
from core.tracing.spans import Attributes, Span, SpanKind, current_span, recording_span
from core.tracing.tracer import DROP_REASONS, SpanSink, Tracer, traced
from core.tracing.w3c import RemoteParent, SpanContext, outgoing_headers, read_parent

__all__ = [
    "DROP_REASONS",
    "Attributes",
    "RemoteParent",
    "Span",
    "SpanContext",
    "SpanKind",
    "SpanSink",
    "Tracer",
    "current_span",
    "outgoing_headers",
    "read_parent",
    "recording_span",
    "take_cause",
    "traced",
    "with_cause",
]
