"""Lists the metrics that servers and workers export, with their labels."""

from typing import Any

from starlette.routing import Route

from gateway.metrics.database import measure_database
from gateway.metrics.families import Family
from tests.support.client import Client

SCRAPED = frozenset({"job", "instance", "process"})
"""The labels that Prometheus adds to each series, and that of the process."""

OF_PROMETHEUS = {"up": SCRAPED, "scrape_duration_seconds": SCRAPED, "ALERTS": frozenset({"alertname", "severity"})}


async def exported_labels(client: Client) -> dict[str, frozenset[str]]:
    """Returns the labels of each name of a series that an application exports."""
    app: Any = client.http._transport  # pyright: ignore[reportPrivateUsage]
    (route,) = (route for route in app.app.routes if isinstance(route, Route) and route.path == "/metrics")
    metrics: Any = route.endpoint
    families: list[Family] = [family for each in metrics.__self__._collectors for family in each.collect()]
    families += await measure_database(client.resources)
    families += [Family("bff_metrics_processes_missing", "gauge", "", (), ())]
    return dict(named for family in families for named in _series(family))


def _series(family: Family) -> list[tuple[str, frozenset[str]]]:
    labels = frozenset(family.labels) | SCRAPED
    if family.kind != "histogram":
        return [(family.name, labels)]
    suffixes = {"_bucket": labels | {"le"}, "_count": labels, "_sum": labels}
    return [(f"{family.name}{suffix}", each) for suffix, each in suffixes.items()]
