"""Metrics of the response store."""

from collections.abc import Iterator

from gateway.metrics.families import Family, MetricCollector, gauges
from services.resources import Resources


class ResponseStoreMetrics(MetricCollector):
    """Collects the state of the response store, if there is one."""

    def __init__(self, resources: Resources) -> None:
        self._store = resources.responses

    def collect(self) -> Iterator[Family]:
        stores = [] if self._store is None else [self._store]
        text = "1 if the store of responses answers. If it is 0, all operations are executed."
        yield gauges("bff_response_store_available", text, [], [([], int(store.is_available)) for store in stores])
        text = "Tags that moved lately, in this process."
        yield gauges("bff_response_store_tags", text, [], [([], store.tail.size) for store in stores])
