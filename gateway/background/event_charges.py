"""Charges events of subscriptions to the quotas of their subscribers."""

import asyncio

from gateway.rates import EventCharges
from services.resources import Resources

SECONDS = 1.0
"""Seconds between charges. What was delivered in this time is one call for many users."""


async def charge_events(resources: Resources, charges: EventCharges) -> None:
    """Charges what was added, until it is cancelled, and a last time then."""
    if resources.buckets is None:
        return
    try:
        while True:
            await asyncio.sleep(SECONDS)
            charges.flush(resources.buckets)
    finally:
        charges.flush(resources.buckets)
