"""Serves metrics for Prometheus."""

from collections.abc import Iterator, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import Response

from core.errors import Unavailable
from gateway.callers.version_gate import VersionGate
from gateway.costs.usage import CostUsage
from gateway.overload.metrics import OverloadMetrics
from gateway.response_cache.cache import ResponseCache
from gateway.routes.payment_webhooks import PaymentWebhooks
from gateway.routes.process_metrics import ProcessMetrics
from services.jobs import measure_backlog
from services.notifications import measure_late_deliveries
from services.payments import count_differences, measure_open_payments
from services.relay import measure_lag
from services.resources import Resources

GaugeValue = tuple[str, str, float]
"""The name, description and value of a gauge."""


class _Counters(Collector):
    """Collects the counters of this process."""

    def __init__(self, resources: Resources, state: State) -> None:
        cache: ResponseCache = state.response_cache
        webhooks: PaymentWebhooks = state.payment_webhooks
        self._costs: CostUsage = state.costs
        self._gate: VersionGate | None = state.version_gate
        self._responses = cache.usage.counts
        self._streams = resources.streams
        self._webhooks = webhooks.counts

    def collect(self) -> Iterator[Metric]:
        text = "Responses by operation: hit, miss, stale, shared with an equal request, or bypass of the cache."
        family = CounterMetricFamily("bff_response_cache", text, labels=["operation", "result"])
        for (operation, result), times in sorted(self._responses.items()):
            family.add_metric([operation, result], times)
        yield family
        yield from _of_costs(self._costs)
        yield _of_versions({} if self._gate is None else self._gate.refused)
        text = "Webhooks of the payment provider by result."
        family = CounterMetricFamily("bff_payment_webhooks", text, labels=["result"])
        for result, times in sorted(self._webhooks.items()):
            family.add_metric([result], times)
        yield family
        text = "Events of live updates that this process has delivered."
        yield CounterMetricFamily("bff_live_events", text, self._streams.delivered)
        text = "Resets that this process has delivered, so that clients had to read their data again."
        yield CounterMetricFamily("bff_live_resets", text, self._streams.resets)


def _of_costs(costs: CostUsage) -> Iterator[Metric]:
    text = "Costs of executed operations: requested before, and actual."
    family = CounterMetricFamily("bff_operation_cost", text, labels=["kind"])
    family.add_metric(["requested"], costs.requested)
    family.add_metric(["actual"], costs.actual)
    yield family
    text = "Requests that were rejected because of their cost."
    yield CounterMetricFamily("bff_cost_rejections", text, costs.rejected)
    text = "The largest cost that each operation requested from this process, also if it was rejected."
    largest = GaugeMetricFamily("bff_operation_cost_largest", text, labels=["operation"])
    for operation, cost in sorted(costs.largest.items()):
        largest.add_metric([operation], cost)
    yield largest


def _of_versions(refused: Mapping[str, int]) -> Metric:
    text = "Requests and WebSockets that were refused because the version of the app is too old."
    family = CounterMetricFamily("bff_app_upgrades_required", text, labels=["app"])
    for app, times in sorted(refused.items()):
        family.add_metric([app], times)
    return family


async def metrics(request: Request) -> Response:
    """Measures at each request. Processes return the same values, except for counters, subscriptions and the bus.

    Also responds without the database, so that an alert names the database and not this route.
    """
    resources: Resources = request.app.state.resources
    try:
        gauges = [_database_up(1), *await _measure(resources)]
    except Unavailable:
        gauges = [_database_up(0)]
    gauges += [_bus_connected(resources), _live_subscriptions(resources), *_response_store(resources)]
    registry = CollectorRegistry()
    for name, text, value in gauges:
        Gauge(name, text, registry=registry).set(value)
    registry.register(ProcessMetrics(resources))
    registry.register(_Counters(resources, request.app.state))
    if request.app.state.admission is not None:
        registry.register(OverloadMetrics(request.app.state.admission))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _database_up(value: int) -> GaugeValue:
    return (
        "bff_database_up",
        "1 if the database responded in time. If it is 0, metrics from the database are missing.",
        value,
    )


def _bus_connected(resources: Resources) -> GaugeValue:
    return (
        "bff_bus_connected",
        "1 if wake-ups of other processes arrive in this process. If it is 0, it polls.",
        int(resources.bus.reaches_other_processes),
    )


def _response_store(resources: Resources) -> Iterator[GaugeValue]:
    store = resources.responses
    if store is not None:
        text = "1 if the store of responses answers. If it is 0, all operations are executed."
        yield ("bff_response_store_available", text, int(store.is_available))
        yield ("bff_response_store_tags", "Tags that moved lately, in this process.", store.tail.size)


def _live_subscriptions(resources: Resources) -> GaugeValue:
    return ("bff_live_subscriptions", "Subscriptions to live updates in this process.", len(resources.streams))


async def _measure(resources: Resources) -> tuple[GaugeValue, ...]:
    lag = await measure_lag(resources.database, resources.clock())
    backlog = await measure_backlog(resources.database)
    late = backlog.seconds_late(resources.clock())
    deliveries = await measure_late_deliveries(resources.database, resources.clock())
    waiting = await measure_open_payments(resources.database, resources.clock())
    differences = await count_differences(resources.database)
    return (
        ("bff_relay_lag_seconds", "Age of the oldest event that is not projected yet.", lag.seconds),
        ("bff_relay_waiting_events", "Events that are not projected yet, counted up to 100000.", lag.events),
        (
            "bff_relay_dead_events",
            "Events that are dead letters, counted up to 100000.",
            lag.dead,
        ),
        (
            "bff_relay_stalled_partitions",
            "Partitions that are paused because the database is too slow for their next event.",
            lag.stalled,
        ),
        (
            "bff_relay_partitions_ahead",
            "Partitions whose new events are never projected, as after restoring a dump without 'bff log rebase'.",
            lag.ahead,
        ),
        ("bff_jobs_late_seconds", "Seconds since the oldest job became due.", late),
        ("bff_jobs_waiting", "Jobs that are not done yet, counted up to 100000.", backlog.jobs),
        ("bff_jobs_dead", "Jobs that are dead letters, counted up to 100000.", backlog.dead),
        ("bff_deliveries_late_seconds", "Seconds since the oldest delivery of a notification became due.", deliveries),
        ("bff_payments_open", "Payments that wait for the provider, counted up to 100000.", waiting.payments),
        ("bff_payments_open_seconds", "Age of the oldest payment that waits for the provider.", waiting.seconds),
        (
            "bff_payments_differences",
            "Unresolved differences between the ledger and the statement of the payment provider.",
            differences,
        ),
    )
