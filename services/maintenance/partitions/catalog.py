"""Reads from PostgreSQL's catalog which partitions exist."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from adapters.database import DialectSQL
from services.maintenance.partitions.keys import PartitionKey, Reads

CLOSING = "_closing"
"""The end of the name of the constraint that a partition has while its end is set."""

DROPPED = "bff: this was a partition; its rows are too old"
"""The comment of a table that retention drops after it was detached."""

_IS_PARTITIONED = DialectSQL(
    "SELECT 1 AS one FROM pg_partitioned_table WHERE partrelid = to_regclass(CAST($1 AS text))",
    "SELECT $1 AS one WHERE false",
)
_PARTITIONS = (
    "SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds, i.inhdetachpending AS is_leaving, "
    "EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = c.oid AND k.conname = c.relname || $2) AS is_closing "
    "FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass(CAST($1 AS text))"
)
_DETACHED = (
    "SELECT c.relname AS name FROM pg_class c WHERE c.relkind = 'r' "
    "AND c.relnamespace = current_schema()::regnamespace AND c.relname LIKE $1 "
    "AND obj_description(c.oid, 'pg_class') = $2 AND NOT EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhrelid = c.oid)"
)
_BOUNDS = re.compile(r"FROM \((?:'([^']*)'|MINVALUE)\) TO \((?:'([^']*)'|MAXVALUE)\)")


class Partition(NamedTuple):
    """A partition with the first value of its range, and the first one after it. None: there is no such limit."""

    name: str
    low: int | None
    high: int | None
    is_closing: bool = False
    """Whether it has the constraint of an end that is not set yet."""
    is_leaving: bool = False
    """Whether it was being detached by a process that was killed."""

    def is_after(self, value: int) -> bool:
        """Returns whether the partition begins after a value."""
        return self.low is not None and self.low > value


async def is_partitioned(reads: Reads, table: str) -> bool:
    """Returns whether a table has partitions. False on SQLite."""
    return bool(await reads.fetch(_IS_PARTITIONED, table))


async def read_partitions(reads: Reads, table: str, key: PartitionKey) -> list[Partition]:
    """Returns the partitions in the order of their ranges. Partitions that are being detached come first."""
    found = [
        Partition(row["name"], *_limits(row["bounds"], key), row["is_closing"], row["is_leaving"])
        for row in await reads.fetch(_PARTITIONS, table, CLOSING)
    ]
    return sorted(found, key=lambda each: (not each.is_leaving, each.low is not None, each.low or 0))


async def detached_tables(reads: Reads, table: str) -> list[str]:
    """Returns the tables that retention has detached and not dropped yet."""
    return [row["name"] for row in await reads.fetch(_DETACHED, f"{table}\\_%", DROPPED)]


def describe(partition: Partition, key: PartitionKey) -> str:
    """Returns the name and the range of a partition, for operators."""
    limits = [] if partition.low is None else [f"from {key.text(partition.low)}"]
    limits += [] if partition.high is None else [f"before {key.text(partition.high)}"]
    return f"{partition.name} ({key.column} {' and '.join(limits)})" if limits else f"{partition.name} (all rows)"


def gaps(partitions: Sequence[Partition]) -> list[tuple[int | None, int | None]]:
    """Returns the ranges that no partition has."""
    missing: list[tuple[int | None, int | None]] = []
    end: int | None = None
    is_first = True
    for partition in partitions:
        if partition.low is not None and (is_first or partition.low != end):
            missing.append((end, partition.low))
        end, is_first = partition.high, False
    if partitions and end is not None:
        missing.append((end, None))
    return missing


def _limits(bounds: str | None, key: PartitionKey) -> tuple[int | None, int | None]:
    match = _BOUNDS.search(bounds or "")
    if match is None:
        return None, None
    low, high = (key.value(text) if text is not None else None for text in match.groups())
    return low, high
