"""Spans, and the span of the current task."""

import random
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar, Token
from enum import IntEnum
from types import TracebackType
from typing import Self

from core.errors import AppError
from core.tracing.w3c import SpanContext

MAX_SPANS = 1000
"""Maximum spans of a trace in this process. Spans beyond it are not recorded."""

Attributes = dict[str, str | int | float | bool | list[str]]


class SpanKind(IntEnum):
    """The kinds of spans, with the numbers of OpenTelemetry's API."""

    INTERNAL = 0
    SERVER = 1
    CLIENT = 2
    PRODUCER = 3
    CONSUMER = 4


class _Trace:
    """The values that all spans of a trace share in this process. `state` is the header `tracestate`."""

    __slots__ = ("emit", "id", "is_ended", "spans", "state")

    def __init__(self, trace_id: int, state: str, emit: Callable[["Span"], None]) -> None:
        self.id = trace_id
        self.state = state
        self.emit = emit
        self.is_ended = False
        self.spans = 0


class Span:
    """A sampled piece of work. Within its block it is the current span; at the end of the block it is exported.

    Spans that begin after the first span of the trace has ended are not recorded: tasks that a request starts and that
    outlive it inherit its span.
    """

    __slots__ = (
        "_is_recorded",
        "_is_root",
        "_token",
        "attributes",
        "ended_at",
        "error",
        "id",
        "kind",
        "links",
        "name",
        "parent_id",
        "parent_is_remote",
        "started_at",
        "trace",
    )

    def __init__(self, trace: _Trace, name: str, kind: SpanKind, attributes: Attributes, parent_id: int | None) -> None:
        self.trace = trace
        self.name = name
        self.kind = kind
        self.attributes = attributes
        self.parent_id = parent_id
        self.parent_is_remote = False
        self.id = random.getrandbits(64) or 1
        self.links: Sequence[SpanContext] = ()
        self.error: str | None = None
        """The value of `error.type`: the code of an expected error, or the type of another one."""
        self._is_root = not trace.spans
        self._is_recorded = not trace.is_ended and trace.spans < MAX_SPANS
        trace.spans += 1
        self._token: Token[Span | None]
        self.ended_at = 0
        self.started_at = time.time_ns()

    @classmethod
    def first(  # noqa: PLR0913, PLR0917 - the parts of a trace
        cls,
        emit: Callable[["Span"], None],
        name: str,
        kind: SpanKind,
        attributes: Attributes,
        parent: SpanContext | None,
        links: Sequence[SpanContext],
    ) -> Self:
        """Returns the first span of this process in a new trace, or in that of a remote parent."""
        trace_id, state = (random.getrandbits(128) or 1, "") if parent is None else (parent.trace_id, parent.state)
        span = cls(_Trace(trace_id, state, emit), name, kind, attributes, None if parent is None else parent.span_id)
        span.parent_is_remote = parent is not None
        span.links = links
        return span

    @property
    def context(self) -> SpanContext:
        """The ids of this span, for other processes."""
        return SpanContext(self.trace.id, self.id, self.trace.state)

    @property
    def is_recording(self) -> bool:
        """Returns whether a child of this span is recorded, apart from the maximum."""
        return not self.trace.is_ended

    def child(self, name: str, kind: SpanKind, attributes: Attributes) -> "Span":
        """Returns a span within this one."""
        return Span(self.trace, name, kind, attributes, self.id)

    def __enter__(self) -> Self:
        self._token = current_span.set(self)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        current_span.reset(self._token)
        if error is not None and self.error is None:
            self.fail(error)
        self.end()

    def fail(self, error: BaseException) -> None:
        """Notes an error, without its message, which may contain values."""
        self.error = error.code if isinstance(error, AppError) else type(error).__name__

    def end(self) -> None:
        """Ends the span. The end of the first span ends the trace."""
        self.ended_at = time.time_ns()
        if self._is_root:
            self.trace.is_ended = True
        if self._is_recorded:
            self.trace.emit(self)


current_span: ContextVar[Span | None] = ContextVar("current_span", default=None)
"""The span of the current task; None if it is not sampled."""


def recording_span() -> Span | None:
    """Returns the current span, unless its trace has ended."""
    span = current_span.get()
    return span if span is not None and span.is_recording else None
