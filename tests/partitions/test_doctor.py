"""`bff doctor` on partitioned tables."""

from datetime import timedelta

from services.maintenance.partitions import USAGE_COUNTS, examine_partitions
from services.resources import Resources
from tests.support.partitions import WIDTH, apply, narrow_partitions, partitions, publish, spend

WORKER = "check that 'bff worker' runs, and its log, or run 'bff partitions apply'"


async def advice(resources: Resources) -> list[str | None]:
    return [finding.advice for finding in await examine_partitions(resources)]


async def test_tables_without_partitions_are_not_examined(resources: Resources) -> None:
    assert await advice(resources) == []
    await apply(resources)
    assert [tuple(finding) for finding in await examine_partitions(resources)] == [
        ("partitions of event_log", None),
        ("partitions of usage_counts", None),
    ]


async def test_missing_partitions_of_the_future_are_reported(resources: Resources) -> None:
    with narrow_partitions(WIDTH):
        await apply(resources, "event_log")
    await spend(resources, 2 * WIDTH + 10)
    await publish(resources, 1)  # the last partition takes it
    assert await advice(resources) == [
        "no partition is prepared for rows of the future, and the last one takes them: run 'bff partitions apply'"
    ]
    await apply(resources)
    assert await advice(resources) == [None, None]


async def test_a_range_without_partition_and_an_interruption_are_reported_and_repaired(resources: Resources) -> None:
    await apply(resources, "event_log")
    first, second, last = await partitions(resources)
    fetch = resources.database.fetch
    await fetch(f"ALTER TABLE {last.name} ADD CONSTRAINT {last.name}_closing CHECK (tx > 0) NOT VALID")
    await fetch(f"ALTER TABLE event_log DETACH PARTITION {second.name}")
    await fetch(f"DROP TABLE {second.name}")
    assert await advice(resources) == [
        f"{last.name} was being changed by a process that ended: run 'bff partitions apply'",
        f"1 range has no partition in event_log: {WORKER}",
        "no partition is prepared for rows of the future, and the last one takes them: run 'bff partitions apply'",
    ]
    await fetch(f"DROP TABLE {last.name}")
    assert (await advice(resources))[0] == (
        "the partition of the newest rows is missing, and they are rejected: run 'bff partitions apply' now"
    )
    await apply(resources, "event_log")
    assert await advice(resources) == [None]
    assert (await partitions(resources))[0] == first


async def test_rows_of_the_future_are_reported(resources: Resources) -> None:
    await apply(resources, "usage_counts")
    last = (await partitions(resources, USAGE_COUNTS))[-1]
    late = resources.clock().date() + timedelta(days=1000)
    await resources.database.fetch("INSERT INTO usage_counts VALUES ($1, 'ios', '1', 'Home', 'shape', 1)", late)
    (found,) = await advice(resources)
    assert found is not None
    assert found.startswith(f"{last.name} (seen_on from ")
    assert "has rows of the future, and no further partition can be created" in found
