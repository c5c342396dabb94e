"""Measures the checks of a request that is not traced, in process."""

import statistics
import time
from collections.abc import Callable

from core.tracing import Span, current_span

_TIMES = 200_000
_REPEATS = 9

HOME_CHECKS = 5 + 2 + 1 + 1
"""Reads of the context variable for a home screen: statements, loaders, the execution, the count of the cache."""


class _Front:
    """A part of the application with the attribute of `HttpFront`."""

    def __init__(self) -> None:
        self.traces: object | None = None


def _median(measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(_REPEATS))


def _of_reads() -> float:
    """Returns the nanoseconds of one read of the context variable and its comparison, less those of an empty loop."""
    begun = time.process_time()
    for _ in range(_TIMES):
        pass
    empty = time.process_time() - begun
    found: Span | None = None
    begun = time.process_time()
    for _ in range(_TIMES):
        if (found := current_span.get()) is not None:
            raise AssertionError(found)
    return (time.process_time() - begun - empty) / _TIMES * 1e9


def _of_front() -> float:
    """Returns the nanoseconds of both comparisons of `HttpFront`."""
    front = _Front()
    begun = time.process_time()
    for _ in range(_TIMES):
        span = front.traces if front.traces is not None else None
        if front.traces is not None and span is not None:
            raise AssertionError(span)
    return (time.process_time() - begun) / _TIMES * 1e9


def nanoseconds_of_home() -> float:
    """Returns the CPU time that a home screen, which no stored response answers, spends on checks without a trace."""
    return HOME_CHECKS * _median(_of_reads) + _median(_of_front)
