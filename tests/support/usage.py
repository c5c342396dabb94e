"""Reads the stored usage of apps."""

from typing import Any, NamedTuple

from services.resources import Resources
from services.usage import store_counts

_KEPT = (
    "SELECT c.app, c.version, c.operation, c.uses, s.coordinates FROM usage_counts c JOIN usage_shapes s "
    "ON s.hash = c.shape ORDER BY c.app, c.version, c.operation, c.uses, s.coordinates"
)


class Kept(NamedTuple):
    """Holds a row of the counts, with its shape."""

    app: str
    version: str
    operation: str
    uses: int
    fields: str


async def kept(resources: Resources) -> list[Kept]:
    return [Kept(*row.values()) for row in await resources.database.fetch(_KEPT)]


async def keep_now(resources: Resources) -> list[Kept]:
    """Saves the usage like the process does periodically."""
    await store_counts(resources.database, resources.usage, resources.clock().date())
    return await kept(resources)


async def days(resources: Resources) -> list[int]:
    """Returns the omitted counts of each counted day."""
    rows: list[dict[str, Any]] = await resources.database.fetch("SELECT left_out FROM usage_days ORDER BY seen_on")
    return [row["left_out"] for row in rows]
