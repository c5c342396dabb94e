"""Lists the collectors of server processes and workers.

A collector reads what its area counts anyway, so it costs nothing between two scrapes. Its labels have values from sets
that clients cannot choose. Each metric has a row in `docs/metrics.md`.
"""

from typing import NamedTuple

from gateway.callers.version_gate import VersionGate
from gateway.documents.reader import Documents
from gateway.execution.operations import Operations
from gateway.metrics.app_versions import VersionMetrics
from gateway.metrics.background_tasks import BackgroundMetrics, BusMetrics
from gateway.metrics.deliveries import DeliveryMetrics
from gateway.metrics.engines import PoolMetrics, RedisMetrics
from gateway.metrics.families import MetricCollector
from gateway.metrics.http import HttpMetrics
from gateway.metrics.isolation import IsolationMetrics
from gateway.metrics.live import LiveMetrics
from gateway.metrics.operations import OperationMetrics
from gateway.metrics.overload import OverloadMetrics
from gateway.metrics.rates import RateMetrics
from gateway.metrics.replicas import ReplicaMetrics
from gateway.metrics.response_cache import ResponseStoreMetrics
from gateway.metrics.threads import ThreadMetrics
from gateway.metrics.traces import TraceMetrics
from gateway.metrics.webhooks import WebhookMetrics
from gateway.metrics.work import WorkMetrics
from gateway.rates import RateUsage
from gateway.routes.payment_webhooks import PaymentWebhooks
from gateway.statistics import HttpStatistics
from gateway.streaming.connections import OpenConnections
from services.resources import Resources


class ServerParts(NamedTuple):
    """The parts of an application that count, and the text of its schema."""

    operations: Operations
    documents: Documents
    http: HttpStatistics
    connections: OpenConnections
    gate: VersionGate | None
    rates: RateUsage | None
    webhooks: PaymentWebhooks
    sdl: str


def process_collectors(resources: Resources) -> list[MetricCollector]:
    """Returns the collectors of every process."""
    return [
        BackgroundMetrics(resources),
        DeliveryMetrics(resources),
        PoolMetrics(resources.database),
        RedisMetrics(resources),
        TraceMetrics(resources),
        WorkMetrics(resources),
    ]


def server_collectors(parts: ServerParts, resources: Resources) -> list[MetricCollector]:
    """Returns the collectors of a server process."""
    return [
        *process_collectors(resources),
        BusMetrics(resources),
        LiveMetrics(resources),
        ResponseStoreMetrics(resources),
        HttpMetrics(parts.http, parts.connections),
        IsolationMetrics(resources.features),
        OperationMetrics(parts.operations.statistics),
        OverloadMetrics(parts.operations.admission),
        RateMetrics(parts.rates, resources),
        ReplicaMetrics(resources.replicas),
        ThreadMetrics(resources, parts.documents),
        VersionMetrics(parts.gate),
        WebhookMetrics(parts.webhooks),
    ]
