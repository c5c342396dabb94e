"""Metrics of the process: its event loop, garbage collection, CPU, memory, open files, and its release."""

import asyncio
import platform
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from prometheus_client import ProcessCollector

from core.collector_pauses import CollectorPauses
from core.loop_lag import LoopLag
from core.project import DISTRIBUTION
from gateway.metrics.families import Family, MetricCollector, Sample, counters, gauge, gauges, histograms


class RuntimeMetrics(MetricCollector):
    """Collects what the interpreter and the operating system know of this process.

    `schema_hash` identifies the served schema. It is empty in workers, which serve none.
    """

    def __init__(self, schema_hash: str = "") -> None:
        self._lag = LoopLag()
        self._pauses = CollectorPauses()
        self._process = ProcessCollector(registry=None)
        self._release = [version(DISTRIBUTION), schema_hash, platform.python_version()]

    @asynccontextmanager
    async def measuring(self) -> AsyncGenerator[None]:
        """Measures the event loop and garbage collection until the block ends."""
        task = asyncio.create_task(self._lag.run())
        try:
            with self._pauses.measured():
                yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    def collect(self) -> Iterator[Family]:
        lags = self._lag.lags
        text = "Time by which the event loop was late, measured ten times per second."
        yield histograms("bff_event_loop_lag_seconds", text, [], [([], lags.histogram(), lags.seconds)])
        text = "The largest of these times since the last scrape."
        yield gauge("bff_event_loop_lag_largest_seconds", text, self._lag.take_largest())
        text = "Runs of the garbage collector by generation."
        yield counters("bff_gc_collections", text, ["generation"], _by_generation(self._pauses.collections))
        text = "Time that the garbage collector stopped this process, by generation."
        yield counters("bff_gc_pause_seconds", text, ["generation"], _by_generation(self._pauses.seconds))
        text = "Always 1. The labels are the release, the hash of the schema, and the version of Python."
        yield gauges("bff_build_info", text, ["version", "schema", "python"], [(self._release, 1)])
        yield from self._of_process()

    def _of_process(self) -> Iterator[Family]:
        for metric in self._process.collect():
            (sample,) = metric.samples
            yield Family(sample.name, metric.type, metric.documentation, (), [Sample("", (), None, sample.value)])


def _by_generation(values: list[int] | list[float]) -> list[tuple[list[str], float]]:
    return [([str(generation)], value) for generation, value in enumerate(values)]
