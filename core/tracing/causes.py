"""The span that caused an event or a job, within the integers of its data.

A release that does not know these fields leaves such an event to newer ones (docs/decisions/0035-upgrades.md).
"""

from core.tracing.w3c import SpanContext

_HIGH, _LOW, _SPAN = "cause_trace_high", "cause_trace_low", "cause_span"
_BITS = 64
_MAX = (1 << _BITS) - 1


def with_cause(data: str, cause: SpanContext | None) -> str:
    """Returns a JSON object of integers with those of the cause. Unchanged without a cause."""
    if cause is None:
        return data
    high, low = cause.trace_id >> _BITS, cause.trace_id & _MAX
    more = f'"{_HIGH}":{high},"{_LOW}":{low},"{_SPAN}":{cause.span_id}'
    fields = data.strip()[1:-1]
    return f"{{{fields},{more}}}" if fields else f"{{{more}}}"


def take_cause(fields: dict[str, int]) -> SpanContext | None:
    """Removes the cause from the fields and returns it."""
    if _HIGH not in fields:
        return None
    high, low, span_id = (fields.pop(name, 0) & _MAX for name in (_HIGH, _LOW, _SPAN))
    return SpanContext(high << _BITS | low, span_id)
