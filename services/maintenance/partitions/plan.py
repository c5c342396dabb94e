"""Describes what `bff partitions apply` would do, and what it would change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from adapters.database import Queries
from core.clock import system_clock
from services.database_time import earliest_now
from services.maintenance.partitions.apply import chosen, obstacles
from services.maintenance.partitions.candidates import CANDIDATES, Candidate
from services.maintenance.partitions.catalog import Partition, describe, is_partitioned, read_partitions
from services.resources import Resources

SCANNED_BYTES = 200 * 1024**2
"""The bytes that PostgreSQL is assumed to read in a second while it validates a constraint."""

MAX_COUNTED = 1_000_000
"""Rows of a table without statistics are counted up to this number."""

_SIZES = (
    "SELECT SUM(GREATEST(c.reltuples, 0))::bigint AS rows, SUM(pg_total_relation_size(c.oid))::bigint AS bytes, "
    "SUM(pg_relation_size(c.oid))::bigint AS heap FROM pg_class c WHERE c.relkind = 'r' AND "
    "(c.oid = to_regclass(CAST($1 AS text)) OR c.oid IN (SELECT relid FROM pg_partition_tree($1::text::regclass)))"
)
_COUNT = "SELECT COUNT(*) AS rows FROM (SELECT 1 FROM {} LIMIT $1) counted"
_OLDEST = {
    "event_log": "SELECT MIN(e.occurred_at) AS oldest FROM relay_positions p CROSS JOIN LATERAL (SELECT occurred_at "
    "FROM event_log WHERE partition = p.partition ORDER BY tx, id LIMIT 1) e",
    "usage_counts": "SELECT MIN(seen_on) AS oldest FROM usage_counts",
    "stream_entries": "SELECT MIN(occurred_at) AS oldest FROM stream_entries",
}


@dataclass(frozen=True)
class TablePlan:
    """A table as it is, and what `apply` would change."""

    candidate: Candidate
    rows: int
    bytes: int
    heap_bytes: int
    daily: float
    """The rows that become too old in a day: the rows divided by the days that they cover."""
    kept_days: int
    span_days: int
    existing: Sequence[Partition]
    made: Sequence[Partition]
    obstacles: Sequence[str]

    @property
    def scan_seconds(self) -> float:
        """The expected time of reading the table while clients write."""
        return self.heap_bytes / SCANNED_BYTES

    def described(self, partitions: Sequence[Partition]) -> list[str]:
        return [describe(partition, self.candidate.key) for partition in partitions]


async def plan_partitions(resources: Resources, tables: Sequence[str]) -> list[TablePlan]:
    """Returns the plans of tables, or of all candidates. It changes nothing. Empty on SQLite."""
    if not resources.database.dialect.partitions_tables:
        return []
    now = await earliest_now(resources.database, resources.clock(), system_clock())
    return [await _plan(resources, candidate, now) for candidate in (chosen(tables) if tables else CANDIDATES)]


async def _plan(resources: Resources, candidate: Candidate, now: datetime) -> TablePlan:
    database, table, settings = resources.database, candidate.table, resources.settings
    (sizes,) = await database.fetch(_SIZES, table)
    rows = sizes["rows"] or await _counted(database, table)
    existing = await read_partitions(database, table, candidate.key) if await is_partitioned(database, table) else []
    reasons = [candidate.reason] if candidate.reason else [] if existing else await obstacles(database, candidate)
    return TablePlan(
        candidate,
        rows,
        sizes["bytes"],
        sizes["heap"],
        rows / await _days(database, table, now),
        candidate.kept_days(settings),
        candidate.span_days(settings),
        existing,
        [] if existing or reasons else await _first_partitions(resources, candidate, now),
        reasons,
    )


async def _counted(queries: Queries, table: str) -> int:
    (row,) = await queries.fetch(_COUNT.format(table), MAX_COUNTED)
    return row["rows"]


async def _days(queries: Queries, table: str, now: datetime) -> float:
    (row,) = await queries.fetch(_OLDEST[table])
    oldest: datetime | date | None = row["oldest"]
    if oldest is None:
        return 1.0
    since = oldest if isinstance(oldest, datetime) else datetime(oldest.year, oldest.month, oldest.day, tzinfo=UTC)
    return max(1.0, (now - since).total_seconds() / 86400)


async def _first_partitions(resources: Resources, candidate: Candidate, now: datetime) -> list[Partition]:
    database, table, key = resources.database, candidate.table, candidate.key
    present = await key.present(database, now)
    width = await key.width(database, [table], candidate.span_days(resources.settings), now)
    first, second = present + width, present + 2 * width
    names = (f"{table}_first", *(f"{table}_{key.text(low).replace('-', '')}" for low in (first, second)))
    limits = ((None, first), (first, second), (second, None))
    return [Partition(name, low, high) for name, (low, high) in zip(names, limits, strict=True)]
