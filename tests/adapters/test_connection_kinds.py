"""Transactions and pipelines share one limit of connections, and seldom take a connection from each other."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import asyncpg
import pytest

from adapters.database import slots
from adapters.database.slots import ConnectionSlots, Lane
from core.settings import Settings
from services.resources import Resources
from tests.support.timing import no_hang, settings_for, until

SIZE = 4
PID = "SELECT pg_backend_pid() AS pid, pg_sleep(0.002)"


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url, database_pool=SIZE)


@pytest.fixture
def resources(postgres_resources: Resources) -> Resources:
    return postgres_resources


@pytest.fixture
async def other(resources: Resources) -> AsyncGenerator[Any]:
    connection = await asyncpg.connect(resources.settings.database_url)
    yield connection
    await connection.close()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine callers may wait long. Here they never wait long enough to close another connection."""
    monkeypatch.setattr(slots, "MIN_WAIT_SECONDS", 3600.0)


def pool_of(resources: Resources) -> Any:
    client: Any = resources.database.client
    return client.connection_pool


async def connected(other: Any) -> int:
    sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'bff' AND datname = current_database()"
    return await other.fetchval(sql)


async def read(resources: Resources) -> int:
    (row,) = await resources.database.fetch(PID)
    return row["pid"]


async def write(resources: Resources) -> int:
    async with resources.database.transaction() as transaction:
        (row,) = await transaction.fetch(PID)
    return row["pid"]


async def test_both_kinds_of_connections_have_one_limit(resources: Resources, other: Any) -> None:
    pool, most = pool_of(resources), 0
    async with no_hang():
        tasks = [asyncio.create_task(read(resources) if number % 3 else write(resources)) for number in range(300)]
        while not all(task.done() for task in tasks):
            most = max(most, await connected(other))
            assert pool.in_use <= SIZE
        await asyncio.gather(*tasks)
    assert 2 <= most <= SIZE + 1, "a connection that was closed may still be seen by the server"
    assert (pool.in_use, pool.waiting) == (0, 0)


async def test_a_caller_that_waits_for_a_transaction_is_not_starved_by_pipelines(resources: Resources) -> None:
    async def read_all_the_time() -> None:
        while True:
            await read(resources)

    readers = [asyncio.create_task(read_all_the_time()) for _ in range(12)]
    async with no_hang():
        for _ in range(20):
            await write(resources)
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    await until(lambda: pool_of(resources).in_use == 0)


@pytest.mark.usefixtures("patient")
async def test_a_mixed_load_opens_each_connection_once(resources: Resources) -> None:
    """Opening a connection costs as much as several requests, so transactions do not close those of reads for it."""

    async def client(number: int) -> set[int]:
        return {await (write(resources) if (number + turn) % 5 == 0 else read(resources)) for turn in range(40)}

    async with no_hang():
        pids = set[int]().union(*await asyncio.gather(*(client(number) for number in range(12))))
    assert 2 <= len(pids) <= SIZE + 2, "the first connection of each kind may replace one of the other"
    assert (pool_of(resources).in_use, pool_of(resources).waiting) == (0, 0)


async def test_callers_of_one_kind_take_the_place_of_idle_connections_of_the_other(resources: Resources) -> None:
    """All connections are idle and of one kind. The first caller of the other kind opens its own, and so do more."""
    all_have_one = asyncio.Barrier(SIZE)

    async def hold() -> None:
        async with resources.database.transaction():
            await all_have_one.wait()

    async with no_hang():
        await asyncio.gather(*(hold() for _ in range(SIZE)))
        assert len(pool_of(resources).slots.transactions.idle) == SIZE
        busy = asyncio.create_task(resources.database.fetch("SELECT pg_sleep(0.5) IS NULL AS slept"))
        await until(lambda: pool_of(resources).in_use == 1)
        assert await read(resources), "a second connection is opened while the first one is busy"
        assert not busy.done()
        await busy


class Opened:
    """A lane with some connections that are open, and the connections that its callers were given."""

    def __init__(self, lane: Lane, number: int) -> None:
        self.lane, self.number, self.given = lane, number, list[Any]()
        lane.count_open = lambda: self.number

    def give(self, connection: Any) -> bool:
        self.given.append(connection)
        return True


@pytest.mark.usefixtures("patient")
async def test_a_slot_without_a_connection_goes_to_callers_that_may_open_one() -> None:
    made = ConnectionSlots(2)
    reads, writes = Opened(made.pipelines, 1), Opened(made.transactions, 1)
    made.pipelines.idle.append("read")
    assert made.take(made.transactions) is False, "another connection would be too many, and one of its kind is open"
    writes.number = 0
    assert made.take(made.transactions) is True, "none of its kind is open"
    writes.number = 1
    made.wait(made.transactions, writes.give)
    assert made.take(made.pipelines) is True
    made.pipelines.idle.remove("read")
    made.pass_on(made.pipelines, "read")
    assert (writes.given, made.free, made.pipelines.idle) == ([], 1, ["read"])
    made.pass_on(made.transactions, "write")
    assert (writes.given, made.free) == (["write"], 1)
    assert reads.given == []
