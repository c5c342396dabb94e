"""A caller that waits for a connection may be cancelled at any moment, and no slot is lost."""

import asyncio
from collections.abc import AsyncGenerator

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.database.connection_pool import ConnectionPool
from tests.support.engines import POSTGRES_URL, reachable_postgres

pytestmark = pytest.mark.skipif(not reachable_postgres(), reason="PostgreSQL was not reached")

MAX_SIZE = 2


@pytest.fixture
async def pool() -> AsyncGenerator[ConnectionPool]:
    asyncpg_pool = await asyncpg.create_pool(POSTGRES_URL, min_size=0, max_size=MAX_SIZE)
    yield ConnectionPool(asyncpg_pool, MAX_SIZE)
    asyncpg_pool.terminate()


async def test_connections_go_to_the_caller_that_has_waited_longest(pool: ConnectionPool) -> None:
    taken = [await pool.take(1) for _ in range(MAX_SIZE)]
    waiting = [asyncio.create_task(pool.take(5)) for _ in range(3)]
    await asyncio.sleep(0)
    for connection in taken:
        pool.give_back(connection)
    assert await asyncio.gather(*waiting[:2]) == taken
    assert not waiting[2].done()
    await pool.release(taken[0])
    assert await (await waiting[2]).fetchval("SELECT 1") == 1


async def test_a_caller_that_waits_too_long_gets_an_error_and_is_no_waiter_any_more(pool: ConnectionPool) -> None:
    taken = [await pool.take(1) for _ in range(MAX_SIZE)]
    with pytest.raises(TimeoutError):
        await pool.take(0.01)
    for connection in taken:
        pool.give_back(connection)
    assert [await pool.take(0) for _ in range(MAX_SIZE)] == taken[::-1]


async def test_a_closed_connection_is_replaced_for_the_waiting_caller(pool: ConnectionPool) -> None:
    taken = [await pool.take(1) for _ in range(MAX_SIZE)]
    waiting = asyncio.create_task(pool.take(5))
    await asyncio.sleep(0)
    await taken[0].close()
    pool.give_back(taken[0])
    assert await (await waiting).fetchval("SELECT 1") == 1


async def test_idle_connections_that_the_server_closed_are_replaced(
    pool: ConnectionPool,
) -> None:
    taken = [await pool.take(1) for _ in range(MAX_SIZE)]
    closed = [await connection.fetchval("SELECT pg_backend_pid()") for connection in taken]
    for connection in taken:
        pool.give_back(connection)
    administrator = await asyncpg.connect(POSTGRES_URL)
    await administrator.fetch("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) pid", closed)
    await administrator.close()
    await asyncio.sleep(0.05)
    assert [await (await pool.take(1)).fetchval("SELECT 1") for _ in range(MAX_SIZE)] == [1] * MAX_SIZE


@given(
    deadlines=st.lists(st.sampled_from([0.001, 0.01, 5]), min_size=40, max_size=40),
    cancelled=st.lists(st.tuples(st.integers(0, 39), st.sampled_from([0, 0.001])), max_size=20),
    broken=st.sets(st.integers(0, 59), max_size=6),
)
@settings(max_examples=20, deadline=None)
def test_no_connection_is_lost_or_given_twice(
    deadlines: list[float], cancelled: list[tuple[int, float]], broken: set[int]
) -> None:
    """The first forty callers have short deadlines, and some of them time out. The others wait."""
    asyncio.run(_all_come_back([*deadlines, *[5.0] * 20], cancelled, broken))


async def _all_come_back(deadlines: list[float], cancelled: list[tuple[int, float]], broken: set[int]) -> None:
    in_use: set[int] = set()

    async def use(pool: ConnectionPool, number: int) -> None:
        connection = await pool.take(deadlines[number])
        assert id(connection) not in in_use
        in_use.add(id(connection))
        ended_well = False
        try:
            await connection.fetchval("SELECT pg_sleep(0.0005)")
            ended_well = number not in broken
        finally:
            in_use.discard(id(connection))
            if ended_well:
                pool.give_back(connection)
            else:
                await pool.release(connection)

    async with asyncpg.create_pool(POSTGRES_URL, min_size=0, max_size=MAX_SIZE) as asyncpg_pool:
        pool = ConnectionPool(asyncpg_pool, MAX_SIZE)
        tasks = [asyncio.create_task(use(pool, number)) for number in range(len(deadlines))]
        for number, pause in cancelled:
            await asyncio.sleep(pause)
            tasks[number].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        connections = [await pool.take(1) for _ in range(MAX_SIZE)]
        with pytest.raises(TimeoutError):
            await pool.take(0)
        for connection in connections:
            await pool.release(connection)
    assert len({id(connection) for connection in connections}) == MAX_SIZE
    assert all(result is None or isinstance(result, TimeoutError | asyncio.CancelledError) for result in results)
    assert results[40:] == [None] * 20
