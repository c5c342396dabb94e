"""Writes metrics in Prometheus's text format, and joins the pages of several processes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from starlette.responses import Response

PROCESS = "process"
"""The label with the slot of a server process."""

WrittenFamilies = dict[str, tuple[str, str]]
"""For each family by its name: the two lines of its head, and the lines of its samples."""


class _OneFamily(Collector):
    def __init__(self, family: Metric) -> None:
        self._family = family

    def collect(self) -> Iterator[Metric]:
        yield self._family


def write_family(family: Metric, labels: Mapping[str, str]) -> tuple[str, str]:
    """Returns the head and the samples of a family. All samples get the labels."""
    if labels:
        family.samples = [sample._replace(labels={**sample.labels, **labels}) for sample in family.samples]
    text = generate_latest(_OneFamily(family)).decode()
    head_end = text.index("\n", text.index("\n") + 1) + 1
    return text[:head_end], text[head_end:]


def write_families(families: Iterable[Metric], labels: Mapping[str, str] | None = None) -> WrittenFamilies:
    """Returns the families with these labels."""
    return {family.name: write_family(family, labels or {}) for family in families}


def join_families(pages: Sequence[WrittenFamilies]) -> str:
    """Returns one page with the samples of all pages. The lines of a family have to follow each other."""
    heads: dict[str, str] = {}
    samples: dict[str, list[str]] = {}
    for page in pages:
        for name, (head, lines) in page.items():
            heads.setdefault(name, head)
            samples.setdefault(name, []).append(lines)
    return "".join(f"{head}{''.join(samples[name])}" for name, head in heads.items())


def page_of(text: str) -> Response:
    """Returns the response with a page of metrics."""
    return Response(text, media_type=CONTENT_TYPE_LATEST)
