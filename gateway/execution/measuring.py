"""Measures executions: their work for metrics, and the levels of slow ones for the log."""

import logging
from contextvars import Token
from time import monotonic, perf_counter
from types import TracebackType

from core.operation_counts import OperationCounts, operation_counts
from core.wording import count_of
from engine.timings import LevelTimings, level_timings
from gateway.callers.caller import Caller
from gateway.execution.operation import Operation
from gateway.statistics import OperationStatistics, StatisticsByOperation

logger = logging.getLogger("gateway.slow")

_LOG_INTERVAL_SECONDS = 1.0
_MAX_FIELDS = 5
"""The maximum of fields of a level in the log."""


class Measures:
    """Measures executions. Logs those that take at least `slow_seconds`, or none if it is 0.

    Operations with one label are logged at most once per second; the next line has the number of lines left out.
    """

    def __init__(self, statistics: StatisticsByOperation, slow_seconds: float) -> None:
        self.statistics = statistics
        self.slow_seconds = slow_seconds
        self._logged_at: dict[str, float] = {}

    def measured(self, operation: Operation, caller: Caller) -> "Measured | TimedMeasured":
        """Returns a context manager for an execution."""
        statistics = self.statistics.of(operation)
        if self.slow_seconds:
            return TimedMeasured(self, statistics, operation, caller)
        return Measured(statistics)

    def log(self, execution: "TimedMeasured", seconds: float) -> None:
        """Logs an execution that was slow, without values of variables."""
        statistics, now = execution.statistics, monotonic()
        statistics.slow += 1
        if now - self._logged_at.get(statistics.label, -_LOG_INTERVAL_SECONDS) < _LOG_INTERVAL_SECONDS:
            return
        self._logged_at[statistics.label] = now
        logger.warning("slow operation", extra={**execution.facts(seconds), "slow_so_far": statistics.slow})


class Measured(OperationCounts):
    """Counts the work of the block. It is one object, because every execution creates one."""

    __slots__ = ("_counts_token", "statistics")

    def __init__(self, statistics: OperationStatistics) -> None:
        self.statements = self.batches = 0
        self.pool_seconds = 0.0
        self.problems = None
        self.statistics = statistics

    def __enter__(self) -> None:
        self._counts_token = operation_counts.set(self)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        operation_counts.reset(self._counts_token)
        self.statistics.count_execution(self)


class TimedMeasured(Measured):
    """Also takes the times of the block and of the levels of its execution. It calls no methods of its base class."""

    __slots__ = ("_caller", "_measures", "_operation", "_started", "_timings", "_timings_token")
    _timings_token: Token[LevelTimings | None]

    def __init__(
        self, measures: Measures, statistics: OperationStatistics, operation: Operation, caller: Caller
    ) -> None:
        self.statements = self.batches = 0
        self.pool_seconds = 0.0
        self.problems = None
        self.statistics = statistics
        self._measures = measures
        self._operation = operation
        self._caller = caller
        self._timings = LevelTimings()

    def __enter__(self) -> None:
        self._counts_token = operation_counts.set(self)
        self._timings_token = level_timings.set(self._timings)
        self._started = perf_counter()

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        seconds = perf_counter() - self._started
        operation_counts.reset(self._counts_token)
        level_timings.reset(self._timings_token)
        self.statistics.count_execution(self)
        if seconds >= self._measures.slow_seconds:
            self._measures.log(self, seconds)

    def facts(self, seconds: float) -> dict[str, object]:
        """Returns the fields of the log line."""
        operation, client = self._operation, self._caller.client
        return {
            "operation": operation.name,
            "app": client.app,
            "version": client.version,
            "milliseconds": _milliseconds(seconds),
            "statements": self.statements,
            "loader_batches": self.batches,
            "cost": operation.cost.requested(operation.variables),
            "pool_milliseconds": _milliseconds(self.pool_seconds),
            "levels": [_describe(*level) for level in self._timings.levels()],
        }


def _describe(waits: int, seconds: float, fields: list[tuple[str, float]]) -> str:
    parts = [f"{name} {_milliseconds(took)}" for name, took in fields[:_MAX_FIELDS]]
    if len(fields) > _MAX_FIELDS:
        parts.append(f"{count_of(len(fields) - _MAX_FIELDS, 'more field')}")
    return f"after {count_of(waits, 'wait')}: {_milliseconds(seconds)} ms ({', '.join(parts)})"


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
