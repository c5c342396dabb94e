"""Metrics of operations by name: requests, errors, problems, durations, costs, statements and batches of loaders."""

from collections.abc import Iterator

from core.errors import ErrorCode
from gateway.metrics.families import Family, Histogram, MetricCollector, counter, counters, gauges, histograms
from gateway.statistics import StatisticsByOperation

_OPERATION = ["operation"]
_INTERNAL = ErrorCode.INTERNAL_SERVER_ERROR.value


class OperationMetrics(MetricCollector):
    """Collects the statistics of operations of this process. Most families leave out operations with zero."""

    def __init__(self, statistics: StatisticsByOperation) -> None:
        self._statistics = statistics

    def collect(self) -> Iterator[Family]:
        text = "Queries and mutations, over all transports and with stored responses, by result."
        yield counters("bff_operation_requests", text, [*_OPERATION, "result"], self._results())
        text = "Codes of errors; a request counts once for each of its codes."
        yield counters("bff_operation_errors", text, [*_OPERATION, "code"], self._errors())
        text = "Problems that mutations returned as data, by code."
        yield counters("bff_operation_problems", text, [*_OPERATION, "code"], self._problems())
        text = "Duration of queries and mutations, until the last part of a response in parts."
        yield histograms("bff_operation_seconds", text, _OPERATION, self._durations())
        text = "Subscriptions that have begun."
        yield counters("bff_operation_subscriptions", text, _OPERATION, self._numbers("subscriptions"))
        text = "Executions, which stored responses and rejected requests do not need."
        yield counters("bff_operation_executions", text, _OPERATION, self._numbers("executions"))
        text = "Statements of executions."
        yield counters("bff_operation_statements", text, _OPERATION, self._numbers("statements"))
        text = "Batches that loaders read in executions."
        yield counters("bff_operation_loader_batches", text, _OPERATION, self._numbers("batches"))
        text = "Executions that took at least BFF_SLOW_SECONDS."
        yield counters("bff_operation_slow", text, _OPERATION, self._numbers("slow"))
        yield from self._costs()
        text = "Responses by operation: hit, miss, stale, shared with an equal request, or bypass of the cache."
        yield counters("bff_response_cache", text, [*_OPERATION, "result"], self._cache_results())

    def _costs(self) -> Iterator[Family]:
        text = "Costs of executed operations: requested before, and actual."
        yield counters("bff_operation_cost", text, [*_OPERATION, "kind"], self._cost_kinds())
        text = "Requests that were rejected because of their cost."
        yield counter("bff_cost_rejections", text, self._statistics.cost_rejections)
        text = "The largest cost that each operation requested from this process, also if it was rejected."
        yield gauges("bff_operation_cost_largest", text, _OPERATION, self._largest_costs())

    def _results(self) -> Iterator[tuple[list[str], float]]:
        for each in self._statistics.all():
            results = {
                "ok": each.ok,
                "client_error": each.client_errors,
                "server_error": each.server_errors,
                "cancelled": each.cancelled,
            }
            if any(results.values()):
                yield from (([each.label, result], number) for result, number in results.items())

    def _errors(self) -> Iterator[tuple[list[str], float]]:
        """Yields the codes that were counted, and internal errors also before the first: alerts need its increase."""
        for each in self._statistics.all():
            codes = sorted({_INTERNAL, *each.errors})
            yield from (([each.label, code], each.errors[code]) for code in codes)

    def _problems(self) -> Iterator[tuple[list[str], float]]:
        for each in self._statistics.all():
            yield from (([each.label, code], number) for code, number in sorted(each.problems.items()))

    def _durations(self) -> Iterator[Histogram]:
        for each in self._statistics.all():
            if each.durations.number:
                yield [each.label], each.durations.histogram(), each.durations.seconds

    def _numbers(self, name: str) -> Iterator[tuple[list[str], float]]:
        for each in self._statistics.all():
            if number := getattr(each, name):
                yield [each.label], number

    def _cost_kinds(self) -> Iterator[tuple[list[str], float]]:
        for each in self._statistics.all():
            if each.executions or each.requested_cost:
                yield from (
                    ([each.label, "requested"], each.requested_cost),
                    ([each.label, "actual"], each.actual_cost),
                )

    def _largest_costs(self) -> Iterator[tuple[list[str], float]]:
        for each in self._statistics.all():
            if each.largest_cost is not None:
                yield [each.label], each.largest_cost

    def _cache_results(self) -> Iterator[tuple[list[str], float]]:
        for each in self._statistics.all():
            yield from (([each.label, result], number) for result, number in sorted(each.cache_results.items()))
