"""Measures open payments: PENDING payments about which the provider is asked."""

from datetime import datetime
from typing import NamedTuple

from adapters.database import Queries
from core.ids import time_of

MAX_COUNTED = 100_000

_OLDEST = (
    "SELECT COUNT(*) AS payments, MIN(payment_id) AS oldest "
    "FROM (SELECT payment_id FROM open_payments LIMIT $1) counted"
)


class OpenPayments(NamedTuple):
    """The number of open payments, up to `MAX_COUNTED`, and the age of the oldest."""

    payments: int
    seconds: float


async def measure_open_payments(queries: Queries, now: datetime) -> OpenPayments:
    """Returns how many payments are open, and for how long. Their ids begin with the time."""
    (row,) = await queries.fetch(_OLDEST, MAX_COUNTED)
    if row["oldest"] is None:
        return OpenPayments(0, 0.0)
    return OpenPayments(row["payments"], max(0.0, (now - time_of(row["oldest"])).total_seconds()))
