"""Queries of rules and dashboards name only metrics and labels that are exported."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from core.settings import Settings
from tests.house.test_alerts import rules
from tests.support.client import Client
from tests.support.exported import OF_PROMETHEUS, SCRAPED, exported_labels
from tests.support.metrics import serving
from tests.support.promql import Use, uses_of
from tests.watching.test_dashboards import queries


@pytest.fixture
async def watched(settings: Settings) -> AsyncGenerator[Client]:
    async with serving(settings) as client:
        yield client


async def known_labels(client: Client) -> dict[str, frozenset[str]]:
    """Returns the labels of all series: those that are exported, and those that rules record."""
    known = await exported_labels(client) | OF_PROMETHEUS
    for rule in rules():
        if "record" not in rule:
            continue
        labels = known.get(rule["record"], SCRAPED) | set(rule.get("labels", ()))
        for use in uses_of(rule["expr"]):
            labels |= use.labels | (known[use.metric] if ":" in use.metric else frozenset())
        known[rule["record"]] = labels
    return known


def unknown(uses: list[Use], known: dict[str, frozenset[str]]) -> list[Use]:
    return [use for use in uses if use.metric not in known or not use.labels <= known[use.metric]]


async def test_rules_name_only_metrics_and_labels_that_exist(watched: Client) -> None:
    known = await known_labels(watched)
    assert {
        rule.get("alert") or rule["record"]: found
        for rule in rules()
        if (found := unknown(uses_of(rule["expr"]), known))
    } == {}


async def test_dashboards_name_only_metrics_and_labels_that_exist(watched: Client, project: Path) -> None:
    known = await known_labels(watched)
    found = {(place, query): names for place, query in queries(project) if (names := unknown(uses_of(query), known))}
    assert found == {}


def test_a_metric_or_label_that_does_not_exist_is_found() -> None:
    known = {"a_total": frozenset({"job", "x"})}
    assert unknown(uses_of('sum by (job) (rate(a_total{x="1"}[5m]))'), known) == []
    for query in ('rate(a_total{y="1"}[5m])', "sum by (y) (a_total)", "b_total", "a_total / on (job) b_total"):
        assert unknown(uses_of(query), known) != [], query
