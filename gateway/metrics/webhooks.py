"""Metrics of webhooks."""

from collections.abc import Iterator

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from gateway.metrics.families import counters
from gateway.routes.payment_webhooks import PaymentWebhooks


class WebhookMetrics(Collector):
    """Collects webhooks of the payment provider that this process received, by result."""

    def __init__(self, webhooks: PaymentWebhooks) -> None:
        self._webhooks = webhooks

    def collect(self) -> Iterator[Metric]:
        text = "Webhooks of the payment provider by result."
        values = (([result], times) for result, times in sorted(self._webhooks.counts.items()))
        yield counters("bff_payment_webhooks", text, ["result"], values)
