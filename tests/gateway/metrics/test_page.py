import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from core.settings import Settings
from events import PostPublished
from services.resources import Resources
from services.unit_of_work import unit_of_work
from tests.chaos.proxy import Proxy
from tests.support.client import Client
from tests.support.engines import POSTGRES_URL, Engine
from tests.support.metrics import measured, serving
from tests.support.timing import MOMENT, PASSING, no_hang


@pytest.fixture
async def watched(settings: Settings) -> AsyncGenerator[Client]:
    async with serving(settings) as client:
        yield client


TASKS = (
    "relay",
    "relay_of_slow_events",
    "dispatcher",
    "jobs",
    "forget_old",
    "index_words",
    "reconcile_payments",
    "settle_payments",
)


def of_database(page: str) -> dict[str, float]:
    """Returns the metrics that are measured from the database: those before the number of missing processes."""
    return measured(page.partition("# HELP bff_metrics_processes_missing")[0])


async def emit(resources: Resources) -> None:
    async with unit_of_work(resources) as work:
        work.emit(PostPublished(actor_id=1, post_id=1))


async def test_metrics_say_how_far_the_relay_is_behind(watched: Client) -> None:
    await emit(watched.resources)
    since = watched.resources.clock() - timedelta(seconds=100)
    await watched.resources.database.fetch("UPDATE event_log SET occurred_at = $1", since)
    response = await watched.http.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    found = of_database(response.text)
    assert 100 <= found.pop("bff_relay_lag_seconds") < 110
    assert found == {
        "bff_database_up": 1,
        "bff_relay_waiting_events": 1,
        "bff_relay_dead_events": 0,
        "bff_relay_stalled_partitions": 0,
        "bff_relay_partitions_ahead": 0,
        "bff_jobs_late_seconds": 0,
        "bff_jobs_waiting": 0,
        "bff_jobs_dead": 0,
        "bff_deliveries_late_seconds": 0,
        **{f'bff_worker_task_silent{{task="{task}"}}': 1 for task in TASKS},
        "bff_payments_open": 0,
        "bff_payments_open_seconds": 0,
        "bff_payments_differences": 0,
    }


async def test_the_page_of_metrics_has_every_metric_that_is_exported(watched: Client, project: Path) -> None:
    served = re.findall(r"^# TYPE (\w+) ", (await watched.http.get("/metrics")).text, re.MULTILINE)
    rows = re.findall(r"^\| (`(?:bff|process)_[^|]*)\|", (project / "docs/metrics.md").read_text(), re.MULTILINE)
    described = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(described) == sorted(served)


async def test_the_page_can_be_parsed_and_has_no_sample_twice(watched: Client) -> None:
    await watched.ask('query Ana { user(handle: "ana") { id posts(first: 1) { edges { node { id } } } } }')
    await watched.ask("query Wrong { nothing }")
    samples = [
        (sample.name, tuple(sorted(sample.labels.items())))
        for family in text_string_to_metric_families((await watched.http.get("/metrics")).text)
        for sample in family.samples
    ]
    assert ("bff_operation_requests_total", (("operation", "Ana"), ("result", "ok"))) in samples
    assert len(set(samples)) == len(samples)


async def test_metrics_count_the_failures_of_background_tasks(watched: Client) -> None:
    for error in (LookupError("one"), TypeError("another")):
        watched.resources.background.report_failure("bus", error)
    assert 'bff_background_failures_total{task="bus"} 2.0' in (await watched.http.get("/metrics")).text


@pytest.mark.parametrize("deadline", [PASSING])
async def test_metrics_are_served_while_the_database_is_away(watched: Client, engine: Engine) -> None:
    async with watched.resources.database.transaction() as transaction:
        if engine.name == "postgres":  # SQLite lets one transaction alone have the database
            await transaction.fetch("LOCK TABLE relay_positions IN ACCESS EXCLUSIVE MODE")
        response = await watched.http.get("/metrics")
    assert response.status_code == 200
    assert of_database(response.text) == {"bff_database_up": 0}
    assert measured(response.text)["bff_live_events_total"] == 0


async def bus_connected(client: Client) -> float:
    return measured((await client.http.get("/metrics")).text)["bff_bus_connected"]


async def wait_for_bus(client: Client, value: float) -> None:
    async with no_hang():
        while await bus_connected(client) != value:  # noqa: ASYNC110 - the condition is not an event
            await asyncio.sleep(0.01)


async def test_metrics_say_whether_wakes_of_other_processes_arrive(settings: Settings, engine: Engine) -> None:
    if engine.name == "sqlite":
        async with serving(settings) as client:
            await asyncio.sleep(MOMENT)
            assert await bus_connected(client) == 0
        return
    url = urlsplit(POSTGRES_URL)
    async with Proxy(url.hostname or "", url.port or 0).running() as proxy:
        through = url._replace(netloc=f"{url.username}@127.0.0.1:{proxy.port}").geturl()
        async with serving(replace(settings, bus_url=through)) as client:
            await wait_for_bus(client, 1)
            proxy.silence()
            proxy.cut()
            await wait_for_bus(client, 0)
            proxy.talk()
            await wait_for_bus(client, 1)


async def test_metrics_are_not_served_unless_they_are_asked_for(client: Client) -> None:
    assert (await client.http.get("/metrics")).status_code == 404
