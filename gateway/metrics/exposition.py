"""Writes metrics in Prometheus's text format."""

from collections.abc import Iterable, Iterator

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from starlette.responses import Response


class _Families(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def write_families(families: Iterable[Metric]) -> bytes:
    """Returns the lines of families."""
    return generate_latest(_Families(families))


def page_of(text: bytes) -> Response:
    """Returns the response with a page of metrics."""
    return Response(text, media_type=CONTENT_TYPE_LATEST)
