"""Partitions in tests."""

from collections.abc import Generator
from contextlib import contextmanager
from unittest.mock import patch

from events import PostPublished
from services.maintenance.partitions import EVENT_LOG, Candidate, apply_partitions, maintain_partitions
from services.maintenance.partitions.catalog import Partition, read_partitions
from services.maintenance.partitions.keys import TransactionKey
from services.resources import Resources
from services.unit_of_work import unit_of_work

WIDTH = 50
"""The transactions of a partition of `filled`."""


@contextmanager
def narrow_partitions(transactions: int) -> Generator[None]:
    """Gives new partitions of the event log a range of so many transactions."""

    async def width(*_arguments: object) -> int:
        return transactions

    with patch.object(TransactionKey, "width", width):
        yield


async def partitions(resources: Resources, candidate: Candidate = EVENT_LOG) -> list[Partition]:
    return await read_partitions(resources.database, candidate.table, candidate.key)


async def counts(resources: Resources, candidate: Candidate = EVENT_LOG) -> dict[str, int]:
    """Returns the number of rows of each partition."""
    found: dict[str, int] = {}
    for partition in await partitions(resources, candidate):
        (row,) = await resources.database.fetch(f"SELECT COUNT(*) AS rows FROM {partition.name}")
        found[partition.name] = row["rows"]
    return found


async def apply(resources: Resources, *tables: str) -> list[str]:
    """Runs `bff partitions apply`, and returns what it announces."""
    lines: list[str] = []
    await apply_partitions(resources, tables, lines.append)
    return lines


async def publish(resources: Resources, number: int) -> None:
    async with unit_of_work(resources) as work:
        work.emit(PostPublished(actor_id=1, post_id=number))


async def spend(resources: Resources, transactions: int) -> None:
    """Runs so many transactions."""
    for _ in range(transactions):
        async with resources.database.transaction() as transaction:
            await transaction.fetch("SELECT pg_current_xact_id()::text AS tx")


async def filled(resources: Resources) -> list[str]:
    """Publishes posts in several partitions, and returns the names of the partitions."""
    with narrow_partitions(WIDTH):
        await apply(resources, "event_log")
        for number in range(1, 5):
            await spend(resources, WIDTH + 10)
            await publish(resources, number)
            await maintain_partitions(resources, resources.clock())
    return [partition.name for partition in await partitions(resources)]
