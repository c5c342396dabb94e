"""Metrics of webhooks."""

from collections.abc import Iterator

from gateway.metrics.families import Family, MetricCollector, counters
from gateway.routes.payment_webhooks import RESULTS, PaymentWebhooks


class WebhookMetrics(MetricCollector):
    """Collects webhooks of the payment provider that this process received, by result."""

    def __init__(self, webhooks: PaymentWebhooks) -> None:
        self._webhooks = webhooks

    def collect(self) -> Iterator[Family]:
        text = "Webhooks of the payment provider by result."
        values = (([result], self._webhooks.counts[result]) for result in RESULTS)
        yield counters("bff_payment_webhooks", text, ["result"], values)
