"""Writes dashboards in the format of Grafana, and the queries of their panels."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

COLUMNS = 24
_HEIGHT = 7
_PER_ROW = 3
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_CHOSEN = 'job=~"$job",instance=~"$instance"'


class Query(NamedTuple):
    """A query of a panel, and the legend of its series."""

    expression: str
    legend: str


class Panel(NamedTuple):
    """A graph. `unit` is one of Grafana's, such as `s`, `reqps` or `percentunit`."""

    title: str
    unit: str
    queries: Sequence[Query]
    text: str = ""


class Dashboard(NamedTuple):
    """A dashboard: rows of panels by their titles."""

    name: str
    title: str
    rows: Sequence[tuple[str, Sequence[Panel]]]


def series(metric: str, where: str = "") -> str:
    """Returns the selector of a metric, for the chosen jobs and instances."""
    return f"{metric}{{{_CHOSEN}{',' if where else ''}{where}}}"


def rate(metric: str, by: str = "", where: str = "") -> str:
    """Returns the rate of a counter, added up by labels."""
    grouped = f"sum by ({by})" if by else "sum"
    return f"{grouped} (rate({series(metric, where)}[$__rate_interval]))"


def total(metric: str, by: str = "", where: str = "", how: str = "sum") -> str:
    """Returns a gauge, added up by labels. `how` may be another aggregation."""
    return f"{how} by ({by}) ({series(metric, where)})" if by else f"{how} ({series(metric, where)})"


def share(metric: str, where: str, of: str = "", by: str = "") -> str:
    """Returns the part of a counter's rate with some labels."""
    return f"{rate(metric, by, where)} / {rate(metric, by, of)}"


def quantile(part: float, metric: str, by: str = "", where: str = "") -> str:
    """Returns a quantile of a histogram."""
    labels = f"{by}, le" if by else "le"
    return f"histogram_quantile({part}, {rate(f'{metric}_bucket', labels, where)})"


def one(title: str, unit: str, expression: str, legend: str = "", text: str = "") -> Panel:
    """Returns a panel with one series."""
    return Panel(title, unit, [Query(expression, legend or title.lower())], text)


def by(title: str, unit: str, expression: str, *labels: str, text: str = "") -> Panel:
    """Returns a panel with a series for each combination of labels."""
    return Panel(title, unit, [Query(expression, " ".join(f"{{{{{label}}}}}" for label in labels))], text)


def quantiles(title: str, metric: str, where: str = "") -> Panel:
    return Panel(
        title, "s", [Query(quantile(part, metric, where=where), f"p{part * 100:g}") for part in (0.5, 0.95, 0.99)]
    )


def written(dashboard: Dashboard) -> str:
    """Returns the JSON of a dashboard."""
    document = {
        "uid": f"bff-{dashboard.name}",
        "title": dashboard.title,
        "tags": ["bff"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "annotations": {"list": [_alerts()]},
        "templating": {"list": _variables()},
        "links": [{"type": "dashboards", "tags": ["bff"], "title": "bff", "asDropdown": True, "keepTime": True}],
        "panels": list(_panels(dashboard)),
    }
    return json.dumps(document, indent=1) + "\n"


def _alerts() -> dict[str, Any]:
    """Returns the annotation that marks the times at which alerts fired."""
    return {
        "name": "Alerts",
        "datasource": _SOURCE,
        "enable": True,
        "iconColor": "red",
        "expr": 'ALERTS{alertname=~"Bff.*",alertname!="BffHeartbeat",alertstate="firing"}',
        "titleFormat": "{{alertname}}",
    }


def _variables() -> list[dict[str, Any]]:
    chosen = {"type": "query", "datasource": _SOURCE, "multi": True, "includeAll": True, "allValue": ".*", "refresh": 2}
    return [
        {"name": "datasource", "type": "datasource", "query": "prometheus"},
        {**chosen, "name": "job", "query": "label_values(bff_build_info, job)"},
        {**chosen, "name": "instance", "query": 'label_values(bff_build_info{job=~"$job"}, instance)'},
    ]


def _panels(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    number, top = 0, 0
    for title, panels in dashboard.rows:
        number += 1
        position = {"x": 0, "y": top, "w": COLUMNS, "h": 1}
        yield {"id": number, "type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": position}
        top += 1
        width = COLUMNS // _PER_ROW
        for index, panel in enumerate(panels):
            number += 1
            row, column = divmod(index, _PER_ROW)
            position = {"x": column * width, "y": top + row * _HEIGHT, "w": width, "h": _HEIGHT}
            yield _panel(number, panel, position)
        top += _HEIGHT * -(-len(panels) // _PER_ROW)


def _panel(number: int, panel: Panel, position: dict[str, int]) -> dict[str, Any]:
    targets = [
        {"refId": chr(ord("A") + index), "datasource": _SOURCE, "expr": query.expression, "legendFormat": query.legend}
        for index, query in enumerate(panel.queries)
    ]
    return {
        "id": number,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.text,
        "datasource": _SOURCE,
        "gridPos": position,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": targets,
    }
