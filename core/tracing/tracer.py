"""The decision which work is sampled."""

import random
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from core.tracing.spans import Attributes, Span, SpanKind
from core.tracing.w3c import RemoteParent, SpanContext

DROP_REASONS = ("queue", "export")
"""Spans are dropped because too many wait, or because the collector did not accept them."""


class SpanSink(ABC):
    """Exports ended spans. It neither waits nor fails when the collector does not answer."""

    def __init__(self) -> None:
        self.sent = 0
        """The number of spans that the collector has accepted."""
        self.dropped = Counter[str]()
        """The number of spans that it has not received, by reason, one of `DROP_REASONS`."""

    @abstractmethod
    def emit(self, span: Span) -> None:
        """Takes a span that has ended."""

    @abstractmethod
    async def close(self) -> None:
        """Exports the spans that wait, within a bounded time."""


class Tracer:
    """Samples a share of requests, jobs and batches. What happens within a sampled one is traced completely."""

    def __init__(self, share: float, sink: SpanSink) -> None:
        self._share = share
        self.sink = sink

    def start(
        self,
        name: str,
        kind: SpanKind,
        attributes: Attributes,
        *,
        parent: RemoteParent | None = None,
        links: Sequence[SpanContext] = (),
    ) -> Span | None:
        """Returns the first span of a trace in this process, or None if it is not sampled.

        A remote parent decides. Work that sampled work has caused, which `links` name, is sampled too.
        """
        if parent is not None:
            if not parent.is_sampled:
                return None
        elif not links and random.random() >= self._share:  # noqa: S311 - not for secrets
            return None
        context = None if parent is None else parent.context
        return Span.first(self.sink.emit, name, kind, attributes, context, links)

    async def close(self) -> None:
        """Exports the spans that wait, within a bounded time."""
        await self.sink.close()


def traced(
    tracer: Tracer | None, name: str, kind: SpanKind, attributes: Attributes, links: Sequence[SpanContext] = ()
) -> AbstractContextManager[Span | None]:
    """Returns the span of work that no request waits for, or a block without a span if it is not sampled."""
    span = None if tracer is None else tracer.start(name, kind, attributes, links=links)
    return nullcontext() if span is None else span
