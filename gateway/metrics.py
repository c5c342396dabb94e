"""What Prometheus reads."""

from collections.abc import Iterator, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from core.errors import Unavailable
from gateway.responses import json_response
from services.jobs import measure_backlog
from services.relay import measure_lag


class _Failures(Collector):
    """How often background tasks of the process that answers have failed."""

    def __init__(self, failures: Mapping[str, int]) -> None:
        self._failures = failures

    def collect(self) -> Iterator[Metric]:
        text = "Failures of background tasks that nothing was prepared for, in the process that answers."
        family = CounterMetricFamily("bff_background_failures", text, labels=["task"])
        for task, times in sorted(self._failures.items()):
            family.add_metric([task], times)
        yield family


async def metrics(request: Request) -> Response:
    """Measured when it is asked for, the same whichever process answers."""
    resources = request.app.state.resources
    try:
        lag = await measure_lag(resources.database, resources.clock())
        backlog = await measure_backlog(resources.database)
    except Unavailable:
        return json_response({"status": "database unavailable"}, 503)
    late = backlog.seconds_late(resources.clock())
    registry = CollectorRegistry()
    for name, text, value in (
        ("bff_relay_lag_seconds", "Age of the oldest event that is not projected yet.", lag.seconds),
        ("bff_relay_waiting_events", "Events that are not projected yet, counted up to 100000.", lag.events),
        ("bff_relay_dead_events", "Events that could not be projected and were set aside.", lag.dead),
        ("bff_jobs_late_seconds", "For how long the first job could have been done.", late),
        ("bff_jobs_waiting", "Jobs that are not done yet, counted up to 100000.", backlog.jobs),
        ("bff_jobs_dead", "Jobs that failed too often and were set aside.", backlog.dead),
    ):
        Gauge(name, text, registry=registry).set(value)
    registry.register(_Failures(resources.background.failures))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
