"""Workers find that all events of a partition by time are old."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from adapters.database import DialectSQL
from services.maintenance.partitions import EVENT_LOG
from services.maintenance.partitions.candidates import NEWEST
from services.maintenance.partitions.catalog import Partition
from services.resources import Resources
from tests.support.partitions import apply

EVENTS = 5000
FILL = (
    "INSERT INTO event_log (partition, tx, id, type, version, actor_id, data, occurred_at) "
    "SELECT n % 2, 3, n, 'PostPublished', 1, 77, '{}', $1::timestamptz - n * interval '1 second' "
    f"FROM generate_series(1, {EVENTS}) n"
)
DATE = "UPDATE event_log SET occurred_at = $1 WHERE partition = 0 AND id > $2"


class Explained:
    """Runs statements and counts the rows that they read from tables."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self.rows = 0

    async def fetch(self, sql: str | DialectSQL, *values: object) -> list[Any]:
        fetch = self._resources.database.fetch
        (row,) = await fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *values)
        plans: Any = row["QUERY PLAN"]
        plan = (json.loads(plans) if isinstance(plans, str) else plans)[0]["Plan"]
        self.rows += sum(map(rows_read, nodes(plan)))
        return await fetch(sql, *values)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def rows_read(node: dict[str, Any]) -> int:
    if "Relation Name" not in node:
        return 0
    return node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))


async def old_log(resources: Resources) -> Partition:
    """Returns a partition by time whose projected events are a year old."""
    await apply(resources, "event_log")
    fetch, now = resources.database.fetch, resources.clock()
    await fetch(FILL, now - timedelta(days=365))
    await fetch("UPDATE relay_positions SET tx = 4, id = 0")
    await fetch("DELETE FROM event_log WHERE tx > 3")
    await fetch("VACUUM ANALYZE event_log")
    return Partition("event_log_first", None, 4)


async def is_old(reads: Any, resources: Resources, partition: Partition) -> bool:
    now = resources.clock()
    return await EVENT_LOG.is_old(reads, partition, now - timedelta(days=30), now)


async def test_a_bounded_number_of_events_is_read(resources: Resources) -> None:
    partition, reads = await old_log(resources), Explained(resources)
    assert await is_old(reads, resources, partition)
    assert NEWEST < reads.rows < 4 * NEWEST
    assert 8 * NEWEST < EVENTS


async def test_a_young_event_among_the_newest_keeps_the_others(resources: Resources) -> None:
    partition = await old_log(resources)
    await resources.database.fetch(f"{DATE} AND id < $3", resources.clock(), EVENTS - 20, EVENTS - 10)
    assert not await is_old(resources.database, resources, partition)


async def test_events_of_the_future_keep_the_others_only_if_they_are_all_that_is_seen(resources: Resources) -> None:
    partition, future = await old_log(resources), resources.clock() + timedelta(days=9)
    await resources.database.fetch(DATE, future, EVENTS - NEWEST)
    assert await is_old(resources.database, resources, partition)
    await resources.database.fetch(DATE, future, EVENTS - 3 * NEWEST)
    assert not await is_old(resources.database, resources, partition)


async def test_an_event_that_no_relay_has_projected_keeps_the_others(resources: Resources) -> None:
    partition = await old_log(resources)
    await resources.database.fetch(f"UPDATE relay_positions SET tx = 3, id = {EVENTS - 1} WHERE partition = 1")
    assert await is_old(resources.database, resources, partition)
    await resources.database.fetch(f"UPDATE relay_positions SET tx = 3, id = {EVENTS - 1} WHERE partition = 0")
    assert not await is_old(resources.database, resources, partition)
