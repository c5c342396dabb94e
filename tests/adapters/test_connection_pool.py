"""Who waits for a connection may leave at any moment, and takes nothing along."""

import asyncio
from collections.abc import AsyncGenerator

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.database.connection_pool import ConnectionPool
from tests.support.engines import POSTGRES_URL, reachable_postgres

pytestmark = pytest.mark.skipif(not reachable_postgres(), reason="PostgreSQL was not reached")

MOST = 2


@pytest.fixture
async def connections() -> AsyncGenerator[ConnectionPool]:
    pool = await asyncpg.create_pool(POSTGRES_URL, min_size=0, max_size=MOST)
    yield ConnectionPool(pool, MOST)
    pool.terminate()


async def test_connections_go_to_who_waits_longest(connections: ConnectionPool) -> None:
    taken = [await connections.take(1) for _ in range(MOST)]
    waiting = [asyncio.create_task(connections.take(5)) for _ in range(3)]
    await asyncio.sleep(0)
    for connection in taken:
        connections.give_back(connection)
    assert await asyncio.gather(*waiting[:2]) == taken
    assert not waiting[2].done()
    await connections.release(taken[0])
    assert await (await waiting[2]).fetchval("SELECT 1") == 1


async def test_who_waits_too_long_is_told_and_leaves_the_line(connections: ConnectionPool) -> None:
    taken = [await connections.take(1) for _ in range(MOST)]
    with pytest.raises(TimeoutError):
        await connections.take(0.01)
    for connection in taken:
        connections.give_back(connection)
    assert [await connections.take(0) for _ in range(MOST)] == taken[::-1]


async def test_a_connection_that_was_closed_is_replaced_for_who_waits(connections: ConnectionPool) -> None:
    taken = [await connections.take(1) for _ in range(MOST)]
    waiting = asyncio.create_task(connections.take(5))
    await asyncio.sleep(0)
    await taken[0].close()
    connections.give_back(taken[0])
    assert await (await waiting).fetchval("SELECT 1") == 1


async def test_connections_that_the_server_closed_while_nobody_used_them_are_replaced(
    connections: ConnectionPool,
) -> None:
    taken = [await connections.take(1) for _ in range(MOST)]
    closed = [await connection.fetchval("SELECT pg_backend_pid()") for connection in taken]
    for connection in taken:
        connections.give_back(connection)
    administrator = await asyncpg.connect(POSTGRES_URL)
    await administrator.fetch("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) pid", closed)
    await administrator.close()
    await asyncio.sleep(0.05)
    assert [await (await connections.take(1)).fetchval("SELECT 1") for _ in range(MOST)] == [1] * MOST


@given(
    deadlines=st.lists(st.sampled_from([0.001, 0.01, 5]), min_size=40, max_size=40),
    cancelled=st.lists(st.tuples(st.integers(0, 39), st.sampled_from([0, 0.001])), max_size=20),
    broken=st.sets(st.integers(0, 59), max_size=6),
)
@settings(max_examples=20, deadline=None)
def test_no_connection_is_lost_or_given_twice(
    deadlines: list[float], cancelled: list[tuple[int, float]], broken: set[int]
) -> None:
    """The first forty are in a hurry, and some of them leave; the others wait."""
    asyncio.run(_all_come_back([*deadlines, *[5.0] * 20], cancelled, broken))


async def _all_come_back(deadlines: list[float], cancelled: list[tuple[int, float]], broken: set[int]) -> None:
    in_use: set[int] = set()

    async def use(connections: ConnectionPool, number: int) -> None:
        connection = await connections.take(deadlines[number])
        assert id(connection) not in in_use
        in_use.add(id(connection))
        ended_well = False
        try:
            await connection.fetchval("SELECT pg_sleep(0.0005)")
            ended_well = number not in broken
        finally:
            in_use.discard(id(connection))
            if ended_well:
                connections.give_back(connection)
            else:
                await connections.release(connection)

    async with asyncpg.create_pool(POSTGRES_URL, min_size=0, max_size=MOST) as pool:
        connections = ConnectionPool(pool, MOST)
        tasks = [asyncio.create_task(use(connections, number)) for number in range(len(deadlines))]
        for number, pause in cancelled:
            await asyncio.sleep(pause)
            tasks[number].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        kept = [await connections.take(1) for _ in range(MOST)]
        with pytest.raises(TimeoutError):
            await connections.take(0)
        for connection in kept:
            await connections.release(connection)
    assert len({id(connection) for connection in kept}) == MOST
    assert all(result is None or isinstance(result, TimeoutError | asyncio.CancelledError) for result in results)
    assert results[40:] == [None] * 20
