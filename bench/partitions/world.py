"""Two databases with the same events and usage counts: in one table each, and in partitions."""

from datetime import timedelta
from typing import Any, NamedTuple
from unittest.mock import patch

from adapters.database import SchemaSession
from core.errors import Unavailable
from services.maintenance.partitions import EVENT_LOG, USAGE_COUNTS, apply_partitions
from services.maintenance.partitions.changes import partitions_of, split
from services.maintenance.partitions.maintain import maintain
from services.resources import Resources

PARTS = 4
"""The number of partitions with rows, as in a retention period."""

UNREAD = 200
"""Events that are not projected yet."""

_BURN = "DO $$ BEGIN FOR number IN 1..{} LOOP PERFORM pg_current_xact_id(); ROLLBACK; END LOOP; END $$"
_EVENTS = (
    "INSERT INTO event_log (partition, tx, id, type, version, actor_id, data, occurred_at) "
    "SELECT g % 8, $1 + g / 2, 1000 + g, 'PostPublished', 1, g % 1000, '{\"post_id\":1}', "
    "now() - ($2 - g) * interval '32 days' / $2 FROM generate_series(1, $2::bigint) g"
)
_POSITIONS = "UPDATE relay_positions SET tx = $1, id = 9000000000"
_USAGE = (
    "INSERT INTO usage_counts (seen_on, app, version, operation, shape, uses) SELECT CURRENT_DATE - d, 'ios', "
    "'4.' || n % 20, 'Operation' || n, md5(n::text), n FROM generate_series(0, 179) d, generate_series(1, $1::bigint) n"
)
_DAYS = "INSERT INTO usage_days (seen_on, left_out) SELECT CURRENT_DATE - d, 0 FROM generate_series(0, 179) d"
_PRESENT = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS tx"


class Pair(NamedTuple):
    """The resources of two databases of one server with the same rows."""

    plain: Resources
    partitioned: Resources
    first: int
    """The first transaction of the events."""
    events: int

    @property
    def last(self) -> int:
        """The last transaction of the events."""
        return self.first + self.events // 2

    def position(self) -> tuple[int, int]:
        """Returns the position of the relays."""
        return self.last - UNREAD // 2, 0


async def fill(plain: Resources, partitioned: Resources, events: int, uses_a_day: int) -> Pair:
    """Fills two empty databases of one server. The transactions of the events have all ended."""
    (row,) = await plain.database.fetch(_PRESENT)
    pair = Pair(plain, partitioned, row["tx"], events)
    await _divide(pair)
    await _run(plain, _BURN.format(events // 2 + 10))
    for resources in (plain, partitioned):
        await _run(resources, _EVENTS, pair.first, events)
        await _run(resources, _POSITIONS, pair.position()[0])
        await _run(resources, _USAGE, uses_a_day)
        await _run(resources, _DAYS)
    async with partitioned.database.dialect.schema_session() as session:
        await maintain(_held(session), EVENT_LOG, partitioned.settings, partitioned.clock(), None)
    for resources in (plain, partitioned):
        await resources.database.dialect.analyze(resources.database.client)
    return pair


async def _divide(pair: Pair) -> None:
    resources, width = pair.partitioned, pair.events // 2 // PARTS
    start = resources.clock() - timedelta(days=USAGE_COUNTS.kept_days(resources.settings))
    with patch("services.maintenance.partitions.apply.maintain", _nothing):
        await apply_partitions(resources, (), lambda _line: None)
    async with resources.database.dialect.schema_session() as held:
        session = _held(held)
        (last,) = await partitions_of(session, EVENT_LOG)
        await split(session, EVENT_LOG, last, [pair.first + width * part for part in range(1, PARTS + 1)])
        for days in range(0, USAGE_COUNTS.kept_days(resources.settings) + 1, 10):
            await maintain(session, USAGE_COUNTS, resources.settings, start + timedelta(days=days), None)


async def _nothing(*_arguments: object) -> None:
    pass


def _held(session: SchemaSession | None) -> SchemaSession:
    if session is None:
        raise Unavailable("another process changes the tables")
    return session


async def _run(resources: Resources, statement: str, *values: Any) -> None:
    await resources.database.client.execute_query(statement, list(values))
