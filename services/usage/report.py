"""Reads the counts of all servers, by field."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from adapters.database import Queries

_DAYS = "SELECT seen_on, left_out FROM usage_days ORDER BY seen_on DESC"
_COUNTS = (
    "SELECT app, version, shape, MAX(seen_on) AS seen_on, CAST(SUM(uses) AS BIGINT) AS uses FROM usage_counts "
    "WHERE seen_on BETWEEN $1 AND $2 GROUP BY app, version, shape ORDER BY app, version, shape"
)
_SHAPES = "SELECT hash, coordinates FROM usage_shapes WHERE last_seen_on >= $1"
_DAY = timedelta(days=1)


class FieldUse(NamedTuple):
    """A field that a version of an app selected, the last day, and the number of requests."""

    app: str
    version: str
    coordinate: str
    last_seen: date
    uses: int


class UsageReport(NamedTuple):
    """The counts of a period in which a server counted on each day."""

    since: date
    until: date
    complete: bool
    """Whether no use was left out of the counts."""
    fields: Iterator[FieldUse]
    """By app, version and coordinate."""


async def read_usage(queries: Queries, days: int) -> UsageReport | None:
    """Returns the counts of up to `days` days until the last counted day, or None if no day was counted."""
    counted = await queries.fetch(_DAYS)
    if not counted:
        return None
    until = counted[0]["seen_on"]
    since = max(_unbroken(counted), until - timedelta(days=days))
    complete = not any(row["left_out"] for row in counted if row["seen_on"] >= since)
    counts = await queries.fetch(_COUNTS, since, until)
    shapes = {row["hash"]: row["coordinates"].split() for row in await queries.fetch(_SHAPES, since)}
    return UsageReport(since, until, complete, _expanded(counts, shapes))


def _unbroken(counted: Sequence[Mapping[str, Any]]) -> date:
    """Returns the first of the consecutive days up to the last one. A day without a server has no counts."""
    first = counted[0]["seen_on"]
    for row in counted[1:]:
        if row["seen_on"] != first - _DAY:
            break
        first = row["seen_on"]
    return first


def _expanded(counts: Sequence[Mapping[str, Any]], shapes: Mapping[str, Sequence[str]]) -> Iterator[FieldUse]:
    for (app, version), rows in groupby(counts, key=lambda row: (row["app"], row["version"])):
        uses: dict[str, FieldUse] = {}
        for row in rows:
            # A missing shape was deleted as too old after the counts were read.
            for coordinate in shapes.get(row["shape"], ()):
                known = uses.get(coordinate, FieldUse(app, version, coordinate, row["seen_on"], 0))
                last = max(known.last_seen, row["seen_on"])
                uses[coordinate] = known._replace(last_seen=last, uses=known.uses + row["uses"])
        yield from (uses[coordinate] for coordinate in sorted(uses))
