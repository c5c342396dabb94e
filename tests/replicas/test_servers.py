"""Replicas that die, restart, hang, lag, are promoted, or are no replicas."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.database.replicas import read_route
from core.features import Feature
from services.resources import Resources, open_resources
from tests.conftest import ENGINES
from tests.replicas.conftest import Pair, opened_pair, replica_of
from tests.support.engines import POSTGRES_URL
from tests.support.timing import MOMENT, PASSING, settings_for, until

pytestmark = pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")

WHERE = "SELECT pg_is_in_recovery() AS is_replica"
SLOW_THERE = (
    "SELECT pg_sleep(CASE WHEN pg_is_in_recovery() THEN 60 ELSE 0 END) AS slept, pg_is_in_recovery() AS is_replica"
)
LOGGED = "adapters.database.replicas"


@pytest.fixture
async def pair() -> AsyncGenerator[Pair]:
    """Servers of the test, which may end them."""
    async with opened_pair("standby") as pair:
        yield pair


@asynccontextmanager
async def following(pair: Pair, *, expects_use: bool = True, **chosen: Any) -> AsyncGenerator[Resources]:
    """Yields resources that follow the standby."""
    given = {"cache_url": "memory://", "bus_url": "memory://", "database_replica_urls": pair.replica_url}
    async with open_resources(settings_for(pair.url, **(given | chosen))) as resources:
        assert resources.replicas is not None
        task = asyncio.create_task(resources.replicas.watch())
        if expects_use:
            await until(lambda: replica_of(resources).is_usable)
        try:
            yield resources
        finally:
            task.cancel()
            await asyncio.wait([task])


@asynccontextmanager
async def routed(resources: Resources) -> AsyncGenerator[None]:
    """Reads of the block have the route of a query without a viewer."""
    assert resources.replicas is not None
    token = read_route.set(await resources.replicas.choose([], 0, is_announced=False))
    try:
        yield
    finally:
        read_route.reset(token)


async def fetch(resources: Resources, sql: str) -> Any:
    (row,) = await resources.features[Feature.FEED].fetch(sql)
    return row["is_replica"]


async def read(resources: Resources) -> bool:
    """Returns whether a read of a query was answered by the replica."""
    async with routed(resources):
        return await fetch(resources, WHERE)


DEAD = "a read replica is not used: it does not answer"


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name.startswith(LOGGED)]


async def test_a_replica_that_dies_is_replaced_by_the_primary_until_it_returns(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    async with following(pair) as resources:
        replica = replica_of(resources)
        assert await read(resources)
        async with routed(resources):
            running = asyncio.create_task(fetch(resources, SLOW_THERE))
            await asyncio.sleep(MOMENT)
            await pair.standby.crash()
            assert await running is False
            assert await fetch(resources, WHERE) is False
        assert replica.failures.total == 1
        await until(lambda: DEAD in reasons(caplog))
        assert await read(resources) is False
        await asyncio.sleep(3 * MOMENT)
        with caplog.at_level(logging.INFO, LOGGED):
            await pair.standby.start()
            await until(lambda: replica.is_usable)
        assert await read(resources)
        (failed,) = [text for text in reasons(caplog) if text.startswith("statements fail on a read replica: 08")]
        assert [text for text in reasons(caplog) if text != failed] == [DEAD, "a read replica is used"]


async def test_a_process_starts_without_its_replica(pair: Pair) -> None:
    await pair.standby.stop()
    async with following(pair, expects_use=False) as resources:
        assert await read(resources) is False
        await pair.standby.start()
        await until(lambda: replica_of(resources).is_usable)
        assert await read(resources)


async def test_a_statement_that_hangs_on_a_replica_leaves_the_primary_half_of_its_deadline(pair: Pair) -> None:
    async with following(pair, feature_deadline=PASSING) as resources, routed(resources):
        assert await fetch(resources, SLOW_THERE) is False
        assert replica_of(resources).is_usable


async def test_writes_and_transactions_use_the_primary(pair: Pair) -> None:
    async with following(pair) as resources, routed(resources):
        feed = resources.features[Feature.FEED]
        await feed.fetch("CREATE TABLE items (id bigint)")
        written = await feed.fetch("INSERT INTO items VALUES (1) RETURNING id, pg_is_in_recovery() AS is_replica")
        assert written == [{"id": 1, "is_replica": False}]
        async with feed.transaction() as transaction:
            assert await transaction.fetch(WHERE) == [{"is_replica": False}]
        for feature in (Feature.PAYMENTS, Feature.LIVE):
            assert await resources.features[feature].fetch(WHERE) == [{"is_replica": False}]
        assert await resources.database.fetch(WHERE) == [{"is_replica": False}]


async def test_a_recovery_conflict_is_repeated_on_the_primary(pair: Pair) -> None:
    await pair.standby.execute("ALTER SYSTEM SET max_standby_streaming_delay = 0", "SELECT pg_reload_conf()")
    await pair.primary.execute("CREATE TABLE items AS SELECT generate_series(1, 100) AS id", "SELECT 1")
    await pair.caught_up()
    async with following(pair) as resources, routed(resources):
        running = asyncio.create_task(
            fetch(resources, f"SELECT sum(found.id), is_replica FROM items AS found, ({SLOW_THERE}) s GROUP BY 2")
        )
        await asyncio.sleep(MOMENT)
        await pair.primary.execute("DELETE FROM items WHERE id > 1", "VACUUM items", "SELECT 1")
        assert await running is False
        assert (replica_of(resources).failures.total, replica_of(resources).is_usable) == (1, True)


async def test_a_replica_that_lags_too_much_is_not_used(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    async with following(pair) as resources:
        replica = replica_of(resources)
        await pair.pause()
        await pair.primary.execute("CREATE TABLE items (id bigint)")
        await until(lambda: not replica.is_usable)
        assert await read(resources) is False
        await until(lambda: reasons(caplog) == ["a read replica is not used: it lags by more than 1 s"])
        assert replica.lag > 1
        await pair.resume()
        await until(lambda: replica.is_usable)
        assert await read(resources)


async def test_the_lag_counts_from_the_last_state_that_a_replica_had(pair: Pair) -> None:
    async with following(pair, database_replica_max_lag=0.5) as resources:
        replica = replica_of(resources)
        await until(lambda: replica.mark_at(0) is not None)
        await pair.pause()
        await pair.primary.execute("CREATE TABLE items (id bigint)")
        reached = time.monotonic() - replica.lag
        await until(lambda: time.monotonic() - reached > 3)
        assert time.monotonic() - replica.lag >= reached - 0.01


async def test_a_promoted_replica_is_not_used(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    async with following(pair) as resources:
        await pair.standby.execute("SELECT pg_promote()")
        await until(lambda: reasons(caplog))
        assert reasons(caplog) == ["a read replica is not used: it is not a standby, or was promoted"]
        assert await read(resources) is False


async def test_a_standby_of_another_system_is_not_used(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    async with following(pair._replace(url=POSTGRES_URL), expects_use=False) as resources:
        await until(lambda: reasons(caplog))
        assert reasons(caplog) == ["a read replica is not used: it is not a copy of this database"]
        assert await read(resources) is False


async def test_replicas_are_not_used_while_the_primary_does_not_answer(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    async with following(pair) as resources:
        replica = replica_of(resources)
        await pair.primary.crash()
        await until(lambda: not replica.is_usable)
        assert reasons(caplog)[0].startswith("read replicas are not used soon: the primary does not answer (")
        with caplog.at_level(logging.INFO, LOGGED):
            await pair.primary.start()
            await until(lambda: replica.is_usable)
        assert await read(resources)


async def test_the_end_of_a_segment_is_reached_though_nothing_follows(pair: Pair) -> None:
    async with following(pair) as resources:
        await pair.primary.execute("SELECT pg_switch_wal()")
        await pair.caught_up()
        begun = asyncio.get_running_loop().time()
        await until(lambda: asyncio.get_running_loop().time() > begun + 2)
        assert replica_of(resources).is_usable
