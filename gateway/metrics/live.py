"""Metrics of live updates."""

from collections.abc import Iterator

from gateway.metrics.families import Family, MetricCollector, counter, gauge
from services.resources import Resources


class LiveMetrics(MetricCollector):
    """Collects subscriptions, events and resets of this process."""

    def __init__(self, resources: Resources) -> None:
        self._streams = resources.streams

    def collect(self) -> Iterator[Family]:
        streams = self._streams
        yield gauge("bff_live_subscriptions", "Subscriptions to live updates in this process.", len(streams))
        text = "Events of live updates that this process has delivered."
        yield counter("bff_live_events", text, streams.delivered)
        text = "Resets that this process has delivered, so that clients had to read their data again."
        yield counter("bff_live_resets", text, streams.resets)
