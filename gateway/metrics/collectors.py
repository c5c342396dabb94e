"""Lists the collectors of server processes and workers.

A collector reads what its area counts anyway, so it costs nothing between two scrapes. Its labels have values from sets
that clients cannot choose. Each metric has a row in `docs/metrics.md`.
"""

from typing import NamedTuple

from prometheus_client.registry import Collector

from gateway.callers.version_gate import VersionGate
from gateway.execution.operations import Operations
from gateway.metrics.app_versions import VersionMetrics
from gateway.metrics.background_tasks import BackgroundMetrics, BusMetrics
from gateway.metrics.costs import CostMetrics
from gateway.metrics.deliveries import DeliveryMetrics
from gateway.metrics.live import LiveMetrics
from gateway.metrics.response_cache import CacheMetrics
from gateway.metrics.webhooks import WebhookMetrics
from gateway.response_cache.cache import ResponseCache
from gateway.routes.payment_webhooks import PaymentWebhooks
from services.resources import Resources


class ServerParts(NamedTuple):
    """The parts of an application that count."""

    operations: Operations
    cache: ResponseCache
    gate: VersionGate | None
    webhooks: PaymentWebhooks


def process_collectors(resources: Resources) -> list[Collector]:
    """Returns the collectors of every process."""
    return [BackgroundMetrics(resources), DeliveryMetrics(resources)]


def server_collectors(parts: ServerParts, resources: Resources) -> list[Collector]:
    """Returns the collectors of a server process."""
    return [
        *process_collectors(resources),
        BusMetrics(resources),
        LiveMetrics(resources),
        CacheMetrics(parts.cache.usage, resources),
        CostMetrics(parts.operations.spendings.usage),
        VersionMetrics(parts.gate),
        WebhookMetrics(parts.webhooks),
    ]
