"""Metrics of threads."""

from collections.abc import Iterator

from gateway.documents.reader import Documents
from gateway.metrics.families import Family, MetricCollector, gauges
from services.resources import Resources


class ThreadMetrics(MetricCollector):
    """Collects the work that waits for threads."""

    def __init__(self, resources: Resources, documents: Documents) -> None:
        self._passwords = resources.passwords
        self._documents = documents

    def collect(self) -> Iterator[Family]:
        text = "Work that waits for a thread: new documents, and passwords that are hashed or verified."
        waiting = [(["documents"], self._documents.waiting), (["passwords"], self._passwords.waiting)]
        yield gauges("bff_threads_waiting", text, ["work"], waiting)
