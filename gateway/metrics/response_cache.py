"""Metrics of the response cache."""

from collections.abc import Iterator

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from gateway.metrics.families import counters, gauge
from gateway.response_cache.usage import CacheUsage
from services.resources import Resources


class CacheMetrics(Collector):
    """Collects responses of this process by operation and result, and the state of the response store."""

    def __init__(self, usage: CacheUsage, resources: Resources) -> None:
        self._usage = usage
        self._store = resources.responses

    def collect(self) -> Iterator[Metric]:
        text = "Responses by operation: hit, miss, stale, shared with an equal request, or bypass of the cache."
        values = (([*key], times) for key, times in sorted(self._usage.counts.items()))
        yield counters("bff_response_cache", text, ["operation", "result"], values)
        store = self._store
        if store is not None:
            text = "1 if the store of responses answers. If it is 0, all operations are executed."
            yield gauge("bff_response_store_available", text, int(store.is_available))
            yield gauge("bff_response_store_tags", "Tags that moved lately, in this process.", store.tail.size)
