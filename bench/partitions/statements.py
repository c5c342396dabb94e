"""The statements that read and write tables with partitions, as services run them."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple, cast

from adapters.database import Database, Queries
from bench.partitions.world import Pair
from core.ids import MAX_ID
from events import PostPublished
from services.event_log.log import LogPosition, has_unprojected, has_unprojected_in, has_unprojected_until, read_log
from services.maintenance.log_retention import delete_old_events
from services.relay import measure_lag
from services.relay.leases import PartitionFilter, acquire_lease, is_behind
from services.resources import Resources
from services.usage import OperationShape, UsageCounts, read_usage, store_counts

_TABLES = re.compile(r"\b(event_log|usage_counts)\b")


class Statement(NamedTuple):
    """A statement with its values, and the name of what it does."""

    name: str
    sql: str
    values: list[Any]


class _Recording(Queries):
    """Runs statements and keeps them."""

    def __init__(self, queries: Queries) -> None:
        super().__init__(queries.client, queries.dialect, 60.0)
        self.statements: list[tuple[str, list[Any]]] = []

    async def _fetch(self, statement: str, values: list[Any]) -> list[Any]:
        self.statements.append((statement, values))
        return await super()._fetch(statement, values)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Queries]:
        """Yields itself, for functions that open a transaction of a database."""
        yield self


Action = Callable[[Queries, Pair], Awaitable[object]]


async def _append(queries: Queries, pair: Pair) -> None:
    await pair.plain.log.append(queries, [PostPublished(actor_id=number, post_id=1) for number in range(1, 4)])


async def _delete(queries: Queries, pair: Pair) -> None:
    now = pair.plain.clock()
    await delete_old_events(queries, now.replace(year=now.year + 1), now.replace(year=now.year + 2), 100)


async def _count(queries: Queries, pair: Pair) -> None:
    counts = UsageCounts()
    for number in range(20):
        counts.count(OperationShape.of([f"Query.field{number}"]), f"Operation{number}", "ios", "4.2.0")
    await store_counts(cast(Database, queries), counts, pair.plain.clock().date())


async def _export(queries: Queries, _pair: Pair) -> None:
    report = await read_usage(queries, 30)
    if report is None:
        raise LookupError("no usage")


async def _read(queries: Queries, pair: Pair) -> None:
    await read_log(queries, 3, LogPosition(pair.last - 4000, 0), 500)


async def _read_end(queries: Queries, pair: Pair) -> None:
    await read_log(queries, 3, LogPosition(pair.last, MAX_ID), 500)


async def _take(queries: Queries, pair: Pair) -> None:
    await acquire_lease(queries, PartitionFilter.ALL, pair.plain.clock())


async def _wait(queries: Queries, _pair: Pair) -> None:
    await has_unprojected(queries, 5)


async def _wait_in(queries: Queries, _pair: Pair) -> None:
    await has_unprojected_in(queries, 5, 5)


async def _wait_until(queries: Queries, pair: Pair) -> None:
    await has_unprojected_until(queries, 5, pair.plain.clock())


async def _lag(queries: Queries, pair: Pair) -> None:
    await measure_lag(queries, pair.plain.clock())


async def _is_behind(queries: Queries, _pair: Pair) -> None:
    await is_behind(queries)


ACTIONS: Mapping[str, Action] = {
    "append three events": _append,
    "read 500 events of one partition of the log": _read,
    "read the end of a partition of the log": _read_end,
    "is a relay behind": _is_behind,
    "take the next partition of the log": _take,
    "is an event of a user unprojected": _wait,
    "is an event of a user unprojected, in one partition of the log": _wait_in,
    "is an event about a user unprojected": _wait_until,
    "measure the lag": _lag,
    "delete old events": _delete,
    "add usage counts": _count,
    "export usage of 30 days": _export,
}
"""The measured statements. Each runs in a transaction that is rolled back."""


class _RollBack(Exception):
    """Ends a transaction without its changes."""


async def statements_of(pair: Pair) -> list[Statement]:
    """Returns the statements of all actions that use partitioned tables."""
    found: list[Statement] = []
    for name, action in ACTIONS.items():
        made = [each for each in await _recorded(pair.plain, pair, action) if _TABLES.search(each[0])]
        found += [
            Statement(name if len(made) == 1 else f"{name}: {sql.split()[0]}", sql, values) for sql, values in made
        ]
    return list({(each.name, each.sql): each for each in found}.values())


async def _recorded(resources: Resources, pair: Pair, action: Action) -> list[tuple[str, list[Any]]]:
    recording: list[_Recording] = []
    with suppress(_RollBack):
        async with resources.database.transaction() as transaction:
            recording.append(_Recording(transaction))
            await action(recording[0], pair)
            _roll_back()
    return recording[0].statements


def _roll_back() -> None:
    raise _RollBack
