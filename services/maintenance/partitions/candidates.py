"""The tables that can have partitions, and the one that cannot."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.settings import Settings
from services.event_log.log import OLDEST_RUNNING_TX
from services.maintenance.partitions.catalog import Partition
from services.maintenance.partitions.keys import DateKey, PartitionKey, Reads, TransactionKey

SHARE = 4
"""The number of partitions in a retention period. Each more costs statements that cannot exclude it."""

NEWEST = 200
"""The number of events at the end of each partition of the log that are read before a partition by time is dropped."""

_YOUNG = (
    "SELECT 1 AS one FROM relay_positions p CROSS JOIN LATERAL (SELECT "  # noqa: S608 - built from constants
    "COUNT(*) FILTER (WHERE n.occurred_at BETWEEN $1 AND $2) AS young, "
    "COUNT(*) FILTER (WHERE n.occurred_at > $2) AS future FROM (SELECT e.occurred_at FROM {} e "
    f"WHERE e.partition = p.partition ORDER BY e.tx DESC, e.id DESC LIMIT {NEWEST}) n) ends "
    f"WHERE ends.young > 0 OR ends.future = {NEWEST} LIMIT 1"
)
_IS_RUNNING = f"SELECT 1 AS one WHERE {OLDEST_RUNNING_TX.postgres} < $1"
_UNPROJECTED = (
    "SELECT 1 AS one FROM relay_positions p WHERE (SELECT (e.tx, e.id) > (p.tx, p.id) FROM {} e "
    "WHERE e.partition = p.partition ORDER BY e.tx DESC, e.id DESC LIMIT 1) LIMIT 1"
)


async def _is_old_log(reads: Reads, partition: Partition, before: datetime, now: datetime) -> bool:
    """Returns whether all events are projected and old, and no running transaction can append one.

    The newest events of each partition of the log show the age of those before them. As in the deletion of single
    events, an event in the future does not keep the others. But if all of the newest are in the future, they show no
    age, and the partition by time stays.
    """
    for statement, values in (
        (_IS_RUNNING, (partition.high,)),
        (_YOUNG.format(partition.name), (before, now)),
        (_UNPROJECTED.format(partition.name), ()),
    ):
        if await reads.fetch(statement, *values):
            return False
    return True


async def _is_old_usage(_reads: Reads, partition: Partition, before: datetime, _now: datetime) -> bool:
    return partition.high is not None and partition.high <= before.date().toordinal()


IsOld = Callable[[Reads, Partition, datetime, datetime], Awaitable[bool]]
"""Returns whether all rows of a partition with an end are older than an instant. The last argument is the present."""


@dataclass(frozen=True)
class Candidate:
    """A table from which retention deletes in bulk."""

    table: str
    key: PartitionKey
    kept_days: Callable[[Settings], int]
    dated: str
    """The column by which retention finds old rows."""
    is_old: IsOld
    statements: Mapping[str, str]
    """The effect of partitions on the plans of the statements that use the table, by statement."""
    reason: str = ""
    """The reason for which the table cannot have partitions, or an empty text."""

    def span_days(self, settings: Settings) -> int:
        """Returns the days of a partition."""
        return -(-self.kept_days(settings) // SHARE)

    def kept(self, settings: Settings) -> timedelta:
        return timedelta(days=self.kept_days(settings))


EVENT_LOG = Candidate(
    "event_log",
    TransactionKey("tx"),
    lambda settings: settings.log_days,
    "occurred_at",
    _is_old_log,
    {
        "append events": "the server finds the partition of each row",
        "read events after a position": "reads only partitions between the position and the first running transaction",
        "is a relay behind, next partition to project": "reads only partitions after the position of each relay",
        "is an event of a user unprojected": "reads only partitions after the position of each relay",
        "delete old events": "reads partitions in their order, up to the limit; deletes in one of them",
    },
)
USAGE_COUNTS = Candidate(
    "usage_counts",
    DateKey("seen_on"),
    lambda settings: settings.usage_days,
    "seen_on",
    _is_old_usage,
    {
        "add counts of a day": "the server finds the partition of the day; the unique key is checked in it",
        "export usage": "reads the partitions of its days, as it reads the whole table before",
        "delete old counts": "reads only partitions that begin before the limit",
    },
)
STREAM_ENTRIES = Candidate(
    "stream_entries",
    TransactionKey("log_tx"),
    lambda settings: settings.stream_days,
    "occurred_at",
    _is_old_log,
    {"read a stream after a place": "would look into every partition, because a place does not tell the time"},
    reason="its key (owner_id, stream_id, place) has no time: PostgreSQL could not keep places unique across "
    "partitions, each read of a stream would look into all of them, and the first place of each stream has to be "
    "raised with its deleted entries",
)

CANDIDATES = (EVENT_LOG, USAGE_COUNTS, STREAM_ENTRIES)
"""The tables of which `bff partitions plan` reports."""

PARTITIONABLE = tuple(candidate for candidate in CANDIDATES if not candidate.reason)
