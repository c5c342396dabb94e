"""The loop of workers that creates partitions ahead and drops old ones."""

from datetime import timedelta
from typing import Any

import pytest

from services.maintenance.partitions import USAGE_COUNTS, maintain_partitions
from services.maintenance.partitions.catalog import gaps
from services.maintenance.partitions.maintain import QUICK_BYTES
from services.maintenance.retention import RETENTION_KINDS, forget
from services.resources import Resources
from tests.support.partitions import WIDTH, apply, counts, filled, narrow_partitions, partitions, publish, spend
from tests.support.relay import drained

LOG = "SELECT data FROM event_log WHERE type = 'PostPublished' AND actor_id = 1 ORDER BY tx, id"


async def maintain(resources: Resources, *, days: int = 0) -> None:
    with narrow_partitions(WIDTH):
        await maintain_partitions(resources, resources.clock() + timedelta(days=days))


async def written(resources: Resources, transactions: int, number: int) -> None:
    await spend(resources, transactions)
    await publish(resources, number)


async def kept(resources: Resources, names: list[str]) -> list[str]:
    """Returns those of some partitions that exist. Transactions of other databases may have needed further ones."""
    return [partition.name for partition in await partitions(resources) if partition.name in names]


async def test_a_partition_is_always_prepared_before_its_rows_come(resources: Resources) -> None:
    names = await filled(resources)
    found = await counts(resources)
    assert list(found) == names
    assert len(names) >= 5
    assert [found[name] > 0 for name in names[-2:]] == [False, False]
    assert sum(rows > 0 for rows in found.values()) >= 3
    await maintain(resources)
    assert await kept(resources, names) == names


async def test_old_partitions_are_dropped_and_the_relay_continues(resources: Resources) -> None:
    names = await filled(resources)
    await maintain(resources, days=31)
    assert await kept(resources, names) == names  # the relay has not projected them
    await drained(resources)
    await maintain(resources, days=29)
    assert await kept(resources, names) == names
    await written(resources, 60, 5)
    await maintain(resources, days=31)
    left = await partitions(resources)
    assert left[0].name == "event_log_past"
    assert not {*names[1:3]} & {partition.name for partition in left}
    assert gaps(left) == []
    assert [row["data"] for row in await resources.database.fetch(LOG)][-1] == '{"post_id":5}'
    tables = await resources.database.fetch("SELECT tablename FROM pg_tables WHERE tablename LIKE 'event\\_log%'")
    assert {row["tablename"] for row in tables} == {"event_log", *(partition.name for partition in left)}
    await drained(resources)
    assert not await drained(resources)


async def test_a_range_behind_old_rows_gets_a_partition_too(resources: Resources) -> None:
    """The empty first partition takes such a range, but not while a restored log has rows in it."""
    await filled(resources)
    await drained(resources)
    await written(resources, 60, 5)  # it is not projected, so it stays
    await maintain(resources, days=31)
    fetch, (past, second, third) = resources.database.fetch, (await partitions(resources))[:3]
    await fetch("UPDATE event_log SET tx = 1 WHERE tx = (SELECT MAX(tx) FROM event_log)")
    assert (await counts(resources))["event_log_past"] == 1
    await fetch(f"ALTER TABLE event_log DETACH PARTITION {second.name}")
    await fetch(f"DROP TABLE {second.name}")
    assert gaps(await partitions(resources)) == [(past.high, third.low)]
    await maintain(resources)
    assert [each[1:3] for each in (await partitions(resources))[:3]] == [each[1:3] for each in (past, second, third)]
    assert (await counts(resources))["event_log_past"] == 1


async def test_rows_stay_until_their_partition_is_old_but_not_longer_than_a_span(resources: Resources) -> None:
    await publish(resources, 1)
    await drained(resources)
    await apply(resources, "event_log")
    kinds = {"events": RETENTION_KINDS["events"]}
    rows, left = len(await resources.database.fetch("SELECT id FROM event_log")), list[int]()
    for days in (31, 37, 39):  # 30 days, and 8 days of a partition
        at = resources.clock() - timedelta(days=days)
        await resources.database.fetch("UPDATE event_log SET occurred_at = $1", at)
        await forget(resources, kinds, 5)
        left.append(len(await resources.database.fetch("SELECT id FROM event_log")))
    assert left == [rows, rows, 0]


async def test_usage_goes_with_its_partition_and_a_late_count_is_kept(resources: Resources) -> None:
    fetch, today = resources.database.fetch, resources.clock().date()
    await apply(resources, "usage_counts")
    add = "INSERT INTO usage_counts VALUES ($1, 'ios', '1', 'Home', 'shape', 1)"
    for days in range(-100, 200, 10):
        await fetch(add, today + timedelta(days=days)) if days <= 44 else None
    for days in range(0, 400, 40):
        await maintain(resources, days=days)
    left = await partitions(resources, USAGE_COUNTS)
    assert left[0].name == "usage_counts_past"
    assert [row["uses"] for row in await fetch("SELECT uses FROM usage_counts")] == []
    await fetch(add, today - timedelta(days=1000))  # a server with a wrong clock
    assert (await counts(resources, USAGE_COUNTS))["usage_counts_past"] == 1


async def test_a_missed_partition_is_created_later_while_few_rows_are_in_the_last_one(resources: Resources) -> None:
    with narrow_partitions(WIDTH):
        await apply(resources, "event_log")
    last = (await partitions(resources))[-1]
    await written(resources, 130, 1)
    assert (await counts(resources))[last.name] == 1
    await maintain(resources)
    closed, following, new = (await partitions(resources))[-3:]
    assert (closed.name, closed.low) == (last.name, last.low)
    assert closed.high == following.low
    assert new.high is None
    assert QUICK_BYTES > 1


async def test_a_transaction_that_uses_the_table_delays_no_one_for_long(resources: Resources) -> None:
    await filled(resources)
    await drained(resources)
    names = [partition.name for partition in await partitions(resources)]
    async with resources.database.transaction() as held:
        await held.fetch("SELECT id FROM event_log LIMIT 1")
        await written(resources, 100, 7)
        await maintain(resources, days=31)
    await maintain(resources, days=31)
    assert names[1] not in [partition.name for partition in await partitions(resources)]
    row: dict[str, Any] = (await resources.database.fetch(LOG))[-1]
    assert row["data"] == '{"post_id":7}'


async def test_a_table_has_at_most_the_maximum_of_partitions(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(resources, 1)  # no relay projects it, so no partition is dropped
    with narrow_partitions(WIDTH):
        await apply(resources, "event_log")
    for maximum in (4, 5):  # two are created at a time, since the last one has become the present one
        monkeypatch.setattr("services.maintenance.partitions.maintain.MAX_PARTITIONS", maximum)
        await written(resources, 130, maximum)
        await maintain(resources)
        assert len(await partitions(resources)) == {4: 3, 5: 5}[maximum]
