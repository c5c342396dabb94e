"""The span of a batch of the relay."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from core.tracing import Span, SpanKind, Tracer, traced
from events import Event
from services.relay.projections import RecordedEvent

MAX_LINKS = 32
"""Maximum links of a batch to the requests that caused its events."""


def projection_span(
    tracer: Tracer | None, batch: Sequence[RecordedEvent[Event]]
) -> AbstractContextManager[Span | None]:
    """Returns the span of a projection. It is sampled if the request of one of the events was."""
    if tracer is None:
        return nullcontext()
    links = list(dict.fromkeys(recorded.cause for recorded in batch if recorded.cause is not None))[:MAX_LINKS]
    return traced(tracer, "project events", SpanKind.CONSUMER, {"bff.events": len(batch)}, links)
