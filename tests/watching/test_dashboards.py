"""Dashboards are those that their descriptions make, have Grafana's shape, and query what exists."""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.support.dashboard_files import files
from tests.support.dashboards import COLUMNS
from tests.support.prometheus import INSTALLED, promtool
from tests.support.promql import uses_of

NAMES = ["database", "live", "operations", "overview", "payments", "redis", "workers"]
_TARGET = {
    "type": "object",
    "required": ["refId", "datasource", "expr", "legendFormat"],
    "properties": {"refId": {"pattern": "^[A-Z]$"}, "expr": {"type": "string", "minLength": 1}},
}
_PANEL = {
    "type": "object",
    "required": ["id", "type", "title", "gridPos"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "type": {"enum": ["row", "timeseries"]},
        "title": {"type": "string", "minLength": 1},
        "gridPos": {
            "required": ["x", "y", "w", "h"],
            "properties": {"x": {"minimum": 0}, "w": {"minimum": 1, "maximum": COLUMNS}, "h": {"minimum": 1}},
            "additionalProperties": {"type": "integer"},
        },
        "targets": {"type": "array", "minItems": 1, "items": _TARGET},
    },
    "if": {"properties": {"type": {"const": "timeseries"}}},
    "then": {"required": ["datasource", "fieldConfig", "options", "targets"]},
}
_SHAPE = {
    "type": "object",
    "required": ["uid", "title", "schemaVersion", "time", "templating", "annotations", "panels"],
    "properties": {
        "uid": {"type": "string", "pattern": "^[a-z-]{1,40}$"},
        "schemaVersion": {"type": "integer", "minimum": 36},
        "templating": {"required": ["list"]},
        "annotations": {"required": ["list"]},
        "panels": {"type": "array", "minItems": 2, "items": _PANEL},
    },
}


def dashboards(project: Path) -> dict[str, dict[str, Any]]:
    return {file.stem: json.loads(file.read_text()) for file in sorted((project / "deploy/grafana").glob("*.json"))}


def queries(project: Path) -> Iterator[tuple[str, str]]:
    """Yields the place and the text of each query, with values for the variables of Grafana."""
    for name, dashboard in dashboards(project).items():
        for panel in dashboard["panels"]:
            for target in panel.get("targets", ()):
                yield f"{name}: {panel['title']}", target["expr"].replace("$__rate_interval", "5m")
        for variable in dashboard["templating"]["list"]:
            if match := re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]):
                yield f"{name}: {variable['name']}", f"count by ({match[2]}) ({match[1]})"


def test_the_dashboards_are_those_that_the_descriptions_make() -> None:
    for file, text in files().items():
        assert file.read_text() == text, "run 'make generated'"


def test_the_dashboards_have_the_shape_of_grafana(project: Path) -> None:
    found = dashboards(project)
    assert list(found) == NAMES
    assert len({dashboard["uid"] for dashboard in found.values()}) == len(found)
    for name, dashboard in found.items():
        assert [error.message for error in Draft202012Validator(_SHAPE).iter_errors(dashboard)] == [], name
        numbers = [panel["id"] for panel in dashboard["panels"]]
        assert len(set(numbers)) == len(numbers), name


@pytest.mark.parametrize("name", NAMES)
def test_no_two_panels_overlap(project: Path, name: str) -> None:
    places = [panel["gridPos"] for panel in dashboards(project)[name]["panels"]]
    assert all(place["x"] + place["w"] <= COLUMNS for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert beside or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]


def test_every_query_is_of_the_chosen_jobs(project: Path) -> None:
    for place, query in queries(project):
        if "label_values" not in query and "count by (job)" not in query:
            assert all("job" in use.labels for use in uses_of(query)), place


@pytest.mark.skipif(not INSTALLED, reason="promtool is not installed")
def test_prometheus_parses_every_query(project: Path, tmp_path: Path) -> None:
    rules = [{"record": f"query:{number}", "expr": query} for number, (_, query) in enumerate(queries(project))]
    file = tmp_path / "queries.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    checked = promtool("check", "rules", file)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"{len(rules)} rules found" in checked.stdout
