"""The empty first partition, which takes the ranges of dropped ones."""

from services.maintenance.partitions import EVENT_LOG
from services.maintenance.partitions.changes import drop_partition, fill_gaps, past_of
from services.resources import Resources
from tests.support.partitions import counts, filled, partitions

APPEND = (
    "INSERT INTO event_log (partition, tx, id, type, version, actor_id, data, occurred_at) "
    "SELECT 1, $1, $1, 'PostPublished', 1, 77, '{\"post_id\":5}', now()"
)
CHECKS = "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = to_regclass('event_log_past')"


async def dropped(resources: Resources) -> None:
    """Drops the first partition that may have rows."""
    async with resources.database.dialect.schema_session() as session:
        assert session is not None
        first = next(each for each in await partitions(resources) if each.name != past_of(EVENT_LOG))
        await drop_partition(session, EVENT_LOG, first)


async def appended(resources: Resources) -> None:
    """Appends the last event of the past, as a restored log may."""
    past = (await partitions(resources))[0]
    assert past.high is not None
    await resources.database.fetch(APPEND, past.high - 1)
    assert (await counts(resources))["event_log_past"] == 1
    await resources.database.fetch("DELETE FROM event_log WHERE actor_id = 77")


async def test_old_rows_are_accepted_after_each_of_several_drops(resources: Resources) -> None:
    await filled(resources)
    for _ in range(3):
        await dropped(resources)
        await appended(resources)
    assert await resources.database.fetch(CHECKS) == []


async def test_old_rows_are_accepted_after_a_kill_between_detachment_and_attachment(resources: Resources) -> None:
    await filled(resources)
    await dropped(resources)
    first = (await partitions(resources))[1]
    connect, fetch = resources.database.dialect.schema_session, resources.database.fetch
    async with connect() as session:
        assert session is not None
        await session.run("ALTER TABLE event_log DETACH PARTITION event_log_past CONCURRENTLY")
        assert len(await fetch(CHECKS)) == 1
        await session.run(f"ALTER TABLE event_log DETACH PARTITION {first.name}")
        await session.run(f"DROP TABLE {first.name}")
        await fill_gaps(session, EVENT_LOG)
    await appended(resources)
    assert await fetch(CHECKS) == []
