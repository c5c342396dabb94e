"""Measures statements on both databases, alternately."""

import statistics
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from bench.partitions.statements import Statement, statements_of
from bench.partitions.world import Pair
from bench.world import connected, say

_WARM = 10
"""Executions after which PostgreSQL has decided whether it keeps the plan of a statement."""


class Compared(NamedTuple):
    """Medians in seconds, of one table and of partitions."""

    name: str
    plain: float
    partitioned: float

    @property
    def ratio(self) -> float:
        return self.partitioned / self.plain


async def compare(pair: Pair, rounds: int) -> list[Compared]:
    """Returns the times of all statements, with planning, as clients wait for them. Changes are rolled back."""
    urls = [each.settings.database_url for each in (pair.plain, pair.partitioned)]
    statements = await statements_of(pair)
    async with connected(urls[0]) as plain, connected(urls[1]) as partitioned:
        return [await compared(each, plain, partitioned, rounds) for each in statements]


async def compared(
    statement: Statement, plain: Any, partitioned: Any, rounds: int, *, partitioned_sql: str = ""
) -> Compared:
    """Returns the medians of a statement on two connections. Each round begins with the other one."""
    texts = (statement.sql, partitioned_sql or statement.sql)
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + _WARM):
        for index in (0, 1) if number % 2 else (1, 0):
            seconds = await _seconds((plain, partitioned)[index], texts[index], statement.values)
            if number >= _WARM:
                taken[index].append(seconds)
    found = Compared(statement.name, *map(statistics.median, taken))
    say(f"  {found.name}: {found.plain * 1000:.3f} ms, {found.partitioned * 1000:.3f} ms, ratio {found.ratio:.2f}")
    return found


async def _seconds(connection: Any, sql: str, values: Sequence[Any]) -> float:
    transaction = connection.transaction()
    await transaction.start()
    try:
        started = time.perf_counter()
        await connection.fetch(sql, *values)
        return time.perf_counter() - started
    finally:
        await transaction.rollback()
