"""Measures how late deliveries are."""

from datetime import datetime

from adapters.database import Queries
from services.notifications.delivery.plan import HANDLER

_FIRST_DUE = "SELECT MIN(due_at) AS due_at FROM jobs WHERE handler = $1 AND due_at <= $2"
"""Reads the index of due jobs. A delivery that waits for a provider or for the end of quiet hours is due later."""


async def measure_late_deliveries(queries: Queries, now: datetime) -> float:
    """Returns for how many seconds the first delivery has been due; 0 if none is due."""
    (row,) = await queries.fetch(_FIRST_DUE, HANDLER, now)
    return (now - row["due_at"]).total_seconds() if row["due_at"] else 0.0
