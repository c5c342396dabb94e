"""A log that another cluster of PostgreSQL wrote; `tests/cli/test_restore.py` restores a real one."""

import asyncio
from datetime import UTC, datetime

import pytest

from core.errors import SettingsError
from events import PostPublished
from services.event_log.event_streams import RowKey
from services.maintenance.log_retention import delete_old_events
from services.relay import Relay, check_log, measure_lag, rebase_log
from services.relay import rebase as module
from services.resources import Resources
from tests.conftest import ENGINES
from tests.relay.test_relay import SAW, Recorder, publish, seen
from tests.support.jobs import rows
from tests.support.relay import drained
from tests.support.streams import Offset, current_offset, read_stream
from tests.support.timing import DEADLINE, no_hang

FAR = 2**40
WAITING = (
    "SELECT 1 AS one FROM pg_locks WHERE NOT granted AND relation = CAST('event_log' AS regclass) "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)

BLOCKED = "SELECT 1 AS one FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def restore(resources: Resources) -> None:
    """Makes the log as if a cluster had written it that is far ahead of this one."""
    await resources.database.fetch("UPDATE event_log SET tx = tx + $1", FAR)
    await resources.database.fetch("UPDATE relay_positions SET tx = tx + $1 WHERE tx > 0", FAR)


@pytest.fixture
async def writes(resources: Resources) -> Resources:
    await resources.database.fetch(SAW)
    return resources


def is_postgres(resources: Resources) -> bool:
    return resources.settings.database_url.startswith("postgres")


async def test_nothing_is_lost_or_done_twice_however_often_a_log_is_restored(
    writes: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    relay = Relay(writes, project=Recorder())
    for number in (0, 10, 20):
        await publish(writes, number + 1, number + 2)
        await publish(writes, number + 3, author=2)
        await drained(writes, relay)
        await publish(writes, number + 4, number + 5, number + 6)
        await publish(writes, number + 7)
        await restore(writes)
        await publish(writes, number + 8)
        lag = await measure_lag(writes.database, writes.clock())
        assert lag.events == 5
        rebased = await rebase_log(writes)
        if is_postgres(writes):
            assert lag.ahead == 2
            assert rebased[:2] == (2, number // 10 * 8 + 7)
        else:
            assert rebased[:2] == (0, 0)
        assert (await measure_lag(writes.database, writes.clock()))[1:] == (5, 0, 0, 0)
        await drained(writes, relay)
    assert sorted(await seen(writes)) == [*range(1, 9), *range(11, 19), *range(21, 29)]
    ana = [number for number in await seen(writes) if number % 10 != 3]
    assert ana == sorted(ana)
    assert (await rebase_log(writes))[:2] == (0, 0)


async def test_a_process_does_not_start_on_a_log_that_is_ahead(writes: Resources) -> None:
    await check_log(writes.database)
    await publish(writes, 1)
    await restore(writes)
    if is_postgres(writes):
        with pytest.raises(SettingsError, match="ahead of this PostgreSQL's transactions in 1 partitions"):
            await check_log(writes.database)
    await rebase_log(writes)
    await check_log(writes.database)
    await drained(writes, Relay(writes, project=Recorder()))
    assert await seen(writes) == [1]


@pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
@pytest.mark.parametrize("appended", ["before", "after"])
async def test_what_is_written_while_the_log_is_rebased_is_projected(
    writes: Resources, appended: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_SECONDS", DEADLINE)
    relay = Relay(writes, project=Recorder())
    await publish(writes, 1)
    await drained(writes, relay)
    await restore(writes)
    async with no_hang(), writes.database.transaction() as transaction:
        await transaction.fetch("SELECT pg_current_xact_id()")
        if appended == "before":
            await writes.log.append(transaction, [PostPublished(actor_id=1, post_id=2)])
        rebasing = asyncio.create_task(rebase_log(writes))
        if appended == "before":
            while not await writes.database.fetch(WAITING):
                assert not rebasing.done()
        else:
            assert (await rebasing)[:2] == (1, 1)
            await writes.log.append(transaction, [PostPublished(actor_id=1, post_id=2)])
    assert (await rebasing)[:2] == (1, 1)
    await publish(writes, 3)
    await drained(writes, relay)
    assert await seen(writes) == [1, 2, 3]


@pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_log_that_others_hold_is_not_rebased(writes: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOCK_SECONDS", 0.05)
    await publish(writes, 1)
    await restore(writes)
    async with writes.database.transaction() as transaction:
        await transaction.fetch("LOCK TABLE event_log IN SHARE MODE")
        with pytest.raises(SettingsError, match=r"^other transactions lock the event log; stop servers"):
            await rebase_log(writes)
    assert (await rebase_log(writes))[:2] == (1, 1)


async def test_events_of_a_former_cluster_are_forgotten_with_age(writes: Resources) -> None:
    await publish(writes, 1, 2, 3)
    await drained(writes, Relay(writes, project=Recorder()))
    await restore(writes)
    await rebase_log(writes)
    await publish(writes, 4)
    assert not await delete_old_events(writes.database, datetime(2100, 1, 1, tzinfo=UTC), writes.clock(), 10)
    assert [row["data"] for row in await rows(writes, "event_log")] == ['{"post_id":4}']


async def test_clients_read_a_restored_stream_anew(resources: Resources) -> None:
    await publish(resources, 1)
    await drained(resources)
    key = RowKey(1, 1)
    place = await current_offset(resources.database, key)
    assert await read_stream(resources.database, key, place, 10) is not None
    rebased = await rebase_log(resources)
    (row,) = await resources.database.fetch("SELECT COUNT(*) AS n FROM streams")
    assert rebased.streams == row["n"] > 0
    assert await read_stream(resources.database, key, place, 10) is None
    again = await current_offset(resources.database, key)
    assert (again.place, again.epoch > place.epoch) == (place.place, True)
    assert await read_stream(resources.database, key, Offset(again.epoch, again.place), 10) is not None


@pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_an_event_whose_number_is_that_of_the_restoring_transaction_is_the_former_clusters(
    writes: Resources,
) -> None:
    await publish(writes, 1, 2)
    await publish(writes, 3, author=2)
    relay = Relay(writes, project=Recorder())
    await drained(writes, relay)
    async with writes.database.transaction() as transaction:
        await transaction.fetch("UPDATE event_log SET tx = tx + $1", FAR)
        await transaction.fetch("UPDATE relay_positions SET tx = tx + $1 WHERE tx > 0", FAR)
        await transaction.fetch(
            "UPDATE event_log SET tx = CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT) WHERE data = $1",
            '{"post_id":1}',
        )
    assert (await rebase_log(writes))[:2] == (2, 3)
    await publish(writes, 4)
    await drained(writes, relay)
    assert sorted(await seen(writes)) == [1, 2, 3, 4]


@pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_streams_get_a_new_epoch_in_the_order_in_which_relays_lock_them(resources: Resources) -> None:
    database = resources.database
    for owner_id in (2, 1):
        await database.fetch("INSERT INTO streams VALUES ($1, $1, 1, 0, 1)", owner_id)
    async with no_hang(), database.transaction() as transaction:
        await transaction.fetch("SELECT id FROM streams WHERE owner_id = 1 FOR UPDATE")
        rebasing = asyncio.create_task(rebase_log(resources))
        while not await database.fetch(BLOCKED):
            assert not rebasing.done()
        await transaction.fetch("SELECT id FROM streams WHERE owner_id = 2 FOR UPDATE")
    assert (await rebasing).streams == 2
